"""Every column and category is declared, and what is not declared is not published."""

from __future__ import annotations

import csv
import tomllib
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from candor.portal.generalisations import TYPES
from candor.portal.model import CategoryRule, ColumnRule, DatasetConfig
from candor.portal.schema_model import Schema, SchemaColumn
from candor.privacy.records.columns import withheld_columns
from candor.profiles.catalogue import standard_schemas
from candor.profiles.declared import (
    approvals,
    category_changes,
    column_changes,
    effective_schema,
    is_coarser,
    ruled_category,
    ruled_column,
)
from candor.profiles.profile import standard_taxonomy
from candor.profiles.taxonomy import Category

TAXONOMY = standard_taxonomy("calls")
STANDARD = [
    tomllib.loads(folder.joinpath("schema.toml").read_text(encoding="utf-8"))
    for folder in files("candor.profiles").joinpath("kinds").iterdir()
    if folder.joinpath("schema.toml").is_file()
]
COLUMNS = [(schema["name"], column) for schema in STANDARD for column in schema["columns"]]
# In such words the laws on public records speak of what they exempt.
EXEMPTIONS = ("personal privacy", "medical privacy", "privacy of victims", "records of investigation",
              "protection of minors", "protection of vulnerable adults", "not yet classified")  # fmt: skip
APPROVED = {"reason": "Asked for.", "approved_by": "J. Doe, Chief", "date": "2025-01-31"}


def test_there_are_standard_schemas_to_walk() -> None:
    assert sorted(s["name"] for s in STANDARD) == sorted(standard_schemas())
    assert len(COLUMNS) > 20


@pytest.mark.parametrize(("schema", "column"), COLUMNS, ids=lambda value: str(value)[:40])
def test_every_column_of_every_standard_schema_is_declared(schema: str, column: dict[str, Any]) -> None:
    """In the file itself: its class, and how it is published or, in the words of an exemption, why it is not."""
    assert column.get("disclosure") in ("identifier", "quasi", "sensitive", "open"), schema
    assert column["description"]
    if not column.get("publish"):
        assert column["reason"].lower().startswith(EXEMPTIONS), column["reason"]
        return
    assert "reason" not in column
    assert column["disclosure"] in ("open", "quasi")
    if column["disclosure"] == "quasi" and not column.get("derived"):
        assert column["type"] in TYPES[column["generalise"]]


def test_every_category_has_a_sensitivity_and_a_release_mode_and_its_reason() -> None:
    text = files("candor.profiles").joinpath("kinds", "calls", "categories.csv").read_text(encoding="utf-8")
    for line in csv.DictReader(text.splitlines()):
        assert line["sensitivity"] in ("open", "sensitive"), line["slug"]
        assert line["release"] in ("records", "aggregates", "withheld"), line["slug"]
        if line["release"] == "records":
            # Why a kind is open that could be taken for a sensitive one.
            assert not line["reason"] or line["reason"].startswith("Open: ")
        else:
            assert line["reason"].lower().startswith(EXEMPTIONS), line["reason"]


@pytest.mark.parametrize(("key", "value"), [("sensitivity", None), ("sensitivity", ""), ("release", None)])
def test_a_new_category_without_a_class_is_refused(key: str, value: str | None) -> None:
    line = TAXONOMY["noise"].model_dump() | {"slug": "drones", "label": "Drones"}
    assert Category.model_validate(line).sensitivity == "open"
    line = {k: v for k, v in line.items() if k != key} | ({key: value} if value is not None else {})
    with pytest.raises(ValidationError):
        Category.model_validate(line)


def test_a_column_without_a_class_is_not_published_and_listed_as_withheld() -> None:
    column = SchemaColumn(name="badge", label="Badge", type="text")
    assert (column.disclosure, column.publish) == ("identifier", False)
    (withheld,) = withheld_columns(Schema(name="a", title="A", columns=(column,)))
    assert withheld.name == "badge"
    assert withheld.reason


CHAINS = [
    ["none", "hour", "date", "month", "year"],
    ["none", "band10", "band20"],
    ["none", "town", "county"],
    ["none", "top"],
    ["none", "hash"],
]


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain[1])
def test_what_is_coarser_says_less(chain: list[Any]) -> None:
    for i, one in enumerate(chain):
        for j, than in enumerate(chain):
            assert is_coarser(one, than) == (i > j), (one, than)


