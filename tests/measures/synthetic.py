"""Made-up worlds of calls: towns, agencies that report with gaps, categories of which one was sensitive for a while.

Everything comes from a seed. Small by default, so that a test can count again by hand (in Python, cell by cell).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.measures.call_pools import CallPools
from candor.measures.coverage import DeclaredCoverage, coverage_grid, months_sent
from candor.measures.cube import INITIATORS, cube, in_order
from candor.measures.dense import dense
from candor.measures.rates import call_rates, learned_from, monthly_rates
from candor.measures.wander import Wander

FIRST_MONTH = np.datetime64("2023-05")
OPENED = "category-2"
"""The category that was sensitive in the first months, and so is told by county only there."""

OPENED_AFTER = 4
"""In so many months."""

AGENCIES = ("Northtown Police", "Southtown Police", "County Sheriff")


@dataclass(frozen=True)
class World:
    """What a release is made from. `counts` is as `cube.call_counts` gives it."""

    places: pa.Table
    categories: pa.Table
    sensitive: frozenset[str]  # which no cube of towns and months holds
    agencies: tuple[DeclaredCoverage, ...]  # without what they sent
    counts: pa.Table

    @property
    def declared(self) -> list[DeclaredCoverage]:
        """The agencies' declarations beside what they sent."""
        sent = months_sent(self.counts)
        return [
            DeclaredCoverage(a.agency, a.places, a.first_month, a.last_month, a.gaps, sent.get(a.agency, frozenset()))
            for a in self.agencies
        ]

    def cube(self) -> pa.Table:
        """The cube of all categories, in order."""
        return run(in_order(self._lazy()))

    def published(self) -> pa.Table:
        """What is published of it: open categories alone, one of them by county only for a while."""
        table = self.cube()
        sensitive = pc.is_in(table["category"], value_set=pa.array(sorted(self.sensitive), pa.string()))
        table = table.filter(pc.invert(sensitive))
        early = pc.less(table["month"], pa.scalar((FIRST_MONTH + OPENED_AFTER).astype(object), pa.date32()))
        there = pc.is_in(table["coverage"], value_set=pa.array(["reported", "zero"]))
        hidden = pc.and_(pc.and_(pc.equal(table["category"], OPENED), early), there)
        coverage = pc.if_else(hidden, "by county only", table["coverage"])
        calls = pc.if_else(hidden, pa.scalar(None, pa.int64()), table["calls"])
        table = table.set_column(table.column_names.index("coverage"), "coverage", coverage)
        table = table.set_column(table.column_names.index("calls"), "calls", calls)
        return table.filter(pc.invert(pc.and_(hidden, pc.equal(table["geoid"], ""))))

    def release(self) -> tuple[pa.Table, pa.Table]:
        """The two published tables: the cube with its monthly rates, and the pooled rates."""
        table = self.published()
        rated = monthly_rates(table, dense(table), self.wander(table))
        return rated, call_rates(table, self.sensitive, "Testland", "99")

    def wander(self, table: pa.Table) -> Wander:
        """How much the counts of a published cube wander."""
        return learned_from(CallPools(dense(table), None, self.sensitive))

    def _lazy(self) -> ibis.Table:
        grid = coverage_grid(self.declared, self.places)
        return cube(ibis.memtable(self.counts), ibis.memtable(grid), ibis.memtable(self.categories))


def run(table: ibis.Table) -> pa.Table:
    """The result of an expression, on DuckDB."""
    return _duckdb().to_pyarrow(table)


@cache
def _duckdb() -> ibis.BaseBackend:
    return ibis.duckdb.connect()


def world(seed: int, *, towns: int = 5, months: int = 14, categories: int = 6, mean: float = 3.0) -> World:
    """A world of `months` months. The first town has nobody in it, the last is covered by no agency."""
    rng = np.random.default_rng(seed)
    geoids = [f"99{i:08d}" for i in range(towns)]
    places = pa.table(
        {
            "geoid": geoids,
            "name": [f"Town {i}" for i in range(towns)],
            "county": [f"County {i % 2}" for i in range(towns)],
            "residents": pa.array([0, *rng.integers(1, 3_000, towns - 1)], pa.int64()),
        }
    )
    slugs = [f"category-{i}" for i in range(categories)]
    sensitive = frozenset(slugs[1::3])
    calendar = np.arange(FIRST_MONTH, FIRST_MONTH + months)
    agencies = tuple(_agency(rng, name, geoids[:-1], calendar) for name in AGENCIES)
    counts = _counts(rng, agencies, geoids, calendar, slugs, mean=mean)
    groups = [f"group-{i // 2}" for i in range(categories)]
    return World(places, pa.table({"category": slugs, "category_group": groups}), sensitive, agencies, counts)


def _agency(rng: np.random.Generator, name: str, geoids: list[str], calendar: np.ndarray) -> DeclaredCoverage:
    covered = rng.random(len(geoids)) < 0.6
    first, last = sorted(rng.choice([0, 0, 1, 3, len(calendar) - 2, len(calendar) - 1, len(calendar) - 1], 2))
    gaps = calendar[rng.random(len(calendar)) < 0.1]
    return DeclaredCoverage(
        name,
        tuple(g for g, c in zip(geoids, covered, strict=True) if c),
        str(calendar[first]),
        str(calendar[last]),
        tuple(str(g) for g in gaps),
    )


def _counts(
    rng: np.random.Generator,
    agencies: tuple[DeclaredCoverage, ...],
    geoids: list[str],
    calendar: np.ndarray,
    slugs: list[str],
    *,
    mean: float,
) -> pa.Table:
    """Calls of every agency anywhere, though mostly in its own towns; some without a place; some months not sent."""
    everywhere = [*geoids, "", "99elsewhere"]
    shape = (len(agencies), len(everywhere), len(calendar), len(slugs), len(INITIATORS))
    home = np.array([[0.02 + (g in a.places) for g in everywhere] for a in agencies])
    rates = mean * home[:, :, None, None, None] * rng.gamma(0.7, 1.4, shape[3:])
    calls = rng.poisson(np.broadcast_to(rates, shape))
    calls *= (rng.random((len(agencies), 1, len(calendar), 1, 1)) > 0.1).astype(np.int64)
    agency, place, month, category, initiator = np.nonzero(calls)
    return pa.table(
        {
            "agency": np.array(AGENCIES)[agency],
            "geoid": np.array(everywhere)[place],
            "month": pa.array(calendar[month].astype("datetime64[D]"), pa.date32()),
            "category": np.array(slugs)[category],
            "initiated_by": np.array(INITIATORS)[initiator],
            "category_group": np.array([f"group-{i // 2}" for i in range(len(slugs))])[category],
            "calls": calls[agency, place, month, category, initiator].astype(np.int64),
        }
    )
