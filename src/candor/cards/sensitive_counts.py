"""How many figures of each sensitive kind are told with a number, as under 5, and not yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from candor.published.coming import SENSITIVE
from candor.published.release import Published
from candor.published.tables import SCAN

_OFFENCES = "offences-by-town"


class KindFigures(NamedTuple):
    """The figures of a sensitive kind that somebody reported: places and periods, of calls or of offences."""

    label: str
    layer: str
    numbers: int
    under: int
    waiting: int


def sensitive_counts(held: Published) -> tuple[KindFigures, ...]:
    """Of each sensitive kind that is counted, in the order of the categories, calls before offences.

    Figures that nobody reported, and those that are not told of a town and period, are in none of the numbers.
    """
    calls = {c.slug: c.label for c in held.release.categories if c.sensitivity == "sensitive"}
    offences = {c.slug: c.label for c in held.release.offence_categories if c.sensitivity == "sensitive"}
    return (*_of(held, SENSITIVE, "calls", calls), *_of(held, _OFFENCES, "offences", offences))


def _of(held: Published, name: str, layer: str, labels: dict[str, str]) -> Iterator[KindFigures]:
    dataset = held.release.dataset(name)
    if dataset is None or not labels:
        return
    rows = held.tables.rows(
        "SELECT category, count(*) FILTER (WHERE coverage IN ('reported', 'partly reported')),"
        " count(*) FILTER (WHERE coverage = 'under 5'), count(*) FILTER (WHERE coverage = 'not yet')"
        f" FROM {SCAN} GROUP BY category",
        [held.tables.files(dataset)],
    )
    found = {category: numbers for category, *numbers in rows}
    for slug, label in labels.items():
        if sum(found.get(slug, ())):
            yield KindFigures(label, layer, *found[slug])
