"""A town beside the rest of the state, in words: does its rate differ, and is that unusual among towns?

Two answers, never one verdict; the same on every page, in every table and in every file.
"""

from __future__ import annotations

import math
from typing import Final

from candor.messages.layers import CALLS, Layer
from candor.messages.words import about, decimal, lower, percent
from candor.published.model import Figure, Ratio
from candor.vocabulary.comparison import ANSWERED

REST: Final = "in the rest of the state"
_SEEN: Final = 0.05
"""The ratio under which a lower end is not worth saying."""

COMPARISON_WORDS: Final = {
    "": "Not compared",
    "not compared": "Not compared: officers’ own activity is in it",
    "provisional": "Not fully reported, so not compared",
    "nothing to compare with": "No other town to compare with",
    "too few to compare": "Too few to compare",
    "lower": "Lower",
    "probably lower": "Probably lower",
    "about the same rate": "About the same rate",
    "cannot be told apart": "Cannot be told apart",
    "probably higher": "Probably higher",
    "higher": "Higher",
}
"""The first answer as a table says it, under the heading `BESIDE`; without a label, for where a number is known."""

BESIDE: Final = "Beside the rest of the state"

TIMES_THE_REST: Final = "Times the rest of the state"

AMONG_WORDS: Final = {
    "": "",
    "among the tenth with the highest rates": "Among the highest tenth",
    "among the tenth with the lowest rates": "Among the lowest tenth",
}
"""The second answer as a table says it, under the heading "Among towns"."""

COMPARISON_METHOD: Final = (
    "The rest of the state is all other towns that reported, together. A rate is called higher or lower where fewer"
    " than 1 in 1,000 counts would lie so far out if it were the same, and probably so where fewer than 1 in 40 would;"
    " chance, and how much a town’s own count moves from year to year, are allowed for. It is about the same where it"
    " is within 1.1 times and the interval within 1.25 times. Where fewer than 5 are expected nothing is compared."
)


_NOT_COMPARED: Final = {
    "provisional": "The period is not over, or not every month of it is reported, so it is not compared.",
    "not compared": "Officers’ own activity follows what an agency decides, so with it towns are not compared.",
    "nothing to compare with": "No other town reports this, so there is nothing to compare with.",
}


def comparison_cell(figure: Figure) -> str:
    """The first answer in a table; nothing where no number is known, for the coverage says why."""
    if figure.count is None:
        return ""
    over = f", over {_years(figure.over)}" if figure.over and figure.comparison in ANSWERED else ""
    return f"{COMPARISON_WORDS[figure.comparison]}{over}"


def comparison(figure: Figure, layer: Layer = CALLS) -> str:
    """The first answer: whether the rate differs from that of the rest of the state, and how much."""
    beside = figure.beside
    if beside.label in _NOT_COMPARED:
        return _NOT_COMPARED[beside.label]
    if figure.count is None or figure.expected is None:
        return ""
    if beside.label == "too few to compare":
        return (
            f"Too few to compare: the rate of the rest of the state would bring about {about(figure.expected)}"
            f" {layer.many} to as many people."
        )
    said = answer(beside, f"{REST}{_rest_rate(figure)}")
    if not said:
        return ""
    if not figure.over:
        return f"{said}."
    return f"Over {_years(figure.over)} together, {lower(said)}. {_why_together(figure)}".rstrip()


def _rest_rate(figure: Figure) -> str:
    """The rate of the others beside the town's own: the ratio is that of the two."""
    if figure.over or figure.rate is None or not figure.beside.value:
        return ""
    return f" ({decimal(figure.rate / figure.beside.value)})"


def among(figure: Figure) -> str:
    """The second answer: whether that is unusual among towns; nothing where towns do not clearly differ."""
    if figure.most_towns is None or figure.beside.label not in ANSWERED:
        return ""
    low, high = figure.most_towns
    lie = f"lie between {low:.1f} and {high:.1f} times" if low >= _SEEN else f"lie under {high:.1f} times"
    if not figure.among:
        return f"At least 9 of 10 towns {lie} the rate of the rest."
    which = figure.among.replace("tenth with", "tenth of towns with")
    return f"It is {which}; at least 9 of 10 {lie} the rate of the rest."


def similar(figure: Figure) -> str:
    """The first answer beside towns of similar size and kind; nothing where there is none."""
    if not figure.similar_to or figure.similar.value is None:
        return ""
    said = answer(figure.similar, f"in {figure.similar_to}")
    return f"{said}." if said else ""


def counted_people(figure: Figure) -> str:
    """Whom the comparison counts, and whom it does not."""
    if not figure.denominator or figure.denominator == "residents":
        return "The comparison counts residents, not people who work, study or visit there."
    return f"The comparison counts {figure.denominator}."


def answer(beside: Ratio, where: str) -> str:
    """A label with its number, which it has from 10 events on; nothing where it says nothing of the rate."""
    number = ""
    if beside.value is not None and beside.low is not None and beside.high is not None:
        number = f": {ratio(beside.value)} times ({limits(beside.low, beside.high)})"
    few = "" if number else "; too few to rate"
    match beside.label:
        case "higher" | "lower" | "probably higher" | "probably lower":
            if few:
                more = "more" if beside.label.endswith("higher") else "fewer"
                perhaps = "Probably " if beside.label.startswith("probably") else ""
                words = f"{perhaps}{more} than {where.removeprefix('in ')} would bring"
                return f"{words[0].upper()}{words[1:]}{few}"
            return f"{COMPARISON_WORDS[beside.label]} than {where}{number}"
        case "about the same rate":
            return f"About the same rate as {where}{number}{few}"
        case "cannot be told apart":
            return f"Cannot be told apart from the rate {where}{number}{few}"
    return ""


def _why_together(figure: Figure) -> str:
    moves = percent(math.sqrt(figure.wander)) if figure.wander else ""
    how = f"a town’s own number of these moves by about {moves} from one such period to the next" if moves else ""
    return f"{how[0].upper()}{how[1:]}, so one alone says too little." if how else ""


def wander_words(figure: Figure) -> str:
    """How much such counts move from period to period, and how that is known."""
    if figure.wander is None:
        return ""
    moves = f"A town’s own count moves by about {percent(math.sqrt(figure.wander))} from one such period to the next"
    how = {
        "own": "learned from these counts themselves",
        "group": "learned from the group of kinds that this one is in",
        "all": "learned from all open kinds together",
    }.get(figure.wander_from, "assumed, for too little is known to learn it")
    return f"{moves}, chance not counted: {how}. One number stands for all towns."


def _years(over: str) -> str:
    first, _, last = over.partition("-")
    return f"{first} to {last}" if last else first


def ratio(value: float) -> str:
    """A ratio of two rates: two decimals below 2, where they matter, one above; never 1 where it is not."""
    if value >= 1.995:
        return f"{value:,.1f}"
    for digits in (2, 3):
        text = f"{value:.{digits}f}"
        if float(text) != 1 or value == 1:
            return text
    return "just over 1" if value > 1 else "just under 1"


def limits(low: float, high: float) -> str:
    """The interval of a ratio: "2.2 to 2.4"."""
    return f"{ratio(low)} to {ratio(high)}"


def times(of: Ratio) -> str:
    """A ratio in a table: "2.3 (2.2 to 2.4)"; nothing where it has no number."""
    if of.value is None or of.low is None or of.high is None:
        return ""
    return f"{ratio(of.value)} ({limits(of.low, of.high)})"
