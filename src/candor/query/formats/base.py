"""What a format of rows is, and their values as SQL writes them. The engine writes the text; no loop over rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from candor.published.tables import Tables
from candor.query.filters import quoted
from candor.query.rows import RowQuery
from candor.store.dataset_model import PublicColumn

BATCH = 20_000
"""So many rows are written at a time."""

_MOMENT = "%Y-%m-%dT%H:%M:%S.%g"


@dataclass(frozen=True)
class Format:
    """A format in which rows are answered. `name` is the end of an address (`/resource/abcd-2345.csv`).

    `whole`: whole data sets are offered in it, under `title`, as `label`; `asked`: so are the rows of a question.
    `stored`: the files of a version are in it already, and are sent as they are.
    """

    name: str
    media_type: str
    stream: Callable[[Tables, RowQuery], Iterator[bytes]]
    title: str = ""
    label: str = ""
    whole: bool = False
    asked: bool = False
    stored: bool = False


def lines(tables: Tables, query: RowQuery, expression: str, frame: tuple[bytes, bytes, bytes]) -> Iterator[bytes]:
    """One text a row (`expression`, in SQL), in a frame of what comes first, between and last.

    The first piece waits for the first rows, so that an error comes before the answer.
    """
    start, between, end = frame
    sql, parameters = query.sql(f"{expression} AS line", tables.files(query.version))
    with tables.query(sql, parameters) as cursor:
        lead = start
        for batch in cursor.to_arrow_reader(BATCH):
            if batch.num_rows:
                yield lead + between.join(line.encode() for line in batch["line"].to_pylist())
                lead = between
        yield (start if lead is start else b"") + end


def key(column: PublicColumn) -> str:
    """The name as a JSON key, ready to stand in an SQL text."""
    return json.dumps(column.name).replace("'", "''")


def text(column: PublicColumn) -> str:
    """The value as SODA writes it, before quoting."""
    name = quoted(column.name)
    match column.type:
        case "date" | "timestamp":
            return f"strftime(CAST({name} AS TIMESTAMP), '{_MOMENT}')"
        case "number":
            # 12 and not 12.0, as SODA writes a number.
            return (
                f"CASE WHEN {name} = floor({name}) AND abs({name}) < 1e15"
                f" THEN CAST(CAST({name} AS BIGINT) AS VARCHAR) ELSE CAST({name} AS VARCHAR) END"
            )
        case _:
            return f"CAST({name} AS VARCHAR)"


def soda_value(column: PublicColumn) -> str:
    """The value as SODA's JSON has it: numbers as text."""
    match column.type:
        case "text" | "category":
            return f"CAST(to_json({quoted(column.name)}) AS VARCHAR)"
        case "boolean" | "geometry":
            return text(column)
        case _:
            return f"'\"' || {text(column)} || '\"'"
