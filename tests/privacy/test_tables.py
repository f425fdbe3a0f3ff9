from __future__ import annotations

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measures.synthetic import run, world
from tests.privacy.attacks import attacks

from candor.measures.cube import in_order
from candor.measures.rates import call_rates, monthly_rates
from candor.privacy.rows import COUNTED_APART
from candor.privacy.tables import protect

seeds = st.integers(0, 10**6)
thresholds = st.sampled_from([3, 5, 11])


def release_of(cube: pa.Table, sensitive: frozenset[str], threshold: int) -> tuple[pa.Table, pa.Table]:
    safe = monthly_rates(run(in_order(protect(ibis.memtable(cube), sensitive, threshold))))
    return safe, call_rates(safe, sensitive, "Testland")


@settings(deadline=None, max_examples=25)
@given(seeds, thresholds)
def test_small_counts_of_sensitive_categories_and_only_those_are_suppressed(seed: int, threshold: int) -> None:
    made_up = world(seed)
    before = made_up.cube().to_pylist()
    after = made_up.release(threshold)[0].to_pylist()
    assert len(before) == len(after)
    for was, now in zip(before, after, strict=True):
        small = was["category"] in made_up.sensitive and was["calls"] in range(1, threshold)
        expected = ("suppressed", None) if small else (was["coverage"], was["calls"])
        assert (now["coverage"], now["calls"]) == expected
        assert not (small and (now["rate"] or now["rate_low"] or now["rate_high"]))
        for key in ("geoid", "place", "county", "month", "category", "category_group", "initiated_by", "residents"):
            assert was[key] == now[key]


@settings(deadline=None, max_examples=15)
@given(seeds, thresholds)
def test_no_small_number_of_a_sensitive_category_is_in_any_figure(seed: int, threshold: int) -> None:
    made_up = world(seed, mean=1.0)
    for table in made_up.release(threshold):
        for x in table.to_pylist():
            if x["category"] in made_up.sensitive:
                assert x["calls"] is None or x["calls"] == 0 or x["calls"] >= threshold


@settings(deadline=None, max_examples=15)
@given(seeds, st.sampled_from([0.3, 1.0, 4.0]))
def test_subtracting_published_figures_finds_nothing(seed: int, mean: float) -> None:
    made_up = world(seed, mean=mean)
    cube, rates = made_up.release()
    assert attacks(cube, rates, made_up.sensitive) == []


def test_subtracting_finds_what_unsafe_figures_give_away() -> None:
    made_up = world(5, mean=1.0)
    cube, _ = made_up.release()
    assert "suppressed" in cube["coverage"].to_pylist()
    # Figures that were computed before the protection.
    careless = attacks(cube, call_rates(made_up.cube(), made_up.sensitive, "Testland"), made_up.sensitive)
    assert any(f.cells == 1 and f.total in range(1, 5) for f in careless)
    # Totals that include sensitive categories.
    totals = attacks(cube, call_rates(made_up.cube(), frozenset(), "Testland"), made_up.sensitive)
    assert any(" all " in f.figure for f in totals)
    # A rate that was left standing beside a suppressed count.
    rated = monthly_rates(made_up.cube())
    left = cube.set_column(cube.column_names.index("rate_high"), "rate_high", rated["residents"].cast(pa.float64()))
    found = attacks(left, call_rates(cube, made_up.sensitive, "Testland"), made_up.sensitive)
    assert {f.figure for f in found} == {"the cell itself"}


@settings(deadline=None, max_examples=25)
@given(seeds, thresholds)
def test_worlds_that_differ_only_in_suppressed_cells_give_the_same_release(seed: int, threshold: int) -> None:
    made_up = world(seed, mean=1.5)
    cube = made_up.cube()
    calls = cube["calls"].fill_null(0).to_numpy()
    small = np.isin(cube["category"].to_pylist(), list(made_up.sensitive)) & (calls >= 1) & (calls < threshold)
    other = calls.copy()
    other[small] = np.random.default_rng(seed).integers(1, threshold, small.sum())
    known = pa.array(other, mask=np.array([c is None for c in cube["calls"].to_pylist()]))
    changed = cube.set_column(cube.column_names.index("calls"), "calls", known)
    assert release_of(changed, made_up.sensitive, threshold) == release_of(cube, made_up.sensitive, threshold)


def test_calls_counted_apart_are_protected_though_nobody_lists_their_category() -> None:
    table = ibis.memtable({"category": [COUNTED_APART, "noise"], "coverage": ["reported"] * 2, "calls": [2, 2]})
    assert run(protect(table, [])).sort_by("category").to_pydict() == {
        "category": [COUNTED_APART, "noise"],
        "coverage": ["suppressed", "reported"],
        "calls": [None, 2],
    }


def test_a_threshold_that_tells_the_count_is_refused() -> None:
    with pytest.raises(ValueError, match="3 or more"):
        protect(ibis.memtable({"category": ["a"], "coverage": ["zero"], "calls": [0]}), [], 2)
