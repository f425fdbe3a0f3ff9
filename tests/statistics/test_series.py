from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from candor.statistics.series import Limits, Signals, signals, xmr_limits

Rows = list[dict[str, str]]

FLAT = Limits(np.array(10.0), np.array(4.0), np.array(16.0))  # the outer third begins at 14 and at 6


def at(found: np.ndarray) -> list[int]:
    return [int(i) for i in np.flatnonzero(found)]


def test_the_limits_are_the_published_ones(published: Callable[[str], Rows]) -> None:
    series = published("xmr_seed123_series.csv")
    rows = published("xmr_expected.csv")
    assert len(rows) == 3
    for row in rows:
        values = [float(r[row["series"]]) for r in series]
        got = xmr_limits(values, screen=row["mode"] == "screen")
        assert [float(v) for v in got] == pytest.approx([float(row[k]) for k in ("mean", "lpl", "upl")], rel=5e-7)


def test_an_outlier_is_seen_because_it_does_not_hide_itself(published: Callable[[str], Rows]) -> None:
    values = [float(r["y_outlier15"]) for r in published("xmr_seed123_series.csv")]
    assert at(signals(values, xmr_limits(values, screen=True)).beyond) == [14]


# One series for each signal and each near miss, the signal that it gives, and the positions concerned.
CASES: list[tuple[list[float], str, list[int]]] = [
    ([10, 17, 10, 3, 16, 10, 4], "beyond", [1, 3]),
    ([9, 11, 12, 11, 12, 11, 12, 11, 9, 9, 9, 9, 9, 9, 10, 9], "shift", [1, 2, 3, 4, 5, 6, 7]),
    ([9, 8, 9, 10, 11, 12, 13, 13.5, 12, 11], "trend", [1, 2, 3, 4, 5, 6, 7]),
    ([9, 8, 9, 10, 11, 12, 13, 12, 11], "none: six only", []),
    ([15, 10, 15, 10, 10, 15, 9, 5, 10, 10, 5, 5], "near_limit", [0, 2, 10, 11]),
    ([11, 11, 11, np.nan, 11, 11, 11, 11, 15, np.nan, 15], "none: a gap breaks a run", []),
]


@pytest.mark.parametrize(("values", "signal", "where"), CASES)
def test_each_signal_is_told_where_it_is(values: list[float], signal: str, where: list[int]) -> None:
    found = signals(values, FLAT)
    assert {n: at(getattr(found, n)) for n in Signals._fields if getattr(found, n).any()} == (
        {signal: where} if where else {}
    )


def test_limits_skip_what_is_not_known() -> None:
    limits = xmr_limits([10, 12, np.nan, 8, 10])
    assert [float(v) for v in limits] == pytest.approx([10, 10 - 5.32, 10 + 5.32])


def test_a_count_has_no_limit_under_none() -> None:
    mean, lower, upper = xmr_limits([0, 9, 0, 9], floor=0)
    assert (float(mean), float(lower)) == (4.5, 0)
    assert upper == pytest.approx(4.5 + 2.66 * 9)
    assert not signals([0, 9, 0, 9], Limits(mean, lower, upper)).beyond.any()


def test_a_series_that_stands_still_has_no_signal() -> None:
    for value in (0.0, 0.1, 7.3e6):
        still = np.full(36, value)
        assert not np.any(signals(still, xmr_limits(still)))


def test_too_short_a_series_says_nothing() -> None:
    mean, lower, upper = xmr_limits([[5.0, np.nan], [np.nan, np.nan]], floor=0)
    assert mean[0] == 5
    assert (lower[0], upper[0]) == (0, np.inf)
    assert np.isnan([mean[1], lower[1], upper[1]]).all()
    assert xmr_limits([3.0]).upper == np.inf
    assert not np.any(signals([3.0], xmr_limits([3.0])))


@given(st.data())
def test_many_series_are_one_call_and_each_survives(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(1, 4), st.integers(1, 40)))
    elements = st.one_of(st.integers(0, 10_000_000).map(float), st.just(np.nan), st.just(0.0))
    values = data.draw(hnp.arrays(np.float64, shape, elements=elements))
    screen = data.draw(st.booleans())
    limits = xmr_limits(values, screen=screen, floor=0)
    found = signals(values, limits)
    some = ~np.isnan(values).all(axis=1)
    for limit in limits:
        assert np.array_equal(np.isnan(limit), ~some)
        assert (limit[some] >= 0).all()
    assert (limits.lower[some] <= limits.mean[some]).all()
    assert (limits.mean[some] <= limits.upper[some]).all()
    for name in Signals._fields:
        assert not getattr(found, name)[np.isnan(values)].any()
    for row in range(shape[0]):
        alone = signals(values[row], xmr_limits(values[row], screen=screen, floor=0))
        for name in Signals._fields:
            assert np.array_equal(getattr(found, name)[row], getattr(alone, name))


@given(hnp.arrays(np.float64, st.integers(1, 30), elements=st.integers(0, 20).map(float)))
def test_runs_are_those_that_one_counts_by_hand(values: np.ndarray) -> None:
    limits = Limits(np.array(10.0), np.array(0.0), np.array(20.0))
    shift, trend = (np.zeros(len(values), bool) for _ in range(2))
    for i in range(len(values) - 6):
        seven = values[i : i + 7]
        shift[i : i + 7] |= bool((seven > 10).all() or (seven < 10).all())
        trend[i : i + 7] |= bool((np.diff(seven) > 0).all() or (np.diff(seven) < 0).all())
    found = signals(values, limits)
    assert np.array_equal(found.shift, shift)
    assert np.array_equal(found.trend, trend)
