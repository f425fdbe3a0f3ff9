"""Rows published end to end: said as coarsely as declared, hashed with the publisher's key, and alike as promised."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import shutil
import stat
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from pycanon import anonymity as pycanon  # type: ignore[import-untyped]  # it ships no types
from tests.release.conftest import SmallPortal, lines
from tests.release.test_newcomer import candor
from tests.site.conftest import running

from candor.errors import DataError, PortalError
from candor.portal.keys import write_key
from candor.store.dataset_model import DatasetVersion
from candor.store.store import Store

HEAD = """
id = "{id}"
title = "{name}"

[source]
path = "{name}.csv"

[schema]
unit = "person"
unit_plural = "persons"
"""
CSV = "case,when,born,age,height,fine,offence,street,town\n" + "".join(
    f"{case},{when},{born},{age},{height},{fine},{offence},{street},{town}\n"
    for case, when, born, age, height, fine, offence, street, town in (
        ("24-0001", "2024-03-10 23:59:10", "1990-06-30", 33, 64, 10, "Retail theft", "12 Elm Street", "Birch"),
        ("24-0002", "2024-03-11 00:10:00", "1931-01-01", 93, 71, 500, "Vandalism", "4 Oak Lane", "birch town"),
        ("24-0002", "2024-03-11 00:10:00", "2009-12-31", 14, "", 90, "Loitering", "4 Oak Lane", "Nowhere"),
        ("", "", "", "", "", "", "", "", ""),
    )
)


def column(name: str, type_: str, publish: str, source: str = "", **more: object) -> str:
    """A column's declaration; `publish` is how it is generalised, or nothing where it stays inside."""
    said = {"name": name, "label": name, "type": type_, "publish": bool(publish), **more}
    said.setdefault("disclosure", "quasi")
    if publish:
        said["generalise"] = publish
    lines = "".join(f"{k} = {str(v).lower() if isinstance(v, bool) else repr(v)}\n" for k, v in said.items())
    mapping = "" if more.get("derived") else f'\n[columns.{name}]\nfrom = "{source or name}"\n'
    return f"\n[[schema.columns]]\n{lines}{mapping}"


def add(portal: SmallPortal, name: str, columns: list[str], csv: str = CSV, *, rest: str = "") -> None:
    """A data set with a schema of its own; the calls go, to be quick."""
    (portal.root / "datasets" / "alder-calls.toml").unlink(missing_ok=True)
    (portal.root / f"{name}.csv").write_text(csv, encoding="utf-8")
    text = HEAD.format(name=name, id=f"{name[:4]}-{name[-4:]}")
    (portal.root / "datasets" / f"{name}.toml").write_text(text + "".join(columns) + rest, encoding="utf-8")


def with_key(portal: SmallPortal, file: str = "../key") -> bytes:
    """A new key beside the portal, named in `portal.toml`; its bytes."""
    path = portal.root / file
    path.unlink(missing_ok=True)
    secret = write_key(path).secret
    text = (portal.root / "portal.toml").read_text(encoding="utf-8")
    (portal.root / "portal.toml").write_text(
        text.partition("\n[privacy]")[0] + f'\n[privacy]\nk = 2\nkey_file = "{file}"\n', encoding="utf-8"
    )
    return secret


def version(portal: SmallPortal, name: str) -> DatasetVersion:
    release = Store(portal.root / "data").current()
    assert release is not None
    found = release.dataset(name)
    assert found is not None
    return found


def nothing_published(portal: SmallPortal) -> bool:
    tables = portal.root / "data" / "public" / "tables"
    return Store(portal.root / "data").current() is None and not [*tables.rglob("*.parquet")]


AS_IT_IS = "\n[settling]\ndays = 0\n"
"""Nothing waits: four rows would, for others like them."""

CASE = column("case", "text", "hash", disclosure="identifier")


def hashed(key: bytes, value: str, context: str) -> str:
    return hmac.new(key, context.encode() + b"\0" + value.encode(), hashlib.sha256).hexdigest()[:32]


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
        rest=AS_IT_IS,
    )
    (accounted,) = portal.publish().accounted
    assert accounted.sums["published"] == 4
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
    (empty,) = [row for row in rows if row["case"] is None]
    assert set(empty.values()) - {empty["id"]} == {None}
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
    ])  # fmt: skip
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


