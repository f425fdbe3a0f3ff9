"""What is attacked: every told figure, and what only sums and differences of figures lead to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from candor.audit.public import Ints
from candor.audit.structure import Spans, Structure, sets
from candor.audit.told import COUNTY, LEVELS, STATE, TOWN, called, period
from candor.audit.world import YEAR, World


class Cells(NamedTuple):
    """Each a figure, or a figure without another that is inside it.

    `spans`: told figures first, then towns' single years that nobody told. `plus`, `minus` (cells,): which of them;
    `minus` is -1 for a figure by itself. The first cells are the told figures, in their order.
    """

    spans: Spans
    plus: Ints
    minus: Ints


def cells_of(of: World, told: Spans) -> Cells:
    """The cells of a world in which these figures are told.

    Beside the figures: a town's years, which those of several years hold; a county's year without one of its towns, or
    without one of its months; the state's month or year without one county's; its quarter without one of its months,
    its year without one of its quarters.
    """
    towns = np.arange(len(of.geoids))
    years = np.arange(of.years) * YEAR
    more = Spans(
        np.full(towns.size * years.size, TOWN), np.repeat(towns, years.size), np.tile(years, towns.size),
        np.tile(years, towns.size) + YEAR - 1,
    )  # fmt: skip
    new = ~np.isin(_keys(more), _keys(told))
    spans = Spans(*(np.concatenate([a, b[new]]) for a, b in zip(told, more, strict=True)))
    known = spans.place >= 0
    county = np.where(spans.level == COUNTY, spans.place, -1)
    inside = spans.level == TOWN
    county[inside & known] = of.county[spans.place[inside & known]]
    length = spans.last - spans.first + 1
    pairs = [
        _pairs(spans, COUNTY, YEAR, TOWN, YEAR, county),
        _pairs(spans, COUNTY, YEAR, COUNTY, 1, county),
        _pairs(spans, STATE, 1, COUNTY, 1, np.zeros_like(county)),
        _pairs(spans, STATE, YEAR, COUNTY, YEAR, np.zeros_like(county)),
        _pairs(spans, STATE, 3, STATE, 1, np.zeros_like(county)),
        _pairs(spans, STATE, YEAR, STATE, 3, np.zeros_like(county)),
    ]
    plus, minus = (np.concatenate([p[i] for p in pairs]) for i in (0, 1))
    alone = np.flatnonzero((np.arange(length.size) < told.level.size) | known)
    return Cells(spans, np.concatenate([alone, plus]), np.concatenate([np.full(alone.size, -1), minus]))


def _pairs(spans: Spans, one: int, months: int, other: int, shorter: int, county: Ints) -> tuple[Ints, Ints]:
    length = spans.last - spans.first + 1
    outer = np.flatnonzero((spans.level == one) & (length == months))
    inner = np.flatnonzero((spans.level == other) & (length == shorter) & (spans.place >= 0))
    # An outer figure has a key, its county and its span; which span of that length holds the inner one is arithmetic.
    start = spans.first[inner] // months * months if months in (1, 3, YEAR) else spans.first[inner]
    base = int(spans.last.max(initial=0)) + 1
    keys = county[outer] * base + spans.first[outer] if one == COUNTY else spans.first[outer]
    wanted = county[inner] * base + start if one == COUNTY else start
    order = np.argsort(keys)
    if not order.size:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    at = np.minimum(np.searchsorted(keys[order], wanted), order.size - 1)
    hit = keys[order][at] == wanted
    return outer[order][at[hit]], inner[hit]


def _keys(spans: Spans) -> Ints:
    return ((spans.level * 100_000 + spans.place) * 10_000 + spans.first) * 10_000 + spans.last


def matrix(cells: Cells, known: Structure) -> sparse.csr_matrix:
    """What each cell sums of the unknowns, then each unknown by itself: (cells + unknowns, unknowns).

    An unknown is a cell where coverage is partial: months in which one agency is missing, towns that are not its own.
    A cell without a count, or of the same counts as an earlier one, is an empty row.
    """
    figures = sets(known, cells.spans)
    padded = sparse.vstack([figures, sparse.csr_matrix((1, known.size))], format="csr")
    # County and state sum by month, towns by town: a difference of both is made of towns alone.
    by_town = _by_town(cells, known)
    lines = padded[cells.plus] - padded[cells.minus]
    rest = np.flatnonzero((cells.minus >= 0) & (cells.spans.level[cells.minus] == TOWN))
    if rest.size:
        chosen = np.zeros(lines.shape[0])
        chosen[rest] = 1.0
        of = by_town[cells.plus] - padded[cells.minus]
        lines = sparse.diags(1 - chosen) @ lines + sparse.diags(chosen) @ of
    lines = sparse.csr_matrix(sparse.vstack([lines, sparse.identity(known.size)]))
    lines.eliminate_zeros()
    return _once(lines, cells.spans.level.size)


def _once(lines: sparse.csr_matrix, told: int) -> sparse.csr_matrix:
    """The same with empty rows for cells that are others again (a county without its only other town).

    Rows are told apart by two sums of random weights; `told` rows are figures, and stay.
    """
    weights = np.random.default_rng(0).random((lines.shape[1], 2))
    sums = np.round(lines @ weights, 9)
    _, first = np.unique(sums, axis=0, return_index=True)
    keep = np.arange(lines.shape[0]) < told
    keep[first] = True
    kept = sparse.csr_matrix(sparse.diags(keep * 1.0) @ lines)
    kept.eliminate_zeros()
    return kept


def _by_town(cells: Cells, known: Structure) -> sparse.csr_matrix:
    """Figures of counties' years as sums over towns."""
    spans = cells.spans
    rows = np.flatnonzero((spans.level == COUNTY) & (spans.last - spans.first + 1 == YEAR))
    cols = np.flatnonzero(known.town >= 0)
    inside = (known.county[cols] == spans.place[rows, None]) & (known.first[cols] >= spans.first[rows, None])
    r, c = np.nonzero(inside & (known.last[cols] <= spans.last[rows, None]))
    shape = (spans.level.size + 1, known.size)
    return sparse.csr_matrix((np.ones(r.size), (rows[r], cols[c])), shape=shape)


