"""Every number of a sensitive kind is told as such: a multiple of 5, and of the places that the contract allows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from candor.audit.public import FAULT, Floats, Tables, equals, is_one_of, numbers
from candor.audit.told import STEP
from candor.errors import DataError
from candor.profiles.profile import Profile
from candor.vocabulary.tables import TOLD, rules_of


def check_rounded(tables: Tables, profile: Profile, sensitive: Sequence[str]) -> None:
    """Every number of a profile's sensitive kinds is rounded, of no level of places but those of which it is told.

    Where each is told on its own, as those of towns and years are, 5 is 5 to 7, and there is nothing to attack.

    Raises `DataError` for the first that is not.
    """
    for role, name in tables.named(profile).items():
        rules = rules_of(profile.form, role, profile.count)
        lines = tables.read(name, ["category", profile.count], is_one_of("category", sensitive))
        if rules.sensitive == TOLD and lines is not None:
            _rounded(name, numbers(lines[profile.count]))
            _of_levels(tables, name, profile.count, rules.levels, sensitive)
    for name in _sources(tables):
        for category in sorted(set(sensitive) & tables.columns(name)):
            lines = tables.table(name, [category])
            _rounded(f"{name}, {category}", numbers(lines[category]))


def _rounded(name: str, value: Floats) -> None:
    wrong = np.isfinite(value) & ((value < STEP) | (value % STEP != 0))
    if wrong.any():
        raise DataError(
            f"{name} says {value[wrong][0]:,.0f} of a sensitive kind, and so in {int(wrong.sum()):,} lines",
            'of sensitive kinds "under 5", or a multiple of 5 from 5',
            FAULT,
        )


def _of_levels(tables: Tables, name: str, count: str, levels: Sequence[str], sensitive: Sequence[str]) -> None:
    """Of levels that the contract does not name no number is told: it would be a sum of others."""
    lines = tables.read(name, ["level", "category", count], is_one_of("category", sensitive))
    if lines is None:
        return
    told = np.isfinite(numbers(lines[count]))
    if (~np.logical_or.reduce([equals(lines["level"], level) for level in levels]) & told).any():
        raise DataError(
            f"{name} tells the state's total of a sensitive kind",
            f"those of {', '.join(levels)} alone",
            FAULT,
        )


def _sources(tables: Tables) -> list[str]:
    """The data sets of counts that somebody else made: a line a place and year, a column a category."""
    return [
        d.name
        for d in tables.release.datasets
        if d.kind == "rows" and {"geoid", "year", "reported_as"} <= tables.columns(d.name)
    ]
