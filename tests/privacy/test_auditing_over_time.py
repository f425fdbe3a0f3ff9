"""Differencing: releases that are safe one by one, and are not together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.privacy.published import KIND, OTHER, Counts, Figure, Said, and_then, county, geoid, public

from candor.auditing import audit_release, rollback_gate
from candor.portal.problems import DataError
from candor.privacy.audit_system import Certificate
from candor.privacy.propagation import ContradictionError

# Six towns, half of them in each county, over two months.
CALLS = np.array([[[6, 8], [7, 9], [2, 9], [8, 3], [9, 7], [6, 6]]])


def hide(figure: Figure, value: int) -> bool:
    """Towns are withheld; counties and the state are told."""
    return value > 0 and figure.level == "town"


def first(calls: Counts = CALLS, without: tuple[tuple[int, int], ...] = ()) -> Said:
    reported = np.ones(calls.shape[1:], np.bool_)
    for town, month in without:
        reported[town, month] = False
    return Said(calls, reported, hide)


def changed(calls: Counts, *changes: tuple[int, int, int]) -> Counts:
    """Other counts in some (town, month, difference)."""
    found = calls.copy()
    for town, month, difference in changes:
        found[0, town, month] += difference
    return found


def attacked(folder: Path, *releases: Said) -> Certificate:
    return audit_release(public(folder, *releases))


def test_the_same_release_again_tells_nothing_more(tmp_path: Path) -> None:
    said = first()
    once, thrice = attacked(tmp_path / "a", said), attacked(tmp_path / "b", said, said, said)
    assert once.passed
    assert replace(thrice, seconds=0.0, statements=once.statements, told=once.told) == replace(once, seconds=0.0)


def test_what_an_earlier_release_told_is_known_of_the_same_count(tmp_path: Path) -> None:
    """The new release withholds a county's month that the old one told, and that is all it can hide."""
    month = Figure("county", county(0), 0, 0)
    careful = first()
    late = and_then(careful, hide=lambda f, v: hide(f, v) or f == month)
    assert attacked(tmp_path / "alone", late).recovered == 1  # by the county's two months together
    found = attacked(tmp_path / "both", careful, late)
    assert found.recovered == 1
    assert found.narrowest[0] == (f"{KIND}, county East, 2024-01", 17, 17, True)


@pytest.mark.parametrize("late", [1, 2, 4, 5, 9])
def test_a_late_report_is_the_difference_of_two_county_figures(tmp_path: Path, late: int) -> None:
    """A month of a town that nobody published: found where it is small."""
    calls = changed(CALLS, (4, 1, late - 7))
    before, after = first(calls, without=((4, 1),)), first(calls)
    assert attacked(tmp_path / "before", before).passed
    assert attacked(tmp_path / "after", after).passed
    found = attacked(tmp_path / "both", before, after)
    assert found.passed is (late >= 5)
    assert found.led_to_small == (late < 5)


def test_two_towns_that_report_late_together_cover_each_other(tmp_path: Path) -> None:
    calls = changed(CALLS, (4, 1, -5), (2, 1, -7))
    late = ((4, 1), (2, 1))
    assert attacked(tmp_path / "small", first(calls, without=late), first(calls)).led_to_small == 1  # 2 + 2 together
    calls = changed(CALLS, (4, 1, -5))
    assert attacked(tmp_path / "large", first(calls, without=late), first(calls)).passed  # 2 + 9


def test_a_corrected_row_is_hidden_where_any_town_may_have_been_corrected(tmp_path: Path) -> None:
    before, after = first(), first(changed(CALLS, (4, 1, 1)))
    assert attacked(tmp_path / "month", before, replace(after, revised=(1,))).passed
    with pytest.raises(ContradictionError, match="contradict"):
        attacked(tmp_path / "kept", before, after)


def test_a_corrected_row_is_the_difference_of_a_county_with_one_town(tmp_path: Path) -> None:
    """Only town 4 of its county reported the month: so the county's difference is the town's."""
    alone = tuple((town, 1) for town in (0, 2))
    before, after = first(without=alone), first(changed(CALLS, (4, 1, 1)), without=alone)
    found = attacked(tmp_path, before, replace(after, revised=(1,)))
    assert found.changes > 0
    assert found.changes_found == 1
    assert not found.passed


