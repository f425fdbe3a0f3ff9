"""How an export writes its times: what is proposed for each form, and that the intake reads what is proposed."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from candor.engine.duck import DuckEngine
from candor.intake.typed import typed
from candor.portal.model import DatasetConfig
from candor.profiles.catalogue import standard_schemas
from candor.profiles.declared import effective_schema
from candor.profiles.profile import standard_taxonomy
from candor.propose.profiling import profile
from candor.propose.proposal import Proposal, propose
from candor.propose.shapes import clock_formats, date_formats
from candor.sources.base import ROW
from candor.sources.registry import land

CALLS = standard_schemas()["calls_for_service"]
ZONE = "America/New_York"
MOMENTS = [datetime(2023, 1, 1, 0, 30) + timedelta(hours=37, minutes=7) * n for n in range(200)]
"""Eleven months of times, at every hour of the day; none in the hour that spring leaves out."""

Written = Callable[[datetime], str]


def utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=ZoneInfo(ZONE)).astimezone(ZoneInfo("UTC"))


def local(moment: datetime) -> datetime:
    return moment.replace(tzinfo=ZoneInfo(ZONE))


def short(moment: datetime, format_: str) -> str:
    """As strftime, with the zeros in front left out."""
    return "".join(str(int(p)) if p.isdigit() else p for p in _parts(moment.strftime(format_)))


def _parts(text: str) -> list[str]:
    parts: list[str] = []
    for letter in text:
        if parts and parts[-1].isdigit() == letter.isdigit():
            parts[-1] += letter
        else:
            parts.append(letter)
    return parts


def proposal_of(folder: Path, header: str, rows: list[str], zone: str = ZONE) -> Proposal:
    file = folder / "export.csv"
    file.write_text(header + "\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return propose("some-calls", file, folder, schema=CALLS, taxonomy=standard_taxonomy("calls"), towns=None, zone=zone)


def declared(proposal: Proposal) -> DatasetConfig:
    return DatasetConfig.model_validate({**tomllib.loads(proposal.toml_text), "name": proposal.name})


def read(folder: Path, proposal: Proposal, zone: str = ZONE) -> pa.Table:
    """The typed rows by the proposal as it is."""
    dataset = declared(proposal)
    landed = land(dataset.source, folder / "export.csv", folder / "landed.parquet")
    with DuckEngine(zone, folder) as engine:
        schema = effective_schema(dataset, CALLS)
        table = typed(engine.numbered(landed.path, ROW), dataset, schema, engine, datetime(2030, 1, 1), None, zone)
        return engine.arrow(table.order_by(ROW))


FORMS: dict[str, Written] = {
    "socrata": lambda m: m.strftime("%Y-%m-%dT%H:%M:%S.000"),
    "iso with Z": lambda m: utc(m).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "offset behind a blank": lambda m: utc(m).strftime("%Y/%m/%d %H:%M:%S+00"),
    "24 hours, no seconds": lambda m: short(m, "%m/%d/%Y %H:%M"),
    "two-digit years": lambda m: m.strftime("%m/%d/%y %H:%M"),
    "four digits of the clock": lambda m: m.strftime("%m/%d/%Y %H%M"),
    "a.m. and p.m.": lambda m: m.strftime("%m/%d/%Y %I:%M %p").replace("AM", "a.m.").replace("PM", "p.m."),
    "a and p": lambda m: m.strftime("%m/%d/%Y %I:%M%p").replace("AM", "a").replace("PM", "p"),
    "blanks that do not break": lambda m: f'"{m.strftime("%m/%d/%Y, %I:%M:%S %p")}"'.replace(" PM", "\u202fPM"),
    "digits alone": lambda m: m.strftime("%Y%m%d%H%M%S"),
    "a weekday": lambda m: f'"{m.strftime("%A, %B %d, %Y %I:%M:%S %p")}"',
    "month's letters": lambda m: m.strftime("%b %d %Y %I:%M%p"),
    "oracle": lambda m: m.strftime("%d-%b-%y %I.%M.%S.000000 %p").upper(),
    "day first with points": lambda m: short(m, "%d.%m.%Y %H:%M"),
    "day first": lambda m: m.strftime("%d/%m/%Y %H:%M:%S"),
    "java": lambda m: local(m).strftime("%a %b %d %H:%M:%S %Z %Y"),
    "a zone's letters": lambda m: local(m).strftime("%m/%d/%Y %H:%M %Z"),
    "epoch": lambda m: str(int(utc(m).timestamp())),
    "epoch in thousandths": lambda m: str(int(utc(m).timestamp()) * 1000),
    ".NET": lambda m: f"/Date({int(utc(m).timestamp()) * 1000})/",
    "excel": lambda m: f"{(m - datetime(1899, 12, 30)) / timedelta(days=1):.8f}",
    "clock first": lambda m: m.strftime("%H:%M %m/%d/%Y"),
    "hours": lambda m: m.strftime("%Y-%m-%d %H:%M hrs"),
    "db2": lambda m: m.strftime("%Y-%m-%d-%H.%M.%S.000000"),
}


def in_one_file(folder: Path, forms: dict[str, Written]) -> Path:
    """A landed file of which each column has the moments in another form."""
    landed = folder / "landed.parquet"
    pq.write_table(
        pa.table({f"time {form}": [write(m).strip('"') for m in MOMENTS] for form, write in forms.items()}), landed
    )
    return landed


def as_read(folder: Path, landed: Path, formats: dict[str, str]) -> dict[str, list[datetime | None]]:
    """What the engine reads of each column by its form."""
    with DuckEngine(ZONE, folder) as engine:
        table = engine.read(landed)
        found = engine.arrow(table.select(**{name: engine.local_time(table[name], f) for name, f in formats.items()}))
        return {name: found[name].to_pylist() for name in formats}


def test_every_form_is_recognised_and_read_as_it_was_meant(tmp_path: Path) -> None:
    landed = in_one_file(tmp_path, FORMS)
    formats = {c.name: c.time_format for c in profile(landed, ZONE).columns}
    assert all(formats.values()), formats
    wrong = {name: formats[name] for name, times in as_read(tmp_path, landed, formats).items() if times != MOMENTS}
    assert not wrong


CLOCKS: dict[str, Written] = {
    "digits, zeros left out": lambda m: str(int(m.strftime("%H%M"))),
    "as spreadsheets write digits": lambda m: f"{int(m.strftime('%H%M'))}.0",
    "24 hours": lambda m: m.strftime("%H:%M"),
    "one digit of the hour": lambda m: short(m, "%H:") + m.strftime("%M:%S"),
    "12 hours": lambda m: m.strftime("%I:%M:%S %p"),
    "six digits": lambda m: m.strftime("%H%M%S"),
    "a day that stands for none": lambda m: m.strftime("1899-12-30T%H:%M:%S"),
    "another": lambda m: m.strftime("1/1/1900 %I:%M:%S %p"),
}


def test_every_clock_is_recognised_and_read_as_it_was_meant(tmp_path: Path) -> None:
    landed = in_one_file(tmp_path, CLOCKS)
    columns = profile(landed, ZONE).columns
    assert not any(c.time_format for c in columns)
    formats = {c.name: c.clock_format for c in columns}
    assert all(formats.values()), formats
    for name, times in as_read(tmp_path, landed, formats).items():
        assert [m and (m.hour, m.minute) for m in times] == [(m.hour, m.minute) for m in MOMENTS], name


@pytest.mark.parametrize(
    ("day", "clock"),
    [("%m/%d/%Y 12:00:00 AM", "digits, zeros left out"), ("%Y-%m-%dT00:00:00.000", "another"), ("%Y%m%d", "12 hours")],
)
def test_a_day_and_a_clock_in_two_columns_are_one_time(tmp_path: Path, day: str, clock: str) -> None:
    rows = [f"{n},{m.strftime(day)},7,{CLOCKS[clock](m)},Noise" for n, m in enumerate(MOMENTS)]
    proposal = proposal_of(tmp_path, "Id,Occ Date,Response Time,Occ Time,Nature", rows)
    assert declared(proposal).columns["called_at"].sources == ("Occ Date", "Occ Time")
    assert read(tmp_path, proposal)["called_at"].to_pylist() == MOMENTS


def test_hours_alone_are_hours(tmp_path: Path) -> None:
    rows = [f"{n},{m:%m/%d/%Y},{m.hour},Noise" for n, m in enumerate(MOMENTS)]
    proposal = proposal_of(tmp_path, "Id,Call Date,Call Hour,Nature", rows)
    assert declared(proposal).columns["called_at"].finest == "hour"
    assert read(tmp_path, proposal)["called_at"].to_pylist() == [m.replace(minute=0) for m in MOMENTS]


@pytest.mark.parametrize(
    "written",
    [
        lambda m: m.strftime("%m/%d/%Y 12:00:00 AM"),
        lambda m: m.strftime("%Y-%m-%dT00:00:00.000Z"),
        lambda m: utc(m.replace(hour=0, minute=0)).strftime("%Y/%m/%d %H:%M:%S+00"),
        lambda m: str(int(utc(m.replace(hour=0, minute=0)).timestamp()) * 1000),
        lambda m: str((m - datetime(1899, 12, 30)).days),
    ],
)
def test_days_stay_days_whatever_stands_behind_them(tmp_path: Path, written: Written) -> None:
    proposal = proposal_of(tmp_path, "Id,Call Date,Nature", [f"{n},{written(m)},Noise" for n, m in enumerate(MOMENTS)])
    assert declared(proposal).columns["called_at"].finest == "day"
    assert any("without an hour" in words for words in proposal.unsure)
    assert read(tmp_path, proposal)["called_at"].to_pylist() == [m.date() for m in MOMENTS]


@pytest.mark.parametrize("format_", ["%Y-%m", "%b-%y", "%Y%m", "%m/01/%Y 00:00"])
def test_months_stay_months(tmp_path: Path, format_: str) -> None:
    rows = [f"{n},{m.strftime(format_)},Noise" for n, m in enumerate(MOMENTS)]
    proposal = proposal_of(tmp_path, "Id,Month,Nature", rows)
    dataset = declared(proposal)
    assert dataset.columns["called_at"].finest == "month"
    assert read(tmp_path, proposal)["called_at"].to_pylist() == [m.date().replace(day=1) for m in MOMENTS]
    assert dataset.coverage
    assert (dataset.coverage.first_month, dataset.coverage.last_month) == ("2023-01", "2023-10")


def test_what_a_spreadsheet_leaves_of_a_time_is_no_time(tmp_path: Path) -> None:
    rows = [f"{n},{m:%M:%S}.0,Noise" for n, m in enumerate(MOMENTS)]
    proposal = proposal_of(tmp_path, "Id,Call Time,Nature", rows)
    assert "called_at" not in proposal.mapped
    assert "export again" in proposal.unsure[0]


def test_a_column_of_dates_that_stand_for_none_is_no_date(tmp_path: Path) -> None:
    rows = [f"{n},0001-01-01T00:00:00+00:00,{m:%Y-%m-%d %H:%M:%S},Noise" for n, m in enumerate(MOMENTS)]
    proposal = proposal_of(tmp_path, "Id,Trial,Arrested,Nature", rows)
    assert proposal.mapped["called_at"] == "Arrested"


def test_an_hour_beside_utc_confirms_local_time(tmp_path: Path) -> None:
    rows = [f"{n},{utc(m):%Y-%m-%dT%H:%M:%S.000Z},{m:%H%M},Noise" for n, m in enumerate(MOMENTS)]
    proposal = proposal_of(tmp_path, "Id,Date Reported,Hour Reported,Nature", rows)
    assert any("which Hour Reported confirms" in words for words in proposal.unsure)
    assert read(tmp_path, proposal)["called_at"].to_pylist() == MOMENTS


def test_elsewhere_the_day_comes_first_where_nothing_tells(tmp_path: Path) -> None:
    rows = [f"{n},0{n % 9 + 1}/0{n % 8 + 1}/2023 10:00,Noise" for n in range(72)]
    proposal = proposal_of(tmp_path, "Id,Call Date,Nature", rows, zone="Europe/London")
    assert declared(proposal).columns["called_at"].format == "%d/%m/%Y %H:%M"
    assert any("comes first" in words for words in proposal.unsure)


def test_numbers_are_dates_only_under_a_header_that_says_so(tmp_path: Path) -> None:
    rows = [f"{20230101 + n % 28},{n},Noise,{m:%Y-%m-%d %H:%M}" for n, m in enumerate(MOMENTS)]
    proposal = proposal_of(tmp_path, "Case,Beat,Nature,When", rows)
    assert proposal.mapped["called_at"] == "When"


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        # A tail of old rows, and reports that came late.
        (
            {"1990-01": 1, "1995-05": 2, "2020-02": 3, "2023-01": 250, "2023-02": 240, "2023-03": 260},
            ("2023-01", "2023-03"),
        ),
        ({"2024-01": 2, "2024-02": 40, "2024-03": 500}, ("2024-03", "2024-03")),
        # A mistyped month to come.
        ({"2023-01": 250, "2023-02": 240, "2023-03": 260, "2023-09": 1}, ("2023-01", "2023-03")),
        # Small agencies, seasons and growth are no tail.
        ({"2023-01": 3, "2023-02": 9, "2023-03": 14, "2023-04": 4}, ("2023-01", "2023-04")),
        ({"2023-01": 60, "2023-02": 90, "2023-03": 150, "2023-04": 200}, ("2023-01", "2023-04")),
    ],
)
def test_coverage_is_where_the_file_is_dense(tmp_path: Path, months: dict[str, int], expected: tuple[str, str]) -> None:
    rows = [f"{month}-{n % 28 + 1:02d} 10:{n % 60:02d}:00,Noise" for month, many in months.items() for n in range(many)]
    rows += [f"{month}-{day} 10:00:00,Noise" for month in months if month != "1990-01" for day in ("01", "28")]
    coverage = declared(proposal_of(tmp_path, "Call Time,Nature", rows)).coverage
    assert coverage
    assert (coverage.first_month, coverage.last_month) == expected


def test_a_text_is_given_few_formats() -> None:
    for shape in ("00/00/0000 00:00", "00000000", "0000-00-00T00:00:00", "0", "", "0" * 40, "a 00/00 b", "00:00.0"):
        assert len(date_formats(shape)) <= 4
        assert len(clock_formats(shape)) <= 2
