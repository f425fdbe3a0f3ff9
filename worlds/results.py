"""Everything that a report is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from worlds.kinds import KINDS
from worlds.limits import Limit, limits_of
from worlds.real import Place
from worlds.tables import marked, percent
from worlds.tally import Share, Tallies
from worlds.whole import Comparison

FIGURES: Final = {"null": "worlds-null.svg", "planted": "worlds-planted.svg"}


@dataclass(frozen=True)
class Results:
    """What was counted by kind, the number of worlds of each, the worlds that took the whole chain, and real data."""

    found: Mapping[str, Tallies]
    worlds: int
    whole: Sequence[Comparison]
    real: Sequence[Place]


def held(kind: str, results: Results) -> dict[str, Limit]:
    """What is asked of one kind, by its name."""
    return {limit.what: limit for limit in limits_of(KINDS[kind], results.found[kind])}


def of_part(results: Results, *parts: str) -> list[str]:
    """The kinds of some parts of the table that were examined."""
    return [name for name in results.found if KINDS[name].part in parts]


def cell(share: Share, limit: Limit | None) -> str:
    """A share as percent, bold where its limit is not held."""
    return marked(percent(share.value), limit is None or limit.held)
