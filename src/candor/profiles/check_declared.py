"""Rules of columns and categories, and reviews, held against the standard: what no portal can declare, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from candor.portal.generalisations import allowed_for
from candor.portal.lines import Path
from candor.portal.load import Reading
from candor.portal.model import CategoryRule, ColumnRule, DatasetConfig
from candor.portal.schema_model import OwnSchema, Schema, SchemaColumn
from candor.portal.words import did_you_mean
from candor.profiles.declared import (
    Change,
    category_changes,
    column_changes,
    effective_schema,
    is_sensitive_and_public,
    ruled_category,
    ruled_column,
    ruled_taxonomy,
)
from candor.profiles.profile import Kind
from candor.profiles.taxonomy import COUNTED_APART, UNMAPPED, Taxonomy

_COORDINATES = ("latitude", "longitude")
TEXTS = ("text", "category")
_WRITTEN_BY_SOURCES = ("agency", "area")
"""Columns made on the way whose words may be a source's: the agency as it is named there, the names of anchors."""


def check_columns(reading: Reading, dataset: DatasetConfig, schema: Schema) -> Schema:
    """Report what is wrong in `[disclosure]` and `[reviewed]`; the schema as the rules that are right have it.

    `schema` is the one that the data set names or declares.
    """
    file = f"datasets/{dataset.name}.toml"
    right: dict[str, ColumnRule] = {}
    for name, rule in dataset.disclosure.items():
        column = schema.column(name)
        if column is None:
            known = [c.name for c in schema.columns]
            reading.report(
                file, ("disclosure", name), f"a rule for the column {name!r}, which {schema.name} does not have",
                ", ".join(known), did_you_mean(name, known) or "Correct the name, or remove the rule.",
            )  # fmt: skip
        elif _column_may(reading, file, dataset, column, rule):
            right[name] = rule
    for column in schema.columns:
        if is_sensitive_and_public(dataset, column) and column.name not in dataset.disclosure:
            _say_unapproved(reading, file, ("schema", "columns", schema.columns.index(column)), column.name,
                            "a sensitive column that is published", ("disclosure", column.name))  # fmt: skip
    effective = effective_schema(dataset.model_copy(update={"disclosure": right}), schema)
    _check_published(reading, file, dataset, schema, effective)
    _check_reviews(reading, file, dataset, effective)
    return effective


def check_categories(reading: Reading, kinds: Mapping[str, Kind]) -> dict[str, Taxonomy]:
    """Report what is wrong in the `[categories]` of all data sets: what may not be, and rules that are not the same.

    Returns, by schema, the categories of each profile of the product that is counted from rows, as the rules that are
    right have them.
    """
    ruled = {k.rows.name: k for k in kinds.values() if k.rows and not k.own}
    for name, dataset in reading.datasets.items():
        if dataset.categories and not (isinstance(dataset.schema_, str) and dataset.schema_ in ruled):
            reading.report(
                f"datasets/{name}.toml", ("categories",), "rules for categories in a data set that has none of them",
                "rules for categories in data sets of calls for service, or of incident reports", "Remove the table.",
            )  # fmt: skip
    return {schema: ruled_taxonomy(_right_rules(reading, schema, kind), kind.taxonomy)
            for schema, kind in ruled.items()}  # fmt: skip


def _right_rules(reading: Reading, schema: str, kind: Kind) -> dict[str, CategoryRule]:
    """By slug, the rules for categories of a profile that may be, after what is wrong with them was reported."""
    right: dict[str, CategoryRule] = {}
    own = {n: d for n, d in reading.datasets.items() if d.schema_ == schema}
    for name, dataset in own.items():
        for slug, rule in dataset.categories.items():
            if _category_may(reading, f"datasets/{name}.toml", slug, rule, kind.taxonomy):
                right[slug] = rule
    for slug in right:
        first = next(n for n, d in own.items() if slug in d.categories)
        for name, dataset in own.items():
            if dataset.categories.get(slug) != own[first].categories[slug]:
                has = "another rule" if slug in dataset.categories else "no rule"
                reading.report(
                    f"datasets/{name}.toml", ("categories", slug),
                    f"{has} for the category {slug!r}, for which datasets/{first}.toml has one",
                    f"the same rules for categories in every data set of {kind.profile.words.many}: what is withheld "
                    "in one could be had from the sum of all",
                    f"Copy [categories.{slug}] from one file to the other.",
                )  # fmt: skip
    return right


def _column_may(reading: Reading, file: str, dataset: DatasetConfig, column: SchemaColumn, rule: ColumnRule) -> bool:
    at: Path = ("disclosure", column.name)
    own = isinstance(dataset.schema_, OwnSchema)
    if own and rule.model_fields_set & {"publish", "class_", "generalise", "band", "top", "parents", "context"}:
        reading.report(
            file, at, f"how {column.name!r} is published, beside the schema that this file declares itself",
            "reason, approved_by and date: the approval of a sensitive column that is published",
            f"Say it where the column is declared, under [[schema.columns]] {column.name}.",
        )  # fmt: skip
        return False
    changes = column_changes(column, rule)
    loosened = [c for c in changes if c.loosens]
    if loosened and (never := _never(column, rule)):
        reading.report(file, (*at, loosened[0].key), f"{_words(loosened)} for {column.name!r}, {never[0]}", *never[1:])
        return False
    allowed = allowed_for(column.type)
    if rule.generalise is not None and rule.generalise not in allowed:
        reading.report(
            file, (*at, "generalise"), f"{rule.generalise!r} for a column of type {column.type}", ", ".join(allowed),
            "Name one of these.",
        )  # fmt: skip
        return False
    if (loosened or is_sensitive_and_public(dataset, column)) and not (rule.approved_by.strip() and rule.date):
        what = _words(loosened) or "a sensitive column that is published"
        _say_unapproved(reading, file, at, column.name, what, at)
        return False
    try:
        ruled_column(column, rule)
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        reading.report(file, at, f"a rule that {column.name!r} cannot have", said, "Correct the rule.")
        return False
    return True


