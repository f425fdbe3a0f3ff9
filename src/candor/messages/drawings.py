"""What the charts of a town show, in words: a series and its unusual months, the funnel, similar towns, kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from candor.messages.coverage import COVERAGE_WORDS, UNDER
from candor.messages.figures import what
from candor.messages.layers import CALLS, Layer
from candor.messages.told import number_words
from candor.messages.words import capital, decimal, interval, listed, lower_first, number, span
from candor.published.model import Figure, Period
from candor.vocabulary.comparison import ANSWERED

USUAL_METHOD: Final = (
    "A month is set beside the same month of earlier years, day for day, never beside the month before it: that would"
    " be the season. The band holds 998 of 1,000 such months, chance and how much a town’s own count moves allowed for."
    " It is drawn where there are at least 5 a month on average, and an earlier year."
)

FUNNEL_NOTE: Final = (
    "Each dot is a town: across, what the rate of the other towns would bring to it; up, how many times that it has."
    " The fewer are expected, the wider the range in which chance alone puts a town."
)

SIMILAR: Final = 10
"""How many towns of similar size are shown."""

SIMILAR_RULE: Final = (
    f"Of similar size are the {SIMILAR} towns whose number of residents is nearest in proportion, among those of which"
    " the whole period is reported and its number published. They stand in the order of their residents: it is not a"
    " ranking."
)

_NAMED: Final = 4


def trend_sentence(
    series: Sequence[tuple[Period, Figure]],
    place: str,
    label: str = "",
    *,
    officer: bool = False,
    layer: Layer = CALLS,
) -> str:
    """What a series of months or years shows: the span, the least and the most, and the times that are not known."""
    known = [(p, f) for p, f in series if f.count is not None]
    under = sum(f.coverage == UNDER for _, f in series)
    if not series:
        return ""
    step = "year" if series[0][0].months == 12 else "month"
    events = what(label, officer=officer, layer=layer)
    first, last = series[0][0], series[-1][0]
    when = f"from {span(first)} to {span(last)}" if len(series) > 1 else f"in {span(first)}"
    if not known and not under:
        return f"No {step} {when} has a published number of {events} for {place}."
    text = f"{capital(step)} by {step} {when}, {events} {layer.at} {place}"
    if not known:
        text += f": {UNDER} in every {step} that is known."
    else:
        text += _range(known, step, under=bool(under))
    for state in (UNDER, "not yet", "by county only", "not reported", "not covered"):
        words = COVERAGE_WORDS[state]
        n = sum(f.coverage == state for _, f in series) if known or state != UNDER else 0
        if n:
            text += f" {number(n)} {step if n == 1 else step + 's'} {'is' if n == 1 else 'are'} {words}."
    return text


def _range(known: Sequence[tuple[Period, Figure]], step: str, *, under: bool) -> str:
    """From the least to the most of a series that has some number."""
    least, most = (choose(known, key=lambda x: x[1].count or 0) for choose in (min, max))
    if under:
        return f" ranged from {UNDER} to {number_words(most[1])} ({span(most[0])})."
    if least[1].count == most[1].count:
        said = f": {number_words(most[1])} in every" if most[1].count else ": none in any"
        return f"{said} {step} that is known."
    low, high = number_words(least[1]), number_words(most[1])
    return f" ranged from {low} ({span(least[0])}) to {high} ({span(most[0])})."


def usual_sentence(months: Sequence[tuple[Period, Figure]]) -> str:
    """Which months are not as usual, against the same month of earlier years; nothing where none is compared."""
    compared = [(p, f) for p, f in months if f.usual]
    outside = [(p, f) for p, f in compared if f.usual != "as usual"]
    if not compared:
        return ""
    number_of = f"{number(len(compared))} {'month' if len(compared) == 1 else 'months'}"
    begin = f"Beside the same month of earlier years, of {number_of}"
    if not outside:
        return f"{begin} none is unusual."
    named = [f"{span(p)} ({number(f.count)}, {f.usual})" for p, f in outside[-_NAMED:]]
    which = listed(named) if len(outside) <= _NAMED else f"the last of them {listed(named)}"
    return f"{begin} {number(len(outside))} {'is' if len(outside) == 1 else 'are'} unusual: {which}."


def dots_sentence(series: Sequence[tuple[Period, Figure]], layer: Layer = CALLS) -> str:
    """Small counts: how many there were in how many months, and that nothing can be read from so few."""
    known = [f.count for _, f in series if f.count is not None]
    if not known:
        return ""
    none = sum(count == 0 for count in known)
    total = f"{number(sum(known))} {layer.noun(sum(known))}" if sum(known) else f"no {layer.many}"
    text = (
        f"In the {number(len(known))} {'month' if len(known) == 1 else 'months'} with a published number there were"
        f" {total}"
    )
    text += f"; {number(none)} {'month' if none == 1 else 'months'} had none." if 0 < none < len(known) else "."
    return f"{text} So few that one month against another says nothing."


def funnel_sentence(comparisons: Iterable[str], jurisdiction: str) -> str:
    """How many towns differ from the rest of the state."""
    counts = Counter(comparisons)
    compared = sum(counts[label] for label in ANSWERED)
    if not compared:
        return f"In no town of {jurisdiction} are enough expected to compare."
    differ, probably = (counts[f"{which}higher"] + counts[f"{which}lower"] for which in ("", "probably "))
    towns = f"Of the {number(compared)} {'town' if compared == 1 else 'towns'} of {jurisdiction} that can be compared"
    return (
        f"{towns}, {number(differ) if differ else 'none'} {'has' if differ <= 1 else 'have'} a higher or a lower rate"
        f" than the rest of the state, and {number(probably) if probably else 'none'} probably so."
    )


def similar_sentence(figure: Figure, others: Sequence[Figure], state: Figure, place: str, layer: Layer = CALLS) -> str:
    """A town's rate beside those of the towns of its size and the state's."""
    rates = [f.rate for f in others if f.rate is not None]
    text = f"{place} is shown with the {number(len(others))} towns nearest to it in residents."
    if figure.rate is not None:
        text += f" Its rate is {decimal(figure.rate)} {layer.many} per 1,000 people and year ({interval(figure)})"
        text += f", the state’s {decimal(state.rate)}." if state.rate is not None else "."
    if len(rates) > 1:
        text += f" Theirs lie between {decimal(min(rates))} and {decimal(max(rates))}"
        few = len(others) - len(rates)
        text += f"; {number(few)} had too few to rate." if few else "."
    elif others:
        text += " Most of them had too few to rate."
    return text


def kinds_sentence(kinds: Iterable[tuple[str, str]], layer: Layer = CALLS) -> str:
    """Which kinds differ from the rest of the state: pairs of a label and its comparison."""
    found = list(kinds)
    by = {
        answer: [lower_first(label) for label, comparison in found if comparison == answer]
        for answer in ("higher", "lower")
    }
    compared = sum(comparison in ANSWERED for _, comparison in found)
    if not compared:
        return f"There are too few {layer.many} of any one kind to compare them with the rest of the state."
    counted = f"Of {number(compared)} {'kind' if compared == 1 else 'kinds'} with enough {layer.many} to compare"
    parts = [
        f"{number(len(labels))} {'is' if len(labels) == 1 else 'are'} {answer} than in the rest of the state"
        f" ({_some(labels)})"
        for answer, labels in by.items()
        if labels
    ]
    return (
        f"{counted}, {listed(parts)}."
        if parts
        else f"{counted}, none is higher or lower than in the rest of the state, beyond “probably”."
    )


def share_sentence(
    layer: Layer,
    count: int,
    calls: int,
    share: tuple[float, float, float] | None,
    label: str,
    year: int,
    note: str = "",
) -> str:
    """Events of a layer beside the calls of the same kind and year. The one sentence that speaks of two layers."""
    amount = f"{number(count)} {layer.noun(count)}" if count else f"no {layer.many}"
    stand = "stands" if calls == 1 else "stand"
    begin = f"In {year}, {number(calls) if calls else 'no'} {CALLS.of_kind(label, calls)} {stand} beside {amount}"
    begin += " of that kind"
    if share is not None:
        value, low, high = (f"{part * 100:,.0f}" for part in share)
        return (
            f"{begin}: {value}\N{NO-BREAK SPACE}% ({low} to {high}\N{NO-BREAK SPACE}%). That is a share of numbers, not"
            f" of the very same events: {layer.words.beside}."
        )
    reason = {"too few calls": "too few calls for a share", "more offences than calls": "so no share can be given"}
    return f"{begin}: {reason.get(note, 'no share can be given')}."


def _some(labels: Sequence[str]) -> str:
    """The first of some labels; labels have commas of their own."""
    more = [f"{number(len(labels) - _NAMED)} more"] if len(labels) > _NAMED else []
    return "; ".join([*labels[:_NAMED], *more])
