"""Bad input: a clear error, nothing lost."""

from __future__ import annotations

import codecs
import csv
import io
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.release.conftest import HEADER, SmallPortal, call, lines

from candor.errors import CandorError, DataError, UsageError
from candor.publish.result import Run
from candor.store.store import Store

Sums = Callable[[Run], dict[str, int]]


def reasons(run: Run) -> dict[str, int]:
    return {o.reason: o.rows for a in run.accounted for o in a.outcomes if o.reason}


def notes(run: Run) -> dict[str, int]:
    return {n.outcome: n.rows for a in run.accounted for n in a.notes}


def refused(portal: SmallPortal, *words: str, kind: type[CandorError] = DataError) -> None:
    """The publication is refused in these words, and the release in force stays."""
    before = Store(portal.root / "data").current()
    with pytest.raises(kind) as caught:
        portal.publish()
    for word in words:
        assert word in str(caught.value)
    assert Store(portal.root / "data").current() == before


def test_missing_file(portal: SmallPortal) -> None:
    portal.publish()
    portal.export.unlink()
    refused(portal, "There is no file", "calls.csv", "Check the path", kind=UsageError)


def test_empty_file(portal: SmallPortal) -> None:
    portal.export.write_bytes(b"")
    refused(portal, "is empty (0 bytes)", "Run the export again")


def test_header_only(portal: SmallPortal) -> None:
    portal.write([])
    refused(portal, "has a header and no rows")


def test_truncated_last_line(portal: SmallPortal, sums: Sums) -> None:
    portal.export.write_text("\n".join([HEADER, *lines(6), "C00007,2024-03-0"]), encoding="utf-8")
    run = portal.publish()
    assert sums(run) == {"read": 7, "published": 6, "duplicates": 0, "quarantined": 1, "withheld": 0}
    assert reasons(run) == {"the line has fewer cells than the header (first at line 8)": 1}
    assert "last line may have been cut" in run.accounted[0].landed.notes[0]
    kept = portal.root / "data" / "quarantine" / "alder-calls.unreadable.parquet"
    assert duckdb.sql(f"SELECT text FROM read_parquet('{kept}')").fetchall() == [("C00007,2024-03-0",)]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_undeclared_latin1_is_one_lines_matter_and_told(portal: SmallPortal, encoding: str, sums: Sums) -> None:
    rows = [*lines(3), call(4, town="Montpélier")]
    portal.export.write_bytes("\n".join([HEADER, *rows, ""]).encode(encoding))
    run = portal.publish()
    assert sums(run)["published"] == 4
    (note,) = run.accounted[0].landed.notes
    assert "line 5" in note
    assert "Windows text" in note
    portal.replace('path = "calls.csv"', f'path = "calls.csv"\nencoding = "{encoding}"')
    assert sums(portal.publish())["published"] == 4


def test_utf16_is_read_as_its_mark_says_and_told_where_not_declared(portal: SmallPortal, sums: Sums) -> None:
    portal.export.write_bytes("\n".join([HEADER, *lines(5), ""]).encode("utf-16"))
    run = portal.publish()
    assert sums(run)["published"] == 5
    assert "UTF-16" in run.accounted[0].landed.notes[0]
    portal.replace('path = "calls.csv"', 'path = "calls.csv"\nencoding = "utf-16"')
    assert sums(portal.publish())["published"] == 5


def test_doubled_byte_order_mark(portal: SmallPortal, sums: Sums) -> None:
    portal.export.write_bytes(codecs.BOM_UTF8 * 2 + "\n".join([HEADER, *lines(5), ""]).encode())
    assert sums(portal.publish())["published"] == 5


def test_newlines_in_quoted_cells(portal: SmallPortal, sums: Sums) -> None:
    portal.write([*lines(3), call(4, nature='"No\nise"')])
    run = portal.publish()
    assert sums(run)["read"] == 4
    assert run.accounted[0].new_types == (("No ise", 1),)


def test_column_renamed_since_the_last_run(portal: SmallPortal) -> None:
    portal.publish()
    portal.write(lines(), HEADER.replace("nature", "natur"))
    refused(portal, "has no column 'nature' (did you mean 'natur'?)", "correct `from`")


def test_column_new_since_the_last_run_is_told_and_not_published(portal: SmallPortal) -> None:
    portal.write([line + ",secret" for line in lines()], HEADER + ",caller")
    run = portal.publish()
    assert run.accounted[0].landed.notes == ("New columns in the source, not published: caller.",)
    assert "caller" not in portal.public("alder-calls").column_names


