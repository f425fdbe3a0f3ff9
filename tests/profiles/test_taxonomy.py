"""The standard categories and schemas hold to METHODS.md, Protection."""

from __future__ import annotations

from itertools import groupby

import pytest
from pydantic import ValidationError

from candor.errors import PortalError
from candor.portal.model import DatasetConfig
from candor.portal.schema_model import SchemaColumn
from candor.profiles.catalogue import schema_of, standard_schemas
from candor.profiles.profile import standard_taxonomy
from candor.profiles.taxonomy import UNMAPPED, Category
from candor.propose.crosswalk import match_types
from candor.propose.words import tokens

TAXONOMY = standard_taxonomy("calls")


def test_slugs_are_one_each_and_groups_stand_together() -> None:
    assert len(set(TAXONOMY.slugs)) == len(TAXONOMY.slugs)
    runs = [group for group, _ in groupby(c.group for c in TAXONOMY.categories)]
    assert runs == list(TAXONOMY.groups)
    labels = {(c.group, c.group_label) for c in TAXONOMY.categories}
    assert len(labels) == len(TAXONOMY.groups)


@pytest.mark.parametrize("group", ["domestic", "sexual", "juvenile", "mental-health", "overdose", "health", "unmapped"])
def test_what_must_be_protected_is_counts_only_with_its_reason(group: str) -> None:
    inside = [c for c in TAXONOMY.categories if c.group == group]
    assert inside
    assert all(c.sensitivity == "sensitive" and c.release == "aggregates" and c.reason for c in inside)


def test_a_group_is_wholly_open_or_wholly_sensitive() -> None:
    """So that the total of an open group is the total of all its categories."""
    by_group: dict[str, set[str]] = {}
    for category in TAXONOMY.categories:
        by_group.setdefault(category.group, set()).add(category.sensitivity)
    assert {group: kinds for group, kinds in by_group.items() if len(kinds) > 1} == {}


def test_a_phrase_belongs_to_one_category() -> None:
    owners: dict[frozenset[str], set[str]] = {}
    for category in TAXONOMY.categories:
        for phrase in category.words:
            owners.setdefault(frozenset(tokens(phrase)), set()).add(category.slug)
    assert {" ".join(sorted(p)): sorted(o) for p, o in owners.items() if len(o) > 1} == {}


def test_a_category_is_found_by_its_own_words() -> None:
    for category in TAXONOMY.categories:
        wrong = [m for m in match_types(((w, 1) for w in category.words), TAXONOMY) if m.category != category.slug]
        assert wrong == [], category.slug


def test_unmapped_is_there() -> None:
    assert TAXONOMY.unmapped is TAXONOMY[UNMAPPED]
    assert TAXONOMY.get("no-such") is None
    with pytest.raises(KeyError):
        TAXONOMY["no-such"]


def test_a_sensitive_category_cannot_be_declared_as_records() -> None:
    category = TAXONOMY["overdose"].model_dump() | {"release": "records"}
    with pytest.raises(ValidationError, match="aggregates or withheld"):
        Category.model_validate(category)


def test_the_public_columns_of_calls_are_the_allow_list() -> None:
    schema = standard_schemas()["calls_for_service"]
    assert [c.name for c in schema.public_columns] == [
        "called_at", "call_type", "call_origin", "priority", "month", "category", "category_group", "initiated_by",
        "agency", "geoid", "town", "county", "placed_by", "area",
    ]  # fmt: skip
    assert [c.name for c in schema.columns if not c.publish and not c.reason] == []
    time = schema.with_role("time")
    assert time is not None
    assert time.generalise == "hour"
    synonyms = [s for c in schema.columns for s in c.synonyms]
    assert len(set(synonyms)) == len(synonyms)


@pytest.mark.parametrize("disclosure", ["identifier", None])
def test_an_identifier_is_never_published(disclosure: str | None) -> None:
    declared = {"name": "a", "label": "A", "type": "text", "publish": True}
    with pytest.raises(ValidationError, match="never leaves"):
        SchemaColumn.model_validate(declared | ({"disclosure": disclosure} if disclosure else {}))


def test_the_schema_of_a_data_set_is_the_standard_one_or_its_own() -> None:
    common = {"name": "a", "id": "ab2d-9xyz", "title": "A", "source": {"path": "a.csv"}, "columns": {}}
    assert schema_of(DatasetConfig.model_validate(common | {"schema": "calls_for_service"})).counted
    own = {"unit": "stop", "columns": [{"name": "b", "label": "B", "type": "text"}]}
    schema = schema_of(DatasetConfig.model_validate(common | {"schema": own}))
    assert (schema.name, schema.title, schema.plural, [c.name for c in schema.columns]) == ("a", "A", "stops", ["b"])
    with pytest.raises(PortalError, match="Did you mean 'calls_for_service'"):
        schema_of(DatasetConfig.model_validate(common | {"schema": "calls-for-service"}))
