"""What METHODS asks of each kind of world, and whether it was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from worlds.draw import Kind
from worlds.judge import FAMILIES
from worlds.kinds import CHANGED, DIFFER, KINDS, NULL, OTHER, PLANTED
from worlds.tally import Share, Tallies

LEAST_WORLDS: Final = 90
"""The worlds of a kind from which shares of worlds are held to the limits."""

SETTLED: Final = 0.0025
"""The wander up to which nine in ten towns that clearly differ are to be told so."""

FREE: Final = ("uneven",)
"""Kinds that are reported without a limit for their intervals: no one c is true of all their towns."""

Found = Mapping[str, Tallies]


@dataclass(frozen=True)
class Limit:
    """One thing asked of one kind of world: a share between `least` and `most`, where they are given."""

    kind: str
    what: str
    share: Share
    least: float | None = None
    most: float | None = None

    @property
    def held(self) -> bool:
        """Whether what was asked was found; of nothing, nothing is asked."""
        value = self.share.value
        if not self.share.of:
            return True
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


def limits(found: Found) -> list[Limit]:
    """All that is asked of the kinds that were examined, in order."""
    return [limit for name, tallies in found.items() for limit in limits_of(KINDS[name], tallies)]


def limits_of(kind: Kind, t: Tallies) -> Iterator[Limit]:
    """What is asked of one kind."""
    of_part = {NULL: _null, DIFFER: _differ, PLANTED: _planted, CHANGED: _growth, OTHER: _other}[kind.part]
    yield from of_part(kind, t)
    if kind.name not in FREE:
        for name in ("rate", "relative"):
            for least, low in (("20", 0.94), ("500", 0.93)):
                what = f"interval of {name}s, {least} and more expected"
                yield Limit(kind.name, what, t.total("interval", name, least), low, 0.98)
    for start in t.names("rate over truth"):
        yield Limit(kind.name, f"rate over truth, from {start} expected", t.total("rate over truth", start), 0.98, 1.02)


def worst(t: Tallies, measure: str) -> Share:
    """The largest share of a measure over the second part of its keys."""
    shares = [t.total(measure, name) for name in t.names(measure)]
    return max((s for s in shares if s.of), key=lambda s: s.value, default=Share(0, 0))


def _null(kind: Kind, t: Tallies) -> Iterator[Limit]:
    yield Limit(kind.name, "higher or lower", t.total("sure"), most=0.005)
    yield Limit(kind.name, "probably", t.total("probable"), most=0.06)
    yield Limit(kind.name, "among the tenth", t.total("among the tenth"), most=0.0)
    if t.total("any false change").of >= LEAST_WORLDS:
        for name in FAMILIES:
            yield Limit(kind.name, f"false change among {name}", t.total("false change", name), most=0.12)
        yield Limit(kind.name, "false change in any of five families", t.total("any false change"), most=0.25)


def _wrong_side(kind: Kind, t: Tallies) -> Iterator[Limit]:
    yield Limit(kind.name, "wrong side", t.total("wrong side"), most=0.003)
    yield Limit(kind.name, "wrong side, with probably", t.total("wrong side, probably"), most=0.03)


def _differ(kind: Kind, t: Tallies) -> Iterator[Limit]:
    yield from _wrong_side(kind, t)
    for side, word in (("high", "higher"), ("low", "lower")):
        rule = t.total("found by the true c", side).value
        settled = isinstance(kind.wander, float) and kind.wander <= SETTLED
        least = 0.9 if settled else rule - 0.05
        yield Limit(kind.name, f"told {word} where it clearly is", t.total("found", side), least=least)
    yield Limit(kind.name, "true of among the tenth", t.total("true of among the tenth"), least=0.9)


def _planted(kind: Kind, t: Tallies) -> Iterator[Limit]:
    yield from _wrong_side(kind, t)
    for base in t.names("planted found"):
        yield Limit(kind.name, f"planted found, base rate {base}", t.total("planted found", base), least=0.9)
    yield Limit(kind.name, "true of among the tenth", t.total("true of among the tenth"), least=0.9)


def _growth(kind: Kind, t: Tallies) -> Iterator[Limit]:
    yield from _wrong_side(kind, t)
    for base in t.names("growth found"):
        rule = t.total("growth found by the true c", base).value
        yield Limit(kind.name, f"growth told, base rate {base}", t.total("growth found", base), least=rule - 0.1)


def _other(kind: Kind, t: Tallies) -> Iterator[Limit]:
    if kind.name not in FREE:
        yield from _wrong_side(kind, t)
    moved = t.total("another sure label beside a growing city")
    if moved.of:
        yield Limit(kind.name, "others that turn to or from higher or lower", moved, most=0.005)
