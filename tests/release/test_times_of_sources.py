"""Times as agencies write them, from the file to the published rows: in two columns, of another zone, of days alone."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.release.conftest import SmallPortal

from candor.accounting.records import Accounted
from candor.publish import rows
from candor.publish.result import Run

USUAL = '{ from = "when", format = "iso-offset" }'


def quarantined(run: Run) -> dict[str, int]:
    return {o.reason: o.rows for a in run.accounted for o in a.outcomes if o.outcome == "quarantined"}


def notes(run: Run) -> dict[str, int]:
    return {n.outcome: n.rows for a in run.accounted for n in a.notes}


def declared(portal: SmallPortal, mapping: str, cells: list[str], header: str = "when") -> None:
    """Declare how the time is read, and write a row for each of the cells (or several, parted by commas)."""
    columns = ["incident", "nature", "lat", "lon", "town", "marked", *header.split(",")]
    portal.replace('["incident", "when", "nature", "lat", "lon", "town", "marked"]', str(columns).replace("'", '"'))
    portal.replace(USUAL, mapping)
    lines = [f"C{n},{('Noise', 'Alarm')[n % 2]},44.5,-72.5,,0,{cell}" for n, cell in enumerate(cells)]
    portal.write(lines, ",".join(columns))


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> dict[str, pa.ChunkedArray]:
    """The times of the accounted rows in the order of the source, once a portal is published."""
    kept: dict[str, pa.ChunkedArray] = {}
    aside = rows.put_aside

    def looked_at(accounted: Accounted, quarantine: Path) -> None:
        table = pq.read_table(accounted.path, columns=["_row", "called_at"]).sort_by("_row")
        kept["called_at"] = table["called_at"]
        aside(accounted, quarantine)

    monkeypatch.setattr("candor.publish.row_steps.put_aside", looked_at)
    return kept


def test_a_day_beside_a_time_of_day_in_digits(portal: SmallPortal, times: dict[str, pa.ChunkedArray]) -> None:
    mapping = '{ from = ["day", "clock"], format = ["%m/%d/%Y %I:%M:%S %p", "hhmm"] }'
    cells = ["01/14/2024 12:00:00 AM,2224", "03/02/2024 12:00:00 AM,22", "03/03/2024 12:00:00 AM,0",
             "03/04/2024 12:00:00 AM,930.0", "03/05/2024 12:00:00 AM,2400", "03/06/2024 12:00:00 AM,"]  # fmt: skip
    declared(portal, mapping, cells, "day,clock")
    run = portal.publish()
    assert times["called_at"].to_pylist()[:4] == [
        datetime(2024, 1, 14, 22, 24), datetime(2024, 3, 2, 0, 22), datetime(2024, 3, 3), datetime(2024, 3, 4, 9, 30),
    ]  # fmt: skip
    # A day without a time of day is never said to be midnight.
    assert quarantined(run) == {}
    assert notes(run)["called_at has a day and no time of day: the day is kept"] == 2
    assert {t for t, p in said(portal) if p in ("hour", "part of day")} <= set(times["called_at"].to_pylist()[:4])


def test_a_row_whose_hour_is_not_known_says_the_day_at_most(portal: SmallPortal) -> None:
    """Beside rows of the same place and day that say the hour, and in no hour of the pattern of the week."""
    cells = [f"2024-03-05 1{n // 2 % 2}:0{n % 10}:00" for n in range(40)] + ["2024-03-05"] * 30
    declared(portal, '{ from = "when", format = "iso" }', cells)
    portal.publish()
    published = said(portal)
    assert {p for t, p in published} == {"hour", "date"}
    assert sum(p == "date" for _, p in published) == 30
    assert {t.hour for t, p in published if p == "hour"} == {10, 11}
    week = portal.public("call-hours-by-town").to_pylist()
    assert {(row["hour"], row["calls"]) for row in week} == {(10, 20), (11, 20)}


def said(portal: SmallPortal) -> list[tuple[datetime, str]]:
    """What the published rows say of their time, and how exactly."""
    rows = portal.public("alder-calls")
    return list(zip(rows["called_at"].to_pylist(), rows["called_at_precision"].to_pylist(), strict=True))


def test_days_alone_are_published_without_an_hour(portal: SmallPortal) -> None:
    days = [f"2024-03-{n % 27 + 1:02d}T00:00:00.000" for n in range(200)]
    declared(portal, '{ from = "when", format = "iso", precision = "day" }', days)
    portal.publish()
    published = portal.public("alder-calls")
    assert published.schema.field("called_at").type == pa.date32()
    assert set(published["called_at_precision"].to_pylist()) <= {"date", "week", "month"}
    assert "date" in published["called_at_precision"].to_pylist()


def test_months_alone_are_published_without_a_day(portal: SmallPortal) -> None:
    declared(portal, '{ from = "when", format = "%Y-%m" }', ["2024-03"] * 20 + ["2024-04"] * 20)
    run = portal.publish()
    published = portal.public("alder-calls")
    assert set(published["called_at"].to_pylist()) == {date(2024, 3, 1), date(2024, 4, 1)}
    assert set(published["called_at_precision"].to_pylist()) == {"month"}
    assert all(not a.incomplete for a in run.accounted)


def test_clock_times_of_another_zone_and_texts_that_say_their_own(
    portal: SmallPortal, times: dict[str, pa.ChunkedArray]
) -> None:
    portal.replace('path = "calls.csv"', 'path = "calls.csv"\nzone = "America/Los_Angeles"')
    cells = ["2024-03-05 10:15:00", "2024-03-05T10:15:00Z", "2024-03-05T10:15:00-05:00", "2024-03-05"]
    declared(portal, '{ from = "when", format = "iso" }', cells)
    portal.publish()
    assert times["called_at"].to_pylist()[:3] == [
        datetime(2024, 3, 5, 13, 15), datetime(2024, 3, 5, 5, 15), datetime(2024, 3, 5, 10, 15),
    ]  # fmt: skip


def test_local_times_that_do_not_exist_or_come_twice(portal: SmallPortal, times: dict[str, pa.ChunkedArray]) -> None:
    cells = ["2024-03-10 01:59:59", "2024-03-10 02:00:00", "2024-03-10 02:59:59", "2024-03-10 03:00:00",
             "2023-11-05 00:59:59", "2023-11-05 01:30:00", "2023-11-05T01:30:00-05:00",
             "2023-11-05 02:00:00"]  # fmt: skip
    declared(portal, '{ from = "when", format = "iso" }', cells)
    run = portal.publish()
    assert quarantined(run) == {}
    assert notes(run)["called_at is no local time, for the clocks went forward over it: the day is kept"] == 2
    assert notes(run)["called_at comes twice that day, for the clocks went back: it is taken as written"] == 1
    assert times["called_at"].to_pylist()[4:] == [
        datetime(2023, 11, 5, 0, 59, 59), datetime(2023, 11, 5, 1, 30), datetime(2023, 11, 5, 1, 30),
        datetime(2023, 11, 5, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("format_", "nothing"),
    [
        (
            "iso",
            ["0001-01-01T00:00:00+00:00", "1900-01-01", "9999-12-31 23:59:59", "1970-01-01T00:00:00Z", "1899-12-30"],
        ),
        ("%m/%d/%Y %H:%M", ["01/01/0001 00:00", "1/1/1900 0:00", "12/31/9999 23:59", "1/1/1970 0:00", "1/1/1753 0:00"]),
        ("epoch-milliseconds", ["0"]),
        ("excel-serial", ["0", "1", "2"]),
    ],
)
def test_dates_that_stand_for_none_are_missing(portal: SmallPortal, format_: str, nothing: list[str]) -> None:
    declared(portal, f'{{ from = "when", format = "{format_}" }}', nothing)
    assert quarantined(portal.check()) == {"called_at is empty": len(nothing)}


def test_what_is_wrong_with_a_side_column_costs_the_cell(portal: SmallPortal) -> None:
    """Its own schema: a court's day may be none, to come, or nonsense; the row is published all the same."""
    path = portal.root / "datasets" / "alder-calls.toml"
    path.write_text(
        'id = "abcd-2345"\ntitle = "Arrests"\n[source]\npath = "calls.csv"\n[schema]\nunit = "arrest"\n'
        '[[schema.columns]]\nname = "arrested_on"\nlabel = "Arrested"\ntype = "date"\nrole = "time"\n'
        'disclosure = "open"\npublish = true\n'
        '[[schema.columns]]\nname = "court"\nlabel = "Court"\ntype = "date"\ndisclosure = "open"\npublish = true\n'
        '[[schema.columns]]\nname = "bail"\nlabel = "Bail"\ntype = "integer"\ndisclosure = "open"\npublish = true\n'
        '[columns]\narrested_on = { from = "day" }\ncourt = { from = "court" }\nbail = { from = "bail" }\n',
        encoding="utf-8",
    )
    rows = ["2024-03-01,2024-05-01,5", "2024-03-02,0001-01-01T00:00:00+00:00,5", "2024-03-03,soon,5",
            "2024-03-04,2027-01-01,many", "soon,2024-05-01,5"]  # fmt: skip
    portal.write(rows, "day,court,bail")
    run = portal.publish()
    assert quarantined(run) == {"arrested_on is not an ISO date": 1}
    assert notes(run) == {"bail is not a number: left empty": 1, "court is not an ISO date: left empty": 1}
    published = portal.public("alder-calls").to_pylist()
    assert {row["court"] for row in published} == {date(2024, 5, 1), None, date(2027, 1, 1)}
    assert sorted(row["bail"] or 0 for row in published) == [0, 5, 5, 5]
