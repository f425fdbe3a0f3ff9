"""All figures of a state's release, computed on one core: 255 towns x 40 categories x 60 months, by function."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from candor.measures.periods import year_shares
from candor.statistics.comparison import overdispersion, verdicts
from candor.statistics.intervals import rate_per_1000, wilson
from candor.statistics.rate_ratio import false_discovery, rate_ratio
from candor.statistics.series import signals, xmr_limits
from candor.statistics.smoothing import fit_prior, marshall, probability_above, smoothed

AIM = 2.0
TOWNS, CATEGORIES, MONTHS = 255, 40, 60
ROUNDS = 3

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """Counts (category x month x town; NaN: not reported) and the person-years that they were counted over."""

    counts: Floats
    years: Floats  # (1, month, town)


def world() -> World:
    """A rural state: many small towns and few large ones, 240,000 calls a year, towns that differ, gaps in reports."""
    rng = np.random.default_rng(20_250_104)
    residents = rng.lognormal(7.3, 0.95, TOWNS)
    residents *= 640_000 / residents.sum()
    by_year = np.rint(residents * (1 + 0.01 * rng.standard_normal((MONTHS // 12, TOWNS))).cumprod(axis=0))
    shares = year_shares(np.arange("2021-01", MONTHS, dtype="datetime64[M]"))
    years = (np.repeat(by_year, 12, axis=0) * shares[:, np.newaxis])[np.newaxis]
    rates = np.geomspace(0.1, 60, CATEGORIES)[:, np.newaxis, np.newaxis] / 1000
    of_town = rng.gamma(8, 1 / 8, (CATEGORIES, 1, TOWNS))
    counts = rng.poisson(rates * of_town * years).astype(np.float64)
    return World(np.where(rng.random(years.shape) < 0.04, np.nan, counts), years)


class Clock:
    """Adds up the CPU time of each function."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def __call__(self, name: str, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the function takes and gives
        """The function's result."""
        began = time.process_time()
        result = function(*arguments, **named)
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - began
        return result


def figures(clock: Clock, world: World) -> None:
    """Every figure of every cell, each function timed under its name."""
    counts, years = world.counts, np.broadcast_to(world.years, world.counts.shape)
    clock("rate with interval", rate_per_1000, counts, years)
    clock("wilson of the share", wilson, counts, counts.sum(axis=0))
    expected = clock("expected", _expected, counts, years)
    tau2 = clock("overdispersion", overdispersion, counts, expected).tau2
    clock("verdicts", verdicts, counts, expected, tau2)
    for months in (1, 12):  # against the previous period, and the same a year before
        earlier, later = np.s_[:, :-months], np.s_[:, months:]
        change = clock("rate_ratio", rate_ratio, counts[earlier], years[earlier], counts[later], years[later])
        clock("false_discovery", false_discovery, change.p)
    clock("marshall", marshall, counts, years)
    prior = clock("fit_prior", fit_prior, counts, expected)
    clock("smoothed", smoothed, counts, expected, prior)
    clock("probability_above", probability_above, counts, expected, prior)
    series = np.moveaxis(counts, 1, -1)
    limits = clock("xmr_limits", xmr_limits, series, screen=True, floor=0)
    clock("signals", signals, series, limits)


def _expected(counts: Floats, years: Floats) -> Floats:
    """What the state's rate of that category and month brings to each town."""
    reported = np.where(np.isnan(counts), 0.0, years)
    state = np.nansum(counts, axis=-1, keepdims=True) / reported.sum(axis=-1, keepdims=True)
    return np.asarray(state * years)


def main() -> int:
    """Print the CPU time of each function, and of all as a multiple of two plain ones; 0 where the aim is met."""
    made = world()
    rounds, plain = [], []
    for _ in range(ROUNDS):
        clock, beside = Clock(), Clock()
        figures(clock, made)
        beside("gammaincinv", gammaincinv, np.nan_to_num(made.counts) + 0.5, 0.025)
        beside("crude rate", lambda: made.counts / made.years * 1000)
        rounds.append(clock.seconds)
        plain.append(beside.seconds)
    best = min(rounds, key=lambda seconds: sum(seconds.values()))
    total = sum(best.values())
    inverse, crude = (min(seconds[name] for seconds in plain) for name in ("gammaincinv", "crude rate"))
    print(
        f"\nall figures of {TOWNS} x {CATEGORIES} x {MONTHS} = {made.counts.size:,} cells: {total:.2f} s of CPU "
        f"(at most {AIM:g}), {total / inverse:.1f} times scipy's gammaincinv of each ({inverse:.2f} s), "
        f"{total / crude:,.0f} times the crude rates alone ({crude * 1000:.1f} ms)"
    )
    for name, seconds in sorted(best.items(), key=lambda item: -item[1]):
        print(f"  {seconds:7.3f} s  {seconds / total:5.1%}  {name}")
    return 0 if total <= AIM else 1


def run(_: Path) -> bool:
    """In a process of its own, held to one thread before numpy starts; whether the aim is met."""
    one = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
    return subprocess.run([sys.executable, "-m", "bench.figures"], env=os.environ | one, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
