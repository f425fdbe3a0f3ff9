from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import special, stats
from tests.statistics.references import e_test, minimum_likelihood_p

from candor.statistics.rate_ratio import false_discovery, rate_change, rate_ratio

Rows = list[dict[str, str]]

counts = st.one_of(st.integers(0, 30), st.integers(0, 10_000_000))
sizes = st.one_of(st.just(1.0), st.floats(0.01, 1e8))


def test_the_exact_comparison_is_the_published_one(published: Callable[[str], Rows]) -> None:
    central, minlike, mid = (
        next(r for r in published("exact_rate_ratio_expected.csv") if name in r["source"])
        for name in ("central", "tsmethod=minlike", "mid-p")
    )
    later, earlier = (60, 51477.5), (30, 54308.7)  # the file has the rate of its first group over that of the second
    assert [float(central[k]) for k in ("x1", "n1", "x2", "n2")] == [*later, *earlier]
    got = rate_ratio(*earlier, *later)
    assert got.lower == pytest.approx(float(central["rr_lo"]), rel=1e-12)
    assert got.upper == pytest.approx(float(central["rr_hi"]), rel=1e-12)
    assert minimum_likelihood_p(*earlier, *later) == pytest.approx(float(minlike["p_expected"]), rel=1e-10)
    assert minimum_likelihood_p(*earlier, *later, mid=True) == pytest.approx(float(mid["p_expected"]), rel=1e-9)
    assert minimum_likelihood_p(*later, *earlier) == pytest.approx(float(minlike["p_expected"]), rel=1e-10)


def test_the_e_test_is_the_published_one(published: Callable[[str], Rows]) -> None:
    rows = published("etest_expected.csv")
    assert len(rows) >= 10
    for row in rows:
        k1, n1, k2, n2, expected = (float(row[k]) for k in ("k1", "n1", "k2", "n2", "p_expected"))
        p = e_test(k1, n1, k2, n2, difference=float(row["diff"]), alternative=row["alternative"])  # type: ignore[arg-type] # text of the file
        # The paper prints four digits; its program leaves out outcomes less likely than 1e-7, scipy hardly any.
        assert p == pytest.approx(expected, abs=5e-5 if "paper" in row["source"] else 1e-6)


# METHODS, Change: what two equal periods need to be beyond chance at 5 %.
@pytest.mark.parametrize(("before", "after"), [(0, 6), (1, 8), (2, 10), (3, 12), (5, 15), (10, 23)])
def test_what_equal_periods_need_to_be_beyond_chance(before: int, after: int) -> None:
    assert rate_ratio(before, 1, after, 1).p < 0.05
    assert rate_ratio(before, 1, after - 1, 1).p >= 0.05
    assert rate_ratio(after, 1, before, 1).p < 0.05


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0.1, 10))
def test_the_p_values_are_those_of_the_binomial_tests(x1: int, x2: int, n2: float) -> None:
    got = rate_ratio(x1, 1, x2, n2).p
    if not x1 + x2:
        assert got == 1
        return
    pi = n2 / (1 + n2)
    tails = stats.binom.cdf(x2, x1 + x2, pi), stats.binom.sf(x2 - 1, x1 + x2, pi)
    assert got == pytest.approx(min(1, 2 * min(tails)), rel=1e-8)
    same = stats.binomtest(x2, x1 + x2, pi).pvalue
    assert minimum_likelihood_p(x1, 1, x2, n2) == pytest.approx(same, rel=1e-6)


@given(st.integers(0, 300), st.integers(0, 300), st.sampled_from([0.8, 0.95, 0.998]))
def test_the_limits_are_where_the_test_turns(x1: int, x2: int, level: float) -> None:
    _, lower, upper, p = rate_ratio(x1, 1, x2, 1, level)
    tail = (1 - level) / 2
    if x2:
        assert stats.binom.sf(x2 - 1, x1 + x2, lower / (1 + lower)) == pytest.approx(tail, rel=1e-6)
    if x1:
        assert stats.binom.cdf(x2, x1 + x2, upper / (1 + upper)) == pytest.approx(tail, rel=1e-6)
    if abs(p - (1 - level)) > 1e-9:
        assert bool(p < 1 - level) == bool(lower > 1 or upper < 1)


