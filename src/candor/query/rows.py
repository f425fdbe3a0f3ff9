"""A question for rows of a data set: which of them, in which order, which page."""

from __future__ import annotations

from dataclasses import dataclass

from candor.published.tables import SCAN
from candor.query.filters import AllOf, quoted
from candor.store.dataset_model import DatasetVersion, PublicColumn

EVERY = AllOf(())
"""Every row."""

_GREATEST = 2**63 - 1


@dataclass(frozen=True)
class Order:
    """A column to sort by."""

    column: PublicColumn
    descending: bool = False


@dataclass(frozen=True)
class RowQuery:
    """Which rows of a data set, in which order. `limit` None is all of them."""

    version: DatasetVersion
    where: AllOf = EVERY
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
        if not self.where.parts:
            return "", []
        test, values = self.where.sql()
        return f" WHERE {test}", values

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
