from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from tests.privacy.systems import by_counting

from candor.privacy.feasible import Needs, intervals
from candor.privacy.fold import fold
from candor.privacy.linear import UnfinishedError
from candor.privacy.propagation import ContradictionError, propagate

Case = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def closed(value: np.ndarray, low: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """The bounds of figures of which some (NaN) are not told."""
    secret = np.isnan(value)
    return np.where(secret, low, value), np.where(secret, np.inf, value)


@st.composite
def two_way(draw: st.DrawFn) -> Case:
    """A table of up to 2 x 3 counts with all its sums: sets, counts, which figures are secret, which are narrow."""
    rows, columns = draw(st.sampled_from([(2, 2), (2, 3)]))
    across, down = np.eye(rows), np.eye(columns)
    one, other = np.vstack([across, np.ones((1, rows))]), np.vstack([down, np.ones((1, columns))])
    sets = np.kron(one, other)
    counts = np.array(draw(st.lists(st.integers(0, 3), min_size=rows * columns, max_size=rows * columns)), float)
    secret = np.array(draw(st.lists(st.booleans(), min_size=len(sets), max_size=len(sets))))
    narrow = np.repeat(np.arange(rows + 1) < rows, columns + 1)
    return sets, counts, secret, narrow


@st.composite
def any_sums(draw: st.DrawFn) -> Case:
    """Sums over any sets of up to five counts."""
    n, m = draw(st.integers(2, 5)), draw(st.integers(1, 6))
    sets = np.array(
        draw(st.lists(st.lists(st.integers(0, 1), min_size=n, max_size=n).filter(any), min_size=m, max_size=m))
    )
    counts = np.array(draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)), float)
    flags = st.lists(st.booleans(), min_size=m, max_size=m)
    return sets.astype(float), counts, np.array(draw(flags)), np.array(draw(flags))


