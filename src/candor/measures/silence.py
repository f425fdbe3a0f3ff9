"""What an agency's silence means: a part of a month that is missing, a month that is, or a true zero.

Where chance does not explain that no row came, something is missing; where it does, nobody called. An agency that stops
in the middle of a month still has rows in it: counted as a whole month, its rate would be wrong. Nobody declares such a
month, so it is looked for: a run of days without a row, so long that chance would hardly ever leave all of it empty.
Given the n rows of the days beside a run, each would fall into the run with the run's share s of the time of both (a
Poisson process, conditioned on its total), so that P(none) = (1 - s)^n; for a short run of a busy agency that is
exp(-rows expected in it). A source that dates a week's or a month's rows to one day is no such process: there most days
are silent. So the days beside the run are asked too, how many of them are silent, and the more probable of the two
answers counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from candor.measures.coverage import DeclaredCoverage, months_sent
from candor.measures.edges import edges
from candor.portal.model import AgencyCoverage
from candor.statistics.intervals import Floats

LEAST_SURPRISE: Final = 10.0
"""-ln P(none) from which silence is taken for a gap: about 10 rows were to be expected, and none came."""

FALSE_ALARM: Final = 0.01
"""How probable it may be that a data set without a gap has one month called incomplete."""

_AROUND: Final = 45
"""The days before a run, and those behind it, with which it is compared: a quiet season is not a silence."""

_ENOUGH: Final = 14.0
"""The days that a side must have to be heard alone."""

_LEAST_DAYS: Final = 2
"""A month that a run merely touches, with a single day, stays: the error is under 4 %."""

Days = NDArray[np.datetime64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class _Calendar:
    """The days of the months that an agency sent something of, as D consecutive stretches of whole months."""

    days: Days  # (D,), datetime64[D]
    rows: NDArray[np.int64]  # (D,)


@dataclass(frozen=True)
class Heard:
    """Of an agency: the months of which it sent only a part, and those without a row that are a true zero."""

    incomplete: frozenset[str] = frozenset()
    quiet: frozenset[str] = frozenset()


def heard_months(days: pa.Table, declared: Iterable[DeclaredCoverage]) -> Mapping[str, Heard]:
    """By agency, what its silence means, month by month (`2025-06`).

    `days` is the table of `cube.day_counts` of one data set: `agency, day, calls`. `declared` are its agencies with the
    months that they declare; an agency with several spans is listed several times. Gaps are not looked at, and neither
    is an agency that never sent a row: of it nothing is known.

    A run of days without a row is no chance where -ln P(none) is more than max(10, ln(days looked at / 0.01)), given
    the rows of the 45 days before it, and also given those of the 45 days behind it: silence where a season ends has
    few rows behind it. At the data's end, where a side has less than 14 days, the other decides. Days are weighed by
    how busy the agency is on such a day of the week, so that an office that closes on Sundays is not silent. Such a run
    makes incomplete every month with rows of which it takes at least two days. A month without a row, of which no such
    run takes two days, is a zero, if the agency's usual rate does not make it a surprise either: a small agency has
    months in which nobody calls.
    """
    spans: dict[str, list[DeclaredCoverage]] = {}
    for agency in declared:
        spans.setdefault(agency.agency, []).append(agency)
    calendars = {name: _calendar(days, name, own) for name, own in spans.items()}
    looked_at = sum(len(calendar.days) for calendar in calendars.values())
    limit = max(LEAST_SURPRISE, float(np.log(max(looked_at, 1) / FALSE_ALARM)))
    return {name: _heard(calendar, limit) for name, calendar in calendars.items()}


def declared_coverage(agencies: Sequence[AgencyCoverage], days: pa.Table) -> list[DeclaredCoverage]:
    """What the agencies of one data set declare, beside what they sent: `days` as `heard_months` takes it.

    Months without a row that are a true zero count as sent, between the first and the last row of all agencies; at
    these edges a month is incomplete of which more days are missing than are usual between two (`edges`). An agency
    that does not say until when it reports does so until the data set ends, as far as its silence is explained by
    chance.
    """
    month = pc.floor_temporal(days["day"].cast(pa.timestamp("s")), unit="month").cast(pa.date32())
    sent = months_sent(pa.table({"agency": days["agency"], "month": month}))
    end = max((m for months in sent.values() for m in months), default=None)
    asked = [
        DeclaredCoverage(
            a.agency, a.places, a.first_month, a.last_month or end, a.gaps, sent.get(a.agency, frozenset())
        )
        for a in agencies
    ]
    heard = heard_months(days, asked)
    small = _small(days, asked)
    edge = edges(days)
    return [
        replace(
            one,
            last_month=a.last_month,
            sent=one.sent | {m for m in _within(one, heard[a.agency].quiet) if edge.inside(m)},
            incomplete=heard[a.agency].incomplete | _within(one, (edge.partly & one.sent).difference(one.gaps)),
            small=a.agency in small,
        )
        for a, one in zip(agencies, asked, strict=True)
    ]


def _within(span: DeclaredCoverage, months: frozenset[str]) -> frozenset[str]:
    """The months of an agency that lie in one of its spans."""
    return months & {str(month) for month in span.declared_months()}


def _small(days: pa.Table, declared: Sequence[DeclaredCoverage]) -> frozenset[str]:
    """The agencies of which a month without a row is no surprise: under 10 rows in a month that has any."""
    total = days.group_by("agency").aggregate([("calls", "sum")])
    rows = dict(zip(total["agency"].to_pylist(), total["calls_sum"].to_pylist(), strict=True))
    months: dict[str, set[str]] = {}
    for one in declared:
        months.setdefault(one.agency, set()).update(one.sent)
    return frozenset(a for a, sent in months.items() if rows.get(a, 0) < LEAST_SURPRISE * max(len(sent), 1))


def _calendar(days: pa.Table, agency: str, declared: Sequence[DeclaredCoverage]) -> _Calendar:
    months = np.unique(np.concatenate([span.declared_months() for span in declared]))
    gaps = {gap for span in declared for gap in span.gaps}
    asked = months[~np.isin(months, np.array(sorted(gaps), "datetime64[M]"))]
    calendar = _days_of(asked)
    own = days.filter(pc.equal(days["agency"], agency)).drop_null()
    day = own["day"].cast(pa.int32()).to_numpy().astype("datetime64[D]")
    at = np.searchsorted(calendar, day)
    known = (at < len(calendar)) & (calendar[np.minimum(at, len(calendar) - 1)] == day) if len(calendar) else at < 0
    rows = np.zeros(len(calendar), np.int64)
    np.add.at(rows, at[known], own["calls"].to_numpy()[known])
    return _Calendar(calendar, rows)


def _days_of(months: NDArray[np.datetime64]) -> Days:
    """Every day of some months, in order."""
    first, after = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]")
    length = (after - first).astype(np.int64)
    within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return np.asarray(np.repeat(first, length) + within)


def _heard(calendar: _Calendar, limit: float) -> Heard:
    days, rows = calendar.days, calendar.rows
    if not rows.sum():
        return Heard()
    every, where = np.unique(days.astype("datetime64[M]"), return_inverse=True)
    some = np.bincount(where, rows) > 0
    # Of a month with rows its own silent days count, not the month beside it that is missing as a whole: else the quiet
    # days at its edge would be part of a long silence.
    partly = _struck(_Calendar(days[some[where]], rows[some[where]]), limit, usually=False)
    long = _struck(calendar, limit, usually=True)
    return Heard(frozenset(partly), frozenset({str(m) for m in every[~some]} - long))


def _struck(calendar: _Calendar, limit: float, *, usually: bool) -> set[str]:
    """The months of which a silence that is no chance takes at least two days.

    `usually`: asked by the agency's usual rate too, for a few rows of the days beside say little of a long time.
    """
    days, rows = calendar.days, calendar.rows
    # A run ends where the calendar jumps over a month that is not looked at.
    stretch = np.concatenate([[0], np.cumsum(np.diff(days) != np.timedelta64(1, "D"))])
    silent = rows == 0
    begins = silent & np.concatenate([[True], ~silent[:-1] | (np.diff(stretch) > 0)])
    first = np.flatnonzero(begins)
    last = np.flatnonzero(silent & np.concatenate([begins[1:] | ~silent[1:], [True]]))
    busy = _weekdays(days, rows)
    surprise = _surprise(rows, busy, first, last + 1)
    if usually:
        inside = _inside(busy, first, last)
        surprise = np.maximum(surprise, _no_row(np.array(float(rows.sum())), busy.sum() - inside, inside))
    months = days.astype("datetime64[M]")
    found: set[str] = set()
    for run in np.flatnonzero(surprise > limit):  # gaps, not rows
        month, count = np.unique(months[first[run] : last[run] + 1], return_counts=True)
        found.update(str(m) for m in month[count >= _LEAST_DAYS])
    return found


def _inside(busy: Floats, first: Indices, last: Indices) -> Floats:
    """How busy the days of each run would have been, together."""
    upto = np.concatenate([[0.0], np.cumsum(busy)])
    return np.asarray(upto[last + 1] - upto[first])


def _surprise(rows: NDArray[np.int64], busy: Floats, first: NDArray[np.int64], after: NDArray[np.int64]) -> Floats:
    """-ln P(none) of the runs of days from `first` to before `after`: (runs,)."""
    low, high = np.maximum(first - _AROUND, 0), np.minimum(after + _AROUND, len(rows))

    def beside(values: NDArray[np.generic]) -> Floats:
        """Sums before each run, and behind it."""
        upto = np.concatenate([[0.0], np.cumsum(values)])
        return np.stack([upto[first] - upto[low], upto[high] - upto[after]])

    busy_upto = np.concatenate([[0.0], np.cumsum(busy)])
    inside = busy_upto[after] - busy_upto[first]
    number, time = beside(rows), beside(busy)
    days, active = beside(np.ones(len(rows))), beside(rows > 0)
    each = np.minimum(_no_row(number, time, inside), _no_day(active, days, np.minimum(inside, after - first)))
    both = [values.sum(axis=0) for values in (number, time, active, days)]
    together = np.minimum(_no_row(both[0], both[1], inside), _no_day(both[2], both[3], inside))
    one = np.where(time >= _ENOUGH, each, np.inf).min(axis=0)
    return np.where(np.isinf(one), together, one)


def _no_row(number: Floats, time: Floats, inside: Floats) -> Floats:
    """-ln of the probability that none of `number` rows falls into a run of length `inside` beside `time`."""
    both = time + inside
    share = np.divide(inside, both, out=np.zeros(both.shape), where=both > 0)
    # Where there is nothing beside a run there are no rows either, and no surprise.
    return np.asarray(-number * np.log1p(-np.minimum(share, 1 - 1e-12)))


def _no_day(active: Floats, days: Floats, length: Floats) -> Floats:
    """-ln of the probability that `length` days are silent, each as probably as one of the `days` beside them.

    Rows that come in heaps (all of a week dated to its Monday) leave most days silent, however many they are.
    """
    return np.asarray(-length * np.log((days - active + 0.5) / (days + 1)))


def _weekdays(days: Days, rows: NDArray[np.int64]) -> Floats:
    """For each day how busy the agency is on such a day of the week, 1 on average."""
    weekday = (days.astype(np.int64) + 3) % 7
    number = np.bincount(weekday, minlength=7)
    mean = np.divide(np.bincount(weekday, rows, minlength=7), number, out=np.zeros(7), where=number > 0)
    return np.asarray((mean / (rows.sum() / len(rows)))[weekday])
