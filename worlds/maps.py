"""The maps of a world, as others draw them and as Candor does: what their colours go with."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from worlds.arrays import Bools, Floats, Ints, Judged
from worlds.coloured import CITIZEN, LATEST, SHORT, Colours, Map
from worlds.judge import BANDS, BASE_FROM, band_name
from worlds.naive import FIFTHS, changed, naive_map, rank_correlation
from worlds.tally import Tallies

DRAWN: Final = ("year", "last-12-months", "last-36-months")
"""The periods whose maps are looked at; all other periods are lines of the same kind over less time."""

EXAMPLES: Final = {"all": "all calls", "noise": "noise, 10 per 1,000", "burglary": "burglary, 3 per 1,000"}
"""Series that the side-by-side shows, by name."""

TOP: Final = FIFTHS - 1
FAR: Final = 0.5
"""From here on a colour is strong: 1 is the furthest from grey that there is."""


@dataclass(frozen=True)
class MapFinding:
    """Rank correlations with the number of residents, over the towns of one map of a world."""

    series: str
    base_rate: float
    period: str
    raw_count: float
    crude_extremeness: float  # of how far the crude rate is from the state's, either way
    colour: float
    strength: float  # of how far the colour is from grey, either way
    smoothed: float  # of the smoothed relative rate itself


def map_findings(world: Judged, found: Tallies) -> list[MapFinding]:
    """Look at every map of calls from citizens; shares over towns go into `found`."""
    calls, colours = world.numbers("calls"), Colours(world)
    home = np.flatnonzero(world.towns.residents > 0)
    people = world.towns.residents[home].astype(np.float64)
    shown = [world.periods[q] for q in np.flatnonzero(np.isin(world.kinds, DRAWN))]
    findings = []
    for i, (_, name) in enumerate(world.series):
        base = float(world.base_rate[i, CITIZEN])
        for period in (LATEST, *shown) if base > 0 else ():
            drawn = colours.map(i, period)
            counted = calls[i, CITIZEN, world.periods.index(SHORT if period == LATEST else period), home]
            findings.append(_finding(name, base, period, counted, drawn.only(home), people))
            if period == LATEST:
                _drawn(world, found, i, drawn.value[home], home)
        if name in EXAMPLES:
            _example(world, found, i, name, home)
    return findings


def _finding(name: str, base: float, period: str, count: Floats, drawn: Map, people: Floats) -> MapFinding:
    away = np.abs(count / people - count.sum() / people.sum())
    coloured = np.isfinite(drawn.value)
    value, home = drawn.value[coloured], people[coloured]
    return MapFinding(
        series=name,
        base_rate=base,
        period=period,
        raw_count=rank_correlation(count, people),
        crude_extremeness=rank_correlation(away, people),
        colour=rank_correlation(value, home),
        strength=rank_correlation(np.abs(value), home),
        smoothed=rank_correlation(drawn.smoothed[coloured], home),
    )


def _drawn(world: Judged, found: Tallies, series: int, value: Floats, home: Ints) -> None:
    """How the default map of one series draws the towns: their colours, and whether those are right."""
    name = world.series[series][1]
    planted = world.relative_rate[home] > 1
    coloured = np.isfinite(value)
    purple, off_grey = value > 0, np.abs(np.nan_to_num(value)) > 0
    if name in EXAMPLES:
        every = np.ones(len(home), np.bool_)
        found.count(("drawn in a colour", name), coloured, every)
        found.count(("drawn off grey", name), off_grey, every)
        found.count(("drawn far off grey", name), np.abs(np.nan_to_num(value)) >= FAR, every)
        found.count(("planted among drawn purple", name), planted, purple)
    if world.base_rate[series, CITIZEN] >= BASE_FROM:
        expected = world.numbers("expected")[series, CITIZEN, world.periods.index(SHORT), home]
        for low, high in pairwise(BANDS):
            cells = planted & (expected >= low) & (expected < high)
            found.count(("planted, drawn purple", band_name(low, high)), purple, cells)
        found.count(("others, purple", "at all"), purple, ~planted)
        found.count(("others, purple", "strongly"), value >= FAR, ~planted)


def _example(world: Judged, found: Tallies, series: int, name: str, home: np.ndarray) -> None:
    """The last 12 months of one series, and its change from the second-last calendar year to the last."""
    people = world.towns.residents[home].astype(np.float64)
    planted = world.relative_rate[home] > 1
    q = world.periods.index(SHORT)
    calls = world.numbers("calls")[series, CITIZEN]
    others = naive_map(calls[q, home], people)
    rate_top, rate_bottom = others.rate_fifth == TOP, others.rate_fifth == 0
    count_top = others.count_fifth == TOP
    higher = world.among("comparison", "higher")[series, CITIZEN, q, home]
    lower = world.among("comparison", "lower")[series, CITIZEN, q, home]
    every = np.ones(len(home), np.bool_)

    def count(measure: str, hit: Bools, among: Bools) -> None:
        found.count((measure, name), hit, among)

    largest = people >= np.sort(people)[-len(people) // FIFTHS]
    smallest = people <= np.sort(people)[len(people) // FIFTHS]
    count("top fifth by count", count_top, every)
    count("top fifth by count, of the largest fifth", count_top, largest)
    count("top fifth by rate", rate_top, every)
    count("bottom fifth by rate", rate_bottom, every)
    count("end fifths by rate, of the smallest fifth", rate_top | rate_bottom, smallest)
    count("end fifths by rate, of the largest fifth", rate_top | rate_bottom, largest)
    count("told higher", higher, every)
    count("told lower", lower, every)
    count("told, of the smallest fifth", higher | lower, smallest)
    count("told, of the largest fifth", higher | lower, largest)
    count("planted among top fifth by rate", planted, rate_top)
    count("planted among top fifth by count", planted, count_top)
    count("planted among told higher", planted, higher)
    years = [k for k, kind in enumerate(world.kinds) if kind == "year"]
    if len(years) > 1:
        earlier, later = (calls[k, home] for k in sorted(years, key=lambda k: world.periods[k])[-2:])
        last = max(years, key=lambda k: world.periods[k])
        count("changed by 20 %", changed(earlier, later), every)
        count("change called", world.among("change", "up", "down")[series, CITIZEN, last, home], every)