def test_a_name_that_comes_twice_is_told_and_the_first_is_meant(portal: SmallPortal, sums: Sums) -> None:
    portal.write([line + ",x" for line in lines()], HEADER + ",Town")
    run = portal.publish()
    assert sums(run)["published"] == len(lines())
    assert "More than one column is called 'town'" in run.accounted[0].landed.notes[0]


def test_dates_that_do_not_parse_or_lie_in_the_future(portal: SmallPortal, sums: Sums) -> None:
    later = "2026-04-12T00:00:00-04:00"  # two days after the portal's clock
    portal.write(
        [
            *lines(3),
            call(4, "yesterday"),
            call(5, "2024-13-01T00:00:00-05:00"),
            call(6, later),
            call(7, ""),
            call(8, "1066-10-14T09:00:00Z"),
            call(9, "2024"),
        ]
    )
    run = portal.publish()
    assert sums(run) == {"read": 9, "published": 3, "duplicates": 0, "quarantined": 6, "withheld": 0}
    assert reasons(run) == {
        "called_at is not an ISO date": 3,
        "called_at lies in the future": 1,
        "called_at is empty": 1,
        "called_at lies before 1900": 1,
    }
    # The publisher finds the rows as the source had them.
    assert [row["when"] for row in portal.quarantine()][:2] == ["yesterday", "2024-13-01T00:00:00-05:00"]


def test_coordinates_at_null_island_swapped_and_off_the_globe(portal: SmallPortal, sums: Sums) -> None:
    portal.write(
        [
            *lines(3),
            call(4, lat="0", lon="0"),
            call(5, lat="-72.5", lon="44.5"),
            call(6, lat="444", lon="-72.5"),
            call(7, lat="10", lon="10", town="Birch"),
            call(8, lat="", lon=""),
        ]
    )
    run = portal.publish()
    # The one call in Birch waits for others of its place: one of two kinds in a year would be one that is known.
    assert (sums(run)["published"], sums(run)["withheld"]) == (7, 1)
    assert notes(run) == {
        "coordinates are 0, 0": 1,
        "coordinates look swapped": 1,
        "coordinates are off the globe": 1,
        "point outside every town": 1,
    }
    placed = {p.outcome: p.rows for p in run.accounted[0].placed_by}
    assert placed == {"point": 3, "declared town": 1, "agency area": 4}


def test_key_that_repeats(portal: SmallPortal, sums: Sums) -> None:
    portal.write(
        [
            *lines(3),
            lines(3)[0],
            call(2, nature="Overdose"),
            call(9, nature="Alarm"),
            call(9, nature="Alarm"),
            call(9).replace("C00009", ""),
        ]
    )
    run = portal.publish()
    assert sums(run) == {"read": 8, "published": 4, "duplicates": 2, "quarantined": 2, "withheld": 0}
    assert reasons(run)["incident_number stands for rows with different values"] == 2


def test_million_character_cell(portal: SmallPortal, sums: Sums) -> None:
    portal.write([*lines(3), call(4, town="x" * 1_000_000)])
    run = portal.publish()
    assert sums(run)["published"] == 4
    assert notes(run)["unknown town name"] == 1


def test_a_line_beyond_all_measure_is_quarantined(portal: SmallPortal, sums: Sums) -> None:
    portal.write([*lines(3), call(4, town="x" * 17_000_000)])
    run = portal.publish()
    assert sums(run)["quarantined"] == 1
    assert "longer than 16 million characters" in next(iter(reasons(run)))


def test_quote_that_never_closes(portal: SmallPortal, sums: Sums) -> None:
    portal.write([*lines(3), call(4, nature='"Noise'), call(5)])
    run = portal.publish()
    # It swallows no row, and is a letter of its cell.
    assert sums(run) == {"read": 5, "published": 5, "duplicates": 0, "quarantined": 0, "withheld": 0}
    assert "stray quotes" in run.accounted[0].landed.notes[0]


