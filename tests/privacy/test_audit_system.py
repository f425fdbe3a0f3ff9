from __future__ import annotations

import ast
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from tests.privacy.systems import by_counting, crossed, over_months, released, vermont

import candor.privacy
from candor.privacy.audit_system import Certificate, audit, strict_needs
from candor.privacy.fold import fold
from candor.privacy.linear import UnfinishedError
from candor.privacy.pattern import ProtectionError
from candor.privacy.propagation import ContradictionError
from candor.privacy.statements import OverTime, Statement, Version, listed, over_time
from candor.privacy.suppression import Rule, suppress

# Three towns and their county: who knows the county and all towns but one knows that one.
TOWNS = ("A", "B", "C", "county")
SETS = sparse.csr_matrix(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1.0]]))
NARROW = np.array([True, True, True, False])


def said(values: list[int | None], revised: str = "", least: int = 1) -> Version:
    value = np.array([np.nan if v is None else v for v in values])
    marks = np.array([town in revised for town in "ABC"])
    return Version(np.array(TOWNS), SETS, value, np.full(4, float(least)), NARROW, marks)


def audited(found: OverTime) -> Certificate:
    return audit(found.statements, changes=found.changes)


def test_primary_suppression_alone_is_found_out_and_the_release_is_not() -> None:
    county, residents = vermont()
    counts = np.random.default_rng(0).poisson(np.repeat(residents / 12000, 36)).astype(float)
    figures, tables = over_months(county, "2023-01", 36, counts)
    result = released(tables, counts)
    alone = audit(tables.statements(counts, result.primary))
    assert alone.attacked > 700
    assert alone.recovered == 34  # one call in a thousand residents and year: 34 small counts by subtraction
    assert alone.narrow > 100
    assert not alone.passed
    assert {k.low for k in alone.narrowest} <= {1, 2, 3, 4}
    whole = audit(tables.statements(counts, result.suppressed))
    assert whole.passed
    assert whole.recovered == whole.narrow == 0
    assert whole.attacked >= alone.attacked
    extra = result.suppressed & ~result.primary
    assert extra.sum() < 0.05 * figures.level.size


