"""Maps as others draw them, beside Candor's: raw counts, fifths of crude rates, changes in percent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import rankdata

from candor.graphics.palette import colour_value
from candor.measures.changes import Changes
from candor.measures.standing import Standing
from candor.vocabulary.comparison import CHANGES, DIFFERENCES
from worlds.fast import Figures
from worlds.kinds import PLANTED_RATE
from worlds.tally import Bools, Floats, Tallies

FIFTHS = 5
CHANGED_FROM = 0.2
"""The change from which such a map says that something rose or fell: 20 %."""

EXAMPLES: Final = {"all": "all calls, 157 per 1,000", "noise": "noise, 10 per 1,000"}
"""The series that are set side by side, by name."""


@dataclass(frozen=True)
class NaiveMap:
    """One map over the towns that have residents: fifths of their raw counts and of their crude rates, 0 to 4."""

    count_fifth: Floats
    rate_fifth: Floats


def fifths(values: Floats) -> Floats:
    """Which fifth each value is in, 0 to 4, as mapping programs cut them: at the quintiles."""
    cuts = np.quantile(values, np.arange(1, FIFTHS) / FIFTHS)
    return np.digitize(values, cuts).astype(np.float64)


def naive_map(calls: Floats, residents: Floats) -> NaiveMap:
    """The two maps of one count; all towns have residents."""
    return NaiveMap(fifths(calls), fifths(calls / residents))


def changed(earlier: Floats, later: Floats) -> Bools:
    """Where the count rose or fell by 20 % and more; from none to some is a rise beyond measure."""
    beyond: Bools = (np.abs(later - earlier) >= CHANGED_FROM * earlier) & (later != earlier)
    return beyond


def rank_correlation(values: Floats, others: Floats) -> float:
    """Spearman's. Where all values are the same nothing goes with anything: 0."""
    if len(values) < 2 or (values == values[0]).all() or (others == others[0]).all():
        return 0.0
    a, b = (rankdata(v) for v in (values, others))
    return float(np.corrcoef(a, b)[0, 1])


def side_by_side(found: Tallies, figures: Figures, stands: Standing, changes: Changes) -> None:
    """The last year of a world as other maps draw it, and as Candor says it, counted into `found`."""
    home = np.flatnonzero(figures.world.state.home)
    people, q = figures.world.state.residents[home], figures.last_year
    planted = figures.world.relative[0, home] == PLANTED_RATE
    largest = people >= np.sort(people)[-len(people) // FIFTHS]
    smallest = people <= np.sort(people)[len(people) // FIFTHS]
    every = np.ones(len(home), np.bool_)
    for name in EXAMPLES:
        i = figures.series.names.index(name)
        calls, earlier = figures.now.calls[i, 0, q, home], figures.before[1].calls[i, 0, q, home]
        others = naive_map(calls.astype(np.float64), people)
        rate_top, rate_end = others.rate_fifth == FIFTHS - 1, np.isin(others.rate_fifth, (0, FIFTHS - 1))
        count_top = others.count_fifth == FIFTHS - 1
        label = stands.difference.label[i, 0, q, home]
        higher = label == DIFFERENCES.index("higher")
        told = higher | (label == DIFFERENCES.index("lower"))
        verdict = changes.verdict[i, 0, q, home]
        colour = colour_value(*(values[i, 0, q, home] for values in stands.smoothed))
        colour = np.nan_to_num(colour)
        away = np.abs(calls / people - calls.sum() / people.sum())
        for measure, hit, among in (
            ("top fifth by count, of the largest fifth", count_top, largest),
            ("end fifths by rate", rate_end, every),
            ("end fifths by rate, of the smallest fifth", rate_end, smallest),
            ("end fifths by rate, of the largest fifth", rate_end, largest),
            ("told higher or lower", told, every),
            ("coloured", colour != 0, every),
            ("changed by 20 %", changed(earlier.astype(np.float64), calls.astype(np.float64)), every),
            ("change told", np.isin(verdict, [CHANGES.index("up"), CHANGES.index("down")]), every),
            ("planted among top fifth by rate", planted, rate_top),
            ("planted among top fifth by count", planted, count_top),
            ("planted among told higher", planted, higher),
        ):
            found.count((measure, name), hit, among)
        for measure, value in (
            ("correlation of counts", rank_correlation(calls.astype(np.float64), people)),
            ("correlation of extreme rates", rank_correlation(away, people)),
            ("correlation of colour", rank_correlation(colour, people)),
        ):
            found.add((measure, name), value, 1)
