"""Far fewer rows than before: an export that was cut short, an agency that is missing, a data set that became empty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from candor.publish.guards.base import FEW, Finding, Guard, Looked, fell
from candor.publish.guards.delivery import Delivery

_OF_ALL, _OF_MONTH, _OF_NEW = 0.9, 0.8, 0.5
"""The share of the rows that must be there still: of all months that came before, of each, and of a month that did not
come before, beside what a month had."""

_LOST = 5
"""Rows that may be gone of any file, however small."""

_SHOWN = 6


def _fewer(looked: Looked) -> Finding | None:
    last, now = looked.last, looked.now
    if last is None:
        return None
    # An export of the last so many days leaves out the oldest each time: these are no loss.
    slid = _slid(last, now)
    first = f"{now.start:%Y-%m}" if slid and now.start else ""
    parts = [*_of_all(last, now, first), *_of_agencies(last, now, first), *_of_months(last, now, first)]
    if not parts:
        return None
    more = f"; {len(parts) - _SHOWN} more" if len(parts) > _SHOWN else ""
    found = "; ".join(parts[:_SHOWN]) + more
    return Finding(
        found,
        f"far fewer rows came than for release {last.release} ({last.on:%Y-%m-%d}): {found}",
        "the months that came before with about as many rows: what was cut short must not replace a whole export",
        "Run the export again, for all months that it had.",
    )


def _slid(last: Delivery, now: Delivery) -> bool:
    """Whether a delivery goes on where the last one ended, begins as much later, and is not much shorter."""
    if not (last.start and last.end and now.start and now.end) or now.end <= last.end:
        return False
    if _days(now) < _OF_NEW * _days(last):
        return False
    return timedelta(0) < now.start - last.start <= 2 * (now.end - last.end) + timedelta(days=7)


def _of_all(last: Delivery, now: Delivery, first: str) -> Iterable[str]:
    """All rows of the months that came before; without months, or where none came again, all rows."""
    then, left = _compared(last.by_month(), now.by_month(), first)
    if then:
        if left < _OF_ALL * then and then - left >= _LOST:
            yield f"{left} of {then} rows of the months that came before"
    elif not first:
        if now.read < _OF_ALL * last.read and last.read - now.read >= _LOST:
            yield f"{now.read} of {last.read} rows"
    elif fell(now.read, last.read * min(1.0, _days(now) / _days(last)), _OF_NEW):
        yield f"{now.read} rows in {_days(now)} days, {last.read} in {_days(last)} days before"


def _of_agencies(last: Delivery, now: Delivery, first: str) -> Iterable[str]:
    """The agencies of a shared file that are missing altogether."""
    if len(last.months) < 2:
        return
    for who, own in last.months.items():
        then, left = _compared(own, now.months.get(who, {}), first)
        if then >= FEW and not left and who not in now.months:
            yield f"{who}: 0 of {then}"


def _of_months(last: Delivery, now: Delivery, first: str) -> Iterable[str]:
    present = now.by_month()
    for month, then in last.by_month().items():
        left = present.get(month, 0)
        if month > first and left < _OF_MONTH * then and then - left >= FEW:
            yield f"{month}: {left} of {then}"


def _compared(then: Mapping[str, int], now: Mapping[str, int], first: str) -> tuple[int, int]:
    """The rows of the months after `first` that came before, and how many of these months there are now."""
    months = [m for m in then if m > first]
    return sum(then[m] for m in months), sum(now.get(m, 0) for m in months)


def _days(delivery: Delivery) -> int:
    return (delivery.end - delivery.start).days + 1 if delivery.start and delivery.end else 1


def _emptied(looked: Looked) -> Finding | None:
    last, now = looked.last, looked.now
    if now.published or (last is None and now.sound) or (last is not None and not last.published):
        return None
    had = f"; release {last.release} was made from {last.published:,} that could" if last else ""
    cannot = f", {now.quarantined:,} of which cannot be read as declared" if now.quarantined else ""
    return Finding(
        "no row that may be published",
        f"none of {now.read:,} rows may be published{cannot}{had}: the data set would be empty",
        "a row at least that can be read, and that is not withheld",
        "`candor check` says of each row why not: most often the format of a column has changed, or the crosswalk does "
        "not name the call types any more.",
    )


FEWER = Guard("fewer-rows", "fewer rows came than before", _fewer)
EMPTY = Guard("empty", "no row is left that is published", _emptied, explains=("quarantine", "categories"))