@given(st.data())
def test_a_change_survives_every_count(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 20))
    x1, x2 = (data.draw(hnp.arrays(np.int64, length, elements=counts)) for _ in range(2))
    n1, n2 = (data.draw(hnp.arrays(np.float64, length, elements=st.one_of(st.just(0.0), sizes))) for _ in range(2))
    ratio, lower, upper, p = rate_ratio(x1, n1, x2, n2)
    counted = (n1 > 0) & (n2 > 0)
    assert np.array_equal(np.isnan(p), ~counted)
    assert np.array_equal(np.isnan(lower), ~counted)
    assert np.array_equal(np.isnan(upper), ~counted)
    assert np.array_equal(np.isnan(ratio), ~counted | (x1 + x2 == 0))
    assert ((p[counted] >= 0) & (p[counted] <= 1)).all()
    some = counted & (x1 + x2 > 0)
    assert (lower[some] >= 0).all()
    assert (lower[some] <= ratio[some]).all()
    assert (ratio[some] <= upper[some]).all()
    assert np.array_equal(np.isinf(upper[some]), x1[some] == 0)
    back = rate_ratio(x2, n2, x1, n1)
    assert np.allclose(back.p[counted], p[counted], rtol=1e-6, atol=1e-300)
    both = some & (x1 > 0) & (x2 > 0)
    assert np.allclose(back.upper[both], 1 / lower[both], rtol=1e-5)
    other = minimum_likelihood_p(x1, n1, x2, n2)
    assert np.array_equal(np.isnan(other), ~counted)
    assert ((other[counted] >= 0) & (other[counted] <= 1)).all()


@given(st.data())
def test_a_comparison_is_the_same_alone_and_among_others(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 20))
    unsure = st.one_of(counts.map(float), st.just(np.nan))
    x1, x2 = (data.draw(hnp.arrays(np.float64, length, elements=unsure)) for _ in range(2))
    n1, n2 = (data.draw(hnp.arrays(np.float64, length, elements=st.sampled_from([0.0, 1.0, 7.0]))) for _ in range(2))
    together = rate_ratio(x1, n1, x2, n2)
    alone = [rate_ratio(*one) for one in zip(x1, n1, x2, n2, strict=True)]
    for name in together._fields:
        assert np.array_equal([getattr(one, name) for one in alone], getattr(together, name), equal_nan=True)
    known = ~np.isnan(x1 + x2) & (n1 > 0) & (n2 > 0)
    assert np.array_equal(np.isnan(together.p), ~known)
    assert np.array_equal(np.isnan(together.lower + together.upper), ~known)


def test_denominators_of_very_different_size_lose_no_digits() -> None:
    # A small town's month beside a state's ten years: pi is near 1, and its complement must not be 1 - pi.
    for x1, x2 in ((1, 10_000_000), (3, 4), (0, 9), (9, 0)):
        n1, n2 = 1e-3, 1e9
        tails = (
            1 if not x2 else special.betainc(x2, x1 + 1, n2 / (n1 + n2)),
            1 if not x1 else special.betainc(x1, x2 + 1, n1 / (n1 + n2)),
        )
        assert rate_ratio(x1, n1, x2, n2).p == pytest.approx(min(1, 2 * min(tails)), rel=1e-9)


@settings(max_examples=25)  # some sums are over thousands of pairs
@given(st.data())
def test_the_e_test_survives_every_count(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 4))
    some = st.one_of(st.integers(0, 30), st.integers(0, 10_000_000)).map(float)
    x1, x2 = (data.draw(hnp.arrays(np.float64, length, elements=st.one_of(some, st.just(np.nan)))) for _ in range(2))
    n1, n2 = (data.draw(hnp.arrays(np.float64, length, elements=st.one_of(st.just(0.0), sizes))) for _ in range(2))
    p = e_test(x1, n1, x2, n2)
    known = ~np.isnan(x1 + x2) & (n1 > 0) & (n2 > 0)
    assert np.array_equal(np.isnan(p), ~known)
    assert ((p[known] >= 0) & (p[known] <= 1)).all()
    assert np.allclose(e_test(x2, n2, x1, n1)[known], p[known], atol=1e-6)


