"""Everything that was found in all worlds, and the limits that METHODS sets to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from worlds.arrays import Floats
from worlds.judge import BANDS, EVERYWHERE, LARGE, ONE_MAP, SMALL, band_name
from worlds.many import Outcome
from worlds.maps import MapFinding
from worlds.tally import Share, Tallies, together
from worlds.whole import Comparison

PERIODS = {
    "month": "a month",
    "quarter": "a quarter",
    "year": "a calendar year",
    "last-12-months": "the last 12 months",
    "last-36-months": "the last 36 months",
}
"""The kinds of periods in words; `all` is left out, for in these worlds it is the last 36 months again."""


@dataclass(frozen=True)
class Limit:
    """One thing asked: between `least` and `most`, where they are given. Values are shares or correlations."""

    what: str
    found: float
    least: float | None = None
    most: float | None = None
    detail: str = ""
    percent: bool = True

    @property
    def held(self) -> bool:
        """Whether what was asked was found."""
        return (self.least is None or self.found >= self.least) and (self.most is None or self.found <= self.most)


@dataclass(frozen=True)
class Results:
    """The outcomes by kind of world, and the worlds that took the whole chain."""

    null: Sequence[Outcome]
    planted: Sequence[Outcome]
    whole: Sequence[Comparison]

    @cached_property
    def in_null(self) -> Tallies:
        """Summed over the null worlds."""
        return together(outcome.tallies for outcome in self.null)

    @cached_property
    def in_planted(self) -> Tallies:
        """Summed over the planted worlds."""
        return together(outcome.tallies for outcome in self.planted)

    @cached_property
    def in_both(self) -> Tallies:
        """Summed over both."""
        return together([self.in_null, self.in_planted])

    @cached_property
    def maps(self) -> list[MapFinding]:
        """Every map of the null worlds."""
        return [found for outcome in self.null for found in outcome.maps]

    def correlations(self, of: Callable[[MapFinding], float]) -> Floats:
        """One number of every map of the null worlds."""
        return np.array([of(found) for found in self.maps])

    def told(self, measure: str, period: str = "") -> Share:
        """Of the compared towns of null worlds, in one kind of period or in all of them but `all`."""
        periods = [period] if period else list(PERIODS)
        found = [self.in_null.total(measure, base, p) for base in (LARGE, SMALL) for p in periods]
        return Share(sum(s.hits for s in found), sum(s.of for s in found))

    def planted_found(self, measure: str, scope: str, least: float, below: float = np.inf) -> Share:
        """Of the planted towns of which so much was expected."""
        names = [band_name(a, b) for a, b in pairwise(BANDS) if a >= least and b <= below]
        found = [self.in_planted.total(measure, scope, name) for name in names]
        return Share(sum(s.hits for s in found), sum(s.of for s in found))

    def most_told(self, measure: str) -> tuple[str, Share]:
        """The kind of period in which most towns are told so."""
        return max(((period, self.told(measure, period)) for period in PERIODS), key=lambda found: found[1].value)


def limits(results: Results) -> list[Limit]:
    """What METHODS asks of the two worlds (its section of that name, and the issue that asks for this report)."""
    found = []
    for measure, most, words in (("verdict", 0.005, "a verdict"), ("perhaps", 0.06, "a “perhaps”")):
        share, (period, worst) = results.told(measure), results.most_told(measure)
        found.append(Limit(f"Null worlds: towns that get {words}", share.value, most=most, detail=_of(share)))
        found.append(
            Limit(f"the same in {PERIODS[period]}, where it is most", worst.value, most=most, detail=_of(worst))
        )
    share = results.in_null.total("worlds with a change called")
    found.append(Limit("Null worlds in which any change is called", share.value, most=0.05, detail=_of(share)))
    for scope in (EVERYWHERE, ONE_MAP):
        share = results.planted_found("planted, verdict", scope, 30)
        what = f"Planted towns with 30 and more expected that get the verdict: {scope}"
        found.append(Limit(what, share.value, least=0.9, detail=_of(share)))
        share = results.planted_found("planted, at least perhaps", scope, 20, 30)
        what = f"Planted towns with 20 to 30 expected that get at least a “perhaps”: {scope}"
        found.append(Limit(what, share.value, least=0.9, detail=_of(share)))
    share = results.in_both.total("interval, expected")
    found.append(Limit("95 % intervals that hold the true rate", share.value, least=0.945, detail=_of(share)))
    share = results.in_both.total("interval, expected", "20 and more")
    what = "the same where 20 and more are expected"
    found.append(Limit(what, share.value, least=0.945, most=0.97, detail=_of(share)))
    colour = results.correlations(lambda m: m.colour)
    spread = f"{len(colour):,} maps, from {colour.min():+.2f} to {colour.max():+.2f}"
    what = "Null worlds: rank correlation of the map’s colour with population, mean"
    found.append(Limit(what, float(colour.mean()), least=-0.15, most=0.15, detail=spread, percent=False))
    return found


def _of(share: Share) -> str:
    return f"{share.hits:,} of {share.of:,}"
