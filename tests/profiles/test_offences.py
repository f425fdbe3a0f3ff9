"""The standard categories of offences: a list of their own, protected as METHODS.md asks, tied to the calls' where
there are calls of the same kind."""

from __future__ import annotations

from itertools import groupby

import pytest
from pydantic import ValidationError

from candor.profiles.profile import standard_taxonomy
from candor.profiles.taxonomy import Category

OFFENCES = standard_taxonomy("offences")


def test_slugs_are_one_each_and_groups_stand_together() -> None:
    assert len(set(OFFENCES.slugs)) == len(OFFENCES.slugs)
    runs = [group for group, _ in groupby((c.group, c.group_label) for c in OFFENCES.categories)]
    assert len(runs) == len({group for group, _ in runs})


def test_a_group_is_wholly_open_or_wholly_sensitive() -> None:
    """So that the total of an open group is the total of all its categories."""
    kinds: dict[str, set[str]] = {}
    for category in OFFENCES.categories:
        kinds.setdefault(category.group, set()).add(category.sensitivity)
    assert {group for group, found in kinds.items() if len(found) > 1} == set()


def test_the_two_definitions_of_rape_are_two_sensitive_categories_in_no_total() -> None:
    assert {"rape-revised", "rape-legacy"} <= set(OFFENCES.sensitive)
    assert all(c.reason for c in OFFENCES.categories if c.slug in OFFENCES.sensitive)


def test_calls_of_the_same_kind_are_standard_categories_and_each_of_one_kind_of_offence() -> None:
    tied = [slug for c in OFFENCES.categories for slug in c.call_categories]
    assert set(tied) <= set(standard_taxonomy("calls").slugs)
    assert len(set(tied)) == len(tied)
    assert OFFENCES.get("burglary").call_categories == ("burglary",)  # type: ignore[union-attr]


def test_a_kind_of_call_is_as_sensitive_as_its_kind_of_offence() -> None:
    for offence in OFFENCES.categories:
        kinds = {standard_taxonomy("calls")[slug].sensitivity for slug in offence.call_categories}
        assert kinds <= {offence.sensitivity}, offence.slug


def test_a_sensitive_category_without_a_reason_is_refused() -> None:
    with pytest.raises(ValidationError):
        Category(slug="a", label="A", group="g", group_label="G", definition="D", sensitivity="sensitive")


def test_no_definition_calls_an_offence_a_call() -> None:
    assert not [c.slug for c in OFFENCES.categories if " call" in f" {c.label} {c.definition}".lower()]
