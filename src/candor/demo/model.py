"""The generative model of the simulated Vermont: every parameter, and the expected number of calls that they imply.

A cell is a town, a month, a category and who began the call. Its expected count is

    K x days x persons(town, month) x size(town)^(size_exponent + slope[category]) x town_effect x mix_effect
      x share[category, initiator] x (agency_habit where an officer began it) x season[rhythm] x trend

with K such that the whole period's expectation over the reported months is `calls`. Given the effects, which are drawn
once from the seed, a count is a Poisson count whose mean has two gamma factors: one of the town, category and calendar
year (shape `wander_shape`), and one of the cell (shape `cell_shape`).
`docs/simulator.md` explains it to readers; a test holds its table to this class.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass as plain_dataclass
from dataclasses import replace
from datetime import date
from importlib.resources import files
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from candor.demo.towns import Towns

Floats = NDArray[np.float64]
Share = Annotated[float, Field(ge=0, lt=1)]
Shape = Annotated[float, Field(gt=0)]


@dataclass(frozen=True)
class SimulationModel:
    """Every parameter of the simulator. Shares are of all calls, shapes are of gamma factors with mean 1."""

    calls: Annotated[int, Field(ge=1, description="expected number of calls over the whole period")] = 600_000
    months: Annotated[int, Field(ge=1, le=240, description="months simulated")] = 39
    first_month: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="the first of them")] = "2023-01"
    seed: Annotated[int, Field(ge=0, description="seed of every draw")] = 2023

    size_reference: Annotated[float, Field(gt=0, description="residents of the town that has size factor 1")] = 2500.0
    size_exponent: Annotated[float, Field(description="larger towns have more calls a resident")] = 0.10
    town_effect_shape: Annotated[Shape, Field(description="a town's own level")] = 14.0
    mix_effect_shape: Annotated[Shape, Field(description="a town's own level in one category")] = 24.0
    agency_habit_shape: Annotated[Shape, Field(description="how much an agency logs of its officers' work")] = 6.0
    city_level: Annotated[float, Field(gt=0, description="times its level, in the largest town alone")] = 1.5
    wander_shape: Annotated[Shape, Field(description="a town's own level in one category, from year to year")] = 400.0
    cell_shape: Annotated[Shape, Field(description="chance beyond Poisson in one cell")] = 30.0
    centre_presence: Annotated[
        float, Field(ge=0, description="persons by day in a county's largest town, in times of its residents")
    ] = 0.4
    transient_persons: Annotated[float, Field(ge=0, description="persons passing through any town")] = 12.0
    persons_per_home: Annotated[float, Field(gt=0, description="residents of a home lived in all year")] = 2.3
    seasonal_presence: Annotated[Share, Field(description="of a second home's persons, present on average")] = 0.22
    seasonal_months: Annotated[
        tuple[float, ...],
        Field(min_length=12, max_length=12, description="presence in second homes, January to December"),
    ] = (1.35, 1.50, 1.15, 0.45, 0.50, 0.85, 1.45, 1.45, 0.95, 1.10, 0.45, 1.20)
    officer_share: Annotated[Share, Field(description="of all calls, begun by an officer")] = 0.30
    yearly_trend: Annotated[float, Field(gt=-0.5, lt=0.5, description="change of all calls a year")] = 0.012

    municipal_agencies: Annotated[int, Field(ge=1, description="police departments of the largest towns")] = 66
    sheriff_towns: Annotated[int, Field(ge=0, description="towns a county that contract with the sheriff")] = 3
    barracks: Annotated[int, Field(ge=1, le=10, description="State Police barracks, which cover the rest")] = 10
    uncovered_towns: Annotated[int, Field(ge=0, description="smallest towns, in nobody's data")] = 10
    silent_agency: Annotated[int, Field(ge=1, description="rank of the municipal agency with a month unreported")] = 9
    silent_at: Annotated[Share, Field(description="where in the period that month lies")] = 0.5
    late_agency: Annotated[int, Field(ge=1, description="rank of the municipal agency that begins later")] = 23
    late_at: Annotated[Share, Field(description="where in the period it begins")] = 1 / 3
    offence_gap_agency: Annotated[int, Field(ge=1, description="rank of the one that misses a year of offences")] = 14

    missing_coordinates: Annotated[Share, Field(description="no coordinates")] = 0.08
    point_margin: Annotated[float, Field(ge=0, description="degrees that points keep from their town's edge")] = 0.0
    outside_town: Annotated[Share, Field(description="point a little east or west of the town")] = 0.006
    null_island: Annotated[Share, Field(description="point at 0, 0")] = 0.002
    swapped_coordinates: Annotated[Share, Field(description="latitude and longitude exchanged")] = 0.0005
    village_names: Annotated[Share, Field(description="a village's name for the town's, where there is one")] = 0.06
    ambiguous_names: Annotated[Share, Field(description="a name of several towns' villages, where there is one")] = 0.01
    misspelt_names: Annotated[Share, Field(description="town name with a slip of the keyboard")] = 0.02
    blank_towns: Annotated[Share, Field(description="no town name")] = 0.01
    exact_duplicates: Annotated[Share, Field(description="row exported twice")] = 0.003
    contradictory_duplicates: Annotated[Share, Field(description="incident number again, other call type")] = 0.0003
    unparsable_dates: Annotated[Share, Field(description="time that is none")] = 0.0002
    future_dates: Annotated[Share, Field(description="year mistyped, a century ahead")] = 0.00005
    unmapped_types: Annotated[Share, Field(description="call type that the crosswalk leaves unmapped")] = 0.002
    unlisted_types: Annotated[Share, Field(description="call type that the crosswalk does not list")] = 0.0004
    remarks: Annotated[Share, Field(description="remark in the State Police's and sheriffs' export")] = 0.05

    def month(self, index: int) -> date:
        """The first day of the `index`-th month of the period, from 0."""
        year, month = map(int, self.first_month.split("-"))
        return date(year + (month - 1 + index) // 12, (month - 1 + index) % 12 + 1, 1)

    @property
    def silent_month(self) -> int:
        """Index of the month in which the silent agency reports nothing."""
        return int(self.months * self.silent_at)

    @property
    def late_month(self) -> int:
        """Index of the month with which the late agency begins."""
        return int(self.months * self.late_at)


@plain_dataclass(frozen=True)
class Mix:
    """`call_mix.csv`: a state's calls by category, and `rhythms.csv`: when they come. Arrays over categories."""

    categories: tuple[str, ...]
    share: Floats
    slope: Floats
    officer: Floats
    trend: Floats
    rhythm: NDArray[np.int64]
    rhythms: tuple[str, ...]
    hour: Floats
    weekday: Floats
    month: Floats


