"""Exports in other layouts, small enough to be read here: what is proposed for each."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from candor.errors import DataError, UsageError
from candor.portal.model import DatasetConfig
from candor.portal.write import init_portal
from candor.profiles.catalogue import standard_schemas
from candor.profiles.check import open_portal
from candor.profiles.profile import standard_taxonomy
from candor.propose.add import add_dataset
from candor.propose.proposal import Proposal, Towns, propose
from candor.propose.time import MonthOfRows, whole_months

CALLS = standard_schemas()["calls_for_service"]
Floats = npt.NDArray[np.float64]
Propose = Callable[..., Proposal]


def _locate(x: Floats, _y: Floats) -> npt.NDArray[np.int32]:
    """Two towns side by side: Aton from 0 to 1 degree east, Beham from 1 to 2."""
    return np.where((x >= 0) & (x < 1), 0, np.where((x >= 1) & (x < 2), 1, -1)).astype(np.int32)


NAMES = {"aton": ("11",), "beham": ("22",), "beham village": ("22",), "green": ("11", "22")}
TOWNS = Towns(
    pa.table({"geoid": ["11", "22"], "name": ["Aton", "Beham"]}), _locate, lambda typed: NAMES.get(typed.lower(), ())
)


@pytest.fixture
def proposed(tmp_path: Path) -> Propose:
    def make(content: str | bytes, *, name: str = "some-calls", standard: bool = True, **options: object) -> Proposal:
        file = tmp_path / "export.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        schema = CALLS if standard else None
        given: dict[str, Any] = {
            "taxonomy": standard_taxonomy("calls"),
            "towns": TOWNS,
            "zone": "America/New_York",
            **options,
        }
        return propose(name, file, tmp_path, schema=schema, **given)

    return make


def _declared(proposal: Proposal) -> DatasetConfig:
    return DatasetConfig.model_validate({**tomllib.loads(proposal.toml_text), "name": proposal.name})


def _rows(*cells: str, days: int = 28) -> str:
    """A row a day of January 2024, `{d}` being the day."""
    return "".join(",".join(c.format(d=f"{d:02d}") for c in cells) + "\n" for d in range(1, days + 1))


def test_another_layout_is_recognised_by_its_headers_and_values(proposed: Propose) -> None:
    lines = "".join(
        f"C-{n};01/{n:02d}/2024 {n % 12 + 1}:05 PM;NOISE;SELF-INITIATED;{n} MAIN ST;BEHAM;-0.5{n};44.{n};NULL;x\n"
        for n in range(1, 29)
    )
    header = "Case No;Date/Time Received;Nature;Call Source;Location;Municipality;X Coord;Y Coord;Disposition;"
    header += "Remarks\n"
    dataset = _declared(proposed(header + lines))
    assert {n: m.source for n, m in dataset.columns.items()} == {
        "incident_number": "Case No", "called_at": "Date/Time Received", "call_type": "Nature",
        "call_origin": "Call Source", "street": "Location", "town_name": "Municipality",
        "longitude": "X Coord", "latitude": "Y Coord", "narrative": "Remarks",
    }  # fmt: skip
    assert dataset.source.delimiter == ";"
    assert dataset.columns["called_at"].format == "%m/%d/%Y %I:%M %p"
    assert dataset.columns["call_origin"].officer == ("SELF-INITIATED",)


@pytest.mark.parametrize(
    ("encoding", "mark", "written"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8-sig", b"\xef\xbb\xbf", "utf-8"),
        ("utf-16", b"", "utf-16"),
        ("cp1252", b"", "cp1252"),
    ],
)
def test_the_encoding_is_told(proposed: Propose, encoding: str, mark: bytes, written: str) -> None:
    text = "When,Nature,Village\n" + "2024-01-05T10:00:00-05:00,Café noise,Beham\n" * 3
    proposal = proposed(mark + text.encode(encoding))
    dataset = _declared(proposal)
    assert dataset.source.encoding == written
    assert proposal.crosswalk_text is not None
    assert "Café noise,3," in proposal.crosswalk_text
    assert any("not UTF-8" in words for words in proposal.unsure) == (written != "utf-8")


def test_markers_for_nothing_are_found_by_where_they_stand(proposed: Propose) -> None:
    text = "when,nature,latitude,longitude,street\n"
    text += "2024-01-01,Noise,N/A,N/A,Elm\n2024-01-02,None,44.1,0.5,Oak\n2024-01-03,Noise,44.2,0.5,-\n"
    dataset = _declared(proposed(text))
    assert set(dataset.source.missing) == {"", "N/A"}


def test_call_types_that_differ_by_capitals_and_blanks_are_one(proposed: Propose) -> None:
    proposal = proposed(
        "call date,call type\n" + _rows("2024-01-{d}", "Noise") + "2024-01-29,NOISE\n2024-01-30, noise \n"
    )
    assert proposal.crosswalk_text is not None
    assert proposal.crosswalk_text.splitlines()[1:] == ['Noise,30,noise,,,,sure,"by ""noise"""']
    assert any("rows are published without an hour" in words for words in proposal.unsure)