def name(cell: int, cells: Cells, known: Structure, of: World) -> str:
    """A cell's name for people."""
    if cell >= cells.plus.size:
        i = cell - cells.plus.size
        span = period(int(known.first[i]) + of.first, int(known.last[i]) + of.first)
        if known.town[i] < 0:
            return f"towns of county {of.counties[known.county[i]]} that reported the same months, {span}"
        geoid = of.geoids[known.town[i]]
        return f"{of.names.get(geoid, geoid)} ({geoid}), some months of {span}"
    whole = _called(cells.plus[cell], cells.spans, of)
    if cells.minus[cell] < 0:
        return whole
    return f"{whole}, without {_called(cells.minus[cell], cells.spans, of)}"


def _called(figure: int, spans: Spans, of: World) -> str:
    level, place = int(spans.level[figure]), int(spans.place[figure])
    where = of.geoids[place] if level == TOWN else of.counties[place] if level == COUNTY else ""
    key = f"{LEVELS[level]}|{where}|{spans.first[figure] + of.first}|{spans.last[figure] + of.first}"
    return called(key, of.names)


class Where(NamedTuple):
    """Where a cell is: its level, its county (nothing of the state), its first and last month since January 1970."""

    level: str
    county: str
    first: int
    last: int


def where(cell: int, cells: Cells, known: Structure, of: World) -> Where:
    """Where a cell is; of a difference that of the larger figure."""
    if cell >= cells.plus.size:
        i = cell - cells.plus.size
        level, county = (COUNTY if known.town[i] < 0 else TOWN), int(known.county[i])
        first, last = int(known.first[i]), int(known.last[i])
    else:
        figure = int(cells.plus[cell])
        level, place = int(cells.spans.level[figure]), int(cells.spans.place[figure])
        county = int(of.county[place]) if level == TOWN else place
        first, last = int(cells.spans.first[figure]), int(cells.spans.last[figure])
    name_ = of.counties[county] if level != STATE and 0 <= county < len(of.counties) else ""
    return Where(LEVELS[level], name_, first + of.first, last + of.first)
