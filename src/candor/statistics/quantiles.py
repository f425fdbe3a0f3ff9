"""The quantile of the normal distribution, without a library of statistics.

The site draws limits of chance with it. SciPy has the same function and takes seconds of processor time and a hundred
megabytes to load; tests hold this against it.
"""

from __future__ import annotations

from statistics import NormalDist


def normal_quantile(p: float) -> float:
    """The value that a standard normal variable is under with probability `p`, between 0 and 1.

    Source: Wichura MJ (1988), Algorithm AS 241, Applied Statistics 37, 477-484, as in Python's `statistics`.
    """
    return NormalDist().inv_cdf(p)
