from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from tests.privacy.systems import Tables, by_counting, crossed, over_months, released, vermont

from candor.privacy.audit_system import audit, strict_needs
from candor.privacy.exact import cheapest
from candor.privacy.feasible import Needs
from candor.privacy.greedy import greedy
from candor.privacy.levels import COUNTY, STATE, TOWN, plan
from candor.privacy.linear import Deadline, UnfinishedError
from candor.privacy.pattern import Pattern, ProtectionError
from candor.privacy.suppression import Rule, pattern, suppress


def instance(path: Path) -> Pattern:
    """A published instance in jj format: cells with value, weight, status, bounds and levels, then the equations."""
    lines = path.read_text().splitlines()
    n = int(lines[1])
    fields = [line.split() for line in lines[2 : 2 + n]]
    value, weight, low, high, lpl, upl, spl = (np.array([float(f[i]) for f in fields]) for i in (1, 2, 4, 5, 6, 7, 8))
    status = np.array([f[3] for f in fields])
    equations = np.zeros((int(lines[2 + n]), n))
    for row, line in zip(equations, lines[3 + n :], strict=False):
        terms = line.partition(":")[2].replace("(", " ").replace(")", " ").split()
        row[[int(t) for t in terms[::2]]] = [float(t) for t in terms[1::2]]
    unsafe = status == "u"
    needs = Needs(
        np.where(unsafe, value - lpl, value), np.where(unsafe, value + upl, value), np.where(unsafe, spl, 0.0)
    )
    return Pattern(sparse.csr_matrix(equations), value, low, high, weight, unsafe, status == "z", needs)


@pytest.mark.parametrize(("name", "best"), [("fischetti_salazar_2001_3x3", 59), ("sdcTable_microdata1_4x2", 42)])
def test_published_instances_cost_what_is_published(shared_reference: Path, name: str, best: int) -> None:
    problem = instance(shared_reference / "disclosure" / f"{name}.jj")
    proven = cheapest(problem, Deadline(60))
    assert problem.weights[proven].sum() == best
    assert not problem.unsafe(proven, 60).size
    found = greedy(problem, Deadline(60))
    assert not problem.unsafe(found, 60).size
    assert best <= problem.weights[found].sum() <= 1.2 * best


def small_world(seed: int, towns: int, kinds: int, mean: float) -> tuple[Tables, np.ndarray]:
    lot = np.random.default_rng(seed)
    tables = crossed(np.arange(towns) % 2, kinds)
    return tables, lot.poisson(mean * lot.lognormal(size=towns * kinds)).astype(float)


worlds = st.builds(
    small_world, st.integers(0, 10**6), st.integers(2, 6), st.integers(2, 4), st.sampled_from([1.0, 4.0])
)
rules = st.builds(Rule, st.sampled_from([3, 5, 8]), st.sampled_from(["told", "may cover", "protected"]))


@settings(max_examples=40)
@given(worlds, rules)
def test_every_withheld_figure_is_as_open_as_it_must_be(world: tuple[Tables, np.ndarray], rule: Rule) -> None:
    """Checked by the audit, which knows nothing of how the figures were chosen."""
    tables, counts = world
    result = released(tables, counts, rule)
    values = tables.sets @ counts
    assert (result.primary == ((values >= rule.smallest) & (values < rule.threshold))).all()
    assert (result.suppressed >= result.primary).all()
    if rule.zeros == "told":
        assert not (result.suppressed & (values == 0)).any()
    statements = tables.statements(counts, result.suppressed, low=rule.least)
    needs = strict_needs(statements, values, rule.threshold, zeros=rule.zeros == "protected")
    certificate = audit(statements, rule.threshold, needs=needs)
    assert certificate.passed, certificate.narrowest
    assert audit(statements, rule.threshold).passed


@settings(max_examples=10)
@given(worlds)
def test_the_proven_choice_costs_no_more_and_is_as_safe(world: tuple[Tables, np.ndarray]) -> None:
    tables, counts = world
    problem = pattern(tables.cells, counts, tables.cost, Rule())
    best, found = cheapest(problem, Deadline(60)), greedy(problem, Deadline(60))
    assert not problem.unsafe(best, 60).size
    assert not problem.unsafe(found, 60).size
    extra = [float(problem.weights[secret & ~problem.hidden].sum()) for secret in (best, found)]
    assert extra[0] <= extra[1] + 1e-9


def test_by_counting_every_value_of_a_withheld_figure_is_possible() -> None:
    tables = crossed(np.zeros(2, np.int64), 2)
    counts = np.array([2.0, 6, 7, 6])
    result = released(tables, counts)
    value = np.where(result.suppressed, np.nan, tables.sets @ counts)
    assert result.suppressed[0]
    low, high = by_counting(tables.sets.toarray(), value, np.ones(value.size), 15)[0]
    assert low <= 1
    assert high >= 4
    alone = np.where(result.primary, np.nan, tables.sets @ counts)
    assert by_counting(tables.sets.toarray(), alone, np.ones(value.size), 15)[0] == (2, 2)


def test_towns_by_kinds_and_counties_need_few_extra_cells() -> None:
    county, residents = vermont()
    tables = crossed(county, 8)
    rates = np.array([20, 12, 9, 6, 4, 2.5, 1.5, 0.8]) / 1000
    counts = np.random.default_rng(1).poisson(residents[:, None] * rates).ravel().astype(float)
    result = released(tables, counts)
    extra = int((result.suppressed & ~result.primary).sum())
    assert int(result.primary.sum()) == 612
    assert extra <= 0.05 * result.suppressed.size
    assert not result.suppressed[-9:].any()  # the state's own figures are all told
    statements = tables.statements(counts, result.suppressed)
    certificate = audit(statements, needs=strict_needs(statements, tables.sets @ counts))
    assert certificate.passed
    assert certificate.recovered == certificate.narrow == 0


