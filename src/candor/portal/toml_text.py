"""Pieces of TOML text, escaped by tomlkit."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import tomlkit

_WIDTH = 116


def toml_value(value: str | bool | int) -> str:
    """A value as TOML."""
    return tomlkit.item(value).as_string()


def toml_list(values: Sequence[str]) -> str:
    """A list of texts, over several lines where it is long."""
    items = [toml_value(v) for v in values]
    line = f"[{', '.join(items)}]"
    if len(line) <= _WIDTH - 12:
        return line
    lines, row = [], ""
    for item in items:
        if row and len(row) + len(item) + 2 > _WIDTH - 4:
            lines.append(row)
            row = ""
        row += f"{item}, "
    return "[\n" + "".join(f"  {r.rstrip()}\n" for r in [*lines, row] if r) + "]"


def toml_table(values: Mapping[str, str]) -> str:
    """Lines of `key = value`, each key quoted."""
    return "".join(f"{toml_value(k)} = {toml_value(v)}\n" for k, v in values.items())


def comment(text: str, indent: str = "") -> str:
    """A comment, folded; nothing in it can end it."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return "".join(
        f"# {line}\n" for line in textwrap.wrap(plain, _WIDTH, initial_indent=indent, subsequent_indent=2 * indent)
    )
