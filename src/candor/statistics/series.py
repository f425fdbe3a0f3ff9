"""A series over time: the limits of an XmR chart (individuals and moving range), and its four signals.

Pure functions on arrays. Time runs along the last axis, so many series are one call: (..., times). A time that is not
known is NaN: it has no moving range and no signal, and breaks every run. Limits are in the unit of the series.

METHODS has XmR limits where the monthly mean is at least 5; below, yearly exact tests (`change`).

Sources: Wheeler DJ and Chambers DS (1992), Understanding statistical process control (2.66 and 3.27 mean moving
ranges); NHS England, Making Data Count (the signals, and the screening of moving ranges).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from candor.statistics.intervals import Floats

Bools = NDArray[np.bool_]

CHARTED_FROM = 5
"""The mean count of a month from which limits are drawn (METHODS, Change)."""

RUN = 7
"""The successive values on one side of the mean, or rising, or falling, that are a signal."""

_OF_RANGE, _SCREEN = 2.66, 3.27


class Limits(NamedTuple):
    """The mean and the lower and upper process limits of each series; one axis fewer than the series."""

    mean: Floats
    lower: Floats
    upper: Floats


class Signals(NamedTuple):
    """Where a series shows more than routine variation; each has the series' shape, true at every value concerned."""

    beyond: Bools
    shift: Bools
    trend: Bools
    near_limit: Bools


def xmr_limits(values: ArrayLike, *, screen: bool = False, floor: float = -np.inf) -> Limits:
    """The mean of each series, and mean -+ 2.66 mean moving range.

    The moving range is the absolute difference of neighbours that are both known. With `screen`, moving ranges above
    3.27 times their mean are left out of a second mean, so that one outlier does not hide itself. No limit lies under
    `floor`: 0 for counts and rates. A series without a known value has NaN; one without neighbours has its mean as
    limits on neither side: -infinity (or `floor`) and infinity.
    """
    series = np.asarray(values, dtype=np.float64)
    ranges = np.abs(np.diff(series, axis=-1))
    mean, spread = _mean(series), _mean(ranges)
    if screen:
        spread = _mean(np.where(ranges <= _SCREEN * spread[..., np.newaxis], ranges, np.nan))
    half = np.where(np.isnan(spread) & ~np.isnan(mean), np.inf, _OF_RANGE * spread)
    return Limits(mean, np.maximum(mean - half, floor), np.maximum(mean + half, floor))


def signals(values: ArrayLike, limits: Limits) -> Signals:
    """The four signals of each series against its limits.

    - `beyond`: outside the limits.
    - `shift`: one of seven or more successive values on the same side of the mean.
    - `trend`: one of seven or more successive values, each higher than the one before, or each lower.
    - `near_limit`: one of two, of three successive values, that lie on the same side in the outer third between mean
      and limit. What is beyond counts as well.

    `limits` may be of other values than these (a baseline). A limit that `floor` has raised leaves the outer third as
    it is on the other side. Values that differ from a limit or the mean by rounding only lie on it.
    """
    series = np.asarray(values, dtype=np.float64)
    mean, lower, upper = (np.asarray(v, dtype=np.float64)[..., np.newaxis] for v in limits)
    rounding = 1e-9 * (np.abs(mean) + np.abs(np.where(np.isfinite(upper), upper, 0)))
    above, below = series > mean + rounding, series < mean - rounding
    third = 2 / 3 * np.maximum(upper - mean, mean - lower)
    rises = np.diff(series, axis=-1, prepend=np.nan)
    high, low = series > mean + third + rounding, series < mean - third - rounding
    return Signals(
        beyond=(series > upper + rounding) | (series < lower - rounding),
        shift=_in_run(above, RUN) | _in_run(below, RUN),
        trend=_steps(rises > rounding) | _steps(rises < -rounding),
        near_limit=_two_of_three(high, ~np.isnan(series)) | _two_of_three(low, ~np.isnan(series)),
    )


def _in_run(is_so: Bools, length: int) -> Bools:
    """Where a value is one of at least `length` successive ones that are so."""
    found = np.zeros(is_so.shape, np.bool_)
    if is_so.shape[-1] >= length:
        whole = np.lib.stride_tricks.sliding_window_view(is_so, length, axis=-1).all(axis=-1)
        for i in range(length):
            found[..., i : i + whole.shape[-1]] |= whole
    return found


def _steps(is_step: Bools) -> Bools:
    """Where a value is one of seven that are joined by six steps of a kind."""
    found = _in_run(is_step, RUN - 1)
    found[..., :-1] |= found[..., 1:] & is_step[..., 1:]  # the value from which the first step leads
    return found


def _two_of_three(is_so: Bools, known: Bools) -> Bools:
    found = np.zeros(is_so.shape, np.bool_)
    if is_so.shape[-1] >= 3:
        windows = (np.lib.stride_tricks.sliding_window_view(a, 3, axis=-1) for a in (is_so, known))
        so, all_known = (next(windows), next(windows).all(axis=-1))
        whole = (so.sum(axis=-1) >= 2) & all_known
        for i in range(3):
            found[..., i : i + whole.shape[-1]] |= whole & so[..., i]
    return found


def _mean(values: Floats) -> Floats:
    """The mean of what is known along the last axis; NaN where nothing is."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0.0).sum(axis=-1) / known.sum(axis=-1), dtype=np.float64)
