"""The rows of a data set as a page shows them: 50 at a time, with filters and an order that stand in the address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from candor.cards.model import SortHeader
from candor.cards.moments import PRECISION, moment_words
from candor.messages.words import number
from candor.published.errors import BadRequestError
from candor.published.tables import Tables
from candor.query.filters import AllOf, Compare, quoted
from candor.query.parameters import column_of, parse_filter, parse_order
from candor.query.rows import Order, RowQuery
from candor.site.contexts import Pages
from candor.store.dataset_model import DatasetVersion, PublicColumn

PAGE = 50

_RESERVED = ("version", "$order", "$offset", "$column", "$equals")
_LONGEST = 200


@dataclass(frozen=True)
class Chip:
    """A filter in force, in words, and the address without it."""

    words: str
    without: str


def parse(version: DatasetVersion, parameters: Iterable[tuple[str, str]]) -> RowQuery:
    """The rows that an address asks for. An empty filter is none; a column that is not there is refused."""
    filters: list[Compare] = []
    order: tuple[Order, ...] = ()
    offset = 0
    for name, value in parameters:
        if name == "$order":
            order = parse_order(version, value)
        elif name == "$offset":
            if not (value.isascii() and value.isdigit() and len(value) <= 12):
                raise BadRequestError("The page of rows is not a number", "$offset as a whole number from 0 on")
            offset = int(value)
        elif name not in _RESERVED and value:
            filters.append(parse_filter(version, column_of(version, name), value))
    return RowQuery(version, AllOf(tuple(filters)), order, PAGE, offset)


def from_form(version: DatasetVersion, parameters: list[tuple[str, str]]) -> str:
    """The plain address of what the form chose: its column and value become `column=value`."""
    fields = dict(parameters)
    kept = [(k, v) for k, v in parameters if k not in ("$column", "$equals", "$offset") and v]
    if fields["$column"] and fields.get("$equals", "").strip():
        kept.append((column_of(version, fields["$column"]).name, fields["$equals"].strip()))
    return _address(version, kept)


@dataclass(frozen=True)
class View:
    """Some rows of a version. `wanted` is the version that the address named, None where it named none."""

    version: DatasetVersion
    wanted: str | None
    query: RowQuery

    @property
    def _filters(self) -> tuple[Compare, ...]:
        """The tests that an address can say."""
        return tuple(f for f in self.query.where.parts if isinstance(f, Compare))

    def items(self, *, offset: int, order: str | None = None, without: Compare | None = None) -> list[tuple[str, str]]:
        """The parameters of an address of these rows, with another page, order, or without one filter."""
        in_force = ", ".join(f"{o.column.name}{' desc' if o.descending else ''}" for o in self.query.order)
        items = [("version", self.wanted or "")]
        items += [(f.column.name, f.text) for f in self._filters if f is not without]
        items += [("$order", in_force if order is None else order), ("$offset", str(offset) if offset else "")]
        return [(name, value) for name, value in items if value]

    def headers(self) -> tuple[SortHeader, ...]:
        """The columns' headings; each leads to the rows in its order."""
        return tuple(self._header(c) for c in self.version.columns)

    def chips(self) -> tuple[Chip, ...]:
        """The filters in force."""
        return tuple(Chip(f.words, _address(self.version, self.items(offset=0, without=f))) for f in self._filters)

    def caption(self, total: int) -> str:
        """What the rows are, in words."""
        unit = self.version.unit if total == 1 else self.version.unit_plural
        text = f"{number(total)} {unit}"
        if self.query.where.parts:
            text += f" where {self.query.where.words}"
        if self.query.order:
            first = self.query.order[0]
            text += f", ordered by {first.column.label}{', the greatest first' if first.descending else ''}"
        return text

    def pages(self, total: int) -> Pages:
        """Where the reader stands, and where the other pages are."""
        offset = self.query.offset
        last = max((total - 1) // PAGE * PAGE, 0)
        later, earlier = offset + PAGE < total, offset > 0
        return Pages(
            first_row=min(offset + 1, total),
            last_row=min(offset + PAGE, total),
            rows=total,
            unit_plural=self.version.unit_plural,
            previous_href=self._page(max(offset - PAGE, 0)) if earlier else "",
            next_href=self._page(offset + PAGE) if later else "",
            first_href=self._page(0) if earlier else "",
            last_href=self._page(last) if later else "",
        )

    def _page(self, offset: int) -> str:
        return _address(self.version, self.items(offset=offset))

    def _header(self, column: PublicColumn) -> SortHeader:
        first = self.query.order[0] if self.query.order else None
        here = first is not None and first.column.name == column.name
        descending = first is not None and here and first.descending
        order = f"{column.name} desc" if here and not descending else column.name
        return SortHeader(
            column.name,
            column.label,
            _address(self.version, self.items(offset=0, order=order)),
            ("descending" if descending else "ascending") if here else "none",
            column.type in ("integer", "number"),
        )


def cells(tables: Tables, query: RowQuery) -> list[tuple[str, ...]]:
    """The page's rows as texts; an empty text where there is no value. A time is said as exactly as its row says it."""
    columns = query.version.columns
    precise = _precisions(query.version)
    texts = ", ".join(quoted(c.name) if c.name in precise else f"coalesce({_text(c)}, '')" for c in columns)
    sql, parameters = query.sql(texts, tables.files(query.version))
    rows = tables.rows(sql, parameters)
    times = [(i, precise[c.name]) for i, c in enumerate(columns) if c.name in precise]
    return [_said(row, times) for row in rows] if times else rows


def _precisions(version: DatasetVersion) -> dict[str, int]:
    """The columns of times beside which another says how exact they are, and where that stands."""
    at = {c.name: i for i, c in enumerate(version.columns)}
    times = [c.name for c in version.columns if c.type in ("date", "timestamp")]
    return {name: at[name + PRECISION] for name in times if name + PRECISION in at}


def _said(row: tuple[Any, ...], times: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    cells = list(row)
    for i, precision in times:
        cells[i] = moment_words(row[i], row[precision])
    return tuple(cells)


def _text(column: PublicColumn) -> str:
    name = quoted(column.name)
    match column.type:
        case "timestamp":
            return f"strftime(CAST({name} AS TIMESTAMP), '%Y-%m-%d %H:%M')"
        case "boolean":
            return f"CASE {name} WHEN true THEN 'yes' WHEN false THEN 'no' END"
        case "geometry":
            return f"CASE WHEN {name} IS NOT NULL THEN 'shape' END"
        case "text" | "category":
            return f"CASE WHEN length({name}) > {_LONGEST} THEN substr({name}, 1, {_LONGEST}) || '…' ELSE {name} END"
        case _:
            return f"CAST({name} AS VARCHAR)"


def _address(version: DatasetVersion, items: list[tuple[str, str]]) -> str:
    query = urlencode(items)
    return f"/datasets/{version.name}{f'?{query}' if query else ''}#rows"
