"""How many figures of each sensitive kind are told with a number, as under 5, and not yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from candor.published.coming import SENSITIVE
from candor.published.release import Published
from candor.published.tables import SCAN


class KindFigures(NamedTuple):
    """The figures of a sensitive kind that somebody reported: places and periods, of a profile."""

    label: str
    layer: str
    numbers: int
    under: int
    waiting: int


def sensitive_counts(held: Published) -> tuple[KindFigures, ...]:
    """Of each sensitive kind that is counted, in the order of the profiles and their categories.

    Figures that nobody reported, and those that are not told of a town and period, are in none of the numbers.
    """
    release = held.release
    return tuple(
        found
        for p in release.profiles
        for found in _of(
            held,
            SENSITIVE if p.monthly else p.tables.counts,
            p.name,
            {c.slug: c.label for c in release.kinds(p.name) if c.sensitivity == "sensitive"},
        )
    )


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
