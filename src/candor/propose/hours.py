"""A column of hours beside times that say their zone: does it confirm the local time, or the hour of UTC?"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import duckdb

from candor.engine.sql import identifier, literal
from candor.portal.time_forms import is_zoned
from candor.propose.formats import wall_sql
from candor.propose.mapping import LeftOut, StandardMapping
from candor.sources.base import Landed

_AGREES = 0.9
_HOURS = re.compile("hour|time|hhmm|clock", re.IGNORECASE)
_CLOCKS = ("%I %p", "%I%p", "%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")


def with_hours(mapping: StandardMapping, landed: Landed, zone: str) -> StandardMapping:
    """The mapping, with what columns of hours that are left out turned out to be."""
    time = next((m for m in mapping.columns if m.format and is_zoned(m.format) and not m.precision), None)
    if time is None:
        return mapping
    left: list[LeftOut] = []
    unsure: list[str] = []
    parts = [c.source for c in mapping.left_out if c.reason.startswith(f"{time.name} decides")]
    for column in mapping.left_out:
        agreement = None
        if _HOURS.search(column.source):
            agreement = hour_agreement(landed.path, column.source, (time.source, time.format), zone)
        local, utc = agreement or (0.0, 0.0)
        if max(local, utc) < _AGREES or local == utc:
            left.append(column)
        elif local > utc:
            said = (
                f"its hour is that of {time.source} in local time ({local:.0%} of the rows), and not in UTC ({utc:.0%})"
            )
            left.append(LeftOut(column.source, f"{time.name} decides the hour, the day and the month; {said}"))
            unsure.append(f"{time.source} is in UTC and read as local time, which {column.source} confirms: {said}.")
        else:
            said = f"it agrees with the hour of {time.source} in UTC ({utc:.0%}), not in local time ({local:.0%})"
            left.append(LeftOut(column.source, f"{column.reason}; {said}"))
            others = ", ".join(parts) or column.source
            unsure.append(f"{others} are left out: {time.source} decides the time. {column.source}: {said}.")
    return replace(mapping, left_out=tuple(left), unsure=(*mapping.unsure, *unsure))


def hour_agreement(landed: Path, hours: str, time: tuple[str, str], zone: str) -> tuple[float, float] | None:
    """The shares of rows whose `hours` column is the hour of `time` (its column and form) in local time, and in UTC.

    Hours are digits alone, or those of a time of day: `13`, `1305`, `1:05 PM`. None where no row can be compared.
    """
    hour = f"trim({identifier(hours)})"
    number = f"try_cast(nullif({hour}, '') AS double)"
    # Hours alone, where no number is greater; else hours and minutes.
    digits = f"CASE WHEN max({number}) OVER () > 24 THEN floor({number} / 100) ELSE floor({number}) END"
    parsed = f"coalesce({digits}, " + ", ".join(f"hour(try_strptime({hour}, {literal(f)}))" for f in _CLOCKS) + ")"
    wall = wall_sql(f"trim({identifier(time[0])})", time[1])
    with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
        connection.execute(f"SET TimeZone = {literal(zone)}")
        local, utc = connection.execute(
            "SELECT avg((h = hour(wall))::int), avg((h = hour(timezone('UTC', wall::timestamptz)))::int) FROM "
            f"(SELECT {parsed} AS h, {wall} AS wall FROM read_parquet({literal(str(landed))})) WHERE wall IS NOT NULL"
        ).fetchone() or (None, None)
    return None if local is None or utc is None else (float(local), float(utc))
