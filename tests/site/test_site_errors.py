"""Errors as pages for people and as JSON for programs: in plain words, never a trace, never a path."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx
import pytest
from tests.site.conftest import PAGE, running
from tests.site.tiny_release import WITHHELD_STREET

from candor.published import errors

WRONG = [
    ("/nope", 404, "There is nothing at this address"),
    ("/places/9999999999", 404, "There is no town of that number"),
    ("/datasets/nope", 404, "There is no data set of that name"),
    ("/datasets/nope.csv", 404, "There is no data set of that name"),
    ("/datasets/tiny-calls.xlsx", 400, "csv, geojson, parquet"),
    ("/datasets/tiny-calls?version=77", 404, "has no such version"),
    ("/datasets/tiny-calls?street=x", 400, "does not publish that column"),
    ("/map?category=crime", 400, "theft"),
    ("/map?period=1999", 400, "a month from 2024-01 to 2025-12"),
    ("/map?initiated_by=me", 400, "citizen, all"),
    ("/map?sort=colour", 400, "place, county, coverage"),
    ("/map?direction=up", 400, "asc, desc"),
    ("/map.csv?category=crime", 400, "theft"),
    ("/places/5000100100?period=soon", 400, "last-12-months"),
]


@pytest.mark.parametrize(("path", "status", "words"), WRONG)
def test_a_page_for_people_and_json_for_programs(site: httpx.Client, path: str, status: int, words: str) -> None:
    page = site.get(path, headers=PAGE)
    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")
    assert words in page.text
    assert "<h1>" in page.text
    assert "SIMULATED" in page.text
    said = site.get(path, headers={"Accept": "*/*"})
    assert said.status_code == status
    assert said.json()["error"] is True
    for text in (page.text, said.text):
        assert "Traceback" not in text
        assert "/src/" not in text
        assert "site-packages" not in text


def test_what_only_programs_ask_for_answers_in_json_whatever_they_accept(site: httpx.Client) -> None:
    answer = site.get("/resource/tiny-ca22.json?nope=1", headers=PAGE)
    assert answer.json()["message"].startswith("Unrecognized arguments [nope]")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize(
    "path", ["/", "/map", "/resource/tiny-ca22.json", "/datasets/tiny-calls.csv", "/static/seal.svg"]
)
def test_the_site_can_only_be_read(site: httpx.Client, method: str, path: str) -> None:
    answer = site.request(method, path, headers=PAGE)
    assert answer.status_code == 405
    assert "GET and HEAD" in answer.text


def test_our_own_fault_is_said_plainly_and_shows_nothing(
    tiny_data: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy = tmp_path / "public"
    shutil.copytree(tiny_data / "public", copy)
    with running(copy) as client:
        assert client.get("/map", headers=PAGE).status_code == 200
        for file in (copy / "tables" / "tiny-calls").glob("*.parquet"):
            file.write_bytes(b"not a Parquet file at all")
        page = client.get("/datasets/tiny-calls", headers=PAGE)
        said = client.get("/resource/tiny-ca22.json")
        assert client.get("/map", headers=PAGE).status_code == 200
    assert page.status_code == said.status_code == 500
    assert "Something went wrong on our side" in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert said.json()["code"] == "internal_error"
    for text in (page.text, said.text):
        assert str(tmp_path) not in text
        assert "parquet" not in text.lower()
    assert "A request failed" in caplog.text


def test_before_the_first_release_the_site_says_so(tmp_path: Path) -> None:
    with running(tmp_path / "public") as client:
        page = client.get("/", headers=PAGE)
        assert page.status_code == 503
        assert "Nothing has been published yet" in page.text
        assert "candor publish" in page.text
        health = client.get("/healthz")
        assert health.status_code == 503
        assert health.json()["status"] == "nothing published"
        assert client.get("/resource/aaaa-bbbb.json").status_code == 503
        assert client.get("/nope", headers=PAGE).status_code == 404


def test_health_names_the_release(site: httpx.Client) -> None:
    answer = site.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.json()["release"] == 2


def test_no_public_answer_holds_what_is_withheld(site: httpx.Client) -> None:
    for path in (
        "/resource/tiny-ca22.json?$limit=100000",
        "/datasets/tiny-calls.csv",
        "/datasets/tiny-calls.geojson",
        "/datasets/tiny-calls",
        "/api/release",
    ):
        text = site.get(path).text
        assert WITHHELD_STREET not in text
    for column in ("street", "incident_number"):
        assert all(column not in row for row in site.get("/resource/tiny-ca22.json").json())
        assert f'"{column}"' not in site.get("/datasets/tiny-calls.csv").text.splitlines()[0]


def test_every_class_of_error_has_its_answer() -> None:
    found = set()
    waiting = [errors.SiteError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            found.add(kind)
            waiting.append(kind)
    assert found == set(errors.KINDS)
    for kind in found:
        assert 400 <= errors.kind_of(kind("What was found")).status < 600
