"""How well rows hide one another: k-anonymity, l-diversity, and the risk of being found.

Rows with the same quasi-identifiers form an equivalence class. Who knows of a person only the quasi-identifiers, and
that the person is in the data, cannot tell the rows of the class apart. Sources: Samarati (2001), Protecting
respondents' identities in microdata release, IEEE TKDE 13(6); Machanavajjhala et al. (2007), l-diversity, ACM TKDD
1(1); the prosecutor's risk: El Emam and Dankar (2008), Protecting privacy using k-anonymity, JAMIA 15(5).

A row is not a person here: where one person may have several rows, count what is hidden with care.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from candor.engine.base import Engine
from candor.errors import DataError

_ROWS, _DISTINCT = "_rows", "_distinct_"


@dataclass(frozen=True)
class Anonymity:
    """What was measured of a table over its quasi-identifiers; without rows, everything is 0.

    `k` is the size of the smallest class. `below` counts the rows in classes smaller than the k that was asked. `l` is,
    for each sensitive column, the smallest number of different values in a class, nothing being a value. The
    prosecutor's risk of a row is 1 / the size of its class; `risk_max` and `risk_mean` are over all rows.
    """

    asked: int
    rows: int
    classes: int
    k: int
    below: int
    l: Mapping[str, int]  # noqa: E741  # the field's standard name
    risk_max: float
    risk_mean: float

    @property
    def holds(self) -> bool:
        """Whether no class is smaller than what was asked."""
        return self.below == 0


def measure(table: ir.Table, quasi: Sequence[str], sensitive: Sequence[str], engine: Engine, k: int) -> Anonymity:
    """Measure the table as it would be published. An empty cell is a value like any other.

    Without quasi-identifiers all rows are one class. Raises `DataError` for a column that the table does not have, and
    for a k under 2.
    """
    asked_of(k)
    missing = [name for name in (*quasi, *sensitive) if name not in table.columns]
    if missing:
        raise DataError(f"The rows have no column {', '.join(missing)}", ", ".join(table.columns),
                        "Correct the names of the quasi-identifiers or sensitive columns")  # fmt: skip
    kinds = {f"{_DISTINCT}{i}": _values(table[name]) for i, name in enumerate(sensitive)}
    grouped = table.group_by(list(quasi)) if quasi else table
    classes = grouped.aggregate(**{_ROWS: table.count()}, **kinds)
    rows = classes[_ROWS]
    (found,) = engine.arrow(
        classes.aggregate(
            rows=rows.sum().cast("int64"),
            classes=classes.count(),
            k=rows.min(),
            below=ibis.ifelse(rows < k, rows, 0).sum().cast("int64"),
            **{name: classes[name].min() for name in kinds},
        )
    ).to_pylist()
    total = found["rows"] or 0
    if not total:
        return Anonymity(k, 0, 0, 0, 0, dict.fromkeys(sensitive, 0), 0.0, 0.0)
    least = {name: found[f"{_DISTINCT}{i}"] for i, name in enumerate(sensitive)}
    return Anonymity(
        k, total, found["classes"], found["k"], found["below"], least, 1 / found["k"], found["classes"] / total
    )


def marked_alone(
    table: ir.Table,
    quasi: Sequence[str],
    sensitive: Sequence[str],
    k: int,
    l: int,  # noqa: E741  # the field's standard name
    mark: str,
) -> ir.Table:
    """The table with the boolean column `mark`: whether fewer than k rows are alike with the row, itself among them.

    With an l above 1, also whether these rows have fewer than l different values of a sensitive column.
    """
    named = sensitive if l > 1 else ()
    first = {f"{_DISTINCT}{i}": _first_of(table, (*quasi, name)) for i, name in enumerate(named)}
    table = table.mutate(**first)
    alike = ibis.window(group_by=[table[name] for name in quasi])
    small = table.count().over(alike) < k
    for name in first:
        small |= table[name].sum().over(alike) < l
    return table.mutate(**{mark: small}).drop(*first)


def _first_of(table: ir.Table, names: Sequence[str]) -> ir.IntegerColumn:
    """1 for one of the rows that are alike in all the columns, 0 for the others."""
    number = ibis.row_number().over(ibis.window(group_by=[table[n] for n in names], order_by=table[names[0]]))
    return (number == 0).cast("int64")


def asked_of(k: int) -> None:
    """Raises `DataError` for a k that would ask for nothing."""
    if k < 2:
        raise DataError(f"k = {k} asks for nothing", "2 or more; 5 is usual", "Correct k in the data set's file")


def _values(column: ir.Column) -> ir.IntegerScalar:
    return column.nunique() + column.isnull().any().cast("int64")