def test_columns_of_one_context_can_be_joined_and_no_others(portal: SmallPortal) -> None:
    key = with_key(portal)
    for name, context in (("arrests", "cases"), ("stops", "cases"), ("force", "")):
        add(
            portal,
            name,
            [column("case", "text", "hash", disclosure="identifier", **({"context": context} if context else {}))],
        )
    portal.publish()
    words = {name: set(portal.public(name)["case"].to_pylist()) - {None} for name in ("arrests", "stops", "force")}
    assert words["arrests"] == words["stops"] == {hashed(key, c, "cases") for c in ("24-0001", "24-0002")}
    assert words["force"].isdisjoint(words["arrests"])


def test_a_new_key_makes_new_words_and_the_version_says_so(portal: SmallPortal) -> None:
    with_key(portal)
    add(portal, "arrests", [CASE])
    portal.publish()
    before, first = portal.public("arrests"), version(portal, "arrests")
    with_key(portal, "../key-of-next-year")
    portal.publish()
    after, second = portal.public("arrests"), version(portal, "arrests")
    assert set(before["case"].to_pylist()).isdisjoint(set(after["case"].to_pylist()) - {None})
    assert first.provenance.key != second.provenance.key
    assert "Described anew: case" in second.changes


def no_key(portal: SmallPortal) -> None:
    portal.replace('key_file = "../key"', 'key_file = ""', "portal.toml")


def missing(portal: SmallPortal) -> None:
    (portal.root.parent / "key").unlink()


def inside(portal: SmallPortal) -> None:
    shutil.move(portal.root.parent / "key", portal.root / "key")
    portal.replace("../key", "key", "portal.toml")


def readable(portal: SmallPortal) -> None:
    (portal.root.parent / "key").chmod(0o644)


def no_digits(portal: SmallPortal) -> None:
    (portal.root.parent / "key").write_text("our secret\n")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (no_key, "no key_file, and keyed hashes in arrests"),
        (missing, "is missing, and columns are to be hashed with it"),
        (inside, "lies in the portal's folder"),
        (readable, "can be read by others than its owner"),
        (no_digits, "holds no key"),
    ],
)
def test_without_a_good_key_nothing_is_published(
    portal: SmallPortal, spoil: Callable[[SmallPortal], None], told: str
) -> None:
    with_key(portal)
    add(portal, "arrests", [CASE])
    spoil(portal)
    with pytest.raises(PortalError) as raised:
        portal.publish()
    (problem,) = raised.value.problems
    assert problem.where.startswith("portal.toml")
    assert "privacy.key_file" in problem.where
    assert told in problem.found
    assert "our secret" not in str(problem)
    assert nothing_published(portal)
    # Who hashes nothing needs no key.
    add(portal, "arrests", [column("age", "integer", "band10")])
    portal.publish()
    assert version(portal, "arrests").provenance.key == ""


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


PEOPLE = "age,sex,day,force\n" + "".join(
    f"{20 + 3 * (n % 9)},{'MF'[n % 4 == 0]},2024-0{1 + n % 3}-{1 + n % 28:02},{('hands', 'taser')[n % 2]}\n"
    for n in range(60)
)
PERSON = [
    column("age", "integer", "band10"), column("sex", "category", "none"),
    column("day", "date", "date", role="time"), column("force", "category", "none", disclosure="open"),
]  # fmt: skip


def test_below_the_declared_k_nothing_is_published_and_the_proposal_mends_it(portal: SmallPortal) -> None:
    promise = '\n# Our promise.\n[anonymity]\nk = 5\nsensitive = ["force"]\nl = 2\n'
    add(portal, "people", PERSON, PEOPLE, rest=promise)
    with pytest.raises(DataError) as raised:
        portal.publish()
    assert nothing_published(portal)
    said = str(raised.value)
    assert re.search(r"people: k = 1: \d+ rows are like fewer than 4 others", said)
    assert "k = 5 and l = 2, as datasets/people.toml declares" in said
    assert "Nothing was published" in said
    file = portal.root / "datasets" / "people.toml"
    file.write_text(patched(file.read_text(encoding="utf-8"), said), encoding="utf-8")
    assert "# Our promise." in file.read_text(encoding="utf-8")
    portal.publish()
    kept = version(portal, "people").anonymity
    assert kept is not None
    assert kept.promised
    assert kept.holds
    assert (kept.asked_k, kept.asked_l, kept.rows, kept.below, kept.share_below) == (5, 2, 60, 0, 0.0)
    assert kept.k >= 5
    assert kept.l["force"] == 2
    agrees_with_pycanon(portal, "people")


