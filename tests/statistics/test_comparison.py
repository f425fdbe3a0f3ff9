from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from candor.statistics.comparison import Difference, difference, others
from candor.vocabulary.comparison import ANSWERED, DIFFERENCES

HIGH, LOW = ("higher", "probably higher"), ("lower", "probably lower")
counts = st.one_of(st.integers(0, 60), st.integers(0, 30_000)).map(float)
wanders = st.one_of(st.just(0.0), st.just(0.0004), st.floats(0.0004, 0.2))


def word(found: Difference) -> str:
    return DIFFERENCES[int(found.label)]


def words(found: Difference) -> list[str]:
    return [DIFFERENCES[i] for i in found.label]


def law(mean: float | np.ndarray, c: float):  # type: ignore[no-untyped-def]  # noqa: ANN201 - scipy's frozen law
    return stats.poisson(mean) if c == 0 else stats.nbinom(1 / c, 1 / (1 + mean * c))


# The others' rate brings 100; the tails of Poisson counts about 100, from scipy: P(X >= 120) = 0.0282,
# P(X >= 121) = 0.0227, P(X >= 132) = 0.00127, P(X >= 133) = 0.00094; P(X <= 80) = 0.0226, P(X <= 81) = 0.0283,
# P(X <= 70) = 0.0009, P(X <= 71) = 0.0012.
@pytest.mark.parametrize(
    ("observed", "said"),
    [
        (133, "higher"), (132, "probably higher"), (121, "probably higher"), (120, "cannot be told apart"),
        (81, "cannot be told apart"), (80, "probably lower"), (71, "probably lower"), (70, "lower"),
    ],
)  # fmt: skip
def test_a_label_needs_its_tail(observed: int, said: str) -> None:
    assert word(difference(observed, 100, 0.0)) == said


def test_the_ratio_must_be_outside_the_margin_however_sure_it_is() -> None:
    """A million events: 5 % more is 50 standard deviations, and about the same; 11 % more is more."""
    assert words(difference([1.05e6, 1.11e6, 0.95e6, 0.9e6], 1e6, 0.0)) == [
        "about the same rate", "higher", "about the same rate", "lower",
    ]  # fmt: skip
    assert words(difference([1.1e6, 1.1001e6, 1e6 / 1.1, 0.909e6], 1e6, 0.0)) == [
        "about the same rate", "higher", "about the same rate", "lower",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "c", "said"),
    [
        (100, 0.0, "about the same rate"),  # Poisson: 81.4 to 121.6
        (60, 0.0, "cannot be told apart"),  # 45.8 to 77.2
        (10_000, 0.0025, "about the same rate"),  # a standard deviation of 5.1 %: 1.96 of them are 10 %
        (10_000, 0.0115, "about the same rate"),  # of 10.7 %: up to 1.2497 times
        (10_000, 0.012, "cannot be told apart"),  # up to 1.256
        (10_000, 0.03, "cannot be told apart"),
    ],
)
def test_about_the_same_needs_a_narrow_interval(expected: float, c: float, said: str) -> None:
    assert word(difference(expected, expected, c)) == said


def test_the_towns_own_wander_decides_whether_the_same_can_be_said() -> None:
    """METHODS: not offered above 0.013, not even where whole years together have made an interval narrow."""
    assert word(difference(1e4, 1e4, 0.003, own=0.013)) == "about the same rate"
    assert word(difference(1e4, 1e4, 0.003, own=0.0131)) == "cannot be told apart"


def test_five_percent_of_wander_takes_half_of_it() -> None:
    """1.3 times with 10,000 events: sure of chance and of 5 % a year, not of 20 %."""
    assert words(difference(13_000, 10_000, [0.0, 0.0025, 0.01, 0.04])) == [
        "higher", "higher", "probably higher", "cannot be told apart",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("observed", "expected", "c", "said"),
    [
        (40.0, 4.99, 0.0, "too few to compare"),
        (0.0, 0.0, np.inf, "too few to compare"),
        (0.0, 0.0, np.nan, "too few to compare"),
        (40.0, 5.0, 0.0, "higher"),
        (0.0, 5.0, 0.0, "probably lower"),  # exp(-5) = 0.0067
        (0.0, 7.0, 0.0, "lower"),  # exp(-7) = 0.0009
        (7.0, np.nan, np.nan, "nothing to compare with"),
        (0.0, np.nan, 0.0, "nothing to compare with"),
        (7.0, 40.0, np.inf, "nothing to compare with"),
        (np.nan, 40.0, 0.0, ""),
        (np.nan, np.nan, np.nan, ""),
    ],
)
def test_a_word_for_everything_that_cannot_be_compared(observed: float, expected: float, c: float, said: str) -> None:
    found = difference(observed, expected, c)
    assert word(found) == said
    assert (said in ANSWERED) == bool(np.isfinite([found.ratio, found.lower, found.upper]).all())
    assert said in ANSWERED or np.isnan([found.ratio, found.lower, found.upper]).all()


