"""How much towns truly differ: the distribution of their relative rates, and where one town stands in it.

Pure functions on arrays; the towns lie on the last axis, (..., towns), and each weighs alike. `observed` are counts,
`expected` what the rate of the other towns would bring; towns with fewer than 5 expected lend nothing to the fit. A
town's true relative rate has a gamma distribution with mean m and variance v m^2; its count of one period wanders about
it with c. So a count has the marginal relative variance v + c + v c beyond Poisson.

Sources: Clayton D and Kaldor J (1987), Empirical Bayes estimates of age-standardized relative risks for use in disease
mapping, Biometrics 43, 671-681 (gamma-Poisson); Self SG and Liang KY (1987), JASA 82, 605-610 (a variance of 0 lies on
the edge: twice the gain above 6.6 is rarer than 1 in 200 where towns do not differ); METHODS, question 2.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincc, gammaincinv, gammaln, xlogy

from candor.statistics.comparison import COMPARED_FROM
from candor.statistics.distinct import distinct
from candor.statistics.intervals import Floats
from candor.statistics.likelihood import GREATEST_SHAPE, Likelihood
from candor.statistics.smoothing import Smoothed, fit_prior
from candor.vocabulary.comparison import DIFFERENCES, PLACES

GAIN_FROM: Final = 6.6
"""Twice the gain in log-likelihood from which towns are said to differ."""

SPREAD_FROM: Final = 1.1
"""The ratio of the 90 % point to the median from which it is worth saying."""

SURE: Final = 0.9
"""The probability from which a town is said to be among a tenth."""

_OUTER: Final = 0.1
_VARIANCES: Final = np.geomspace(1e-4, 20.0, 41)
_MEANS: Final = np.geomspace(0.25, 4.0, 33)
_PASSES: Final = 3


class Variety(NamedTuple):
    """Relative variance `v` and mean `m` of the towns' true relative rates, and twice the gain in log-likelihood over
    no variance at all; one axis fewer than the towns. All NaN where nothing is known."""

    v: Floats
    mean: Floats
    gain: Floats

    def quantile(self, p: float) -> Floats:
        """The relative rate under which a share `p` of towns lies."""
        some = self.v > 0
        shape = 1 / np.where(some, self.v, 1.0)
        return np.asarray(np.where(some, gammaincinv(shape, p) / shape, 1.0) * self.mean)

    @property
    def differs(self) -> NDArray[np.bool_]:
        """Whether towns differ clearly, and by enough to say where one of them stands."""
        with np.errstate(invalid="ignore", divide="ignore"):
            wide = self.quantile(1 - _OUTER) > SPREAD_FROM * self.quantile(0.5)
        return np.asarray((self.gain > GAIN_FROM) & wide)


def fit(observed: ArrayLike, expected: ArrayLike, c: ArrayLike) -> Variety:
    """The likeliest variety of exact counts; `c` has one axis fewer, and is above 0.

    Raises `ValueError` for a negative number.
    """
    o, e = (np.asarray(a, dtype=np.float64) for a in np.broadcast_arrays(observed, expected))
    used = np.isfinite(o) & np.isfinite(e) & (e >= COMPARED_FROM)
    o, e = np.where(used, o, np.nan), np.where(used, e, np.nan)
    sets = o.shape[:-1]
    wander = np.broadcast_to(np.asarray(c, dtype=np.float64), sets).ravel()
    prior = fit_prior(o, e)
    shape = np.asarray(prior.shape).ravel()
    with np.errstate(divide="ignore", invalid="ignore"):
        v = np.maximum((1 / shape - wander) / (1 + wander), 0.0)
    o, e = (np.where(used, a, 0.0).reshape(-1, o.shape[-1]) for a in (o, e))
    mean, gain = np.asarray(prior.mean).ravel().copy(), np.zeros(len(v))
    index = np.flatnonzero(o.sum(axis=-1) > 0)
    if len(index):
        likely = Likelihood(o[index], e[index], o[index].sum(axis=-1) / e[index].sum(axis=-1))
        every = np.arange(len(index))
        alike = np.minimum(1 / wander[index], GREATEST_SHAPE)
        best = np.where(v[index] > 0, np.minimum(shape[index], alike), alike)
        gain[index] = np.maximum(2 * (likely.value(best, every) - likely.value(alike, every)), 0.0)
        mean[index] = likely.mean(best, every)
    mean = np.where(used.reshape(-1, used.shape[-1]).any(axis=-1), mean, np.nan)
    v = np.where(np.isnan(mean) | (mean == 0), np.where(np.isnan(mean), np.nan, 0.0), v)
    gain = np.where(np.isnan(mean), np.nan, gain)
    return Variety(v.reshape(sets), mean.reshape(sets), gain.reshape(sets))


def fit_between(low: ArrayLike, high: ArrayLike, expected: ArrayLike, c: ArrayLike) -> Variety:
    """The same of counts that are known to lie between `low` and `high` (rounded, or "under 5"), both included.

    Maximum likelihood of interval-censored negative binomial counts, over variances and means in turn.
    """
    arrays = (low, high, expected)
    first, last, e = (np.atleast_1d(a) for a in np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in arrays)))
    used = np.isfinite(first) & np.isfinite(last) & (e >= COMPARED_FROM)
    sets = e.shape[:-1]
    wander = np.broadcast_to(np.asarray(c, dtype=np.float64), sets).ravel()
    of_set = np.flatnonzero(used) // e.shape[-1]
    e, between = e[used], _Between(first[used], last[used])

    def likelihood(v: Floats, m: Floats) -> Floats:
        k = 1 / (v + wander + v * wander)
        return np.asarray(np.bincount(of_set, between(e * m[of_set], k[of_set]), len(wander)), np.float64)

    rows = len(wander)
    v, m, flat = np.zeros(rows), np.ones(rows), np.ones(rows)
    for _ in range(_PASSES):
        m = _best(partial(likelihood, v), _MEANS, rows)
        v = _best(partial(_swapped, likelihood, m), _VARIANCES, rows)
    none = np.zeros(rows)
    flat = _best(partial(likelihood, none), _MEANS, rows)
    gain = 2 * (likelihood(v, m) - likelihood(none, flat))
    v, m = np.where(gain > 0, v, 0.0), np.where(gain > 0, m, flat)
    known = np.bincount(of_set, minlength=rows) > 0
    v, m, gain = (np.where(known, a, np.nan) for a in (v, m, np.maximum(gain, 0.0)))
    return Variety(v.reshape(sets), m.reshape(sets), gain.reshape(sets))


def posterior(observed: ArrayLike, expected: ArrayLike, c: ArrayLike, variety: Variety) -> tuple[Floats, Floats]:
    """Shape and rate of the gamma distribution of each town's true relative rate, given its count.

    A count says less than Poisson's would, for it wanders: it is shrunk by 1 / (1 + c max(E, O)). Where towns do not
    differ the shape is infinite: each has the mean.
    """
    o, e = (np.asarray(a, dtype=np.float64) for a in np.broadcast_arrays(observed, expected))
    wander, v, m = (np.asarray(a, dtype=np.float64)[..., None] for a in (c, variety.v, variety.mean))
    weight = 1 / (1 + wander * np.maximum(e, o))
    with np.errstate(divide="ignore", invalid="ignore"):
        shape = 1 / v + weight * o
        rate = 1 / (v * m) + weight * e
    return shape, rate


def smoothed(observed: ArrayLike, expected: ArrayLike, c: ArrayLike, variety: Variety, level: float = 0.95) -> Smoothed:
    """Each town's relative rate under its posterior: mean and equal-tailed interval.

    Raises `ValueError` for a level outside 0 to 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"level is a probability such as 0.95, found {level}")
    shape, rate = posterior(observed, expected, c, variety)
    alike = np.isinf(shape)
    mean = np.broadcast_to(np.asarray(variety.mean)[..., None], shape.shape)
    unknown = np.isnan(np.asarray(observed, dtype=np.float64) + np.asarray(expected, dtype=np.float64))
    (different,), which = distinct(np.where(alike | unknown, np.nan, shape))
    with np.errstate(divide="ignore", invalid="ignore"):
        limits = [gammaincinv(different, p)[which] / rate for p in ((1 - level) / 2, (1 + level) / 2)]
        found = [np.where(unknown, np.nan, np.where(alike, mean, a)) for a in (shape / rate, *limits)]
    return Smoothed(*found)


