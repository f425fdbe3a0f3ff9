"""The figures of a release as arrays: place x period x category x initiated-by, read once and then only indexed.

A town page and the map page ask for thousands of figures; none of them runs a query. The arrays are filled from the
published data sets `call-rates-by-town` and `towns`, batch by batch, so that the memory that loading takes is small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from candor.site.tables import SCAN, Tables
from candor.store.model import Release

STATE = ""
"""The GEOID under which the state's own figures are held."""

COVERAGES = ("not covered", "not reported", "suppressed", "partly reported", "zero", "reported")
NOTES = ("", "too few to rate", "no residents", "suppressed", "partly reported")
INITIATORS = ("citizen", "all")
ALL = "all"
"""The category of all open categories together, and the period of all covered months."""

RATES, TOWNS, COUNTS = "call-rates-by-town", "towns", "calls-by-town"

_BATCH = 100_000
_ABSENT = -1


@dataclass(frozen=True)
class Place:
    """A town as published. `residents` is None where the pack has no population."""

    geoid: str
    name: str
    full_name: str
    county: str
    residents: int | None
    housing_units: int | None
    longitude: float | None
    latitude: float | None


@dataclass(frozen=True)
class Period:
    """A span of whole months: `kind` is `year`, `months` (the last 12, the last 36, or all of them) or `month`."""

    key: str
    first_month: date
    last_month: date

    @property
    def kind(self) -> str:
        """Which of the three."""
        if self.key == ALL or self.key.startswith("last-"):
            return "months"
        return "year" if len(self.key) == 4 else "month"

    @property
    def months(self) -> int:
        """How many months it has."""
        return (self.last_month.year - self.first_month.year) * 12 + self.last_month.month - self.first_month.month + 1


@dataclass(frozen=True)
class Figure:
    """One figure of `call-rates-by-town`. Calls and rate are None where none is published; rates per 1,000 and year.

    `towns_reported` is the state's: how many towns reported in any month of the period.
    """

    coverage: str
    calls: int | None
    residents: int | None
    months_reported: int
    rate: float | None
    low: float | None
    high: float | None
    note: str
    towns_reported: int | None = None


NO_FIGURE = Figure("not covered", None, None, 0, None, None, None, "")

_Slice = tuple[slice | int, ...]


class Figures:
    """All figures of a release. Axes: place (the state last), period, category, initiated-by."""

    def __init__(self, places: Sequence[Place], periods: Sequence[Period], categories: Sequence[str]) -> None:
        self.places = tuple(places)
        self.periods = {p.key: p for p in periods}
        self.categories = tuple(categories)
        self._place = {p.geoid: i for i, p in enumerate(self.places)} | {STATE: len(self.places)}
        self._period = {p.key: i for i, p in enumerate(periods)}
        self._category = {c: i for i, c in enumerate(self.categories)}
        shape = (len(self._place), len(self._period), len(self._category), len(INITIATORS))
        self._coverage = np.zeros(shape, np.int8)
        self._note = np.zeros(shape, np.int8)
        self._months = np.zeros(shape, np.int16)
        self._calls = np.full(shape, _ABSENT, np.int32)
        self._residents = np.full(shape[:2], _ABSENT, np.int32)
        self._towns = np.full(shape[1:], _ABSENT, np.int32)
        self._rates = {name: np.full(shape, np.nan, np.float64) for name in ("rate", "rate_low", "rate_high")}

    @property
    def by_geoid(self) -> dict[str, Place]:
        """The towns by GEOID."""
        return {p.geoid: p for p in self.places}

    def place(self, geoid: str) -> Place | None:
        """The town of that GEOID."""
        index = self._place.get(geoid)
        return self.places[index] if index is not None and geoid != STATE else None

    def get(self, geoid: str, period: str, category: str, initiated_by: str) -> Figure:
        """One figure; that of a town without any line is `not covered`."""
        try:
            place, p = self._place[geoid], self._period[period]
            c, i = self._category[category], INITIATORS.index(initiated_by)
        except (KeyError, ValueError):
            return NO_FIGURE
        (figure,) = self._figures(np.s_[place : place + 1, p, c, i], np.s_[place : place + 1, p])
        towns = int(self._towns[p, c, i]) if geoid == STATE else _ABSENT
        return figure if towns == _ABSENT else replace(figure, towns_reported=towns)

    def column(self, period: str, category: str, initiated_by: str) -> list[Figure]:
        """The figures of every town, in the order of `places`."""
        p, c, i = self._period[period], self._category[category], INITIATORS.index(initiated_by)
        return self._figures(np.s_[: len(self.places), p, c, i], np.s_[: len(self.places), p])

    def series(self, geoid: str, category: str, initiated_by: str) -> list[tuple[Period, Figure]]:
        """The figures of every month, in order."""
        months = sorted((p for p in self.periods.values() if p.kind == "month"), key=lambda p: p.first_month)
        return [(p, self.get(geoid, p.key, category, initiated_by)) for p in months]

    def _figures(self, at: _Slice, of_place: _Slice) -> list[Figure]:
        """The figures of some places: the arrays become Python's numbers a column at a time."""
        rate, low, high = (array[at] for array in self._rates.values())
        columns: list[npt.NDArray[Any]] = [self._coverage[at], self._calls[at], self._residents[of_place]]
        columns += [self._months[at], rate, low, high, self._note[at]]
        return [_figure(*values) for values in zip(*(column.tolist() for column in columns), strict=True)]

    def fill(self, batch: pa.RecordBatch) -> None:
        """Take in some rows of `call-rates-by-town`."""
        geoids = pa.compute.if_else(
            pa.compute.equal(batch["level"], "state"), STATE, pa.compute.fill_null(batch["geoid"], STATE)
        )
        index = (
            _codes(geoids, self._place),
            _codes(batch["period"], self._period),
            _codes(batch["category"], self._category),
            _codes(batch["initiated_by"], {name: i for i, name in enumerate(INITIATORS)}),
        )
        known = np.logical_and.reduce([i >= 0 for i in index])
        at = tuple(i[known] for i in index)
        self._coverage[at] = np.maximum(_codes(batch["coverage"], {c: i for i, c in enumerate(COVERAGES)}), 0)[known]
        self._note[at] = np.maximum(_codes(batch["note"], {n: i for i, n in enumerate(NOTES)}), 0)[known]
        self._months[at] = _integers(batch["months_reported"], 0)[known]
        self._calls[at] = _integers(batch["calls"], _ABSENT)[known]
        self._residents[at[:2]] = _integers(batch["residents"], _ABSENT)[known]
        towns = _integers(batch["towns_reported"], _ABSENT)
        of_state = known & (index[0] == len(self.places))
        self._towns[tuple(i[of_state] for i in index[1:])] = towns[of_state]
        for name, array in self._rates.items():
            values = pa.compute.fill_null(pa.compute.cast(batch[name], pa.float64()), np.nan)
            array[at] = values.to_numpy(zero_copy_only=False)[known]


