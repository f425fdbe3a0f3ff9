"""The schemas of rows of the profiles that come with the product, and which schema a data set has."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from candor.errors import PortalError, Problem
from candor.portal.model import DatasetConfig
from candor.portal.schema_model import OwnSchema, Schema
from candor.portal.words import did_you_mean
from candor.profiles.profile import standard_kinds

OFFENCES_BY_PLACE = "offences_by_place"
"""What a source of counts holds; it has no rows, and so no schema of columns."""

RESERVED = frozenset(
    {"id", "outcome", "reasons", "notes", "counted", "geoid", "town", "county", "placed_by", "category"}
    | {"category_group", "initiated_by", "sensitivity", "agency", "month"}
)


@cache
def standard_schemas() -> Mapping[str, Schema]:
    """The schemas that come with the product, by name."""
    return MappingProxyType({k.rows.name: k.rows for k in standard_kinds().values() if k.rows})


def schema_of(dataset: DatasetConfig) -> Schema:
    """The schema of the profile that a data set names, or the one that it declares itself.

    Raises `PortalError` where it names one that does not exist.
    """
    declared = dataset.schema_
    if isinstance(declared, OwnSchema):
        return Schema(
            name=dataset.name,
            title=declared.title or dataset.title,
            unit=declared.unit,
            unit_plural=declared.unit_plural,
            columns=declared.columns,
        )
    schema = dataset.of_profile or standard_schemas().get(declared)
    if schema is None:
        raise PortalError([unknown_schema(f"datasets/{dataset.name}.toml: schema", declared)])
    return schema


def unknown_schema(where: str, name: str) -> Problem:
    """The mistake of naming a standard schema that does not exist."""
    names = list(standard_schemas())
    if did_you_mean(name, [OFFENCES_BY_PLACE]):
        return Problem(
            where,
            f"the schema {name!r} with a source of rows",
            f"{OFFENCES_BY_PLACE} with a source of counts",
            'Write kind = "counts" under [source]: the file holds one line a place and year, with a column a category.',
        )
    return Problem(
        where,
        f"the schema {name!r}",
        ", ".join(names) + ", or a [schema] of the data set's own",
        did_you_mean(name, names) or "Name one of these, or declare the columns under [schema].",
    )
