"""When a zone's clocks go forward and back: wall times that do not exist, and wall times that come twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_FIRST = 1970
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Change:
    """Wall times from `start` to before `end` that a zone's clocks leave out (`skipped`), or show twice."""

    start: datetime
    end: datetime
    skipped: bool


@lru_cache(maxsize=8)
def changes(zone: str, until: int) -> tuple[Change, ...]:
    """The changes of a zone's clocks from 1970 to the end of the year `until`, in their order."""
    found, named = [], ZoneInfo(zone)
    moment, last = datetime(_FIRST, 1, 1, tzinfo=UTC), datetime(until, 12, 31, tzinfo=UTC)
    before = _offset(moment, named)
    while moment < last:
        following = moment + _WEEK
        after = _offset(following, named)
        if after != before:
            at = _change(moment, following, named).replace(tzinfo=None)
            start, end = sorted((at + before, at + after))
            found.append(Change(start, end, skipped=after > before))
        moment, before = following, after
    return tuple(found)


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The moment between two at which the zone's offset becomes another, to the second."""
    first = _offset(low, zone)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (middle, high) if _offset(middle, zone) == first else (low, middle)
    return high


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