def patched(text: str, message: str) -> str:
    """The text with the lines of the message that begin with - taken out and those with + put in, as `patch` does."""
    old, at, result = text.splitlines(), 0, []
    for line in message[message.index("@@") :].splitlines():
        if line.startswith("@@"):
            start = int(line.split()[1].split(",")[0][1:]) - 1
            result += old[at:start]
            at = start
        elif line[:1] in ("-", " "):
            assert old[at] == line[1:]
            result += [old[at]] if line[0] == " " else []
            at += 1
        elif line.startswith("+"):
            result.append(line[1:])
        elif not line:
            break
    return "\n".join([*result, *old[at:]]) + "\n"


def agrees_with_pycanon(portal: SmallPortal, name: str) -> None:
    """What the version says of its rows is what pycanon finds in the published file."""
    kept = version(portal, name).anonymity
    assert kept is not None
    frame = portal.public(name).to_pandas()
    quasi = list(kept.quasi)
    frame[quasi] = frame[quasi].astype(str)
    assert kept.k == pycanon.k_anonymity(frame, quasi)
    for sensitive, values in kept.l.items():
        assert values == pycanon.l_diversity(frame, quasi, [sensitive])
    sizes = frame.groupby(quasi).size()
    assert (kept.groups, kept.rows) == (len(sizes), len(frame))
    assert kept.below == sizes[sizes < kept.asked_k].sum()
    assert kept.risk_max == pytest.approx(1 / sizes.min())
    assert kept.risk_mean == pytest.approx(len(sizes) / len(frame))


def test_without_a_promise_rows_are_measured_and_published(portal: SmallPortal) -> None:
    add(portal, "people", PERSON, PEOPLE)
    (found,) = portal.check().measured
    assert nothing_published(portal)
    assert (found.refusal, found.anonymity.promised, found.anonymity.k) == (None, False, 1)
    portal.publish()
    # A check measures the rows as they are; published, they say their time as coarsely as their number asks for.
    published = version(portal, "people").anonymity
    assert published is not None
    assert published.quasi == found.anonymity.quasi
    assert {r["day_precision"] for r in portal.public("people").to_pylist()} <= {"date", "week", "month"}
    agrees_with_pycanon(portal, "people")


def test_only_the_named_columns_are_measured_and_what_is_left_out_is_said(portal: SmallPortal) -> None:
    add(portal, "people", PERSON, PEOPLE, rest='\n[anonymity]\nk = 10\nquasi = ["sex"]\n')
    portal.publish()
    kept = version(portal, "people").anonymity
    assert kept is not None
    assert (kept.quasi, kept.not_measured, kept.k) == (("sex",), ("age", "day"), 15)
    agrees_with_pycanon(portal, "people")


def test_rows_without_quasi_identifiers_are_not_measured(portal: SmallPortal) -> None:
    add(portal, "people", [column("force", "category", "none", disclosure="open")], PEOPLE)
    assert portal.publish().measured == []
    assert version(portal, "people").anonymity is None


def test_few_rows_that_stand_alone_are_withheld_where_the_file_allows_it(portal: SmallPortal) -> None:
    csv = "sex,force\n" + "M,hands\nM,taser\n" * 30 + "F,hands\n" * 2 + ",taser\n"
    columns = [column("sex", "category", "none"), column("force", "category", "none", disclosure="open")]
    add(portal, "people", columns, csv, rest="\n[anonymity]\nk = 5\nwithhold = 0.04\n")
    with pytest.raises(DataError, match=r"k = 1: 3 rows are like fewer than 4 others.*sex not published"):
        portal.publish()
    assert nothing_published(portal)
    portal.replace("withhold = 0.04", "withhold = 0.05", "datasets/people.toml")
    (accounted,) = portal.publish().accounted
    assert accounted.sums == {"read": 63, "published": 60, "duplicates": 0, "quarantined": 0, "withheld": 3}
    published = version(portal, "people")
    assert published.rows == 60
    assert published.accounting is not None
    # Inside it is said why, and how many; in public how many rows are withheld is told of all years, rounded.
    assert [(o.reason, o.rows) for o in accounted.outcomes if o.outcome == "withheld"] == [
        ("too few other rows are like it: a person could be found by it", 3)
    ]
    assert published.accounting.reasons == ()
    assert set(portal.public("people")["sex"].to_pylist()) == {"M"}
    agrees_with_pycanon(portal, "people")
    # Groups that say all the same go as well, where l asks for it.
    csv += "X,hands\n" * 5
    rest = '\n[anonymity]\nk = 5\nsensitive = ["force"]\nl = 2\nwithhold = 0.2\n'
    add(portal, "people", columns, csv, rest=rest)
    (accounted,) = portal.publish().accounted
    assert accounted.sums["withheld"] == 8