def test_what_is_too_large_for_the_exact_search_is_told_again_only_where_that_is_safe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for seed in range(4):
        tables, counts = small_world(seed, 20, 5, 3.0)
        problem = pattern(tables.cells, counts, tables.cost, Rule())
        with monkeypatch.context() as patched:
            patched.setattr("candor.privacy.polish._LARGEST", 0)
            found = greedy(problem, Deadline(60))
            assert not problem.unsafe(found, 60).size
            patched.setattr("candor.privacy.greedy._Search.settle", lambda _: None)
            before = greedy(problem, Deadline(60))
        assert found.sum() <= before.sum()
        assert seed or found.sum() < before.sum()


def test_the_same_input_gives_the_same_choice() -> None:
    tables, counts = small_world(3, 6, 4, 4.0)
    assert (released(tables, counts).suppressed == released(tables, counts).suppressed).all()


@pytest.mark.parametrize(("first", "windows"), [("2023-01", False), ("2022-08", True)])
def test_a_kind_over_months_is_protected_at_all_levels_at_once(first: str, windows: bool) -> None:
    county, residents = vermont()
    near = county < 3
    towns, people = county[near], residents[near]
    counts = np.random.default_rng(2).poisson(np.repeat(people * 1.5 / 12000, 36)).astype(float)
    figures, tables = over_months(towns, first, 36, counts, windows)
    result = released(tables, counts)
    statements = tables.statements(counts, result.suppressed)
    certificate = audit(statements, needs=strict_needs(statements, tables.sets @ counts))
    assert certificate.passed
    assert not result.suppressed[(figures.level == STATE) & ~result.primary].any()
    # Differences of years and windows lead to half-years of towns only where these do not end together.
    assert (certificate.led_to > 0) == windows
    if certificate.led_to:
        careless = suppress(tables.cells._replace(implied=np.empty(0, np.int64)), counts, tables.cost, Rule())
        assert audit(tables.statements(counts, careless.suppressed)).led_to_small > 0


def test_the_plan_has_what_is_declared_and_no_more() -> None:
    figures = plan(np.array([0, 0, 1]), np.datetime64("2021-12") + np.arange(44))
    kinds = {(str(a), str(b)): int(n) for (a, b), n in zip(*_pairs(figures.level, figures.kind), strict=True)}
    assert kinds == {
        (TOWN, "year"): 9,
        (TOWN, "years"): 3,
        (COUNTY, "month"): 88,
        (COUNTY, "year"): 6,
        (COUNTY, "years"): 2,
        (STATE, "month"): 44,
        (STATE, "quarter"): 14,
        (STATE, "year"): 3,
        (STATE, "years"): 1,
    }
    sums = np.asarray(figures.sets.sum(axis=1)).ravel()
    size = {TOWN: 1, COUNTY: 2, STATE: 3}
    second = (figures.level == COUNTY) & (figures.place == 1)
    towns = np.where(second, 1, [size[level] for level in figures.level])
    assert (sums == (figures.last - figures.first + 1) * towns).all()
    assert set((figures.first[figures.kind == "year"] + 11) % 12) == {0}


def test_no_figure_counts_what_was_not_reported() -> None:
    reported = np.ones((3, 24), np.bool_)
    reported[0, 3:15] = reported[2] = False
    figures = plan(np.array([0, 0, 1]), np.datetime64("2023-01") + np.arange(24), reported)
    counted = figures.sets.toarray().any(axis=0).reshape(3, 24)
    assert (counted == reported).all()
    # The third town reported nothing, and so its county has no figure either.
    assert not ((figures.level == TOWN) & (figures.place == 2)).any()
    assert set(figures.place[figures.level == COUNTY]) == {0}


def _pairs(one: np.ndarray, other: np.ndarray) -> tuple[list[tuple[str, str]], np.ndarray]:
    names, number = np.unique(np.stack([one, other]), axis=1, return_counts=True)
    return [(a, b) for a, b in names.T], number


def test_what_cannot_be_protected_is_an_error() -> None:
    tables = crossed(np.zeros(2, np.int64), 2)
    counts = np.array([2.0, 6, 7, 6])
    only = np.zeros(tables.cost.size, np.bool_)
    only[0] = True
    with pytest.raises(ProtectionError, match="cannot be protected"):
        suppress(tables.cells, counts, tables.cost, Rule(), told=~only)
    with pytest.raises(ProtectionError, match="cannot be protected"):
        suppress(tables.cells, counts, np.full(tables.cost.size, np.inf), Rule())


def test_a_time_limit_that_passes_is_an_error_and_no_result() -> None:
    tables, counts = small_world(3, 6, 4, 4.0)
    with pytest.raises(UnfinishedError, match="did not finish"):
        suppress(tables.cells, counts, tables.cost, Rule(), seconds=1e-9)


def test_rules_and_counts_that_make_no_sense_are_refused() -> None:
    tables, counts = small_world(3, 2, 2, 4.0)
    with pytest.raises(ValueError, match="3 or more"):
        Rule(2)
    for bad in (-counts - 1, counts + 0.5):
        with pytest.raises(ValueError, match="whole numbers from 0"):
            suppress(tables.cells, bad, tables.cost, Rule())
    problem = pattern(tables.cells, counts, tables.cost, Rule())
    with pytest.raises(ValueError, match="both hidden and told"):
        replace(problem, hidden=np.ones_like(problem.hidden), fixed=np.ones_like(problem.fixed))
