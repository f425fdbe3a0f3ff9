"""The parameters of an address as a question for rows: filters, order and page, each checked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation

from candor.published.errors import BadRequestError, NoSuchColumnError, NotSupportedError, UnknownParameterError
from candor.query.filters import AllOf, Compare
from candor.query.rows import Order, RowQuery
from candor.store.dataset_model import DatasetVersion, PublicColumn

DEFAULT_LIMIT = 1000

_UNSUPPORTED = ("$select", "$where", "$group", "$having", "$q", "$query")
_IGNORED = ("$$app_token", "app_token", "$$exclude_system_fields", "$$bom")
_GREATEST = 2**63 - 1


def parse_query(version: DatasetVersion, parameters: Iterable[tuple[str, str]]) -> RowQuery:
    """The question that the parameters of an address ask.

    Raises `UnknownParameterError`, `NotSupportedError`, `NoSuchColumnError` or `BadRequestError`.
    """
    filters: list[Compare] = []
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
    return RowQuery(version, AllOf(tuple(filters)), order, limit, offset)


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


def parse_filter(version: DatasetVersion, column: PublicColumn, text: str) -> Compare:
    """`column=text` as a test, with the text read as the column's type. Raises `BadRequestError`."""
    return Compare(column, _value(version, column, text), text)


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