def test_a_month_that_was_published_again_has_new_counts(tmp_path: Path) -> None:
    """The new figures say nothing of the old ones: neither does what was told of them then."""
    month = Figure("county", county(0), 0, 0)
    told = first()
    again = and_then(
        first(changed(CALLS, (0, 0, 3), (2, 0, 4))), revised=(0,), hide=lambda f, v: hide(f, v) or f == month
    )
    whole = Figure("county", county(0), 0, 1)
    found = attacked(
        tmp_path, told, replace(again, hide=lambda f, v: hide(f, v) or f in (month, whole, _state(0), _state(0, 1)))
    )
    assert found.recovered == 0


def _state(first_month: int, last: int | None = None) -> Figure:
    return Figure("state", "", first_month, first_month if last is None else last)


def test_a_category_that_was_open_cannot_be_withheld_after_the_event(tmp_path: Path) -> None:
    """Its months of towns are public for good. What is told again is no new disclosure."""
    open_ = replace(first(), sensitive=(OTHER,))
    found = attacked(tmp_path / "withheld", open_, first())
    assert found.attacked == found.recovered > 0
    told = replace(first(), hide=lambda f, v: False)  # noqa: ARG005  # nothing
    assert attacked(tmp_path / "told", open_, told).passed
    # A later month is nobody's yet.
    longer = np.concatenate([CALLS, CALLS], axis=2)
    figures = tuple(Figure("town", geoid(t), 2, 3) for t in range(6))
    new = Said(longer, np.ones(longer.shape[1:], np.bool_), hide, figures=figures)
    assert attacked(tmp_path / "new", open_, new).passed


def test_a_category_that_is_open_now_is_no_secret(tmp_path: Path) -> None:
    assert attacked(tmp_path, first(), replace(first(), sensitive=(OTHER,))).attacked == 0


def test_another_threshold_asks_of_old_figures_what_it_asked_then(tmp_path: Path) -> None:
    """Two withheld years of 4 together: 1 to 3 was enough under the threshold 4, and is not under 5."""
    calls = np.array([[[1, 0], [9, 9], [3, 0], [9, 9], [6, 6], [9, 9]]])
    low = Said(calls, np.ones((6, 2), np.bool_), lambda f, v: f.level == "town" and 0 < v < 4, threshold=4)
    assert attacked(tmp_path / "then", low).passed
    assert attacked(tmp_path / "later", low, replace(low, threshold=5)).passed
    assert attacked(tmp_path / "now", replace(low, threshold=5)).narrow == 2


def test_a_rollback_tells_nothing_new_and_what_follows_corrects_it(tmp_path: Path) -> None:
    old = first()
    new = replace(first(changed(CALLS, (4, 1, 1))), revised=(1,))
    back = replace(old, revised=(1,))
    found = attacked(tmp_path / "back", old, new, back)
    assert found.passed
    assert found.changes == attacked(tmp_path / "two", old, new).changes
    # Nothing was revised since the rollback: the new release speaks of the old counts again.
    month = Figure("county", county(0), 0, 0)
    again = and_then(old, hide=lambda f, v: hide(f, v) or f == month)
    assert "2024-01" in attacked(tmp_path / "again", old, new, back, again).narrowest[0].figure


def test_a_rollback_opens_no_category_that_has_become_sensitive(tmp_path: Path) -> None:
    releases = public(
        tmp_path, replace(first(), sensitive=(OTHER,)), first(), replace(first(), sensitive=(OTHER,))
    ).releases
    with pytest.raises(DataError, match=r"overdose openly.* Nothing was changed"):
        rollback_gate(tmp_path, whole=True)(releases)
    kept = public(tmp_path / "kept", first(), first(), first()).releases
    certificate = rollback_gate(tmp_path / "kept", whole=True)(kept)
    assert (certificate.versions, certificate.recovered) == (3, 0)
