"""JSON of every form becomes the same rows, and what is wrong with it is said."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sources.made_up import HEADER, read, rows, rows_of

from candor.errors import DataError, UsageError
from candor.portal.declared import SourceConfig
from candor.sources.registry import examine, land

Record = Mapping[str, object]
CALLS = rows(30, 2024)
RECORDS: list[Record] = [dict(zip(HEADER, row, strict=True)) for row in CALLS]
DESCRIBED = [{"name": "sid", "dataTypeName": "meta_data"}, *({"name": n, "dataTypeName": "text"} for n in HEADER)]
ARRAYS = [list(row) for row in CALLS]


def lines(records: Sequence[Record], end: str = "\n") -> str:
    return end.join(json.dumps(r) for r in records)


FORMS: dict[str, Callable[[list[Record]], str]] = {
    "an array": json.dumps,
    "an array, laid out": lambda r: json.dumps(r, indent=2),
    "an object with it": lambda r: json.dumps({"meta": {"tags": ["a", "b"]}, "data": r, "count": len(r)}),
    "an object within an object": lambda r: json.dumps(
        {"success": True, "result": {"fields": [{"id": n} for n in HEADER], "records": r}}
    ),
    "lines": lines,
    "lines of Windows": lambda r: lines(r, "\r\n") + "\r\n",
    "lines with commas": lambda r: lines(r, ",\n"),
    "objects laid out, one after another": lambda r: "\n".join(json.dumps(x, indent=1) for x in r),
    "a text sequence": lambda r: "".join(f"\x1e{json.dumps(x)}\n" for x in r),
    "features": lambda r: json.dumps(
        {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": x, "geometry": None} for x in r]}
    ),
    "attributes": lambda r: json.dumps(
        {"fields": [{"name": n} for n in HEADER], "features": [{"attributes": x} for x in r]}
    ),
    "arrays that are described": lambda r: json.dumps(
        {"meta": {"view": {"columns": DESCRIBED}}, "data": [["row-1", *x.values()] for x in r]}
    ),
    "arrays under names": lambda r: json.dumps({"columns": HEADER, "data": [[*x.values()] for x in r]}),
    "arrays under a header": lambda r: json.dumps([HEADER, *([*x.values()] for x in r)]),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_rows(form: str, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(FORMS[form](RECORDS), newline="")
    source, landed, found = read(path, tmp_path)
    assert found == CALLS
    assert source.columns == HEADER
    assert landed.read == len(CALLS)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_it_may_be_written_in_other_encodings(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_bytes(json.dumps([{"Street": "Café"}, {"Street": "Main"}], ensure_ascii=False).encode(encoding))
    _, landed, found = read(path, tmp_path)
    assert found == [("Café",), ("Main",)]
    assert ("1 bytes are not UTF-8" in "".join(landed.notes)) == (encoding == "cp1252")


def test_objects_within_a_record_are_columns_and_a_lone_point_is_its_place(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [-73.1, 44.2]}
    records = [
        {"id": 7, "where": {"street": "Main St", "units": [1, 2]}, "at": point},
        {"id": 8, "where": None, "closed": True},
    ]
    path = tmp_path / "export.json"
    path.write_text(json.dumps(records))
    source, _, found = read(path, tmp_path)
    assert source.columns == ("id", "where.street", "where.units", "longitude", "latitude", "closed")
    assert found == [("7", "Main St", "[1,2]", "-73.1", "44.2", None), ("8", None, None, None, None, "true")]


@pytest.mark.parametrize(
    ("crs", "columns"),
    [(None, ("longitude", "latitude")), ("urn:ogc:def:crs:OGC:1.3:CRS84", ("longitude", "latitude")),
     ("urn:ogc:def:crs:EPSG::2276", ("x", "y"))],
)  # fmt: skip
def test_a_feature_is_its_properties_and_its_point(crs: str | None, columns: tuple[str, ...], tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [10.5, 20.25, 3]}
    line = {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}
    features = [
        {"type": "Feature", "properties": {"Case": i}, "geometry": g} for i, g in enumerate([point, line, None])
    ]
    named = {"crs": {"type": "name", "properties": {"name": crs}}} if crs else {}
    path = tmp_path / "export.json"
    path.write_text(json.dumps({"type": "FeatureCollection", **named, "features": features}))
    source, landed, found = read(path, tmp_path)
    assert source.columns == ("Case", *columns)
    assert found == [("0", "10.5", "20.25"), ("1", None, None), ("2", None, None)]
    assert ("EPSG:2276" in "".join(landed.notes)) == (columns[0] == "x")


def test_esri_tells_its_projection_and_that_there_is_more(tmp_path: Path) -> None:
    when = 1_675_314_060_000
    features = [{"attributes": {"N": i, "When": when}, "geometry": {"x": 1.5e6 + i, "y": 7e5}} for i in range(3)]
    path = tmp_path / "export.json"
    path.write_text(json.dumps({"spatialReference": {"wkid": 102100, "latestWkid": 3857}, "features": features,
                                "exceededTransferLimit": True}))  # fmt: skip
    source, landed, found = read(path, tmp_path)
    assert source.columns == ("N", "When", "x", "y")
    assert found[1] == ("1", "1675314060000", "1500001.0", "700000.0")
    said = "\n".join(landed.notes)
    assert "EPSG:3857" in said
    assert "one page of what the service has" in said


def test_a_line_that_is_no_json_is_that_lines_matter(tmp_path: Path) -> None:
    written = [json.dumps(r) for r in RECORDS]
    written[4], written[9] = written[4][:25], written[9].replace('"Long"', 'Long"')
    path = tmp_path / "export.json"
    path.write_text("\n".join(written))
    _, landed, found = read(path, tmp_path)
    assert found == [call for i, call in enumerate(CALLS) if i not in (4, 9)]
    assert [(u.rows, u.first_line) for u in landed.unreadable] == [(2, 5)]
    assert landed.read == 30


def test_the_records_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps({"calls": RECORDS, "units": {"list": [{"unit": "A1"}]}}))
    _, landed, _ = read(path, tmp_path)
    assert "also there: 'units.list'. `records` under [source] names another." in landed.notes[0]
    named = SourceConfig(path=str(path), records="units.list")
    assert rows_of(land(named, path, tmp_path / "out" / "b.parquet")) == [("A1",)]
    with pytest.raises(UsageError, match=r"no array 'unit'.*'calls', 'units\.list'"):
        land(SourceConfig(path=str(path), records="unit"), path, tmp_path / "out" / "c.parquet")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (json.dumps(RECORDS)[:-40], "broken or was cut off"),
        (lines(RECORDS[:1])[:-20], "broken or was cut off"),
        (json.dumps(RECORDS) + "]", "broken or was cut off"),
        (json.dumps(RECORDS) + "</html>", "broken or was cut off"),
        ('{"error": {"code": 499, "message": "Token Required"}}', "a web service answered instead"),
        ('{"message": "Not found"}', "a web service answered instead"),
        ("[]", "without any record"),
        ('{"features": []}', "without any record"),
        ("[1, 2, 3]", "without any record"),
        ('{"a": {"0": 1, "1": 2}, "b": {"0": 3, "1": 4}}', "columns one by one"),
        ('{"a": [1, 2], "b": [3, 4]}', "columns one by one"),
    ],
)
def test_what_holds_no_rows_says_what_it_is(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text(text)
    with pytest.raises(DataError, match=words) as raised:
        examine(path, tmp_path / "out" / "a.parquet")
    assert "JSON" in str(raised.value)


VALUES = st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.text(max_size=20)


CASES = st.text('ab{["\\,]} \n\té', min_size=1)


@settings(max_examples=20)
@given(
    st.lists(
        st.fixed_dictionaries({"Case": CASES}, optional={"B": VALUES, "C": VALUES}), min_size=1, max_size=12
    ),
    st.sampled_from(sorted(set(FORMS) - {"arrays that are described", "arrays under names", "arrays under a header"})),
)  # fmt: skip
def test_any_record_comes_back_cell_for_cell(records: list[Record], form: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        path.write_text(FORMS[form](records), newline="")
        _, landed = examine(path, Path(folder) / "a.parquet")
        found = rows_of(landed)
        order = landed.header
    expected = [tuple(_text(record.get(name)) for name in order) for record in records]
    assert found == expected
    assert set(order) == set().union(*records)


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
