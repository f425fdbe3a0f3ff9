"""A kind of data set that Candor has never heard of: a folder of data files in a portal, and no Python."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.once.world import Portal, Size, draw, records
from tests.site.conftest import running

from candor.audit import Public, audit_release
from candor.errors import DataError, PortalError
from candor.profiles.check import open_portal
from candor.publish.run import publish
from candor.store.model import Release
from candor.store.public import PublicStore

CRASHES = Path(__file__).parent / "crashes"
DATASET = """
id = "cras-2345"
title = "Crashes by town"
schema = "crashes_by_place"
origin = "A department of transportation"
definition = "Crashes on public roads."

[source]
kind = "counts"
path = "crashes.csv"

[columns]
place = "place"
period = "year"

[categories]
property-damage = "damage"
injury = "injury"
fatal = "fatal"
"""
TOWNS = 6


def declare(root: Path) -> Portal:
    """A portal of calls that counts crashes too: Town 000 has four times as many as the others."""
    made = Portal(root, draw(Size(towns=TOWNS, counties=2, agencies=3, months=26, calls=0.4, seed=11)))
    shutil.copytree(CRASHES, root / "profiles" / "crashes")
    (root / "datasets" / "crashes.toml").write_text(DATASET, encoding="utf-8")
    lines = ["place,year,damage,injury,fatal"]
    for year in (2022, 2023, 2024):
        for town, people in enumerate(made.world.residents[: TOWNS - 1]):
            many = int(people) * (8 if town == 0 else 2) // 100
            lines.append(f"Town {town:03d},{year},{many},{many // 4},{town * 3}")
    (root / "crashes.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("third")
    declare(folder).publish(date(2025, 6, 10))
    return folder


@pytest.fixture(scope="module")
def site(root: Path) -> Iterator[httpx.Client]:
    with running(root / "data" / "public") as client:
        yield client


def release(root: Path) -> Release:
    found = PublicStore(root / "data" / "public").current()
    assert found is not None
    return found


def table(root: Path, name: str) -> pa.Table:
    store = PublicStore(root / "data" / "public")
    version = release(root).dataset(name)
    assert version is not None, name
    return pa.concat_tables([pq.read_table(path) for path in store.files(version)])


def test_its_counts_rates_and_comparison_are_published_with_their_coverage(root: Path) -> None:
    counts = table(root, "crashes-by-town").to_pylist()
    last = f"Town {TOWNS - 1:03d}"
    assert {line["coverage"] for line in counts if line["place"] == last} == {"not covered"}
    known = [line for line in counts if line["place"] != last and line["category"] == "property-damage"]
    assert all(
        line["crashes"] == line["residents"] * (8 if line["place"] == "Town 000" else 2) // 100 for line in known
    )
    rates = {
        (line["place"], line["period"], line["category"]): line
        for line in table(root, "crash-rates-by-town").to_pylist()
    }
    town = rates["Town 000", "2024", "property-damage"]
    assert town["rate"] == pytest.approx(80, rel=0.1)
    assert town["rate_low"] < town["rate"] < town["rate_high"]
    assert town["expected"] < town["crashes"]
    assert (rates["State", "2024", "all"]["crashes"] or 0) > 0


def test_its_sensitive_kind_is_rounded_and_in_no_total(root: Path) -> None:
    fatal = [line for line in table(root, "crashes-by-town").to_pylist() if line["category"] == "fatal"]
    told = {line["place"]: (line["coverage"], line["crashes"]) for line in fatal if line["year"] == 2024}
    assert [told[f"Town {t:03d}"] for t in range(5)] == [
        ("under 5", None), ("under 5", None), ("reported", 5), ("reported", 10), ("reported", 10),
    ]  # fmt: skip
    rates = table(root, "crash-rates-by-town").to_pylist()
    assert not [line for line in rates if line["category"] == "fatal" and line["level"] == "state"]
    (whole,) = [x for x in rates if (x["level"], x["category"], x["period"]) == ("state", "all", "2024")]
    counted = [x for x in table(root, "crashes-by-town").to_pylist() if x["year"] == 2024 and x["category"] != "fatal"]
    assert whole["crashes"] == sum(x["crashes"] or 0 for x in counted)


def test_its_columns_are_described_in_its_words_and_in_those_of_every_profile(root: Path) -> None:
    version = release(root).dataset("crash-rates-by-town")
    counts = release(root).dataset("crashes-by-town")
    assert version is not None
    assert counts is not None
    said = {c.name: (c.label, c.description) for c in version.columns}
    assert said["expected"] == (
        "Expected crashes",
        "The crashes that the rate of the other towns would bring to this many persons, over the period in"
        " `compared_over`.",
    )
    assert said["crashes"] == ("Crashes", "Crashes of the year.")
    assert (version.title, counts.title) == ("Crash rates by town", "Crashes by town and year")
    assert not [text for one in (version, counts) for text in (one.description, *map(str, one.columns)) if "{" in text]


def test_the_release_says_what_it_is_and_the_audit_looks_through_it(root: Path) -> None:
    found = release(root)
    assert [p.name for p in found.profiles] == ["calls", "crashes"]
    assert [c.slug for c in found.kinds("crashes")] == ["property-damage", "injury", "fatal"]
    assert audit_release(Public.in_force(PublicStore(root / "data" / "public"))).passed


@pytest.mark.parametrize(
    ("name", "where", "change", "says"),
    [
        ("crashes-by-town", {"category": "fatal", "crashes": 5}, {"crashes": 6}, "says 6 of a sensitive kind"),
        ("crash-rates-by-town", {"category": "fatal", "crashes": 5}, {"level": "state"}, "the state's total of a"),
        ("crash-rates-by-town", {"category": "fatal", "coverage": "not yet"}, {"rate": 1.0}, "gives rate"),
        ("crash-rates-by-town", {"category": "all", "place": "Town 001"}, {"crashes": 1}, "add up to something else"),
        ("crash-rates-by-town", {"category": "road", "place": "Town 002"}, {"crashes": 1}, "add up to something else"),
    ],
)
def test_numbers_that_break_the_contract_are_no_release(
    root: Path, tmp_path: Path, name: str, where: dict[str, object], change: dict[str, object], says: str
) -> None:
    folder = tmp_path / "public"
    shutil.copytree(root / "data" / "public", folder)
    version = release(root).dataset(name)
    assert version is not None
    path = folder / version.files[0]
    lines = pq.read_table(path).to_pylist()
    changed = [line for line in lines if where.items() <= line.items()]
    if not changed:  # of what is published nothing waits
        changed = [next(line for line in lines if line["category"] == where["category"] and line["level"] == "town")]
        changed[0].update({"crashes": None, "coverage": "not yet"})
    for line in changed:
        line.update(change)
    pq.write_table(pa.Table.from_pylist(lines, pq.read_schema(path)), path)
    with pytest.raises(DataError, match=says):
        audit_release(Public.in_force(PublicStore(folder)))


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/map?layer=crashes", "Crashes in open categories"),
        ("/map?layer=crashes&category=fatal", "Crashes of the kind fatal crash"),
        ("/map?layer=crashes", "Crashes on roads</option>"),
        ("/places/5000000000?layer=crashes", "crashes in open categories in Town 000"),
        ("/places/5000000000?layer=crashes", "How dangerous a road is"),
        ("/places/5000000000?layer=crashes", "Kinds of crashes"),
        ("/compare?places=5000000000,5000000001&layer=crashes", "Town 001"),
        ("/datasets/crashes-by-town", "Crashes by town and year"),
        ("/datasets/crash-rates-by-town", "Crash rates by town"),
        ("/methods", "This site shows calls and crashes"),
        ("/privacy", "Fatal crash (crashes)"),
    ],
)
def test_it_has_its_pages_in_its_own_words(site: httpx.Client, address: str, says: str) -> None:
    answer = site.get(address, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    assert says in answer.text
    main = answer.text.partition('<main id="main-content"')[2]
    if "layer=crashes" in address:
        assert "offence" not in main
        assert "of calls" not in main.replace("Numbers of calls", "")


def test_its_figures_are_files_too(site: httpx.Client) -> None:
    lines = site.get("/map.csv?layer=crashes&period=2024&category=property-damage").text.splitlines()
    assert "crashes" in lines[0].split(",")
    assert len(lines) == TOWNS + 1


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("profile.toml", 'name = "crashes"', 'name = "wrecks"', "Name the profile as its folder"),
        ("profile.toml", 'many = "crashes"', "", "words.many"),
        ("profile.toml", 'figures = "crash-rates-by-town"', 'figures = "crashed"', "a table that the profile does not"),
        ("profile.toml", 'figures = "crash-rates-by-town"', 'figures = "c"\nhours = "h"', "has no such table"),
        ("published.toml", 'title = "Crash', 'columns = { state_of_it = "" }\ntitle = "Crash', "found state_of_it"),
        ("published.toml", 'title = "Crash', 'columns = [{ name = "level" }]\ntitle = "Crash', "geoid, initiated_by"),
        ("profile.toml", 'form = "counts by year"', 'form = "rows by month"', "no schema that is counted"),
        ("profile.toml", 'schemas = ["crashes_by_place"]', 'schemas = ["offences_by_place"]', "which offences has too"),
        ("profile.toml", 'count = "crashes"', 'count = "crashes; DROP"', "count"),
        ("categories.csv", "A death points at a family.", "", "with its reason"),
    ],
)
def test_a_profile_that_is_not_sound_is_told(tmp_path: Path, file: str, old: str, new: str, says: str) -> None:
    portal = declare(tmp_path)
    path = tmp_path / "profiles" / "crashes" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    day = date(2025, 6, 10)
    portal.write(records(portal.world, day), day)
    with pytest.raises(PortalError, match=says):
        publish(open_portal(tmp_path))
