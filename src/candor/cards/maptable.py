"""The table below the map: its columns, its order, its cells; and the same figures as CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final, Literal

from candor.cards.map import Line
from candor.cards.model import MapRow, SortHeader
from candor.cards.selection import Selection
from candor.messages import maps, told
from candor.messages.comparison import AMONG_WORDS, BESIDE, TIMES_THE_REST, comparison_cell, limits, ratio
from candor.messages.words import capital, decimal, interval, number
from candor.profiles.profile import Parts
from candor.published.errors import BadRequestError
from candor.published.figures import Figures
from candor.published.model import Figure
from candor.query.formats.csv import GUARDED

Direction = Literal["asc", "desc"]

_ORDER: Final = (
    "lower", "probably lower", "cannot be told apart", "about the same rate", "probably higher", "higher"
)  # fmt: skip
"""The answers as a table sorts them."""

_BY_VIEW: Final = {"compared": "comparison", "rate": "rate", "counts": "count"}


@dataclass(frozen=True)
class _Column:
    """A column: its heading ({many} is the layer's word), its cell in words, and what it sorts by; None stands last."""

    heading: str
    cell: Callable[[Line], str]
    value: Callable[[Line], object]
    numeric: bool = True


def _rank(line: Line) -> tuple[int, float] | None:
    figure = line.figure
    return (_ORDER.index(figure.comparison), figure.smoothed or 0.0) if figure.comparison in _ORDER else None


def _comparison(line: Line) -> str:
    """The first answer; of a town of which no number is known, nothing: its coverage says why."""
    return comparison_cell(line.figure)


def _limits(figure: Figure) -> str:
    beside = figure.beside
    return "" if beside.low is None or beside.high is None else limits(beside.low, beside.high)


_NAMED: Final[Mapping[str, _Column]] = {
    "place": _Column("Town", lambda n: n.place.full_name, lambda n: n.place.full_name.lower(), numeric=False),
    "county": _Column("County", lambda n: n.place.county, lambda n: n.place.county.lower(), numeric=False),
    "coverage": _Column(
        "Coverage",
        lambda n: maps.coverage_cell(n.figure, n.longer),
        lambda n: maps.coverage_cell(n.figure),
        numeric=False,
    ),
}
_CELLS: Final[Mapping[str, _Column]] = {
    "comparison": _Column(BESIDE, _comparison, _rank, numeric=False),
    "times": _Column(
        TIMES_THE_REST,
        lambda n: "" if n.figure.beside.value is None else ratio(n.figure.beside.value),
        lambda n: n.figure.beside.value,
    ),
    "times_low": _Column("95\N{NO-BREAK SPACE}% interval", lambda n: _limits(n.figure), lambda n: n.figure.beside.low),
    "among": _Column(
        "Among towns", lambda n: AMONG_WORDS[n.figure.among], lambda n: n.figure.among or None, numeric=False
    ),
    "count": _Column("{many}", lambda n: number(n.figure.count), lambda n: n.figure.count),
    "parts": _Column("{parts}", lambda n: number(n.figure.parts), lambda n: n.figure.parts),
    "expected": _Column("At the others’ rate", lambda n: maps.expected_words(n.figure), lambda n: n.figure.expected),
    "residents": _Column(
        "Residents",
        lambda n: number(n.place.residents if n.figure.residents is None else n.figure.residents),
        lambda n: n.place.residents if n.figure.residents is None else n.figure.residents,
    ),
    "rate": _Column("Rate", lambda n: decimal(n.figure.rate), lambda n: n.figure.rate),
    "low": _Column("95\N{NO-BREAK SPACE}% interval", lambda n: interval(n.figure), lambda n: n.figure.low),
    "period": _Column("Period", lambda n: maps.period_words(n.period), lambda n: n.period.months, numeric=False),
}
COLUMNS: Final[Mapping[str, _Column]] = {**_NAMED, **_CELLS}


def _shown(parts: Parts | None, columns: Mapping[str, _Column]) -> dict[str, _Column]:
    """The columns of a layer; that of rows where several may be of one of its events."""
    return {key: column for key, column in columns.items() if parts or key != "parts"}


def sorting(query: Mapping[str, str], selection: Selection) -> tuple[str, Direction]:
    """The order that an address asks for. Raises `BadRequestError`."""
    sort = query.get("sort") or _BY_VIEW[selection.view]
    if sort not in COLUMNS:
        raise BadRequestError("The address sorts by a column that is not there", ", ".join(COLUMNS))
    direction = query.get("direction") or _first_direction(sort)
    if direction not in ("asc", "desc"):
        raise BadRequestError("The address sorts in a direction that is not there", "asc, desc")
    return sort, "asc" if direction == "asc" else "desc"


def _first_direction(sort: str) -> Direction:
    return "desc" if COLUMNS[sort].numeric or sort == "comparison" else "asc"


def headers(selection: Selection, sort: str, direction: Direction) -> tuple[SortHeader, ...]:
    """The headings, each a link that sorts."""
    made = []
    parts = selection.words.parts
    for key, column in _shown(parts, COLUMNS).items():
        following = _first_direction(key) if key != sort else ("asc" if direction == "desc" else "desc")
        in_force: Literal["ascending", "descending", "none"] = "none"
        if key == sort:
            in_force = "ascending" if direction == "asc" else "descending"
        many = told.heading(selection.words.many, rounded=selection.whoever_began)
        label = capital(column.heading.format(many=many, parts=parts.many if parts else ""))
        href = f"/map?{selection.query(sort=key, direction=following)}#table"
        made.append(SortHeader(key, label, href, in_force, column.numeric))
    return tuple(made)


def rows(lines: tuple[Line, ...], sort: str, direction: Direction, parts: Parts | None = None) -> tuple[MapRow, ...]:
    """The table's rows; with `parts`, those of a layer of which several rows may be of one event.

    What has no figure stands last in either direction, the counted first; ties stand by name.
    """
    column = COLUMNS[sort]
    known = [(column.value(line), line) for line in lines]
    with_figure = [pair for pair in known if pair[0] is not None]
    with_figure.sort(key=lambda pair: pair[0], reverse=direction == "desc")  # type: ignore[arg-type, return-value]  # all values of one column have one type
    without = sorted((line for value, line in known if value is None), key=lambda line: line.figure.count is None)
    cells = tuple(_shown(parts, _CELLS).values())
    return tuple(_row(line, cells) for line in [*(line for _, line in with_figure), *without])


def _row(line: Line, cells: Sequence[_Column]) -> MapRow:
    return MapRow(
        geoid=line.place.geoid,
        place=line.place.full_name,
        county=line.place.county,
        key=line.key,
        coverage=maps.coverage_cell(line.figure, line.longer),
        cells=tuple((column.cell(line), column.numeric) for column in cells),
    )


def csv_text(figures: Figures, selection: Selection, lines: tuple[Line, ...], *, simulated: bool) -> str:
    """What the map shows, a line for each town: the columns of the layer's data set, and the period of each line."""
    out = StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    head = ["geoid", "place", "county", "period", "first_month", "last_month", "category", "initiated_by", "coverage"]
    parts = figures.profile.parts
    head += [
        "provisional",
        "months_reported",
        figures.profile.name,
        *([parts.column] if parts else []),
        "residents",
        "persons",
        "rate",
        "rate_low",
        "rate_high",
        "note",
    ]
    head += ["expected", "relative_rate", "relative_low", "relative_high", "comparison", "compared_over"]
    head += ["among_towns", "smoothed", "smoothed_low", "smoothed_high"]
    writer.writerow([*head, *(["simulated"] if simulated else [])])
    writer.writerows([*_values(line, selection), *(["true"] if simulated else [])] for line in lines)
    return out.getvalue()


def _values(line: Line, selection: Selection) -> list[object]:
    p, f, when = line.place, line.figure, line.period
    residents = f.residents if f.residents is not None else p.residents
    return [
        p.geoid, _guarded(p.full_name), _guarded(p.county), when.key, when.first_month, when.last_month,
        selection.category, selection.initiated_by, f.coverage, "true" if f.provisional else "false",
        f.months_reported, f.count, *([f.parts] if selection.words.parts else []), residents, f.persons, f.rate, f.low,
        f.high, f.note, f.expected, f.beside.value,
        f.beside.low, f.beside.high, f.comparison, f.over or (when.key if f.expected is not None else ""), f.among,
        f.smoothed, f.smoothed_low, f.smoothed_high,
    ]  # fmt: skip


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(tuple(GUARDED)) else text