def _never(column: SchemaColumn, rule: ColumnRule) -> tuple[str, str, str] | None:
    """What the column is, what is allowed, what to do, where no approval can loosen it; None where one can."""
    if column.type in _COORDINATES or column.role in _COORDINATES:
        return ("a coordinate", "coordinates withheld, whoever approves: an exact location can identify a home",
                "Remove the rule. The town of each row is published instead.")  # fmt: skip
    if column.role == "sensitive_flag":
        return ("a mark by which rows are withheld", "such marks withheld: marked calls are counted, not published",
                "Remove the rule.")  # fmt: skip
    hashed = rule.generalise == "hash" and rule.class_ in (None, column.disclosure)
    if (column.role == "key" or column.disclosure == "identifier") and not hashed:
        return ("which leads to a person or to a record of one",
                'identifiers withheld, whoever approves, or published as keyed hashes (generalise = "hash")',
                "Remove the rule, or publish the hash.")  # fmt: skip
    return None


def _say_unapproved(reading: Reading, file: str, at: Path, name: str, what: str, table: Path) -> None:
    reading.report(
        file, at, f"{what}: {name!r} would say more than it may, and nobody has approved it",
        "approved_by, date and reason, all of them public",
        f'Write approved_by = "name and office", date = 2025-01-31 and reason under [{".".join(map(str, table))}], '
        "or leave the column as it is.",
    )  # fmt: skip


def _words(changes: Sequence[Change]) -> str:
    return " and ".join(f"{c.key} = {c.now if c.key == 'publish' else repr(c.now)}" for c in changes)


def _check_published(reading: Reading, file: str, dataset: DatasetConfig, schema: Schema, effective: Schema) -> None:
    """Free text needs a reader, and what a rule publishes needs a mapping."""
    for index, column in enumerate(effective.columns):
        if not column.publish or column.derived:
            continue
        own = isinstance(dataset.schema_, OwnSchema)
        at: Path = ("schema", "columns", index) if own else ("disclosure", column.name)
        before = schema.column(column.name)
        if before and not before.publish and column.name not in dataset.columns:
            reading.report(
                file, at, f"publish = true for {column.name!r}, which is read from no column of the source",
                "a published column mapped", f'Write [columns.{column.name}] with `from = "..."`.',
            )  # fmt: skip
        # A generalised text is no text any more: a town, a parent, a hash.
        if column.type == "text" and column.generalise == "none" and column.name not in dataset.reviewed:
            reading.report(
                file, at, f"the text column {column.name!r}, which is published and which nobody has read",
                "free text published only after a person has read all of it and passed it by name",
                f"Write [reviewed.{column.name}] with name, date and reason; or publish = false; or, where it holds "
                'a few fixed labels, type = "category".',
            )  # fmt: skip


def _check_reviews(reading: Reading, file: str, dataset: DatasetConfig, effective: Schema) -> None:
    readable = [c.name for c in effective.columns if c.publish and not c.derived and c.type in TEXTS]
    readable += [name for name in _WRITTEN_BY_SOURCES if effective.column(name)]
    for name in dataset.reviewed:
        if name not in readable:
            reading.report(
                file, ("reviewed", name), f"a review of {name!r}, which is no text that is published",
                ", ".join(readable) or "no review: nothing of this data set is published as text",
                did_you_mean(name, readable) or "Remove the review, or correct the column's name.",
            )  # fmt: skip


def _category_may(reading: Reading, file: str, slug: str, rule: CategoryRule, taxonomy: Taxonomy) -> bool:
    at: Path = ("categories", slug)
    category = taxonomy.get(slug)
    if category is None:
        reading.report(
            file, at, f"the category {slug!r}", "a slug of the standard categories",
            did_you_mean(slug, taxonomy.slugs) or f"The categories are: {', '.join(taxonomy.slugs)}.",
        )  # fmt: skip
        return False
    changes = category_changes(category, rule)
    loosened = [c for c in changes if c.loosens]
    if changes and slug in (UNMAPPED, COUNTED_APART):
        reading.report(
            file, at, f"{_words(changes)} for {slug!r}, which is what a call is until somebody says what it is",
            "this category sensitive and as counts only", "Map the call types to the categories that they belong to.",
        )  # fmt: skip
        return False
    if loosened and not (rule.approved_by.strip() and rule.date):
        reading.report(
            file, at, f"{_words(loosened)} for the category {slug!r}, which the standard protects; nobody approved it",
            "approved_by, date and reason, all of them public",
            f'Write approved_by = "name and office" and date = 2025-01-31 under [categories.{slug}], or remove it.',
        )  # fmt: skip
        return False
    try:
        ruled_category(category, rule)
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        reading.report(file, at, f"a rule that the category {slug!r} cannot have", said, "Correct the rule.")
        return False
    return True
