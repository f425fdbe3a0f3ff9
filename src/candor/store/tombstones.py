"""What was withdrawn, in public: the data set, a version or the whole of it, the day and the class of the reason.

A tombstone says that something is gone for good and never what it was: no row, no number of rows, nothing of a person.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict


class WithdrawalReason(StrEnum):
    """Why something was withdrawn. A class and no more: a reason in words could say of whom it is."""

    SEALED = "sealed or expunged by law"
    MISTAKE = "published by mistake"
    PERSONAL = "personal information"
    AGENCY = "agency's request"

    @property
    def slug(self) -> str:
        """The reason in one word, as a command takes it."""
        return self.name.lower()


class Withdrawal(BaseModel):
    """When a version was withdrawn, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: date
    reason: WithdrawalReason

    @property
    def words(self) -> str:
        """As the end of a sentence."""
        return f"was withdrawn on {self.on:%Y-%m-%d} ({self.reason})"


class Tombstone(Withdrawal):
    """A line of `public/withdrawn.json`.

    `what`: the data set with all its versions, one `version`, or rows, which does not say how many or which.
    """

    dataset: str
    id: str
    what: Literal["data set", "version", "rows"]
    version: int | None = None


class Tombstones(BaseModel):
    """`public/withdrawn.json`: everything that was ever withdrawn, in the order of the days."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    withdrawn: tuple[Tombstone, ...] = ()

    def with_new(self, new: tuple[Tombstone, ...]) -> Tombstones:
        """These and the new ones, each once."""
        every = dict.fromkeys((*self.withdrawn, *new))
        return Tombstones(
            withdrawn=tuple(sorted(every, key=lambda t: (t.on, t.dataset, t.what, t.version or 0, t.reason)))
        )
