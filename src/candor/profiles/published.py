"""The data sets that the portal makes itself (`published.toml`), and the public face of a schema's columns."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from candor.portal.generalisations import bands
from candor.portal.schema_model import Generalisation, SchemaColumn
from candor.profiles.profile import Kind, standard_kinds

_DIGITS = "23456789abcdefghijkmnpqrstuvwxyz"
SIMULATED = "simulated"
ROW_ID = "id"

_GENERALISED: dict[Generalisation, str] = {
    "hour": "To the hour.",
    "date": "To the day.",
    "month": "To the month: its first day.",
    "year": "To the year: its first day.",
    "parent": "As its parent category.",
    "town": "As the official town of the row.",
    "county": "As the county of the row.",
}
_NUMBERS = {5: "five", 10: "ten", 20: "twenty"}


@cache
def made_by_portal() -> dict[str, dict[str, Any]]:
    """By name, what each of the data sets that every portal makes itself says of itself."""
    text = resources.files("candor.profiles").joinpath("published.toml").read_text(encoding="utf-8")
    return tomllib.loads(text) | {n: words for k in standard_kinds().values() for n, words in k.tables.items()}


@cache
def indicators() -> dict[str, dict[str, str]]:
    """By data set, what figures of the standard profiles measure, how, and what they cannot say."""
    return {name: words for kind in standard_kinds().values() for name, words in kind.indicators.items()}


def tables_of(kinds: Mapping[str, Kind]) -> dict[str, dict[str, Any]]:
    """The same of a portal with these profiles."""
    return made_by_portal() | {name: words for kind in kinds.values() for name, words in kind.tables.items()}


def indicators_of(kinds: Mapping[str, Kind]) -> dict[str, dict[str, str]]:
    """The indicators of a portal with these profiles."""
    return indicators() | {name: words for kind in kinds.values() for name, words in kind.indicators.items()}


def own_id(name: str) -> str:
    """The 4x4 of a data set that the portal makes itself: the same in every portal and release."""
    number = int.from_bytes(hashlib.sha256(f"candor:{name}".encode()).digest()[:8])
    digits = [_DIGITS[(number >> (5 * i)) % 32] for i in range(8)]
    return "".join(digits[:4]) + "-" + "".join(digits[4:])


def public_type(column: SchemaColumn) -> str:
    """The type of a column after its generalisation."""
    if column.generalise in ("band", "band10", "band20", "parent", "town", "county"):
        return "category"
    if column.generalise in ("date", "month", "year"):
        return "date"
    return "text" if column.generalise == "hash" else column.type


def public_description(column: SchemaColumn, key: str = "") -> str:
    """The column's own words, and how far it was generalised. `key` is the fingerprint of the key of keyed hashes."""
    coarse, words = _coarse(column, key), column.description
    return words if not coarse or coarse.lower().rstrip(".") in words.lower() else f"{words} {coarse}".strip()


def _coarse(column: SchemaColumn, key: str) -> str:
    width_and_top = bands(column)
    if width_and_top:
        width, top = width_and_top
        return f"In bands of {_NUMBERS.get(width, str(width))}; the last is {top} and over."
    if column.generalise == "top":
        return f"{column.top} stands for {column.top} or more."
    if column.generalise == "hash":
        with_key = f", key {key}" if key else ""
        return f"As a keyed hash{with_key}: the same word for the same value, and nobody without the key knows which."
    return _GENERALISED.get(column.generalise, "")
