"""What would make a figure wrong without anybody noticing: residents, split towns, half-sent months, vanished kinds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
from tests.release.conftest import TOWNS, SmallPortal, call

from candor.cli import report
from candor.errors import PortalError
from candor.messages.vanished import vanished_sentence
from candor.places.builder.importer import import_files
from candor.published.release import Catalogue
from candor.store.store import Store

pytestmark = pytest.mark.long

ALDER, BIRCH, CEDAR = TOWNS
LON = {ALDER: "-72.5", BIRCH: "-71.5", CEDAR: "-70.5"}


def daily(
    first: date, last: date, town: str = ALDER, nature: str = "Noise", each: int = 1, start: int = 1
) -> list[str]:
    """`each` calls a day from the first to the last, in the town by their point."""
    days = [first + timedelta(days=d) for d in range((last - first).days + 1)]
    return [
        call(start + i * each + n, f"{day}T10:15:00-05:00", nature, lon=LON[town])
        for i, day in enumerate(days)
        for n in range(each)
    ]


def cover(portal: SmallPortal, first: str, last: str, *places: str) -> None:
    portal.replace('places = ["5000100001"]', f"places = {list(places or (ALDER,))}".replace("'", '"'))
    portal.replace('first_month = "2024-03"', f'first_month = "{first}"')
    portal.replace('last_month = "2024-04"', f'last_month = "{last}"')


def figure(portal: SmallPortal, geoid: str, period: str, category: str = "noise") -> dict[str, Any]:
    table = portal.public("call-rates-by-town")
    wanted = {"geoid": geoid, "period": period, "category": category, "initiated_by": "citizen"}
    for column, value in wanted.items():
        table = table.filter(pc.equal(table[column], value))
    (line,) = table.to_pylist()
    return dict(line)


def cells(portal: SmallPortal, place: str, *, category: str = "noise") -> dict[str, tuple[str, int | None, int | None]]:
    table = portal.public("calls-by-town")
    lines = table.filter(pc.equal(table["category"], category)).to_pylist()
    return {
        f"{x['month']:%Y-%m}": (x["coverage"], x["calls"], x["residents"])
        for x in lines
        if x["place"] == place and x["initiated_by"] == "citizen"
    }


def populations(portal: SmallPortal, lines: Sequence[str]) -> None:
    (portal.root / "places" / "populations.csv").write_text("\n".join(["geoid,year,residents", *lines, ""]))


def test_a_year_without_residents_has_no_rate_and_says_so(portal: SmallPortal) -> None:
    portal.write(daily(date(2022, 1, 1), date(2024, 12, 31)))
    cover(portal, "2022-01", "2024-12")
    populations(portal, [f"{ALDER},2022,500", f"{ALDER},2023,1000", f"{BIRCH},2022,1"])
    portal.publish()
    assert [figure(portal, ALDER, year)["rate"] for year in ("2022", "2023")] == [730, 365]
    missing = figure(portal, ALDER, "2024")
    assert (missing["calls"], missing["residents"], missing["rate"], missing["note"]) == (
        366, None, None, "residents not known",
    )  # fmt: skip
    # A longer period with a month of unknown residents has no rate either: the calls would have no persons to them.
    assert figure(portal, ALDER, "all")["note"] == "residents not known"
    assert figure(portal, ALDER, "2024-06")["note"] == "residents not known"
    month = cells(portal, "Alder")
    assert [month[m][2] for m in ("2022-12", "2023-01", "2024-01")] == [500, 1000, None]
    # Nothing is expected of a town with unknown residents, and the state that it is compared with leaves it out.
    assert (missing["expected"], missing["comparison"]) == (None, "")
    portal_words = Store(portal.root / "data").current()
    assert portal_words is not None
    assert portal_words.portal.population_years == (2022, 2023)


def test_zero_residents_are_not_unknown_residents(portal: SmallPortal) -> None:
    portal.write(daily(date(2024, 1, 1), date(2024, 12, 31)))
    cover(portal, "2024-01", "2024-12")
    populations(portal, [f"{ALDER},2024,0"])
    portal.publish()
    assert (figure(portal, ALDER, "2024")["note"], figure(portal, ALDER, "2024")["rate"]) == ("no residents", None)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"{ALDER},2023,-5", ["populations.csv:3", "'-5'", "a whole number from 0", "Correct the number"]),
        (
            "5000199999,2023,5",
            ["populations.csv:3", "'5000199999'", "GEOID of the portal's places", "Correct or remove"],
        ),
        (f"{ALDER},23,5", ["populations.csv:3", "'23'", "a year such as 2024", "Correct the year"]),
        (f"{ALDER},2022,600", ["populations.csv:3", "'5000100001 2022'", "each place and year once"]),
    ],
)
def test_wrong_residents_stop_the_publication(portal: SmallPortal, line: str, words: list[str]) -> None:
    portal.publish()
    before = Store(portal.root / "data").current()
    populations(portal, [f"{ALDER},2022,500", line])
    with pytest.raises(PortalError) as caught:
        portal.publish()
    assert all(word in str(caught.value) for word in words)
    assert Store(portal.root / "data").current() == before


def split(portal: SmallPortal, month: str = "2022-07") -> None:
    """Birch was part of Alder until then."""
    (portal.root / "places" / "changes.csv").write_text(
        f"geoid,from_month,before,note\n{BIRCH},{month},{ALDER},Birch became a city of its own.\n"
    )


def test_a_town_that_was_split_has_its_history_before_and_after_and_no_call_twice(portal: SmallPortal) -> None:
    first, last = date(2021, 1, 1), date(2023, 12, 31)
    alder, birch = daily(first, last, ALDER), daily(first, last, BIRCH, start=50_000)
    alarms = daily(first, last, BIRCH, "Alarm", start=90_000)
    portal.write([*alder, *birch, *alarms])
    cover(portal, "2021-01", "2023-12", ALDER, BIRCH)
    split(portal)
    populations(portal, [f"{ALDER},2021,900", f"{ALDER},2022,600", f"{BIRCH},2022,300", f"{ALDER},2023,610",
                         f"{BIRCH},2023,310"])  # fmt: skip
    portal.publish()
    old, new = cells(portal, "Alder"), cells(portal, "Birch")
    assert old["2022-06"] == ("reported", 60, 900)
    assert old["2022-07"] == ("reported", 31, 600)
    assert new["2022-06"] == ("not covered", None, None)
    assert new["2022-07"] == ("reported", 31, 300)
    total = portal.public("calls-by-town")["calls"]
    assert pc.sum(total).as_py() == len(alder) + len(birch) + len(alarms)
    assert "Outside the declared coverage" not in portal.public("calls-by-town")["place"].to_pylist()
    # Twice as many residents before, twice as many calls: the rate is the same, and nothing is compared across.
    rates = [figure(portal, ALDER, year) for year in ("2021", "2022", "2023")]
    assert rates[0]["rate"] == pytest.approx(730 / 900 * 1000, rel=1e-4)
    assert rates[1]["rate"] == pytest.approx((362 + 184) / ((900 * 181 + 600 * 184) / 365) * 1000, rel=1e-4)
    assert [f["year_change"] for f in rates] == ["", "different area", "different area"]
    assert figure(portal, ALDER, "2023-06")["year_change"] == "different area"
    assert figure(portal, ALDER, "2023-07")["year_change"] != "different area"
    assert figure(portal, ALDER, "2022-05")["year_change"] != "different area"
    part = figure(portal, BIRCH, "2022")
    assert (part["coverage"], part["months_reported"], part["calls"]) == ("partly reported", 6, 184)
    assert part["rate"] == pytest.approx(184 / (300 * 184 / 365) * 1000, rel=1e-4)
    assert figure(portal, BIRCH, "2023")["year_change"] == "different area"
    state = [figure(portal, "50", year) for year in ("2021", "2023")]
    assert [f["calls"] for f in state] == [730, 730]
    current = Store(portal.root / "data").current()
    assert current is not None
    (said,) = current.portal.place_changes
    assert (said.name, said.before_name, said.from_month) == ("Birch", "Alder", "2022-07")
    rows = portal.public("alder-calls")
    # Every row of Birch says its day, on which there was one of each kind.
    assert pc.sum(pc.equal(rows["geoid"], BIRCH)).as_py() == 2 * (184 + 365)


def test_one_census_before_the_split_gives_no_rate_behind_it(portal: SmallPortal) -> None:
    portal.write(daily(date(2022, 1, 1), date(2022, 12, 31), ALDER, each=2))
    cover(portal, "2022-01", "2022-12", ALDER, BIRCH)
    split(portal)
    populations(portal, [f"{ALDER},2022,900"])
    portal.publish()
    assert figure(portal, ALDER, "2022-05")["rate"] is not None
    assert figure(portal, ALDER, "2022-08")["note"] == "residents not known"
    assert figure(portal, BIRCH, "2022-08")["rate"] is None


def test_the_real_split_of_essex(portal: SmallPortal, shared_data: Path) -> None:
    """The boundaries of 2022 and the census of 2020, which knows no Essex Junction: no rate behind the split."""
    real = shared_data / "vermont_places"
    essex, junction = "5000724175", "5000724400"
    changes = portal.root / "changes.csv"
    changes.write_text(f"geoid,from_month,before,note\n{junction},2022-07,{essex},Incorporated as a city.\n")
    import_files(
        portal.root / "places", real / "town_boundaries_2022_essex_junction.geojson", real / "town_population_2020.csv",
        changes=changes,
    )  # fmt: skip
    # A point in the middle of Essex Junction, the whole year through.
    days = [date(2022, 1, 1) + timedelta(days=d) for d in range(365)]
    portal.write([call(n, f"{day}T10:15:00-05:00", lat="44.4906", lon="-73.1111") for n, day in enumerate(days, 1)])
    cover(portal, "2022-01", "2022-12", essex, junction)
    portal.publish()
    before, after = cells(portal, "Essex"), cells(portal, "Essex Junction")
    assert before["2022-06"] == ("reported", 30, 22_094)
    assert after["2022-06"] == ("not covered", None, None)
    assert before["2022-07"] == ("zero", 0, None)
    assert after["2022-07"] == ("reported", 31, None)
    assert figure(portal, junction, "2022")["note"] == "residents not known"


def test_an_agency_that_stops_half_way_through_a_month(portal: SmallPortal, capsys: pytest.CaptureFixture[str]) -> None:
    portal.write(daily(date(2024, 3, 1), date(2024, 6, 14)))
    cover(portal, "2024-03", "2024-06")
    run = portal.check()
    assert run.accounted[0].incomplete == {"Alder Police": ("2024-06",)}
    portal.publish()
    months = cells(portal, "Alder")
    assert months["2024-05"][:2] == ("reported", 31)
    assert months["2024-06"][:2] == ("not reported", None)
    # Its calls are not lost, and in no town's figure.
    assert cells(portal, "Outside the declared coverage") == {"2024-06": ("reported", 14, None)}
    year = figure(portal, ALDER, "2024")
    assert (year["calls"], year["months_reported"], year["coverage"]) == (92, 3, "partly reported")
    assert year["rate"] == pytest.approx(92 / (1000 * 92 / 366) * 1000, rel=1e-4)
    current = Store(portal.root / "data").current()
    assert current is not None
    assert current.coverage[0].incomplete == ("2024-06",)
    report.say_accounted(run.accounted)
    assert "Alder Police sent only part of 2024-06" in capsys.readouterr().out
    assert report.accounted_json(run.accounted[0])["incomplete_months"] == {"Alder Police": ["2024-06"]}


def test_a_kept_data_set_keeps_its_incomplete_months(portal: SmallPortal) -> None:
    portal.write(daily(date(2024, 3, 1), date(2024, 6, 14)))
    cover(portal, "2024-03", "2024-06")
    config = portal.root / "datasets" / "alder-calls.toml"
    other = config.read_text().replace("abcd-2345", "abcd-2346").replace("Alder Police", "Second Police")
    (portal.root / "datasets" / "other-calls.toml").write_text(other)
    portal.publish()
    from candor.publish.run import publish  # noqa: PLC0415  # only here by name

    publish(portal.open(), ["other-calls"])
    current = Store(portal.root / "data").current()
    assert current is not None
    assert {c.agency: c.incomplete for c in current.coverage} == {
        "Alder Police": ("2024-06",),
        "Second Police": ("2024-06",),
    }


def test_before_the_first_report_is_not_covered_and_a_silent_month_not_reported(portal: SmallPortal) -> None:
    portal.write([*daily(date(2024, 3, 1), date(2024, 3, 31)), *daily(date(2024, 5, 1), date(2024, 6, 30), start=500)])
    cover(portal, "2024-02", "2024-06")
    portal.publish()
    months = cells(portal, "Alder")
    assert {m: c for m, (c, _, _) in months.items()} == {
        "2024-02": "not reported",
        "2024-03": "reported",
        "2024-04": "not reported",
        "2024-05": "reported",
        "2024-06": "reported",
    }
    current = Store(portal.root / "data").current()
    assert current is not None
    assert current.coverage[0].gaps == ("2024-02", "2024-04")
    assert figure(portal, ALDER, "2024")["months_reported"] == 3


DENOMINATOR = """
[[denominators]]
name = "visitors"
title = "residents and visitors"
description = "An estimate"
file = "denominators/visitors.csv"
source = "The small portal's own estimate"
"""


def declare(portal: SmallPortal, *lines: str, toml: str = DENOMINATOR) -> None:
    path = portal.root / "portal.toml"
    path.write_text(path.read_text() + toml, encoding="utf-8")
    (portal.root / "denominators").mkdir(exist_ok=True)
    (portal.root / "denominators" / "visitors.csv").write_text("\n".join(["geoid,month,added", *lines, ""]))


def test_declared_persons_are_a_denominator_with_a_source(portal: SmallPortal) -> None:
    portal.write(daily(date(2024, 1, 1), date(2024, 12, 31)))
    cover(portal, "2024-01", "2024-12")
    declare(portal, f"{ALDER},,500", f"{ALDER},7,-1000", f"{BIRCH},,0")
    portal.publish()
    found = {
        (x["geoid"], x["denominator"], x["month"]): (x["year"], x["persons"], x["source"])
        for x in portal.public("denominators").to_pylist()
    }
    assert found[ALDER, "visitors", 6] == (2024, 1500, "The small portal's own estimate")
    assert found[ALDER, "visitors", 7] == (2024, 0, "The small portal's own estimate")
    assert found[BIRCH, "visitors", 7][1] == 2000
    assert found[CEDAR, "visitors", 7][1] is None  # no line is not zero
    assert found[ALDER, "residents", 7][1:] == (1000, "Towns of Vermont, residents of 2020")
    lines = portal.public("call-denominators-by-town").to_pylist()
    wanted = {"geoid": ALDER, "period": "2024", "category": "all", "initiated_by": "citizen"}
    year = {x["denominator"]: x for x in lines if wanted.items() <= x.items()}
    assert year["residents"]["figure"] == pytest.approx(366.0)
    assert year["visitors"]["figure"] == pytest.approx(366 / (1500 * 335 / 366) * 1000, rel=1e-4)
    assert {x["geoid"] for x in lines} == {ALDER}
    current = Store(portal.root / "data").current()
    assert current is not None
    assert [d.title for d in current.portal.denominators] == ["residents and visitors"]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([f"{ALDER},,-1001"], ["denominators/visitors.csv:2", "'-1001'", "not fewer than", "Correct the number"]),
        ([f"{ALDER},,5", "77,,5"], ["denominators/visitors.csv:3", "'77'", "GEOID of the portal's places"]),
        ([f"{ALDER},13,5"], ["denominators/visitors.csv:2", "'13'", "a month from 1 to 12, or nothing"]),
        ([f"{ALDER},,many"], ["denominators/visitors.csv:2", "'many'", "a whole number of persons"]),
        ([f"{ALDER},,5", f"{ALDER},,6"], ["denominators/visitors.csv:2", "denominators/visitors.csv:3", "once"]),
        ([f"{ALDER},1,5"], [f"{ALDER} without month 2, 3", "every month, or a line without a month"]),
    ],
)
def test_a_wrong_table_of_persons_stops_the_publication(
    portal: SmallPortal, lines: list[str], words: list[str]
) -> None:
    portal.publish()
    before = Store(portal.root / "data").current()
    declare(portal, *lines)
    with pytest.raises(PortalError) as caught:
        portal.publish()
    assert all(word in str(caught.value) for word in words), str(caught.value)
    with pytest.raises(PortalError):
        portal.check()
    assert Store(portal.root / "data").current() == before


def test_a_table_of_persons_that_is_not_there_and_a_name_that_is_taken(portal: SmallPortal) -> None:
    declare(portal, f"{ALDER},,5")
    (portal.root / "denominators" / "visitors.csv").unlink()
    with pytest.raises(PortalError, match=r"denominators/visitors.csv: found no such file"):
        portal.publish()
    portal.replace('name = "visitors"', 'name = "residents"', "portal.toml")
    with pytest.raises(PortalError, match=r"portal.toml.*another name than `residents`"):
        portal.publish()


def test_fewer_persons_than_none_in_the_year_with_the_fewest_residents(portal: SmallPortal) -> None:
    populations(portal, [f"{ALDER},2023,400", f"{ALDER},2024,900"])
    declare(portal, f"{ALDER},,-500")
    with pytest.raises(PortalError, match="'-500'"):
        portal.publish()


def test_a_kind_of_call_that_disappears_is_zero_only_where_the_agency_reports(portal: SmallPortal) -> None:
    noise = daily(date(2023, 1, 1), date(2023, 6, 30))
    patrols = daily(date(2023, 1, 1), date(2024, 9, 30), nature="Patrol", start=1000)
    portal.write([*noise, *patrols])
    # Rows that nobody sees, such as those of no standard category, do not say that the agency reported.
    portal.replace("Patrol,,officer", "Patrol,directed-patrol,officer", "crosswalks/alder-calls.csv")
    cover(portal, "2023-01", "2024-10")
    portal.publish()
    months = cells(portal, "Alder")
    assert [months[m][:2] for m in ("2023-06", "2023-07", "2024-09", "2024-10")] == [
        ("reported", 30), ("zero", 0), ("zero", 0), ("not reported", None),
    ]  # fmt: skip
    held = Catalogue(portal.root / "data" / "public").current()
    assert held.figures is not None
    series = held.figures.series(ALDER, "noise", "citizen")
    assert vanished_sentence(series, "Noise").startswith(
        "No call of this kind since June 2023; in the twelve months up to then there were 181 calls about noise."
    )


def group_towns(portal: SmallPortal, *lines: str) -> None:
    path = portal.root / "portal.toml"
    path.write_text(path.read_text() + '\n[similar]\nfile = "similar.csv"\n', encoding="utf-8")
    (portal.root / "similar.csv").write_text("\n".join(["geoid,group", *lines, ""]), encoding="utf-8")


def test_declared_groups_of_towns_are_the_second_benchmark(portal: SmallPortal) -> None:
    portal.write(daily(date(2024, 1, 1), date(2024, 12, 31)))
    cover(portal, "2024-01", "2024-12")
    group_towns(portal, f"{ALDER},college towns", f"{BIRCH},college towns")
    portal.publish()
    wanted = {"level": "town", "period": "2024", "category": "all", "initiated_by": "citizen"}
    rates = [x for x in portal.public("call-rates-by-town").to_pylist() if wanted.items() <= x.items()]
    groups = {x["geoid"]: x["similar_to"] for x in rates}
    assert groups[ALDER] == "college towns"
    assert groups[CEDAR] == ""


def test_mistakes_in_declared_groups_are_told_at_once(portal: SmallPortal) -> None:
    portal.write(daily(date(2024, 1, 1), date(2024, 3, 31)))
    cover(portal, "2024-01", "2024-03")
    group_towns(portal, "99999,college towns", f"{ALDER},", f"{BIRCH},one", f"{BIRCH},two")
    with pytest.raises(PortalError) as raised:
        portal.publish()
    assert [problem.where for problem in raised.value.problems] == [
        "similar.csv:2", "similar.csv:4", "similar.csv:5", "similar.csv:3",
    ]  # fmt: skip
