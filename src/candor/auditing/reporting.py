"""Which towns and months the figures of a release count: those that are reported in its own public tables."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from candor.auditing.public import CUBE, Bools, Tables, is_one_of, month_numbers, positions, words

_TELLING = ("reported", "zero")
_AT_ONCE = 10_000


class Reporting(NamedTuple):
    """`reported` (towns, months): the counts that figures sum. `first`: the first month, since January 1970."""

    geoids: tuple[str, ...]
    counties: tuple[str, ...]
    first: int
    reported: Bools


def reporting(tables: Tables) -> Reporting:
    """Read off the lines of one open category, which has each town and month; without any, off the coverage."""
    line = _first(tables)
    if line is None:
        return _declared(tables)
    chosen = is_one_of("category", line[:1]) & is_one_of("initiated_by", line[1:])
    lines = tables.read(CUBE, ["geoid", "county", "month", "coverage"], chosen)
    assert lines is not None  # noqa: S101  # its first line was read
    geoid = words(lines["geoid"])
    lines = lines.filter(pc.not_equal(geoid, ""))
    geoid, county, month = words(lines["geoid"]), words(lines["county"]), month_numbers(lines["month"])
    geoids = tuple(sorted(pc.unique(geoid).to_pylist()))
    place, first = positions(geoid, geoids), int(month.min(initial=0))
    reported = np.zeros((len(geoids), int(month.max(initial=first - 1)) - first + 1), np.bool_)
    telling = pc.is_in(words(lines["coverage"]), value_set=pa.array(_TELLING)).to_numpy(zero_copy_only=False)
    reported[place, month - first] = telling
    at = np.unique(place, return_index=True)[1]
    return Reporting(geoids, tuple(county.take(pa.array(at)).to_pylist()), first, reported)


def _first(tables: Tables) -> tuple[str, str] | None:
    """The category and the initiator of the first line about a town of an open category, or None without any."""
    found = tables.dataset(CUBE)
    if found is None:
        return None
    sensitive = {c.slug for c in tables.sensitive()}
    for file in found.files:
        with pq.ParquetFile(tables.folder / file) as parquet:
            for batch in parquet.iter_batches(_AT_ONCE, columns=["category", "initiated_by", "geoid"]):
                lines = pa.table(batch)
                lines = lines.filter(pc.not_equal(words(lines["geoid"]), ""))
                kinds = lines.group_by(["category", "initiated_by"]).aggregate([]).to_pylist()
                open_ = sorted((k["category"], k["initiated_by"]) for k in kinds if k["category"] not in sensitive)
                if open_:
                    return open_[0]
    return None


def _declared(tables: Tables) -> Reporting:
    """By what the agencies declare: a month that one of a town's agencies did not send whole is not reported."""
    towns = tables.read("towns", ["geoid", "county"])
    agencies = [c for c in tables.release.coverage if c.first_month and c.last_month]
    if towns is None or not agencies:
        return Reporting((), (), 0, np.zeros((0, 0), np.bool_))
    towns = towns.sort_by("geoid")
    geoids = words(towns["geoid"]).to_pylist()
    first = min(_number(c.first_month) for c in agencies)
    months = np.arange(first, max(_number(c.last_month) for c in agencies) + 1)
    asked = np.zeros((len(geoids), months.size), np.bool_)
    lacking = asked.copy()
    for agency in agencies:
        own = np.isin(geoids, agency.places)
        span = (months >= _number(agency.first_month)) & (months <= _number(agency.last_month))
        asked |= np.outer(own, span)
        lacking |= np.outer(own, span & np.isin(months, [_number(m) for m in (*agency.gaps, *agency.incomplete)]))
    for change in tables.release.portal.place_changes:
        asked &= ~np.outer(np.isin(geoids, [change.geoid]), months < _number(change.from_month))
    return Reporting(tuple(geoids), tuple(words(towns["county"]).to_pylist()), first, asked & ~lacking)


def _number(month: str) -> int:
    return int(np.datetime64(month, "M").astype(np.int64))
