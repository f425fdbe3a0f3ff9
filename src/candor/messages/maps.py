"""The map in words: what it shows, what its colours and patterns mean, what each town's tooltip says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import Final, Literal

from candor.messages.comparison import COMPARISON_WORDS, REST, answer
from candor.messages.coverage import COVERAGE_WORDS
from candor.messages.figures import no_residents, residents_not_known, short, what
from candor.messages.layers import CALLS, Layer
from candor.messages.told import not_yet_words, number_words
from candor.messages.words import about, capital, day_name, decimal, interval, listed, lower, number, span
from candor.published.model import ALL, UNTOLD, Figure, Period
from candor.store.model import PublicBenchmark
from candor.vocabulary.comparison import ANSWERED

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
    "not-compared": "Not compared: nothing to compare with, officers’ own activity in it, or an older release",
}
"""The patterns of the map."""


def state_label(key: str, layer: Layer, on: date | None = None) -> str:
    """A pattern in words. `on`: when what is not yet told appears."""
    text = STATE_LABELS[key].format(many=layer.many)
    return f"{text}: from {day_name(on)} on" if key == "not-yet" and on else text


WIDTH_WORDS: Final = ("narrow", "", "", "wide")
"""How wide the intervals of the legend's rows are, the narrowest first; the two between need no name."""


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
        "compared": f"each town of {jurisdiction} beside the rest of the state",
        "rate": f"for every 1,000 people and year, by town in {jurisdiction}",
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
                f"Teal towns have fewer {layer.many} than the rate of the rest of the state would bring to as many"
                " people, purple towns have more, and of grey ones neither is said; the wider the interval of a town,"
                " the paler it is."
            )
        case "rate":
            return (
                f"The darker a town (in dark mode, the lighter), the more {layer.many} for every 1,000 people and"
                " year; the rates of small towns swing widely, so the darkest and the palest are often"
                " just small."
            )
        case _:
            return (
                f"The area of a circle is the number of {layer.many}: a map of counts is mostly a map of where people"
                " live, and says nothing of how high a rate is."
            )


def smoothed_note(layer: Layer = CALLS) -> str:
    """Why the colours of small towns are drawn towards the state's."""
    return (
        f"The fewer {layer.many} a town would have at the others’ rate, the more its colour is drawn towards theirs:"
        " small numbers look extreme by themselves. A triangle marks the tenth of towns with the highest, or the"
        " lowest, rates."
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

    "Barre city: higher than in the rest of the state, 1.4 times (1.1 to 1.8), among the tenth with the highest rates;
    120 calls, 24.0 per 1,000 people and year".
    """
    if view != "compared" or figure.coverage in UNTOLD:
        return f"{name}: {short(figure, layer)}{longer_words(longer)}"
    counted = f"{number_words(figure)} {layer.noun(figure.count)}" if figure.count else f"no {layer.many}"
    parts = []
    if figure.provisional:
        parts.append("provisional, not compared")
    elif figure.comparison or not (no_residents(figure) or residents_not_known(figure)):
        parts.append(", ".join(filter(None, (label_words(figure), figure.among))))
    parts.append(f"{counted}{_rate_or_why(figure, period)}{longer_words(longer)}")
    return f"{name}: {'; '.join(parts)}"


def label_words(figure: Figure) -> str:
    """The first answer inside a sentence, with its number where it has one."""
    over = f"over {figure.over.replace('-', ' to ')}, " if figure.over and figure.beside.label in ANSWERED else ""
    said = answer(figure.beside, REST).removesuffix("; too few to rate").replace(": ", ", ")
    return f"{over}{lower(said or COMPARISON_WORDS[figure.beside.label])}"


def _too_few(figure: Figure) -> bool:
    return figure.note == "too few to rate" and bool(figure.count)


def _rate_or_why(figure: Figure, period: Period) -> str:
    if figure.rate is not None:
        return f", {decimal(figure.rate)} per 1,000 people and year"
    if no_residents(figure):
        return ", no residents"
    if figure.note == "residents not known":
        return ", residents not known"
    return f" in {period_words(period)}, too few to rate" if _too_few(figure) else ""


def label_counts(figures: Iterable[Figure]) -> str:
    """How many towns are what; the patterns of the others are in the legend."""
    every = list(figures)
    counts, places = Counter(f.comparison for f in every), Counter(f.among for f in every)
    total, known = len(every), [label for label in _LABELS if counts[label]]
    if not known:
        return f"None of {number(total)} towns can be compared with the others." if total else ""
    has = "has" if counts[known[0]] == 1 else "have"
    parts = [f"{number(counts[label])} {_LABELS[label]}" for label in known[1:]]
    first = f"{number(counts[known[0]])} of {number(total)} {'town' if total == 1 else 'towns'} {has}"
    text = f"Beside the rest of the state, {listed([f'{first} {_LABELS[known[0]]}', *parts])}."
    rest = total - sum(counts[label] for label in _LABELS)
    if rest:
        text += f" {number(rest)} {'is' if rest == 1 else 'are'} not compared."
    for end, n in _ends(places):
        if n:
            text += f" {number(n)} {'is' if n == 1 else 'are'} among the tenth with the {end} rates."
    if counts["probably higher"] or counts["probably lower"]:
        text += " Where no town differs, up to 6 in 100 would read “probably”."
    if counts["higher"] or counts["probably higher"]:
        text += " Higher says nothing of the reason."
    return text


def _ends(places: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple((end, places[f"among the tenth with the {end} rates"]) for end in ("highest", "lowest"))


_LABELS: Final = {
    "higher": "a higher rate",
    "probably higher": "probably a higher rate",
    "about the same rate": "about the same rate",
    "cannot be told apart": "a rate that cannot be told apart",
    "probably lower": "probably a lower rate",
    "lower": "a lower rate",
    "too few to compare": "too few to compare",
}


def class_label(key: str, cuts: Sequence[float], widths: Sequence[float]) -> str:
    """A class of the comparison in words. `cuts` are its level's breaks in times the rate of the rest of the state.

    What is told apart is at least a step from the middle however near to 1 it is, and what is not told apart is in the
    middle however far, so that the steps beside the middle have no inner end.
    """
    level, step = (int(part) - 1 for part in key.removeprefix("c").split("-"))
    wide = f"interval: {_width(level, widths)}"
    if not cuts:
        return f"Any value; {wide}"
    middle, bounds = len(cuts) // 2, ["", *(decimal(c) for c in cuts), ""]
    if step == middle:
        return f"Neither higher nor lower; {wide}"
    low, high = list(pairwise(bounds))[step]
    way, beside = "higher" if step > middle else "lower", abs(step - middle) == 1
    if low and high:
        value = (
            (f", up to {high} times" if step > middle else f", down to {low} times")
            if beside
            else (f", {low} to {high} times")
        )
    else:
        value = "" if beside else f", {low} times or more" if low else f", under {high} times"
    return f"{capital(way)} than the rest of the state{value}; {wide}"


def _width(level: int, widths: Sequence[float]) -> str:
    if level < len(widths):
        return f"its upper end is at most {decimal(widths[level])} times its lower end"
    return f"its upper end is over {decimal(widths[-1])} times its lower end"


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
    return f"; over {period_words(period)}, {decimal(figure.rate)} per 1,000 people and year ({interval(figure)})"


def expected_words(figure: Figure) -> str:
    """How many the rate of the others would bring, in a table."""
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
