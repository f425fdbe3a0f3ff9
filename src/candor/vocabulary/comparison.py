"""What published tables say of a figure beside others and beside itself a year before (METHODS)."""

from __future__ import annotations

from typing import Final

DIFFERENCES: Final = (
    "",
    "not compared",
    "provisional",
    "nothing to compare with",
    "too few to compare",
    "lower",
    "probably lower",
    "about the same rate",
    "cannot be told apart",
    "probably higher",
    "higher",
)
"""How a town's rate differs from that of the other towns. `not compared`: officers' own activity is in it.
`provisional`: the period is not over, or not reported as a whole."""

ANSWERED: Final = DIFFERENCES[DIFFERENCES.index("lower") :]
"""The labels that say something of the rate."""

PLACES: Final = (
    "",
    "among the tenth with the lowest rates",
    "among the tenth with the highest rates",
)
"""Whether a rate is unusual among towns; empty where it is not, or where towns do not clearly differ."""

CHANGES: Final = (
    "",
    "too few to tell",
    "no change can be told",
    "perhaps up",
    "perhaps down",
    "up",
    "down",
    "different area",
)
"""A figure against the same period a year before."""

USUAL: Final = ("", "as usual", "fewer than usual", "more than usual")
"""A month against the same month of earlier years."""

WANDER_FROM: Final = ("", "own", "group", "all", "assumed")
"""From what the wander of a figure comes: the kind's own counts, those of its group, of all kinds, or an assumption."""