def test_unmapped_and_sensitive_types_and_marks_are_withheld_and_counted(portal: SmallPortal, sums: Sums) -> None:
    portal.write(
        [
            *lines(62),
            call(104, nature="Séance"),
            call(105, nature=""),
            call(106, nature="Overdose"),
            call(107, marked="1"),
            call(108, nature="Patrol"),
        ]
    )
    run = portal.publish()
    assert sums(run) == {"read": 67, "published": 62, "duplicates": 0, "quarantined": 0, "withheld": 5}
    assert run.accounted[0].new_types == (("Séance", 1),)
    cube = portal.public("calls-by-town").to_pylist()
    assert sum(line["calls"] or 0 for line in cube) == 62
    sensitive = {"overdose", "unmapped", "marked-sensitive"}
    assert not sensitive & {line["category"] for line in cube}
    figures = portal.public("sensitive-calls").to_pylist()
    march = {x["category"]: x["coverage"] for x in figures if x["level"] == "state" and x["period"] == "2024-03"}
    assert {march[c] for c in sensitive} == {"under 5"}
    # Of the towns nothing is told by month.
    assert not [x for x in figures if x["level"] == "town" and x["period_kind"] == "month"]


def test_no_row_is_public_with_what_identifies(portal: SmallPortal) -> None:
    portal.publish()
    for name in ("incident_number", "latitude", "longitude", "town_name", "_row", "street"):
        assert name not in portal.public("alder-calls").column_names
    whole = b"".join(p.read_bytes() for p in (portal.root / "data" / "public").rglob("*") if p.is_file())
    assert b"C00001" not in whole


def test_two_publications_at_once(portal: SmallPortal) -> None:
    with Store(portal.root / "data").publication():
        answer = subprocess.run(
            [sys.executable, "-m", "candor", "publish", "--portal", str(portal.root)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert answer.returncode == 1
    assert "another publication" in answer.stderr.lower()
    assert "Traceback" not in answer.stderr


def test_daylight_saving_and_the_month_are_the_portals(portal: SmallPortal) -> None:
    # 04:30 UTC on April 1 is half past midnight there; 03:30 UTC is still March.
    moments = ("2024-04-01T04:30", "2024-04-01T03:30", "2024-03-10T06:59", "2024-03-10T07:00", "2023-11-05T05:30",
               "2023-11-05T06:30")  # fmt: skip
    # Two of each, so that they may say their hour.
    portal.write(
        [
            call(10 * n + i, f"{at}:00Z", kind)
            for n, at in enumerate(moments)
            for i, kind in enumerate(("Noise", "Alarm"))
        ]
    )
    portal.publish()
    rows = portal.public("alder-calls").to_pylist()
    assert {r["called_at_precision"] for r in rows} == {"hour"}
    found = {(str(r["called_at"]), str(r["month"])) for r in rows}
    assert found == {
        ("2024-04-01 00:00:00", "2024-04-01"),
        ("2024-03-31 23:00:00", "2024-03-01"),
        ("2024-03-10 01:00:00", "2024-03-01"),
        ("2024-03-10 03:00:00", "2024-03-01"),
        ("2023-11-05 01:00:00", "2023-11-01"),
    }


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small file system can be mounted by root only")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_full_disk(portal: SmallPortal, small_disk: Path) -> None:
    on_disk = SmallPortal(small_disk / "portal")
    shutil.copytree(portal.root, on_disk.root)
    on_disk.publish()
    before = Store(on_disk.root / "data").current()
    big = portal.root / "big.csv"
    big.write_text(
        "\n".join([HEADER, *(call(n, town=secrets.token_hex(40)) for n in range(40_000))]) + "\n", encoding="utf-8"
    )
    on_disk.replace('path = "calls.csv"', f'path = "{big}"')
    answer = subprocess.run(
        [sys.executable, "-m", "candor", "publish", "--portal", str(on_disk.root)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1, answer.stderr
    assert "Traceback" not in answer.stderr
    assert "Release 1 is still in force" in answer.stderr
    assert Store(on_disk.root / "data").current() == before
    on_disk.replace(f'path = "{big}"', 'path = "calls.csv"')
    assert on_disk.publish().release is not None


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
ROW = st.tuples(
    CELL,
    st.one_of(CELL, st.just("2024-03-05T10:15:00-05:00")),
    st.one_of(CELL, st.sampled_from(["Noise", "Overdose"])),
    st.one_of(CELL, st.just("44.5")),
    st.one_of(CELL, st.just("-72.5")),
    CELL,
    st.sampled_from(["0", "1", ""]),
)


@given(rows=st.lists(ROW, min_size=1, max_size=30))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_cells_hold_no_row_is_lost(portal: SmallPortal, sums: Sums, rows: list[tuple[str, ...]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([HEADER.split(","), *rows])
    portal.export.write_text(text.getvalue(), encoding="utf-8", newline="")
    assert sums(portal.check())["read"] == len(rows)
