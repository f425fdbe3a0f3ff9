"""The maps of a world, as others draw them and as Candor does: what their colours go with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from candor.measures.pools import INITIATED_BY
from worlds.arrays import Bools, Floats, Judged
from worlds.naive import FIFTHS, changed, naive_map, rank_correlation
from worlds.tally import Tallies

CITIZEN: Final = INITIATED_BY.index("citizen")
DRAWN: Final = ("year", "last-12-months", "last-36-months")
"""The periods whose maps are looked at; all other periods are lines of the same kind over less time."""

EXAMPLES: Final = {"all": "all calls", "noise": "noise, 10 per 1,000", "burglary": "burglary, 3 per 1,000"}
"""Series that the side-by-side shows, by name."""

TOP: Final = FIFTHS - 1


@dataclass(frozen=True)
class MapFinding:
    """Rank correlations with the number of residents, over the towns of one map of a world."""

    series: str
    base_rate: float
    period: str
    raw_count: float
    crude_extremeness: float  # of how far the crude rate is from the state's, either way
    colour: float
    strength: float  # of how far the colour is from that of the state's own rate, either way


def colour_values(world: Judged) -> Floats:
    """What the map colours by, signed: 0 is the state's own rate; NaN where a town has a pattern and no colour."""
    return np.log(world.numbers("smoothed"))


def candor_classes(world: Judged, series: int, period: int) -> tuple[list[int], list[tuple[str, str]]]:
    """How the map colours one series of calls from citizens: the class of each town, and of each its fill and words."""
    value = np.nan_to_num(colour_values(world)[series, CITIZEN, period])
    return np.digitize(value, [-0.1, 0.1]).tolist(), [("#ccc", "lower"), ("#999", "same"), ("#666", "higher")]


def map_findings(world: Judged, found: Tallies) -> list[MapFinding]:
    """Look at every map of calls from citizens; the shares of the examples go into `found`."""
    calls, colours = world.numbers("calls"), colour_values(world)
    home = np.flatnonzero(world.towns.residents > 0)
    people = world.towns.residents[home].astype(np.float64)
    findings = []
    for q in np.flatnonzero(np.isin(world.kinds, DRAWN)):
        for i, (_, name) in enumerate(world.series):
            base = float(world.base_rate[i, CITIZEN])
            if base <= 0:
                continue
            count, colour = calls[i, CITIZEN, q, home], colours[i, CITIZEN, q, home]
            drawn = np.isfinite(colour)
            rate = count / people
            away = np.abs(rate - count.sum() / people.sum())
            findings.append(
                MapFinding(
                    series=name,
                    base_rate=base,
                    period=world.periods[q],
                    raw_count=rank_correlation(count, people),
                    crude_extremeness=rank_correlation(away, people),
                    colour=rank_correlation(colour[drawn], people[drawn]),
                    strength=rank_correlation(np.abs(colour[drawn]), people[drawn]),
                )
            )
    for i, (_, name) in enumerate(world.series):
        if name in EXAMPLES:
            _example(world, found, i, name, home)
    return findings


def _example(world: Judged, found: Tallies, series: int, name: str, home: np.ndarray) -> None:
    """The last 12 months of one series, and its change from the second-last calendar year to the last."""
    people = world.towns.residents[home].astype(np.float64)
    planted = world.relative_rate[home] > 1
    q = world.periods.index("last-12-months")
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
