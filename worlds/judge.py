"""What a release says of a world, held against what is true of it."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.statistics.negative_binomial import mean_interval
from worlds.arrays import Bools, Judged
from worlds.tally import Tallies

BASE_FROM: Final = 10.0
"""The base rate from which METHODS names figures, per 1,000 residents and year."""

LARGE, SMALL = "base rate 10 and more", "base rate under 10"
BANDS: Final = (5.0, 10.0, 20.0, 30.0, 50.0, 100.0, float("inf"))
"""Expected events by which planted towns are told apart."""

EVERYWHERE, ONE_MAP = "all periods and totals", "single categories, the last 12 months"
"""Over which lines planted towns are looked for."""

HIGHER, LOWER = ("higher", "perhaps higher"), ("lower", "perhaps lower")
COMPARED: Final = (*HIGHER, *LOWER, "as expected")
ROUNDED: Final = 2e-6
"""Published figures have six digits."""


def band_name(low: float, high: float) -> str:
    """Such as `20 to 30`."""
    return f"{low:g} and more" if np.isinf(high) else f"{low:g} to {high:g}"


def judge(world: Judged, figures: pa.Table) -> Tallies:
    """Everything that is counted in one world. `figures` are all lines of its release, the state's too."""
    found = Tallies()
    _comparisons(found, world)
    _changes(found, figures)
    _rates(found, world)
    _smoothed(found, world)
    return found


def _by_kind(found: Tallies, name: str, world: Judged, hit: Bools, among: Bools) -> None:
    """A share for each kind of period, and for base rates from 10 on and under it."""
    hits, of = (hit & among).sum(axis=-1), among.sum(axis=-1)
    for kind in np.unique(world.kinds):
        for base, rows in ((LARGE, world.base_rate >= BASE_FROM), (SMALL, world.base_rate < BASE_FROM)):
            cells = rows[:, :, None] & (world.kinds == kind)
            found.add((name, base, str(kind)), int(hits[cells].sum()), int(of[cells].sum()))


def _comparisons(found: Tallies, world: Judged) -> None:
    planted = world.relative_rate > 1
    compared = world.among("comparison", *COMPARED)
    other, raised = compared & ~planted, compared & planted
    sure, perhaps = world.among("comparison", "higher", "lower"), world.among("comparison", HIGHER[1], LOWER[1])
    _by_kind(found, "verdict", world, sure, other)
    _by_kind(found, "perhaps", world, perhaps, other)
    _by_kind(found, "compared", world, compared, np.broadcast_to(world.towns.residents > 0, world.shape))
    _by_kind(found, "true of higher", world, np.broadcast_to(planted, world.shape), world.among("comparison", "higher"))
    expected, large = world.numbers("expected"), (world.base_rate >= BASE_FROM)[:, :, None, None]
    higher, at_least_perhaps = world.among("comparison", "higher"), world.among("comparison", *HIGHER)
    single = np.array([level == "category" for level, _ in world.series])[:, None, None, None]
    one_map = single & (world.kinds == "last-12-months")[:, None]
    for scope, lines in ((EVERYWHERE, np.True_), (ONE_MAP, one_map)):
        for low, high in pairwise(BANDS):
            cells = raised & large & lines & (expected >= low) & (expected < high)
            found.count(("planted, verdict", scope, band_name(low, high)), higher, cells)
            found.count(("planted, at least perhaps", scope, band_name(low, high)), at_least_perhaps, cells)


def _changes(found: Tallies, figures: pa.Table) -> None:
    """Over all lines, of towns and of the state, as a release tells changes over all of them."""
    called = 0
    for column in ("change", "year_change"):
        told = _lines_with(figures, column, "up", "down")
        found.add(("change called", column), told, told + _lines_with(figures, column, "within chance"))
        called += told
    found.add(("worlds with a change called",), int(called > 0), 1)


def _lines_with(figures: pa.Table, column: str, *words: str) -> int:
    return int(pc.sum(pc.is_in(figures[column], pa.array(words, pa.string()))).as_py() or 0)


def _rates(found: Tallies, world: Judged) -> None:
    """The 95 % intervals of rates: of every count, and of those that are printed."""
    calls, mean = world.numbers("calls"), world.mean
    counts = calls.astype(np.int64)
    limits = mean_interval(np.arange(counts.max() + 1))
    low, high = limits.lower[counts], limits.upper[counts]
    possible = mean > 0
    covers = (low <= mean) & (mean <= high)
    _by_kind(found, "interval", world, covers, possible)
    found.count(("interval, expected", "20 and more"), covers, possible & (mean >= 20))
    found.count(("interval, expected", "under 20"), covers, possible & (mean < 20))
    rate_low, rate_high = world.numbers("rate_low"), world.numbers("rate_high")
    true = world.base_rate[:, :, None, None] * world.relative_rate
    printed = np.isfinite(rate_low)
    covers = (rate_low * (1 - ROUNDED) <= true) & (true <= rate_high * (1 + ROUNDED))
    for name, cells in (("20 and more", mean >= 20), ("10 to 20", (mean >= 10) & (mean < 20)), ("under 10", mean < 10)):
        found.count(("printed interval, expected", name), covers, printed & possible & cells)


def _smoothed(found: Tallies, world: Judged) -> None:
    """The 95 % intervals of smoothed relative rates. Shrunk fully, they are one number, the state's."""
    low, high = world.numbers("smoothed_low"), world.numbers("smoothed_high")
    known: Bools = np.logical_and(np.isfinite(low), world.towns.residents > 0)
    true = world.relative_to_state
    covers = (low * (1 - ROUNDED) <= true) & (true <= high * (1 + ROUNDED))
    planted = np.broadcast_to(world.relative_rate > 1, world.shape)
    expected = world.numbers("expected")
    found.count(("smoothed interval", "all towns"), covers, known)
    found.count(("smoothed interval", "planted"), covers, known & planted)
    found.count(("smoothed interval", "planted, 20 expected and more"), covers, known & planted & (expected >= 20))
    alike = np.logical_or(~known, high == low)
    found.count(("fully shrunk",), np.asarray(alike.all(axis=-1)), np.asarray(known.any(axis=-1)))
