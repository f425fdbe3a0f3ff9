"""The map in words: what it shows, what its colours and patterns mean, what each town's tooltip says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import Final, Literal

from candor.messages.comparison import COMPARISON_WORDS, times
from candor.messages.coverage import COVERAGE_WORDS
from candor.messages.figures import no_residents, short, what
from candor.messages.layers import CALLS, Layer
from candor.messages.told import not_yet_words, number_words
from candor.messages.words import about, capital, day_name, decimal, interval, listed, lower_first, number, span
from candor.published.model import ALL, UNTOLD, Figure, Period
from candor.store.model import PublicBenchmark

View = Literal["compared", "rate", "counts"]
"""What the map draws: how a town compares with the state, its rate, or its number of events."""

_STARTED: Final = " from the public", " from the public, and officers’ own activity"

STATE_LABELS: Final = {
    "zero": "Zero: reported, none",
    "too-few": "Too few {many} to give a rate",
    "under-5": "Under 5: 0 to 4, a small number of a sensitive kind is not told",
    "not-yet": "Not yet told",
    "by-county-only": "Not told for this period alone: choose the years that are told",
    "not-reported": "Not reported: the agency sent nothing, or only a part",
    "not-covered": "Not covered: no agency in the data",
    "provisional": "Provisional: the period is not fully reported, so it is not compared",
    "no-residents": "No residents, or their number is not known",
    "not-compared": "Not compared: there is no figure of the state to compare with",
}
"""The patterns of the map."""


def state_label(key: str, layer: Layer, on: date | None = None) -> str:
    """A pattern in words. `on`: when what is not yet told appears."""
    text = STATE_LABELS[key].format(many=layer.many)
    return f"{text}: from {day_name(on)} on" if key == "not-yet" and on else text


CERTAINTIES: Final = ("very sure", "sure", "fairly sure", "not sure")
"""The levels of certainty, the most certain first."""


def map_title(
    periods: Sequence[Period],
    label: str,
    jurisdiction: str,
    view: View,
    *,
    officer: bool = False,
    whoever: bool = False,
    layer: Layer = CALLS,
) -> str:
    """What the map shows, as a sentence. Two `periods`: the first, and the second where the first is too short.

    `whoever`: the kind is not told apart by who began the calls.
    """
    events = f"{capital(what(label, layer=layer))}{_STARTED[officer] if layer.initiators and not whoever else ''}"
    how = {
        "compared": f"each town of {jurisdiction} beside what the state’s rate would bring to a place of its size",
        "rate": f"for every 1,000 residents and year, by town in {jurisdiction}",
        "counts": f"how many, by town in {jurisdiction}",
    }[view]
    when = span(periods[0])
    if len(periods) > 1:
        first, second = (p.months for p in periods)
        when = (
            f"the latest {first} months ({when}) or, where a town has fewer than 10 {layer.many} in them, the"
            f" latest {second}"
        )
    return f"{events}: {how}, {when}."


def instead_sentence(asked: str, towns: int, told: str) -> str:
    """That few towns are told of for what was asked, and for which years all are; a link to these stands after it."""
    few = f"Only {number(towns)} {'town is' if towns == 1 else 'towns are'}" if towns else "No town is"
    return f"{few} told for {asked} alone. All towns can be shown for {told}."


def colour_meaning(view: View, layer: Layer = CALLS) -> str:
    """What a colour of the map means, in one sentence."""
    match view:
        case "compared":
            return (
                f"Teal towns have fewer {layer.many} than the state’s rate would bring to as many residents, purple"
                " towns have more; the paler and greyer a town, the less sure that is."
            )
        case "rate":
            return (
                f"The darker a town (in dark mode, the lighter), the more {layer.many} for every 1,000 residents and"
                " year; the rates of small towns swing widely by chance alone, so the darkest and the palest are often"
                " just small."
            )
        case _:
            return (
                f"The area of a circle is the number of {layer.many}: a map of counts is mostly a map of where people"
                " live, and says nothing of whether a town has many for its size."
            )


def smoothed_note(layer: Layer = CALLS) -> str:
    """Why the colours of small towns are drawn towards the state's."""
    return (
        f"The fewer {layer.many} are expected, the more the figure of a town is drawn towards the state’s own: chance"
        " alone makes small towns look extreme."
    )


def town_text(
    figure: Figure,
    period: Period,
    name: str,
    view: View = "compared",
    layer: Layer = CALLS,
    longer: tuple[Figure, Period] | None = None,
) -> str:
    """A town in one sentence: name, what the map's colour says of it, the count and the rate. For links and tooltips.

    `longer` is the figure of another period: of a longer one that has a rate where this one has none, or of the years
    that are told where these are not.

    "Barre city: 1.4 times the state’s rate (1.1 to 1.8), higher than expected for its size; 120 calls, 24.0 per 1,000
    residents and year".
    """
    if view != "compared" or figure.coverage in UNTOLD:
        return f"{name}: {short(figure, layer)}{longer_words(longer)}"
    low, high = figure.smoothed_low, figure.smoothed_high
    counted = f"{number_words(figure)} {layer.noun(figure.count)}" if figure.count else f"no {layer.many}"
    parts = []
    if figure.provisional:
        parts.append("provisional, not compared")
    elif low is None or high is None or figure.smoothed is None or _nothing_to_say(figure):
        parts += [verdict_words(figure)] if figure.comparison not in ("", "as expected") else []
    else:
        ratio = times(low, high) if low == high else f"{decimal(figure.smoothed)} times"
        limits = "" if low == high else f" ({decimal(low)} to {decimal(high)})"
        parts.append(f"{ratio} the state’s rate{limits}, {verdict_words(figure)}")
    parts.append(f"{counted}{_rate_or_why(figure, period)}{longer_words(longer)}")
    return f"{name}: {'; '.join(parts)}"


