"""Maps as others draw them, beside Candor's: raw counts, fifths of crude rates, changes in percent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from worlds.arrays import Bools, Floats

FIFTHS = 5
CHANGED_FROM = 0.2
"""The change from which such a map says that something rose or fell: 20 %."""


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
