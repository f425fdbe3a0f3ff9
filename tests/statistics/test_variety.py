from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import optimize, stats

from candor.statistics.comparison import difference
from candor.statistics.variety import Variety, fit, fit_between, most_towns, place, posterior, smoothed
from candor.vocabulary.comparison import DIFFERENCES, PLACES

HIGHEST, LOWEST = (
    PLACES.index("among the tenth with the highest rates"),
    PLACES.index("among the tenth with the lowest rates"),
)


def world(
    rng: np.random.Generator, v: float, c: float, shape: tuple[int, int] = (1, 120), least: float = 5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True relative rates, counts that wander, and what is expected: (worlds, towns) each."""
    expected = np.exp(rng.uniform(np.log(least), np.log(2000), shape))
    true = rng.gamma(1 / v, v, shape) if v else np.ones(shape)
    observed = rng.poisson(expected * true * (rng.gamma(1 / c, c, shape) if c else 1.0))
    return true, observed.astype(float), expected


def log_likelihood(v: float, m: float, low: np.ndarray, high: np.ndarray, e: np.ndarray, c: float) -> float:
    """Every count between `low` and `high` added up, with scipy's negative binomial law; variance v + c + v c."""
    k = 1 / (v + c + v * c)
    total = 0.0
    for first, last, mean in zip(low, high, e * m, strict=True):
        x = np.arange(first, last + 1)
        total += float(np.log(stats.nbinom.pmf(x, k, k / (k + mean)).sum()))
    return total


def best_of(low: np.ndarray, high: np.ndarray, e: np.ndarray, c: float) -> tuple[float, float, float]:
    """v, m and twice the gain over v = 0, by a search that knows nothing of the code."""
    free = min(
        (
            optimize.minimize(
                lambda t: -log_likelihood(np.exp(t[0]), np.exp(t[1]), low, high, e, c), (np.log(start), 0.0),
                method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-8, "maxiter": 800},
            )
            for start in (0.01, 0.3)
        ),
        key=lambda found: float(found.fun),
    )  # fmt: skip
    flat = optimize.minimize_scalar(lambda t: -log_likelihood(0.0, np.exp(t), low, high, e, c), bounds=(-2, 2))
    return float(np.exp(free.x[0])), float(np.exp(free.x[1])), 2 * float(flat.fun - free.fun)


@pytest.mark.parametrize(("v", "c"), [(0.1, 0.0025), (0.4, 0.02), (0.05, 0.05)])
def test_the_fit_is_that_of_a_search_over_the_likelihood(v: float, c: float) -> None:
    _, observed, expected = (a[0] for a in world(np.random.default_rng(21), v, c, (1, 40)))
    found = fit(observed, expected, c)
    best, mean, gain = best_of(observed, observed, expected, c)
    assert found.v == pytest.approx(best, rel=0.01)
    assert found.mean == pytest.approx(mean, rel=0.002)
    assert found.gain == pytest.approx(gain, abs=0.01)


def test_towns_that_differ_by_no_more_than_they_wander_have_no_variety() -> None:
    _, observed, expected = (a[0] for a in world(np.random.default_rng(22), 0.0, 0.02, (1, 40)))
    found = fit(observed, expected, 0.05)
    assert found.v == 0
    assert found.gain == 0
    assert not found.differs
    flat = optimize.minimize_scalar(
        lambda m: -log_likelihood(0.0, m, observed, observed, expected, 0.05), bounds=(0.5, 2), options={"xatol": 1e-9}
    )
    assert found.mean == pytest.approx(float(flat.x), rel=1e-4)


@pytest.mark.parametrize(("v", "c"), [(0.15, 0.0025), (0.4, 0.02)])
def test_the_fit_to_rounded_counts_is_that_of_a_search(v: float, c: float) -> None:
    _, observed, expected = (a[0] for a in world(np.random.default_rng(23), v, c, (1, 30)))
    expected = np.minimum(expected, 300)
    observed = np.minimum(observed, 400)
    told = 5 * np.round(observed / 5)
    low, high = np.where(told < 5, 0, told - 2), np.where(told < 5, 4, told + 2)
    found = fit_between(low, high, expected, c)
    best, mean, gain = best_of(low, high, expected, c)
    assert found.v == pytest.approx(best, rel=0.03)
    assert found.mean == pytest.approx(mean, rel=0.01)
    assert found.gain == pytest.approx(gain, abs=0.05)


