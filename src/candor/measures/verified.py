"""Of the calls of a kind, how many became verified offences: two layers side by side, never summed.

Only where a town's calls of a whole year and its offences of the same year and kind are both published. An offence can
be known without a call, and a call can hold several: the share is of numbers, not of the very same events.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.measures.cube import INITIATORS
from candor.measures.periods import YEAR
from candor.statistics.intervals import wilson

SHARE_FROM = 10
"""The calls from which a share is printed."""

NOTES = (
    "", "no offences reported", "calls not reported for the whole year", "not told exactly", "too few calls",
    "more offences than calls",
)  # fmt: skip
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("geoid", "place", "county")),
        ("year", pa.int64()),
        ("category", pa.string()),
        ("events", pa.int64()),
        ("calls", pa.int64()),
        *((name, pa.float64()) for name in ("share", "share_low", "share_high")),
        ("note", pa.string()),
    ]
)
"""Its columns. Published, `events` has the name that its profile gives the count."""


def verified_share(
    offences: pa.Table, calls: pa.Table, kinds: Mapping[str, Sequence[str]], rounded: Collection[str] = ()
) -> pa.Table:
    """Offences as a share of the calls of the same kind, with Wilson's 95 % interval (`SCHEMA`).

    `offences` is the dense table of offences as told, `calls` the cube of calls (months); `kinds` names the open call
    categories of each kind of offence; of `rounded` kinds of offences there is no share. One line for every town,
    category and year in which the calls of any town were reported and the year is one of the offences'; none where no
    call category of the kind is counted. The share is empty, and `note` says why, where one of the two is not published
    exactly and for the whole year, where there are fewer than `SHARE_FROM` calls, and where there are more offences
    than calls, for then they cannot be a part of them. Order: category, place, year.
    """
    calls = _by_category(calls)
    counted = set(pc.unique(calls["category"].cast(pa.string())).to_pylist())
    kind_of = {call: offence for offence, several in kinds.items() for call in several if call in counted}
    whole = _by_year(calls, kind_of)
    years = pc.unique(whole.filter(pc.greater(whole["reported"], 0))["year"])
    of_kind = pc.is_in(offences["category"], value_set=pa.array(sorted(set(kind_of.values())), pa.string()))
    lines = offences.filter(pc.and_(of_kind, pc.is_in(offences["year"], value_set=years)))
    if not lines.num_rows:
        return SCHEMA.empty_table()
    keys = ["geoid", "year", "category"]
    lines = lines.join(whole, keys).sort_by([(k, "ascending") for k in ("category", "geoid", "year")]).combine_chunks()
    size = {offence: YEAR * len(INITIATORS) * list(kind_of.values()).count(offence) for offence in kind_of.values()}
    wanted = pa.array(list(size.values())).take(pc.index_in(lines["category"], value_set=pa.array(list(size))))
    all_there = pc.fill_null(pc.equal(lines["reported"], wanted), fill_value=False).to_numpy()
    withheld = pc.fill_null(pc.greater(lines["withheld"], 0), fill_value=False).to_numpy()
    x = lines["events"].fill_null(0).to_numpy()
    n = np.where(all_there, lines["calls"].fill_null(0).to_numpy(), 0)
    known = lines["events"].is_valid().to_numpy()
    hidden = pc.is_in(lines["category"], value_set=pa.array(sorted(rounded), pa.string())).to_numpy() | withheld
    note = np.select(
        [~known & ~hidden, ~all_there & ~withheld, hidden, n < SHARE_FROM, x > n],
        [NOTES[1], NOTES[2], NOTES[3], NOTES[4], NOTES[5]],
        default=NOTES[0],
    )
    said = note == NOTES[0]
    share, low, high = (np.full(len(x), np.nan) for _ in range(3))
    share[said] = x[said] / n[said]
    low[said], high[said] = wilson(x[said], n[said])
    columns = {
        **{name: lines[name] for name in ("geoid", "place", "county", "year", "category", "events")},
        "calls": pa.array(n, mask=~all_there),
        "share": _rounded(share),
        "share_low": _rounded(low),
        "share_high": _rounded(high),
        "note": pa.array(note.tolist(), pa.string()),
    }
    return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA)


def _by_category(calls: pa.Table) -> pa.Table:
    """Counts of months, each of which stands for itself."""
    return pa.table(
        {
            "geoid": calls["geoid"].cast(pa.string()),
            "year": pc.year(calls["month"]),
            "category": calls["category"].cast(pa.string()),
            "coverage": calls["coverage"].cast(pa.string()),
            "calls": calls["calls"],
            "lines": pa.array(np.ones(calls.num_rows, np.int64)),
        }
    )


def _by_year(calls: pa.Table, kind_of: Mapping[str, str]) -> pa.Table:
    """`geoid, year, category` (of offences), `calls`, how many lines `reported` a number and how many `withheld` it."""
    inside = pc.and_(
        pc.is_in(calls["category"], value_set=pa.array(list(kind_of), pa.string())), pc.not_equal(calls["geoid"], "")
    )
    lines = calls.filter(inside)
    call = pc.index_in(lines["category"], value_set=pa.array(list(kind_of), pa.string()))
    state = lines["coverage"]
    table = pa.table(
        {
            "geoid": lines["geoid"],
            "year": lines["year"],
            "category": pa.array(list(kind_of.values()), pa.string()).take(call.combine_chunks()),
            "calls": lines["calls"],
            "reported": pc.if_else(pc.is_in(state, value_set=pa.array(["reported", "zero"])), lines["lines"], 0),
            "withheld": pc.is_in(state, value_set=pa.array(["by county only"])).cast(pa.int64()),
        }
    )
    keys = ["geoid", "year", "category"]
    sums = table.group_by(keys).aggregate([("calls", "sum"), ("reported", "sum"), ("withheld", "sum")])
    return sums.rename_columns([name.removesuffix("_sum") for name in sums.column_names])


def _rounded(values: np.ndarray) -> pa.Array:
    return pa.array(np.round(values, 6), from_pandas=True)
