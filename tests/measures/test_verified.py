"""Offences as a share of the calls of their kind: by hand, and every reason for which there is none."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from candor.measures.verified import SCHEMA, verified_share

KINDS = {"burglary": ("burglary",), "larceny-theft": ("theft", "retail-theft"), "arson": ("arson",)}


def offences(*lines: tuple[str, int, str, str, int | None]) -> pa.Table:
    return pa.table(
        {
            "geoid": [line[0] for line in lines],
            "place": [f"Town {line[0]}" for line in lines],
            "county": ["Tree"] * len(lines),
            "year": pa.array([line[1] for line in lines], pa.int64()),
            "category": [line[2] for line in lines],
            "coverage": [line[3] for line in lines],
            "events": pa.array([line[4] for line in lines], pa.int64()),
        }
    )


def year_of_calls(
    geoid: str, category: str, calls: int, officer: int = 0, *, year: int = 2024, missing: int = 0, untold: int = 0
) -> list[dict[str, object]]:
    """Twelve months, all calls in January; `missing` is a month not reported, `untold` one by county only."""
    lines = []
    for month in range(1, 13):
        for who, count in (("citizen", calls), ("officer", officer)):
            number: int | None = count if month == 1 else 0
            state = "reported" if number else "zero"
            if month == missing:
                state, number = "not reported", None
            if month == untold:
                state, number = "by county only", None
            lines.append(
                {"geoid": geoid, "month": date(year, month, 1), "category": category, "initiated_by": who,
                 "coverage": state, "calls": number}
            )  # fmt: skip
    return lines


def calls(*parts: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist([line for part in parts for line in part])


def shares(offences_: pa.Table, calls_: pa.Table) -> dict[tuple[str, int, str], dict[str, object]]:
    table = verified_share(offences_, calls_, KINDS)
    assert table.schema.equals(SCHEMA)
    return {(n["geoid"], n["year"], n["category"]): n for n in table.to_pylist()}


def test_the_share_is_of_the_calls_of_all_kinds_whoever_began_them() -> None:
    found = shares(
        offences(("1", 2024, "larceny-theft", "reported", 12)),
        calls(year_of_calls("1", "theft", 30, 6), year_of_calls("1", "retail-theft", 4)),
    )
    line = found["1", 2024, "larceny-theft"]
    assert (line["events"], line["calls"], line["note"]) == (12, 40, "")
    assert line["share"] == pytest.approx(0.3)
    # Wilson's interval of 12 of 40, written out: (24 + z2 -+ z sqrt(z2 + 48 * 0.7)) / (2 (40 + z2)), z = 1.959964.
    z = 1.959964
    half = z * (z * z + 48 * 0.7) ** 0.5
    assert line["share_low"] == pytest.approx((24 + z * z - half) / (2 * (40 + z * z)), abs=1e-6)
    assert line["share_high"] == pytest.approx((24 + z * z + half) / (2 * (40 + z * z)), abs=1e-6)


@pytest.mark.parametrize(
    ("offence", "of_calls", "note", "known"),
    [
        (("reported", 41), {"calls": 40}, "more offences than calls", 40),
        (("reported", 40), {"calls": 40}, "", 40),
        (("zero", 0), {"calls": 40}, "", 40),
        (("reported", 3), {"calls": 9}, "too few calls", 9),
        (("reported", 3), {"calls": 10}, "", 10),
        (("reported", 3), {"calls": 40, "missing": 7}, "calls not reported for the whole year", None),
        (("reported", 3), {"calls": 40, "untold": 7}, "not told exactly", None),
        (("reported", 3), {"calls": 40, "untold": 7, "missing": 8}, "not told exactly", None),
        (("not reported", None), {"calls": 40}, "no offences reported", 40),
        (("not covered", None), {"calls": 40}, "no offences reported", 40),
    ],
)
def test_there_is_a_share_or_the_reason_why_not(
    offence: tuple[str, int | None], of_calls: dict[str, int], note: str, known: int | None
) -> None:
    line = shares(
        offences(("1", 2024, "burglary", *offence)),
        calls(year_of_calls("1", "burglary", **of_calls)),
    )["1", 2024, "burglary"]
    assert (line["note"], line["calls"], line["events"]) == (note, known, offence[1])
    assert all((line[name] is None) == bool(note) for name in ("share", "share_low", "share_high"))


@pytest.mark.parametrize("offence", [("reported", 10), ("under 5", None), ("not yet", None)])
def test_of_kinds_that_are_told_rounded_there_is_no_share(offence: tuple[str, int | None]) -> None:
    told = offences(("1", 2024, "burglary", *offence))
    table = verified_share(told, calls(year_of_calls("1", "burglary", 40)), KINDS, {"burglary"})
    (line,) = table.to_pylist()
    assert (line["note"], line["events"], line["share"]) == ("not told exactly", offence[1], None)


def test_years_are_never_crossed() -> None:
    assert (
        shares(offences(("1", 2015, "burglary", "reported", 20)), calls(year_of_calls("1", "burglary", 40, year=2024)))
        == {}
    )


def test_a_kind_of_which_no_calls_are_counted_has_no_line() -> None:
    found = shares(
        offences(("1", 2024, "burglary", "reported", 2), ("1", 2024, "arson", "reported", 2)),
        calls(year_of_calls("1", "burglary", 40)),
    )
    assert set(found) == {("1", 2024, "burglary")}


def test_a_town_without_calls_in_the_cube_and_the_lines_without_a_town_count_for_nobody() -> None:
    found = shares(
        offences(("1", 2024, "burglary", "reported", 2), ("2", 2024, "burglary", "reported", 2)),
        calls(year_of_calls("1", "burglary", 40), year_of_calls("", "burglary", 99)),
    )
    assert found["1", 2024, "burglary"]["calls"] == 40
    assert found["2", 2024, "burglary"]["note"] == "calls not reported for the whole year"
