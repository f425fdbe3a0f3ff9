"""What the charts of a town show, in words: a series and what is usual of it, the funnel, towns of its size, kinds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from candor.messages.layers import CALLS, Layer
from candor.messages.words import about, decimal, interval, listed, lower_first, number, span
from candor.published.model import Figure, Period

USUAL_METHOD: Final = (
    "Months are compared with each other in an XmR chart: the limits are the mean and 2.66 mean differences between"
    " neighbouring months on either side of it. Limits are drawn where the mean is at least 5 a month."
)

SIMILAR: Final = 10
"""How many towns of similar size are shown."""

SIMILAR_RULE: Final = (
    f"Of similar size are the {SIMILAR} towns whose number of residents is nearest in proportion, among those of which"
    " the whole period is reported and its number published. They stand in the order of their residents: it is not a"
    " ranking."
)

_NAMED: Final = 4


def usual_sentence(mean: float, lower: float, upper: float, outside: Sequence[tuple[Period, Figure]]) -> str:
    """What is usual of a month, and which months are not."""
    usual = f"stay between {about(lower)} and {about(upper)}" if lower > 0 else f"have up to {about(upper)}"
    text = f"The mean is {about(mean)} a month, and months usually {usual}."
    if not outside:
        return f"{text} No month lies outside."
    named = [f"{span(p)} ({number(f.count)})" for p, f in outside[-_NAMED:]]
    if len(outside) == 1:
        return f"{text} One month lies outside: {named[0]}. A season can be the reason as well as a change."
    which = listed(named) if len(outside) <= _NAMED else f"the last of them {listed(named)}"
    return f"{text} {number(len(outside))} months lie outside: {which}. A season can be the reason as well as a change."


def runs_sentence(months: int) -> str:
    """How many months are in a run or near a limit; nothing where none is."""
    if not months:
        return ""
    return (
        f"{number(months)} {'month is' if months == 1 else 'months are'} marked for being one of seven or more in a row"
        " on one side of the mean, or rising or falling, or near a limit."
    )


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
    """How many towns lie beyond the limits of chance."""
    counts = Counter(comparisons)
    beyond, perhaps = (counts[f"{which}higher"] + counts[f"{which}lower"] for which in ("", "perhaps "))
    compared = beyond + perhaps + counts["as expected"]
    if not compared:
        return f"In no town of {jurisdiction} are enough expected to compare."
    outside = beyond + perhaps
    text = (
        f"Of the {number(compared)} {'town' if compared == 1 else 'towns'} of {jurisdiction} that can be compared,"
        f" {number(outside) if outside else 'none'} {'lies' if outside <= 1 else 'lie'} beyond the"
        " 95\N{NO-BREAK SPACE}% limits"
    )
    if outside:
        text += f", {f'{number(beyond)} of them' if beyond else 'none'} beyond the 99.8\N{NO-BREAK SPACE}% limits"
    return f"{text}; by chance alone it would be up to {number(math.ceil(compared * 0.05))}."


def similar_sentence(figure: Figure, others: Sequence[Figure], state: Figure, place: str, layer: Layer = CALLS) -> str:
    """A town's rate beside those of the towns of its size and the state's."""
    rates = [f.rate for f in others if f.rate is not None]
    text = f"{place} is shown with the {number(len(others))} towns nearest to it in residents."
    if figure.rate is not None:
        text += f" Its rate is {decimal(figure.rate)} {layer.many} per 1,000 residents and year ({interval(figure)})"
        text += f", the state’s {decimal(state.rate)}." if state.rate is not None else "."
    if len(rates) > 1:
        text += f" Theirs lie between {decimal(min(rates))} and {decimal(max(rates))}"
        few = len(others) - len(rates)
        text += f"; {number(few)} had too few to rate." if few else "."
    elif others:
        text += " Most of them had too few to rate."
    return text


def kinds_sentence(kinds: Iterable[tuple[str, str]], layer: Layer = CALLS) -> str:
    """Which kinds are beyond what is expected: pairs of a label and its comparison."""
    found = list(kinds)
    by = {
        verdict: [lower_first(label) for label, comparison in found if comparison == verdict]
        for verdict in ("higher", "lower")
    }
    compared = sum(comparison in _COMPARED for _, comparison in found)
    if not compared:
        return f"There are too few {layer.many} of any one kind to compare them with the state."
    counted = f"Of {number(compared)} {'kind' if compared == 1 else 'kinds'} with enough {layer.many} to compare"
    parts = [
        f"{number(len(labels))} {'is' if len(labels) == 1 else 'are'} {verdict} than expected ({_some(labels)})"
        for verdict, labels in by.items()
        if labels
    ]
    return f"{counted}, {listed(parts)}." if parts else f"{counted}, none is higher or lower than expected."


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


_COMPARED: Final = ("lower", "perhaps lower", "as expected", "perhaps higher", "higher")


def _some(labels: Sequence[str]) -> str:
    """The first of some labels; labels have commas of their own."""
    more = [f"{number(len(labels) - _NAMED)} more"] if len(labels) > _NAMED else []
    return "; ".join([*labels[:_NAMED], *more])
