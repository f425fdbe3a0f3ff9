"""The figures of calls: pools of published cells over months, categories and towns, each with what is known of it.

Everything here is computed from the protected cube alone, the one that the public reads: no figure can say more about a
suppressed cell than the cube does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from candor.measures.dense import DenseCube, dense
from candor.measures.lines import RATE_FROM, Places, schema_of
from candor.measures.periods import YEAR, Period, month_periods, pooled_periods, quarter_periods, year_shares
from candor.measures.pools import Pool, Series, chosen, comparable_pool, series_of, state_pool, town_pool
from candor.measures.release_figures import Block, Pools, figures
from candor.statistics.intervals import rate_per_1000

SCHEMA = schema_of("calls")
"""The columns of `call-rates-by-town`."""


def monthly_rates(cube: pa.Table) -> pa.Table:
    """The protected cube with its rates: calls per 1,000 residents and year, and the 95 % interval, from 10 calls on.

    `cube` has the columns of `calls-by-town`; the lines keep their order. Empty where there are fewer calls, no count,
    or no residents.
    """
    enough = pc.greater_equal(cube["calls"].fill_null(0), RATE_FROM).to_numpy()
    residents = cube["residents"].fill_null(0).to_numpy()
    where = np.flatnonzero(enough & (residents > 0))
    rated = cube.select(["calls", "month"]).take(pa.array(where))
    days = rated["month"].cast(pa.int32()).to_numpy().astype("datetime64[D]")
    years = year_shares(days.astype("datetime64[M]"))
    figures = rate_per_1000(rated["calls"].to_numpy(), residents[where], years)
    for name, values in zip(("rate", "rate_low", "rate_high"), figures, strict=True):
        column = np.full(cube.num_rows, np.nan)
        column[where] = values
        cube = cube.set_column(cube.column_names.index(name), name, pa.array(column, from_pandas=True))
    return cube


def call_rates(cube: pa.Table, sensitive_categories: Collection[str], jurisdiction: str, state: str = "") -> pa.Table:
    """The data set `call-rates-by-town` as one table: see `call_rate_parts`, which a large release is written from."""
    parts = list(call_rate_parts(dense(cube), sensitive_categories, jurisdiction, state))
    return pa.concat_tables(parts).unify_dictionaries() if parts else SCHEMA.empty_table()


def call_rate_parts(
    cells: DenseCube,
    sensitive_categories: Collection[str],
    jurisdiction: str,
    state: str = "",
    beside: Sequence[tuple[Series, Block]] = (),
    yearly: DenseCube | None = None,
) -> Iterator[pa.Table]:
    """The data set `call-rates-by-town` (`SCHEMA`; docs/architecture.md, section 8), part by part, in order.

    `cells` is the cube of open kinds. `sensitive_categories`: no total includes them. `jurisdiction` and `state` (its
    FIPS code) name the lines of level `state`. Only published cells enter; a pool of a kind that has a cell that is not
    told has no figure. `beside`: blocks that come after them and are part of the same release, so that what is a change
    is decided over all (`sensitive_figures.blocks`). `yearly`: the same cube with the months that came late, for the
    figures of calendar years.
    """
    anywhere = np.flatnonzero(cells.covered.any(axis=0))
    if not len(anywhere):
        yield from figures(beside)
        return
    span = cells.months[anywhere[0] : anywhere[-1] + 1]
    long, short = pooled_periods(span), (*quarter_periods(span), *month_periods(span))
    series = series_of(cells, sensitive_categories)
    whole = Places("state", (state,), (jurisdiction,), ("",))
    towns = Places("town", cells.geoids, cells.names, cells.counties)
    ever = np.flatnonzero(cells.covered.any(axis=1))
    late = None if yearly is None or yearly is cells else (yearly, series_of(yearly, sensitive_categories))

    def pools(of: Callable[[DenseCube, Series, Sequence[Period]], Pool]) -> Pools:
        def pool(periods: Sequence[Period]) -> Pool:
            found = of(cells, series, periods)
            return found if late is None else chosen(_calendar_years(periods), of(*late, periods), found)

        return pool

    every = np.arange(len(cells.geoids))
    reference, state_of = pools(comparable_pool), pools(state_pool)
    over_long = Block.of_towns(long, towns, pools(lambda c, s, p: town_pool(c, s, p, every)), reference)
    over_short = Block.of_towns(short, towns.only(ever), pools(lambda c, s, p: town_pool(c, s, p, ever)), reference)
    states = [Block.of_state(b, whole, state_of(b.periods)) for b in (over_long, over_short)]
    yield from figures([*((series, block) for block in (*states, over_long, over_short)), *beside])


def _calendar_years(periods: Sequence[Period]) -> NDArray[np.bool_]:
    return np.array([p.months == YEAR and int(p.first.astype(np.int64)) % YEAR == 0 for p in periods], np.bool_)
