"""Rows published end to end: each column said as coarsely as declared."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import date, datetime

import pytest
from tests.release.conftest import SmallPortal, lines
from tests.release.own_rows import (
    AS_IT_IS,
    CASE,
    PEOPLE,
    PERSON,
    add,
    column,
    hashed,
    opened,
    version,
    with_key,
)
from tests.site.conftest import running

from candor.errors import PortalError


def test_each_column_is_said_as_coarsely_as_declared(portal: SmallPortal) -> None:
    key = with_key(portal)
    add(
        portal,
        "arrests",
        [
            column("case", "text", "hash", disclosure="identifier"),
            column("when", "timestamp", "hour", role="time"),
            column("day", "timestamp", "date", "when"),
            column("month_of", "timestamp", "month", "when"),
            column("born", "date", "year"),
            column("age", "integer", "band10"),
            column("age_wide", "integer", "band20", "age", top=60),
            column("height", "number", "band", band=4, top=68),
            column("fine", "integer", "top", top=90),
            column("offence", "category", "parent").replace(
                "\n[columns", '\n[schema.columns.parents]\n"Retail theft" = "Theft"\nVandalism = "Damage"\n\n[columns'
            ),
            column("street", "text", "town"),
            column("place", "category", "county", "town", role="place"),
            column("town", "category", "none", derived=True),
        ],
        rest=AS_IT_IS + opened("born", "age", "age_wide", "height"),
    )
    (accounted,) = portal.publish().accounted
    assert accounted.sums["published"] == 3
    rows = portal.public("arrests").to_pylist()
    words = {case: hashed(key, case, "arrests.case") for case in ("24-0001", "24-0002")}
    by_case = {row["case"]: row for row in rows if row["offence"] != "other" and row["case"]}
    assert by_case[words["24-0001"]] | {"id": 0} == {
        "id": 0, "case": words["24-0001"], "when": datetime(2024, 3, 10, 23), "day": date(2024, 3, 10),
        "month_of": date(2024, 3, 1), "born": date(1990, 1, 1), "age": "30 to 39", "age_wide": "20 to 39",
        "height": "64 to 67", "fine": 10, "offence": "Theft", "street": "Birch", "place": "Tree", "town": "Birch",
    }  # fmt: skip
    old = by_case[words["24-0002"]]
    assert [old[c] for c in ("age", "age_wide", "height", "fine", "offence", "street")] == [
        "80 and over", "60 and over", "68 and over", 90, "Damage", "Birch",
    ]  # fmt: skip
    (young,) = [row for row in rows if row["offence"] == "other"]
    # A place that is not known is none: the address does not come through.
    assert (young["case"], young["street"], young["place"], young["fine"]) == (words["24-0002"], None, None, 90)
    # A line of empty cells is no row.
    assert len(rows) == 3
    public = b"".join(p.read_bytes() for p in (portal.root / "data" / "public").rglob("*") if p.is_file())
    for secret in (b"24-0001", b"Elm Street", b"Oak Lane", b"Vandalism", b"1931-01-01", key, key.hex().encode()):
        assert secret not in public


def test_the_published_columns_say_what_was_done(portal: SmallPortal) -> None:
    key = with_key(portal)
    add(portal, "arrests", [
        CASE, column("when", "timestamp", "hour"), column("born", "date", "year"),
        column("age", "integer", "band10"), column("height", "number", "band", band=4, top=68),
        column("fine", "integer", "top", top=90), column("street", "text", "town"),
        column("place", "category", "county", "town", role="place"),
    ], rest=opened("born", "age", "height"))  # fmt: skip
    portal.publish()
    published = version(portal, "arrests")
    fingerprint = hmac.new(key, b"candor key fingerprint", hashlib.sha256).hexdigest()[:8]
    assert published.provenance.key == fingerprint
    said = {c.name: (c.type, c.description) for c in published.columns}
    assert said["when"] == ("timestamp", "To the hour.")
    assert said["born"] == ("date", "To the year: its first day.")
    assert said["age"] == ("category", "In bands of ten; the last is 80 and over.")
    assert said["height"] == ("category", "In bands of 4; the last is 68 and over.")
    assert said["fine"] == ("integer", "90 stands for 90 or more.")
    assert said["street"] == ("category", "As the official town of the row.")
    assert said["place"] == ("category", "As the county of the row.")
    assert said["case"][0] == "text"
    assert f"keyed hash, key {fingerprint}" in said["case"][1]


@pytest.mark.parametrize(
    ("columns", "key", "told"),
    [
        ([column("age", "integer", "hour")], "generalise", "'hour' for 'age', a column of type integer"),
        ([column("born", "date", "hour")], "generalise", "'hour' for 'born', a column of type date"),
        ([column("offence", "category", "band10")], "generalise", "'band10' for 'offence'"),
        ([column("height", "number", "hash")], "generalise", "'hash' for 'height', a column of type number"),
        ([column("age", "integer", "band")], "band", "no `band` in 'age'"),
        ([column("age", "integer", "band10", band=5)], "band", "`band` with generalise = 'band10'"),
        ([column("age", "integer", "band", band=20, top=70)], "top", "a last band from 70"),
        ([column("age", "integer", "top")], "top", "no `top` in 'age'"),
        ([column("age", "integer", "none", top=90)], "top", "`top` with generalise = 'none'"),
        ([column("offence", "category", "parent")], "parents", "no parent categories for 'offence'"),
        ([column("offence", "category", "none", context="cases")], "context", "`context` with generalise = 'none'"),
        ([column("street", "text", "town")], "generalise", "the town of each row, and nothing that says where"),
        ([column("county", "category", "none", derived=True), column("age", "integer", "band10")], "name",
         "the county of each row, and nothing that says where"),
    ],
)  # fmt: skip
def test_what_a_column_cannot_be_is_one_problem(portal: SmallPortal, columns: list[str], key: str, told: str) -> None:
    add(portal, "arrests", columns)
    with pytest.raises(PortalError) as raised:
        portal.open()
    (problem,) = raised.value.problems
    assert problem.where.startswith("datasets/arrests.toml:")
    assert problem.where.endswith(f"schema.columns.0.{key}")
    assert told in problem.found
    assert problem.allowed
    assert problem.remedy


def test_an_identifier_leaves_only_as_a_keyed_hash(portal: SmallPortal) -> None:
    for how in ("none", "parent", "town"):
        add(portal, "arrests", [column("case", "category", how, disclosure="identifier")])
        with pytest.raises(PortalError, match="but as a keyed hash"):
            portal.open()


def test_rows_are_placed_by_their_point_where_a_street_is_published_as_its_town(portal: SmallPortal) -> None:
    csv = "street,lat,lon\n1 Elm Street,44.5,-71.5\n2 Elm Street,44.5,-70.5\n3 Elm Street,0,0\n"
    add(portal, "stops", [
        column("street", "text", "town"), column("county", "category", "none", derived=True),
        column("lat", "latitude", "", role="latitude"), column("lon", "longitude", "", role="longitude"),
    ], csv)  # fmt: skip
    portal.publish()
    rows = {(row["street"], row["county"]) for row in portal.public("stops").to_pylist()}
    assert rows == {("Birch", "Tree"), ("Cedar", "Tree"), (None, None)}


def test_the_page_of_the_data_set_says_what_was_done(portal: SmallPortal) -> None:
    with_key(portal)
    add(portal, "people", [*PERSON, column("case", "text", "hash", "age", disclosure="identifier")], PEOPLE,
        rest='\n[anonymity]\nk = 10\nquasi = ["sex"]\n' + opened("age"))  # fmt: skip
    portal.publish()
    with running(portal.root / "data" / "public") as client:
        page, privacy = (
            " ".join(re.sub(r"<[^>]+>", " ", client.get(path).text).split())
            for path in ("/datasets/people", "/privacy")
        )
    assert "Data set Records k Records in small groups Promised people 60 15 0 in groups of under 10 k = 10" in privacy
    assert "Every row has to be like at least 9 others in sex. A release with a row that is not is refused." in page
    assert "The smallest group of rows that are alike has 15 rows (k = 15)." in page
    assert "age and day are published as well and not counted here." in page
    assert f"{version(portal, 'people').provenance.key} (its fingerprint" in page
    assert "In bands of ten; the last is 80 and over." in page


def test_a_standard_schema_is_changed_by_rules_of_its_own(portal: SmallPortal) -> None:
    """Calls, of which a publisher promises k: what the schema says stays, and the data set's file is stricter."""
    portal.write(lines(40))
    file = portal.root / "datasets" / "alder-calls.toml"
    promise = '\n[anonymity]\nk = 5\nquasi = ["called_at", "town"]\n'
    file.write_text(file.read_text(encoding="utf-8") + promise, encoding="utf-8")
    portal.publish()
    # k over place and time is what the times of rows keep by themselves: nothing has to be changed.
    rows = portal.public("alder-calls").to_pylist()
    assert {r["called_at_precision"] for r in rows} == {"week", "month"}
    kept = version(portal, "alder-calls").anonymity
    assert kept is not None
    assert (kept.asked_k, kept.quasi, kept.holds, kept.k >= 5) == (5, ("called_at", "town"), True, True)
    # Calls are counted as ever.
    assert sum(portal.public("calls-by-town")["calls"].drop_null().to_pylist()) == 40