def test_rounded_counts_that_are_exact_give_the_same_fit() -> None:
    _, observed, expected = world(np.random.default_rng(24), 0.2, 0.01, (3, 60))
    exact, between = fit(observed, expected, 0.01), fit_between(observed, observed, expected, 0.01)
    assert between.v == pytest.approx(exact.v, rel=0.03)
    assert between.mean == pytest.approx(exact.mean, rel=0.01)
    assert between.gain == pytest.approx(exact.gain, abs=0.1)


@pytest.mark.parametrize("c", [0.0004, 0.0025, 0.02, 0.1])
def test_it_is_silent_where_towns_only_wander(c: float) -> None:
    """METHODS: a gain of 6.6 is rarer than 1 in 200 worlds in which towns do not differ."""
    _, observed, expected = world(np.random.default_rng(25), 0.0, c, (600, 80))
    found = fit(observed, expected, c)
    assert (found.gain > 6.6).mean() <= 0.01
    assert found.differs.mean() <= 0.01
    # Poisson's likelihood would find towns that differ in nearly all of them.
    if c >= 0.0025:
        assert (fit(observed, expected, 1e-5).gain > 6.6).mean() > 0.9


def test_rounded_worlds_are_silent_too() -> None:
    _, observed, expected = world(np.random.default_rng(26), 0.0, 0.0025, (60, 60), least=5)
    told = 5 * np.round(np.minimum(observed, 900) / 5)
    expected = np.minimum(expected, 900)
    keep = expected < 900
    expected = np.where(keep, expected, np.nan)
    low, high = np.where(told < 5, 0, told - 2), np.where(told < 5, 4, told + 2)
    assert fit_between(low, high, expected, 0.0025).differs.mean() <= 0.05


@pytest.mark.parametrize(("v", "c"), [(0.05, 0.0025), (0.3, 0.0025), (0.3, 0.05)])
def test_where_towns_differ_it_finds_by_how_much(v: float, c: float) -> None:
    _, observed, expected = world(np.random.default_rng(27), v, c, (60, 120))
    found = fit(observed, expected, c)
    assert found.differs.mean() > 0.95
    assert np.median(found.v) == pytest.approx(v, rel=0.12)
    assert np.median(found.mean) == pytest.approx(1, rel=0.03)
    assert found.quantile(0.9).mean() == pytest.approx(stats.gamma.ppf(0.9, 1 / v, scale=v), rel=0.05)


def test_a_small_variety_is_not_worth_saying() -> None:
    """4 in 100: with 2,000 events a town it is certain, and the 90 % point lies 5 % above the median."""
    rng = np.random.default_rng(28)
    expected = np.full(400, 20_000.0)
    observed = rng.poisson(expected * rng.gamma(1 / 0.0016, 0.0016, 400)).astype(float)
    found = fit(observed, expected, 0.0004)
    assert found.gain > 6.6
    assert not found.differs


def test_each_town_weighs_alike_and_those_with_few_expected_lend_nothing() -> None:
    _, observed, expected = (a[0] for a in world(np.random.default_rng(29), 0.3, 0.0025, (1, 60)))
    found = fit(observed, expected, 0.0025)
    more = fit(np.append(observed, [50.0, np.nan, 7]), np.append(expected, [4.99, 80.0, np.nan]), 0.0025)
    assert [float(a) for a in more] == pytest.approx([float(a) for a in found])
    between = fit_between(observed, observed, expected, 0.0025)
    beside = np.append(observed, [50.0, np.nan, 7])
    also = fit_between(beside, beside, np.append(expected, [4.99, 80.0, np.nan]), 0.0025)
    assert [float(a) for a in also] == pytest.approx([float(a) for a in between])


def test_a_posterior_by_hand() -> None:
    """v = 0.25, mean 0.8, 30 where 20 are expected, c = 0.01: the count weighs 1 / (1 + 0.01 x 30)."""
    shape, rate = posterior([30.0], [20.0], 0.01, Variety(np.array(0.25), np.array(0.8), np.array(9.0)))
    assert shape[0] == pytest.approx(4 + 30 / 1.3)
    assert rate[0] == pytest.approx(4 / 0.8 + 20 / 1.3)
    found = smoothed([30.0], [20.0], 0.01, Variety(np.array(0.25), np.array(0.8), np.array(9.0)))
    law = stats.gamma(4 + 30 / 1.3, scale=1 / (5 + 20 / 1.3))
    assert found.mean[0] == pytest.approx(law.mean())
    assert [found.lower[0], found.upper[0]] == pytest.approx([law.ppf(0.025), law.ppf(0.975)])


