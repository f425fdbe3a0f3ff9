"""Residents by year and places that were part of another: read, imported, kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from candor.errors import PortalError, UsageError
from candor.places.builder.importer import import_files
from candor.places.changes import Formerly, formerly
from candor.places.pack import load_pack
from candor.places.place_rows import placed

MILTON, CITY, TOWN, GORE = "5000100001", "5000100003", "5000100004", "5000300002"
SPLIT = f"geoid,from_month,before,note\n{CITY},2022-07,{TOWN},Became a city.\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


Write = Callable[[str, str], Path]


def years(*lines: str) -> str:
    return "\n".join(["GEOID,Year,Population", *lines, ""])


def test_a_file_with_a_year_is_the_denominator_of_each_year(four_squares: Path, tmp_path: Path, write: Write) -> None:
    folder = tmp_path / "places"
    file = write("people.csv", years(f"{TOWN},2021,300", f'{TOWN},2023,"1,310"', f"{MILTON},2023,", f"{MILTON},2021,5"))
    summary = import_files(folder, four_squares, file)
    pack = load_pack(folder)
    assert pack.populations.to_pylist() == [
        {"geoid": MILTON, "year": 2021, "residents": 5},
        {"geoid": MILTON, "year": 2023, "residents": None},
        {"geoid": TOWN, "year": 2021, "residents": 300},
        {"geoid": TOWN, "year": 2023, "residents": 1310},
    ]
    assert pack.populations_source == "Imported from people.csv"
    # The newest year's stand where one number is asked for.
    assert (pack.year, dict(zip(pack.places["geoid"].to_pylist(), pack.places["residents"].to_pylist(), strict=True))) \
        == (2023, {MILTON: None, CITY: None, TOWN: 1310, GORE: None})  # fmt: skip
    assert "residents by year, 2021 to 2023, from people.csv" in summary.notes


def test_years_beside_a_census(four_squares: Path, tmp_path: Path, write: Write) -> None:
    folder = tmp_path / "places"
    census = write("census.csv", f"GEOID,population_2020,housing_units_2020\n{TOWN},290,150\n")
    by_year = write("years.csv", years(f"{TOWN},2023,310"))
    import_files(folder, four_squares, census, populations=by_year)
    pack = load_pack(folder)
    assert pack.year == 2020
    assert pack.populations.to_pylist() == [{"geoid": TOWN, "year": 2023, "residents": 310}]


def test_mistakes_are_told_with_file_line_and_remedy(four_squares: Path, tmp_path: Path, write: Write) -> None:
    file = write(
        "people.csv",
        years(f"{TOWN},2021,-3", "5000199999,2021,5", f"{MILTON},20221,5", f"{CITY},2021,1", f"{CITY},2021,2"),
    )
    with pytest.raises(PortalError) as error:
        import_files(tmp_path / "places", four_squares, file)
    found = {(p.where, p.found) for p in error.value.problems}
    assert ("people.csv:2", "'-3'") in found
    assert ("people.csv:5", f"'{CITY} 2021'") in found
    assert ("people.csv:6", f"'{CITY} 2021'") in found
    assert not (tmp_path / "places").exists()


@pytest.mark.parametrize(
    ("line", "where", "found"),
    [
        (f"{TOWN},2021,-3", "populations.csv:3", "'-3'"),
        ("5000199999,2021,5", "populations.csv:3", "'5000199999'"),
        (f"{TOWN},1066,5", "populations.csv:3", "'1066'"),
        (f"{TOWN},x,5", "populations.csv:3", "'x'"),
        (f"{MILTON},2020,6", "populations.csv:3", f"'{MILTON} 2020'"),
        ("only one cell", "populations.csv", "CSV parse error"),
    ],
)
def test_a_wrong_line_of_the_pack_is_told(
    four_squares: Path, tmp_path: Path, line: str, where: str, found: str
) -> None:
    folder = tmp_path / "places"
    import_files(folder, four_squares)
    (folder / "populations.csv").write_text(f"geoid,year,residents\n{MILTON},2020,5\n{line}\n")
    with pytest.raises(PortalError) as error:
        load_pack(folder)
    assert [p.where for p in error.value.problems if found in p.found][-1] == where
    assert all(p.allowed and p.remedy for p in error.value.problems)


def test_unknown_places_and_years_in_a_file_to_import(four_squares: Path, tmp_path: Path, write: Write) -> None:
    file = write("people.csv", years("5000199999,2021,5", f"{TOWN},12,5"))
    with pytest.raises(PortalError) as error:
        import_files(tmp_path / "places", four_squares, file)
    assert [(p.where, p.found) for p in error.value.problems] == [
        ("people.csv:2", "'5000199999'"),
        ("people.csv:3", "'12'"),
    ]


def test_a_file_by_year_without_a_year(four_squares: Path, tmp_path: Path, write: Write) -> None:
    file = write("people.csv", f"GEOID,population\n{TOWN},5\n")
    with pytest.raises(PortalError, match="no column with the year"):
        import_files(tmp_path / "places", four_squares, populations=file)


def test_years_and_changes_are_kept_by_an_import_that_says_nothing_of_them(
    four_squares: Path, tmp_path: Path, write: Write, write_boundaries: Callable[..., Path]
) -> None:
    folder = tmp_path / "places"
    by_year = write("years.csv", years(f"{TOWN},2021,300", f"{GORE},2021,5"))
    import_files(folder, four_squares, populations=by_year, changes=write("changes.csv", SPLIT))
    summary = import_files(folder, four_squares)
    pack = load_pack(folder)
    assert pack.populations.num_rows == 2
    assert pack.populations_source == "Imported from years.csv"
    assert pack.changes.to_pylist() == [
        {"geoid": CITY, "from_month": "2022-07", "before": TOWN, "note": "Became a city."}
    ]
    assert "the portal's 2 lines of residents by year (populations.csv) are kept" in summary.notes
    # A place that is gone takes its lines with it.
    square = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
    gore = {"type": "Feature", "properties": {"GEOID": GORE, "NAMELSAD": "Gore"}, "geometry": square}
    summary = import_files(folder, write_boundaries(gore, name="less.geojson"))
    assert load_pack(folder).populations["geoid"].to_pylist() == [GORE]
    assert load_pack(folder).changes.num_rows == 0
    assert not (folder / "changes.csv").exists()
    assert any("1 of places that are no longer there are left out" in note for note in summary.notes)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([f"{CITY},2022-7,{TOWN},"], ["'2022-7'"]),
        ([f"9,2022-07,{TOWN},"], ["'9'"]),
        ([f"{CITY},2022-07,,"], ["''"]),
        ([f"{CITY},2022-07,{TOWN},", f"{CITY},2023-07,{MILTON},"], [f"'{CITY}'"] * 2),
        ([f"{CITY},2022-07,{CITY},"], [f"'{CITY}'"]),
        ([f"{CITY},2022-07,{TOWN},", f"{TOWN},2023-07,{CITY},"], [f"'{TOWN}'", f"'{CITY}'"]),
    ],
)
def test_wrong_changes_are_told(
    four_squares: Path, tmp_path: Path, write: Write, lines: list[str], found: list[str]
) -> None:
    file = write("changes.csv", "\n".join(["geoid,from_month,before,note", *lines, ""]))
    with pytest.raises(PortalError) as error:
        import_files(tmp_path / "places", four_squares, changes=file)
    assert [p.found for p in error.value.problems] == found
    with pytest.raises(UsageError, match="no file"):
        import_files(tmp_path / "places", four_squares, changes=tmp_path / "none.csv")


def changes(*lines: tuple[str, str, str]) -> pa.Table:
    return pa.table({"geoid": [n for n, _, _ in lines], "from_month": [m for _, m, _ in lines],
                     "before": [o for _, _, o in lines], "note": [""] * len(lines)})  # fmt: skip


def test_what_a_place_was_part_of_and_that_of_a_third() -> None:
    assert formerly(changes(("N", "2022-07", "O"))) == (Formerly("N", None, date(2022, 7, 1), "O"),)
    chain = formerly(changes(("N", "2022-07", "M"), ("M", "2020-01", "O")))
    assert set(chain) == {
        Formerly("M", None, date(2020, 1, 1), "O"),
        Formerly("N", date(2020, 1, 1), date(2022, 7, 1), "M"),
        Formerly("N", None, date(2020, 1, 1), "O"),
    }
    # Part of a place that itself is younger: there was never a time in which it was.
    assert formerly(changes(("N", "2019-01", "M"), ("M", "2020-01", "O")))[1:] == (
        Formerly("N", None, date(2019, 1, 1), "O"),
    )


def test_rows_go_to_the_place_of_their_own_time() -> None:
    rows = ibis.memtable(
        {
            "agency": ["A"] * 4,
            "called_at": ["2022-06-30 23:59", "2022-07-01 00:00", "2022-06-30 10:00", None],
            "town": ["NEW", "NEW", "OLD", "NEW"],
        }
    )
    rows = rows.mutate(called_at=rows.called_at.cast("timestamp"))
    result = placed(
        rows,
        index_column=None,
        name_column="town",
        areas=ibis.memtable(pa.table({"agency": pa.array([], pa.string()), "area_geoid": pa.array([], pa.string())})),
        places=ibis.memtable({"idx": [0, 1], "geoid": ["N", "O"], "name": ["New", "Old"], "county": ["", ""]}),
        aliases=ibis.memtable({"alias": ["NEW", "OLD"], "geoid": ["N", "O"], "ambiguous": [False, False]}),
        time_column="called_at",
        formerly=formerly(changes(("N", "2022-07", "O"))),
    )
    found = ibis.duckdb.connect().to_pyarrow(result.order_by("called_at", "geoid")).to_pylist()
    assert sorted(((str(r["called_at"]), r["geoid"], r["town_right"]) for r in found), key=str) == [
        ("2022-06-30 10:00:00", "O", "Old"),
        ("2022-06-30 23:59:00", "O", "Old"),
        ("2022-07-01 00:00:00", "N", "New"),
        ("None", "N", "New"),
    ]
