"""What a release says of its months: whose came when, what appears next, how many rows are withheld."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.accounting.context import Context
from candor.errors import DataError
from candor.ledger.ledger import CALLS, WITHHELD, Ledger, LedgerFolder
from candor.portal.calendar import as_month
from candor.portal.coverage import agencies
from candor.portal.model import AgencyCoverage
from candor.privacy.rounding import rounded
from candor.store.model import PublicCoverage, PublicNext, PublicSettling, Release, WithheldRows
from candor.vocabulary.visible import stripped


def require_once(folder: LedgerFolder, previous: Release | None) -> None:
    """Raises `DataError` where releases are in force that were made by the rule before this one."""
    if previous is not None and not folder.exists():
        raise DataError(
            f"Release {previous.number} was made by an earlier Candor, which told exact figures and revised them",
            "a portal whose history was looked through once",
            "Run `candor upgrade`: it says what the old releases give away, and offers to withdraw it.",
        )


def public_coverage(context: Context, ledger: Ledger, datasets: Iterable[str]) -> tuple[PublicCoverage, ...]:
    """Whose data, for which towns and months; of counted data sets what of them was published, late, or waits."""
    coverage = []
    for name in datasets:
        fixed = ledger.fixed(name)
        late = {(line.agency, line.month) for line in ledger.state.late if line.dataset == name}
        states = _states(ledger, name)
        for agency in agencies(context.portal.datasets[name], context.portal.root):
            coverage.append(_coverage(name, agency, sorted(fixed), states, late))
    return tuple(coverage)


def _coverage(
    name: str,
    agency: AgencyCoverage,
    fixed: Sequence[str],
    states: dict[tuple[str, str], str],
    late: set[tuple[str, str]],
) -> PublicCoverage:
    own = {month: state for (who, month), state in states.items() if who == agency.agency and state != "joined"}
    months = sorted(own)
    return PublicCoverage(
        dataset=name, agency=stripped(agency.agency), places=agency.places,
        first_month=agency.first_month or (months[0] if months else ""),
        last_month=agency.last_month or (months[-1] if months else ""),
        gaps=tuple(sorted({*agency.gaps, *(m for m, s in own.items() if s in ("gap", "nothing"))})),
        incomplete=tuple(m for m in months if own[m] == "part"),
        late=tuple(sorted(m for who, m in late if who == agency.agency)),
        published_through=fixed[-1] if fixed else "",
    )  # fmt: skip


def _states(ledger: Ledger, name: str) -> dict[tuple[str, str], str]:
    keys = ["agency", "month", "state"]
    own = ledger.coverage.filter(pc.equal(ledger.coverage["dataset"], name)).select(keys).group_by(keys).aggregate([])
    return {(line["agency"], f"{line['month']:%Y-%m}"): line["state"] for line in own.to_pylist()}


def public_settling(context: Context, ledger: Ledger, release: int) -> PublicSettling:
    """The portal's times, its clock, and what is published next."""
    calendar = context.calendar()
    coming = []
    for name in context.portal.datasets:
        fixed = ledger.fixed(name)
        if fixed and context.calendar(name).days:
            month = as_month(max(fixed)) + 1
            coming.append(PublicNext(dataset=name, what=str(month), on=context.calendar(name).settles(month)))
    fixed_years = {int(b.month[:4]) for b in ledger.state.blocks}
    for year in sorted(fixed_years):
        if not calendar.is_closed(year, context.today):
            coming.append(PublicNext(dataset="", what=str(year), on=calendar.year_told(year)))
    return PublicSettling(
        days=calendar.days, quarter_days=calendar.quarter_days, year_days=calendar.year_days,
        clock=context.today, coming=tuple(coming), release=release,
    )  # fmt: skip


def with_withheld(ledger: Ledger, context: Context) -> Ledger:
    """The ledger with the rows withheld of each year whose day has come: told once, rounded like every such number."""
    known = set(ledger.withheld["year"].to_pylist())
    years = sorted({int(b.month[:4]) for b in ledger.state.blocks} - known)
    due = [y for y in years if context.calendar().is_closed(y, context.today)]
    # Of the rows of other profiles no number is told: one of all would be another sum of those of calls.
    own = ledger.of(CALLS)
    of_calls = {name for table in (own.coverage, own.open) for name in pc.unique(table["dataset"]).to_pylist()}
    due = [y for y in due if any(int(b.month[:4]) == y and b.dataset in of_calls for b in own.state.blocks)]
    sensitive = own.sensitive
    year = pc.year(sensitive["month"])
    sums = [pc.sum(sensitive["calls"].filter(pc.equal(year, y))).as_py() or 0 for y in due]
    told = rounded(np.array(sums, np.int64))
    lines = pa.table(
        {"year": pa.array(due, pa.int64()), "rows": pa.array(told.value, mask=told.under)}, schema=WITHHELD
    )
    return replace(ledger, withheld=pa.concat_tables([ledger.withheld, lines]))


def public_withheld(ledger: Ledger) -> tuple[WithheldRows, ...]:
    """How many rows were withheld, by year, as told."""
    return tuple(WithheldRows(**line) for line in ledger.withheld.sort_by("year").to_pylist())


def insiders(ledger: Ledger) -> pa.Table:
    """What each agency knows of sensitive kinds: its own counts (`agency, geoid, month, category, calls`)."""
    keys = ["agency", "geoid", "month", "category"]
    return ledger.of(CALLS).sensitive.group_by(keys).aggregate([("calls", "sum")]).rename_columns([*keys, "calls"])