def test_dates_that_could_be_read_both_ways_are_said_to_be(proposed: Propose) -> None:
    proposal = proposed("call date,call type\n" + "".join(f"0{d}/0{d}/2024 10:00,Noise\n" for d in range(1, 9)))
    assert _declared(proposal).columns["called_at"].format == "%m/%d/%Y %H:%M"
    assert any("day or the month comes first" in words for words in proposal.unsure)
    sure = proposed("call date,call type\n" + "".join(f"{d}/01/2024 10:00,Noise\n" for d in range(10, 29)))
    assert _declared(sure).columns["called_at"].format == "%d/%m/%Y %H:%M"
    assert not any("comes first" in words for words in sure.unsure)


def test_a_required_column_that_is_not_there_is_asked_for(proposed: Propose) -> None:
    proposal = proposed("begin,colour\n2024-01-01T10:00:00,red\n")
    said = "\n".join(proposal.unsure)
    assert "No column was found for call_type" in said
    assert "begin is taken for called_at because no other column holds dates" in said
    assert proposal.crosswalk_text is not None, "the crosswalk is there to be filled"


def test_a_number_that_repeats_is_said_to(proposed: Propose) -> None:
    text = "call number,call time,nature\n" + "".join(f"{n // 2},2024-01-01T10:{n:02d}:00,Noise\n" for n in range(20))
    assert any("call number repeats" in words for words in proposed(text).unsure)


def test_a_file_of_many_agencies_is_recognised(proposed: Propose) -> None:
    text = "agency,call time,nature\nA,2024-01-01T10:00:00,Noise\nB,2024-01-02T10:00:00,Noise\n"
    assert any("agency names 2 agencies" in words for words in proposed(text).unsure)


@pytest.mark.parametrize(
    ("name", "share_in_beham", "places", "said"),
    [
        ("some-calls", 1.0, ("22",), ""),
        ("some-calls", 0.95, ("22",), "lie outside Beham"),
        ("some-calls", 0.6, (), "No town holds nine in ten points"),
        ("aton-calls", 0.95, ("22",), "name says Aton, its points Beham"),
        ("aton-calls", 0.6, ("11",), ""),
        ("green-calls", 0.6, (), "could mean Aton (11), Beham (22)"),
    ],
)
def test_the_towns_are_those_of_the_points_or_of_the_name(
    proposed: Propose, name: str, share_in_beham: float, places: tuple[str, ...], said: str
) -> None:
    inside = round(100 * share_in_beham)
    text = "call time,nature,lon,lat\n" + "".join(
        f"2024-01-01T10:00:00,Noise,{'1.5' if n < inside else '0.5'},44\n" for n in range(100)
    )
    proposal = proposed(text, name=name)
    coverage = _declared(proposal).coverage
    assert coverage is not None
    assert coverage.places == places
    assert said in "\n".join(proposal.unsure)


def test_the_towns_may_be_told_by_the_rows(proposed: Propose) -> None:
    text = (
        "call time,nature,town\n"
        + "2024-01-01T10:00:00,Noise,Beham Village\n" * 19
        + "2024-01-01T10:00:00,Noise,Aton\n"
    )
    coverage = _declared(proposed(text)).coverage
    assert coverage is not None
    assert coverage.places == ("22",)


def test_without_places_the_towns_are_asked_for(proposed: Propose) -> None:
    proposal = proposed("call time,nature\n2024-01-01T10:00:00,Noise\n", towns=None, agency="Beham police department")
    coverage = _declared(proposal).coverage
    assert coverage is not None
    assert (coverage.agency, coverage.places) == ("Beham police department", ())
    assert any("no places yet" in words for words in proposal.unsure)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([("2021-12-31", "2022-06-29", 60)], ("2022-01", "2022-06", ())),
        ([("2022-01-02", "2022-03-31", 30)], ("2022-01", "2022-03", ())),
        ([("2022-01-20", "2022-03-10", 30)], ("2022-02", "2022-02", ())),
        ([("2022-01-20", "2022-01-22", 30)], ("2022-01", "2022-01", ())),
        ([("2022-01-01", "2022-02-28", 30), ("2022-04-01", "2022-06-30", 30)], ("2022-01", "2022-06", ("2022-03",))),
        ([("2022-01-01", "2022-02-28", 30), ("2002-05-01", "2002-05-01", 1)], ("2022-01", "2022-02", ())),
        ([("2022-01-12", "2022-12-14", 1 / 30)], ("2022-01", "2022-12", ())),
        ([], ("", "", ())),
    ],
)  # fmt: skip
def test_months_that_are_covered_whole(
    spans: list[tuple[str, str, float]], expected: tuple[str, str, tuple[str, ...]]
) -> None:
    """Spans of days with so many rows a day; rarely a row: a month that begins late may still be whole."""
    days: dict[date, float] = {}
    for first, last, a_day in spans:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
        days |= {begin + timedelta(n): a_day for n in range((end - begin).days + 1)}
    months = []
    for month in sorted({d.replace(day=1) for d in days}):
        inside = sorted(d for d in days if d.replace(day=1) == month)
        months.append(MonthOfRows(month, max(1, round(sum(days[d] for d in inside))), inside[0], inside[-1]))
    found = whole_months(months)
    assert (found.first, found.last, found.gaps) == expected