def over_counts(case: Case, low: float = 0.0, most: float = np.inf) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The intervals of the figures, computed over the counts themselves, and whether whole numbers reach them."""
    sets, counts, secret, _ = case
    value = np.where(secret, np.nan, sets @ counts)
    lower, upper = closed(value, low)
    n, m = sets.shape[1], sets.shape[0]
    system = sparse.csr_matrix(np.hstack([sets, -np.eye(m)]))
    bounds = np.concatenate([np.zeros(n), lower]), np.concatenate([np.full(n, most), upper])
    found = intervals(system, np.zeros(m), *bounds, n + np.arange(m))
    assert found.exact.all()
    return found.low, found.high, found.whole


def test_a_table_with_one_hidden_square_is_open_as_far_as_its_margins_let_it() -> None:
    rows = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1.0]])
    found = intervals(sparse.csr_matrix(rows), rows @ [1, 2, 3, 1], np.zeros(4), np.full(4, np.inf), np.arange(4))
    assert found.low.tolist() == [0, 0, 1, 0]
    assert found.high.tolist() == [3, 3, 4, 3]
    assert found.exact.all()
    assert found.whole.all()


def test_arithmetic_alone_finds_a_cell_that_is_the_rest_of_a_sum() -> None:
    found = intervals(
        sparse.csr_matrix(np.array([[1.0, 1.0, 1.0]])),
        np.array([7.0]),
        np.array([4.0, 0, 1]),
        np.array([4.0, 9, 1]),
        np.arange(3),
    )
    assert found.low.tolist() == found.high.tolist() == [4, 2, 1]
    assert found.programs == 0


def test_what_nothing_bounds_is_open_to_infinity() -> None:
    system = sparse.csr_matrix(np.array([[1.0, -1, 0], [0, 0, 0]]))
    found = intervals(system, np.array([2.0, 0]), np.zeros(3), np.full(3, np.inf), np.arange(3))
    assert found.low.tolist() == [2, 0, 0]
    assert np.isinf(found.high).all()


@settings(max_examples=60)
@given(two_way(), st.sampled_from([0.0, 1.0]))
def test_two_way_tables_give_what_counting_all_tables_gives(case: Case, low: float) -> None:
    """Sums over rows and columns are totally unimodular: the relaxation is exact, and says so."""
    sets, counts, secret, _ = case
    secret &= sets @ counts >= low
    case = (sets, counts, secret, case[3])
    lower, upper, whole = over_counts(case, low, most=3.0)
    truth = by_counting(sets, np.where(secret, np.nan, sets @ counts), np.full(len(sets), low), 3)
    assert whole.all()
    assert list(zip(lower, upper, strict=True)) == truth


@settings(max_examples=60)
@given(any_sums())
def test_of_any_sums_the_interval_holds_what_counting_gives_and_is_that_where_it_says_whole(case: Case) -> None:
    sets, counts, secret, _ = case
    lower, upper, whole = over_counts(case, most=4.0)
    truth = by_counting(sets, np.where(secret, np.nan, sets @ counts), np.zeros(len(sets)), 4)
    for a, b, sure, (least, greatest) in zip(lower, upper, whole, truth, strict=True):
        assert a <= least
        assert b >= greatest
        assert not sure or (a, b) == (least, greatest)


@settings(max_examples=80)
@given(st.one_of(two_way(), any_sums()), st.sampled_from([0.0, 1.0]))
def test_the_smaller_system_tells_of_every_figure_what_the_counts_tell(case: Case, low: float) -> None:
    sets, counts, secret, narrow = case
    secret &= sets @ counts >= low
    lower, upper, _ = over_counts((sets, counts, secret, narrow), low)
    cells = fold(sparse.csr_matrix(sets), narrow)
    values = cells.members @ counts
    assert (values[cells.figure] == sets @ counts).all()
    assert not (cells.equations @ values).any()
    bounds = np.zeros(values.size), np.full(values.size, np.inf)
    told = closed(np.where(secret, np.nan, sets @ counts), low)
    np.maximum.at(bounds[0], cells.figure, told[0])
    np.minimum.at(bounds[1], cells.figure, told[1])
    wanted, at = np.unique(cells.figure, return_inverse=True)
    found = intervals(cells.equations, np.zeros(cells.equations.shape[0]), *bounds, wanted)
    assert found.low[at].tolist() == lower.tolist()
    assert found.high[at].tolist() == upper.tolist()


@settings(max_examples=40)
@given(two_way(), st.integers(0, 3), st.integers(0, 6), st.integers(0, 5))
def test_what_is_said_to_be_open_enough_is(case: Case, low: int, high: int, width: int) -> None:
    sets, counts, secret, _ = case
    lower, upper, _ = over_counts(case)
    value = np.where(secret, np.nan, sets @ counts)
    n, m = sets.shape[1], sets.shape[0]
    needs = Needs(np.full(m, float(low)), np.full(m, float(high)), np.full(m, float(width)))
    ends = closed(value)
    found = intervals(
        sparse.csr_matrix(np.hstack([sets, -np.eye(m)])),
        np.zeros(m),
        np.concatenate([np.zeros(n), ends[0]]),
        np.concatenate([np.full(n, np.inf), ends[1]]),
        n + np.arange(m),
        needs=needs,
    )
    met = (lower <= low) & (upper >= high) & (upper - lower >= width)
    assert (needs.met(found.low, found.high) == met).all()
    assert (found.low[~met] == lower[~met]).all()
    assert (found.high[~met] == upper[~met]).all()
    assert (found.low >= lower).all()
    assert (found.high <= upper).all()


@given(any_sums())
def test_drawing_in_bounds_loses_no_solution(case: Case) -> None:
    sets, counts, _, _ = case
    low, high = propagate(sparse.csr_matrix(sets), sets @ counts, np.zeros(counts.size), np.full(counts.size, np.inf))
    assert (low <= counts).all()
    assert (counts <= high).all()


@pytest.mark.parametrize(
    ("rows", "sums"),
    [
        ([[1, 1], [1, 1]], [3, 4]),  # found by arithmetic or by a program
        ([[1, 1, 0], [0, 1, 1], [1, 0, 1]], [3, 3, 10]),
        ([[1, 0], [1, 0]], [2, 3]),
        ([[0, 0]], [1]),  # an equation without cells
    ],
)
def test_figures_that_contradict_each_other_are_an_error(rows: list[list[int]], sums: list[int]) -> None:
    n = len(rows[0])
    with pytest.raises(ContradictionError, match="contradict"):
        intervals(
            sparse.csr_matrix(np.array(rows, float)), np.array(sums, float), np.zeros(n), np.full(n, 20.0), np.arange(n)
        )


def test_a_time_limit_that_passes_is_an_error_and_no_result() -> None:
    rows = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1.0]])
    with pytest.raises(UnfinishedError, match="did not finish"):
        intervals(
            sparse.csr_matrix(rows), rows @ [1, 2, 3, 1], np.zeros(4), np.full(4, np.inf), np.arange(4), seconds=0.0
        )


def test_a_figure_takes_each_count_once() -> None:
    for bad in ([[2.0, 1]], [[0.0, 0]]):
        with pytest.raises(ValueError, match="each taken once"):
            fold(sparse.csr_matrix(np.array(bad)), np.array([True]))
