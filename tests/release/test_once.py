"""A small portal whose export changes after it was published: what stays, what is corrected and when, what goes."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.release.conftest import SmallPortal, call

from candor.errors import DataError
from candor.ledger.ledger import LedgerFolder
from candor.places.builder.importer import import_files
from candor.publish import withdrawing
from candor.store.model import Release
from candor.store.store import Store
from candor.store.tombstones import WithdrawalReason
from candor.store.withdrawals import Keys, Request

KINDS = ("Theft", "Fight", "Vandalism", "Trespass", "Burglary", "Arson", "Fraud", "Parking", "Robbery")
CATEGORIES = ("theft", "disturbance", "vandalism", "trespass", "burglary", "arson", "fraud", "parking", "robbery")
LON = {"Alder": "-72.5", "Birch": "-71.5"}
Line = dict[str, Any]


def special(number: int, nature: str, day: str = "2024-03-10", town: str = "Alder") -> str:
    return call(90_000 + number, f"{day}T10:15:00-05:00", nature, lon=LON[town])


def everyday() -> list[str]:
    """Two calls a day in each of two towns, from March 2024 to March 2025."""
    found = []
    for n in range(12 * 28):
        year, month, day = 2024 + (n // 28 + 2) // 12, (n // 28 + 2) % 12 + 1, n % 28 + 1
        for i, (town, kind) in enumerate((t, k) for t in LON for k in ("Noise", "Alarm")):
            found.append(call(10 * n + i + 1, f"{year}-{month:02d}-{day:02d}T10:15:00-05:00", kind, lon=LON[town]))
    return found


SPECIAL = {
    "retyped": (1, "Theft"),
    "turned sensitive": (2, "Vandalism"),
    "deleted": (3, "Trespass"),
    "turned open": (4, "Overdose"),
    "another town": (5, "Arson"),
    "another month": (6, "Fraud"),
    "a month to come": (7, "Robbery"),
    "another crosswalk": (8, "Parking"),
}


def cover(portal: SmallPortal) -> None:
    portal.replace('places = ["5000100001"]', 'places = ["5000100001", "5000100002"]')
    portal.replace('last_month = "2024-04"', 'last_month = "2025-12"')


@pytest.fixture(scope="module")
def _changing_template(_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("once") / "portal"
    shutil.copytree(_template, root)
    portal = SmallPortal(root)
    lines = "".join(f"{k},{c},,,\n" for k, c in zip(KINDS, CATEGORIES, strict=True))
    with (root / "crosswalks" / "alder-calls.csv").open("a", encoding="utf-8") as file:
        file.write(lines)
    cover(portal)
    portal.write([*everyday(), *(special(*s) for s in SPECIAL.values())])
    portal.clock("2025-02-05")
    portal.publish()
    return root


@pytest.fixture
def changing(_changing_template: Path, tmp_path: Path) -> SmallPortal:
    """The portal after its first publication, of ten months of 2024."""
    root = tmp_path / "changing"
    shutil.copytree(_changing_template, root)
    return SmallPortal(root)


def release(portal: SmallPortal) -> Release:
    found = Store(portal.root / "data").current()
    assert found is not None
    return found


def rows(portal: SmallPortal) -> Counter[tuple[str, str, str]]:
    """How many rows of the special kinds say which category, town and month."""
    found = [
        (r["category"], r["town"], f"{r['month']:%Y-%m}")
        for r in portal.public("alder-calls").to_pylist()
        if r["category"] in (*CATEGORIES, "overdose")
    ]
    return Counter(found)


def counts(portal: SmallPortal) -> Counter[tuple[str, str, str]]:
    """The same in the counts by town."""
    return Counter(
        {
            (x["category"], x["place"], f"{x['month']:%Y-%m}"): x["calls"]
            for x in portal.public("calls-by-town").to_pylist()
            if x["calls"] and x["category"] in (*CATEGORIES, "overdose")
        }
    )


AS_PUBLISHED = Counter(
    {(c, "Alder", "2024-03"): 1 for c in ("theft", "vandalism", "trespass", "arson", "fraud", "robbery", "parking")}
)
CORRECTED = Counter(
    {
        ("disturbance", "Alder", "2024-03"): 1,
        ("vandalism", "Alder", "2024-03"): 1,  # it has turned sensitive, and stays
        ("trespass", "Alder", "2024-03"): 1,  # it was deleted, and stays
        ("arson", "Birch", "2024-03"): 1,
        ("fraud", "Alder", "2024-04"): 1,
        ("robbery", "Alder", "2024-03"): 1,  # its new month is not published
        ("parking", "Alder", "2024-03"): 1,  # its type is the same, and the crosswalk counts forward
    }
)


def change(portal: SmallPortal) -> None:
    """What the agencies say of the special calls afterwards."""
    portal.replace("Parking,parking", "Parking,traffic-other", "crosswalks/alder-calls.csv")
    portal.write(
        [
            *everyday(), special(1, "Fight"), special(2, "Overdose"), special(4, "Burglary"),
            special(5, "Arson", town="Birch"), special(6, "Fraud", "2024-04-12"), special(7, "Robbery", "2025-03-12"),
            special(8, "Parking"),
        ]
    )  # fmt: skip


def test_corrections_are_made_together_on_the_day_of_the_year(changing: SmallPortal) -> None:
    assert rows(changing) == counts(changing) == AS_PUBLISHED
    before = changing.public("alder-calls")
    change(changing)
    changing.clock("2025-03-30")
    changing.publish()
    assert rows(changing) == AS_PUBLISHED
    assert counts(changing) == AS_PUBLISHED
    assert release(changing).corrected == ()
    # The months published since are added to the file of before.
    assert changing.public("alder-calls").slice(0, before.num_rows).equals(before)
    changing.clock("2025-03-31")
    changing.publish()
    assert release(changing).corrected == (2024,)
    assert rows(changing) == counts(changing) == CORRECTED
    # Once: what changes afterwards waits for the next year.
    changing.write([*everyday(), special(1, "Theft"), special(5, "Arson")])
    changing.clock("2025-06-30")
    changing.publish()
    assert release(changing).corrected == ()
    assert rows(changing) == counts(changing) == CORRECTED


def test_a_sensitive_figure_counts_what_has_turned_sensitive_until_it_is_told(changing: SmallPortal) -> None:
    change(changing)
    more = [special(100 + n, "Overdose", f"2024-05-{n + 1:02d}") for n in range(5)]
    with changing.export.open("a", encoding="utf-8") as file:
        file.write("\n".join(more) + "\n")
    changing.clock("2025-03-31")
    changing.publish()
    figures = {
        (x["level"], x["period"]): (x["coverage"], x["calls"])
        for x in changing.public("sensitive-calls").to_pylist()
        if x["category"] == "overdose"
    }
    # The one of March was told when there was none but the one that has turned open since; the year has six.
    assert figures["county", "2024-03"] == ("under 5", None)
    assert figures["county", "2024"] == ("partly reported", 5)
    told = {x["told_on"] for x in changing.public("sensitive-calls").to_pylist() if x["period"] == "2024-03"}
    assert told == {date(2025, 2, 5)}


def test_early_figures_are_of_the_county_and_state_to_the_nearest_10_and_told_once(changing: SmallPortal) -> None:
    def early() -> list[Line]:
        found: list[Line] = changing.public("early-calls").to_pylist()
        return found

    first = early()
    assert {f"{x['month']:%Y-%m}" for x in first} == {"2025-01"}
    assert {(x["level"], x["place"], x["category"], x["calls"]) for x in first} == {
        ("county", "Tree", "noise", 60), ("county", "Tree", "alarm", 60),
        ("state", "Small", "noise", 60), ("state", "Small", "alarm", 60),
    }  # fmt: skip
    assert {x["settles_on"] for x in first} == {date(2025, 3, 2)}
    changing.write([*everyday(), *(special(200 + n, "Noise", "2025-01-20") for n in range(40))])
    changing.publish()
    assert early() == first, "what was told early is not told again"
    changing.clock("2025-03-05")
    changing.publish()
    assert {f"{x['month']:%Y-%m}" for x in early()} == {"2025-02"}


def test_a_column_that_is_withheld_from_now_on_is_in_no_row_of_the_new_version(changing: SmallPortal) -> None:
    number = changing.public("alder-calls").num_rows
    changing.replace(
        "[coverage]", '[disclosure.placed_by]\npublish = false\nreason = "It says too much."\n\n[coverage]'
    )
    changing.publish()
    table = changing.public("alder-calls")
    assert "placed_by" not in table.column_names
    assert table.num_rows == number
    assert rows(changing) == AS_PUBLISHED
    assert sorted(table["id"].to_pylist()) == list(range(1, number + 1))


def withdraw(portal: SmallPortal, *, keys: Keys | None = None, version: int | None = None) -> None:
    opened = portal.open()
    waiting = withdrawing.withdrawals(opened)
    asked = Request(
        dataset="alder-calls", reason=WithdrawalReason.SEALED, asked=date(2025, 2, 5), keys=keys, version=version
    )
    waiting.request(asked, partial(withdrawing.rows_of, opened))
    withdrawing.remember_rows(opened, waiting.pending())
    waiting.carry_out(
        date(2025, 2, 5), now=True, rows_of=partial(withdrawing.rows_of, opened),
        figures_of=partial(withdrawing.figures_of, opened), inside=withdrawing.copies_inside(opened),
    )  # fmt: skip


def keys_of(portal: SmallPortal, *numbers: str) -> Keys:
    file = portal.root / "sealed.csv"
    file.write_text("incident\n" + "\n".join(numbers) + "\n", encoding="utf-8")
    return withdrawing.keys_of(portal.open(), "alder-calls", file)


def test_a_withdrawn_version_is_made_anew_without_rows_that_were_withdrawn_and_without_doubles(
    portal: SmallPortal,
) -> None:
    """Two calls in Cedar wait for others of their place and year, and are withdrawn with one that is public."""
    alone = [call(80_000 + n, f"2024-0{n + 3}-10T10:15:00-05:00", "Noise", lon="-70.5") for n in range(2)]
    cover(portal)
    portal.write([*everyday(), *alone])
    portal.clock("2025-02-05")
    portal.publish()
    public = portal.public("alder-calls")
    assert "Cedar" not in public["town"].to_pylist()
    withdraw(portal, keys=keys_of(portal, "C00001", "C80000"))
    assert portal.public("alder-calls").num_rows == public.num_rows - 1
    withdraw(portal, version=1)
    portal.clock("2025-03-31")  # the year is over: what waited is published, where there is enough of it
    portal.write([*everyday(), *alone, call(80_009, "2024-12-20T10:15:00-05:00", "Alarm", lon="-70.5")])
    portal.publish()
    now = portal.public("alder-calls")
    assert now["id"].to_pylist() == list(range(1, now.num_rows + 1))
    of_2024 = [r for r in now.to_pylist() if r["month"] and r["month"] < date(2025, 1, 1) and r["town"] != "Cedar"]
    assert len(of_2024) == public.num_rows - 1
    # Of the two in Cedar one is sealed, and the other one is alone still.
    assert "Cedar" not in now["town"].to_pylist()


def test_a_rollback_takes_nothing_back_that_was_told(changing: SmallPortal) -> None:
    store = Store(changing.root / "data")
    first = changing.public("alder-calls")
    changing.clock("2025-03-31")
    changing.publish()
    told = {
        tuple(x[k] for k in ("level", "place", "period", "category")): (x["coverage"], x["calls"], x["told_on"])
        for x in changing.public("sensitive-calls").to_pylist()
        if x["coverage"] in ("reported", "under 5", "partly reported")
    }
    second = changing.public("alder-calls")
    store.rollback(1)
    assert changing.public("alder-calls").equals(first)
    change(changing)
    changing.publish()
    # Published again it is what it was; what was corrected is corrected once.
    assert changing.public("alder-calls").equals(second)
    again = {
        tuple(x[k] for k in ("level", "place", "period", "category")): (x["coverage"], x["calls"], x["told_on"])
        for x in changing.public("sensitive-calls").to_pylist()
    }
    assert {k: again[k] for k in told} == told


def test_the_ledger_holds_what_was_told_to_the_last_release(changing: SmallPortal) -> None:
    folder = LedgerFolder(changing.root / "data" / "internal" / "ledger")
    number = release(changing).number
    releases = Store(changing.root / "data").releases()
    ledger = folder.read(releases)
    assert sorted(ledger.fixed("alder-calls")) == [f"2024-{m:02d}" for m in range(3, 13)]
    assert ledger.told.num_rows == len(
        [x for x in changing.public("sensitive-calls").to_pylist() if x["coverage"] in ("reported", "under 5")]
    ) + sum(x["coverage"] == "partly reported" for x in changing.public("sensitive-calls").to_pylist())
    again = replace(ledger)
    folder.write(number, again)
    assert folder.read(releases).told.equals(ledger.told)
    assert json.loads((changing.root / "data/internal/ledger" / str(number) / "ledger.json").read_text())["clock"] == (
        "2025-02-05T12:00:00"
    )
    assert all(Path(p).stat().st_mode & 0o077 == 0 for p in (changing.root / "data/internal/ledger").iterdir())


def test_a_ledger_that_is_lost_is_missed_though_the_one_before_is_there(changing: SmallPortal) -> None:
    changing.publish()
    folder = changing.root / "data" / "internal" / "ledger"
    newest = folder / str(release(changing).number)
    aside = newest.rename(folder / "aside")
    assert any(p.name.isdigit() for p in folder.iterdir())
    with pytest.raises(DataError, match="is missing"):
        changing.publish()
    aside.rename(newest)
    changing.publish()


def test_every_row_is_one_of_several_of_its_place_and_time_and_of_two_kinds(changing: SmallPortal) -> None:
    changing.clock("2025-03-31")
    changing.publish()
    classes: dict[tuple[object, ...], list[str]] = {}
    for row in changing.public("alder-calls").to_pylist():
        classes.setdefault((row["geoid"], row["called_at_precision"], row["called_at"]), []).append(row["category"])
    assert len(classes) > 100
    assert min(len(kinds) for kinds in classes.values()) >= 2
    assert min(len(set(kinds)) for kinds in classes.values()) >= 2


def test_the_hours_of_the_week_are_told_of_a_year_whose_day_has_come_and_once(changing: SmallPortal) -> None:
    assert release(changing).dataset("call-hours-by-town") is None
    changing.clock("2025-03-31")
    changing.publish()
    table = changing.public("call-hours-by-town")
    hours = table.to_pylist()
    assert {(x["year"], x["hour"]) for x in hours} == {(2024, 10), (2024, 11)}  # as the clocks change
    of_2024 = [r for r in changing.public("alder-calls").to_pylist() if r["called_at"].year == 2024]
    assert sum(x["calls"] for x in hours) == len(of_2024)
    assert {x["weekday"] for x in hours} == set(range(1, 8))
    changing.write([*everyday(), *(special(300 + n, "Noise") for n in range(9))])
    changing.clock("2025-04-20")
    changing.publish()
    assert changing.public("call-hours-by-town").equals(table)


def test_how_many_rows_are_withheld_is_told_by_year_once_as_a_sensitive_figure_is(changing: SmallPortal) -> None:
    assert release(changing).withheld_rows == ()
    overdoses = [special(400 + n, "Overdose", f"2024-06-{n + 1:02d}") for n in range(7)]
    changing.write([*everyday(), *overdoses])
    changing.clock("2025-03-31")
    changing.publish()
    told = release(changing).withheld_rows
    assert [(w.year, w.rows) for w in told] == [(2024, 5)]
    changing.write([*everyday(), *overdoses, *(special(420 + n, "Overdose", "2024-07-02") for n in range(30))])
    changing.clock("2025-05-05")
    changing.publish()
    assert release(changing).withheld_rows == told
    for version in release(changing).datasets:
        assert not any(r.outcome == "withheld" for r in (version.accounting.reasons if version.accounting else ()))


def test_a_town_that_is_split_off_counts_forward(changing: SmallPortal) -> None:
    """The boundaries are others from then on: what was published stays where it was."""
    before = Counter(r["town"] for r in changing.public("alder-calls").to_pylist())
    geojson = changing.root / "towns.geojson"
    towns = json.loads(geojson.read_text(encoding="utf-8"))
    for feature in towns["features"]:
        name = feature["properties"]["NAMELSAD"]
        west, east = {"Alder town": (-73, -72.7), "Birch town": (-72.7, -71), "Cedar town": (-71, -70)}[name]
        feature["geometry"]["coordinates"] = [[[west, 44], [east, 44], [east, 45], [west, 45], [west, 44]]]
    geojson.write_text(json.dumps(towns), encoding="utf-8")
    shutil.rmtree(changing.root / "places")
    import_files(changing.root / "places", geojson, changing.root / "people.csv")
    changing.clock("2025-03-31")  # also on the day of corrections
    changing.publish()
    rows = changing.public("alder-calls").to_pylist()
    assert Counter(r["town"] for r in rows if r["month"] and r["month"].year == 2024) == before
    # All points of the new year lie in the new Birch.
    assert {r["town"] for r in rows if r["month"] and r["month"].year == 2025} == {"Birch"}
    cube = changing.public("calls-by-town").to_pylist()
    alder = {(x["month"].year, x["coverage"]) for x in cube if x["place"] == "Alder" and x["category"] == "noise"}
    assert {(2024, "reported"), (2025, "zero")} <= alder


def test_a_data_set_of_which_nothing_waits_is_published_as_it_is(portal: SmallPortal) -> None:
    """Events to come, for example: no sensitive kinds, no people, and changed as often as they change."""
    (portal.root / "datasets" / "meetings.toml").write_text(
        'id = "mmmm-2345"\ntitle = "Meetings"\n[source]\npath = "meetings.csv"\ncolumns = ["when", "kind"]\n'
        '[settling]\ndays = 0\n[columns]\nwhen = { from = "when" }\nkind = { from = "kind" }\n[schema]\n'
        '[[schema.columns]]\nname = "when"\nlabel = "When"\ntype = "date"\nrole = "time"\ndisclosure = "open"\n'
        'publish = true\n'
        '[[schema.columns]]\nname = "kind"\nlabel = "Kind"\ntype = "category"\ndisclosure = "open"\npublish = true\n',
        encoding="utf-8",
    )  # fmt: skip
    for lines in (["2026-04-01,Talk", "2026-04-09,Walk"], ["2026-04-02,Talk"]):
        (portal.root / "meetings.csv").write_text("when,kind\n" + "\n".join(lines) + "\n", encoding="utf-8")
        portal.publish()
        found = [f"{r['when']},{r['kind']}" for r in portal.public("meetings").to_pylist()]
        assert found == lines
    assert portal.public("meetings").column_names == ["id", "when", "kind"]
