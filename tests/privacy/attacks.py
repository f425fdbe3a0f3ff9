"""What a reader with a calculator can do: subtract published figures from each other.

Every published figure is an equation: the sum of the cells that it is of. A figure that has suppressed cells among its
own, less everything that is published of it, is a number about suppressed cells; every difference of figures (a year
less its months, all less citizen, a group less its categories, the state less its towns) is a sum of such equations. So
it is enough to look at each figure once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pyarrow as pa

Line = dict[str, Any]


class Finding(NamedTuple):
    """A figure that says something of suppressed cells: how many they are, and their sum."""

    figure: str
    cells: int
    total: float


def attacks(cube: pa.Table, rates: pa.Table, sensitive: frozenset[str]) -> list[Finding]:
    """Everything that subtraction finds in the two published tables."""
    lines = cube.to_pylist()
    found = [f for line in lines if (f := _own(line))]
    for figure in rates.to_pylist():
        if (calls := _told(figure)) is not None:
            found += _subtract(figure, calls, [x for x in lines if _within(x, figure)], sensitive)
    return found


def _own(line: Line) -> Finding | None:
    """A cell that is suppressed and tells its count all the same."""
    told = _told(line | {"months_reported": 1})
    return Finding("the cell itself", 1, told) if line["coverage"] == "suppressed" and told is not None else None


def _told(figure: Line) -> float | None:
    """The calls of a figure: as printed, or had from its rate, or from one of its limits being there at all."""
    if figure["calls"] is not None:
        return float(figure["calls"])
    if figure["rate"] is not None and figure["residents"]:
        return float(figure["rate"] * figure["residents"] * figure["months_reported"] / 12 / 1000)
    return None if figure["rate_low"] is figure["rate_high"] is None else float("nan")


def _subtract(figure: Line, calls: float, cells: list[Line], sensitive: frozenset[str]) -> Iterator[Finding]:
    """The figure less its published cells, read as a sum over open categories and as one over all of them."""
    name = " ".join(str(figure[k]) for k in ("level", "geoid", "period", "category", "initiated_by"))
    total = figure["category_level"] != "category"
    own = [x for x in cells if not (total and x["category"] in sensitive)]
    hidden = sum(x["coverage"] == "suppressed" for x in own)
    rest = calls - sum(x["calls"] or 0 for x in own)
    if hidden or abs(rest) > 1e-6:
        yield Finding(name, hidden or sum(x["coverage"] == "suppressed" for x in cells), rest)


def _within(cell: Line, figure: Line) -> bool:
    return bool(
        cell["geoid"]
        and (figure["level"] == "state" or cell["geoid"] == figure["geoid"])
        and figure["first_month"] <= cell["month"] <= figure["last_month"]
        and (figure["initiated_by"] == "all" or cell["initiated_by"] == "citizen")
        and (
            figure["category_level"] == "all"
            or cell["category" if figure["category_level"] == "category" else "category_group"] == figure["category"]
        )
    )
