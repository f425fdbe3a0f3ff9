"""The cube: calls by place, month, category and initiator, with what is known of each cell.

Relational and lazy: Ibis expressions that run on every engine. `call_counts` is the only pass over the rows; what
follows works on its small result.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from candor.measures.coverage import COVERED

NOT_PLACED = "Not placed"
OUTSIDE = "Outside the declared coverage"
SPECIAL_PLACES = (NOT_PLACED, OUTSIDE)
"""The two lines of calls that no town's figure includes."""

UNMAPPED = "unmapped"
"""The category, and its group, of a counted call whose type the crosswalk maps to none."""

INITIATORS = ("citizen", "officer")
CELL = ["geoid", "month", "category", "initiated_by"]
PARTS = "parts"
"""The column of rows, where `calls` are events that several rows may be of (`several`)."""

COLUMNS = [
    "geoid",
    "place",
    "county",
    "month",
    "category",
    "category_group",
    "initiated_by",
    "coverage",
    "calls",
    "residents",
    "rate",
    "rate_low",
    "rate_high",
]
"""The columns of `calls-by-town`, in order."""

ORDER = ("category", "initiated_by", "geoid", "month", "place")
"""The columns by which the cube is sorted when it is published, empty values last."""


def call_counts(accounted: ibis.Table) -> ibis.Table:
    """How many counted calls there are by agency, place, month, category and initiator.

    From the accounted table (one row for every row read): only rows that are `counted`. Returns `agency, geoid, month,
    category, category_group, initiated_by, calls`, one line for each combination that occurs; `geoid` is empty where
    the call has no place, the category is `unmapped` where the crosswalk gives none, and the initiator `citizen` where
    nothing says that an officer began it. The sum of `calls` is the number of counted rows. Several data sets: the
    `union` of their counts.
    """
    counted = accounted.filter(accounted.counted)
    return (
        counted.mutate(
            agency=counted.agency.fill_null(""),
            geoid=counted.geoid.fill_null(""),
            category=counted.category.fill_null(UNMAPPED),
            category_group=counted.category_group.fill_null(UNMAPPED),
            initiated_by=ibis.ifelse(counted.initiated_by == "officer", "officer", "citizen"),
        )
        .group_by(["agency", *CELL])
        .agg(category_group=ibis._.category_group.max(), calls=ibis._.count())
        .select("agency", *CELL, "category_group", "calls")
    )


def day_counts(accounted: ibis.Table, time: str, unit: str | None = None) -> ibis.Table:
    """How many rows each agency sent of each local day of the column `time`: `agency, day, calls`.

    With a column `unit` that says which rows are of one event, how many events: rows that come together are no sign of
    many days with a call.

    As small as agencies x days; whether a month came whole can be told from it (`silence`). Only published rows count,
    for what is said of a month is public: a month without a published row that is reported all the same would tell of a
    sensitive call in it. Of an agency that has no published row at all, its counted rows do.
    """
    counted = accounted.filter(accounted.counted & accounted[time].notnull())
    # Through a timestamp: cut to the day, DuckDB's date is one, whatever the expression says.
    day = counted[time].cast("timestamp").truncate("D").cast("date")
    published = counted.outcome == "published"
    days = counted.group_by(agency=counted.agency.fill_null(""), day=day).agg(
        counted=_events(counted, counted.counted, unit), open=_events(counted, published, unit)
    )
    days = days.mutate(calls=(days.open.sum().over(group_by=days.agency) > 0).ifelse(days.open, days.counted))
    return days.filter(days.calls > 0).select("agency", "day", "calls")


def _events(rows: ibis.Table, where: ir.BooleanColumn, unit: str | None) -> ir.IntegerScalar:
    """How many rows there are, or events of which they are; a row that is of none that is named is its own."""
    if unit is None:
        return where.cast("int64").sum()
    alone = rows[unit].isnull() & where
    return (rows[unit].nunique(where=where) + alone.cast("int64").sum()).cast("int64")


