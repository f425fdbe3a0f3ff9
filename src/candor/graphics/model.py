"""What a map draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from markupsafe import Markup

ClassKey = Literal[
    "rate-1",
    "rate-2",
    "rate-3",
    "rate-4",
    "rate-5",
    "c1-1",
    "c1-2",
    "c1-3",
    "c1-4",
    "c1-5",
    "c1-6",
    "c1-7",
    "c2-1",
    "c2-2",
    "c2-3",
    "c2-4",
    "c2-5",
    "c3-1",
    "c3-2",
    "c3-3",
    "c4-1",
    "blank",
    "zero",
    "too-few",
    "under-5",
    "not-yet",
    "by-county-only",
    "not-reported",
    "not-covered",
    "provisional",
    "no-residents",
    "not-compared",
]
"""A class of the map: its colour, its pattern and its words (`palette.py`)."""

Verdict = Literal["higher", "lower", ""]
"""What a mark on a town says: its rate is among the tenth with the highest, or the lowest, rates."""


@dataclass(frozen=True)
class Town:
    """A town as the map draws it: `text` is the whole sentence that its title, its label and its tooltip say.

    `text` begins with the town's name: "Burlington: 12.3 calls per 1,000 people and year (11.8 to 12.9)". `count` is
    what its circle stands for, where the map draws circles.
    """

    geoid: str
    name: str
    key: ClassKey
    text: str
    verdict: Verdict = ""
    count: int = 0


NOTHING_DRAWN: Final = Markup("")