def test_the_portals_zone_decides_the_month(proposed: Propose) -> None:
    text = "call time,nature\n" + "".join(
        f"2024-{m:02d}-{d:02d}T03:00:00Z,Noise\n" for m in (1, 2) for d in range(1, 30)
    )
    assert any(words.startswith("2023-12, before 2024-01, has few rows") for words in proposed(text).unsure)
    assert not any("2023-12" in words for words in proposed(text, zone="UTC").unsure)


def test_a_schema_of_ones_own_denies_what_can_identify(proposed: Propose) -> None:
    header = "Stop ID,Driver Name,stopDate,driverAge,Officer,Zip,Searched?,Race,Result,Badge #,Home Address,Town,"
    header += "Outcome,Notes\n"
    rows = "".join(
        f"{n},Person {n},2024-01-{n:02d},{20 + n},{n % 3},0{5700 + n},{'Yes' if n % 2 else 'No'},White,"
        f"{'Warning' if n % 2 else 'warning '},{n % 4},{n} Elm St,Beham,Ticket,"
        f"{'a long remark about what the driver said in words of ' + 'x' * n}\n"
        for n in range(1, 29)
    )
    proposal = proposed(header + rows, standard=False)
    dataset = _declared(proposal)
    assert not isinstance(dataset.schema_, str)
    columns = {c.name: c for c in dataset.schema_.columns}
    assert {n for n, c in columns.items() if c.publish} == {
        "stop_date", "searched", "result", "town_recorded", "outcome_recorded",
    }  # fmt: skip
    assert columns["searched"].type == "boolean"
    assert columns["driver_age"].generalise == "band10"
    assert dataset.columns["result"].labels == {"warning": "Warning"}
    assert "free text" in columns["notes_recorded"].reason.lower()
    assert all(c.reason for c in columns.values() if not c.publish)


@pytest.mark.parametrize("header", ['say "hi"', "a # b", "line\nbreak", "[x]", "=1+1", "é", "a.b", "'"])
def test_any_header_becomes_right_toml(proposed: Propose, header: str) -> None:
    quoted = '"' + header.replace('"', '""') + '"'
    proposal = proposed(f"when,{quoted}\n2024-01-01,red\n2024-01-02,blue\n2024-01-03,\n", standard=False)
    dataset = _declared(proposal)
    # A line break is a blank: a name is one line.
    header = header.replace("\n", " ")
    assert header in dataset.source.columns
    assert header in {m.source for m in dataset.columns.values()}


def test_a_cell_cannot_write_into_the_text(proposed: Propose) -> None:
    label = '"]\n[evil]\nx = "'
    cell = '"' + label.replace('"', '""') + '"'
    text = (
        "when,colour,how received,call type\n"
        + f"2024-01-01,red,{cell},{cell}\n2024-01-02,red,{cell.upper()},Noise\n" * 3
    )
    for standard in (True, False):
        values = tomllib.loads(proposed(text, standard=standard).toml_text)
        assert "evil" not in {k.lower() for k in values}


def test_a_file_of_which_no_row_can_be_read_is_refused(proposed: Propose) -> None:
    with pytest.raises(DataError, match="more cells than the header"):
        proposed("when,nature\n" + "2024-01-01,Noise, loud\n" * 3)


def test_the_source_is_written_so_that_the_portal_finds_it(tmp_path: Path) -> None:
    root = tmp_path / "portal"
    init_portal(root, title="T", jurisdiction="J", time_zone="UTC")
    (root / "exports").mkdir()
    inside, outside = root / "exports" / "a.csv", tmp_path / "b.csv"
    for file in (inside, outside):
        file.write_text("when,colour\n2024-01-01,red\n2024-01-02,red\n")
    add_dataset(root, "inside", inside)
    add_dataset(root, "outside", outside)
    portal = open_portal(root)
    assert portal.datasets["inside"].source.path == "exports/a.csv"
    assert (root / portal.datasets["outside"].source.path).samefile(outside)
    assert portal.datasets["inside"].id != portal.datasets["outside"].id
    assert list((root / "data" / "internal").iterdir()) == [], "nothing of the export is left behind"


def test_what_cannot_be_added_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    init_portal(tmp_path, title="T", jurisdiction="J", time_zone="UTC")
    source = tmp_path / "a.csv"
    source.write_text("when,colour\n")
    with pytest.raises(UsageError, match="Did you mean 'calls_for_service'"):
        add_dataset(tmp_path, "a", source, schema="calls-for-service")
    with pytest.raises(UsageError, match="no file"):
        add_dataset(tmp_path, "a", tmp_path / "nowhere.csv")
    with pytest.raises(DataError, match="no rows"):
        add_dataset(tmp_path, "a", source)
    source.write_bytes(b"")
    with pytest.raises(DataError, match="empty"):
        add_dataset(tmp_path, "a", source)
    assert list((tmp_path / "datasets").iterdir()) == []
