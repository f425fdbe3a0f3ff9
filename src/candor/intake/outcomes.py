"""What became of every row or line of a source: the one account of it, whether it holds rows or counts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from candor.intake.piles import Pile
from candor.portal.declared import Dataset
from candor.sources.base import Landed, Unreadable
from candor.store.dataset_model import PublicAcceptance

Declared = TypeVar("Declared", bound=Dataset)


@dataclass(frozen=True)
class Outcome:
    """How many rows ended so, and why."""

    outcome: str
    reason: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class AccountedSource(Generic[Declared]):
    """A source after intake, and the sums that show that nothing is lost.

    `quarantined_path` holds the quarantined rows as the source had them, with their reasons. `new_types` are call types
    that the crosswalk does not name, with their rows. `piles` are points that hold more rows than a place does.
    `accepted`: what of the delivery a person has said yes to.
    """

    dataset: Declared
    landed: Landed
    outcomes: tuple[Outcome, ...]
    placed_by: tuple[Outcome, ...]
    notes: tuple[Outcome, ...]
    quarantined_path: Path
    new_types: tuple[tuple[str, int], ...] = ()
    piles: tuple[Pile, ...] = ()
    accepted: tuple[PublicAcceptance, ...] = ()

    def rows(self, outcome: str) -> int:
        """How many rows have that outcome."""
        return sum(o.rows for o in self.outcomes if o.outcome == outcome)

    @property
    def incomplete(self) -> dict[str, tuple[str, ...]]:
        """By agency, the declared months of which it sent only a part; none where lines speak of whole years."""
        return {}

    @property
    def sums(self) -> dict[str, int]:
        """`read`, `published`, `duplicates`, `quarantined`, `withheld`: the first is the sum of the others.

        Also `left out`, where the data set declares that some rows do not count.
        """
        left_out = self.rows("left out")
        return {
            "read": self.landed.read,
            "published": self.rows("published"),
            "duplicates": self.rows("duplicate"),
            "quarantined": self.rows("quarantined"),
            "withheld": self.rows("withheld"),
            **({"left out": left_out} if left_out else {}),
        }


def unreadable_outcomes(unreadable: tuple[Unreadable, ...]) -> tuple[Outcome, ...]:
    """Lines that are no rows, as quarantined ones."""
    return tuple(Outcome("quarantined", f"{u.reason} (first at line {u.first_line})", u.rows) for u in unreadable)
