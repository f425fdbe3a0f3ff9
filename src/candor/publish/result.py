"""What a run did."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from candor.accounting.anonymity import Measured
from candor.accounting.count_tables import AccountedCounts
from candor.accounting.progress import Steps
from candor.accounting.records import Accounted
from candor.accounting.scanned import Texts
from candor.errors import CandorError, PortalError, Problem
from candor.ledger.moves import Settled
from candor.ledger.shares import KindMarks
from candor.privacy.texts.scan import PersonalInformationError, unchecked
from candor.privacy.times import TimeReport
from candor.profiles.crosswalk_review import Unsigned
from candor.publish.guards.gate import Judged
from candor.store.headers import NewColumns, SourceHeaders
from candor.store.model import Release

ARCHIVE = "archive"
"""In the internal folder: the rows that were published, with their keys."""


@dataclass
class Run:
    """What a run did: the data sets in order, the release (none for a check), and where the time went.

    `measured`: how alike the public rows are, of data sets with quasi-identifiers. `texts`: what the scan found there.
    `times`: by data set, how exactly its rows say when. `moves`: what changed since the last export; `settling`: what
    time of settling that proposes. `marks`: what agencies mark of each open kind. `too_open`: crosswalk lines that a
    release is refused for; `told`: texts of the portal's own files likewise; `unsigned`: crosswalks that a person has
    to sign; `people`: columns and words that tell of persons, and that nobody opened by name. `new_columns`: by data
    set, those new in its source. `judged`: what the guards found of each delivery.
    """

    accounted: list[Accounted] = field(default_factory=list)
    marks: list[KindMarks] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    texts: list[Texts] = field(default_factory=list)
    times: list[tuple[str, TimeReport]] = field(default_factory=list)
    moves: list[pa.Table] = field(default_factory=list)
    settling: list[Settled] = field(default_factory=list)
    too_open: list[Problem] = field(default_factory=list)
    people: list[Problem] = field(default_factory=list)
    told: list[Problem] = field(default_factory=list)
    unsigned: list[Unsigned] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    new_columns: dict[str, NewColumns] = field(default_factory=dict)
    counted_by_others: list[AccountedCounts] = field(default_factory=list)
    release: Release | None = None
    steps: Steps = field(default_factory=Steps)

    @property
    def all_accounted(self) -> list[Accounted | AccountedCounts]:
        """Every data set that was read, of rows and of counts."""
        return [*self.accounted, *self.counted_by_others]

    @property
    def unchecked(self) -> str:
        """What of the texts was not scanned, for want of the extra `scan`; nothing where all was."""
        return unchecked() if self.texts else ""

    @property
    def refusals(self) -> tuple[CandorError, ...]:
        """Why publishing what was looked at would be refused: in the words in which it would be."""
        found: list[CandorError] = [PortalError(self.too_open)] if self.too_open else []
        found += [PortalError(self.told)] if self.told else []
        found += [PortalError(stops)] if (stops := [u.problem for u in self.unsigned if u.stops]) else []
        found += [refusal for one in self.judged for refusal in one.refusals]
        found += [PersonalInformationError(t.dataset, t.unpassed) for t in self.texts if t.unpassed]
        found += [PortalError(self.people)] if self.people else []
        found += [one.refusal for one in self.measured if one.refusal]
        return tuple(found)

    def look_for_new_columns(self, headers: SourceHeaders) -> None:
        """Say which columns the sources have that they had not when they were last published."""
        new_of = {a.dataset.name: headers.new(a.dataset.name, a.landed.header) for a in self.all_accounted}
        self.new_columns = {name: new for name, new in new_of.items() if new}
