"""Made-up counts of sensitive kinds, and a portal's clock that goes on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from candor.ledger.counted import Counted
from candor.ledger.ledger import Ledger
from candor.ledger.tell import tell
from candor.measures.dense import DenseCube
from candor.portal.calendar import Calendar

FIRST = np.datetime64("2022-01")
KINDS = ("overdose", "suicide")


def counted(
    counts: np.ndarray,
    residents: tuple[int, ...],
    *,
    counties: tuple[str, ...] = (),
    reported: np.ndarray | None = None,
) -> Counted:
    """`counts` (kinds, towns, months) from January 2022 on; everything is reported where nothing else is said."""
    kinds, towns, months = counts.shape
    there = np.ones((towns, months), np.bool_) if reported is None else reported
    persons = np.broadcast_to(np.array(residents, np.float64)[:, None], (towns, months))
    return Counted(
        layer="calls", categories=KINDS[:kinds], groups=("health",) * kinds,
        geoids=tuple(f"T{i}" for i in range(towns)), names=tuple(f"Town {i}" for i in range(towns)),
        counties=counties or ("Ash",) * towns, months=np.arange(FIRST, FIRST + months), counts=counts,
        by_month=there, by_year=there, used=np.ones((kinds, months), np.bool_),
        residents=persons, persons=persons,
    )  # fmt: skip


@dataclass
class Telling:
    """A ledger through the days on which is told."""

    ledger: Ledger = field(default_factory=Ledger)
    releases: int = 0

    def on(self, today: date, of: Counted) -> dict[tuple[str, str, str, str], int | None]:
        """Tell what is due of the months that have settled by then; everything told so far, by level, place, kind."""
        self.releases += 1
        known = np.array([Calendar().is_settled(m, today) for m in of.months])
        self.ledger = tell(_until(of, known), self.ledger, Calendar(), today, self.releases, "Testland")
        return self.said()

    def said(self) -> dict[tuple[str, str, str, str], int | None]:
        """Level, place (a town's GEOID), kind and span: what is told of it; None for under 5."""
        found = {}
        for line in self.ledger.told.to_pylist():
            place = line["geoid"] or line["place"]
            span = f"{line['first_month']:%Y-%m}..{line['last_month']:%Y-%m}"
            key = (line["level"], place, line["category"], span)
            assert key not in found, f"{key} is told twice"
            found[key] = line["calls"]
        return found


def _until(of: Counted, known: np.ndarray) -> Counted:
    at = np.flatnonzero(known)
    return replace(
        of, months=of.months[at], counts=of.counts[:, :, at], by_month=of.by_month[:, at], by_year=of.by_year[:, at],
        used=of.used[:, at], residents=of.residents[:, at], persons=of.persons[:, at],
    )  # fmt: skip


def cells(of: Counted, reported: np.ndarray, covered: np.ndarray | None = None) -> DenseCube:
    """The coverage of the counts, as figures are made from it."""
    shape = (len(of.categories), 2, *reported.shape)
    return DenseCube(
        geoids=of.geoids, names=of.names, counties=of.counties, residents=of.residents, months=of.months,
        categories=of.categories, groups=of.groups, calls=np.zeros(shape, np.int64), untold=np.zeros(shape, np.bool_),
        reported=reported, covered=np.ones_like(reported) if covered is None else covered,
    )  # fmt: skip