def test_nothing_before_and_nothing_after_is_no_change() -> None:
    ratio, lower, upper, p = rate_ratio(0, 1, 0, 1)
    assert np.isnan(ratio)
    assert (float(lower), float(upper), float(p)) == (0, np.inf, 1)
    assert e_test(0, 1, 0, 1) == 1


def test_the_e_test_keeps_its_shape_and_its_gaps() -> None:
    before = np.array([[3, 0], [np.nan, 5_000_000]])
    p = e_test(before, 100, [[20, 0], [3, 5_010_000]], [[300, 10], [300, 100]])
    assert p.shape == (2, 2)
    assert p[0, 0] == pytest.approx(0.122027, abs=1e-6)
    assert p[0, 1] == 1
    assert np.isnan(p[1, 0])
    assert p[1, 1] == pytest.approx(2 * stats.norm.sf(10_000 / np.sqrt(10_010_000)), rel=1e-9)
    assert np.isnan(e_test(3, 0, 4, 10))


def test_the_e_test_has_no_step_where_the_sum_gives_way_to_the_normal_tail() -> None:
    summed, tail = e_test(4900, 1, 5100, 1), e_test(4900, 1, 5101, 1)
    assert summed == pytest.approx(2 * stats.norm.sf(200 / 100), rel=0.01)
    assert tail == pytest.approx(float(summed), rel=0.05)
    assert tail < summed


def test_false_discoveries_are_controlled_over_the_whole_array() -> None:
    p = np.array([[0.01, 0.04], [np.nan, 0.03]])
    q = false_discovery(p)
    assert q[0] == pytest.approx([0.03, 0.04])
    assert np.isnan(q[1, 0])
    assert q[1, 1] == pytest.approx(0.04)
    assert false_discovery(np.empty((0, 3))).shape == (0, 3)
    assert np.isnan(false_discovery([np.nan])).all()
    with pytest.raises(ValueError, match="between 0 and 1"):
        false_discovery([1.2])


@given(hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 1)))
def test_a_q_is_no_smaller_than_its_p_and_in_the_same_order(p: np.ndarray) -> None:
    q = false_discovery(p)
    assert (q >= p - 1e-12).all()
    assert (q <= 1).all()
    assert (np.diff(q[np.argsort(p, kind="stable")]) >= -1e-12).all()
    threshold = max((v for i, v in enumerate(np.sort(p), 1) if v <= 0.05 * i / len(p)), default=-1.0)
    close = np.isclose(q, 0.05, rtol=1e-9)
    assert np.array_equal((q <= 0.05)[~close], (p <= threshold)[~close])
    with_gaps = false_discovery(np.append(p, [np.nan, np.nan]))
    assert np.array_equal(with_gaps, [*q, np.nan, np.nan], equal_nan=True)


def test_in_a_null_world_seldom_is_a_change_called_at_all() -> None:
    """METHODS, the two worlds: in at least 95 of 100 worlds no change is called (q < 0.05) over all towns and kinds."""
    rng = np.random.default_rng(20_250_103)
    people = np.round(rng.lognormal(7.3, 0.95, 255))
    rates = np.geomspace(0.1, 40, 12)[:, np.newaxis] / 1000
    called = 0
    for _ in range(100):
        before, after = rng.poisson(people * rates, (2, 12, 255))
        called += bool((false_discovery(rate_ratio(before, people, after, people).p) < 0.05).any())
    assert called <= 5
    after[5, 100:110] = 30 + 4 * before[5, 100:110]
    assert (false_discovery(rate_ratio(before, people, after, people).p) < 0.05)[5, 100:110].all()