def load_figures(tables: Tables, release: Release) -> Figures | None:
    """The figures of `release`, or None where it publishes none. One pass over each data set."""
    rates, towns = release.dataset(RATES), release.dataset(TOWNS)
    if rates is None or towns is None:
        return None
    files = tables.files(rates)
    places = tables.rows(
        "SELECT geoid, name, coalesce(nullif(full_name, ''), name), county, residents, housing_units, longitude,"
        f" latitude FROM {SCAN} ORDER BY name, geoid",
        [tables.files(towns)],
    )
    periods = tables.rows(
        f"SELECT period, min(first_month), max(last_month) FROM {SCAN} GROUP BY period ORDER BY 2, 3, 1", [files]
    )
    categories = tables.rows(f"SELECT DISTINCT category FROM {SCAN} ORDER BY 1", [files])
    figures = Figures([Place(*row) for row in places], [Period(*row) for row in periods], [c for (c,) in categories])
    columns = "level, geoid, period, category, initiated_by, coverage, months_reported, towns_reported, calls"
    columns += ", residents, rate, rate_low, rate_high, note"
    with tables.query(f"SELECT {columns} FROM {SCAN}", [files]) as cursor:
        for batch in cursor.to_arrow_reader(_BATCH):
            figures.fill(batch)
    return figures


def _figure(
    coverage: int, calls: int, residents: int, months: int, rate: float, low: float, high: float, note: int
) -> Figure:
    known = not math.isnan(rate)
    return Figure(
        coverage=COVERAGES[coverage],
        calls=None if calls == _ABSENT else calls,
        residents=None if residents == _ABSENT else residents,
        months_reported=months,
        rate=rate if known else None,
        low=low if known else None,
        high=high if known else None,
        note=NOTES[note],
    )


def _codes(column: pa.Array, codes: dict[str, int]) -> npt.NDArray[np.int64]:
    """The code of each text, -1 where it has none. The look-up is made once for each different text."""
    encoded = pa.compute.dictionary_encode(pa.compute.fill_null(pa.compute.cast(column, pa.string()), ""))
    table = np.array([codes.get(text, -1) for text in encoded.dictionary.to_pylist()], np.int64)
    return table[encoded.indices.to_numpy(zero_copy_only=False)] if len(table) else np.zeros(0, np.int64)


def _integers(column: pa.Array, absent: int) -> npt.NDArray[np.int64]:
    values: npt.NDArray[np.int64] = pa.compute.fill_null(pa.compute.cast(column, pa.int64()), absent).to_numpy(
        zero_copy_only=False
    )
    return values
