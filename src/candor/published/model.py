"""One published figure and what it is of: place, period, count, rate, comparison, change. The words that tables use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from candor.vocabulary.coverage import COVERAGE, NOT_TOLD, UNDER

STATE = ""
"""The GEOID under which the state's own figures are held."""

COVERAGES = tuple(c for c in COVERAGE if c != COVERAGE[NOT_TOLD])
EARLIER = {"suppressed": "by county only", COVERAGE[NOT_TOLD]: "by county only"}
"""What is shown as another state, a figure that is not told for its period alone: what would have told too much of
others, and what releases of the rule before this one suppressed."""
TOLD = COVERAGE[UNDER:]
"""The states of which a figure is told."""
UNTOLD = COVERAGES[: COVERAGES.index(COVERAGE[UNDER]) + 1]
"""The states of which no number is told."""
NOTES = ("", "too few to rate", "no residents", "residents not known", "under 5", "partly reported")
INITIATORS = ("citizen", "all")
ALL = "all"
"""The category of all open categories together, and the period of all covered months."""

RATES, TOWNS, COUNTS = "call-rates-by-town", "towns", "calls-by-town"

LayerKey = str
"""The name of a profile: a layer of figures. Layers are never summed."""

_BASE: Final = 5
_YEARS: Final = re.compile(r"\d{4}-\d{4}")


@dataclass(frozen=True)
class Place:
    """A town as published. `residents` is None where the pack has no population."""

    geoid: str
    name: str
    full_name: str
    county: str
    residents: int | None
    housing_units: int | None
    longitude: float | None
    latitude: float | None


@dataclass(frozen=True)
class Period:
    """A span of whole months.

    `kind` is `year`, `quarter`, `month`, `months` (the last 12, the last 36, or all of them) or `years`: whole calendar
    years together, which only sensitive kinds have.
    """

    key: str
    first_month: date
    last_month: date

    @property
    def kind(self) -> str:
        """The kind of the period, read off its key: `year`, `quarter`, `month`, `months` or `years`."""
        if self.key == ALL or self.key.startswith("last-"):
            return "months"
        if _YEARS.fullmatch(self.key):
            return "years"
        if "Q" in self.key:
            return "quarter"
        return "year" if len(self.key) == 4 else "month"

    @property
    def months(self) -> int:
        """How many months it has."""
        return (self.last_month.year - self.first_month.year) * 12 + self.last_month.month - self.first_month.month + 1


@dataclass(frozen=True)
class Change:
    """What changed since the same period a year before; the verdict is one of `vocabulary.comparison.CHANGES`.

    The ratio is None where the earlier count was under 10. `months`: how many of the period's months both times
    reported, 0 where nothing is compared.
    """

    ratio: float | None
    low: float | None
    high: float | None
    verdict: str
    months: int = 0


NO_CHANGE = Change(None, None, None, "")


@dataclass(frozen=True)
class Ratio:
    """How many times the rate of others a rate is, with its 95 % limits (None under 10 events), and what is said of it.

    `label` is one of `vocabulary.comparison.DIFFERENCES`.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    label: str = ""


NO_RATIO = Ratio()


@dataclass(frozen=True)
class Figure:
    """One figure of a layer. Count and rate are None where none is published; rates per 1,000 persons and year.

    `persons`: whom the rate is by, `denominator` says who they are. `beside`: the rate beside the rest of the state,
    over the period or, where `over` names them, over whole years together; `expected` are the events that the others'
    rate would bring in that time. `among`: one of `vocabulary.comparison.PLACES`; `most_towns`: between which ratios at
    least 9 of 10 towns lie, None where towns do not clearly differ. `similar`: beside the towns `similar_to`. `usual`:
    what a month is against the same month of earlier years (`USUAL`), of which `usual_counts` are usual. `wander`: how
    much such counts wander beyond chance (c), learned as `wander_from` says. `towns_reported` is the state's: how many
    towns reported in any month of the period.

    A figure of a sensitive kind is rounded: `least` and `most` are the smallest and the greatest count that it
    may be, also where it is under 5. `on`: the day on which a figure that is not yet told will be. `parts`: the rows of
    the events, where several may be of one; None where each is one.
    """

    coverage: str
    count: int | None
    residents: int | None
    months_reported: int
    rate: float | None
    low: float | None
    high: float | None
    note: str
    towns_reported: int | None = None
    provisional: bool = False
    persons: int | None = None
    denominator: str = ""
    expected: float | None = None
    beside: Ratio = NO_RATIO
    over: str = ""
    among: str = ""
    most_towns: tuple[float, float] | None = None
    smoothed: float | None = None
    smoothed_low: float | None = None
    smoothed_high: float | None = None
    similar: Ratio = NO_RATIO
    similar_to: str = ""
    change: Change = NO_CHANGE
    usual: str = ""
    usual_counts: tuple[int, int] | None = None
    wander: float | None = None
    wander_from: str = ""
    least: int | None = None
    most: int | None = None
    on: date | None = None
    parts: int | None = None

    @property
    def comparison(self) -> str:
        """The label beside the rest of the state."""
        return self.beside.label

    @property
    def rounded(self) -> bool:
        """Whether its count is told as under 5 or to the nearest 5."""
        return self.least is not None


def bounds(count: int | None, coverage: str) -> tuple[int | None, int | None]:
    """The smallest and the greatest count that is told so of a sensitive kind: 5 for 5 to 7, 45 for 43 to 47."""
    if coverage == "under 5":
        return 0, _BASE - 1
    return (None, None) if not count else (max(count - _BASE // 2, _BASE), count + _BASE // 2)


NO_FIGURE = Figure("not covered", None, None, 0, None, None, None, "")
