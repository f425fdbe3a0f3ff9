"""A question for rows: filters, order and page, read from an address and asked with bound parameters.

Only names that the release publishes reach the SQL, quoted; every value is a parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from candor.published.errors import BadRequestError, NoSuchColumnError, NotSupportedError, UnknownParameterError
from candor.published.tables import SCAN
from candor.store.model import DatasetVersion, PublicColumn

DEFAULT_LIMIT = 1000

_UNSUPPORTED = ("$select", "$where", "$group", "$having", "$q", "$query")
_IGNORED = ("$$app_token", "app_token", "$$exclude_system_fields", "$$bom")
_GREATEST = 2**63 - 1


@dataclass(frozen=True)
class Filter:
    """A column equals a value. `text` is the value as it was written."""

    column: PublicColumn
    value: object
    text: str


@dataclass(frozen=True)
class Order:
    """A column to sort by."""

    column: PublicColumn
    descending: bool = False


@dataclass(frozen=True)
class RowQuery:
    """Which rows of a data set, in which order. `limit` None is all of them."""

    version: DatasetVersion
    filters: tuple[Filter, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0

    def sql(self, select: str, files: list[str]) -> tuple[str, list[object]]:
        """The statement that yields `select` for these rows, and its parameters."""
        where, parameters = self._where()
        page = ""
        if self.limit is not None or self.offset:
            page = " LIMIT ? OFFSET ?"
            parameters += [_GREATEST if self.limit is None else self.limit, self.offset]
        if not self.order:
            # The rows as published: the files of a version never change, and their order is kept.
            return f"SELECT {select} FROM {SCAN}{where}{page}", [files, *parameters]
        # Only the keys are sorted, and where each row stands; the rows of the page are fetched afterwards.
        keys = f"SELECT file_index, file_row_number FROM {SCAN}{where} ORDER BY {self._keys()}{page}"
        sql = (
            f"WITH page AS MATERIALIZED (SELECT *, row_number() OVER () AS _position FROM ({keys})) SELECT {select}"
            f" FROM (SELECT *, file_index, file_row_number FROM {SCAN}) JOIN page USING (file_index, file_row_number)"
            " ORDER BY _position"
        )
        return sql, [files, *parameters, files]

    def count_sql(self, files: list[str]) -> tuple[str, list[object]]:
        """The statement that counts the rows that pass the filters, whatever the page."""
        where, parameters = self._where()
        return f"SELECT count(*) FROM {SCAN}{where}", [files, *parameters]

    def _where(self) -> tuple[str, list[object]]:
        if not self.filters:
            return "", []
        tests = " AND ".join(f"{quoted(f.column.name)} = ?" for f in self.filters)
        return f" WHERE {tests}", [f.value for f in self.filters]

    def _keys(self) -> str:
        """The order with its ties broken: by `id`, or by where the row stands in the files."""
        # SoQL's rule: nulls come last where the order ascends, first where it descends.
        keys = [
            f"{quoted(o.column.name)} {'DESC NULLS FIRST' if o.descending else 'ASC NULLS LAST'}" for o in self.order
        ]
        named = {o.column.name for o in self.order}
        if all(c.name != "id" for c in self.version.columns):
            keys += ["file_index", "file_row_number"]
        elif "id" not in named:
            keys.append('"id"')
        return ", ".join(keys)


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def parse_query(version: DatasetVersion, parameters: Iterable[tuple[str, str]]) -> RowQuery:
    """The question that the parameters of an address ask.

    Raises `UnknownParameterError`, `NotSupportedError`, `NoSuchColumnError` or `BadRequestError`.
    """
    filters: list[Filter] = []
    order: tuple[Order, ...] = ()
    limit, offset = DEFAULT_LIMIT, 0
    unknown: list[str] = []
    for name, value in parameters:
        lowered = name.lower()
        if lowered == "$limit":
            limit = _count("$limit", value)
        elif lowered == "$offset":
            offset = _count("$offset", value)
        elif lowered == "$order":
            order = parse_order(version, value)
        elif lowered in _UNSUPPORTED:
            raise NotSupportedError(
                f"{lowered} is not supported yet", "$limit, $offset, $order and column=value", "Filter by a column"
            )
        elif (column := _find(version, name)) is not None:
            filters.append(parse_filter(version, column, value))
        elif lowered not in _IGNORED:
            unknown.append(name)
    if unknown:
        raise UnknownParameterError(f"Unrecognized arguments [{', '.join(sorted(set(unknown)))}]")
    return RowQuery(version, tuple(filters), order, limit, offset)


def parse_order(version: DatasetVersion, text: str) -> tuple[Order, ...]:
    """`col [asc|desc], ..` as an order."""
    orders: list[Order] = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        match = re.fullmatch(r"(\S+?)(?:\s+(asc|desc))?", part, re.IGNORECASE)
        if match is None:
            raise BadRequestError(f"$order has {_shown(part)}", "column, column asc, column desc, several with commas")
        orders.append(Order(column_of(version, match[1].strip("`")), (match[2] or "").lower() == "desc"))
    return tuple({o.column.name: o for o in reversed(orders)}.values())[::-1]


def column_of(version: DatasetVersion, name: str) -> PublicColumn:
    """The published column of that name, whatever its case. Raises `NoSuchColumnError`."""
    column = _find(version, name)
    if column is None:
        names = ", ".join(c.name for c in version.columns)
        raise NoSuchColumnError(
            f"{version.name} does not publish that column",
            names,
            data={"column": name[:100], "dataset": version.id},
        )
    return column


def parse_filter(version: DatasetVersion, column: PublicColumn, text: str) -> Filter:
    """`column=text` as a test, with the text read as the column's type. Raises `BadRequestError`."""
    return Filter(column, _value(version, column, text), text)


