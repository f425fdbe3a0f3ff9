"""How a rounded number is said: under 5, or about 45 (43 to 47). The one place for these words."""

from __future__ import annotations

from typing import Final

from candor.messages.coverage import COVERAGE_WORDS, UNDER, UNDER_RANGE
from candor.messages.words import day_name, number
from candor.published.model import Figure, Period

ZERO_TO_FOUR: Final = "0 to 4, and it is not told which"

UNDER_MEANS: Final = "“Under 5” means 0 to 4: which of these is not told, nor whether there was none."

NEAREST: Final = "to the nearest 5"

NEAREST_MEANS: Final = "Other numbers are to the nearest 5, so the true one is at most 2 away."

SUM_MEANS: Final = "A number of three years that are told one by one is their sum, and at most 6 away."

NO_SUM: Final = "Each number is rounded by itself, so parts do not add up to a whole."

ROUNDED_MEANS: Final = f"{UNDER_MEANS} {NEAREST_MEANS}"
"""What stands beside a table of rounded numbers."""


def number_words(figure: Figure) -> str:
    """A count in a sentence: "45", or rounded "about 45 (43 to 47)", "under 5 (0 to 4)"; nothing where it has none."""
    if figure.coverage == UNDER:
        return UNDER_RANGE
    if figure.count is None or not figure.rounded:
        return number(figure.count)
    return f"about {number(figure.count)} ({range_words(figure)})"


def range_words(figure: Figure) -> str:
    """What a rounded count may be: "43 to 47"; nothing where it is exact."""
    if figure.least is None or figure.most is None:
        return ""
    return f"{number(figure.least)} to {number(figure.most)}"


def heading(noun: str, *, rounded: bool) -> str:
    """The heading of a column of counts."""
    return f"{noun}, {NEAREST}" if rounded else noun


def state_of(figure: Figure) -> str:
    """What is known of a figure, as a table says it: its coverage state, with the day of one that is not told yet."""
    return not_yet_words(figure) if figure.coverage == "not yet" else COVERAGE_WORDS[figure.coverage]


def rounded_means(period: Period) -> str:
    """What stands beside rounded numbers of a period."""
    return f"{ROUNDED_MEANS} {SUM_MEANS}" if period.kind == "years" else ROUNDED_MEANS


def not_yet_words(figure: Figure) -> str:
    """That a figure is not told yet, and the day on which it will be."""
    return f"not yet: from {day_name(figure.on)} on" if figure.on else "not yet told"
