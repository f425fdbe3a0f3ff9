"""Rates of sensitive kinds from told figures alone: rounded counts, years and three years, the state beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.measures.made import cells_of, months_from

from candor.measures.release_figures import figures
from candor.measures.sensitive_blocks import blocks, learned
from candor.measures.sensitive_pools import About, Told, ToldFigures
from candor.measures.sensitive_table import table
from candor.measures.wander import Wander
from candor.statistics.negative_binomial import mean_interval
from candor.statistics.wander import Pairs, estimate
from candor.vocabulary.coverage import BY_COUNTY_ONLY, UNDER

pytestmark = pytest.mark.filterwarnings("error")

Line = dict[str, Any]
Span = tuple[np.datetime64, np.datetime64]
YEARS: tuple[Span, ...] = tuple(
    (np.datetime64(f"{y}-01", "M"), np.datetime64(f"{y}-12", "M")) for y in (2022, 2023, 2024)
)
THREE: Span = (YEARS[0][0], YEARS[2][1])
PEOPLE = 10_000.0


def told(counts: np.ndarray, state: np.ndarray | None = None, spread: int = 2) -> Told:
    """Of one kind: counts to the nearest 5, 0 as under 5."""
    calls = counts[None].astype(np.int64)
    small = calls == 0
    words = np.where(small, np.int8(UNDER), np.int8(-1)) if state is None else state[None].astype(np.int8)
    size = calls.shape[1]
    about = About(*(np.full((1, size), v) for v in (12.0, 1.0, PEOPLE, PEOPLE)))
    return Told(
        calls,
        words,
        np.where(small, 0, spread).astype(np.int64),
        np.full((1, size), np.datetime64("2025-04-01")),
        about,
    )


def release(years: np.ndarray) -> ToldFigures:
    """Towns of 10,000 told by year (years, towns); the first has three years together instead, and no single one."""
    towns = years.shape[1]
    cells = cells_of(np.zeros((towns, 36), np.int64), months_from("2022-01", 36), PEOPLE, category="overdose")
    found = {}
    for span, counts in zip(YEARS, years, strict=True):
        state = np.where(counts == 0, UNDER, -1)
        state[0] = BY_COUNTY_ONLY
        found["town", *span] = told(np.where(np.arange(towns) == 0, 0, counts), state)
        found["state", *span] = told(np.array([5 * round(float(counts.sum()) / 5)]))
    together = np.where(np.arange(towns) == 0, 5 * np.round(years[:, 0].sum() / 5), 0)
    found["town", *THREE] = told(together, np.where(np.arange(towns) == 0, -1, BY_COUNTY_ONLY))
    found["state", *THREE] = told(np.array([5 * round(float(years.sum()) / 5)]), spread=6)
    kinds = {"state": {"year": YEARS, "years": (THREE,)}, "county": {}, "town": {"year": YEARS, "years": (THREE,)}}
    return ToldFigures(cells, cells, found, kinds)


def lines_of(made: ToldFigures, wander: Wander) -> dict[tuple[str, str], Line]:
    found = pa.concat_tables(list(figures(blocks(made, "Testland", "99", wander)))).to_pylist()
    return {(x["place"], x["period"]): x for x in found if x["initiated_by"] == "all"}


@pytest.fixture(scope="module")
def years() -> np.ndarray:
    """Twenty towns of about 100 a year that wander by 5 %, one of 250 and one under 5; the first has about 6."""
    rng = np.random.default_rng(51)
    own = np.array([6.0, 250.0, 0.5, *[100.0] * 19])
    return np.asarray(5 * np.round(rng.poisson(own * rng.gamma(400, 1 / 400, (3, 22))) / 5), np.int64)


def test_a_town_is_compared_with_what_is_told_of_the_state_without_it(years: np.ndarray) -> None:
    made = release(years)
    wander = learned(made, None)
    found = lines_of(made, wander)
    line = found["Town 1", "2024"]
    c = line["wander"]
    now, before = years[1:, 1:], years[:-1, 1:]
    pairs = (now > 0) & (before > 0)
    of = np.broadcast_to(np.arange(2)[:, None], pairs.shape)[pairs]
    own = estimate(Pairs(now[pairs].astype(float), before[pairs].astype(float), of.astype(np.int64), 2.0))
    assert own is not None
    assert (c, line["wander_from"], line["wander_pairs"]) == (pytest.approx(own.c, rel=1e-4), "own", own.pairs)
    x, total = int(years[2, 1]), 5 * round(float(years[2].sum()) / 5)
    expected = (total - x) / 21
    assert line["expected"] == pytest.approx(expected, rel=1e-5)
    assert (line["comparison"], line["calls"]) == ("higher", x)
    # Two more or less of the town, and two of it and two of the state in what is expected.
    told_of_others = np.where(years[2] == 0, 2, years[2])[2:]  # under 5 is 2; the first is told otherwise
    squares = float((told_of_others.astype(float) ** 2).sum())
    spread = c + 1 / (total - x) + c * squares / (total - x) ** 2
    more = 4 / 21
    assert line["relative_low"] == pytest.approx(
        float(mean_interval(x - 2, spread).lower) / (expected + more), rel=1e-3
    )
    assert line["relative_high"] == pytest.approx(
        float(mean_interval(x + 2, spread).upper) / (expected - more), rel=1e-3
    )
    assert line["rate_low"] == pytest.approx(float(mean_interval(x - 2, c).lower) / PEOPLE * 1000, rel=1e-5)
    assert line["rate_high"] == pytest.approx(float(mean_interval(x + 2, c).upper) / PEOPLE * 1000, rel=1e-5)


def test_who_is_under_5_or_not_told_is_not_compared(years: np.ndarray) -> None:
    made = release(years)
    found = lines_of(made, learned(made, None))
    for place, word in (("Town 2", "under 5"), ("Town 0", "by county only")):
        line = found[place, "2024"]
        assert (line["coverage"], line["calls"], line["comparison"], line["year_change"]) == (word, None, "", "")
        assert [line[n] for n in ("rate", "expected", "relative_rate", "smoothed", "year_change_ratio")] == [None] * 5


def test_three_years_together_wander_a_third(years: np.ndarray) -> None:
    made = release(years)
    found = lines_of(made, learned(made, None))
    line = found["Town 0", "2022-2024"]
    assert line["wander"] == pytest.approx(found["Town 1", "2024"]["wander"] / 3, rel=1e-5)
    assert line["comparison"] == "lower"
    assert line["year_change"] == ""
    assert line["expected"] == pytest.approx((5 * round(float(years.sum()) / 5) - line["calls"]) / 21, rel=1e-4)


def test_a_change_is_year_on_year_and_holds_what_both_may_be(years: np.ndarray) -> None:
    made = release(years)
    found = lines_of(made, learned(made, None))
    line = found["Town 1", "2024"]
    a, b, c = int(years[1, 1]), int(years[2, 1]), line["wander"]
    assert line["year_change_ratio"] == pytest.approx(b / a * 365 / 365, rel=0.003)
    for x1, x2, end, side in ((a + 2, b - 2, "year_change_low", -1), (a - 2, b + 2, "year_change_high", 1)):
        s = (1 / (x1 + 0.5) + 1 / (x2 + 0.5) + 2 * c) ** 0.5
        assert line[end] == pytest.approx((x2 + 0.5) / (x1 + 0.5) * np.exp(side * 1.959964 * s), rel=0.003)
    assert found["Town 1", "2022"]["year_change"] == ""


def test_the_state_wanders_by_what_one_town_is_of_it(years: np.ndarray) -> None:
    made = release(years)
    found = lines_of(made, learned(made, None))
    state = found["Testland", "2024"]
    shown = years[:, 1:].astype(float)
    share = np.mean((shown**2).sum(axis=1) / shown.sum(axis=1) ** 2)
    assert state["wander"] == pytest.approx(found["Town 1", "2024"]["wander"] * share, rel=1e-4)
    total = 5 * round(float(years[2].sum()) / 5)
    assert state["rate_low"] == pytest.approx(float(mean_interval(total - 2, state["wander"]).lower) / 220, rel=1e-5)
    assert (state["comparison"], state["among_towns"]) == ("", "")


def test_the_table_of_told_figures_has_the_interval_of_what_is_told(years: np.ndarray) -> None:
    made = release(years)
    wander = learned(made, None)
    found = {(x["place"], x["period"]): x for x in table(made, {"overdose": "health"}, "T", "99", wander).to_pylist()}
    line, c = found["Town 1", "2024"], lines_of(made, wander)["Town 1", "2024"]["wander"]
    x = int(years[2, 1])
    assert line["rate_low"] == pytest.approx(float(mean_interval(x - 2, c).lower) / 10, rel=1e-4)
    assert line["rate_high"] == pytest.approx(float(mean_interval(x + 2, c).upper) / 10, rel=1e-4)
    three = found["Town 0", "2022-2024"]
    assert three["rate_high"] == pytest.approx(float(mean_interval(three["calls"] + 2, c / 3).upper) / 10, rel=1e-4)


def test_where_little_is_told_the_wander_is_that_of_calls_or_assumed() -> None:
    made = release(np.full((3, 5), 5))
    found = lines_of(made, learned(made, None))
    assert {(x["wander_from"], x["wander_pairs"]) for x in found.values()} == {("assumed", 0)}
    assert found["Town 1", "2024"]["wander"] == 0.0025
    assert found["Town 1", "2024"]["comparison"] in ("cannot be told apart", "too few to compare")
