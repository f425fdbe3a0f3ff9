"""The hours of a month as they pass in Vermont: spring skips one, autumn has one twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from candor.demo.model import Floats, Mix

ZONE = ZoneInfo("America/New_York")
# What happens after midnight belongs to the evening before: a police day begins at four.
DAY_BEGINS = timedelta(hours=4)


@dataclass(frozen=True)
class Hours:
    """Every hour of a local month in the order in which it passes, by its local wall time and offset."""

    wall: tuple[datetime, ...]
    offset: tuple[str, ...]


def hours_of(month: date, zone: ZoneInfo = ZONE) -> Hours:
    """The hours of the local month that begins on `month`: 720 to 744, one fewer in March and one more in November."""
    after = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    begin, end = (datetime(d.year, d.month, 1, tzinfo=zone).astimezone(UTC) for d in (month, after))
    count = int((end - begin) / timedelta(hours=1))
    local = [(begin + timedelta(hours=n)).astimezone(zone) for n in range(count)]
    return Hours(
        wall=tuple(hour.replace(tzinfo=None) for hour in local),
        offset=tuple(f"{hour:%z}"[:3] + ":" + f"{hour:%z}"[3:] for hour in local),
    )


class HourSampler:
    """Draws the hour of a call from its rhythm: hour of the day x day of the week."""

    def __init__(self, hours: Hours, mix: Mix) -> None:
        of_day = np.array([hour.hour for hour in hours.wall])
        of_week = np.array([(hour - DAY_BEGINS).weekday() for hour in hours.wall])
        weight = mix.hour[:, of_day] * mix.weekday[:, of_week]
        running = np.cumsum(weight, axis=1)
        # Rhythm k owns the stretch (k, k + 1] of one rising line, so that one search serves every rhythm.
        line: Floats = running / running[:, -1:] + np.arange(len(weight))[:, None]
        line[:, -1] = np.arange(len(weight)) + 1
        self._line, self._count = line.ravel(), len(hours.wall)

    def draw(self, rhythm: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """Index of the hour for each given rhythm."""
        found = np.searchsorted(self._line, rhythm + (1 - rng.random(len(rhythm))), side="left")
        return np.asarray(found - rhythm * self._count)
