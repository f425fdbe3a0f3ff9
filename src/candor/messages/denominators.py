"""What a figure is divided by, in words: whose residents, of which year, and how much hangs on the choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from candor.messages.words import capital, decimal, listed, number
from candor.published.model import Period
from candor.store.model import PublicPortal

RESIDENTS, CALLS = "residents", "calls"
"""The denominators that every portal has: those who live there, and the town's own calls."""

NO_RIGHT_ONE = (
    "No denominator is the right one. Residents are those who live in a town; visitors and commuters are not among"
    " them, and the calls about them are."
)


@dataclass(frozen=True)
class ByDenominator:
    """A line of `call-denominators-by-town`: a town's figure by one denominator. `unit` says what the figure is of."""

    name: str
    base: int | None
    figure: float | None
    low: float | None
    high: float | None
    unit: str
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    towns_ranked: int | None
    towns_not_ranked: int | None
    rank_depends: bool
    note: str


def denominator_label(name: str, portal: PublicPortal) -> str:
    """A denominator as a table and a sentence say it."""
    if name == RESIDENTS:
        return "residents"
    if name == CALLS:
        return "the town’s own calls"
    return next((d.title for d in portal.denominators if d.name == name), name)


def denominator_heading(line: ByDenominator, portal: PublicPortal) -> str:
    """The heading of a line: the denominator and the unit of its figure."""
    unit = line.unit.replace("'", "’")
    return f"{capital(denominator_label(line.name, portal))} ({unit})"


def base_words(line: ByDenominator) -> str:
    """What the calls are divided by: "2,910 persons", "404 calls", or that it is not known."""
    if line.base is None:
        return "not known"
    one, many = ("call", "calls") if line.name == CALLS else ("person", "persons")
    if line.name == RESIDENTS:
        one, many = "resident", "residents"
    return f"{number(line.base)} {one if line.base == 1 else many}"


def figure_words(line: ByDenominator) -> str:
    """The rate or the share in a table, or why there is none."""
    if line.figure is None:
        return line.note or "none"
    return f"{decimal(line.figure)}\N{NO-BREAK SPACE}%" if line.name == CALLS else decimal(line.figure)


def limits_words(line: ByDenominator) -> str:
    """The interval in a table."""
    return f"{decimal(line.low)} to {decimal(line.high)}" if line.low is not None and line.high is not None else ""


def rank_words(line: ByDenominator) -> str:
    """The rank in a table: "22nd of 243 (15th to 34th); 12 more are not ranked"."""
    if line.rank is None or line.towns_ranked is None:
        return ""
    others = _not_ranked(line)
    return f"{ordinal(line.rank)} of {number(line.towns_ranked)} ({_range(line)}){f'; {others}' if others else ''}"


def _range(line: ByDenominator) -> str:
    """The ranks that the intervals leave possible: "15th to 34th"."""
    best, worst = line.rank_low or line.rank or 0, line.rank_high or line.rank or 0
    return ordinal(best) if best == worst else f"{ordinal(best)} to {ordinal(worst)}"


def _not_ranked(line: ByDenominator) -> str:
    number_of = line.towns_not_ranked or 0
    return f"{number(number_of)} more {'is' if number_of == 1 else 'are'} not ranked" if number_of else ""


def rank_sentences(lines: Sequence[ByDenominator], place: str, portal: PublicPortal) -> tuple[str, ...]:
    """Where a town's rank depends much on the choice: what it is by each, and what that says. Else nothing."""
    by = {line.name: line for line in lines}
    first = by.get(RESIDENTS)
    if first is None or first.rank is None or first.towns_ranked is None:
        return ()
    others = _not_ranked(first)
    begin = (
        f"By residents {place} ranks {ordinal(first.rank)} of {number(first.towns_ranked)} towns ({_range(first)}"
        f"{f'; {others}' if others else ''})"
    )
    found = []
    of_persons = [line for line in lines if line.name not in (RESIDENTS, CALLS) and line.rank_depends and line.rank]
    if of_persons:
        by_others = listed(
            [
                f"by {denominator_label(line.name, portal)} {ordinal(line.rank or 0)} ({_range(line)})"
                for line in of_persons
            ]
        )
        found.append(
            f"{begin}, {by_others}: its place among towns depends on who is counted as being there, so it says little."
        )
    share = by.get(CALLS)
    if share is not None and share.rank_depends and share.rank and share.towns_ranked:
        found.append(
            f"{begin}; by the share of its own calls that are of this kind it ranks {ordinal(share.rank)} of"
            f" {number(share.towns_ranked)} ({_range(share)}). A rate is high where many calls of all kinds come from,"
            " a share where few others do."
        )
    return tuple(found)


def ordinal(value: int) -> str:
    """1st, 2nd, 3rd, 11th, 22nd."""
    ending = "th" if 10 <= value % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{number(value)}{ending}"


def residents_years(portal: PublicPortal) -> str:
    """Of which years the residents are."""
    years = portal.population_years
    if not years:
        return "Of which year the residents are is not said."
    if len(years) == 1:
        return f"Residents are those of {years[0]}, for every year of the figures."
    return f"Residents are those of each year, {years[0]} to {years[-1]}."


def no_rate_sentence(place: str, period: Period) -> str:
    """Why there is no rate: residents not known for 2024."""
    first, last = period.first_month.year, period.last_month.year
    when = str(first) if first == last else f"a part of {first} to {last}"
    return f"Residents of {place} are not known for {when}, which is not the same as nobody."


def adjustment_sentences(portal: PublicPortal) -> tuple[str, ...]:
    """What each declared adjustment is and who says so."""
    return tuple(
        f"{capital(d.title)}: {_stop(d.description)} Source: {_stop(d.source)}" if d.description
        else f"{capital(d.title)}. Source: {_stop(d.source)}"
        for d in portal.denominators
    )  # fmt: skip


def _stop(text: str) -> str:
    words = " ".join(text.split())
    return words if words.endswith((".", "!", "?")) else f"{words}."
