"""Columns made safe: an allow list, and the reason for everything that is not on it."""

from __future__ import annotations

from typing import NamedTuple

from candor.errors import DataError
from candor.portal.schema_model import Disclosure, Schema, SchemaColumn

_REASONS: dict[Disclosure, str] = {
    "identifier": "It names or leads to a person, or to the record that does.",
    "quasi": "Together with other facts it could tell who a person is.",
    "sensitive": "It says something about people that is theirs to tell.",
    "open": "It is not needed to understand the data.",
}
NOT_DECLARED = "Nobody has declared what it holds, and what is not declared is not published."
_LOCATION = (
    "An exact location can identify a home. Places are published as the town, or an area of it with many addresses."
)
_LOCATIONS = ("latitude", "longitude")


class Withheld(NamedTuple):
    """A column that is not published, and why, in words for the public."""

    name: str
    label: str
    reason: str


def public_columns(schema: Schema) -> tuple[SchemaColumn, ...]:
    """The columns that may be published: those with `publish = true`, in order, and nothing else.

    Raises `DataError` where the allow list holds what no list can allow: a coordinate.
    """
    for column in schema.public_columns:
        if is_location(column):
            raise DataError(
                f'The schema "{schema.name}" publishes {column.name}, a coordinate',
                "publish = false for coordinates: locations are never published exactly",
                f"Set publish = false for {column.name}; the town of each row is published instead",
            )
    return schema.public_columns


def withheld_columns(schema: Schema) -> list[Withheld]:
    """Each column of the schema that is not published, in order, with its reason: its own, or that of its class."""
    return [Withheld(c.name, c.label, c.reason or _default(c)) for c in schema.columns if not c.publish]


def is_location(column: SchemaColumn) -> bool:
    """Whether the column is a coordinate, by type or by role."""
    return column.type in _LOCATIONS or column.role in _LOCATIONS


def _default(column: SchemaColumn) -> str:
    return _LOCATION if is_location(column) else _REASONS[column.disclosure]
