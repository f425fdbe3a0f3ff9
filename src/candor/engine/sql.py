"""Names and values as SQL text: the one place where they are quoted."""

from __future__ import annotations


def identifier(name: str) -> str:
    """A name, quoted."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A text value, quoted."""
    return "'" + value.replace("'", "''") + "'"