@given(counts, st.floats(5, 30_000), wanders, wanders)
@settings(max_examples=150)
def test_label_interval_and_tails_are_one(observed: float, expected: float, own: float, of_expected: float) -> None:
    """Against scipy's tails: what METHODS says of each label, both ways round."""
    c = own + of_expected
    found = difference(observed, expected, c, own=own)
    up, down = float(law(expected, c).sf(observed - 1)), float(law(expected, c).cdf(observed))
    ratio, lower, upper = observed / expected, float(found.lower), float(found.upper)
    assert found.ratio == pytest.approx(ratio)
    apart = not 1 / 1.1 <= ratio <= 1.1
    near = any(abs(p - t) < 1e-6 * t for p in (up, down) for t in (0.001, 0.025))
    if not near and abs(abs(np.log(max(ratio, 1e-9))) - np.log(1.1)) > 1e-9:
        if apart and min(up, down) < 0.001:
            expected_word = "higher" if up < down else "lower"
        elif apart and min(up, down) < 0.025:
            expected_word = "probably higher" if up < down else "probably lower"
        elif not apart and lower >= 1 / 1.25 and upper <= 1.25 and own <= 0.013:
            expected_word = "about the same rate"
        else:
            expected_word = "cannot be told apart"
        assert word(found) == expected_word
        assert (lower > 1) == (up < 0.025)
        assert (upper < 1) == (down < 0.025)
    said = word(found)
    if said == "about the same rate":
        assert 1 / 1.25 <= lower <= upper <= 1.25
    if said == "cannot be told apart":
        assert lower <= 1 <= upper
    if said in HIGH:
        assert lower > 1
    if said in LOW:
        assert upper < 1
    assert said in ANSWERED


@given(st.floats(5, 1e6), wanders)
def test_no_interval_that_leaves_1_out_is_left_without_its_word(expected: float, c: float) -> None:
    """Every ratio about the margin: an interval without 1 is `about the same` or a difference, never undecided."""
    observed = np.round(expected * np.exp(np.linspace(-0.2, 0.2, 81)))
    found = difference(observed, expected, c)
    undecided = found.label == DIFFERENCES.index("cannot be told apart")
    assert (found.lower[undecided] <= 1).all()
    assert (found.upper[undecided] >= 1).all()
    inside = (found.ratio <= 1.1) & (found.ratio >= 1 / 1.1)
    assert not np.isin(found.label[inside], [DIFFERENCES.index(w) for w in (*HIGH, *LOW)]).any()


@given(st.floats(5, 3000), wanders, wanders)
@settings(max_examples=100)
def test_more_events_never_mean_a_lower_label(expected: float, own: float, more: float) -> None:
    order = {name: i for i, name in enumerate(("lower", "probably lower", "", "probably higher", "higher"))}
    observed = np.unique(np.round(np.geomspace(1, 8 * expected, 200)))
    found = [order.get(w, 2) for w in words(difference(observed, expected, own + more, own=own))]
    assert (np.diff(found) >= 0).all()
    wide = difference(observed, expected, own + more + 0.01)
    narrow = difference(observed, expected, own + more)
    several = observed > 1  # see `test_of_one_event_the_lower_limit_hardly_moves`
    assert (wide.lower <= narrow.lower * (1 + 1e-9))[several].all()
    assert (wide.upper >= narrow.upper * (1 - 1e-9)).all()


@given(counts, counts, st.floats(0.1, 10), wanders)
@settings(max_examples=200)
def test_two_towns_beside_each_other_never_say_the_same_side(one: float, other: float, size: float, c: float) -> None:
    """Swapping the sides turns the ratio round, and what is sure of one is not denied by the other."""
    persons = np.array([1000.0, 1000.0 * size])
    events = np.array([one, other])
    beside = others(events, persons, c)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = beside.events / beside.persons * persons
    found = difference(events, expected, c + beside.variance, own=c)
    first, second = words(found)
    if first in ANSWERED and second in ANSWERED and one and other:
        assert found.ratio[0] * found.ratio[1] == pytest.approx(1)
    for a, b in ((first, second), (second, first)):
        if a in HIGH:
            assert b not in HIGH
        if a in LOW:
            assert b not in LOW
    same = others(events[::-1], persons[::-1], c)
    assert np.array_equal(same.events, beside.events[::-1])
    assert np.array_equal(same.variance, beside.variance[::-1], equal_nan=True)


