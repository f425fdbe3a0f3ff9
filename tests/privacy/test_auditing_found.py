"""The audit on small public folders that say too much: it finds what counting all tables finds, and no more."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from tests.privacy.published import KIND, OPEN, OTHER, Counts, Figure, Said, geoid, inside, public, small, usual

from candor.auditing import Public, admitted, attacked, audit_release, require_passed
from candor.portal.problems import DataError
from candor.privacy.linear import UnfinishedError
from candor.store.model import PublicCoverage

CALLS = np.array([[[6, 8], [7, 9], [2, 9], [8, 3], [9, 7], [6, 6]]])


def one(calls: Counts, **more: object) -> Said:
    return Said(calls, np.ones(calls.shape[1:], np.bool_), **more)  # type: ignore[arg-type]  # names of its fields


class Row(NamedTuple):
    """One sum of counts: what is told of it, whether it is withheld anywhere, whether it must not be known."""

    told: frozenset[int]
    withheld: bool
    secret: bool


def enumerated(*releases: Said) -> int:
    """How many different sums that must not be known all tables agree on, by counting every table."""
    towns, months = releases[0].reported.shape
    columns: dict[tuple[int, int, int], int] = {}
    version = np.zeros((towns, months), np.int64)
    rows: dict[tuple[int, ...], Row] = {}
    before: set[tuple[Figure, int]] = set()
    for number, said in enumerate(releases):
        version[:, list(said.revised)] = number
        newest = number == len(releases) - 1
        for figure in said.figures or usual(towns, months):
            value = said.value(0, figure)
            counts = product(range(towns), range(figure.first, figure.last + 1))
            own = [(t, m, int(version[t, m])) for t, m in counts if inside(figure, t) and said.reported[t, m]]
            cells = tuple(sorted(columns.setdefault(c, len(columns)) for c in own))
            withheld = said.hide(figure, value)
            careless = newest and not withheld and small(figure, value) and (figure, value) not in before
            old = rows.get(cells, Row(frozenset(), withheld=False, secret=False))
            told = old.told if withheld else old.told | {value}
            rows[cells] = Row(told, old.withheld or withheld, old.secret or withheld or careless)
            before |= set() if withheld else {(figure, value)}
    most = [
        min((max(r.told) for cells, r in rows.items() if r.told and c in cells), default=99) for c in columns.values()
    ]
    if np.prod([m + 1.0 for m in most]) > 1e6:
        reject()
    tables = np.array(list(product(*(range(m + 1) for m in most))), np.int16)
    sums = {cells: tables[:, list(cells)].sum(axis=1) for cells in rows}
    agree = np.ones(len(tables), np.bool_)
    for cells, row in rows.items():
        for value in row.told:
            agree &= sums[cells] == value
        if row.withheld:
            agree &= sums[cells] >= 1
    assert agree.any()
    return sum(row.secret and np.unique(sums[cells][agree]).size == 1 for cells, row in rows.items())


def test_a_release_with_primary_suppression_only_is_refused_and_says_how_much_it_gives_away(tmp_path: Path) -> None:
    calls = np.array([[[2, 0], [1, 0], [0, 5]]])
    said = one(calls)
    found = audit_release(public(tmp_path, said))
    assert found.recovered == enumerated(said) > 0
    with pytest.raises(
        DataError, match=rf"{found.narrow} of {found.attacked} withheld counts .* {found.recovered} of "
    ):
        require_passed(found)
    everything = replace(said, hide=lambda figure, value: value > 0 and figure != Figure("state", "", 0, 1))
    assert audit_release(public(tmp_path / "careful", everything)).recovered == 0


@st.composite
def hiding(draw: st.DrawFn, towns: int, most: int) -> tuple[Counts, frozenset[Figure]]:
    """Counts of two months; which figures are withheld, where they are not 0; never the largest sum."""
    counts = draw(st.lists(st.integers(0, most), min_size=2 * towns, max_size=2 * towns))
    hidden = draw(st.sets(st.sampled_from([f for f in usual(towns, 2) if f != Figure("state", "", 0, 1)])))
    return np.array(counts).reshape(1, towns, 2), frozenset(hidden)


def withholding(calls: Counts, hidden: frozenset[Figure]) -> Said:
    return one(calls, hide=lambda figure, value: value > 0 and figure in hidden)


@settings(max_examples=60)
@given(hiding(3, 2))
def test_it_recovers_what_counting_recovers(world: tuple[Counts, frozenset[Figure]]) -> None:
    said = withholding(*world)
    expected = enumerated(said)
    with TemporaryDirectory() as folder:
        assert audit_release(public(Path(folder), said)).recovered == expected


@settings(max_examples=60)
@given(hiding(2, 1), hiding(2, 1), st.sampled_from([(1,), (0, 1)]))
def test_it_recovers_what_counting_recovers_from_two_releases(
    before: tuple[Counts, frozenset[Figure]], after: tuple[Counts, frozenset[Figure]], revised: tuple[int, ...]
) -> None:
    """The second month, or both, published again with other numbers."""
    later = np.where(np.isin([0, 1], revised), after[0], before[0])
    first = withholding(*before)
    second = replace(withholding(later, after[1]), revised=revised)
    said = [[(f, s.value(0, f), s.hide(f, s.value(0, f))) for f in usual(2, 2)] for s in (first, second)]
    if said[0] == said[1]:
        reject()  # the same release twice is one
    expected = enumerated(first, second)
    with TemporaryDirectory() as folder:
        assert audit_release(public(Path(folder), first, second)).recovered == expected


def covered(figure: Figure, value: int) -> bool:
    """Towns are withheld, and the months of counties; their sums are told."""
    return value > 0 and (figure.level == "town" or (figure.level == "county" and figure.first == figure.last))


def every(_: Figure, __: int) -> bool:
    return True


def test_what_is_well_covered_passes(tmp_path: Path) -> None:
    found = audit_release(public(tmp_path, one(CALLS, hide=covered)))
    assert (found.attacked, found.narrow, found.recovered) == (10, 0, 0)
    require_passed(found)


@pytest.mark.parametrize(
    "told",
    [
        Figure("county", "East", 0, 0),  # a county's month: its other month is then known, and the other county's
        Figure("town", geoid(2), 0, 1),
        Figure("town", geoid(3), 1, 1),  # a month of a town, as nobody publishes it
    ],
)
def test_one_number_too_many_is_found_in_any_table(tmp_path: Path, told: Figure) -> None:
    safe = one(CALLS, hide=covered)
    elsewhere = replace(safe, more=((KIND, told, safe.value(0, told)),))
    found = audit_release(public(tmp_path, elsewhere))
    assert found.recovered == {"county": 4, "town": 1}[told.level]
    assert not found.passed
    if told.first < told.last or told.level == "county":
        itself = replace(safe, hide=lambda f, v: covered(f, v) and f != told)
        assert audit_release(public(tmp_path / "itself", safe, itself)).recovered == found.recovered
        before = replace(safe, more=elsewhere.more)
        assert audit_release(public(tmp_path / "before", before, safe)).recovered == found.recovered


def test_a_small_number_that_is_told_is_no_release(tmp_path: Path) -> None:
    month = Figure("town", geoid(3), 1, 1)
    found = audit_release(public(tmp_path, one(CALLS, hide=covered, more=((KIND, month, 3),))))
    assert found.recovered == 1
    assert "(9900000003), 2024-02" in found.narrowest[0].figure


def test_two_numbers_for_one_figure_are_refused(tmp_path: Path) -> None:
    state = Figure("state", "", 0, 1)
    with pytest.raises(
        DataError, match=r"overdose, the state, 2024-01 to 2024-02 that there were 80 where another .* 79"
    ):
        audit_release(public(tmp_path, one(CALLS, hide=covered, more=((KIND, state, 79),))))


def test_how_many_rows_are_not_published_is_a_figure_of_all_kinds(tmp_path: Path) -> None:
    """Nothing is told but that 12 rows are not published: of two kinds whose six withheld years are at least 1 each."""
    calls = np.ones((2, 6, 1), np.int64)
    figures = tuple(Figure("town", geoid(t), 0, 0) for t in range(6))
    said = one(calls, kinds=(KIND, OTHER), figures=figures, hide=every)
    for rows, recovered, narrow in ((12, 12, 12), (14, 0, 12), (15, 0, 0), (None, 0, 0)):
        found = audit_release(public(tmp_path / str(rows), replace(said, withheld_rows=rows)))
        assert (found.attacked, found.recovered, found.narrow) == (12, recovered, narrow)


def test_a_release_goes_without_the_number_of_rows_where_it_tells_too_much(tmp_path: Path) -> None:
    calls = np.ones((1, 6, 1), np.int64)
    figures = tuple(Figure("town", geoid(t), 0, 0) for t in range(6))
    said = one(calls, figures=figures, hide=every)
    for rows, told in ((7, None), (9, 9), (None, None)):
        found = admitted(public(tmp_path / str(rows), replace(said, withheld_rows=rows)))
        assert found.audit is not None
        accounting = found.datasets[-1].accounting
        assert (accounting and accounting.withheld) == told
    with pytest.raises(DataError, match="can work out"):
        attacked(public(tmp_path / "as it is", replace(said, withheld_rows=7)))
    # What an earlier release told is told.
    with pytest.raises(DataError, match="can work out"):
        admitted(public(tmp_path / "before", replace(said, withheld_rows=7), said))


@pytest.mark.parametrize(("other", "narrow"), [(4, 0), (3, 2)])
def test_protected_zeros_have_to_look_like_any_small_number(tmp_path: Path, other: int, narrow: int) -> None:
    """Two towns have 4 together: each may have 0 to 4. With 3 together, neither can have 4."""
    calls = np.array([[[0, 0], [9, 9], [other, 0], [9, 9], [6, 6], [9, 9]]])
    said = one(calls, zeros_protected=True, hide=lambda figure, value: figure.level == "town" and value < 5)
    found = audit_release(public(tmp_path, said))
    assert (found.attacked, found.narrow) == (2, narrow)
    assert found.narrowest[0][1:3] == (0, other)


def test_an_audit_that_does_not_finish_is_no_audit(tmp_path: Path) -> None:
    with pytest.raises(
        UnfinishedError, match=r"did not finish in its time limit.*0\.001 seconds.*Nothing is published"
    ):
        audit_release(public(tmp_path, one(CALLS, hide=covered)), seconds=0.001)


def test_without_an_open_kind_the_declared_coverage_says_what_is_counted(tmp_path: Path) -> None:
    found = public(tmp_path, one(CALLS, hide=covered))
    (release,) = found.releases
    table = {"geoid": [geoid(t) for t in range(6)], "county": ["East", "West"] * 3}
    (tmp_path / "tables" / "towns").mkdir()
    pq.write_table(pa.table(table), tmp_path / "tables" / "towns" / "1.parquet")
    cube = release.dataset("calls-by-town")
    assert cube is not None
    towns = cube.model_copy(update={"name": "towns", "id": "t", "columns": (), "files": ("tables/towns/1.parquet",)})
    agency = PublicCoverage(
        dataset="calls", agency="A", places=tuple(table["geoid"]), first_month="2024-01", last_month="2024-02"
    )
    others = tuple(d for d in release.datasets if d.name != "calls-by-town")
    sensitive = tuple(c for c in release.categories if c.slug != OPEN)
    update = {"datasets": (*others, towns), "coverage": (agency,), "categories": sensitive}
    without = Public(tmp_path, (release.model_copy(update=update),))
    one_, other = (replace(audit_release(p), seconds=0.0) for p in (found, without))
    assert one_ == other
