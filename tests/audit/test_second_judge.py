"""The second judge: in small worlds every table of whole numbers is tried, and the audit must say the same.

The judge adds and compares, and takes nothing of the audit's arithmetic.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from tests.audit.folder import KIND, Counts, Figure, Said, and_then, day, geoid, inside, public, told, usual

from candor.audit.case import Case, agreeing
from candor.audit.insiders import attack_insiders
from candor.solver.linear import Deadline

Bools = NDArray[np.bool_]


MOST = 10
"""So many calls of a town and month are tried: with fewer the judge misses tables in which one town has nearly all."""


def every_table(said: Said, most: int, fixed: Counts | None = None) -> Counts:
    """All tables (tables, towns, months) that agree with what is told; counts from 0 to `most`.

    County by county, each with its own figures, then together with the state's.
    """
    lines = said.told[KIND]
    towns, months = said.reported.shape
    by_county = []
    for county in sorted(set(said.counties)):
        own = [t for t in range(towns) if said.counties[t] == county]
        at = [(t, m) for t in own for m in range(months) if said.reported[t, m]]
        found = np.zeros((1, towns, months), np.int64)
        for t, m in at:
            values = range(most + 1) if fixed is None or fixed[t, m] < 0 else [int(fixed[t, m])]
            wider = np.repeat(found[None], len(values), axis=0)
            for i, value in enumerate(values):
                wider[i, :, t, m] = value
            found = wider.reshape(-1, towns, months)
            found = found[_holds(found, said.counties, lines, county, (t, m), at)]
        by_county.append(found)
    result = by_county[0]
    for more in by_county[1:]:
        both = (result[:, None] + more[None]).reshape(-1, towns, months)
        result = both
    return result[_all_hold(result, lines, "state")]


def _holds(
    found: Counts,
    counties: tuple[str, ...],
    lines: dict[Figure, int | str],
    county: str,
    last: tuple[int, int],
    at: list[tuple[int, int]],
) -> Bools:
    """Below the greatest values, and above the least ones where nothing of the figure is to come."""
    ok = np.ones(len(found), np.bool_)
    done = at[: at.index(last) + 1]
    for figure, value in lines.items():
        if figure.level == "state" or (figure.level == "county" and figure.place != county):
            continue
        cells = [(t, m) for t, m in at if inside(figure, t, counties) and figure.first <= m <= figure.last]
        if not cells:
            continue
        total = sum(found[:, t, m] for t, m in cells)
        ok &= total <= limits(value)[1]
        if set(cells) <= set(done):
            ok &= total >= limits(value)[0]
    return ok


def _all_hold(found: Counts, lines: dict[Figure, int | str], level: str) -> Bools:
    ok = np.ones(len(found), np.bool_)
    for figure, value in lines.items():
        if figure.level == level:
            total = found[:, :, figure.first : figure.last + 1].sum(axis=(1, 2))
            ok &= (total >= limits(value)[0]) & (total <= limits(value)[1])
    return ok


def limits(value: int | str) -> tuple[int, int]:
    """What a told value may be."""
    if isinstance(value, str):
        return 0, 4
    return (5, 7) if value == 5 else (value - 2, value + 2)


def world(seed: int) -> tuple[Said, Counts]:
    """Two counties, four or five towns, two or three months of one or two years, some of them not reported."""
    lot = np.random.default_rng(seed)
    counties = [("East", "East", "West", "West"), ("East", "East", "East", "West"), ("East", "West", "West")][seed % 3]
    months = [(0, 1), (0, 1, 2), (3, 12), (2, 4)][seed // 3 % 4]
    reported = np.zeros((len(counties), 24 if max(months) >= 12 else 12), np.bool_)
    reported[:, months] = lot.random((len(counties), len(months))) < (1.0 if seed % 2 else 0.8)
    counts = lot.poisson(lot.gamma(1.0, [0.6, 1.5, 3.0][seed % 3], reported.shape))
    counts = np.minimum(counts, 5)
    figures = usual(reported, counties)
    if reported.shape[1] == 24 and seed % 4:
        two = Figure("town", geoid(0), 0, 23)
        figures = [*(f for f in figures if f.place != geoid(0)), *([two] if reported[0].any() else [])]
    said = Said(reported, counties, {KIND: told(counts, reported, counties, figures)}, agencies={"All": ()})
    return said, counts * reported


@pytest.mark.parametrize("seed", range(36))
def test_the_audit_says_of_every_cell_what_all_tables_say(seed: int, tmp_path: Path) -> None:
    said, _ = world(seed)
    tables = every_table(said, MOST)
    assert len(tables)
    case = Case(public(tmp_path, said), Deadline(60))
    opened = agreeing(case, case.unknown(0), *case.bounds(0, case.told.low[:, 0], case.told.high[:, 0]))
    assert opened is not None
    assert not opened.apart
    found = opened.kind.attack(opened.judged)
    attacked = 0
    for cell in np.flatnonzero(opened.judged).tolist():
        possible = set(_values(case, opened.kind.system.known, cell, tables).tolist())
        name = case.named(0, cell, opened.kind.system)
        assert min(possible) >= found.low[cell] or not found.ends[cell], name
        assert max(possible) <= found.high[cell] or not found.ends[cell], name
        assert found.proven[cell]
        shown = range(int(found.low[cell]), int(min(found.high[cell], 40)) + 1) if not found.ends[cell] else ()
        limit = max(possible)  # the judge stops at so many calls of a town and month
        assert all(v in possible for v in shown if v <= limit), name
        assert (found.values[cell] < 3) == (len(possible) < 3), (name, possible, found.values[cell])
        low, high = opened.kind.ends(cell)
        assert low <= min(possible), name
        assert high >= max(possible), name
        attacked += 1
    assert attacked > 10


def _values(case: Case, known: object, cell: int, tables: Counts) -> Counts:
    cells, months = case.cells, tables.shape[2]
    if cell >= cells.plus.size:
        unknown = cell - cells.plus.size
        own = (known.by_town == unknown) | (known.by_month == unknown)  # type: ignore[attr-defined]
        return np.asarray(tables[:, own[:, :months]].sum(axis=1))
    value = np.zeros(len(tables), np.int64)
    for sign, at in ((1, cells.plus[cell]), (-1, cells.minus[cell])):
        if at >= 0:
            level, place, first, last = (int(column[at]) for column in cells.spans)
            own = [level == 2 or place == (t if level == 0 else case.world.county[t]) for t in range(tables.shape[1])]
            value += sign * tables[:, own, first : last + 1].sum(axis=(1, 2))
    return value


@pytest.mark.parametrize("seed", range(24))
def test_an_agency_learns_what_all_tables_with_its_own_counts_say(seed: int, tmp_path: Path) -> None:
    said, counts = world(seed)
    said = and_then(said, agencies={f"Agency {t}": (t,) for t in range(len(said.counties))})
    made = public(tmp_path, said)
    case = Case(made, Deadline(60))
    found = attack_insiders(case, made.releases[-1].coverage, lines_of(counts))
    exact, zeros = set(), 0
    for town in range(len(said.counties)):
        fixed = np.full(counts.shape, -1)
        fixed[town] = counts[town]
        tables = every_table(said, 7, fixed)
        tables[:, town] = 0
        there = said.reported.copy()
        there[town] = False
        weights = np.where(there, np.random.default_rng(0).integers(1, 10**9, there.shape), 0)
        seen = {0}
        for cell in range(case.cells.plus.size):
            # A difference of the same counts as another cell is that cell; figures are attacked each.
            own = int(_values(case, None, cell, weights[None])[0])
            possible = set(_values(case, None, cell, tables).tolist())
            if own and (own not in seen or case.cells.minus[cell] < 0) and len(possible) == 1:
                value = possible.pop()
                zeros += value == 0
                if 1 <= value <= 4:
                    exact.add((town, cell))
            seen.add(own)
    assert len(found.exact) == len(exact)
    assert found.zeros == zeros
    assert found.misfits == 0


def lines_of(counts: Counts) -> pa.Table:
    """What agencies know, one town each."""
    at = list(itertools.product(range(counts.shape[0]), range(counts.shape[1])))
    return pa.table(
        {
            "agency": [f"Agency {t}" for t, _ in at],
            "geoid": [geoid(t) for t, _ in at],
            "month": [day(m) for _, m in at],
            "category": [KIND] * len(at),
            "calls": [int(counts[t, m]) for t, m in at],
        }
    )
