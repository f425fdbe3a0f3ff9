"""The section of a town's page that sets its figure by several denominators side by side."""

from __future__ import annotations

from dataclasses import dataclass, fields

from candor.cards.selection import Selection
from candor.messages.denominators import (
    NO_RIGHT_ONE,
    ByDenominator,
    adjustment_sentences,
    base_words,
    denominator_heading,
    figure_words,
    limits_words,
    rank_sentences,
    rank_words,
    residents_years,
)
from candor.messages.figures import what
from candor.messages.words import capital, span
from candor.published.model import ALL, Period, Place
from candor.published.release import Published
from candor.published.tables import SCAN

SIDE_BY_SIDE, PERSONS = "call-denominators-by-town", "denominators"
_EVERY_LINE = 100_000
"""A $limit that no town's lines reach."""


@dataclass(frozen=True)
class DenominatorRow:
    """A line of the table, in words."""

    denominator: str
    base: str
    figure: str
    interval: str
    rank: str


@dataclass(frozen=True)
class DenominatorSection:
    """What `parts/denominators.html` draws. `flags` say that the town's rank depends on the choice; often there are
    none. `notes` say what the denominators are and of which years. `links` are (label, address)."""

    caption: str
    flags: tuple[str, ...]
    rows: tuple[DenominatorRow, ...]
    notes: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


def denominator_section(held: Published, town: Place, selection: Selection) -> DenominatorSection | None:
    """The town's figures by each denominator for a selection of calls; None where the release has none.

    Months and quarters have no such figures: then those of their year are shown, and the caption says so.
    """
    dataset, figures = held.release.dataset(SIDE_BY_SIDE), held.figures
    if dataset is None or figures is None:
        return None
    period = _long(selection.period, figures.periods)
    # A release of before says ranks without their interval.
    there = {column.name for column in dataset.columns}
    columns = ["denominator", *(f.name for f in fields(ByDenominator)[1:])]
    selected = ", ".join(name if name in there else "NULL" for name in columns)
    found = held.tables.rows(
        f"SELECT {selected} FROM {SCAN} WHERE geoid = ? AND period = ? AND category = ? AND initiated_by = ?",
        [held.tables.files(dataset), town.geoid, period.key, selection.category, selection.initiated_by],
    )
    portal = held.release.portal
    lines = sorted((ByDenominator(*row) for row in found), key=lambda line: _order(line.name))
    if not lines or not any(line.figure is not None or line.note for line in lines):
        return None
    kind = what(selection.label, officer=selection.officer)
    return DenominatorSection(
        caption=f"{capital(kind)} from {town.full_name} by several denominators, {span(period)}",
        flags=rank_sentences(lines, town.full_name, portal),
        rows=tuple(
            DenominatorRow(
                denominator_heading(line, portal),
                base_words(line),
                figure_words(line),
                limits_words(line),
                rank_words(line),
            )
            for line in lines
        ),
        notes=(NO_RIGHT_ONE, residents_years(portal), *adjustment_sentences(portal)),
        links=_links(held, town),
    )


def _links(held: Published, town: Place) -> tuple[tuple[str, str], ...]:
    found = []
    for name in (SIDE_BY_SIDE, PERSONS):
        dataset = held.release.dataset(name)
        if dataset is not None:
            address = f"/resource/{dataset.id}.csv?geoid={town.geoid}&$limit={_EVERY_LINE}"
            found += [(f"{dataset.title}: this town’s lines (CSV)", address)]
    return tuple(found)


def _order(name: str) -> int:
    """Residents first, the town's own calls last."""
    return {"residents": 0, "calls": 2}.get(name, 1)


def _long(period: Period, periods: dict[str, Period]) -> Period:
    """The period itself where it is a long one, else the calendar year of its last month, else all months."""
    if period.kind in ("year", "months"):
        return period
    return periods.get(str(period.last_month.year)) or periods.get(ALL, period)
