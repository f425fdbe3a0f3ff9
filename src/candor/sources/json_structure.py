"""Which keys the records of JSON have, and below which of them are objects: level by level, in bounded memory."""

from __future__ import annotations

import duckdb

from candor.engine.sql import literal

Tree = dict[str, "Tree | str"]
"""By key what is below it: an object's keys, `array`, or `value` (also where there are objects and other values)."""

ARRAY, VALUE = "array", "value"

_MOST_KEYS = 200
"""An object below a record with more keys than this is a map and no part of the table: its column holds JSON."""

_DEEPEST = 8


def structure(connection: duckdb.DuckDBPyConnection, records: str, pointer: str = "", depth: int = 0) -> Tree:
    """The keys of the records, or of the objects under a pointer, sorted.

    `records` is SQL for a table whose column `line` holds valid JSON.
    """
    keys = _keys(connection, records, pointer)
    tree: Tree = {}
    for key, (objects, arrays, values) in zip(keys, _types(connection, records, pointer, keys), strict=True):
        below: Tree = {}
        if objects and not arrays and not values and depth < _DEEPEST:
            below = structure(connection, records, f"{pointer}/{escaped(key)}", depth + 1)
        if below and len(below) <= _MOST_KEYS:
            tree[key] = below
        else:
            tree[key] = ARRAY if arrays and not values and not objects else VALUE
    return tree


def escaped(key: str) -> str:
    """A key as a JSON pointer has it."""
    return key.replace("~", "~0").replace("/", "~1")


def _keys(connection: duckdb.DuckDBPyConnection, records: str, pointer: str) -> list[str]:
    of = f"json_keys(line, {literal(pointer)})" if pointer else "json_keys(line)"
    found = connection.execute(f"SELECT DISTINCT unnest({of}) FROM {records}").fetchall()
    return sorted(str(key) for (key,) in found if key is not None)


def _types(
    connection: duckdb.DuckDBPyConnection, records: str, pointer: str, keys: list[str]
) -> list[tuple[bool, bool, bool]]:
    """For each key, whether there are objects, arrays, and other values but null."""
    if not keys:
        return []
    pointers = ", ".join(literal(f"{pointer}/{escaped(key)}") for key in keys)
    asked = ", ".join(
        f"bool_or(kinds[{i}] = 'OBJECT'), bool_or(kinds[{i}] = 'ARRAY'), "
        f"bool_or(kinds[{i}] NOT IN ('OBJECT', 'ARRAY', 'NULL'))"
        for i, _ in enumerate(keys, start=1)
    )
    found = connection.execute(
        f"SELECT {asked} FROM (SELECT json_type(line, [{pointers}]) AS kinds FROM {records})"
    ).fetchone()
    flags = [bool(flag) for flag in found or ()]
    return [(flags[i], flags[i + 1], flags[i + 2]) for i in range(0, len(flags), 3)]