def place(
    observed: ArrayLike, expected: ArrayLike, c: ArrayLike, variety: Variety, label: NDArray[np.int8]
) -> NDArray[np.int8]:
    """Whether a town is among the tenth with the highest, or the lowest, rates: an index into `PLACES`.

    Where the posterior puts it beyond the 90 % (or under the 10 %) point of the towns' distribution with a probability
    of 0.9, and its label (`DIFFERENCES`) says `higher` (`lower`). Nowhere where towns do not clearly differ.
    """
    shape, rate = posterior(observed, expected, c, variety)
    differs = np.broadcast_to(variety.differs[..., None], shape.shape)
    found = np.zeros(shape.shape, np.int8)
    for name, p, word in (("higher", 1 - _OUTER, "highest"), ("lower", _OUTER, "lowest")):
        where = differs & (label == DIFFERENCES.index(name)) & np.isfinite(shape)
        limit = np.broadcast_to(variety.quantile(p)[..., None], shape.shape)[where] * rate[where]
        above = gammaincc(shape[where], limit)
        sure = above >= SURE if name == "higher" else above <= 1 - SURE
        found[where] = np.where(sure, PLACES.index(f"among the tenth with the {word} rates"), 0)
    return found


def most_towns(rates: ArrayLike, variety: Variety) -> tuple[Floats, Floats]:
    """Between which relative rates at least 9 of 10 towns lie, rounded outwards to one decimal; (...,).

    The middle 90 % of the fitted distribution, widened where fewer of the towns' smoothed `rates` (..., towns) lie in
    it: a sentence about towns must be true of them, and a gamma distribution does not fit a state with one large city.
    NaN where towns do not clearly differ.
    """
    values = np.sort(np.asarray(rates, dtype=np.float64), axis=-1)
    known = np.isfinite(values).sum(axis=-1)
    ends = []
    for p in (_OUTER / 2, 1 - _OUTER / 2):
        at = np.clip(np.where(p < _OUTER, np.floor(known * p), np.ceil(known * p) - 1), 0, None).astype(np.int64)
        of_towns = np.take_along_axis(values, at[..., None], axis=-1)[..., 0] if values.shape[-1] else variety.mean
        fitted = variety.quantile(p)
        ends.append(np.fmin(of_towns, fitted) if p < _OUTER else np.fmax(of_towns, fitted))
    differs = variety.differs
    low, high = np.floor(ends[0] * 10 + 1e-9) / 10, np.ceil(ends[1] * 10 - 1e-9) / 10
    return np.where(differs, low, np.nan), np.where(differs, high, np.nan)