@given(st.integers(2, 200).map(lambda n: 5.0 * n), st.floats(8, 1000), st.floats(0, 20), wanders)
@settings(max_examples=80)
def test_what_is_said_of_rounded_counts_holds_for_all_that_they_may_be(
    observed: float, expected: float, more: float, c: float
) -> None:
    found = difference(observed, expected, c, about=(2.0, more))
    said = word(found)
    least, most = max(expected - more, 0), expected + more
    ends = np.array(list(product(np.arange(observed - 2, observed + 3), (max(least, 1e-3), expected, most))))
    o, e = ends.T
    compared = e >= 5
    plain = difference(o[compared], e[compared], c)
    assert (found.lower <= plain.lower * (1 + 1e-9)).all()
    assert (found.upper >= plain.upper * (1 - 1e-9)).all()
    up, down = law(e, c).sf(o - 1), law(e, c).cdf(o)
    for names, tail in ((HIGH, up), (LOW, down)):
        if said in names:
            assert (tail < (0.001 if said == names[0] else 0.025) * (1 + 1e-9)).all()
    if said == "about the same rate":
        assert ((plain.lower >= 1 / 1.25) & (plain.upper <= 1.25)).all()
        assert ((plain.ratio >= 1 / 1.25) & (plain.ratio <= 1.25)).all()
    if said == "cannot be told apart":
        assert found.lower <= 1 <= found.upper
    exact = word(difference(observed, expected, c))
    strength = {"higher": 2, "probably higher": 1, "probably lower": -1, "lower": -2}
    assert abs(strength.get(said, 0)) <= abs(strength.get(exact, 0))
    assert strength.get(said, 0) * strength.get(exact, 0) >= 0


def test_a_rounding_of_two_can_be_all_that_a_label_rests_on() -> None:
    assert word(difference(134, 100, 0.0)) == "higher"
    assert word(difference(134, 100, 0.0, about=(2.0, 0.0))) == "probably higher"
    assert word(difference(134, 100, 0.0, about=(2.0, 12.0))) == "cannot be told apart"
    # What is expected may be nothing at all: then there is no upper limit, and it says so.
    found = difference(30, 10, 0.0, about=(2.0, 10.0))
    assert np.isinf(found.upper)


@pytest.mark.parametrize("c", [0.0, 0.0025, 0.02])
@pytest.mark.parametrize("expected", [5.0, 20.0, 150.0, 3000.0])
def test_where_nothing_differs_labels_are_as_rare_as_they_say(expected: float, c: float) -> None:
    """Over all counts, each with its probability: at most 2 of 1,000 surely, 5 of 100 with "probably"."""
    x = np.arange(0, int(expected * 3 + 60))
    p = law(expected, c).pmf(x)
    found = np.array(words(difference(x, expected, c)))
    assert p.sum() > 0.999
    assert p[np.isin(found, ["higher", "lower"])].sum() <= 0.002
    assert p[np.isin(found, [*HIGH, *LOW])].sum() <= 0.05


@given(st.data())
@settings(max_examples=100)
def test_the_others_are_those_of_a_loop(data: st.DataObject) -> None:
    towns = data.draw(st.integers(1, 8))
    shape = (data.draw(st.integers(1, 3)), towns)
    maybe = st.one_of(counts, st.just(np.nan))
    events = data.draw(hnp.arrays(np.float64, shape, elements=maybe))
    persons = data.draw(hnp.arrays(np.float64, shape, elements=st.sampled_from([0.0, 10.0, 2500.0, np.nan])))
    member = data.draw(hnp.arrays(np.bool_, towns))
    c = data.draw(wanders)
    found = others(events, persons, np.full((shape[0], 1), c), member)
    for row, town in np.ndindex(shape):
        rest = [
            j for j in range(towns)
            if j != town and member[j] and np.isfinite(events[row, j]) and persons[row, j] > 0
        ]  # fmt: skip
        if not rest:
            assert np.isnan(found.events[row, town])
            assert found.persons[row, town] == 0
            assert np.isnan(found.variance[row, town])
            continue
        total = sum(events[row, j] for j in rest)
        assert found.events[row, town] == pytest.approx(total, abs=1e-6)
        assert found.persons[row, town] == pytest.approx(sum(persons[row, j] for j in rest))
        if total:
            squares = sum(events[row, j] ** 2 for j in rest)
            assert found.variance[row, town] == pytest.approx(1 / total + c * squares / total**2, rel=1e-6, abs=1e-9)
        else:
            assert not np.isfinite(found.variance[row, town])


def test_one_city_leaves_the_others_rate_alone() -> None:
    """Nine towns with 100 each and a city with 900: a town is beside 1,700, the city beside 900."""
    found = others(np.array([100.0] * 9 + [900.0]), np.array([1000.0] * 9 + [9000.0]), 0.01)
    assert found.events.tolist() == [1700.0] * 9 + [900.0]
    assert found.persons.tolist() == [17_000.0] * 9 + [9000.0]
    assert found.variance[0] == pytest.approx(1 / 1700 + 0.01 * (8 * 100**2 + 900**2) / 1700**2)
    assert found.variance[9] == pytest.approx(1 / 900 + 0.01 * 9 * 100**2 / 900**2)


def test_a_total_that_is_told_on_its_own_stands_instead_of_the_sum() -> None:
    found = others(np.array([10.0, 20.0, 30.0]), np.full(3, 100.0), 0.0, total=np.array([64.0]))
    assert found.events.tolist() == [54.0, 44.0, 34.0]
    # Rounded apart, the parts may be more than the whole: the others have none then, not less.
    assert others(np.array([10.0, 5.0]), np.full(2, 100.0), 0.0, total=np.array([5.0])).events.tolist() == [0.0, 0.0]


def test_what_cannot_be_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        difference(-1.0, 10.0, 0.0)
    with pytest.raises(ValueError, match="0 or more"):
        difference(1.0, 10.0, -0.1)
