"""The contract of the tables that profiles publish (`tables.toml`): which there are of each form, and their columns."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

MONTHLY, YEARLY = "rows by month", "counts by year"
"""The forms of data that are counted by town."""

COUNTS, FIGURES, SENSITIVE = "counts", "figures", "sensitive"
"""What a table is for, whatever a profile calls it: counts of towns; rates and comparison; what is told once."""

TOLD, WHILE_OPEN = "told", "while open"
OPEN_CATEGORIES, CATEGORIES_OF_CALLS = "open categories", "categories of calls"

Table = dict[str, Any]


@dataclass(frozen=True)
class Sum:
    """A linking sum: the numbers in `column` are sums of the numbers of other tables, `of` the form `form`.

    `over` says of which: of the open categories of the line's group, or of all, in its months; or of the categories of
    calls that are set beside the line's, in its year.
    """

    column: str
    of: tuple[str, ...]
    over: str
    form: str


@dataclass(frozen=True)
class Rules:
    """What holds of a table's numbers, by the contract: what the audit looks for.

    `time`: the column of its months or years, of a table of counts. `sensitive`: whether numbers of sensitive kinds may
    be in it: never, `while open` (as they were when the kind was open), or `told` (once, rounded), and of places of
    which `levels`.
    """

    time: str
    sensitive: str
    levels: tuple[str, ...]
    sums: tuple[Sum, ...]


@cache
def _contract() -> Mapping[str, Mapping[str, Table]]:
    text = resources.files("candor.vocabulary").joinpath("tables.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def tables_of_form(form: str) -> frozenset[str]:
    """What the tables of a form are for."""
    return frozenset(_contract()[form])


@cache
def _template(form: str, table: str) -> Table:
    """A table of a form, with the columns of the one that it is like."""
    own = {key: value for key, value in _contract()[form][table].items() if key != "audit"}
    return described(_template(own.pop("like"), table), own) if "like" in own else own


def described(table: Table, own: Mapping[str, Any]) -> Table:
    """A table with what one of a kind says of itself: other words, and of some columns another description.

    `columns`: by name the description of those that say something else; or all of them, in a list.
    """
    columns = own.get("columns", {})
    if isinstance(columns, Mapping):
        columns = [{**c, "description": columns.get(c["name"], c["description"])} for c in table["columns"]]
    return {**table, **own, "columns": columns}


def table_of(form: str, table: str, count: str, many: str = "", parts: str = "") -> Table:
    """What a table holds, column by column. `count`: the column of the number; `many`: what its events are called.

    `parts`: the column of their rows, where several may be of one event.
    """
    events, rows = (name.replace("_", " ") for name in (count, parts))
    words = {"count": count, "events": events, "many": many or events, "parts": parts}
    words |= {name.capitalize(): text[:1].upper() + text[1:] for name, text in (words | {"parts": rows}).items()}

    def filled(text: str) -> str:
        for name, word in words.items():
            text = text.replace(f"{{{name}}}", word)
        return text

    template = _template(form, table)
    columns = [
        {key: filled(value) for key, value in column.items() if key != "only"}
        for column in template["columns"]
        if parts or column.get("only") != "parts"
    ]
    return {**{k: filled(v) for k, v in template.items() if isinstance(v, str)}, "columns": columns}


def columns_of(form: str, table: str, count: str, parts: str = "") -> tuple[str, ...]:
    """The names of a table's columns, in their order."""
    return tuple(column["name"] for column in table_of(form, table, count, parts=parts)["columns"])


def rules_of(form: str, table: str, count: str) -> Rules:
    """What holds of the numbers of a table; `count` is the column of the number."""
    says = _contract()[form][table].get("audit", {})
    sums = (
        Sum(one["column"].replace("{count}", count), tuple(one["of"]), one["over"], one.get("form", form))
        for one in says.get("sums", ())
    )
    return Rules(says.get("time", ""), says.get("sensitive", ""), tuple(says.get("levels", ())), tuple(sums))


def yearly_columns(count: str) -> tuple[str, ...]:
    """Those of a table of counts by place and year, a line for each place, year and category."""
    return columns_of(YEARLY, COUNTS, count)


def figure_columns(count: str, parts: str = "") -> tuple[str, ...]:
    """Those of a table of figures: counts, rates, comparison and change of a place and period."""
    return columns_of(MONTHLY, FIGURES, count, parts)
