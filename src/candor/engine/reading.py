"""What the public side may ask of its engine: one question that reads published files, and nothing else.

The engine's own settings (`public.open_public`) close files, network and extensions. They leave open what needs none of
these: to write below the public folder, to make tables, macros and databases that every other reader would meet, to
switch on a log of everybody's questions, to read the settings. So a statement is looked at before it runs, as DuckDB's
own parser understands it: whatever reached its text, only this is let through.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import duckdb

from candor.errors import CandorError

TABLE_FUNCTIONS = frozenset(("read_parquet", "range", "generate_series", "unnest"))
"""All that rows may come from, beside the statement's own common table expressions. Which files is a parameter."""

REFUSED = frozenset(("current_setting", "getvariable", "write_log", "nextval", "currval", "query", "query_table"))
"""Scalar functions that tell of the engine, or change something in it."""

_ALLOWED = "one SELECT from published files"


class NotReadingError(CandorError):
    """A statement that does more than read, or reads something else. That it was tried is a fault of the program."""


@lru_cache(maxsize=2_000)
def require_reading(sql: str) -> None:
    """Raises `NotReadingError` where `sql` is not one SELECT whose rows come from published files alone.

    Values belong into parameters; the texts of the site are few, and each is looked at once.
    """
    answer = _parser().cursor().execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchone()
    tree: dict[str, Any] = json.loads(answer[0]) if answer else {"error": True}
    if tree["error"] or len(tree["statements"]) != 1:
        raise NotReadingError(f"A statement was refused before it ran. Allowed: {_ALLOWED}.")
    _check(tree["statements"][0]["node"], frozenset())


def _check(node: object, own: frozenset[str]) -> None:
    """Look at a part of the tree; `own` are the names of the common table expressions round it."""
    if isinstance(node, list):
        for part in node:
            _check(part, own)
        return
    if not isinstance(node, dict):
        return
    names = node.get("cte_map")
    if isinstance(names, dict):
        own |= {str(entry["key"]).lower() for entry in names["map"]}
    _check_source(node, own)
    if node.get("class") == "FUNCTION" and str(node["function_name"]).lower() in REFUSED:
        raise NotReadingError(f"The function {node['function_name']} was refused. Allowed: {_ALLOWED}.")
    for part in node.values():
        _check(part, own)


def _check_source(node: dict[str, Any], own: frozenset[str]) -> None:
    """Where rows come from: a function, a name, or something that only describes."""
    kind = node.get("type")
    if kind == "TABLE_FUNCTION":
        name = str(node["function"].get("function_name", "")).lower()
        if name not in TABLE_FUNCTIONS or node["function"].get("schema") or node["function"].get("catalog"):
            raise NotReadingError(f"The table function {name} was refused. Allowed: {_ALLOWED}.")
        if name == "read_parquet" and [a["class"] for a in node["function"]["children"][:1]] != ["PARAMETER"]:
            raise NotReadingError("A path in the text of a statement was refused. Allowed: files as its parameter.")
    elif kind == "BASE_TABLE":
        name = str(node["table_name"]).lower()
        if name not in own or node.get("schema_name") or node.get("catalog_name"):
            raise NotReadingError(f"The table {name} was refused. Allowed: {_ALLOWED}.")
    elif kind == "SHOW_REF":
        raise NotReadingError(f"A statement that describes was refused. Allowed: {_ALLOWED}.")


@lru_cache(maxsize=1)
def _parser() -> duckdb.DuckDBPyConnection:
    """A database of its own, only to read statements with: nothing is run in it but this."""
    connection = duckdb.connect(config={"memory_limit": "64MB", "threads": 1, "temp_directory": ""})
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
