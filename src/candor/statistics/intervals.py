"""Wilson's interval of proportions, and what an interval is. That of a count: `negative_binomial.mean_interval`.

Pure functions on arrays that broadcast against each other. What is not known is NaN and gives NaN.

Source: Wilson EB (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209-212.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from candor.statistics.quantiles import normal_quantile

Floats = NDArray[np.float64]


class Interval(NamedTuple):
    """The two limits, of the same shape and unit as what they enclose."""

    lower: Floats
    upper: Floats


def wilson(x: ArrayLike, n: ArrayLike, level: float = 0.95) -> Interval:
    """Wilson's score interval of the proportion x / n (Wilson 1927); between 0 and 1.

    (2x + z^2 -+ z sqrt(z^2 + 4x (1 - x/n))) / (2 (n + z^2)), z the normal quantile of 1 - (1 - level)/2. Of nothing
    (n = 0) there is no proportion: NaN.

    Raises `ValueError` for a negative number, for x greater than n, or for a level outside 0 to 1.
    """
    counts, tail = _checked(x, level)
    counts, total = np.broadcast_arrays(counts, np.asarray(n, dtype=np.float64))
    if (counts > total).any():
        raise ValueError("a part is no more than the whole")
    total = np.where(total > 0, total, np.nan)
    z2 = normal_quantile(tail) ** 2
    half = np.sqrt(z2 * (z2 + 4 * counts * (1 - counts / total)))
    centre, scale = 2 * counts + z2, 2 * (total + z2)
    lower = np.where(counts == 0, total * 0, (centre - half) / scale)
    upper = np.where(counts == total, total / total, (centre + half) / scale)
    return Interval(lower, upper)


def _checked(x: ArrayLike, level: float) -> tuple[Floats, float]:
    """The counts as an array of floats, and the probability of one tail."""
    counts = np.asarray(x, dtype=np.float64)
    if (counts < 0).any():
        raise ValueError("a count is 0 or more")
    if not 0 < level < 1:
        raise ValueError(f"level is a probability such as 0.95, found {level}")
    return counts, (1 - level) / 2
