"""Whole data sets as files, streamed and never cut short; the map's figures as a file."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.site.tiny_release import FORMULA, TOWNS

from candor.query.formats.parquet import joined


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_is_whole_guarded_and_named_simulated(site: httpx.Client) -> None:
    answer = site.get("/datasets/tiny-calls.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="tiny-calls-SIMULATED.csv"'
    read = table(answer.text)
    assert [r["id"] for r in read] == [str(i) for i in range(1, 241)]
    assert read[0]["note"] == "'" + FORMULA
    assert {r["simulated"] for r in read} == {"true"}
    starts = {cell[:1] for r in read for name, cell in r.items() if name in ("note", "town", "category")}
    assert not starts & set("=+-@\t\r")


def test_every_row_of_every_data_set_is_in_its_files(site: httpx.Client) -> None:
    for dataset in site.get("/api/release").json()["datasets"]:
        name, rows = dataset["name"], dataset["rows"]
        assert len(table(site.get(f"/datasets/{name}.csv").text)) == rows
        assert len(site.get(f"/datasets/{name}.geojson").json()["features"]) == rows
        assert pq.read_table(io.BytesIO(site.get(f"/datasets/{name}.parquet").content)).num_rows == rows


def test_geojson_has_shapes_where_there_are_and_null_where_not(site: httpx.Client) -> None:
    towns = site.get("/datasets/towns.geojson")
    assert towns.headers["content-type"] == "application/geo+json"
    features = towns.json()["features"]
    assert {f["geometry"]["type"] for f in features} == {"Polygon"}
    assert features[0]["properties"]["residents"] == 12000
    assert "geometry" not in features[0]["properties"]
    calls = site.get("/datasets/tiny-calls.geojson").json()["features"]
    assert {json.dumps(f["geometry"]) for f in calls} == {"null"}
    assert calls[0]["properties"]["minutes"] is None
    assert calls[1]["properties"]["minutes"] == 0.5
    assert calls[0]["properties"]["urgent"] is True


def test_parquet_is_the_stored_file_and_comes_in_parts(site: httpx.Client, tiny_data: Path) -> None:
    release = site.get("/api/release").json()
    (stored,) = next(d["files"] for d in release["datasets"] if d["name"] == "tiny-calls")
    content = (tiny_data / "public" / stored).read_bytes()
    whole = site.get("/datasets/tiny-calls.parquet")
    assert whole.content == content
    assert whole.headers["accept-ranges"] == "bytes"
    assert "content-encoding" not in whole.headers
    tail = site.get("/datasets/tiny-calls.parquet", headers={"Range": "bytes=-8"})
    assert tail.status_code == 206
    assert tail.content == content[-8:]
    assert tail.content.endswith(b"PAR1")
    part = site.get("/datasets/tiny-calls.parquet", headers={"Range": "bytes=4-9", "If-Range": whole.headers["etag"]})
    assert (part.status_code, part.content) == (206, content[4:10])
    stale = site.get("/datasets/tiny-calls.parquet", headers={"Range": "bytes=4-9", "If-Range": '"other"'})
    assert (stale.status_code, stale.content) == (200, content)
    assert site.get("/datasets/tiny-calls.parquet", headers={"Range": "bytes=99999999-"}).status_code == 416


@pytest.mark.parametrize("extension", ["csv", "geojson", "parquet"])
def test_head_and_304_read_no_row(site: httpx.Client, extension: str) -> None:
    path = f"/datasets/tiny-calls.{extension}"
    head = site.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert "SIMULATED" in head.headers["content-disposition"]
    same = site.get(path, headers={"If-None-Match": head.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    older = site.get(f"{path}?version=1", headers={"If-None-Match": head.headers["etag"]})
    assert older.status_code == 200


def test_an_old_version_stays_as_it_was(site: httpx.Client) -> None:
    old = site.get("/datasets/tiny-calls.csv?version=1")
    assert len(table(old.text)) == 180
    assert 'filename="tiny-calls-v1-SIMULATED.csv"' in old.headers["content-disposition"]
    assert len(table(site.get("/datasets/tiny-calls.csv?version=2").text)) == 240
    missing = site.get("/datasets/tiny-calls.csv?version=9")
    assert missing.status_code == 404
    assert "2, 1" in missing.json()["message"]


def test_several_stored_files_make_one_parquet(tmp_path: Path) -> None:
    whole = pa.table({"id": list(range(1000)), "word": [f"w{i}" for i in range(1000)]})
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    pq.write_table(whole.slice(0, 600), paths[0], row_group_size=250)
    pq.write_table(whole.slice(600), paths[1])
    pieces = list(joined(paths))
    assert len(pieces) > 2
    assert pq.read_table(io.BytesIO(b"".join(pieces))).equals(whole)


def test_the_map_s_figures_as_a_file(site: httpx.Client) -> None:
    answer = site.get("/map.csv?category=noise&period=2025")
    assert 'filename="map-noise-2025-SIMULATED.csv"' in answer.headers["content-disposition"]
    read = {r["geoid"]: r for r in table(answer.text)}
    assert set(read) == {t.geoid for t in TOWNS}
    assert read["5000100100"]["rate"] == "80.0"
    assert read["5000100100"]["coverage"] == "reported"
    assert read["5000200600"]["coverage"] == "not covered"
    assert read["5000200600"]["calls"] == ""
    assert read["5000200500"]["calls"] == "0"
    assert {r["simulated"] for r in read.values()} == {"true"}


def test_the_map_s_shapes_are_kept_for_good_under_their_release(site: httpx.Client) -> None:
    mine = site.get("/map/towns.geojson?v=2")
    assert "immutable" in mine.headers["cache-control"]
    assert {f["properties"]["geoid"] for f in mine.json()["features"]} == {t.geoid for t in TOWNS}
    assert "no-cache" in site.get("/map/towns.geojson?v=1").headers["cache-control"]


def test_built_files_are_kept_for_good_and_sent_compressed(site: httpx.Client) -> None:
    page = site.get("/", headers={"Accept": "text/html"}).text
    start = page.index("/static/assets/")
    path = page[start : page.index('"', start)]
    answer = site.get(path, headers={"Accept-Encoding": "br"})
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert site.head(path).status_code == 200
    same = site.get(path, headers={"If-None-Match": answer.headers["etag"], "Accept-Encoding": "br"})
    assert same.status_code == 304
    for hidden in ("/static/.vite/manifest.json", "/static/../app.py", "/static/%2e%2e/app.py", "/static/nope.js"):
        assert site.get(hidden).status_code == 404
