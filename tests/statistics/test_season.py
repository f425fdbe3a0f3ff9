from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from candor.statistics.season import usual
from candor.vocabulary.comparison import USUAL

MONTHS = np.arange(np.datetime64("2019-01"), np.datetime64("2025-01"))
DAYS = ((MONTHS + 1).astype("datetime64[D]") - MONTHS.astype("datetime64[D]")).astype(float)


def by_hand(counts: np.ndarray, persons: np.ndarray, c: float) -> list[tuple[str, float, float]]:
    """Month by month, with scipy's negative binomial distribution."""
    known = [i for i in range(len(counts)) if np.isfinite(counts[i]) and persons[i] > 0]
    found = []
    for i in range(len(counts)):
        earlier = [j for j in known if j < i and (i - j) % 12 == 0]
        total = sum(counts[j] for j in earlier)
        if i not in known or not total or np.mean(counts[known]) < 5:
            found.append(("", np.nan, np.nan))
            continue
        mean = total / sum(persons[j] for j in earlier) * persons[i]
        wander = c + c / len(earlier) + 1 / total
        law = stats.nbinom(1 / wander, 1 / (1 + mean * wander))
        low, high = float(law.ppf(0.001)), float(law.ppf(0.999))
        word = "fewer than usual" if counts[i] < low else "more than usual" if counts[i] > high else "as usual"
        found.append((word, low, high))
    return found


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.0025, 0.05]), st.sampled_from([0.5, 4.0, 40.0, 3000.0]))
@settings(max_examples=60)
def test_a_month_is_marked_exactly_where_it_is_outside_of_the_limits(seed: int, c: float, mean: float) -> None:
    rng = np.random.default_rng(seed)
    persons = DAYS * rng.choice([0.0, 900.0, 1000.0], len(DAYS), p=[0.05, 0.475, 0.475])
    counts = rng.poisson(mean * DAYS / 30 * rng.choice([0.3, 1.0, 3.0], len(DAYS), p=[0.05, 0.9, 0.05])).astype(float)
    counts[rng.random(len(DAYS)) < 0.05] = np.nan
    found = usual(counts, persons, c)
    expected = by_hand(counts, persons, c)
    assert [USUAL[i] for i in found.mark] == [word for word, _, _ in expected]
    assert np.array_equal(found.lower, [low for _, low, _ in expected], equal_nan=True)
    assert np.array_equal(found.upper, [high for _, _, high in expected], equal_nan=True)


def test_februarys_length_makes_no_mark() -> None:
    """As many calls a day in every month of six years: 29 days beside 28 are no more and no fewer than usual."""
    found = usual(4000 * DAYS, DAYS, 0.0)
    assert {USUAL[i] for i in found.mark[12:]} == {"as usual"}
    february = (MONTHS.astype(int) % 12 == 1) & (np.arange(len(MONTHS)) >= 12)
    assert ((found.lower + found.upper) / 2 / DAYS)[february] == pytest.approx(np.full(5, 4000), rel=1e-4)
    # Told by the month alone, the 29th day of February 2020 would be a mark.
    as_long = usual(4000 * DAYS, np.ones(len(DAYS)), 0.0)
    assert USUAL[as_long.mark[13]] == "more than usual"


def test_more_persons_are_no_more_calls() -> None:
    persons = DAYS * np.linspace(1000, 1500, len(DAYS))
    counts = np.round(persons / 50)
    assert {USUAL[i] for i in usual(counts, persons, 0.0).mark[12:]} == {"as usual"}
    assert "more than usual" in {USUAL[i] for i in usual(counts, DAYS, 0.0).mark}


def test_a_season_is_no_mark() -> None:
    months = np.tile([30.0, 30, 30, 30, 30, 200, 400, 400, 200, 30, 30, 30], 6)
    assert {USUAL[i] for i in usual(months, 1.0, 0.0).mark[12:]} == {"as usual"}


def test_without_an_earlier_year_nothing_is_said() -> None:
    found = usual(np.full(12, 500.0), 1.0, 0.0)
    assert not found.mark.any()
    assert np.isnan([found.lower, found.upper]).all()
    later = usual(np.append(np.full(12, np.nan), np.full(12, 500.0)), 1.0, 0.0)
    assert not later.mark.any()


def test_under_five_a_month_years_are_told_instead() -> None:
    assert not usual(np.tile([4.0, 5.0], 12), 1.0, 0.0).mark.any()
    assert usual(np.full(24, 5.0), 1.0, 0.0).mark[12:].all()


def test_more_earlier_years_make_the_limits_narrower() -> None:
    found = usual(np.full(60, 100.0), 1.0, 0.01)
    width = (found.upper - found.lower)[12::12]
    assert (np.diff(width) < 0).all()


def test_months_are_held_against_months_of_as_many_towns() -> None:
    """Ten towns, and from the third year on eleven: the first months of eleven have no counterpart."""
    towns = np.repeat([10.0, 11.0], [24, 24])
    counts = np.repeat([100.0, 300.0], [24, 24])
    marks = [USUAL[i] for i in usual(counts, towns * 30, 0.0, of=towns).mark]
    assert marks == [""] * 12 + ["as usual"] * 12 + [""] * 12 + ["as usual"] * 12
    assert "more than usual" in {USUAL[i] for i in usual(counts, towns * 30, 0.0).mark}


@pytest.mark.parametrize("c", [0.0, 0.0025, 0.02])
def test_a_series_that_only_wanders_is_seldom_marked(c: float) -> None:
    """2 of 1,000 and no more than 4, over 40,000 months that have earlier ones."""
    rng = np.random.default_rng(9)
    own = rng.uniform(10, 300, (700, 1)) * np.ones(len(DAYS))
    x = rng.poisson(own * (rng.gamma(1 / c, c, own.shape) if c else 1)).astype(float)
    told = usual(x, 1.0, c).mark[:, 12:]
    assert (told > USUAL.index("as usual")).mean() < 0.004
    assert (told == USUAL.index("as usual")).mean() > 0.99


def test_what_cannot_be_is_an_error() -> None:
    with pytest.raises(ValueError, match="95"):
        usual(np.full(24, 9.0), 1.0, 0.0, 95)
    with pytest.raises(ValueError, match="0 or more"):
        usual(np.full(24, 9.0), 1.0, -1.0)