def _swapped(of: Callable[[Floats, Floats], Floats], second: Floats, first: Floats) -> Floats:
    return of(first, second)


def _best(of: Callable[[Floats], Floats], grid: Floats, rows: int) -> Floats:
    """Where a function of one number a row is greatest: on a grid, and by a parabola beside its best point."""
    values = np.stack([of(np.full(rows, x)) for x in grid])
    at = np.clip(values.argmax(axis=0), 1, len(grid) - 2)
    left, top, right = (np.take_along_axis(values, (at + d)[None], axis=0)[0] for d in (-1, 0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        bend = left - 2 * top + right
        step = np.where(bend < 0, np.clip(0.5 * (left - right) / bend, -1, 1), 0.0)
    return np.asarray(np.exp(np.log(grid[at]) + step * np.log(grid[1] / grid[0])))


class _Between:
    """The log probability of low <= X <= high, X negative binomial, of many counts: for many means and shapes.

    That of `low`, and by what factor each value more is likelier than the one before: a gamma function for one value,
    not for each. Counts (N,) lie in the order of how many values they may have: each step is of those that go so far.
    """

    def __init__(self, low: Floats, high: Floats) -> None:
        more = (high - low).astype(np.int64)
        self._order = np.argsort(-more, kind="stable")
        self._low = low[self._order]
        self._known = gammaln(self._low + 1)
        self._reach = [int((more >= step).sum()) for step in range(1, int(more.max(initial=0)) + 1)]

    def __call__(self, mean: Floats, k: Floats) -> Floats:
        """Of means and shapes k, (N,)."""
        low, mean, k = self._low, mean[self._order], k[self._order]
        p = mean / (k + mean)
        at_low = gammaln(low + k) - gammaln(k) - self._known - k * np.log1p(mean / k) + xlogy(low, p)
        rest = np.ones(len(low))
        for step in range(len(self._reach), 0, -1):
            some = slice(self._reach[step - 1])
            value = low[some] + step
            rest[some] = 1 + (value - 1 + k[some]) / value * p[some] * rest[some]
        found = np.empty(len(low))
        found[self._order] = at_low + np.log(rest)
        return found
