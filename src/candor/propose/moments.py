"""What the dates of a column tell: a time of day or only the day, the day or only the month, anything at all."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from candor.portal.time_forms import is_zoned
from candor.propose.formats import no_date, wall_sql

_NEARLY_ALL = 0.99
_FEWEST_MONTHS, _FEWEST_ROWS = 3, 20


@dataclass(frozen=True)
class Moments:
    """`dated`: values that are dates; `nothing`: values that stand for none (0001-01-01, 1900-01-01).

    `at_midnight`: those of the dates that lie at midnight, local or of UTC. `firsts`: whether all are midnights of the
    first day of a month. `clocks`: the dates stand for none, and their times of day differ: it is a clock.
    """

    dated: int = 0
    nothing: int = 0
    at_midnight: int = 0
    firsts: bool = False
    clocks: bool = False

    @property
    def midnight(self) -> bool:
        """Whether the dates tell the day and not the time of day."""
        return self.dated > 0 and self.at_midnight >= _NEARLY_ALL * self.dated

    @property
    def none(self) -> bool:
        """Whether there is no date at all."""
        return self.dated == 0 and self.nothing > 0


NO_MOMENTS = Moments()


def moments(connection: duckdb.DuckDBPyConnection, values: str, format_: str) -> Moments:
    """What the dates of a form tell, of the table `values` with the texts `v` and their rows `n`."""
    midnight = "t = date_trunc('day', t)"
    utc = "timezone('UTC', t::timestamptz)"
    either = f"greatest(sum(n) FILTER (d AND {midnight}), sum(n) FILTER (d AND {utc} = date_trunc('day', {utc})))"
    found = connection.execute(
        f"SELECT coalesce(sum(n) FILTER (d), 0), coalesce(sum(n) FILTER (NOT d), 0), "
        f"coalesce({either if is_zoned(format_) else f'sum(n) FILTER (d AND {midnight})'}, 0), "
        f"coalesce(bool_and(day(t) = 1 AND {midnight}) FILTER (d), false), "
        "count(DISTINCT date_trunc('month', t)) FILTER (d), "
        f"coalesce(bool_or(NOT ({midnight})) FILTER (NOT d), false) "
        f"FROM (SELECT n, t, NOT {no_date('t')} AS d FROM (SELECT n, {wall_sql('v', format_)} AS t FROM {values}) "
        "WHERE t IS NOT NULL)"
    ).fetchone()
    dated, nothing, at_midnight, first, months, differ = found or (0, 0, 0, False, 0, False)
    firsts = bool(first) and months >= _FEWEST_MONTHS and dated >= _FEWEST_ROWS
    few = dated < (1 - _NEARLY_ALL) * nothing
    return Moments(0 if few else int(dated), int(nothing), int(at_midnight), firsts, bool(few and differ))
