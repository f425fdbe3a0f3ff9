from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from tests.statistics.references import exact_limits

from candor.statistics.comparison import VERDICTS, exact_status, funnel_limits, overdispersion, verdicts
from candor.statistics.intervals import garwood

Rows = list[dict[str, str]]

counts = st.one_of(st.integers(0, 30), st.integers(0, 10_000_000)).map(float)
means = st.one_of(st.just(0.0), st.floats(1e-6, 40), st.floats(1e-6, 1e7))


def words(codes: np.ndarray) -> list[str]:
    return [VERDICTS[i] for i in codes]


@pytest.fixture
def providers(published: Callable[[str], Rows]) -> tuple[np.ndarray, np.ndarray]:
    rows = published("medpar_provider_observed_expected.csv")
    return np.array([float(r["O"]) for r in rows]), np.array([float(r["E"]) for r in rows])


def test_overdispersion_is_the_published_one(providers: tuple[np.ndarray, np.ndarray]) -> None:
    phi, tau2 = overdispersion(*providers)
    assert round(float(phi), 3) == 8.532
    assert round(float(tau2), 6) == 0.028407


def test_the_funnels_find_the_published_providers(providers: tuple[np.ndarray, np.ndarray]) -> None:
    observed, expected = providers
    outside = []
    for tau2 in (0.0, overdispersion(observed, expected).tau2):
        lower, upper = funnel_limits(expected, tau2)
        outside.append(int(((observed / expected < lower) | (observed / expected > upper)).sum()))
    assert outside == [25, 9]
    found = words(verdicts(observed, expected))
    assert sum(w in {"higher", "lower"} for w in found) <= 9
    assert found[-1] == "higher"  # 95 where 24.8 are expected


@given(st.integers(0, 10_000_000), means, st.sampled_from([0.95, 0.998]))
def test_the_exact_status_is_where_garwoods_interval_lies(x: int, mean: float, level: float) -> None:
    lower, upper = garwood(x, level)
    if min(abs(lower - mean), abs(upper - mean)) > 1e-6 * (mean + 1):
        assert exact_status(x, mean, level) == (1 if lower > mean else -1 if upper < mean else 0)


@given(means, st.sampled_from([0.95, 0.998]))
def test_the_exact_limits_are_the_outermost_counts_within(mean: float, level: float) -> None:
    lower, upper = exact_limits(mean, level)
    assert exact_status(lower, mean, level) == 0
    assert exact_status(upper, mean, level) == 0
    tail = (1 - level) / 2
    assert stats.poisson.sf(upper, mean) <= tail * (1 + 1e-9)
    assert lower == 0 or stats.poisson.cdf(lower - 1, mean) <= tail * (1 + 1e-9)


def test_a_town_that_varies_more_than_its_fellows_is_told_in_the_words_of_the_method() -> None:
    expected = np.full(200, 100.0)
    observed = np.full(200, 100.0)
    observed[:4] = [150, 123, 78, 62]
    expected[4:6], observed[4:6] = 4.9, [40, 0]
    observed[6] = np.nan
    assert words(verdicts(observed, expected))[:8] == [
        "higher",
        "perhaps higher",
        "perhaps lower",
        "lower",
        "too few to compare",
        "too few to compare",
        "",
        "as expected",
    ]


def test_a_verdict_needs_both_limits() -> None:
    # 1 where 5 are expected: below the funnel at 95 % (0.416), within the exact limits (P = 0.040).
    assert funnel_limits(5, 0, 0.95).lower * 5 > 1
    assert words(verdicts([1.0], [5.0], 0.0)) == ["as expected"]
    # 150 where 100 are expected: beyond the exact limits, within a funnel as wide as these towns vary.
    assert exact_status(150, 100) == 1
    assert words(verdicts([150.0], [100.0], 0.1)) == ["as expected"]


def test_towns_that_vary_widely_by_nature_widen_the_funnel() -> None:
    rng = np.random.default_rng(11)
    expected = rng.uniform(50, 500, 255)
    observed = rng.poisson(expected * rng.gamma(20, 1 / 20, 255)).astype(float)
    phi, tau2 = overdispersion(observed, expected)
    assert phi > 2
    assert 0.01 < tau2 < 0.06  # the truth is 1/20, of which trimming takes a part
    exact = exact_status(observed, expected) != 0
    told = np.isin(verdicts(observed, expected), [VERDICTS.index("higher"), VERDICTS.index("lower")])
    assert exact.sum() > 50
    assert told.sum() < 15


@given(st.data())
def test_a_release_is_compared_row_by_row_and_without_a_gap(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(1, 4), st.integers(1, 30)))
    observed = data.draw(hnp.arrays(np.float64, shape, elements=st.one_of(counts, st.just(np.nan))))
    expected = data.draw(hnp.arrays(np.float64, shape, elements=means))
    found = verdicts(observed, expected)
    phi, tau2 = overdispersion(observed, expected)
    assert (np.isfinite(phi) & (phi >= 0) & np.isfinite(tau2) & (tau2 >= 0)).all()
    assert np.array_equal(found == 0, np.isnan(observed))
    assert np.array_equal(found == 1, ~np.isnan(observed) & (expected < 5))
    for row in range(shape[0]):
        assert np.array_equal(found[row], verdicts(observed[row], expected[row]))
    high = np.isin(found, [VERDICTS.index("higher"), VERDICTS.index("perhaps higher")])
    low = np.isin(found, [VERDICTS.index("lower"), VERDICTS.index("perhaps lower")])
    assert (observed[high] > expected[high]).all()
    assert (observed[low] < expected[low]).all()