@st.composite
def worlds(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two towns by two kinds with all sums; counts of 0 to 3; which figures are suppressed."""
    counts = np.array(draw(st.lists(st.integers(0, 3), min_size=4, max_size=4)), float)
    sets = crossed(np.array([0, 0]), 2).sets.toarray()
    values = sets @ counts
    hidden = np.array(draw(st.lists(st.booleans(), min_size=len(sets), max_size=len(sets))))
    return sets, values, hidden & (values > 0)


@settings(max_examples=60)
@given(worlds())
def test_it_recovers_what_counting_all_tables_recovers(world: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    sets, values, hidden = world
    single = sets.sum(axis=1) == 1
    rows = [
        Statement(str(i), np.flatnonzero(s), None if h else int(v), 1, 3 if one else None, bool(i < 6))
        for i, (s, v, h, one) in enumerate(zip(sets, values, hidden, single, strict=True))
    ]
    # Each count is told or bounded by 3, so counting up to 3 sees every table.
    truth = by_counting(sets, np.where(hidden, np.nan, values), np.ones(len(sets)), 3)
    known = {frozenset(np.flatnonzero(s)) for s, (a, b), h in zip(sets, truth, hidden, strict=True) if h and a == b}
    everything = listed(rows, 4)
    for folded in (True, False):
        certificate = audit(everything, folded=folded)
        different = known if folded else {i for i, (a, b) in enumerate(truth) if hidden[i] and a == b}
        assert certificate.recovered == len(different)
    assert audit(everything).whole == audit(everything).attacked


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.sampled_from(["2023-01", "2022-09"]), st.booleans())
def test_the_smaller_system_finds_what_the_counts_themselves_find(seed: int, first: str, protect: bool) -> None:
    lot = np.random.default_rng(seed)
    counts = lot.poisson(0.4 * lot.lognormal(size=(4, 1)), (4, 14)).ravel().astype(float)
    _, tables = over_months(np.array([0, 0, 1, 1]), first, 14, counts)
    result = released(tables, counts)
    statements = tables.statements(counts, result.suppressed if protect else result.primary)
    small, large = audit(statements), audit(statements, folded=False)
    names = {k.figure for k in large.narrowest if not_open(k.low, k.high)}
    assert small.passed is (protect or not (small.narrow or small.led_to_small))
    assert bool(small.narrow) is bool(large.narrow)
    assert {k.figure for k in small.narrowest if not_open(k.low, k.high)} <= names or large.narrow > 20


def not_open(low: float, high: float) -> bool:
    return high - low < 3


def test_a_correction_of_a_county_tells_of_the_one_town_that_was_corrected() -> None:
    before, after = said([None, None, 12, 17]), [None, None, 12, 18]
    for version in (before, said(after)):
        assert audited(over_time([version])).passed
    known = audited(over_time([before, said(after, revised="A")]))
    assert known.changes_found == 1
    assert not known.passed
    # Where the public only knows that the county was published again, it was any town.
    assert audited(over_time([before, said(after, revised="ABC")])).passed
    # Without a correction the two contradict each other, and that is said.
    with pytest.raises(ContradictionError, match="contradict"):
        audited(over_time([before, said(after)]))


def test_two_versions_that_are_safe_alone_are_not_together() -> None:
    before, after = said([None, None, 12, 19]), said([5, None, None, 20], revised="A")
    assert audited(over_time([before])).passed
    assert audited(over_time([after])).passed
    both = audited(over_time([before, after]))
    assert both.recovered >= 1
    assert "B" in {k.figure for k in both.narrowest if k.low == k.high == 3}


@pytest.mark.parametrize("revised", ["A", "ABC"])
def test_suppression_that_knows_the_earlier_version_withholds_what_that_needs(revised: str) -> None:
    unknown = over_time([said([0, 0, 0, 0]), said([0, 0, 0, 0], revised=revised)])
    counts = np.zeros(unknown.statements.sets.shape[1])
    counts[unknown.unknown[0]] = [2, 3, 12]
    counts[unknown.unknown[1]] = [3, 3, 12]
    first = unknown.version == 0
    old = np.array([True, True, False, False] * 2)
    result = suppress(
        fold(unknown.statements.sets, unknown.statements.narrow),
        counts,
        np.tile([1.0, 1, 1, 3], 2),
        Rule(),
        told=first & ~old,
        withheld=first & old,
        changes=unknown.changes,
    )
    assert result.suppressed[first].tolist() == old[first].tolist()
    assert result.suppressed[~first][3] == (revised == "A")  # the county's new figure would tell of A's one case
    value = np.where(result.suppressed, np.nan, unknown.statements.sets @ counts)
    assert audit(unknown.statements._replace(value=value), changes=unknown.changes).passed


@settings(max_examples=25)
@given(st.integers(0, 10**6))
def test_releases_over_time_stay_safe_together(seed: int) -> None:
    """Each release withholds with all earlier ones in view; together they tell no more than each has to."""
    lot = np.random.default_rng(seed)
    tables = crossed(np.array([0, 0, 0, 1, 1, 1]), 2)
    n = tables.sets.shape[1]
    counts = [lot.poisson(4.0 * lot.lognormal(size=n)).astype(float)]
    versions: list[Version] = []
    hidden: list[np.ndarray] = []
    for number in range(3):
        revised = np.zeros(n, np.bool_)
        if number:
            revised[lot.integers(0, n, 3)] = True
            counts.append(np.where(revised, np.maximum(counts[-1] + lot.integers(-2, 3, n), 0), counts[-1]))
            if number == 2:  # the public is told of more than what changed
                revised |= np.repeat([True, False], n // 2)
        m = tables.sets.shape[0]
        version = Version(np.arange(m).astype(str), tables.sets, np.zeros(m), np.ones(m), tables.narrow, revised)
        versions.append(version)
        system = over_time(versions)
        truth = np.zeros(system.statements.sets.shape[1])
        for row, count in zip(system.unknown, counts, strict=True):
            truth[row] = count
        old = system.version < number
        before = np.concatenate([*hidden, np.zeros(m, np.bool_)])
        try:
            result = suppress(
                fold(system.statements.sets, system.statements.narrow),
                truth,
                np.tile(tables.cost, number + 1),
                Rule(),
                told=old & ~before,
                withheld=before,
                changes=system.changes,
            )
        except ProtectionError:
            return  # what is told already gives something away: this version cannot be published like this
        hidden.append(result.suppressed[~old])
        value = np.where(result.suppressed, np.nan, system.statements.sets @ truth)
        certificate = audit(system.statements._replace(value=value), changes=system.changes)
        assert certificate.passed, certificate.narrowest


def test_versions_share_the_unknowns_that_were_not_revised() -> None:
    found = over_time([said([None, None, 12, 17]), said([1, 2, 3, 6], revised="B"), said([1, 2, 3, 6], revised="BC")])
    assert found.unknown.tolist() == [[0, 1, 2], [0, 3, 2], [0, 4, 5]]
    names = [tuple(found.statements.figure[pair]) for pair in found.changes]
    assert names == [("B", "B"), ("county", "county"), ("B", "B"), ("C", "C"), ("county", "county")]
    assert found.version.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    with pytest.raises(ValueError, match="same counts"):
        over_time([said([1, 2, 3, 6]), said([1, 2, 3, 6])._replace(sets=sparse.identity(4, format="csr"))])


def test_two_values_for_one_set_are_a_contradiction() -> None:
    rows = [Statement("a", [0, 1], 7), Statement("b", [0, 1], 8)]
    with pytest.raises(ContradictionError, match="about the set of a"):
        audit(listed(rows, 2))


def test_one_set_under_two_names_is_attacked_once_and_told_when_one_is() -> None:
    twice = [Statement("a", [0], None, 1), Statement("again", [0], None, 1), Statement("b", [1], None, 1)]
    assert audit(listed([*twice, Statement("all", [0, 1], 9)], 2)).attacked == 2
    told = [Statement("a", [0], None, 1), Statement("again", [0], 4), Statement("b", [1], None, 1)]
    certificate = audit(listed([*told, Statement("all", [0, 1], 9)], 2))
    assert {k[:3] for k in certificate.narrowest} == {("a", 4, 4), ("b", 5, 5)}
    assert certificate.recovered == 2


def test_an_audit_that_does_not_finish_does_not_pass() -> None:
    tables = crossed(np.arange(6) % 2, 3)
    counts = np.random.default_rng(0).poisson(3.0, 18).astype(float)
    values = tables.sets @ counts
    hidden = (values > 0) & (values < 5)
    with pytest.raises(UnfinishedError, match="did not finish"):
        audit(tables.statements(counts, hidden), seconds=0.0)


def test_a_small_sum_of_small_parts_need_not_look_like_one() -> None:
    """2 = 1 + 1 with both parts known not to be 0: no suppression makes the sum look like 1."""
    tables = crossed(np.array([0, 0]), 2)
    counts = np.array([1.0, 1, 9, 20])
    values = tables.sets @ counts
    needs = strict_needs(tables.statements(counts, values < 0), values)
    assert needs.low[:3].tolist() == [1, 1, 2]
    assert needs.high[:3].tolist() == [4, 4, 4]
    assert needs.width.tolist() == [3] * 3 + [4] * (values.size - 3)


def test_the_certificate_is_plain_data() -> None:
    certificate = audit(
        listed([Statement("a", [0], None, 1), Statement("b", [1], None, 1), Statement("t", [0, 1], 9)], 2)
    )
    kept = json.loads(json.dumps(asdict(certificate)))
    assert (kept["statements"], kept["told"], kept["attacked"], kept["recovered"]) == (3, 1, 2, 0)
    assert certificate.passed


def test_the_audit_knows_nothing_of_the_suppression() -> None:
    folder = Path(candor.privacy.__path__[0])
    known, reached = {"audit_system"}, set[str]()
    while known:
        name = known.pop()
        reached.add(name)
        for node in ast.walk(ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))):
            module = getattr(node, "module", "") or "" if isinstance(node, ast.ImportFrom) else ""
            if module.startswith("candor.privacy.") and module.split(".")[2] not in reached:
                known.add(module.split(".")[2])
    assert reached == {"audit_system", "feasible", "fold", "linear", "propagation", "statements"}
