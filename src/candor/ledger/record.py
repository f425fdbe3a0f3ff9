"""What a run adds to the ledger before anything is counted: the months published now, their counts, what is held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from candor.accounting.context import Context
from candor.ledger.blocks import LATE, NEW, Plan
from candor.ledger.corrections import Correction
from candor.ledger.ledger import OPEN, SENSITIVE, SETS, Block, Ledger
from candor.ledger.settle_rows import SettledRows


def recorded(
    ledger: Ledger, settled: Mapping[str, SettledRows], corrections: Mapping[str, Correction | None], context: Context
) -> Ledger:
    """The ledger with what the data sets that were read give it: corrections first, then what is published now."""
    for name, one in settled.items():
        correction = corrections.get(name)
        if correction is not None and correction.counts is not None:
            # Of the others the ledger has by now what this run published of them.
            own, others = (pc.equal(lines["dataset"], name) for lines in (correction.counts, ledger.open))
            open_ = pa.concat_tables([ledger.open.filter(pc.invert(others)), correction.counts.filter(own)])
            ledger = replace(ledger, open=open_)
        if correction is not None and correction.sets is not None:
            others = ledger.sets.filter(pc.not_equal(ledger.sets["dataset"], name))
            ledger = replace(ledger, sets=pa.concat_tables([others, correction.sets]))
        kind = context.kind_of(name)
        ledger = _with_dataset(ledger, name, one, kind.profile.name if kind else "")
        years = {int(m[:4]) for m in ledger.fixed(name)}
        closed = [y for y in years if context.calendar(name).is_closed(y, context.today)]
        # A year that was over and done with when it was first read has nothing to be corrected.
        last = max(closed, default=min(years, default=0) - 1)
        ledger = ledger.with_state(corrected={**ledger.state.corrected, name: last})
    return ledger.with_state(clock=context.now)


def _with_dataset(ledger: Ledger, name: str, settled: SettledRows, profile: str) -> Ledger:
    plan = settled.plan
    blocks = (block.model_copy(update={"profile": profile, "several": settled.several}) for block in plan.blocks)
    state = ledger.state.model_copy(
        update={"blocks": (*ledger.state.blocks, *blocks), "late": (*ledger.state.late, *plan.late)}
    )
    cells = settled.cells.append_column("dataset", pa.array([name] * settled.cells.num_rows, pa.string()))
    cells = cells.filter(pc.is_valid(cells["month"]))
    came = pa.array([f"{line.agency} {line.month}" for line in plan.late], pa.string())
    pair = pc.binary_join_element_wise(cells["agency"], pc.strftime(cells["month"], format="%Y-%m"), " ")
    new = pc.equal(cells["state"], NEW)
    late = pc.and_(pc.equal(cells["state"], LATE), pc.is_in(pair, value_set=came))
    # What was sensitive when its month was published stays so in it.
    then = {f"{slug} {month}" for month, block in _fixed_with(ledger, plan, name).items() for slug in block.sensitive}
    kind = pc.binary_join_element_wise(cells["category"], pc.strftime(cells["month"], format="%Y-%m"), " ")
    closed = pc.or_(pc.invert(cells["open"]), pc.is_in(kind, value_set=pa.array(sorted(then), pa.string())))
    open_ = pc.and_(pc.invert(closed), pc.or_(new, late))
    added = cells.filter(open_).append_column("late", late.filter(open_)).select(OPEN.names).cast(OPEN)
    sets = _sets(name, settled, came)
    return replace(
        ledger,
        state=state,
        coverage=pa.concat_tables([ledger.coverage, plan.coverage]),
        open=pa.concat_tables([ledger.open, added]),
        sets=pa.concat_tables([ledger.sets, sets]),
        sensitive=pa.concat_tables([_not_read_now(ledger, name, pair), _sensitive(cells.filter(closed))]),
    )


def _sets(name: str, settled: SettledRows, came: pa.Array) -> pa.Table:
    """The sets of kinds of what is published now, and of what came late."""
    sets = settled.sets.filter(pc.is_valid(settled.sets["month"]))
    pair = pc.binary_join_element_wise(sets["agency"], pc.strftime(sets["month"], format="%Y-%m"), " ")
    late = pc.and_(pc.equal(sets["state"], LATE), pc.is_in(pair, value_set=came))
    sets = sets.append_column("late", late).append_column("dataset", pa.array([name] * sets.num_rows, pa.string()))
    return sets.filter(pc.or_(late, pc.equal(sets["state"], NEW))).select(SETS.names).cast(SETS)


def _fixed_with(ledger: Ledger, plan: Plan, name: str) -> dict[str, Block]:
    """The months of a data set that are published, those of this run too."""
    return {**ledger.fixed(name), **{b.month: b for b in plan.blocks}}


def _sensitive(lines: pa.Table) -> pa.Table:
    """The counts of sensitive kinds, whoever began the call and whatever its month is to this run."""
    keys = ["dataset", "agency", "geoid", "month", "category", "category_group"]
    sums = lines.group_by(keys).aggregate([("calls", "sum")]).rename_columns([*keys, "calls"])
    return sums.select(SENSITIVE.names).cast(SENSITIVE)


def _not_read_now(ledger: Ledger, name: str, pair: pa.ChunkedArray) -> pa.Table:
    """What earlier sources had of months of which this one has nothing: an export need not go back for ever."""
    lines = ledger.sensitive
    own = pc.equal(lines["dataset"], name)
    key = pc.binary_join_element_wise(lines["agency"], pc.strftime(lines["month"], format="%Y-%m"), " ")
    again = pc.is_in(key, value_set=pc.unique(pair).combine_chunks() if isinstance(pc.unique(pair), pa.ChunkedArray)
                     else pc.unique(pair))  # fmt: skip
    return lines.filter(pc.invert(pc.and_(own, again)))