def verdict_words(figure: Figure) -> str:
    """The verdict inside a sentence."""
    low, high = figure.smoothed_low, figure.smoothed_high
    match figure.comparison:
        case "too few to compare":
            return "too few expected to compare"
        case "as expected":
            # The limits are widened by how much towns differ, the interval is not: it may lie on one side of 1.
            apart = low is not None and high is not None and (low > 1 or high < 1)
            return "as expected, for towns differ that much" if apart else "as expected for its size"
        case "higher" | "lower":
            return f"{figure.comparison} than expected for its size"
    return lower_first(COMPARISON_WORDS[figure.comparison])


def _too_few(figure: Figure) -> bool:
    return figure.note == "too few to rate" and bool(figure.count)


def _nothing_to_say(figure: Figure) -> bool:
    """Whether a ratio would say more than is known: few events, or none where none is no wonder."""
    return _too_few(figure) or (figure.comparison == "too few to compare" and not figure.count)


def _rate_or_why(figure: Figure, period: Period) -> str:
    if figure.rate is not None:
        return f", {decimal(figure.rate)} per 1,000 residents and year"
    if no_residents(figure):
        return ", no residents"
    if figure.note == "residents not known":
        return ", residents not known"
    return f" in {period_words(period)}, too few to rate" if _too_few(figure) else ""


def verdict_counts(comparisons: Iterable[str], layer: Layer = CALLS) -> str:
    """How many towns are higher, lower, perhaps, as expected; the patterns of the others are in the legend."""
    counts = Counter(comparisons)
    total = sum(counts.values())
    parts = [
        f"{number(counts[verdict])} {one if counts[verdict] == 1 else many} {words}"
        for verdict, one, many, words in _VERDICTS
        if counts[verdict]
    ]
    if not parts:
        return f"None of {number(total)} towns can be compared with the state." if total else ""
    rest = total - sum(counts[verdict] for verdict, *_ in _VERDICTS)
    if rest:
        parts.append(f"{number(rest)} cannot be compared")
    text = f"Of {number(total)} {'town' if total == 1 else 'towns'}, {listed(parts)}."
    if counts["perhaps higher"] or counts["perhaps lower"]:
        text += " Where towns do not differ at all, chance alone makes up to 5 in 100 “perhaps”: a perhaps says little."
    if counts["higher"]:
        text += f" A town that is higher has more {layer.many} than chance explains; the figures do not say why."
    return text


_VERDICTS: Final = (
    ("higher", "is", "are", "higher than expected"),
    ("perhaps higher", "is", "are", "perhaps higher"),
    ("as expected", "is", "are", "as expected"),
    ("perhaps lower", "is", "are", "perhaps lower"),
    ("lower", "is", "are", "lower than expected"),
    ("too few to compare", "has", "have", "too few expected to compare"),
)


def class_label(key: str, cuts: Sequence[float], widths: Sequence[float]) -> str:
    """A class of the comparison in words. `cuts` are its level's breaks in times the state's rate."""
    level, step = (int(part) - 1 for part in key.removeprefix("c").split("-"))
    sure = f"{CERTAINTIES[level]}: {_width(level, widths)}"
    if not cuts:
        return f"Any value; {sure}"
    bounds = ["", *(decimal(c) for c in cuts), ""]
    low, high = list(pairwise(bounds))[step]
    value = f"Under {high} times" if not low else f"{low} times and more" if not high else f"{low} to {high} times"
    middle = " (like the state)" if step == len(cuts) // 2 else ""
    return f"{value} the state’s rate{middle}; {sure}"


def _width(level: int, widths: Sequence[float]) -> str:
    if level < len(widths):
        return f"the interval’s upper end is at most {decimal(widths[level])} times its lower end"
    return f"the interval’s upper end is over {decimal(widths[-1])} times its lower end"


def period_words(period: Period) -> str:
    """The period of a line, in a table."""
    if period.key == ALL:
        return f"all {period.months} months"
    return f"the last {period.months} months" if period.kind == "months" else span(period)


def longer_words(longer: tuple[Figure, Period] | None) -> str:
    """Where another period has the rate or the number that this one lacks; nothing where there is none."""
    if longer is None:
        return ""
    figure, period = longer
    if figure.rate is None:
        return f"; over {period_words(period)}, {short(figure)}"
    return f"; over {period_words(period)}, {decimal(figure.rate)} per 1,000 residents and year ({interval(figure)})"


def expected_words(figure: Figure) -> str:
    """How many were expected, in a table."""
    return "" if figure.expected is None else about(figure.expected)


def coverage_cell(figure: Figure, longer: tuple[Figure, Period] | None = None) -> str:
    """What is known of a town, in the map's table."""
    if figure.provisional and figure.coverage in ("reported", "partly reported", "zero"):
        return "provisional" if figure.coverage != "partly reported" else "partly reported, provisional"
    if _too_few(figure):
        return f"too few to rate{longer_words(longer)}"
    if figure.note in ("no residents", "residents not known"):
        return figure.note
    if figure.coverage == "not yet":
        return not_yet_words(figure)
    if figure.coverage == "by county only":
        return f"{COVERAGE_WORDS[figure.coverage]}{longer_words(longer)}"
    return COVERAGE_WORDS.get(figure.coverage, figure.coverage) if figure.coverage != "zero" else "zero"


def benchmark_sentence(benchmark: PublicBenchmark, layer: Layer = CALLS) -> str:
    """The figure of another place, such as the nation, with its year and source."""
    return (
        f"Beside it: {benchmark.place}, {benchmark.year}, {decimal(benchmark.rate)} {layer.many} for every 1,000"
        f" residents. Source: {benchmark.source.rstrip('. ')}."
    )
