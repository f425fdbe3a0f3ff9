"""Eight releases of a state whose records keep changing: what was published stays, and no more can be subtracted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.once.checks import Public, require_cells_stay, require_rows_stay, require_tables_are_rows, require_told_once
from tests.once.world import Portal, Size, draw, months_of


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Public:
    root: Path = tmp_path_factory.mktemp("once")
    portal = Portal(root, draw(Size()))
    for day in months_of(date(2025, 1, 1), 8):
        portal.publish(day)
    return Public(root)


def test_what_is_told_of_sensitive_kinds_is_told_once(public: Public) -> None:
    require_told_once(public)


def test_rows_stay(public: Public) -> None:
    require_rows_stay(public)


def test_cells_stay(public: Public) -> None:
    require_cells_stay(public)


def test_tables_say_what_rows_say(public: Public) -> None:
    require_tables_are_rows(public)


def test_corrections_are_made_on_one_day(public: Public) -> None:
    corrected = [(r.number, r.corrected) for r in public.releases if r.corrected]
    assert corrected == [(4, (2024,))]


def test_a_late_agency_is_named(public: Public) -> None:
    late = {(c.agency, m) for c in public.releases[-1].coverage for m in c.late}
    assert late