def test_where_towns_do_not_differ_each_has_the_mean() -> None:
    found = smoothed([30.0, 0.0, np.nan], [20.0, 5.0, 9.0], 0.01, Variety(np.array(0.0), np.array(0.97), np.array(0.0)))
    for values in found:
        assert values[:2].tolist() == [0.97, 0.97]
        assert np.isnan(values[2])


def test_without_a_prior_nothing_is_smoothed_and_nobody_is_placed() -> None:
    """No town has 5 expected: nothing is known of how towns differ."""
    nothing = fit([3.0, np.nan], [2.0, 9.0], 0.0025)
    assert np.isnan([nothing.v, nothing.mean, nothing.gain]).all()
    assert not nothing.differs
    assert np.isnan(smoothed([3.0, 4.0], [2.0, 9.0], 0.0025, nothing)).all()
    label = np.full(2, DIFFERENCES.index("higher"), np.int8)
    assert not place([3.0, 90.0], [2.0, 9.0], 0.0025, nothing, label).any()
    assert np.isnan(most_towns([1.0, 2.0], nothing)).all()
    rounded = fit_between([3.0, np.nan], [7.0, np.nan], [2.0, 9.0], 0.0025)
    assert np.isnan([rounded.v, rounded.mean, rounded.gain]).all()
    assert not rounded.differs


@pytest.mark.parametrize(
    ("label", "observed", "placed"),
    [
        ("higher", 4000, HIGHEST), ("probably higher", 4000, 0), ("cannot be told apart", 4000, 0), ("", 4000, 0),
        ("lower", 300, LOWEST), ("probably lower", 300, 0), ("about the same rate", 300, 0),
        ("higher", 1500, 0), ("lower", 900, 0),
    ],
)  # fmt: skip
def test_a_place_needs_the_sure_label(label: str, observed: int, placed: int) -> None:
    variety = Variety(np.array(0.16), np.array(1.0), np.array(50.0))
    code = np.array([DIFFERENCES.index(label)], np.int8)
    assert place([float(observed)], [1000.0], 0.0025, variety, code).tolist() == [placed]
    silent = variety._replace(gain=np.array(6.5))
    assert place([float(observed)], [1000.0], 0.0025, silent, code).tolist() == [0]


def test_a_place_is_sure_by_nine_in_ten_of_the_posterior() -> None:
    variety = Variety(np.array(0.16), np.array(1.0), np.array(50.0))
    limit = stats.gamma.ppf(0.9, 1 / 0.16, scale=0.16)
    observed = np.arange(800.0, 3000.0, 5)
    label = np.full(len(observed), DIFFERENCES.index("higher"), np.int8)
    found = place(observed, np.full(len(observed), 1000.0), 0.0025, variety, label)
    weight = 1 / (1 + 0.0025 * np.maximum(1000.0, observed))
    above = stats.gamma.sf(limit, 1 / 0.16 + weight * observed, scale=1 / (1 / 0.16 + weight * 1000))
    assert np.array_equal(found == HIGHEST, above >= 0.9)
    assert (found == HIGHEST).any()
    assert (found == 0).any()


@pytest.mark.parametrize(("v", "c"), [(0.1, 0.0025), (0.4, 0.02)])
def test_who_is_said_to_be_among_a_tenth_is_in_nine_of_ten(v: float, c: float) -> None:
    true, observed, expected = world(np.random.default_rng(30), v, c, (80, 150))
    variety = fit(observed, expected, c)
    label = difference(observed, expected, c).label
    found = place(observed, expected, c, variety, label)
    limits = {p: stats.gamma.ppf(p, 1 / v, scale=v) for p in (0.1, 0.9)}
    highest, lowest = found == HIGHEST, found == LOWEST
    assert highest.sum() > 300
    assert lowest.sum() > 100
    assert (true[highest] >= limits[0.9]).mean() >= 0.9
    assert (true[lowest] <= limits[0.1]).mean() >= 0.9
    assert (label[highest] == DIFFERENCES.index("higher")).all()
    assert (label[lowest] == DIFFERENCES.index("lower")).all()
    # The interval of the smoothed rate holds the truth.
    _, lower, upper = smoothed(observed, expected, c, variety)
    assert 0.94 <= ((lower <= true) & (true <= upper)).mean() <= 0.975