def test_rows_that_are_counted_are_not_withheld_for_standing_alone(portal: SmallPortal) -> None:
    file = portal.root / "datasets" / "alder-calls.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n[anonymity]\nwithhold = 0.1\n", encoding="utf-8")
    with pytest.raises(PortalError, match=r"withhold = 0\.1 for rows that are counted as well"):
        portal.open()


def test_a_k_that_no_change_reaches_is_told(portal: SmallPortal) -> None:
    add(portal, "people", [p for p in PERSON if '"day"' not in p and "'day'" not in p], PEOPLE,
        rest="\n[anonymity]\nk = 61\n")  # fmt: skip
    (found,) = portal.check().measured
    assert "No generalisation of age, sex reaches k = 61: there are 60 rows" in str(found.refusal)
    with pytest.raises(DataError, match="publish counts"):
        portal.publish()
    assert nothing_published(portal)


@pytest.mark.parametrize(
    ("declared", "where", "told"),
    [
        ('quasi = ["ages"]', "anonymity.quasi.0", "the column 'ages'"),
        ('sensitive = ["forces"]', "anonymity.sensitive.0", "the column 'forces'"),
        ('quasi = ["sex"]\nsensitive = ["sex"]', "anonymity.sensitive", "sex among both quasi and sensitive"),
        ("l = 2", "anonymity.l", "l = 2 and no sensitive column"),
        ("k = 1", "anonymity.k", "the number 1"),
        ("withhold = 0.6", "anonymity.withhold", "the number 0.6"),
    ],
)
def test_a_wrong_promise_is_one_problem(portal: SmallPortal, declared: str, where: str, told: str) -> None:
    add(portal, "people", PERSON, PEOPLE, rest=f"\n[anonymity]\n{declared}\n")
    with pytest.raises(PortalError) as raised:
        portal.open()
    (problem,) = raised.value.problems
    assert problem.where.endswith(where)
    assert told in problem.found


def test_rows_are_placed_by_their_point_where_a_street_is_published_as_its_town(portal: SmallPortal) -> None:
    csv = "street,lat,lon\n1 Elm Street,44.5,-71.5\n2 Elm Street,44.5,-70.5\n3 Elm Street,0,0\n"
    add(portal, "stops", [
        column("street", "text", "town"), column("county", "category", "none", derived=True),
        column("lat", "latitude", "", role="latitude"), column("lon", "longitude", "", role="longitude"),
    ], csv)  # fmt: skip
    portal.publish()
    rows = {(row["street"], row["county"]) for row in portal.public("stops").to_pylist()}
    assert rows == {("Birch", "Tree"), ("Cedar", "Tree"), (None, None)}


def test_a_town_becomes_its_county_where_that_reaches_k(portal: SmallPortal) -> None:
    towns = ["Birch"] * 2 + ["Cedar"] * 3 + ["Alder"] * 6
    csv = "town,sex\n" + "".join(f"{t},M\n" for t in towns)
    place = column("place", "category", "town", "town", role="place")
    add(portal, "stops", [place, column("sex", "category", "none")], csv, rest="\n[anonymity]\nk = 5\n")
    with pytest.raises(DataError, match="place: its county instead of its town") as raised:
        portal.publish()
    file = portal.root / "datasets" / "stops.toml"
    file.write_text(patched(file.read_text(encoding="utf-8"), str(raised.value)), encoding="utf-8")
    portal.publish()
    assert set(portal.public("stops")["place"].to_pylist()) == {"Tree"}


def test_a_check_tells_every_refusal(portal: SmallPortal) -> None:
    for name in ("people", "persons"):
        add(portal, name, PERSON, PEOPLE, rest="\n[anonymity]\n")
    refused = candor("check", "--portal", "portal", cwd=portal.root.parent)
    assert refused.returncode == 1
    assert "+++ b/datasets/people.toml" in refused.stderr
    assert "+++ b/datasets/persons.toml" in refused.stderr