def _rows(name: str) -> list[dict[str, str]]:
    with files("candor.demo").joinpath(name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def load_mix() -> Mix:
    """The call mix and the rhythms, from the package's own files. Each rhythm's factors are scaled to mean 1."""
    units = {(row["rhythm"], row["unit"]): [float(f) for f in row["factors"].split()] for row in _rows("rhythms.csv")}
    rhythms = tuple(dict.fromkeys(rhythm for rhythm, _ in units))

    def table(unit: str) -> Floats:
        factors = np.array([units[rhythm, unit] for rhythm in rhythms])
        return np.asarray(factors / factors.mean(axis=1, keepdims=True))

    rows = _rows("call_mix.csv")

    def column(name: str) -> Floats:
        return np.array([float(row[name]) for row in rows])

    return Mix(
        categories=tuple(row["category"] for row in rows),
        share=column("share") / column("share").sum(),
        slope=column("size_slope"),
        officer=column("officer_share"),
        trend=column("trend"),
        rhythm=np.array([rhythms.index(row["rhythm"]) for row in rows]),
        rhythms=rhythms,
        hour=table("hour"),
        weekday=table("weekday"),
        month=table("month"),
    )


@plain_dataclass(frozen=True)
class Expectation:
    """The model with its effects drawn. `base`: towns x categories x (citizen, officer), a day in an average month."""

    model: SimulationModel
    mix: Mix
    base: Floats
    persons: Floats
    reported: NDArray[np.bool_]

    def month(self, index: int) -> Floats:
        """Expected calls in the `index`-th month: towns x categories x (citizen, officer); 0 where none is reported."""
        first, after = self.model.month(index), self.model.month(index + 1)
        patrol = self.mix.rhythms.index("patrol")
        rhythm = np.stack([self.mix.rhythm, np.full_like(self.mix.rhythm, patrol)], axis=1)
        season = self.mix.month[rhythm, first.month - 1]
        years = index / 12
        trend = (1 + self.model.yearly_trend) ** years * (1 + self.mix.trend) ** years
        where = self.persons[:, first.month - 1] * self.reported[:, index]
        return np.asarray((after - first).days * where[:, None, None] * self.base * (season * trend[:, None]))

    def draw(self, index: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """The calls of the `index`-th month, negative binomial: towns x categories x (citizen, officer)."""
        expected, shape = (
            self.month(index) * self.wander(self.model.month(index).year)[..., None],
            self.model.cell_shape,
        )
        return np.asarray(rng.poisson(expected * rng.gamma(shape, 1 / shape, expected.shape)))

    def wander(self, year: int) -> Floats:
        """How much more or less than expected each town has of each category in a calendar year, 1 on average."""
        rng, shape = np.random.default_rng([self.model.seed, 5, year]), self.model.wander_shape
        return np.asarray(rng.gamma(shape, 1 / shape, self.base.shape[:2]))


def expect(
    model: SimulationModel, mix: Mix, towns: Towns, agency: NDArray[np.int64], reported: NDArray[np.bool_]
) -> Expectation:
    """Draw the effects from the seed and scale them so that all reported months together expect `model.calls`.

    `agency` is each town's agency (-1: none), `reported` is towns x months: whether its calls are in an export.
    """
    rng = np.random.default_rng([model.seed, 1])
    residents = towns.residents.astype(np.float64)
    second_homes = np.maximum(towns.housing_units - residents / model.persons_per_home, 0)
    visitors = second_homes * model.persons_per_home * model.seasonal_presence
    centre = [max(np.flatnonzero(np.array(towns.county) == county), key=lambda town: residents[town])
              for county in sorted(set(towns.county))]  # fmt: skip
    by_day = np.zeros(len(towns))
    by_day[centre] = model.centre_presence * residents[centre]
    persons = (residents + by_day + model.transient_persons)[:, None] + visitors[:, None] * np.array(
        model.seasonal_months
    )
    size = np.maximum(residents, 50) / model.size_reference

    def effect(shape: float, *of: int) -> Floats:
        return rng.gamma(shape, 1 / shape, of)

    level = effect(model.town_effect_shape, len(towns))[:, None] * size[:, None] ** (model.size_exponent + mix.slope)
    level *= effect(model.mix_effect_shape, len(towns), len(mix.categories))
    level[residents.argmax()] *= model.city_level
    habit = effect(model.agency_habit_shape, int(agency.max(initial=0)) + 1)[agency]
    split = np.stack([mix.share * (1 - mix.officer), mix.share * mix.officer], axis=1)
    base = level[:, :, None] * split
    base[:, :, 1] *= habit[:, None]
    # Both shares are as declared over the whole state, whatever the effects came to.
    wanted = np.array([1 - model.officer_share, model.officer_share])
    drawn = Expectation(model, mix, base, persons, reported)
    total = sum((drawn.month(m).sum(axis=(0, 1)) for m in range(model.months)), np.zeros(2))
    return replace(drawn, base=base * (wanted * model.calls / total))
