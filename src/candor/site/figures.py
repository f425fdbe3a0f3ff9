"""The figures of a release as arrays: place x period x category x initiated-by, read once and then only indexed.

A town page and the map page ask for thousands of figures; none of them runs a query. The arrays are filled from the
published data sets (`call-rates-by-town`, `towns`), batch by batch, so that the memory that loading takes is small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from candor.site.tables import SCAN, Tables
from candor.store.model import Release

STATE = ""
"""The GEOID under which the state's own figures are held."""

COVERAGES = ("not covered", "not reported", "suppressed", "partly reported", "zero", "reported")
NOTES = ("", "too few to rate", "no residents", "residents not known", "suppressed", "partly reported")
COMPARISONS = (
    "",
    "too few to compare",
    "lower",
    "perhaps lower",
    "as expected",
    "perhaps higher",
    "higher",
    "provisional",
)
CHANGES = ("", "too few to tell", "within chance", "up", "down", "provisional", "different area")
INITIATORS = ("citizen", "all")
ALL = "all"
"""The category of all open categories together, and the period of all covered months."""

RATES, TOWNS, COUNTS = "call-rates-by-town", "towns", "calls-by-town"

LayerKey = Literal["calls", "offences"]
LAYERS: Final[dict[LayerKey, str]] = {"calls": RATES, "offences": "offence-rates-by-town"}
"""The data set of each layer's figures; the column of its counts has the layer's name. Layers are never summed."""

_TEXTS: Final = {
    "coverage": COVERAGES,
    "note": NOTES,
    "comparison": COMPARISONS,
    "change": CHANGES,
    "year_change": CHANGES,
}
_CHANGE = ("change_ratio", "change_low", "change_high")
_NUMBERS: Final = (
    *("rate", "rate_low", "rate_high"),
    *("expected", "relative_rate", "smoothed", "smoothed_low", "smoothed_high", "p_higher"),
    *_CHANGE,
    *(f"year_{name}" for name in _CHANGE),
)

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
    """A span of whole months.

    `kind` is `year`, `quarter`, `month` or `months` (the last 12, the last 36, or all of them).
    """

    key: str
    first_month: date
    last_month: date

    @property
    def kind(self) -> str:
        """Which of the four."""
        if self.key == ALL or self.key.startswith("last-"):
            return "months"
        if "Q" in self.key:
            return "quarter"
        return "year" if len(self.key) == 4 else "month"

    @property
    def months(self) -> int:
        """How many months it has."""
        return (self.last_month.year - self.first_month.year) * 12 + self.last_month.month - self.first_month.month + 1


@dataclass(frozen=True)
class Change:
    """What changed since an earlier period. The ratio is None where the earlier count was under 10; see `CHANGES`."""

    ratio: float | None
    low: float | None
    high: float | None
    verdict: str


NO_CHANGE = Change(None, None, None, "")


@dataclass(frozen=True)
class Figure:
    """One figure of a layer. Count and rate are None where none is published; rates per 1,000 residents and year.

    `expected` to `p_higher` are None where the figure is compared with nothing; `comparison` is one of `COMPARISONS`.
    `change` is against the previous period, `year_change` against the same period a year before. `towns_reported` is
    the state's: how many towns reported in any month of the period.
    """

    coverage: str
    count: int | None
    residents: int | None
    months_reported: int
    rate: float | None
    low: float | None
    high: float | None
    note: str
    towns_reported: int | None = None
    provisional: bool = False
    expected: float | None = None
    relative: float | None = None
    smoothed: float | None = None
    smoothed_low: float | None = None
    smoothed_high: float | None = None
    p_higher: float | None = None
    comparison: str = ""
    change: Change = NO_CHANGE
    year_change: Change = NO_CHANGE


NO_FIGURE = Figure("not covered", None, None, 0, None, None, None, "")

_Slice = tuple[slice | int | npt.NDArray[np.intp], ...]