@pytest.mark.parametrize("v", [0.05, 0.3, 1.0])
def test_most_towns_is_true_of_at_least_nine_of_ten(v: float) -> None:
    true, observed, expected = world(np.random.default_rng(31), v, 0.0025, (60, 90))
    variety = fit(observed, expected, 0.0025)
    rates = smoothed(observed, expected, 0.0025, variety).mean
    low, high = (end[:, None] for end in most_towns(rates, variety))
    told = variety.differs
    assert told.mean() > 0.9
    assert ((rates >= low) & (rates <= high))[told].mean(axis=1).min() >= 0.9
    assert ((true >= low) & (true <= high))[told].mean() >= 0.9
    assert np.allclose(low[told] * 10, np.round(low[told] * 10))
    assert np.isnan(low[~told]).all()


def test_most_towns_holds_of_a_state_with_one_large_city_and_towns_of_two_kinds() -> None:
    """No gamma distribution: 70 towns at half, 28 at twice, and two at eight times."""
    expected = np.full(100, 400.0)
    observed = np.round(expected * np.repeat([0.5, 2.0, 8.0], [70, 28, 2]))
    variety = fit(observed, expected, 0.0025)
    rates = smoothed(observed, expected, 0.0025, variety).mean
    low, high = most_towns(rates, variety)
    assert variety.differs
    assert ((rates >= low) & (rates <= high)).mean() >= 0.9


@given(hnp.arrays(np.float64, st.integers(1, 80), elements=st.floats(0.01, 20)), st.floats(0.01, 2))
def test_most_towns_leaves_out_at_most_a_tenth_of_any_rates(rates: np.ndarray, v: float) -> None:
    variety = Variety(np.array(v), np.array(1.0), np.array(99.0))
    low, high = most_towns(np.append(rates, np.nan), variety)
    if variety.differs:
        assert ((rates >= low) & (rates <= high)).mean() >= 0.9
        assert low <= stats.gamma.ppf(0.05, 1 / v, scale=v) + 1e-9
        assert high >= stats.gamma.ppf(0.95, 1 / v, scale=v) - 1e-9
    else:
        assert np.isnan([low, high]).all()


@given(st.data())
@settings(max_examples=60)
def test_every_state_has_its_answer_or_none(data: st.DataObject) -> None:
    """Nothing happened, one town, a town of a million, gaps: no infinite number and no exception."""
    shape = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 10)))
    counts = st.one_of(st.integers(0, 30), st.just(0), st.integers(0, 10_000_000)).map(float)
    observed = data.draw(hnp.arrays(np.float64, shape, elements=st.one_of(counts, st.just(np.nan))))
    expected = data.draw(
        hnp.arrays(np.float64, shape, elements=st.one_of(st.sampled_from([0.0, np.nan]), st.floats(0.1, 1e6)))
    )
    c = data.draw(st.sampled_from([0.0004, 0.0025, 0.3]))
    found = fit(observed, expected, c)
    some = (np.isfinite(observed) & (expected >= 5)).any(axis=1)
    assert np.array_equal(np.isfinite(found.v), some)
    assert np.array_equal(np.isfinite(found.mean), some)
    assert np.array_equal(np.isfinite(found.gain), some)
    assert (found.gain[some] >= 0).all()
    label = difference(observed, expected, c).label
    assert not place(observed, expected, c, found, label)[~found.differs].any()
    known = np.isfinite(observed) & np.isfinite(expected) & some[:, None]
    for values in smoothed(observed, expected, c, found):
        assert np.isfinite(values[known]).all()
        assert np.isnan(values[~known]).all()
    for row in range(shape[0]):
        alone = fit(observed[row], expected[row], c)
        assert np.allclose(np.array(alone), [a[row] for a in found], rtol=1e-3, atol=1e-5, equal_nan=True)


def test_a_level_is_a_probability() -> None:
    with pytest.raises(ValueError, match="95"):
        smoothed([1.0], [1.0], 0.01, Variety(np.array(0.1), np.array(1.0), np.array(9.0)), 95)