def _find(version: DatasetVersion, name: str) -> PublicColumn | None:
    return next((c for c in version.columns if c.name.lower() == name.lower()), None)


def _count(name: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,18}", text):
        raise BadRequestError(f"{name} is {_shown(text)}", "a whole number from 0 on", f"Write for example {name}=1000")
    return int(text)


def _value(version: DatasetVersion, column: PublicColumn, text: str) -> object:
    match column.type:
        case "integer" | "number":
            allowed = "a whole number" if column.type == "integer" else "a number"
            try:
                number = Decimal(text)
            except InvalidOperation:
                raise _mismatch(version, column, text, allowed) from None
            if not number.is_finite() or abs(number) > _GREATEST:
                raise _mismatch(version, column, text, allowed)
            return int(number) if number == number.to_integral_value() else float(number)
        case "boolean":
            if text.lower() not in ("true", "false"):
                raise _mismatch(version, column, text, "true, false")
            return text.lower() == "true"
        case "date" | "timestamp":
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                raise _mismatch(version, column, text, "a date as 2025-07-31 or 2025-07-31T14:00:00") from None
            if moment.tzinfo is not None:
                raise _mismatch(version, column, text, "the local time, without an offset")
            return moment
        case _:
            return text


def _mismatch(version: DatasetVersion, column: PublicColumn, text: str, allowed: str) -> BadRequestError:
    return BadRequestError(
        f"{column.name} is {_shown(text)}", allowed, data={"column": column.name, "dataset": version.id}
    )


def _shown(text: str) -> str:
    """A value as an error quotes it: short, and on one line."""
    flat = " ".join(text.split())
    return f'"{flat[:60]}…"' if len(flat) > 60 else f'"{flat}"'


def filters_in_words(filters: Sequence[Filter]) -> str:
    """The filters as the end of a sentence: "where Town is Rutland and Category is noise"."""
    return "where " + " and ".join(f"{f.column.label} is {f.text}" for f in filters) if filters else ""
