"""What a release says of one data set: its columns, where it comes from, what of it is withheld, its versions."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from candor.store.tombstones import Withdrawal

DatasetKind = Literal["rows", "counts", "rates", "places", "names"]


class Public(BaseModel):
    """A part of the public release file. What is not named here is not public.

    `FORMER` names what earlier versions of Candor told and this one does not: it is read and not told again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    FORMER: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _without_former(cls, value: object) -> object:
        if isinstance(value, dict):
            return {k: v for k, v in value.items() if k not in cls.FORMER}
        return value


class PublicColumn(Public):
    """A published column."""

    name: str
    label: str
    type: Literal["text", "category", "integer", "number", "boolean", "date", "timestamp", "geometry"]
    description: str = ""


class WithheldColumn(Public):
    """A column of the source that is not published, and why."""

    name: str
    label: str
    reason: str


class Reason(Public):
    """How many rows ended with an outcome for a reason."""

    outcome: Literal["published", "duplicate", "quarantined", "withheld"]
    reason: str
    rows: int


class Accounting(Public):
    """Where the rows of a source ended, as the public may know it: what is published exactly, the others to the nearest
    10. How many are withheld is said by year (`WithheldRows`).
    """

    FORMER = frozenset({"read", "withheld"})

    published: int
    duplicates: int
    quarantined: int
    reasons: tuple[Reason, ...] = ()


class Provenance(Public):
    """Where a version came from. Nothing in it depends on rows (`store.sources` has that, and says why).

    `key`: the fingerprint of the secret key of its keyed hashes; empty where no column is one.
    """

    FORMER = frozenset({"source_sha256", "source_bytes"})

    configuration_sha256: str = ""
    key: str = ""
    program: str = ""
    engine: str = ""


class Indicator(Public):
    """What the figures of a data set measure, in words, as health portals describe theirs."""

    definition: str
    rationale: str
    source: str
    method: str
    interval_method: str
    disclosure_control: str
    caveats: str
    polarity: str
    benchmark: str


class Anonymity(Public):
    """How well the published rows hide one another, over the quasi-identifiers `quasi`.

    `k` is the size of the smallest group of rows that are alike in all of them, `groups` the number of groups. `l`: for
    each sensitive column the smallest number of different values in a group. The prosecutor's risk of a row is 1 / the
    size of its group. `below` rows are in groups of fewer than `asked_k`. `promised`: the publisher declared `asked_k`
    and `asked_l`, and a release below them is refused; else they are a measure and no promise. `not_measured` are
    published quasi-identifiers that the publisher left out.
    """

    promised: bool
    asked_k: int
    asked_l: int = 1
    quasi: tuple[str, ...]
    not_measured: tuple[str, ...] = ()
    rows: int
    groups: int
    k: int
    below: int
    l: dict[str, int] = {}  # noqa: E741  # the field's standard name
    risk_max: float
    risk_mean: float

    @property
    def share_below(self) -> float:
        """The share of the rows in groups of fewer than `asked_k`, from 0 to 1."""
        return self.below / self.rows if self.rows else 0.0

    @property
    def holds(self) -> bool:
        """Whether every group has `asked_k` rows and `asked_l` values of each sensitive column."""
        return self.below == 0 and (not self.rows or all(found >= self.asked_l for found in self.l.values()))


class PublicChange(Public):
    """One thing that is not as in the standard: `key` (`publish`, `class`, ..) was `was` there and is `now`."""

    key: str
    was: str
    now: str


class PublicApproval(Public):
    """What is published of a column or a category that the standard withholds: who approved it, when, and why."""

    subject: Literal["column", "category"]
    name: str
    label: str
    changes: tuple[PublicChange, ...]
    approved_by: str
    approved_on: date
    reason: str


class PublicReview(Public):
    """Who read everything that a column publishes and passed it; `passed` is what looked like somebody's and is not."""

    column: str
    label: str
    name: str
    reviewed_on: date
    reason: str
    passed: tuple[str, ...] = ()


class PublicAcceptance(Public):
    """What a person has accepted of the delivery that a version was made from, where it was not like those before it.

    `says`: what was found, without a number; `guard`: the name of what found it.
    """

    guard: str
    says: str
    name: str
    accepted_on: date
    reason: str


class WithheldCategory(Public):
    """A category of calls that the publisher withholds altogether: in no row and in no count."""

    slug: str
    label: str
    reason: str


class DatasetDraft(Public):
    """What a publication says of a data set; the store adds what only it knows and makes it a `DatasetVersion`.

    `columns` names every column of the Parquet files, and nothing else: what is not named is not public. `unchecked`:
    what the scan of its texts left unchecked.
    """

    name: str
    id: str
    kind: DatasetKind
    title: str
    description: str = ""
    unit: str = "row"
    unit_plural: str = "rows"
    licence: str = ""
    caveats: tuple[str, ...] = ()
    columns: tuple[PublicColumn, ...]
    withheld_columns: tuple[WithheldColumn, ...] = ()
    approvals: tuple[PublicApproval, ...] = ()
    reviews: tuple[PublicReview, ...] = ()
    accepted: tuple[PublicAcceptance, ...] = Field(default=(), exclude_if=lambda value: not value)
    unchecked: str = Field(default="", exclude_if=lambda value: not value)
    accounting: Accounting | None = None
    anonymity: Anonymity | None = None
    provenance: Provenance = Provenance()
    indicator: Indicator | None = None
    time_column: str = ""
    first_date: date | None = None
    last_date: date | None = None


class DatasetVersion(DatasetDraft):
    """One data set in a release.

    `version` counts the publications of this data set from 1; `delta_version` is the version of the Delta table under
    `data/public/tables/<name>`; `files` are the Parquet files of that version, relative to `data/public`, `file_rows`
    and `file_sha256` their rows and hashes in that order (empty in releases that did not know them yet).
    `content_sha256` is what `sha256sum` prints of the one file; of several what `sha256sum FILES | cut -c-64 |
    sha256sum` prints, so that a file that is carried on need not be read again (without `file_sha256`: the hash of
    their bytes, one after another). `changes` says in plain words what is different from the version before.
    `withdrawn`: it is gone for good, and only its name, its number and its day are left.
    """

    version: int
    delta_version: int
    files: tuple[str, ...]
    rows: int
    published_at: datetime
    changes: str = ""
    content_sha256: str = ""
    file_rows: tuple[int, ...] = ()
    file_sha256: tuple[str, ...] = ()
    withdrawn: Withdrawal | None = None
