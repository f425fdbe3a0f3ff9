"""What a portal declares of columns and categories in its own way: stricter as it likes, less strict as approved.

`[disclosure.<column>]` and `[categories.<slug>]` in a data set's file change the standard; `approvals` lists what is
less strict than it, for the public. Whether the rules may stand as they are, says `check_declared`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from candor.portal.model import CategoryRule, ColumnRule, DatasetConfig, Portal
from candor.portal.schema_model import Disclosure, Generalisation, OwnSchema, ReleaseMode, Schema, SchemaColumn
from candor.portal.time_forms import Precision
from candor.profiles.profile import Kind
from candor.profiles.taxonomy import Category, Taxonomy

_CLASSES: tuple[Disclosure, ...] = ("open", "quasi", "sensitive", "identifier")
_RELEASES: tuple[ReleaseMode, ...] = get_args(ReleaseMode)
# Each is coarser than what stands before it in one of these.
_COARSER: tuple[tuple[Generalisation, ...], ...] = (
    ("none", "hour", "date", "month", "year"),
    ("none", "band10", "band20"),
    ("none", "band"),
    ("none", "top"),
    ("none", "parent"),
    ("none", "town", "county"),
    ("none", "hash"),
)


@dataclass(frozen=True)
class Change:
    """One thing that a rule changes, in the words of the file: `key` was `was` and is `now`."""

    key: Literal["publish", "class", "generalise", "sensitivity", "release"]
    was: str
    now: str
    loosens: bool


@dataclass(frozen=True)
class Approval:
    """What is published that the standard withholds, who approved it, when and why."""

    subject: Literal["column", "category"]
    name: str
    label: str
    changes: tuple[Change, ...]
    approved_by: str
    date: datetime.date
    reason: str


def effective_schema(dataset: DatasetConfig, schema: Schema) -> Schema:
    """The schema with the rules of the data set's `[disclosure]` in it. `schema` is the one that `schema_of` gives."""
    if isinstance(dataset.schema_, OwnSchema):
        return _as_exact_as_told(dataset, schema)
    columns = tuple(
        ruled_column(c, dataset.disclosure[c.name]) if c.name in dataset.disclosure else c for c in schema.columns
    )
    return _as_exact_as_told(dataset, schema.model_copy(update={"columns": columns}))


def _as_exact_as_told(dataset: DatasetConfig, schema: Schema) -> Schema:
    """The schema without more of a time than its source knows: no hour of a day, no day of a month.

    A time of which the source has the day alone is a date, in every step and in every table.
    """
    columns = tuple(
        _coarsened(c, dataset.columns[c.name].finest) if c.type in ("date", "timestamp") and c.name in dataset.columns
        else c
        for c in schema.columns
    )  # fmt: skip
    return schema.model_copy(update={"columns": columns}) if columns != schema.columns else schema


def _coarsened(column: SchemaColumn, finest: Precision) -> SchemaColumn:
    if finest not in ("day", "month"):
        return column
    known: Generalisation = "date" if finest == "day" else "month"
    coarser = known if column.generalise == "none" or is_coarser(known, column.generalise) else column.generalise
    if column.type == "date" and finest == "day":
        coarser = column.generalise
    return column.model_copy(update={"type": "date", "generalise": coarser})


def effective_taxonomy(portal: Portal, kind: Kind) -> Taxonomy:
    """The categories of a profile with the portal's `[categories]` in it: the same in all of its data sets."""
    own = {name: one for name, one in portal.datasets.items() if one.schema_ in kind.profile.schemas}
    return ruled_taxonomy(category_rules(own), kind.taxonomy)


def ruled_taxonomy(rules: Mapping[str, CategoryRule], taxonomy: Taxonomy) -> Taxonomy:
    """The taxonomy with the rules, by slug, in it. Raises `ValidationError` where no category can be so."""
    if not rules:
        return taxonomy
    return Taxonomy(
        categories=tuple(ruled_category(c, rules[c.slug]) if c.slug in rules else c for c in taxonomy.categories)
    )


def category_rules(datasets: Mapping[str, DatasetConfig]) -> dict[str, CategoryRule]:
    """The rules of categories, by slug, whichever data set's file they stand in."""
    return {slug: rule for dataset in datasets.values() for slug, rule in dataset.categories.items()}


def ruled_column(column: SchemaColumn, rule: ColumnRule) -> SchemaColumn:
    """The column as the rule has it. A class of its own withholds an identifier; a reason stands where it is withheld.

    Raises `ValidationError` where no column can be so.
    """
    values = column.model_dump()
    disclosure = rule.class_ or column.disclosure
    publish = column.publish if rule.publish is None else rule.publish
    if rule.publish is None and disclosure == "identifier":
        publish = False
    values |= {"disclosure": disclosure, "publish": publish, "reason": "" if publish else rule.reason}
    if rule.generalise is not None:
        given = {"band": rule.band, "top": rule.top, "parents": rule.parents, "context": rule.context}
        values |= {"generalise": rule.generalise, **given}
    return SchemaColumn.model_validate(values)


