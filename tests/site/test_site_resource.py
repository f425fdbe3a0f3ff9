"""The rows' API: the wire format, filters, order, pages that neither repeat nor skip, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.site.tiny_release import FORMULA, TOWNS


def rows(site: httpx.Client, **parameters: str) -> list[dict[str, Any]]:
    answer = site.get("/resource/tiny-ca22.json", params=parameters)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def test_the_wire_format_is_soda_s(site: httpx.Client) -> None:
    answer = site.get("/resource/tiny-ca22.json?$limit=2")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-soda2-fields"].startswith('["id","called_at","town"')
    assert json.loads(answer.headers["x-soda2-types"])[:3] == ["number", "floating_timestamp", "text"]
    assert answer.headers["last-modified"].endswith(" GMT")
    assert answer.headers["x-candor-simulated"] == "true"
    assert answer.text.startswith("[{")
    assert "}\n,{" in answer.text
    assert answer.text.endswith("}]\n")
    first, second = answer.json()
    assert first["id"] == "1"
    assert first["called_at"] == "2024-01-01T08:00:00.000"
    assert first["urgent"] is True
    assert first["simulated"] is True
    assert "minutes" not in first  # a null is left out
    assert second["minutes"] == "0.5"
    assert first["note"] == FORMULA  # JSON says what is there


def test_an_empty_answer_is_still_an_answer(site: httpx.Client) -> None:
    assert site.get("/resource/tiny-ca22.json?town=Nowhere").text == "[]\n"
    empty = site.get("/resource/tiny-ca22.csv?town=Nowhere").text
    assert empty.startswith('"id","called_at"')
    assert empty.count("\n") == 1


def test_the_name_serves_as_the_4x4_does(site: httpx.Client) -> None:
    assert site.get("/resource/tiny-calls.json").text == site.get("/resource/tiny-ca22.json").text


def test_the_limit_is_1000_unless_it_is_given(site: httpx.Client) -> None:
    assert len(site.get("/resource/tiny-cr22.json").json()) == 1000
    assert len(site.get("/resource/tiny-cr22.json?$limit=100000").json()) > 3000
    assert rows(site, **{"$limit": "0"}) == []


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ({"town": "Fern"}, lambda r: r["town"] == "Fern"),
        ({"TOWN": "Fern", "category": "theft"}, lambda r: r["town"] == "Fern" and r["category"] == "theft"),
        ({"minutes": "3"}, lambda r: r.get("minutes") == "3"),
        ({"minutes": "3.50"}, lambda r: r.get("minutes") == "3.5"),
        ({"id": "7"}, lambda r: r["id"] == "7"),
        ({"urgent": "true"}, lambda r: r["urgent"] is True),
        ({"called_at": "2024-01-01T15:00:00.000"}, lambda r: r["called_at"] == "2024-01-01T15:00:00.000"),
        ({"note": FORMULA}, lambda r: r.get("note") == FORMULA),
        ({"town": ""}, lambda r: r["town"] == ""),
    ],
)
def test_filters_keep_what_equals(
    site: httpx.Client, filters: dict[str, str], kept: Callable[[dict[str, Any]], bool]
) -> None:
    everything = rows(site)
    assert rows(site, **filters) == [r for r in everything if kept(r)]


@pytest.mark.parametrize(
    "order", ["", "town", "town desc", "category, minutes DESC", "minutes", "urgent desc, town asc"]
)
@pytest.mark.parametrize("dataset", ["tiny-ca22", "tiny-tn22"])
def test_pages_neither_repeat_nor_skip(site: httpx.Client, order: str, dataset: str) -> None:
    if dataset == "tiny-tn22":
        order = order and "geoid"
    parameters: dict[str, str | int] = {"$order": order} if order else {}
    whole = site.get(f"/resource/{dataset}.json", params=parameters).json()
    paged: list[Any] = []
    for offset in range(0, len(whole) + 7, 7):
        page = site.get(f"/resource/{dataset}.json", params={**parameters, "$limit": 7, "$offset": offset})
        paged += page.json()
    assert paged == whole


def test_nulls_come_last_upwards_and_first_downwards(site: httpx.Client) -> None:
    up = [r.get("minutes") for r in rows(site, **{"$order": "minutes"})]
    down = [r.get("minutes") for r in rows(site, **{"$order": "minutes desc"})]
    assert up[-1] is None
    assert down[0] is None
    assert [float(m) for m in up if m] == sorted(float(m) for m in up if m)


def test_csv_quotes_what_is_there_and_guards_formulas(site: httpx.Client) -> None:
    answer = site.get("/resource/tiny-ca22.csv")
    assert answer.headers["content-type"] == "text/csv; charset=UTF-8"
    read = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    said = rows(site)
    assert len(read) == len(said) == 240
    guarded = {r["note"] for r in read}
    assert guarded == {"'" + FORMULA, "'+1 802", "'-", "'@here", "'\tindented", 'a "quoted"\nline', "plain", ""}
    assert ',,"' in answer.text  # a null is nothing, and not an empty quoted text
    assert [r["minutes"] for r in read] == [r.get("minutes", "") for r in said]


@pytest.mark.parametrize(
    ("query", "status", "code", "words"),
    [
        ("zipcity=1", 400, None, "Unrecognized arguments [zipcity]"),
        ("$select=id", 400, "query.not-supported", "$select is not supported yet"),
        ("$where=1=1", 400, "query.not-supported", "$where is not supported yet"),
        ("$query=select *", 400, "query.not-supported", "not supported yet"),
        ("$order=nope", 400, "query.soql.no-such-column", "No such column: nope"),
        ("$order=street", 400, "query.soql.no-such-column", "No such column: street"),
        ("$order=town sideways", 400, "invalid_request", "$order has"),
        ("$limit=-1", 400, "invalid_request", "a whole number from 0 on"),
        ("$limit=many", 400, "invalid_request", "a whole number from 0 on"),
        ("$offset=1e3", 400, "invalid_request", "a whole number from 0 on"),
        ("minutes=soon", 400, "invalid_request", "minutes is"),
        ("id=NaN", 400, "invalid_request", "a whole number"),
        ("urgent=perhaps", 400, "invalid_request", "true, false"),
        ("called_at=yesterday", 400, "invalid_request", "a date as"),
        ("street=17 Hidden Lane", 400, None, "Unrecognized arguments [street]"),
    ],
)
def test_what_cannot_be_served_is_said(
    site: httpx.Client, query: str, status: int, code: str | None, words: str
) -> None:
    answer = site.get(f"/resource/tiny-ca22.json?{query}")
    assert answer.status_code == status
    body = answer.json()
    assert body["error"] is True
    assert words in body["message"]
    assert body.get("code") == code
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_data_set_that_is_not_there(site: httpx.Client) -> None:
    answer = site.get("/resource/aaaa-bbbb.json")
    assert answer.status_code == 404
    assert answer.json() == {
        "code": "dataset.missing",
        "error": True,
        "message": "Not found",
        "data": {"id": "aaaa-bbbb"},
    }
    assert site.get("/resource/tiny-ca22.xml").status_code == 404


ATTACKS = [
    "x' OR '1'='1",
    "'; DROP TABLE calls; --",
    "Fern'); COPY (SELECT 1) TO 'candor-was-here'; --",
    'x" OR 1=1 --',
    "%27%20OR%201=1",
    "Fern\x00",
    "read_csv('/etc/passwd')",
    "\\",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_value_is_only_ever_a_value(site: httpx.Client, attack: str) -> None:
    answer = site.get("/resource/tiny-ca22.json", params={"town": attack})
    assert answer.status_code == 200
    assert answer.json() == []
    assert site.get("/datasets/tiny-calls", params={"town": attack}).status_code == 200


@pytest.mark.parametrize("attack", [*ATTACKS, "town; SELECT 1", "(SELECT 1)", "town NULLS FIRST", "1", '"id"', "id--"])
def test_an_order_is_only_ever_columns(site: httpx.Client, attack: str) -> None:
    answer = site.get("/resource/tiny-ca22.json", params={"$order": attack})
    assert answer.status_code == 400
    assert "Traceback" not in answer.text
    name = site.get("/resource/tiny-ca22.json", params={attack: "1"})
    assert name.status_code == 400
    assert site.get(f"/resource/{quote(attack, safe='')}.json").status_code == 404


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["town", "id", "minutes", "called_at", "urgent", "$order", "$limit", "$offset", "x"])
    | st.text(),
    value=st.text(),
)
def test_no_question_breaks_the_server(site: httpx.Client, name: str, value: str) -> None:
    try:
        answer = site.get("/resource/tiny-ca22.json", params={name: value})
    except (httpx.InvalidURL, UnicodeEncodeError):
        return  # lone surrogates cannot be sent
    assert answer.status_code in (200, 400)
    assert isinstance(answer.json(), list if answer.status_code == 200 else dict)


def test_304_and_head(site: httpx.Client) -> None:
    first = site.get("/resource/tiny-ca22.json?$limit=1", headers={"Accept-Encoding": "identity"})
    tag = first.headers["etag"]
    assert tag.startswith('"')
    for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        same = site.get("/resource/tiny-ca22.json?$limit=1", headers={"If-None-Match": sent})
        assert (same.status_code, same.content) == (304, b"")
    other = site.get("/resource/tiny-ca22.json?$limit=2", headers={"If-None-Match": tag})
    assert other.status_code == 200
    head = site.head("/resource/tiny-ca22.json?$limit=1")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["x-soda2-fields"] == first.headers["x-soda2-fields"]


def test_geometry_is_geojson_in_json_and_wkt_in_csv(site: httpx.Client) -> None:
    towns = site.get("/resource/tiny-tw22.json").json()
    assert len(towns) == len(TOWNS)
    assert towns[0]["geometry"]["type"] == "Polygon"
    assert '"POLYGON ((' in site.get("/resource/tiny-tw22.csv").text


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity", "br;q=0, gzip;q=0"])
def test_an_answer_is_the_same_in_every_encoding(site: httpx.Client, encoding: str) -> None:
    answer = site.get("/resource/tiny-ca22.json", headers={"Accept-Encoding": encoding})
    wanted = None if encoding.startswith(("identity", "br;")) else encoding
    assert answer.headers.get("content-encoding") == wanted
    assert len(answer.json()) == 240
    assert answer.headers["etag"].startswith("W/") == (wanted is not None)
    assert "accept-encoding" in answer.headers["vary"].lower()