def cube(counts: ibis.Table, coverage: ibis.Table, categories: ibis.Table) -> ibis.Table:
    """The cube before its protection, with the columns of `calls-by-town`.

    `counts` is the result of `call_counts`, or has `parts` as well, which the cube then has too; `coverage` that of
    `coverage.coverage_grid`, `categories` the pairs `category, category_group` that the portal's crosswalks lead to; a
    category that occurs among the counts and is not
    listed is added, for nothing may be lost.

    Dense: every place and month has a line for each category and initiator. In a covered one `calls` is the count and
    `coverage` says `reported` or `zero`; the others say `not reported` or `not covered` and have no count. Calls of
    places and months that are not covered are in the lines `Outside the declared coverage`, calls without a place in
    the lines `Not placed`; those exist only where there are such calls, and their `geoid` and `county` are empty. So
    the sum of `calls` is always the sum of `counts`. The rates are empty still: `rates.monthly_rates`.

    The order of the lines is not defined: `in_order`.
    """
    every = _all_categories(counts, categories)
    cells = counts.group_by(CELL).agg(**_sums(counts))
    return _columns(_town_lines(cells, coverage, every)).union(_columns(_special_lines(cells, coverage, every)))


def in_order(table: ibis.Table) -> ibis.Table:
    """The cube's lines in the order in which they are published."""
    return table.order_by([ibis.asc(name, nulls_first=False) for name in ORDER])


def _sums(counts: ibis.Table) -> dict[str, ibis.Value]:
    """The numbers of a table of counts, added up."""
    return {name: counts[name].sum().cast("int64") for name in ("calls", PARTS) if name in counts.columns}


def _all_categories(counts: ibis.Table, categories: ibis.Table) -> ibis.Table:
    listed = categories.select("category", "category_group").distinct()
    found = counts.group_by("category").agg(category_group=ibis._.category_group.max())
    return listed.union(found.anti_join(listed, "category").select("category", "category_group"))


def _town_lines(cells: ibis.Table, coverage: ibis.Table, every: ibis.Table) -> ibis.Table:
    # Two literals in a union, not a table from memory: those are made differently by each engine.
    kinds = [every.mutate(initiated_by=ibis.literal(who)) for who in INITIATORS]
    dense = coverage.cross_join(kinds[0].union(*kinds[1:]))
    named = {f"_{name}": name for name in ("calls", PARTS) if name in cells.columns}
    lines = dense.left_join(cells.rename(**named), CELL)
    covered = lines.coverage == COVERED
    numbers = {name: ibis.ifelse(covered, lines[n].fill_null(0), ibis.null("int64")) for n, name in named.items()}
    state = ibis.cases((~covered, lines.coverage), (lines["_calls"].fill_null(0) > 0, "reported"), else_="zero")
    return lines.mutate(**numbers, coverage=state)


def _special_lines(cells: ibis.Table, coverage: ibis.Table, every: ibis.Table) -> ibis.Table:
    complete = coverage.filter(coverage.coverage == COVERED).select("geoid", "month")
    rest = cells.anti_join(complete, ["geoid", "month"])
    lines = (
        rest.mutate(place=ibis.ifelse(rest.geoid == "", NOT_PLACED, OUTSIDE))
        .group_by(["place", "month", "category", "initiated_by"])
        .agg(**_sums(rest))
        .inner_join(every, "category")
    )
    return lines.mutate(
        geoid=ibis.literal(""),
        county=ibis.literal(""),
        residents=ibis.null("int64"),
        coverage=ibis.literal("reported"),
    )


def _columns(lines: ibis.Table) -> ibis.Table:
    empty = ibis.null("float64")
    parts = [PARTS] if PARTS in lines.columns else []
    return lines.mutate(rate=empty, rate_low=empty, rate_high=empty).select(*COLUMNS, *parts)
