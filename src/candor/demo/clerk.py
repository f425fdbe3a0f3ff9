"""What becomes of a call on its way into an export: a local call type, a written place, points, and every slip."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from importlib.resources import files

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from candor.demo.calls import Ints, MonthOfCalls
from candor.demo.model import Floats, Mix, SimulationModel
from candor.demo.names import Layout, TownNames
from candor.demo.towns import PointSampler

Bools = NDArray[np.bool_]
# Degrees: how far beyond the town's eastern or western end a misplaced point lies.
ASTRAY = (0.001, 0.012)
# Places in a month's file: how far behind its first copy a duplicate comes.
LATER = 200


@dataclass(frozen=True)
class LocalType:
    """A line of `local_types.csv`. Without a category it is unmapped; not `listed`, the crosswalk does not have it."""

    layout: str
    local_type: str
    category: str
    weight: float
    listed: bool
    note: str


def local_types(layout: Layout) -> tuple[LocalType, ...]:
    """The call types of one layout, in the file's order."""
    with files("candor.demo").joinpath("local_types.csv").open(encoding="utf-8") as file:
        return tuple(
            LocalType(row["layout"], row["local_type"], row["category"], float(row["weight"]),
                      row["listed"] == "yes", row["note"])
            for row in csv.DictReader(file)
            if row["layout"] == layout
        )  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """Parallel columns, one element a row of the export, in its order. Coordinates are NaN where missing.

    `detail` is a random number below 2^48, for what no figure rests on: street, disposition, remark.
    """

    town: Ints
    agency: Ints
    number: Ints
    hour: Ints
    second: Ints
    officer: Bools
    local_type: Ints
    place: Ints
    longitude: Floats
    latitude: Floats
    unparsable: Bools
    future: Bools
    detail: Ints

    def __len__(self) -> int:
        return len(self.town)

    def take(self, chosen: Ints) -> Rows:
        """The rows with these indices, in their order."""
        return Rows(*(getattr(self, column.name)[chosen] for column in fields(self)))


class Clerk:
    """Writes calls down as the agencies of one layout do, with the slips that the model declares."""

    def __init__(
        self, layout: Layout, model: SimulationModel, mix: Mix, names: TownNames, points: PointSampler
    ) -> None:
        self._model, self._names, self._points = model, names, points
        self._stream = 3 if layout == "municipal" else 4
        types = local_types(layout)
        self.types = pa.array([t.local_type for t in types], pa.string())
        weight = np.array([[t.weight * (t.category == category) for t in types] for category in mix.categories])
        running = np.cumsum(weight, axis=1)
        line = running / running[:, -1:] + np.arange(len(weight))[:, None]
        line[:, -1] = np.arange(len(weight)) + 1
        self._line: Floats = line.ravel()
        self._unmapped = np.array([n for n, t in enumerate(types) if not t.category and t.listed])
        self._unlisted = np.array([n for n, t in enumerate(types) if not t.listed])

    def write(self, calls: MonthOfCalls) -> Rows:
        """The rows of a month's calls, duplicates among them."""
        model, rng, n = self._model, np.random.default_rng([self._model.seed, self._stream, calls.index]), len(calls)
        longitude, latitude = self._coordinates(calls.town, rng)
        rows = Rows(
            calls.town, calls.agency, calls.number, calls.hour, calls.second, calls.officer,
            self._types(calls.category, rng), self._names.draw(calls.town, rng), longitude, latitude,
            rng.random(n) < model.unparsable_dates, rng.random(n) < model.future_dates,
            rng.integers(0, 2**48, n),
        )  # fmt: skip
        return self._repeat(rows, rng)

    def _types(self, category: Ints, rng: np.random.Generator) -> Ints:
        drawn = np.searchsorted(self._line, category + (1 - rng.random(len(category))), side="left")
        drawn -= category * len(self.types)
        odd = rng.random(len(category))
        unlisted = odd < self._model.unlisted_types
        unmapped = ~unlisted & (odd < self._model.unlisted_types + self._model.unmapped_types)
        for chosen, kinds in ((unlisted, self._unlisted), (unmapped, self._unmapped)):
            drawn[chosen] = rng.choice(kinds, int(chosen.sum()))
        return np.asarray(drawn)

    def _coordinates(self, town: Ints, rng: np.random.Generator) -> tuple[Floats, Floats]:
        model = self._model
        longitude, latitude = self._points.draw(town, rng)
        parts = [model.missing_coordinates, model.outside_town, model.null_island, model.swapped_coordinates]
        kind = np.searchsorted(np.cumsum(parts), rng.random(len(town)), side="right")
        missing, outside, null, swapped = (kind == k for k in range(4))
        west, _, east, _ = self._points.bounds[town[outside]].T
        away = rng.uniform(*ASTRAY, len(west))
        longitude[outside] = np.where(rng.random(len(west)) < 0.5, west - away, east + away)
        longitude[swapped], latitude[swapped] = latitude[swapped], longitude[swapped]
        longitude[null] = latitude[null] = 0.0
        longitude[missing] = latitude[missing] = np.nan
        return np.round(longitude, 6), np.round(latitude, 6)

    def _repeat(self, rows: Rows, rng: np.random.Generator) -> Rows:
        """Some rows again, a little later: the same, or with another call type under the same incident number."""
        n, here = len(rows), np.arange(len(rows))
        same = here[rng.random(n) < self._model.exact_duplicates]
        other = here[rng.random(n) < self._model.contradictory_duplicates]
        taken = rows.take(np.concatenate([here, same, other]))
        again = slice(n + len(same), None)
        taken.local_type[again] = (taken.local_type[again] + 1) % len(self.types)
        place = np.concatenate([here, same, other]) + np.concatenate(
            [np.zeros(n), rng.integers(1, LATER, len(same) + len(other))]
        )
        return taken.take(np.argsort(place, kind="stable"))
