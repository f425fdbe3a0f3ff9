"""What a release says of itself: the public file that names the table versions and explains them."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field, model_validator

from candor.profiles.profile import Profile, standard_kinds
from candor.store.dataset_model import DatasetVersion, Public, PublicReview, WithheldCategory


class WithheldRows(Public):
    """How many rows of calls of a year are withheld, in the whole state: a multiple of 5, None where under 5."""

    year: int
    rows: int | None


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


class PublicNouns(Public):
    """What the portal calls its places, and what they make up together; `group` is empty where they lie in nothing."""

    place: str
    places: str
    whole: str
    group: str = ""
    groups: str = ""


class PublicPortal(Public):
    """What the public may know of the portal's configuration. `nouns`: where they are others than town and state.

    `reviews`: who passed what in its own texts looked like a person's. `population_years`: the years of which residents
    are known; one, where the same residents stand for every year.
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
    rates_by: str = ""
    population_years: tuple[int, ...] = ()
    place_changes: tuple[PlaceChange, ...] = ()
    benchmarks: tuple[PublicBenchmark, ...] = ()
    denominators: tuple[PublicDenominator, ...] = ()
    withheld_categories: tuple[WithheldCategory, ...] = ()
    nouns: PublicNouns | None = Field(default=None, exclude_if=lambda nouns: nouns is None)
    reviews: tuple[PublicReview, ...] = Field(default=(), exclude_if=lambda reviews: not reviews)


_FORMER = ("calls", "offences")
"""The profiles that there were before a release named its own."""


def standard_profiles() -> tuple[Profile, ...]:
    """Those of a release that does not name its own."""
    return tuple(standard_kinds()[name].profile.public for name in _FORMER)


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
