"""What a release says of itself: the public file that names the table versions and explains them."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from candor.profiles.profile import Profile, standard_kinds
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


class WithheldRows(Public):
    """How many rows of calls of a year are withheld, in the whole state: a multiple of 5, None where under 5."""

    year: int
    rows: int | None


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


class PublicCoverage(Public):
    """Whose data, for which towns and months.

    Of the months in `incomplete` the agency had sent only a part when they were published, of those in `gaps` nothing;
    `late` ones among them came afterwards, and are counted in their year alone.
    """

    dataset: str
    agency: str
    places: tuple[str, ...]
    first_month: str
    last_month: str
    gaps: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    published_through: str = ""


class PublicNext(Public):
    """What is published next: a month of a data set, or the figures of sensitive kinds of a year, and when."""

    dataset: str
    what: str
    on: date


class PublicSettling(Public):
    """When what is published for good: days after the end of a month, a quarter, a year. `clock`: the release's day.

    `release`: that which was made with these; a rollback has those of the release that it goes back to.
    """

    days: int
    quarter_days: int
    year_days: int
    clock: date
    coming: tuple[PublicNext, ...] = ()
    release: int = 0


class PlaceChange(Public):
    """A place that was part of another: `geoid` is one of its own from `from_month` (`2022-07`), before in `before`."""

    geoid: str
    name: str
    before: str
    before_name: str
    from_month: str
    note: str = ""


class PublicDenominator(Public):
    """What rates are computed by beside residents: `title` reads on in a sentence ("residents and visitors")."""

    name: str
    title: str
    description: str = ""
    source: str = ""


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


class WithheldCategory(Public):
    """A category of calls that the publisher withholds altogether: in no row and in no count."""

    slug: str
    label: str
    reason: str


class DatasetDraft(Public):
    """What a publication says of a data set; the store adds what only it knows and makes it a `DatasetVersion`.

    `columns` names every column of the Parquet files, and nothing else: what is not named is not public.
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


class PublicCategory(Public):
    """A category of a profile. `call_categories`: the calls of the same kind, where it has such."""

    FORMER = frozenset({"zeros_protected"})

    slug: str
    label: str
    group: str
    group_label: str
    definition: str
    initiated_by: str = ""
    sensitivity: str
    release: str = "aggregates"
    reason: str = ""
    call_categories: tuple[str, ...] = ()
    profile: str = "calls"


class PublicBenchmark(Public):
    """A figure of another place, such as the nation: `rate` is per 1,000 residents and year."""

    layer: str
    category: str
    year: int
    rate: float
    place: str
    source: str


class KnownFigure(Public):
    """What can be worked out of a count: that it is `low` to `high`, or more where that is None."""

    figure: str
    low: int
    high: int | None = None


class AuditCertificate(Public):
    """What the audit found, which attacked every sensitive count with everything that was ever published.

    `told`: sensitive figures that were ever told. `attacked`: these and what sums and differences of them lead to, in
    `categories` kinds, of `versions` releases. `fewest`: so many values are possible of the count that is known most
    closely (5: of every count five or more), `fewest_of` by name. `narrow` have fewer than three, `exact` of them one.
    `whole`: of so many, tables of whole numbers prove it. `before`: counts that releases of the old form gave away.
    `apart`: years of kinds that their months contradict, because calls were reclassified between; they were read apart.
    `insiders`: agencies that attacked with their own counts known, `insider_attacked` counts of 0 to 4 in all; of these
    `insider_exact` are exact at 1 to 4, `insider_zeros` at 0. `insider_misfits`: own counts of agencies that are not
    those in the told figures. `found`: what was found, a few by name.

    How many counts of others an agency attacked, and how many it finds to be 0, follow from true counts: in a release
    they are not said (`as_told`).
    """

    versions: int = 1
    categories: int = 0
    told: int = 0
    attacked: int = 0
    fewest: int | None = None
    fewest_of: str = ""
    narrow: int = 0
    exact: int = 0
    whole: int = 0
    before: int = 0
    apart: int = 0
    insiders: int = 0
    insider_attacked: int | None = 0
    insider_exact: int = 0
    insider_zeros: int | None = 0
    insider_misfits: int | None = 0
    found: tuple[KnownFigure, ...] = ()
    programs: int = 0
    seconds: float = 0.0

    @model_validator(mode="before")
    @classmethod
    def _of_old_releases(cls, value: object) -> object:
        """Certificates of releases that suppressed counts, and rounded none, said other things."""
        if isinstance(value, dict) and "threshold" in value:
            kept = {k: v for k, v in value.items() if k in cls.model_fields}
            return {**kept, "exact": value.get("recovered", 0), "found": value.get("narrowest", ())}
        return value

    def as_told(self) -> AuditCertificate:
        """The same without what follows from counts that are not told."""
        return self.model_copy(
            update={"insider_attacked": None, "insider_zeros": None, "insider_misfits": None, "programs": 0}
        )

    @property
    def passed(self) -> bool:
        """Whether nothing is known better than it may be."""
        return not (self.narrow or self.insider_exact)