@given(st.data())
def test_every_town_of_a_state_is_compared_with_its_own_rate(data: st.DataObject) -> None:
    """Towns without anybody, states in which nothing happened, one town, every size: nothing is left unsaid."""
    shape = data.draw(st.tuples(st.integers(1, 4), st.integers(1, 20)))
    residents = data.draw(hnp.arrays(np.float64, shape[1], elements=st.one_of(st.just(0.0), st.floats(1, 1e7))))
    quiet = data.draw(hnp.arrays(np.bool_, (shape[0], 1)))
    drawn = data.draw(hnp.arrays(np.float64, shape, elements=counts))
    observed = np.where(quiet | (residents == 0), 0.0, drawn)
    rate = observed.sum(axis=1, keepdims=True) / max(residents.sum(), 1.0)
    found = words(verdicts(observed, rate * residents).ravel())
    assert "" not in found
    assert not np.isnan(overdispersion(observed, rate * residents)).any()
    if shape[1] == 1:  # the only town is the state
        assert set(found) <= {"too few to compare", "as expected"}


@given(hnp.arrays(np.float64, st.integers(1, 30), elements=st.integers(1, 10_000_000).map(float)))
def test_towns_that_vary_less_than_chance_widen_nothing(expected: np.ndarray) -> None:
    phi, tau2 = overdispersion(expected, expected)
    assert tau2 == 0
    assert phi <= 1
    assert set(words(verdicts(expected, expected))) <= {"too few to compare", "as expected"}


@given(means, st.one_of(st.just(0.0), st.floats(0, 100)))
def test_a_funnel_is_around_one_and_wider_for_more(mean: float, tau2: float) -> None:
    lower, upper = funnel_limits(mean, tau2)
    assert 0 <= lower <= 1 <= upper
    inner, outer = funnel_limits(mean, tau2, 0.95)
    assert lower <= inner
    assert outer <= upper
    wide = funnel_limits(mean, tau2 + 1)
    assert wide.lower <= lower
    assert wide.upper >= upper


@given(hnp.arrays(np.float64, st.integers(1, 20), elements=means))
def test_where_nothing_happened_no_verdict_contradicts_the_state(expected: np.ndarray) -> None:
    found = verdicts(np.zeros(len(expected)), expected)
    assert set(words(found)) <= {"too few to compare", "as expected", "perhaps lower", "lower"}
    assert (verdicts(np.zeros(5), np.zeros(5)) == VERDICTS.index("too few to compare")).all()


def test_less_than_two_towns_or_less_than_chance_gives_no_overdispersion() -> None:
    assert [float(v) for v in overdispersion([9.0], [30.0])] == [1, 0]
    assert [float(v) for v in overdispersion([9.0, 3], [3.0, 2])] == [1, 0]
    assert [float(v) for v in overdispersion(np.full(50, 100.0), np.full(50, 100.0))] == [0, 0]


def towns() -> np.ndarray:
    """Populations of 255 places, few large and many small, as in a rural state; 640,000 in all."""
    drawn: np.ndarray = np.random.default_rng(1).lognormal(7.3, 0.95, 255)
    return np.asarray(np.round(drawn / drawn.sum() * 640_000))


@pytest.mark.parametrize("per_thousand", [2, 10, 40])
def test_in_a_null_world_hardly_a_town_is_told(per_thousand: int) -> None:
    """METHODS, the two worlds: verdicts for no more than 0.5 % of towns, for 6 % a "perhaps"."""
    rng = np.random.default_rng(20_250_101)
    people = towns()
    observed = rng.poisson(people * per_thousand / 1000, (400, 255)).astype(float)
    expected = observed.sum(axis=1, keepdims=True) * people / people.sum()
    found = verdicts(observed, expected)
    sure = np.isin(found, [VERDICTS.index("higher"), VERDICTS.index("lower")]).mean()
    perhaps = np.isin(found, [VERDICTS.index("perhaps higher"), VERDICTS.index("perhaps lower")]).mean()
    assert sure <= 0.005
    assert 0 < perhaps <= 0.06


@pytest.mark.parametrize("per_thousand", [10, 40])
def test_in_a_planted_world_the_planted_towns_are_found(per_thousand: int) -> None:
    """METHODS, the two worlds: of ten towns at twice the rate 90 % are found, from 30 expected by verdict."""
    rng = np.random.default_rng(20_250_102)
    people = towns()
    true = np.ones((400, 255))
    planted = np.array([rng.permutation(255)[:10] for _ in true])
    np.put_along_axis(true, planted, 2.0, axis=1)
    observed = rng.poisson(true * people * per_thousand / 1000).astype(float)
    expected = observed.sum(axis=1, keepdims=True) * people / people.sum()
    found = verdicts(observed, expected)
    large, middle = (true == 2) & (expected >= 30), (true == 2) & (expected >= 20) & (expected < 30)
    assert large.sum() > 500
    assert (found[large] == VERDICTS.index("higher")).mean() >= 0.9
    assert (found[middle] >= VERDICTS.index("perhaps higher")).mean() >= 0.9