class Figures:
    """All figures of a layer of a release. Axes: place (the state last), period, category, initiated-by.

    Numbers are held with the seven digits of 32 bits, one more than is published.
    """

    def __init__(
        self, places: Sequence[Place], periods: Sequence[Period], categories: Sequence[str], layer: LayerKey = "calls"
    ) -> None:
        self.layer: LayerKey = layer
        self.places = tuple(places)
        self.periods = {p.key: p for p in periods}
        self.categories = tuple(categories)
        self._place = {p.geoid: i for i, p in enumerate(self.places)} | {STATE: len(self.places)}
        self._period = {p.key: i for i, p in enumerate(periods)}
        self._category = {c: i for i, c in enumerate(self.categories)}
        shape = (len(self._place), len(self._period), len(self._category), len(INITIATORS))
        self._texts = {name: np.zeros(shape, np.int8) for name in _TEXTS}
        self._provisional = np.zeros(shape[:2], np.bool_)
        self._months = np.zeros(shape[:2], np.int16)
        self._count = np.full(shape, _ABSENT, np.int32)
        self._residents = np.full(shape[:2], _ABSENT, np.int32)
        self._towns = np.full(shape[1:2], _ABSENT, np.int32)
        self._numbers = {name: np.full(shape, np.nan, np.float32) for name in _NUMBERS}

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
        towns = int(self._towns[p]) if geoid == STATE else _ABSENT
        return figure if towns == _ABSENT else replace(figure, towns_reported=towns)

    def column(self, period: str, category: str, initiated_by: str) -> list[Figure]:
        """The figures of every town, in the order of `places`."""
        p, c, i = self._period[period], self._category[category], INITIATORS.index(initiated_by)
        return self._figures(np.s_[: len(self.places), p, c, i], np.s_[: len(self.places), p])

    def some(self, geoids: Sequence[str], period: str, category: str, initiated_by: str) -> list[Figure]:
        """The figures of some towns, in that order."""
        return self._pick([self._place[g] for g in geoids], [period], [category], initiated_by)

    def kinds(self, geoid: str, period: str, initiated_by: str) -> dict[str, Figure]:
        """The figures of a place and a period, by category."""
        found = self._pick([self._place[geoid]], [period], self.categories, initiated_by)
        return dict(zip(self.categories, found, strict=True))

    def against(self, period: str, category: str, initiated_by: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """The count of every town and what is expected of it, in the order of `places`; NaN where it is not compared.

        Counts of towns that are compared with nothing are NaN as well.
        """
        p, c, i = self._period[period], self._category[category], INITIATORS.index(initiated_by)
        expected = _six_digits(self._numbers["expected"][:-1, p, c, i])
        return np.where(np.isnan(expected), np.nan, self._count[:-1, p, c, i]), expected

    def comparisons(self, period: str, category: str, initiated_by: str) -> list[str]:
        """How every town compares, in the order of `places`."""
        p, c, i = self._period[period], self._category[category], INITIATORS.index(initiated_by)
        return [COMPARISONS[code] for code in self._texts["comparison"][:-1, p, c, i].tolist()]

    def series(self, geoid: str, category: str, initiated_by: str, kind: str = "month") -> list[tuple[Period, Figure]]:
        """The figures of every period of a kind, in order."""
        periods = sorted((p for p in self.periods.values() if p.kind == kind), key=lambda p: p.first_month)
        found = self._pick([self._place[geoid]], [p.key for p in periods], [category], initiated_by)
        return list(zip(periods, found, strict=True))

    def _pick(
        self, places: Sequence[int], periods: Sequence[str], categories: Sequence[str], initiated_by: str
    ) -> list[Figure]:
        """The figures of all combinations, of which only one of the three may be several."""
        at = np.broadcast_arrays(
            np.array(places, np.intp),
            np.array([self._period[p] for p in periods], np.intp),
            np.array([self._category[c] for c in categories], np.intp),
            INITIATORS.index(initiated_by),
        )
        return self._figures(tuple(at), tuple(at[:2]))

    def _figures(self, at: _Slice, of_place: _Slice) -> list[Figure]:
        """The figures of some places: the arrays become Python's numbers a column at a time."""
        columns: list[npt.NDArray[Any]] = [self._count[at], self._residents[of_place], self._months[of_place]]
        columns.append(self._provisional[of_place])
        columns += [codes[at] for codes in self._texts.values()]
        numbers = _six_digits(np.stack([numbers[at] for numbers in self._numbers.values()]))
        return [
            _figure(*values) for values in zip(*(column.tolist() for column in columns), *numbers.tolist(), strict=True)
        ]

    def fill(self, batch: pa.RecordBatch) -> None:
        """Take in some rows of the layer's figures."""
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
        for name, codes in self._texts.items():
            codes[at] = np.maximum(_codes(batch[name], {v: i for i, v in enumerate(_TEXTS[name])}), 0)[known]
        self._count[at] = _integers(batch[self.layer], _ABSENT)[known]
        self._months[at[:2]] = _integers(batch["months_reported"], 0)[known]
        self._residents[at[:2]] = _integers(batch["residents"], _ABSENT)[known]
        self._provisional[at[:2]] = _integers(batch["provisional"], 0)[known] > 0
        towns = _integers(batch["towns_reported"], _ABSENT)
        of_state = known & (index[0] == len(self.places))
        self._towns[index[1][of_state]] = towns[of_state]
        for name, array in self._numbers.items():
            values = pa.compute.fill_null(pa.compute.cast(batch[name], pa.float64()), np.nan)
            array[at] = values.to_numpy(zero_copy_only=False)[known]


def load_figures(tables: Tables, release: Release, layer: LayerKey = "calls") -> Figures | None:
    """The figures of a layer of `release`, or None where it publishes none. One pass over each data set."""
    rates, towns = release.dataset(LAYERS[layer]), release.dataset(TOWNS)
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
    figures = Figures(
        [Place(*row) for row in places], [Period(*row) for row in periods], [c for (c,) in categories], layer
    )
    columns = ["level", "geoid", "period", "category", "initiated_by", layer, *_TEXTS, *_NUMBERS]
    columns += ["provisional", "months_reported", "towns_reported", "residents"]
    with tables.query(f"SELECT {', '.join(columns)} FROM {SCAN}", [files]) as cursor:
        for batch in cursor.to_arrow_reader(_BATCH):
            figures.fill(batch)
    return figures


def _figure(count: int, residents: int, months: int, provisional: bool, *rest: Any) -> Figure:  # noqa: ANN401 - the arrays' values, in the order of `_TEXTS` and `_NUMBERS`
    coverage, note, comparison, change, year_change = (
        values[code] for values, code in zip(_TEXTS.values(), rest, strict=False)
    )
    rate, low, high, expected, relative, *more = (None if math.isnan(v) else v for v in rest[len(_TEXTS) :])
    smoothed, smoothed_low, smoothed_high, p_higher, *changes = more
    return Figure(
        coverage=coverage,
        count=None if count == _ABSENT else count,
        residents=None if residents == _ABSENT else residents,
        months_reported=months,
        rate=rate,
        low=low,
        high=high,
        note=note,
        provisional=provisional,
        expected=expected,
        relative=relative,
        smoothed=smoothed,
        smoothed_low=smoothed_low,
        smoothed_high=smoothed_high,
        p_higher=p_higher,
        comparison=comparison,
        change=_change(changes[:3], change) if change else NO_CHANGE,
        year_change=_change(changes[3:], year_change) if year_change else NO_CHANGE,
    )


def _change(numbers: Sequence[float | None], verdict: str) -> Change:
    ratio, low, high = numbers
    return Change(ratio, low, high, verdict)


def _six_digits(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """What was published to six significant digits, as it was published."""
    wide = values.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 10.0 ** (5 - np.floor(np.log10(np.abs(wide))))
        return np.where(wide == 0, 0.0, np.rint(wide * scale) / scale)


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
