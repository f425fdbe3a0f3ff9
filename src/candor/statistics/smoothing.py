"""The gamma distribution of the towns' relative rates under which their counts are likeliest.

Pure functions on arrays. The towns that lend strength to each other lie on the last axis: (..., towns); a whole release
is one call. `observed` and `expected` are events, a relative rate is their ratio. A count that is not known is NaN: it
lends nothing. What is said with it of one town: `variety`.

Source: Clayton D and Kaldor J (1987), Empirical Bayes estimates of age-standardized relative risks for use in disease
mapping, Biometrics 43, 671-681 (the gamma-Poisson model and its likelihood).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from candor.statistics.intervals import Floats
from candor.statistics.likelihood import Likelihood


class Prior(NamedTuple):
    """The gamma distribution of the towns' true relative rates: Gamma(shape, shape / mean), one axis fewer.

    An infinite shape says that the towns differ by no more than chance: all have the mean.
    """

    shape: Floats
    mean: Floats

    @property
    def rate(self) -> Floats:
        """The second parameter, shape / mean; infinite where nothing happened anywhere."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.shape / self.mean, dtype=np.float64)


class Smoothed(NamedTuple):
    """The smoothed relative rate (posterior mean) with the limits of its equal-tailed interval."""

    mean: Floats
    lower: Floats
    upper: Floats


def fit_prior(observed: ArrayLike, expected: ArrayLike) -> Prior:
    """The gamma distribution under which the observed counts are likeliest (maximum likelihood).

    O is negative binomial with mean m E and shape a. For every a, m solves m = sum w O / sum w E, w = a / (a + m E);
    the likelihood is looked at for shapes from 0.01 to 10,000 and for Poisson counts, and beside the best of these the
    root of its derivative gives a. Where Poisson counts are likeliest (the towns vary no more than chance would have
    it, there is one town, or nothing happened) the shape is infinite and every town is shrunk fully to the mean.

    Raises `ValueError` for a negative number.
    """
    o, e, used = _of_towns(observed, expected)
    shape = o.shape[:-1]
    o, e = (np.where(used, a, 0.0).reshape(-1, o.shape[-1]) for a in (o, e))
    with np.errstate(invalid="ignore"):
        mean = o.sum(axis=-1) / e.sum(axis=-1)
    fits = np.full(len(o), np.inf)
    index = np.flatnonzero(mean > 0)
    if len(index):
        likely = Likelihood(o[index], e[index], mean[index])
        fits[index] = likely.shape()
        finite = np.flatnonzero(np.isfinite(fits[index]))
        mean[index[finite]] = likely.mean(fits[index[finite]], finite)
    return Prior(fits.reshape(shape), mean.reshape(shape))


def _of_towns(x: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Both, broadcast, with which towns lend strength."""
    counts, sizes = np.asarray(x, dtype=np.float64), np.asarray(n, dtype=np.float64)
    if (counts < 0).any() or (sizes < 0).any():
        raise ValueError("counts and expected counts are 0 or more")
    counts, sizes = (np.atleast_1d(a) for a in np.broadcast_arrays(counts, sizes))
    return counts, sizes, np.isfinite(counts) & np.isfinite(sizes) & (sizes > 0)
