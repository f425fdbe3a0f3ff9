"""Which town and month the data speak for: covered, not reported, not covered.

An agency declares the towns that it covers and the whole months that it has reported. A declared month from which it
sent no row at all though rows were to be expected, or only a part of what it must have had, or which it declares as a
gap, is not reported. Where several agencies cover a town, the town's month is complete only if each of them sent all of
it. Nothing here is about a single call: the tables are small.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from candor.errors import DataError
from candor.measures.residents import residents_by_month

COVERED, NOT_YET, NOT_REPORTED, NOT_COVERED = "covered", "not yet", "not reported", "not covered"

_CODES = (COVERED, NOT_REPORTED, NOT_COVERED, NOT_YET)

Months = NDArray[np.datetime64]


@dataclass(frozen=True)
class DeclaredCoverage:
    """What one agency declares in one data set, beside what it really sent.

    Months are text such as `2025-03`. `first_month` and `last_month` may be left out: then they are the first and the
    last month from which there are rows. `sent` are the months from which the agency's counted rows come, `incomplete`
    those of which it sent only a part (`silence.heard_months`); a month without a row that is a true zero is sent. Of a
    `small` agency a month without a row is no surprise.
    """

    agency: str
    places: tuple[str, ...]
    first_month: str | None = None
    last_month: str | None = None
    gaps: tuple[str, ...] = ()
    sent: frozenset[str] = frozenset()
    incomplete: frozenset[str] = frozenset()
    small: bool = False

    def declared_months(self) -> Months:
        """The months from the first to the last declared, as datetime64[M]; none where neither rows nor months are."""
        first = self.first_month or min(self.sent, default=None)
        last = self.last_month or max(self.sent, default=None)
        if first is None or last is None or last < first:
            return np.array([], dtype="datetime64[M]")
        return np.arange(np.datetime64(first, "M"), np.datetime64(last, "M") + 1)

    def complete_months(self) -> Months:
        """The declared months that were sent, all of it, and that are no gap."""
        complete = self.sent.difference(self.gaps, self.incomplete)
        declared = self.declared_months()
        return declared[np.isin(declared, np.array(sorted(complete), dtype="datetime64[M]"))]


def months_sent(counts: pa.Table) -> Mapping[str, frozenset[str]]:
    """By agency, the months (`2025-03`) from which its counted rows come.

    `counts` is the table of `cube.call_counts`, as Arrow, of one data set.
    """
    pairs = counts.select(["agency", "month"]).drop_null().group_by(["agency", "month"]).aggregate([]).to_pydict()
    sent: dict[str, set[str]] = {}
    for agency, month in zip(pairs["agency"], pairs["month"], strict=True):  # agencies x months, not rows
        sent.setdefault(agency, set()).add(f"{month:%Y-%m}")
    return {agency: frozenset(months) for agency, months in sent.items()}


def coverage_grid(
    declared: Sequence[DeclaredCoverage],
    places: pa.Table,
    populations: pa.Table | None = None,
    changes: pa.Table | None = None,
) -> pa.Table:
    """One line for every place and month, and whether the data speak for it.

    `places` has `geoid`, `name`, `county`, `residents`; `populations` and `changes` are those that
    `residents.residents_by_month` takes. The months run from the first that any agency declares to the last. Returns
    `geoid, place, county, residents, month, coverage` sorted by `geoid, month`; the residents are those of the month's
    year, empty where they are not known; `coverage` is

    - `covered`: every agency that declares the town in that month sent rows, of the whole of it;
    - `not reported`: one of them did not;
    - `not covered`: no agency declares it, or the place was part of another one still.

    Raises `DataError` where an agency declares a place that `places` does not hold.
    """
    lines = [
        (geoid, month, COVERED if covered else NOT_REPORTED)
        for agency in declared
        for month, covered in zip(
            agency.declared_months(), np.isin(agency.declared_months(), agency.complete_months()), strict=True
        )
        for geoid in agency.places
    ]
    geoid_, month_, state = zip(*lines, strict=True) if lines else ((), (), ())
    table = pa.table(
        {
            "geoid": pa.array(geoid_, pa.string()),
            "month": pa.array(np.array(month_, "datetime64[M]").astype("datetime64[D]"), pa.date32()),
            "state": pa.array(state, pa.string()),
        }
    )
    _check_known(declared, np.array(places["geoid"].to_pylist(), dtype=np.str_))
    return grid_of(table, _span(declared), places, populations, changes)


def grid_of(
    lines: pa.Table,
    months: Months,
    places: pa.Table,
    populations: pa.Table | None = None,
    changes: pa.Table | None = None,
) -> pa.Table:
    """The grid of `coverage_grid` from what is known of each agency's towns and months.

    `lines` has `geoid, month, state`, any number of lines for a town and month, the state being `covered`, `not yet`
    (it will be published later) or `not reported`. A town's month is `not reported` where one line says so, else `not
    yet` where one does. `months`: the consecutive months of the grid; lines of other months and places are left out.
    """
    places = places.sort_by("geoid")
    geoids = places["geoid"].combine_chunks()
    place = pc.fill_null(pc.index_in(lines["geoid"], value_set=geoids), -1).to_numpy()
    month = lines["month"].cast(pa.int32()).to_numpy().astype("datetime64[D]").astype("datetime64[M]")
    at = (month - (months[0] if len(months) else np.datetime64("1970-01"))).astype(np.int64)
    inside = (place >= 0) & (at >= 0) & (at < len(months))
    # In the order of precedence: what is written later stands.
    states = np.full((len(geoids), len(months)), _CODES.index(NOT_COVERED), np.int8)
    for code in (COVERED, NOT_YET, NOT_REPORTED):
        own = inside & pc.equal(lines["state"], code).to_numpy()
        states[place[own], at[own]] = _CODES.index(code)
    if changes is not None:
        names = np.array(geoids.to_pylist(), dtype=np.str_)
        for line in changes.to_pylist():  # a handful of places
            before = np.outer(names == line["geoid"], months < np.datetime64(line["from_month"], "M"))
            states[before] = _CODES.index(NOT_COVERED)
    residents = residents_by_month(places, months, populations, changes)
    row = np.repeat(np.arange(len(geoids)), len(months))
    by_place = places.select(["geoid", "name", "county"]).take(pa.array(row))
    return pa.table(
        {
            "geoid": by_place["geoid"].cast(pa.string()),
            "place": by_place["name"].cast(pa.string()),
            "county": by_place["county"].cast(pa.string()),
            "residents": pa.array(residents.ravel(), from_pandas=True).cast(pa.int64()),
            "month": pa.array(np.tile(months, len(geoids)).astype("datetime64[D]"), type=pa.date32()),
            "coverage": pa.array(list(_CODES)).take(pa.array(states.ravel())),
        }
    )


def _span(declared: Iterable[DeclaredCoverage]) -> Months:
    """All months from the first declared to the last."""
    spans = [months for agency in declared if len(months := agency.declared_months())]
    if not spans:
        return np.array([], dtype="datetime64[M]")
    return np.arange(min(m[0] for m in spans), max(m[-1] for m in spans) + 1)


def _check_known(declared: Iterable[DeclaredCoverage], geoids: NDArray[np.str_]) -> None:
    known = set(geoids.tolist())
    for agency in declared:
        unknown = sorted(set(agency.places) - known)
        if unknown:
            raise DataError(
                f"{agency.agency} declares that it covers {', '.join(unknown[:5])}{' ...' if unknown[5:] else ''}",
                "GEOIDs of the portal's places",
                "Correct `places` in the data set's coverage, or import the places that are meant",
            )
