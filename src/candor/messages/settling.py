"""When what appears, what has not settled yet, and who came late, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from candor.messages.release import tells_sensitive
from candor.messages.words import capital, day_name, listed, month_name, month_of, number
from candor.store.model import PublicCoverage, Release

ONCE: Final = (
    "What a row says of its kind, place and time stays as it was published. What turns out to be sensitive afterwards"
    " stays, and what was sensitive never appears as a row."
)

YEARLY: Final = (
    "Corrections between open kinds, places and times are gathered and made together once a year, on the day on which"
    " the year is told; the release then says which year was corrected."
)

EARLY_WHY: Final = (
    "Figures of towns appear when the month has settled: until then calls are still added, and change their kind."
    " To the nearest 10, and for counties and the state alone, so that nobody can follow a single call from day to day."
)


def rule_sentences(release: Release) -> tuple[str, ...]:
    """How long after a time its rows and figures appear; nothing of a release that does not say."""
    settling = release.settling
    if settling is None:
        return ()
    open_kinds = (
        f"Rows and figures of open kinds: {_days(settling.days)} after the month, all of a month together. A data set"
        " may have a time of its own, which its page says.",
        "Before that: open kinds of counties and the state alone, to the nearest 10, once a month is over.",
    )
    if not tells_sensitive(release):
        return (*open_kinds, f"What came late: {_days(settling.year_days)} after the year.")
    return (
        *open_kinds,
        f"Sensitive kinds by month and quarter: {_days(settling.quarter_days)} after the quarter.",
        f"Sensitive kinds by year, and what came late: {_days(settling.year_days)} after the year.",
    )


def next_sentences(release: Release, dataset: str = "") -> tuple[str, ...]:
    """What is published next of a data set of rows, or of all: "March 2026 appears on 30 April 2026."."""
    if release.settling is None:
        return ()
    found: dict[tuple[date, str], None] = {}
    for one in release.settling.coming:
        if one.dataset and (not dataset or one.dataset == dataset):
            found[one.on, one.what] = None
    return tuple(appears(month_of(what), on) for on, what in sorted(found))


def told_next(days: Mapping[str, date]) -> tuple[str, ...]:
    """The same of sensitive kinds; `days` by period."""
    by_day: dict[date, list[str]] = {}
    for period, on in days.items():
        by_day.setdefault(on, []).append(period)
    return tuple(
        appears(listed([_named(p) for p in found]), on, several=len(found) > 1) for on, found in by_day.items()
    )


def appears(what: str, on: date, *, several: bool = False) -> str:
    """ "March 2026 appears on 30 April 2026."."""
    return f"{capital(what)} {'appear' if several else 'appears'} on {day_name(on)}."


_QUARTERS: Final = ("first", "second", "third", "fourth")


def _named(period: str) -> str:
    year, _, rest = period.partition("-")
    if rest.startswith("Q"):
        return f"the {_QUARTERS[int(rest[1:]) - 1]} quarter of {year}"
    if len(rest) == len(year):
        return f"the years {year} to {rest}"
    return month_of(period) if rest else period


def late_sentences(coverage: Sequence[PublicCoverage], dataset: str = "") -> tuple[str, ...]:
    """Which agencies came late with which months, by name."""
    return tuple(
        f"{c.agency} sent {listed([month_of(m) for m in c.late])} late:"
        f" {'these months are' if len(c.late) > 1 else 'the month is'} missing among the months, and counted in the"
        " year."
        for c in coverage
        if c.late and dataset in ("", c.dataset)
    )


def corrected_sentence(release: Release) -> str:
    """Which years were corrected in this release; nothing where none was."""
    if not release.corrected:
        return ""
    return f"This release corrects rows and figures of open kinds of {listed([str(y) for y in release.corrected])}."


def early_title(month: date) -> str:
    """The heading of early figures: "March 2026, so far"."""
    return f"{month_name(month)}, so far"


def early_amount(calls: int) -> str:
    """A number to the nearest 10: "about 1,230"; below 10 "under 5"."""
    return f"about {number(calls)}" if calls else "under 5"


def early_sentence(kinds: Sequence[tuple[str, int]], month: date, on: date, area: str) -> str:
    """The kinds with most calls so far, and when the exact figures of towns appear."""
    most = [f"{label} {early_amount(calls)}" for label, calls in kinds if calls]
    if not most:
        return f"Of no open kind are there 5 calls or more from {area} in {month_name(month)} so far. {_exact(on)}"
    return f"Calls from {area} in {month_name(month)} so far, to the nearest 10: {listed(most)}. {_exact(on)}"


def _exact(on: date) -> str:
    return f"Exact figures, town by town, appear on {day_name(on)}."


def _days(days: int) -> str:
    return f"{number(days)} {'day' if days == 1 else 'days'}"
