"""What was withdrawn answers 410 with the day and the reason; a row that is gone, like one that never was."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.site.conftest import PAGE, running
from tests.site.tiny_release import publish_tiny

from candor.published.errors import ReplacedError
from candor.published.release import Catalogue
from candor.store.store import Store
from candor.store.tombstones import WithdrawalReason
from candor.store.withdrawal import Withdraw

DAY = date(2026, 4, 1)
WORDS = "withdrawn on 1 April 2026: published by mistake"
MISTAKE = WithdrawalReason.MISTAKE


@pytest.fixture
def data(tiny_data: Path, tmp_path: Path) -> Path:
    """Two releases of its own, to withdraw from."""
    shutil.copytree(tiny_data, tmp_path / "data")
    return tmp_path / "data"


def is_gone(client: httpx.Client, path: str, words: str = WORDS) -> None:
    page = client.get(path, headers=PAGE)
    said = client.get(path, headers={"Accept": "*/*"})
    assert (page.status_code, said.status_code) == (410, 410), path
    assert words in page.text
    assert words in said.json()["message"]
    assert said.json()["errorCode"] == "withdrawn"
    assert said.json()["data"] == {"withdrawn_on": "2026-04-01", "reason": "published by mistake"}
    assert client.head(path).status_code == 410
    assert "no-store" in page.headers["cache-control"]


def test_a_version(data: Path) -> None:
    with running(data / "public") as client:
        assert client.get("/datasets/tiny-calls?version=1").status_code == 200
        Store(data).withdraw([Withdraw("tiny-calls", MISTAKE, version=1)], DAY)
        for path in ("", ".csv", ".parquet", ".geojson"):
            is_gone(client, f"/datasets/tiny-calls{path}?version=1")
        assert client.get("/datasets/tiny-calls?version=9", headers=PAGE).status_code == 404
        page = client.get("/datasets/tiny-calls", headers=PAGE)
        assert page.status_code == 200
        assert "Withdrawn on 1 April 2026: published by mistake." in page.text
        assert "?version=1" not in page.text
        assert "Version 1 of tiny-calls, on 1 April 2026: published by mistake." in client.get("/datasets").text
        [stone] = client.get("/api/withdrawn").json()["withdrawn"]
        assert (stone["dataset"], stone["version"], stone["on"]) == ("tiny-calls", 1, "2026-04-01")
        assert client.get("/resource/tiny-ca22.json").status_code == 200


def test_the_version_in_force(data: Path) -> None:
    with running(data / "public") as client:
        tag = client.get("/api/release").headers["etag"]
        Store(data).withdraw([Withdraw("tiny-calls", MISTAKE, version=2)], DAY)
        fresh = client.get("/api/release", headers={"If-None-Match": tag})
        assert fresh.status_code == 200
        for path in ("/datasets/tiny-calls", "/datasets/tiny-calls.csv", "/datasets/tiny-calls?version=2"):
            is_gone(client, path)
        said = client.get("/resource/tiny-ca22.json")
        assert said.status_code == 410
        assert WORDS in said.json()["message"]
        old = client.get("/datasets/tiny-calls?version=1", headers=PAGE)
        assert old.status_code == 200
        assert "The newest version was withdrawn." in old.text
        assert client.get("/datasets/tiny-calls.csv?version=1").status_code == 200
        for path in ("/", "/datasets", "/map", "/places", "/methods", "/privacy", "/about"):
            assert client.get(path, headers=PAGE).status_code == 200, path


def test_a_data_set_and_its_figures(data: Path) -> None:
    town = "/places/5000100100"
    with running(data / "public") as client:
        assert client.get(f"/embed{town}", headers=PAGE).status_code == 200
        figures = ("calls-by-town", "call-rates-by-town", "call-denominators-by-town")
        names = [n for n in figures if Store(data).public.current().dataset(n)]  # type: ignore[union-attr]
        Store(data).withdraw([Withdraw("tiny-calls", MISTAKE)], DAY)
        Store(data).withdraw([Withdraw(n, MISTAKE, version=v) for n in names for v in (1, 2)], DAY)
        for path in ("/datasets/tiny-calls", "/datasets/tiny-ca22", "/datasets/tiny-calls.csv?version=1"):
            is_gone(client, path)
        assert client.get("/resource/tiny-ca22.csv").status_code == 410
        assert client.get("/resource/tiny-calls.json").status_code == 410
        for path in (
            town,
            "/map",
            f"/embed{town}",
            f"/embed{town}/trend",
            "/embed/map",
            "/map.svg",
            f"{town}/trend.png",
        ):
            is_gone(client, path)
        is_gone(client, "/datasets/call-rates-by-town?version=1&geoid=5000100100")
        for path in ("/", "/datasets", "/methods", "/privacy", "/about", "/search?q=alba"):
            assert client.get(path, headers=PAGE).status_code == 200, path


def test_rows(data: Path) -> None:
    with running(data / "public") as client:
        rows = client.get("/resource/tiny-ca22.json?$limit=100000").json()
        marked = "/resource/tiny-ca22.json?$order=id&$limit=3"
        tag = client.get(marked).headers["etag"]
        files = {f for v in Store(data).versions("tiny-calls") for f in v.files}

        def second(table: pa.Table) -> pa.ChunkedArray:
            return pc.equal(table["id"], 2)

        Store(data).withdraw([Withdraw("tiny-calls", MISTAKE, rows=lambda: dict.fromkeys(files, second))], DAY)
        left = client.get("/resource/tiny-ca22.json?$limit=100000").json()
        without = [{k: v for k, v in r.items() if k != "id"} for r in rows]
        assert [{k: v for k, v in r.items() if k != "id"} for r in left] == without[:1] + without[2:]
        assert [r["id"] for r in left] == [str(n) for n in range(1, len(rows))]
        assert client.get(marked, headers={"If-None-Match": tag}).status_code == 200
        # The last number is one that never was; nothing is said of a row that is gone.
        assert client.get(f"/resource/tiny-ca22.json?id={len(rows)}").json() == []
        never = client.get("/datasets/tiny-calls?id=99999", headers=PAGE).text
        gone = client.get(f"/datasets/tiny-calls?id={len(rows)}", headers=PAGE).text
        assert never.replace("99999", str(len(rows))) == gone
        assert "On 1 April 2026 rows were withdrawn from every version (published by mistake)." in gone
        for version in (1, 2):
            assert client.get(f"/datasets/tiny-calls.parquet?version={version}").status_code == 200


def test_a_request_that_had_begun(data: Path) -> None:
    catalogue = Catalogue(data / "public")
    begun = catalogue.current()
    Store(data).withdraw([Withdraw("tiny-calls", MISTAKE, version=2)], DAY)
    files = begun.tables.files(begun.dataset("tiny-calls"))
    with pytest.raises(ReplacedError):
        begun.tables.rows("SELECT count(*) FROM read_parquet(?)", [files])
    assert catalogue.current() is not begun


def test_what_is_gone_is_not_shown_where_the_rest_cannot_be_loaded(data: Path) -> None:
    catalogue = Catalogue(data / "public")
    release = catalogue.current().release
    Store(data).withdraw([Withdraw("tiny-calls", MISTAKE, version=2)], DAY)
    (data / "public" / "releases" / f"{release.number}.json").write_text("{", encoding="utf-8")
    with pytest.raises(Exception, match="not a release file"):
        catalogue.current()


def test_the_list_is_public_and_says_no_more(data: Path) -> None:
    Store(data).withdraw([Withdraw("tiny-calls", MISTAKE, version=1)], DAY)
    said = json.loads((data / "public" / "withdrawn.json").read_text(encoding="utf-8"))
    assert said == {
        "withdrawn": [
            {"on": "2026-04-01", "reason": "published by mistake", "dataset": "tiny-calls", "id": "tiny-ca22",
             "what": "version", "version": 1}
        ]
    }  # fmt: skip


def test_a_new_publication_after_it(data: Path) -> None:
    Store(data).withdraw([Withdraw("tiny-calls", MISTAKE, version=2)], DAY)
    publish_tiny(data, only_rows=True)
    with running(data / "public") as client:
        page = client.get("/datasets/tiny-calls", headers=PAGE)
        assert page.status_code == 200
        assert "Version 2, the one before, was withdrawn on 2026-04-01 (published by mistake)." in page.text
        is_gone(client, "/datasets/tiny-calls?version=2")