class PublicPortal(Public):
    """What the public may know of the portal's configuration.

    `population_years`: the years of which residents are known; one, where the same residents stand for every year.
    """

    FORMER = frozenset({"suppression_threshold"})

    title: str
    jurisdiction: str
    state: str = ""
    time_zone: str
    contact: str = ""
    about: str = ""
    simulated: bool = False
    boundaries_schematic: bool = False
    boundaries_source: str = ""
    population_source: str = ""
    population_years: tuple[int, ...] = ()
    place_changes: tuple[PlaceChange, ...] = ()
    benchmarks: tuple[PublicBenchmark, ...] = ()
    denominators: tuple[PublicDenominator, ...] = ()
    withheld_categories: tuple[WithheldCategory, ...] = ()


def standard_profiles() -> tuple[Profile, ...]:
    """Those of a release that does not name its own."""
    return tuple(kind.profile for kind in standard_kinds().values())


class Release(Public):
    """A release: all data sets of the portal, each in one version, published together.

    `profiles`: what is counted by town, each with its words and tables; `categories`: those of each that are counted.
    `settling`: when what appears. `withheld_rows`: by year, told once. `corrected`: years whose rows and figures of
    open kinds were corrected since the release before.
    `withdrawn`: the versions of it that were withdrawn since; they are not among `datasets` any more.
    """

    FORMER = frozenset({"revised", "accounting"})

    number: int
    created_at: datetime
    program: str
    note: str = ""
    portal: PublicPortal
    datasets: tuple[DatasetVersion, ...]
    coverage: tuple[PublicCoverage, ...] = ()
    profiles: tuple[Profile, ...] = Field(default_factory=standard_profiles)
    categories: tuple[PublicCategory, ...] = ()
    audit: AuditCertificate | None = None
    settling: PublicSettling | None = None
    withheld_rows: tuple[WithheldRows, ...] = ()
    corrected: tuple[int, ...] = ()
    withdrawn: tuple[DatasetVersion, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _with_profiles(cls, value: object) -> object:
        """Releases of before had the categories of the second profile in a list of their own."""
        if isinstance(value, dict) and "offence_categories" in value:
            second = [{**c, "profile": "offences"} for c in value["offence_categories"]]
            kept = {k: v for k, v in value.items() if k != "offence_categories"}
            return {**kept, "categories": [*value.get("categories", ()), *second]}
        return value

    @property
    def monthly(self) -> Profile:
        """The profile that is counted from rows, month by month."""
        return next(p for p in self.profiles if p.monthly)

    def profile(self, name: str) -> Profile:
        """The profile of that name."""
        return next(p for p in self.profiles if p.name == name)

    def kinds(self, profile: str = "") -> tuple[PublicCategory, ...]:
        """The categories of a profile; without a name, of the one that is counted from rows."""
        name = profile or self.monthly.name
        return tuple(c for c in self.categories if c.profile == name)

    @property
    def of_calls(self) -> tuple[DatasetVersion, ...]:
        """The data sets of rows that are counted by category and town."""
        return tuple(
            d for d in self.datasets if d.kind == "rows" and {"category", "geoid"} <= {c.name for c in d.columns}
        )

    def dataset(self, name: str) -> DatasetVersion | None:
        """The data set of that name, or of that 4x4."""
        return next((d for d in self.datasets if name in (d.name, d.id)), None)