def test_what_cannot_be_compared_is_not_coarser() -> None:
    assert not is_coarser("month", "band10")
    assert not is_coarser("top", "band20")


CALLS = standard_schemas()["calls_for_service"]
rules = st.fixed_dictionaries(
    {"reason": st.just("r")},
    optional={
        "publish": st.booleans(),
        "class": st.sampled_from(["identifier", "sensitive", "quasi", "open"]),
        "generalise": st.sampled_from(["none", "hour", "date", "month", "year"]),
    },
)


@given(rules)
def test_what_loosens_nothing_says_no_more(values: dict[str, Any]) -> None:
    time = CALLS.column("called_at")
    assert time is not None
    rule = ColumnRule.model_validate(values)
    try:
        ruled = ruled_column(time, rule)
    except ValidationError:
        return  # an identifier that is to be published: no column can be so
    if not any(change.loosens for change in column_changes(time, rule)):
        assert not ruled.publish or ruled.generalise == "hour" or is_coarser(ruled.generalise, "hour")
        assert ["open", "quasi", "sensitive", "identifier"].index(ruled.disclosure) >= 1
    if not ruled.publish:
        assert ruled.reason == "r"


category_rules = st.fixed_dictionaries(
    {"reason": st.just("r")},
    optional={
        "sensitivity": st.sampled_from(["open", "sensitive"]),
        "release": st.sampled_from(["records", "aggregates", "withheld"]),
    },
)
MODES = ["records", "aggregates", "withheld"]


@given(st.sampled_from(TAXONOMY.categories), category_rules)
def test_a_category_that_nothing_loosens_is_as_strict_as_before(category: Category, values: dict[str, Any]) -> None:
    rule = CategoryRule.model_validate(values)
    try:
        ruled = ruled_category(category, rule)
    except ValidationError:
        return
    assert ruled.release == "records" or ruled.reason
    if not any(change.loosens for change in category_changes(category, rule)):
        assert MODES.index(ruled.release) >= MODES.index(category.release)
        assert ruled.sensitivity == "sensitive" or category.sensitivity == "open"
        assert ruled.sensitivity == "open" or ruled.release != "records"


def dataset(**more: object) -> DatasetConfig:
    values = {"name": "a", "id": "ab2d-9xyz", "title": "A", "source": {"path": "a.csv"}, "columns": {},
              "schema": "calls_for_service", **more}  # fmt: skip
    return DatasetConfig.model_validate(values)


def test_the_schema_in_force_has_the_rules_and_nothing_else_changed() -> None:
    ruled = dataset(
        disclosure={
            "priority": {"publish": False, "reason": "Exempt."},
            "called_at": {"generalise": "month", "reason": "Enough."},
            "disposition": {"publish": True, **APPROVED},
        }
    )
    schema = effective_schema(ruled, CALLS)
    before = {c.name for c in CALLS.public_columns}
    assert {c.name for c in schema.public_columns} == before - {"priority"} | {"disposition"}
    assert {c.name: c.reason for c in withheld_columns(schema)}["priority"] == "Exempt."
    time = schema.column("called_at")
    assert time is not None
    assert time.generalise == "month"
    assert len([c for c in schema.columns if c not in CALLS.columns]) == 3
    assert effective_schema(dataset(), CALLS) == CALLS


def test_only_what_says_more_is_an_approval() -> None:
    found = approvals(
        dataset(
            disclosure={
                "priority": {"publish": False, **APPROVED},
                "disposition": {"publish": True, "class": "open", **APPROVED},
                "called_at": {"generalise": "date", **APPROVED},
            },
            categories={
                "noise": {"release": "withheld", **APPROVED},
                "medical": {"sensitivity": "open", **APPROVED},
            },
        ),
        CALLS,
        TAXONOMY,
    )
    assert [(a.subject, a.name, [(c.key, c.was, c.now) for c in a.changes]) for a in found] == [
        ("column", "disposition", [("publish", "false", "true"), ("class", "quasi", "open")]),
        ("category", "medical", [("sensitivity", "sensitive", "open")]),
    ]
    assert {(a.approved_by, str(a.date), a.reason) for a in found} == {("J. Doe, Chief", "2025-01-31", "Asked for.")}
