"""Which ways of saying a value more coarsely there are, and for which types of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from candor.portal.schema_model import ColumnType, Generalisation, SchemaColumn

_TIMES: tuple[ColumnType, ...] = ("timestamp", "date")
_NUMBERS: tuple[ColumnType, ...] = ("integer", "number")
_WORDS: tuple[ColumnType, ...] = ("text", "category")

TYPES: Mapping[Generalisation, tuple[ColumnType, ...]] = {
    "hour": ("timestamp",),
    "date": _TIMES,
    "month": _TIMES,
    "year": _TIMES,
    "band": _NUMBERS,
    "band10": _NUMBERS,
    "band20": _NUMBERS,
    "top": _NUMBERS,
    "parent": _WORDS,
    "town": _WORDS,
    "county": _WORDS,
    "hash": (*_WORDS, "integer"),
}
"""For which types a generalisation is; `none` is for all."""

BY_PLACE: tuple[Generalisation, ...] = ("town", "county")
"""What is published is the place where the row was found to be, not what stands in the column."""

WIDTHS: Mapping[Generalisation, int] = {"band10": 10, "band20": 20}
PLACE_COLUMNS = ("geoid", "town", "county", "placed_by")
"""What a row gets when it is placed (docs/architecture.md, section 3)."""

_TOP = 80


def allowed_for(type_: ColumnType) -> tuple[Generalisation, ...]:
    """The generalisations that a column of that type can have, `none` first."""
    return ("none", *(name for name, types in TYPES.items() if type_ in types))


def bands(column: SchemaColumn) -> tuple[int, int] | None:
    """How wide the bands of a column are and where the last one begins; None where it has none.

    Where `top` is not declared, the last band begins at 80, or at the last band's beginning below it.
    """
    width = column.band if column.generalise == "band" else WIDTHS.get(column.generalise)
    return (width, column.top or max(_TOP - _TOP % width, width)) if width else None


def placed_columns(columns: Sequence[SchemaColumn]) -> tuple[SchemaColumn, ...]:
    """The columns for which a row has to be placed: those published as its town or county, and its place itself."""
    return tuple(
        c for c in columns if c.publish and (c.generalise in BY_PLACE or (c.derived and c.name in PLACE_COLUMNS))
    )
