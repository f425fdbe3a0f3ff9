"""The figures of calls: pools of published cells over months, categories and towns, each with what is known of it.

Everything here is computed from the protected cube alone, the one that the public reads: no figure can say more about a
suppressed cell than the cube does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.measures.call_pools import CallPools, calendar_years
from candor.measures.denominators import RESIDENTS
from candor.measures.dense import Bools, DenseCube, dense
from candor.measures.lines import PER, RATE_FROM, Places, schema_of
from candor.measures.periods import month_periods, pooled_periods, quarter_periods, year_shares
from candor.measures.pools import Series
from candor.measures.release_figures import Block, figures, years_together
from candor.measures.similar import Similar
from candor.measures.standing import over_years, sums
from candor.measures.wander import MONTH, Wander, learn
from candor.statistics.negative_binomial import mean_interval

SCHEMA = schema_of("calls")
"""The columns of `call-rates-by-town`."""


def monthly_rates(cube: pa.Table, cells: DenseCube, wander: Wander) -> pa.Table:
    """The cube with its rates: calls per 1,000 persons and year, and the 95 % interval, from 10 calls on.

    `cube` has the columns of `calls-by-town`; the lines keep their order. Empty where there are fewer calls, no count,
    or no persons. `cells` are the same as arrays, `wander` that of their series (`learned_from`): the interval of a
    line is that of its own category, of which the calls of the public are what wanders.
    """
    enough = pc.greater_equal(cube["calls"].fill_null(0), RATE_FROM).to_numpy()
    where = np.flatnonzero(enough & pc.not_equal(cube["geoid"], "").to_numpy())
    rated = cube.select(["geoid", "month", "category", "initiated_by", "calls"]).take(pa.array(where))
    place, what = (
        pc.index_in(rated[name].cast(pa.string()), value_set=pa.array(values)).fill_null(-1).to_numpy()
        for name, values in (("geoid", cells.geoids), ("category", cells.categories))
    )
    month = rated["month"].cast(pa.int32()).to_numpy().astype("datetime64[D]").astype("datetime64[M]")
    when = (month - cells.months[0]).astype(np.int64) if len(where) else np.zeros(0, np.int64)
    person_years = cells.present[place, when] * year_shares(cells.months)[when]
    some = person_years > 0
    where, person_years = where[some], person_years[some]
    calls = rated["calls"].to_numpy()[some].astype(np.float64)
    c = wander.by_length[MONTH].c[:, 0]
    of_category = c[-len(cells.categories) :]  # totals and groups come before them
    # A kind that was open in these months and is sensitive now has no series of its own: that of all stands.
    own = what[some]
    limits = mean_interval(calls, np.where(own >= 0, of_category[own], c[0]))
    for name, values in zip(("rate", "rate_low", "rate_high"), (calls, *limits), strict=True):
        column = np.full(cube.num_rows, np.nan)
        column[where] = values / person_years * PER
        cube = cube.set_column(cube.column_names.index(name), name, pa.array(column, from_pandas=True))
    return cube


def call_rates(
    cube: pa.Table,
    sensitive_categories: Collection[str],
    jurisdiction: str,
    state: str = "",
    similar: Similar | None = None,
) -> pa.Table:
    """The data set `call-rates-by-town` as one table: see `call_rate_parts`, which a large release is written from."""
    pools = CallPools(dense(cube), None, sensitive_categories)
    parts = list(call_rate_parts(pools, learned_from(pools), jurisdiction, state, similar=similar))
    return pa.concat_tables(parts).unify_dictionaries() if parts else SCHEMA.empty_table()


def learned_from(pools: CallPools) -> Wander:
    """How much counts of open kinds wander, by length of period."""
    cells = pools.cells
    span = pools.span
    pairs = pools.pairs(span) if len(span) else {}
    return learn(pools.series, pairs, dict(zip(cells.categories, cells.groups, strict=True)))


def call_rate_parts(
    pools: CallPools,
    learned: Wander,
    jurisdiction: str,
    state: str = "",
    beside: Sequence[tuple[Series, Block]] = (),
    similar: Similar | None = None,
    denominator: str = RESIDENTS,
) -> Iterator[pa.Table]:
    """The data set `call-rates-by-town` (`SCHEMA`; docs/architecture.md, section 8), part by part, in order.

    `pools` are of the cube of open kinds, `learned` how much their counts wander. `jurisdiction` and `state` (its FIPS
    code) name the lines of level `state`. Only published cells enter; a pool of a kind that has a cell that is not told
    has no figure. `beside`: blocks that come after them (`sensitive_blocks.blocks`). `similar`: towns of similar size
    and kind. `denominator`: what `cells.present` counts.
    """
    cells, series, span = pools.cells, pools.series, pools.span
    if not len(span):
        yield from figures(beside)
        return
    long, short = pooled_periods(span), (*quarter_periods(span), *month_periods(span))
    whole = Places("state", (state,), (jurisdiction,), ("",))
    towns = Places("town", cells.geoids, cells.names, cells.counties)
    ever, every = np.flatnonzero(cells.covered.any(axis=1)), np.arange(len(cells.geoids))
    compared = _compared(series)
    years = calendar_years(long)
    towns_by_year = pools.towns(years, every)
    pooled = over_years(sums(towns_by_year, pools.reference(years), learned.over(years).c)) if years else None
    names = years_together(years, towns_by_year)
    blocks, states = [], []
    for periods, of_towns in ((long, every), (short, ever)):
        now = pools.towns(periods, of_towns)
        block = Block(
            periods,
            towns.only(of_towns),
            now,
            pools.reference(periods),
            pools.year_before(periods, of_towns),
            learned.over(periods),
            compared,
            pooled=None if pooled is None else pooled.of_places(of_towns),
            pooled_years=None if pooled is None else (names[0], names[1][of_towns]),
            similar=None if similar is None or periods is short else similar.of(towns.only(of_towns).geoids),
            groups=() if similar is None else similar.groups,
            denominator=denominator,
        )
        blocks.append(block)
        states.append(Block.of_state(block, whole, pools.state(periods)))
    yield from figures([*((series, block) for block in (*states, *blocks)), *beside])


def _compared(series: Series) -> Bools:
    """Which series are compared, (L, 2): not where officers' own activity is in them, for it follows a policy."""
    officers = (series.calls[:, 1] != series.calls[:, 0]).any(axis=(1, 2))
    return np.stack([np.ones(len(officers), np.bool_), ~officers], axis=1)