def test_the_commands_tell_how_alike_the_rows_are(portal: SmallPortal) -> None:
    home = portal.root.parent
    add(portal, "people", PERSON, PEOPLE)
    told = candor("check", "--portal", "portal", cwd=home)
    assert told.returncode == 0, told.stderr
    assert "people: how alike public rows are in age, sex, day" in told.stdout
    assert "k = 1: rows in the smallest of" in told.stdout
    assert "declared: nothing" in told.stdout
    add(portal, "people", PERSON, PEOPLE, rest="\n[anonymity]\nk = 5\n")
    for command in ("check", "publish"):
        refused = candor(command, "--portal", "portal", cwd=home)
        assert refused.returncode == 1
        assert "Traceback" not in refused.stderr
        assert "+generalise" in refused.stderr
    assert nothing_published(portal)
    file = portal.root / "datasets" / "people.toml"
    file.write_text(patched(file.read_text(encoding="utf-8"), refused.stderr), encoding="utf-8")
    published = candor("publish", "--portal", "portal", "--json", cwd=home)
    assert published.returncode == 0, published.stderr
    found = json.loads(published.stdout)["anonymity"]["people"]
    assert found["k"] >= 5
    assert found["refused"] == ""
    # What was published is said again of a data set that is kept as it is.
    kept = version(portal, "people").anonymity
    assert kept is not None
    assert kept.model_dump() == {key: value for key, value in found.items() if key != "refused"} | {
        "quasi": kept.quasi,
        "not_measured": (),
    }


def test_a_key_is_made_by_a_command_and_hashes_what_is_published(portal: SmallPortal) -> None:
    home = portal.root.parent
    inside = candor("key", "new", "portal/secrets", cwd=home)
    assert inside.returncode == 1
    assert "lies in the portal's folder" in inside.stderr
    assert not (portal.root / "secrets").exists()
    made = json.loads(candor("key", "new", "candor.key", "--json", cwd=home).stdout)
    path = home / "candor.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = path.read_bytes()
    again = candor("key", "new", "candor.key", cwd=home)
    assert again.returncode == 1
    assert "is there already" in again.stderr
    assert path.read_bytes() == secret
    text = (portal.root / "portal.toml").read_text(encoding="utf-8")
    (portal.root / "portal.toml").write_text(text + 'key_file = "../candor.key"\n', encoding="utf-8")
    add(portal, "arrests", [CASE])
    said = candor("publish", "--portal", "portal", cwd=home)
    assert said.returncode == 0, said.stderr
    assert version(portal, "arrests").provenance.key == made["fingerprint"]
    assert secret.decode().strip() not in said.stdout + said.stderr


def test_the_page_of_the_data_set_says_what_was_done(portal: SmallPortal) -> None:
    with_key(portal)
    add(portal, "people", [*PERSON, column("case", "text", "hash", "age", disclosure="identifier")], PEOPLE,
        rest='\n[anonymity]\nk = 10\nquasi = ["sex"]\n')  # fmt: skip
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


@pytest.fixture
def rutland(portal: SmallPortal, shared_data: Path) -> Callable[[str], SmallPortal]:
    """Real use of force, read in place, each row an officer and a subject; `rest` is the promise."""

    def made(rest: str) -> SmallPortal:
        add(portal, "force", [
            column("case_number", "text", "hash", "CASE #"),
            column("date", "date", "date", "Date", role="time"),
            column("subject_age", "integer", "band10", "Subject Age"),
            column("subject_race", "category", "none", "Subject Race"),
            column("subject_sex", "category", "none", "Subject Sex"),
            column("force", "category", "none", "Force Utilized", disclosure="open"),
        ], "", rest=rest)  # fmt: skip
        source = shared_data / "rutland" / "use_of_force_2015_2017.csv"
        portal.replace('path = "force.csv"', f'path = "{source}"', "datasets/force.toml")
        with_key(portal)
        return portal

    return made


def test_rutlands_use_of_force(rutland: Callable[[str], SmallPortal]) -> None:
    """Measured as pycanon measures it, refused at k = 5 as it is, published after the proposed change."""
    portal = rutland("")
    portal.publish()
    agrees_with_pycanon(portal, "force")
    first = version(portal, "force").anonymity
    assert first is not None
    assert (first.rows, first.k, first.promised) == (221, 1, False)
    rutland('\n[anonymity]\nk = 5\nsensitive = ["force"]\n')
    with pytest.raises(DataError) as raised:
        portal.publish()
    file = portal.root / "datasets" / "force.toml"
    file.write_text(patched(file.read_text(encoding="utf-8"), str(raised.value)), encoding="utf-8")
    portal.publish()
    agrees_with_pycanon(portal, "force")
    kept: Any = version(portal, "force").anonymity
    assert kept.holds
    assert kept.k >= 5
    assert kept.rows == 221
