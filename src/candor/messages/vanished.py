"""A kind of call that stops: gone from the town, or only from the source's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from candor.messages.figures import what
from candor.messages.words import month_name
from candor.published.model import Figure, Period

USUAL: Final = 10
"""The calls in the last twelve months with such calls from which their absence is worth a word."""

GONE: Final = 12
"""The reported months without one from which they are said to be gone."""


def last_seen(series: Sequence[tuple[Period, Figure]]) -> tuple[date, int] | None:
    """The last month with a call of a kind that then stopped, and how many there were in the twelve months up to it.

    `series` are the months in order. None where there was a call in the last twelve reported months, where the kind was
    always rare, or where a month has no exact number.
    """
    counts = [(period.first_month, figure.count) for period, figure in series if figure.count is not None]
    seen = [i for i, (_, count) in enumerate(counts) if count]
    if not seen or any(figure.rounded for _, figure in series):
        return None
    last = seen[-1]
    usual = sum(count or 0 for _, count in counts[max(last - GONE + 1, 0) : last + 1])
    return (counts[last][0], usual) if usual >= USUAL and len(counts) - 1 - last >= GONE else None


def vanished_sentence(series: Sequence[tuple[Period, Figure]], label: str) -> str:
    """That there is no call of this kind since a month, and why that need not mean that there are none."""
    found = last_seen(series)
    if found is None:
        return ""
    month, usual = found
    return (
        f"No call of this kind since {month_name(month)}; in the twelve months up to then there were"
        f" {what(label, usual)}. Perhaps the kind has another name in the source now: whether the calls stopped is not"
        " known."
    )
