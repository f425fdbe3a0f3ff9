"""Lists of words, from `lists.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources


def words(name: str) -> frozenset[str]:
    """The words of a list. Raises `KeyError` where there is none of that name."""
    return frozenset(_lists()[name].split())


@cache
def _lists() -> dict[str, str]:
    return tomllib.loads(resources.files("candor.privacy.people").joinpath("lists.toml").read_text(encoding="utf-8"))
