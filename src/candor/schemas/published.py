"""The data sets that the portal makes itself (`published.toml`), and the public face of a schema's columns."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from importlib import resources
from typing import Any

from candor.portal.model import SchemaColumn

_DIGITS = "23456789abcdefghijkmnpqrstuvwxyz"
SIMULATED = "simulated"
ROW_ID = "id"

_GENERALISED = {"hour": "To the hour.", "date": "To the day.", "month": "To the month.", "band10": "In bands of ten."}


@cache
def made_by_portal() -> dict[str, dict[str, Any]]:
    """By name, what each of the portal's own data sets says of itself."""
    text = resources.files("candor.schemas").joinpath("published.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def indicators() -> dict[str, dict[str, str]]:
    """By data set, what its figures measure, how, and what they cannot say (`indicators.toml`)."""
    text = resources.files("candor.schemas").joinpath("indicators.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def own_id(name: str) -> str:
    """The 4x4 of a data set that the portal makes itself: the same in every portal and release."""
    number = int.from_bytes(hashlib.sha256(f"candor:{name}".encode()).digest()[:8])
    digits = [_DIGITS[(number >> (5 * i)) % 32] for i in range(8)]
    return "".join(digits[:4]) + "-" + "".join(digits[4:])


def public_type(column: SchemaColumn) -> str:
    """The type of a column after its generalisation."""
    if column.generalise == "band10":
        return "category"
    if column.generalise in ("date", "month"):
        return "date"
    return column.type


def public_description(column: SchemaColumn) -> str:
    """The column's own words, and how far it was generalised."""
    coarse = _GENERALISED.get(column.generalise, "")
    words = column.description
    return words if not coarse or coarse.lower().rstrip(".") in words.lower() else f"{words} {coarse}".strip()
