"""Quantiles of the normal and the gamma distribution, without a library of statistics.

The site draws limits of chance with them. SciPy has the same functions and takes seconds of processor time and a
hundred megabytes to load; tests hold these against it.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(128)
_NOTHING = 45.0
"""Where the logarithm of the density lies so far under its peak nothing is left of it."""

_STEPS = 60
_EXACT = 1e-15


def normal_quantile(p: float) -> float:
    """The value that a standard normal variable is under with probability `p`, between 0 and 1.

    Source: Wichura MJ (1988), Algorithm AS 241, Applied Statistics 37, 477-484, as in Python's `statistics`.
    """
    return NormalDist().inv_cdf(p)


def gamma_quantile(shape: Floats, tail: float, *, upper: bool) -> Floats:
    """The value that a Gamma(`shape`) variable is under, or with `upper` over, with probability `tail`.

    For shapes of 1 or more and a tail of up to a half; NaN gives NaN. Newton's steps on the logarithm of the tail, for
    the logarithm y of the value: the density of y is log-concave, so that the steps lead to the solution from
    everywhere. The tail is the integral of that density, by Gauss and Legendre's rule, to where nothing is left of it.
    """
    a = np.asarray(shape, dtype=np.float64)
    if not a.size:
        return a.copy()
    peak = np.log(a)
    constant = np.array([math.lgamma(v) for v in a.ravel().tolist()]).reshape(a.shape)
    constant = a * peak - a - constant
    side = 1.0 if upper else -1.0
    end = side * _reach(a, upper=upper)

    def density(d: Floats, a: Floats, constant: Floats) -> Floats:
        return np.asarray(np.exp(constant - a * (np.expm1(d) - d)))

    d = side * -normal_quantile(tail) / np.sqrt(a)  # of y from its peak
    d = np.clip(d, -np.abs(end) / 2, np.abs(end) / 2)
    for _ in range(_STEPS):
        half, middle = (end - d) / 2, (end + d) / 2
        at = middle[..., np.newaxis] + half[..., np.newaxis] * _NODES
        inside = density(at, a[..., np.newaxis], constant[..., np.newaxis])
        beyond = np.abs(half) * (inside * _WEIGHTS).sum(axis=-1)
        step = side * np.log(beyond / tail) * beyond / density(d, a, constant)
        d = d + step
        if not (np.abs(step) > _EXACT * np.maximum(1, np.abs(d))).any():
            break
    return np.asarray(a * np.exp(d))


def _reach(a: Floats, *, upper: bool) -> Floats:
    """How far from its peak, in y, something is left of the density: exp(-a (exp(d) - 1 - d)) falls to exp(-45)."""
    if upper:
        return np.where(a > _NOTHING, np.sqrt(2 * _NOTHING / a), np.log1p(3 * _NOTHING / a))
    return np.where(a > 3 * _NOTHING, np.sqrt(3 * _NOTHING / a), _NOTHING / a + 1)
