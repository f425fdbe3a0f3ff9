"""What of a portal is published for good, what waits, and when what appears next: for the publisher."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow.compute as pc

from candor.ledger.ledger import Ledger, LedgerFolder
from candor.portal.calendar import Calendar, as_month, quarter_end, year_of
from candor.portal.coverage import agencies
from candor.portal.model import Portal
from candor.store.store import Store

_MISSING = ("nothing", "part")


@dataclass(frozen=True)
class AgencyStatus:
    """An agency's months of a data set: the last that was published whole, and those missing when theirs were."""

    agency: str
    through: str
    missing: tuple[str, ...]
    late: tuple[str, ...]


@dataclass(frozen=True)
class DatasetStatus:
    """A data set's months: the last published, the one after it and when that settles. `waits`: whether any do."""

    name: str
    waits: bool
    through: str
    next_month: str
    settles_on: date | None
    agencies: tuple[AgencyStatus, ...]


@dataclass(frozen=True)
class Coming:
    """What will be told of sensitive kinds, and when."""

    what: str
    on: date


@dataclass(frozen=True)
class Status:
    """A portal as of a day."""

    today: date
    release: int
    datasets: tuple[DatasetStatus, ...]
    coming: tuple[Coming, ...]
    told: int
    early: tuple[str, ...]


def status(portal: Portal) -> Status:
    """What is published, what waits, and when it appears. Reads the ledger alone, no source."""
    store = Store(portal.data)
    current = store.current()
    number = current.number if current else 0
    ledger = LedgerFolder(store.internal / "ledger").read(store.releases())
    today, settling = portal.config.now().date(), portal.config.settling
    calendar = Calendar(settling.days, settling.quarter_days, settling.year_days)
    datasets = tuple(_dataset(portal, name, ledger, calendar) for name in portal.datasets)
    fixed = {m for b in ledger.state.blocks for m in (b.month,)}
    early = sorted({f"{m:%Y-%m}" for m in pc.unique(ledger.early["month"]).to_pylist()} - fixed)
    return Status(today, number, datasets, _coming(ledger, calendar, today), ledger.told.num_rows, tuple(early))


def _dataset(portal: Portal, name: str, ledger: Ledger, calendar: Calendar) -> DatasetStatus:
    own = portal.datasets[name].settling
    calendar = Calendar(own.days, calendar.quarter_days, calendar.year_days) if own else calendar
    fixed = sorted(ledger.fixed(name))
    if not calendar.days:
        return DatasetStatus(name, waits=False, through="", next_month="", settles_on=None, agencies=())
    following = str(as_month(fixed[-1]) + 1) if fixed else ""
    by_agency = tuple(_agency(name, a.agency, ledger) for a in agencies(portal.datasets[name], portal.root))
    settles = calendar.settles(as_month(following)) if following else None
    return DatasetStatus(name, True, fixed[-1] if fixed else "", following, settles, by_agency)


def _agency(dataset: str, agency: str, ledger: Ledger) -> AgencyStatus:
    lines = ledger.coverage.filter(
        pc.and_(pc.equal(ledger.coverage["dataset"], dataset), pc.equal(ledger.coverage["agency"], agency))
    )
    states = {(f"{line['month']:%Y-%m}", line["state"]) for line in lines.select(["month", "state"]).to_pylist()}
    late = {x.month for x in ledger.state.late if x.dataset == dataset and x.agency == agency}
    covered = sorted(m for m, s in states if s == "covered")
    missing = sorted(m for m, s in states if s in _MISSING and m not in late)
    return AgencyStatus(agency, covered[-1] if covered else "", tuple(missing), tuple(sorted(late)))


def _coming(ledger: Ledger, calendar: Calendar, today: date) -> tuple[Coming, ...]:
    """The next days on which figures of sensitive kinds are told."""
    months = sorted({b.month for b in ledger.state.blocks})
    if not months:
        return ()
    by_day: dict[date, list[str]] = {}
    quarters = {quarter_end(as_month(m)) for m in months} | {quarter_end(np.datetime64(today, "M"))}
    for end in sorted(quarters):
        on = calendar.month_told(end)
        if on > today:
            by_day.setdefault(on, []).append(f"counties and the state by month, {end - 2} to {end}")
    for year in sorted({year_of(as_month(m)) for m in months}):
        on = calendar.year_told(year)
        if on > today:
            by_day.setdefault(on, []).append(f"towns, counties and the state by year, {year}; corrections; late months")
    return tuple(Coming("; ".join(what), on) for on, what in sorted(by_day.items()))
