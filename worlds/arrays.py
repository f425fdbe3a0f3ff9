"""Published figures as arrays, with the truth beside them: series x initiator x period x town."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from candor.demo.towns import Towns
from candor.demo.worlds import World, world_mix
from candor.measures.pools import INITIATED_BY
from candor.profiles.profile import standard_taxonomy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Series = tuple[str, str]

_KINDS = ((r"\d{4}-\d\d", "month"), (r"\d{4}-Q\d", "quarter"), (r"\d{4}", "year"))


def kind_of(period: str) -> str:
    """`month`, `quarter`, `year`, or the period's own name."""
    return next((kind for form, kind in _KINDS if re.fullmatch(form, period)), period)


@dataclass(frozen=True)
class Judged:
    """The lines of towns of a release of a world, as arrays of one shape (L, 2, Q, P), and what is true of them.

    L series, the 2 of `INITIATED_BY`, Q periods, P towns. It needs every town in every period, which a world has.
    """

    world: World
    towns: Towns
    series: tuple[Series, ...]
    periods: tuple[str, ...]
    lines: pa.Table
    place_of_line: Ints  # index into the flat array for each line

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Of every array."""
        return len(self.series), len(INITIATED_BY), len(self.periods), len(self.towns)

    def numbers(self, column: str) -> Floats:
        """A column of numbers, NaN where it is empty."""
        values = self.lines[column].cast(pa.float64()).fill_null(np.nan).to_numpy()
        found = np.full(self.shape, np.nan)
        found.reshape(-1)[self.place_of_line] = values
        return found

    def words(self, column: str) -> NDArray[np.object_]:
        """A column of words."""
        values, codes = _codes(self.lines[column])
        found = np.full(self.shape, "", dtype=object)
        found.reshape(-1)[self.place_of_line] = np.array(values, dtype=object)[codes]
        return found

    def among(self, column: str, *words: str) -> Bools:
        """Where a column of words has one of these."""
        values = pc.is_in(self.lines[column], pa.array(words, pa.string()))
        found = np.zeros(self.shape, np.bool_)
        found.reshape(-1)[self.place_of_line] = values.to_numpy()
        return found

    @cached_property
    def kinds(self) -> NDArray[np.str_]:
        """The kind of each period: (Q,)."""
        return np.array([kind_of(period) for period in self.periods])

    @cached_property
    def base_rate(self) -> Floats:
        """The true rate of each series and initiator where nothing is planted, per 1,000 residents and year: (L, 2)."""
        mix, taxonomy = world_mix(self.world), standard_taxonomy("calls")
        of_each = np.array([rate for _, rate in self.world.rates])
        group = np.array([taxonomy[category].group for category in mix.categories])
        found = np.zeros((len(self.series), 2))
        for i, (level, name) in enumerate(self.series):
            members = {"all": group != "", "group": group == name}.get(level, np.array(mix.categories) == name)
            found[i] = (of_each * (1 - mix.officer))[members].sum(), of_each[members].sum()
        return found

    @cached_property
    def relative_rate(self) -> Floats:
        """The true rate of each town, in times of the base rate: (P,)."""
        return self.world.relative_rates(self.towns.residents)

    @cached_property
    def relative_to_state(self) -> Floats:
        """The same in times of the state's true rate, which planted towns raise: (P,)."""
        people = self.towns.residents
        return np.asarray(self.relative_rate * people.sum() / (people * self.relative_rate).sum())

    @cached_property
    def years(self) -> Floats:
        """How long each period is: (Q,)."""
        months = np.array([self.world.years(i) for i in range(self.world.months)])
        start = np.datetime64(self.world.first_month, "M")
        first, after = (
            np.clip((ends - start).astype(np.int64), 0, self.world.months)
            for ends in (self._months("first_month"), self._months("last_month") + 1)
        )
        until = np.concatenate([[0], np.cumsum(months)])
        return np.asarray(until[after] - until[first])

    def _months(self, column: str) -> NDArray[np.datetime64]:
        """A month of each period: (Q,)."""
        found = np.empty(self.shape, "datetime64[M]")
        found.reshape(-1)[self.place_of_line] = self.lines[column].to_numpy().astype("datetime64[M]")
        return np.asarray(found[0, 0, :, 0])

    @cached_property
    def mean(self) -> Floats:
        """The calls that are truly to be expected, from the world and not from what was published."""
        per_town = self.base_rate[:, :, None] / 1000 * self.years
        return np.asarray(per_town[..., None] * (self.towns.residents * self.relative_rate))


def judged(world: World, towns: Towns, figures: pa.Table) -> Judged:
    """The lines of towns of `call-rates-by-town` of a world.

    Raises `ValueError` where a line is missing, for then nothing counted over lines would be a share of towns.
    """
    lines = figures.filter(pc.equal(figures["level"], "town"))
    levels, level = _codes(lines["category_level"])
    names, name = _codes(lines["category"])
    pairs, series = np.unique(level * len(names) + name, return_inverse=True)
    found = tuple((levels[p // len(names)], names[p % len(names)]) for p in pairs)
    periods, period = _codes(lines["period"])
    places, place = _codes(lines["geoid"])
    whos, who = _codes(lines["initiated_by"])
    initiator = np.array([INITIATED_BY.index(w) for w in whos])[who]
    town = np.array([towns.geoid.index(geoid) for geoid in places])[place]
    shape = (len(found), len(INITIATED_BY), len(periods), len(towns))
    index = np.ravel_multi_index((series, initiator, period, town), shape)
    if lines.num_rows != np.prod(shape) or len(np.unique(index)) != len(index):
        raise ValueError(f"a line for each series, initiator, period and town {shape}, found {lines.num_rows}")
    return Judged(world, towns, found, tuple(periods), lines, index)


def _codes(column: pa.ChunkedArray) -> tuple[list[str], Ints]:
    """The different texts that occur, sorted, and the index of each line's."""
    texts = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
    encoded = pc.dictionary_encode(texts).combine_chunks()
    values = encoded.dictionary.to_pylist()
    order = sorted(range(len(values)), key=values.__getitem__)
    rank = np.empty(len(values), np.int64)
    rank[order] = np.arange(len(order))
    return [values[i] for i in order], rank[encoded.indices.to_numpy()]
