"""Which rows count, as a data set declares it: corrections take rows back, and a filter leaves rows out.

An agency that corrects a list by adding lines writes a column that is 1 in a row and -1 in the line that takes it back:
its own number is the sum. Here the line and the row that it takes back are both left out, so that the rows that stay
are as many as that sum, kind by kind and month by month. What a filter leaves out, such as reports found to be
unfounded, is taken from the rows that stay, so that a correction does its work whether or not it is marked itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from candor.engine.base import Engine
from candor.intake.typed import PROBLEMS, SEPARATOR
from candor.portal.model import DatasetConfig
from candor.portal.schema_model import Role, Schema
from candor.sources.base import ROW

LEFT_OUT = "_left_out"
"""Why a row does not count, empty where it does."""

TAKEN_BACK = "a correction of the source takes it back"
CORRECTION = "it is a correction, which takes a row back"
UNMATCHED = "it is a correction of a row that the file does not hold"
NOTHING = "its weight is 0"
FILTERED = "the declared filter leaves it out"
_BAD_WEIGHT = "its weight is none of 1, 0 and -1"

_SIGN, _FILTERED, _MATCHED = "_sign", "_filtered", "_matched"


def selecting_columns(dataset: DatasetConfig) -> tuple[str, ...]:
    """The columns of the source by which a data set declares that some of its rows do not count."""
    return tuple(dict.fromkeys([*([dataset.weight] if dataset.weight else []), *dataset.where]))


def selected(rows: ir.Table, raw: ir.Table, dataset: DatasetConfig, schema: Schema, engine: Engine) -> ir.Table:
    """The typed `rows` with `_left_out`; a row without a sound weight gets a problem.

    `raw` is the landed table, whose columns the data set names. The key of a row that is left out is made null: it is
    the duplicate of no other, and contradicts none.
    """
    marks = raw.select(ROW, **{_SIGN: _sign(raw, dataset, engine), _FILTERED: _filtered(raw, dataset)})
    table = rows.inner_join(marks, ROW).mutate(**{_MATCHED: ibis.literal(False)})
    sound = table[_SIGN].notnull()
    worse = ibis.ifelse(table[PROBLEMS] == "", _BAD_WEIGHT, table[PROBLEMS].concat(SEPARATOR + _BAD_WEIGHT))
    table = table.mutate(**{PROBLEMS: ibis.ifelse(sound, table[PROBLEMS], worse)})
    if dataset.weight:
        for names in _alike(table, schema):
            table = _matched(table, names)
    reason = ibis.cases(
        (table[_MATCHED] & (table[_SIGN] == 1), TAKEN_BACK),
        (table[_MATCHED], CORRECTION),
        ((table[_SIGN] == -1).fill_null(False), UNMATCHED),
        ((table[_SIGN] == 0).fill_null(False), NOTHING),
        (table[_FILTERED], FILTERED),
        else_="",
    )
    table = table.mutate(**{LEFT_OUT: reason}).drop(_SIGN, _FILTERED, _MATCHED)
    key = schema.with_role("key")
    if key is None or key.name not in table.columns:
        return table
    value = table[key.name]
    return table.mutate(**{key.name: ibis.ifelse(table[LEFT_OUT] == "", value, ibis.null(value.type()))})


def _sign(raw: ir.Table, dataset: DatasetConfig, engine: Engine) -> ir.IntegerValue:
    """1, 0 or -1; null where the cell says something else. An empty cell is a row like any other."""
    if not dataset.weight:
        return ibis.literal(1, "int64")
    text = raw[dataset.weight].strip().nullif("")
    number = engine.number(text)
    return ibis.cases(
        (text.isnull(), ibis.literal(1, "int64")), (number == 1, 1), (number == 0, 0), (number == -1, -1),
        else_=ibis.null("int64"),
    )  # fmt: skip


def _filtered(raw: ir.Table, dataset: DatasetConfig) -> ir.BooleanValue:
    out: ir.BooleanValue = ibis.literal(False)
    for name, rule in dataset.where.items():
        text = raw[name].strip().lower().fill_null("")
        values = [value.strip().lower() for value in rule.keep or rule.leave_out]
        among = text.isin(values)
        out = out | (~among if rule.keep else among)
    return out


def _alike(table: ir.Table, schema: Schema) -> list[tuple[str, ...]]:
    """By which columns a correction finds its row: the most of them first, and never without kind and month."""
    roles: tuple[Role, ...] = ("category", "time")
    kind_and_time = [c.name for role in roles if (c := schema.with_role(role)) and c.name in table.columns]
    keys = [c.name for role in ("case", "key") if (c := schema.with_role(role)) and c.name in table.columns]
    place = [c.name for role in ("place",) if (c := schema.with_role(role)) and c.name in table.columns]
    agency = ["agency"] if "agency" in table.columns else []
    shared = (*kind_and_time, *agency)
    return [(*shared, *place, *keys[:1]), (*shared, *keys[:1]), (*shared, *place), shared]


def _matched(table: ir.Table, names: Sequence[str]) -> ir.Table:
    """Mark rows and corrections that are alike, one for one."""
    open_ = (~table[_MATCHED] & (table[PROBLEMS] == "") & table[_SIGN].isin([1, -1])).fill_null(False)
    table = table.mutate(_open=open_, _of=ibis.ifelse(open_, table[_SIGN], 0))
    groups = {f"_by{i}": _month_or_text(table, name) for i, name in enumerate(names)}
    table = table.mutate(**groups)
    alike = list(groups)
    order = ibis.row_number().over(group_by=[*alike, "_of"], order_by=ROW)
    table = table.mutate(
        _n=order,
        _rows=(table["_of"] == 1).cast("int64").sum().over(group_by=alike),
        _back=(table["_of"] == -1).cast("int64").sum().over(group_by=alike),
    )
    hit = table["_open"] & (table["_n"] < ibis.least(table["_rows"], table["_back"]))
    return table.mutate(**{_MATCHED: table[_MATCHED] | hit}).drop("_open", "_of", "_n", "_rows", "_back", *alike)


def _month_or_text(table: ir.Table, name: str) -> ir.StringValue:
    value = table[name]
    if value.type().is_timestamp() or value.type().is_date():
        return value.cast("timestamp").truncate("M").cast("string").fill_null("")
    return value.cast("string").lower().fill_null("")