def test_a_change_with_wander_by_hand() -> None:
    """100 and 150 in equal years, 5 % of wander: ln(150.5/100.5) = 0.4038, s = sqrt(1/100.5 + 1/150.5 + 0.005)."""
    found = rate_change(100, 1, 150, 1, 0.0025)
    s = (1 / 100.5 + 1 / 150.5 + 0.005) ** 0.5
    assert s == pytest.approx(0.146952, abs=1e-6)
    assert found.ratio == 1.5
    assert found.lower == pytest.approx(np.exp(0.4038 - 1.959964 * s), rel=1e-4)
    assert found.upper == pytest.approx(np.exp(0.4038 + 1.959964 * s), rel=1e-4)
    assert found.p == pytest.approx(2 * stats.norm.sf(0.4038 / s), rel=1e-3)
    # Without wander the exact test is the more careful of the two.
    assert rate_change(100, 1, 150, 1).p == pytest.approx(stats.binomtest(150, 250, 0.5).pvalue, rel=1e-9)


@given(
    st.integers(0, 3000), st.integers(0, 3000), st.floats(0.2, 5), st.sampled_from([0.0, 0.0004, 0.0025, 0.1]),
    st.sampled_from([0.8, 0.95, 0.998]),
)  # fmt: skip
def test_p_is_small_only_where_the_interval_leaves_1_out(x1: int, x2: int, n2: float, c: float, level: float) -> None:
    found = rate_change(x1, 1, x2, n2, c, level)
    z = np.log((x2 + 0.5) / (x1 + 0.5) / n2) / np.sqrt(1 / (x1 + 0.5) + 1 / (x2 + 0.5) + 2 * c)
    pi = n2 / (1 + n2)
    tails = stats.binom.cdf(x2, x1 + x2, pi), stats.binom.sf(x2 - 1, x1 + x2, pi)
    assert found.p == pytest.approx(max(2 * stats.norm.sf(abs(z)), min(1, 2 * min(tails))), rel=1e-7)
    if found.p < 1 - level:
        assert not found.lower <= 1 <= found.upper
    assert 0 < found.lower < found.upper < np.inf
    back = rate_change(x2, n2, x1, 1, c, level)
    assert [back.lower, back.upper] == pytest.approx([1 / found.upper, 1 / found.lower])
    assert back.p == pytest.approx(float(found.p), rel=1e-7)
    wider = rate_change(x1, 1, x2, n2, c + 0.01, level)
    assert wider.lower < found.lower
    assert wider.upper > found.upper
    assert wider.p >= found.p - 1e-12


@pytest.mark.parametrize("c", [0.0, 0.0025, 0.04])
@pytest.mark.parametrize("mean", [4.0, 15.0, 100.0, 2000.0])
def test_where_nothing_changed_a_p_is_no_more_often_small_than_it_says(mean: float, c: float) -> None:
    rng = np.random.default_rng(31)
    shape = (2, 40_000)
    x1, x2 = rng.poisson(mean * (rng.gamma(1 / c, c, shape) if c else np.ones(shape)))
    found = rate_change(x1, 1, x2, 1, c)
    for level in (0.05, 0.01):
        assert (found.p < level).mean() <= level * 1.15
    covered = ((found.lower <= 1) & (found.upper >= 1)).mean()
    assert 0.945 <= covered <= 0.998
    if c >= 0.0025 and mean >= 100:  # Poisson's test would call many
        assert (rate_ratio(x1, 1, x2, 1).p < 0.05).mean() > 0.055


def test_a_change_from_or_to_nothing_has_an_interval() -> None:
    found = rate_change([0, 0, 12, 5], [1, 1, 1, 0], [0, 12, 0, 5], 1, 0.0025)
    assert np.array_equal(np.isnan(found.ratio), [True, False, False, True])
    assert found.ratio[1:3].tolist() == [np.inf, 0]
    assert np.isfinite(found.lower[:3]).all()
    assert np.isfinite(found.upper[:3]).all()
    assert found.p[0] == 1
    assert found.p[1] == found.p[2] < 0.05
    assert found.lower[1] > 1 > found.upper[2]
    assert np.isnan(found.p[3])


def test_what_cannot_be_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        rate_change(1, -1, 1, 1)
    with pytest.raises(ValueError, match="95"):
        rate_change(1, 1, 1, 1, 0.0, 95)
    with pytest.raises(ValueError, match="0 or more"):
        rate_ratio(-1, 1, 1, 1)
    with pytest.raises(ValueError, match="95"):
        rate_ratio(1, 1, 1, 1, 95)
    with pytest.raises(ValueError, match="difference"):
        e_test(1, 1, 1, 1, difference=-1)
