"""When what is not told yet will be: from what the release says of its calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from candor.profiles.profile import Profile
from candor.published.model import Period
from candor.published.tables import SCAN, Tables
from candor.store.model import Release

SENSITIVE, EARLY = "sensitive-calls", "early-calls"


@dataclass(frozen=True)
class Days:
    """By period, the day on which figures appear: of open kinds, and of the `sensitive` ones, which are named.

    `rounded`: the kinds whose counts are.
    """

    sensitive: frozenset[str]
    rounded: frozenset[str]
    open_days: Mapping[str, date]
    sensitive_days: Mapping[str, date]


def days_of(tables: Tables, release: Release, profile: Profile, periods: Iterable[Period]) -> Days:
    """The days of a layer. What a release does not say, because it is of an older form, has none."""
    kinds = release.kinds(profile.name)
    sensitive = frozenset(c.slug for c in kinds if c.sensitivity == "sensitive")
    settling = release.settling
    if settling is None:
        return Days(sensitive, frozenset(), {}, {})
    if not profile.monthly:
        years = {p.key: date(p.last_month.year, 12, 31) + timedelta(days=settling.year_days) for p in periods}
        return Days(sensitive, sensitive, years, years)
    named: dict[str, date] = {}
    for one in settling.coming:
        if one.dataset:
            named[one.what] = max(one.on, named.get(one.what, one.on))
    days = timedelta(days=settling.days)
    months = {p.key: named.get(f"{p.last_month:%Y-%m}", _last_day(p.last_month) + days) for p in periods}
    return Days(sensitive, sensitive, months, told_on(tables, release))


def told_on(tables: Tables, release: Release, level: str = "") -> dict[str, date]:
    """By period, the day on which figures of sensitive kinds that are not told yet will be; of a level, or of any."""
    dataset = release.dataset(SENSITIVE)
    if dataset is None or "told_on" not in {c.name for c in dataset.columns}:
        return {}
    where, parameters = (" AND level = ?", [level]) if level else ("", [])
    rows = tables.rows(
        f"SELECT period, max(told_on) AS day FROM {SCAN} WHERE coverage = 'not yet' AND told_on IS NOT NULL{where}"
        " GROUP BY period ORDER BY day, period",
        [tables.files(dataset), *parameters],
    )
    return dict(rows)


def _last_day(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1) - timedelta(days=1)