def ruled_category(category: Category, rule: CategoryRule) -> Category:
    """The category as the rule has it. What becomes sensitive is published as counts, unless the rule withholds it.

    Raises `ValidationError` where no category can be so.
    """
    sensitivity = rule.sensitivity or category.sensitivity
    release = rule.release or category.release
    if rule.release is None and sensitivity == "sensitive" and release == "records":
        release = "aggregates"
    values = category.model_dump() | {
        "sensitivity": sensitivity,
        "release": release,
        "reason": rule.reason if release != "records" else "",
    }
    return Category.model_validate(values)


def column_changes(column: SchemaColumn, rule: ColumnRule) -> tuple[Change, ...]:
    """What the rule changes of the column, in the order of the keys."""
    found = []
    if rule.publish is not None and rule.publish != column.publish:
        found.append(Change("publish", _yes(on=column.publish), _yes(on=rule.publish), rule.publish))
    if rule.class_ is not None and rule.class_ != column.disclosure:
        loosens = _CLASSES.index(rule.class_) < _CLASSES.index(column.disclosure)
        found.append(Change("class", column.disclosure, rule.class_, loosens))
    if rule.generalise is not None and rule.generalise != column.generalise:
        loosens = not is_coarser(rule.generalise, column.generalise)
        found.append(Change("generalise", column.generalise, rule.generalise, loosens))
    return tuple(found)


def category_changes(category: Category, rule: CategoryRule) -> tuple[Change, ...]:
    """What the rule changes of the category, in the order of the keys."""
    found = []
    if rule.sensitivity is not None and rule.sensitivity != category.sensitivity:
        loosens = rule.sensitivity == "open"
        found.append(Change("sensitivity", category.sensitivity, rule.sensitivity, loosens))
    if rule.release is not None and rule.release != category.release:
        loosens = _RELEASES.index(rule.release) < _RELEASES.index(category.release)
        found.append(Change("release", category.release, rule.release, loosens))
    return tuple(found)


def is_coarser(one: Generalisation, than: Generalisation) -> bool:
    """Whether `one` says less than `than` of every value; of two that cannot be compared it does not."""
    return any(one in chain and than in chain and chain.index(one) > chain.index(than) for chain in _COARSER)


def approvals(dataset: DatasetConfig, schema: Schema, taxonomy: Taxonomy) -> tuple[Approval, ...]:
    """What a data set's file approves that is less strict than the standard; `schema` and `taxonomy` are that.

    In a schema of the data set's own, it is the published columns that somebody opened by name.
    """
    return (*_approved_columns(dataset, schema), *_approved_categories(dataset, taxonomy))


def _approved_columns(dataset: DatasetConfig, schema: Schema) -> Iterator[Approval]:
    for column in schema.columns:
        rule = dataset.disclosure.get(column.name)
        if rule is None or rule.date is None or not rule.approved_by:
            continue
        changes = tuple(c for c in column_changes(column, rule) if c.loosens)
        if is_sensitive_and_public(dataset, column) or _opened(dataset, column):
            changes = (Change("publish", "false", "true", loosens=True),)
        if changes:
            yield Approval("column", column.name, column.label, changes, rule.approved_by, rule.date, rule.reason)


def _approved_categories(dataset: DatasetConfig, taxonomy: Taxonomy) -> Iterator[Approval]:
    for category in taxonomy.categories:
        rule = dataset.categories.get(category.slug)
        changes = tuple(c for c in category_changes(category, rule) if c.loosens) if rule else ()
        if rule and changes and rule.date is not None:
            yield Approval("category", category.slug, category.label, changes, rule.approved_by, rule.date, rule.reason)


def is_sensitive_and_public(dataset: DatasetConfig, column: SchemaColumn) -> bool:
    """Whether a schema of the portal's own publishes what it calls sensitive: somebody has to have approved it."""
    own = isinstance(dataset.schema_, OwnSchema) or dataset.of_profile is not None
    return own and column.publish and column.disclosure == "sensitive"


def _opened(dataset: DatasetConfig, column: SchemaColumn) -> bool:
    """Whether a column of the data set's own schema is published with somebody's approval, which it need not have."""
    return isinstance(dataset.schema_, OwnSchema) and column.publish


def _yes(*, on: bool) -> str:
    return "true" if on else "false"
