"""The portal as declared on disk, typed: `portal.toml`, `datasets/*.toml`, `crosswalks/*.csv`."""

from __future__ import annotations

import datetime
import re
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, PrivateAttr, field_validator, model_validator

from candor.portal.counts_model import CountsConfig
from candor.portal.declared import COLUMN_NAME, NAME, Dataset, Declared, Month, SourceConfig
from candor.portal.points_model import PointsConfig

ColumnType = Literal["text", "category", "integer", "number", "boolean", "date", "timestamp", "latitude", "longitude"]
Role = Literal[
    "key", "case", "time", "latitude", "longitude", "place", "category", "initiated_by", "sensitive_flag", "none"
]  # fmt: skip
Disclosure = Literal["identifier", "quasi", "sensitive", "open"]
Generalisation = Literal[
    "none", "hour", "date", "month", "year", "band", "band10", "band20", "top", "parent", "town", "county", "hash"
]
InitiatedBy = Literal["citizen", "officer"]
Sensitivity = Literal["open", "sensitive"]
ReleaseMode = Literal["records", "aggregates", "withheld"]


class PrivacyConfig(Declared):
    """`[privacy]`: how people are protected. Everywhere, sensitive figures are "under 5" or to the nearest 5."""

    k: int = Field(
        default=5, ge=2, le=1000, description="rows, at least, that say the same place and time (docs/rows.md)"
    )
    key_file: str = Field(
        default="",
        description="file of the secret key of keyed hashes, outside the portal's folder (docs/keys.md); a relative "
        "path begins at the portal's folder, `~` is the publisher's home",
    )
    time_limit: int = Field(default=600, ge=1, description="seconds for the audit; after that: no release")


class SettlingConfig(Declared):
    """`[settling]`: when what is published for good (docs/settling.md). Days after the end of the period."""

    days: int = Field(default=30, ge=0, le=366, description="a month's rows and town tables, after the month")
    quarter_days: int = Field(
        default=90, ge=1, le=366, description="sensitive figures of months and quarters, after the quarter"
    )
    year_days: int = Field(
        default=90, ge=1, le=366, description="sensitive figures of years, corrections and late months, after the year"
    )


class DatasetSettling(Declared):
    """`[settling]` of a data set, where it needs another time than the portal's.

    0: nothing waits and nothing is kept as it was; for data sets without sensitive kinds, whose future is the point.
    """

    days: int = Field(ge=0, le=366, description="rows and town tables of a month, after the month")


class WithdrawalConfig(Declared):
    """`[withdrawal]`: when what was withdrawn goes out of the public files (docs/withdrawal.md)."""

    days: tuple[int, ...] = Field(
        default=(1,), description="days of the month on which all withdrawals go out together; 31: the month's last"
    )

    @field_validator("days")
    @classmethod
    def _of_a_month(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if not value or not all(1 <= day <= 31 for day in value):
            raise ValueError("at least one day of the month, each from 1 to 31")
        return tuple(sorted(set(value)))


class SparkConfig(Declared):
    """`[spark]`: the existing cluster that `engine = "spark"` runs on."""

    master: str = "local[2]"
    options: dict[str, str] = Field(default={})


class DenominatorConfig(Declared):
    """`[[denominators]]`: persons who are present beyond the residents, such as those in second homes or at work.

    `file` is a CSV below the portal with the columns `geoid,month,added`: persons beyond the residents (fewer, where it
    is negative) in a month from 1 to 12, or, without a month, in every month that has no line of its own.
    """

    name: str = Field(pattern=NAME, description="not `residents` or `calls`, which every portal has")
    title: str = Field(min_length=1, description="such as residents and seasonal visitors")
    description: str = Field(default="", description="what was added and how it was estimated, for readers")
    file: str = Field(min_length=1)
    source: str = Field(min_length=1, description="who says so, for readers")

    @field_validator("name")
    @classmethod
    def _free(cls, value: str) -> str:
        if value in ("residents", "calls"):
            raise ValueError("another name than `residents` and `calls`, which every portal has")
        return value


class Benchmark(Declared):
    """`[[benchmarks]]`: a figure of another place, such as the nation, that the site shows beside the state's."""

    layer: str = Field(pattern=NAME, description="the name of the profile that it is of: calls, offences, ..")
    category: str = Field(min_length=1, description="a category of the layer, a group of them, or all")
    year: int = Field(ge=1900, le=2200)
    rate: float = Field(gt=0, description="for every 1,000 residents and year")
    place: str = Field(min_length=1, description="whose figure it is, such as United States")
    source: str = Field(min_length=1, description="who published it, and where")


class PortalConfig(Declared):
    """`portal.toml`."""

    title: str = Field(min_length=1)
    jurisdiction: str = Field(min_length=1)
    state: str = Field(default="", pattern=r"^(\d{2})?$", description="FIPS code of the state")
    time_zone: str
    contact: str = ""
    about: str = ""
    engine: Literal["duckdb", "spark"] = "duckdb"
    memory_limit: str = Field(
        default="512MB", pattern=r"^[1-9]\d*(MB|GB)$", description="what DuckDB may hold before it spills to disk"
    )
    simulated: bool = False
    clock: datetime.date | None = Field(
        default=None, description="the day at which the portal's clock stands; today, where none is given"
    )
    privacy: PrivacyConfig = PrivacyConfig()
    settling: SettlingConfig = SettlingConfig()
    spark: SparkConfig = SparkConfig()
    withdrawal: WithdrawalConfig = WithdrawalConfig()
    benchmarks: tuple[Benchmark, ...] = ()
    denominators: tuple[DenominatorConfig, ...] = ()

    @field_validator("denominators")
    @classmethod
    def _names_once(cls, value: tuple[DenominatorConfig, ...]) -> tuple[DenominatorConfig, ...]:
        names = [d.name for d in value]
        double = sorted({n for n in names if names.count(n) > 1})
        if double:
            raise ValueError(f"each name once; found twice: {', '.join(double)}")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("a name of the IANA time zone database, such as America/New_York")
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The zone that decides the day and the month of every row."""
        return ZoneInfo(self.time_zone)

    def now(self) -> datetime.datetime:
        """The portal's clock: wall time in its zone, without one; noon of the day at which it is set to stand."""
        if self.clock is not None:
            return datetime.datetime.combine(self.clock, datetime.time(12))
        return datetime.datetime.now(self.zone).replace(tzinfo=None)


class SchemaColumn(Declared):
    """A column of a standard schema or of one that a portal declares itself.

    `publish` is the allow list: a column without `publish = true` never reaches the public store.
    `derived` columns are made on the way (place, category); the others are read from the source.
    `generalise` says how exactly (docs/rows.md); which types it is for, is checked with the portal.
    """

    name: str = Field(pattern=COLUMN_NAME)
    label: str
    type: ColumnType
    description: str = ""
    role: Role = "none"
    disclosure: Disclosure = "identifier"
    publish: bool = False
    generalise: Generalisation = "none"
    band: int | None = Field(default=None, ge=1, description='with `generalise = "band"`: how wide a band is')
    top: int | None = Field(
        default=None, ge=1, description='where the last band begins, or, with `generalise = "top"`, "this or more"'
    )
    parents: dict[str, str] = Field(
        default={}, description='with `generalise = "parent"`: value -> parent category; `other` for what is not named'
    )
    context: str = Field(
        default="", description="what a keyed hash is made for; columns of one context can be joined (docs/keys.md)"
    )
    reason: str = Field(default="", description="why the column is withheld, in words for the public")
    required: bool = False
    derived: bool = False
    synonyms: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _identifiers_stay(self) -> SchemaColumn:
        if self.publish and self.role in ("latitude", "longitude"):
            raise ValueError("publish = false for coordinates: locations are never published exactly")
        if self.publish and self.disclosure == "identifier" and self.generalise != "hash":
            raise ValueError(
                "publish = true only with `disclosure` open, quasi or sensitive; a column is an identifier, which "
                'never leaves but as a keyed hash (generalise = "hash"), until its owner says otherwise'
            )
        return self


class Schema(Declared):
    """What a row is and which columns it has. `counted` makes the cube place x month x category x initiated-by."""

    name: str
    title: str
    description: str = ""
    unit: str = Field(default="row", description="what one row is, in the singular: call, case, stop")
    unit_plural: str = ""
    counted: bool = False
    columns: tuple[SchemaColumn, ...]

    @model_validator(mode="after")
    def _roles_once(self) -> Schema:
        names = [c.name for c in self.columns]
        double = sorted({n for n in names if names.count(n) > 1})
        if double:
            raise ValueError(f"each column name once; found twice: {', '.join(double)}")
        return self

    def column(self, name: str) -> SchemaColumn | None:
        """The column of that name."""
        return next((c for c in self.columns if c.name == name), None)

    def with_role(self, role: Role) -> SchemaColumn | None:
        """The first column with that role."""
        return next((c for c in self.columns if c.role == role), None)

    @property
    def plural(self) -> str:
        """What several rows are."""
        return self.unit_plural or self.unit + "s"

    @property
    def public_columns(self) -> tuple[SchemaColumn, ...]:
        """The allow list, in order."""
        return tuple(c for c in self.columns if c.publish)


class ColumnMapping(Declared):
    """`[columns.<name>]`: the source column, how to read it, which labels are one."""

    source: str = Field(alias="from")
    format: str = Field(default="", description="iso, iso-offset, or a strptime format such as %m/%d/%Y %I:%M %p")
    labels: dict[str, str] = Field(default={}, description="found label -> the one that is kept")
    officer: tuple[str, ...] = Field(default=(), description="labels that mean: the officer began it")


class AgencyCoverage(Declared):
    """One agency: the towns that it covers and the whole months that it declares to have reported."""

    agency: str = Field(min_length=1)
    places: tuple[str, ...] = Field(default=(), description="GEOIDs of the towns that the agency covers")
    first_month: Month | None = None
    last_month: Month | None = None
    gaps: tuple[Month, ...] = Field(default=(), description="months in which the agency sent nothing")

    @model_validator(mode="after")
    def _in_order(self) -> AgencyCoverage:
        if self.first_month and self.last_month and self.first_month > self.last_month:
            raise ValueError("first_month not after last_month")
        return self


class CoverageConfig(Declared):
    """`[coverage]`: whose data this is, for which towns, and for which whole months.

    Either one agency (`agency`, `places`, ...), or, for a file that many agencies share, `file`: a CSV below the
    portal with the columns `agency,geoid,first_month,last_month,gaps`, one line for each agency and town, `gaps` being
    months parted by blanks. With `file`, the schema's `agency` column is mapped to the source.
    """

    file: str = ""
    agency: str = ""
    places: tuple[str, ...] = Field(default=(), description="GEOIDs of the towns that the agency covers")
    first_month: Month | None = None
    last_month: Month | None = None
    gaps: tuple[Month, ...] = Field(default=(), description="months in which the agency sent nothing")

    @model_validator(mode="after")
    def _one_or_many(self) -> CoverageConfig:
        if bool(self.file) == bool(self.agency):
            raise ValueError("either `agency` or `file`, one of the two")
        if self.file and (self.places or self.first_month or self.last_month or self.gaps):
            raise ValueError("`places`, months and gaps in the file itself, where `file` is given")
        if self.first_month and self.last_month and self.first_month > self.last_month:
            raise ValueError("first_month not after last_month")
        return self


class OwnSchema(Declared):
    """`[schema]` of a data set that declares its own columns."""

    title: str = ""
    unit: str = "row"
    unit_plural: str = ""
    columns: tuple[SchemaColumn, ...]


class ColumnRule(Declared):
    """`[disclosure.<column>]`: how a column of a standard schema is published here, where that differs.

    To say more of a column than its schema does needs a person who approved it, the day and the reason; all three are
    public. A coordinate, a key and an identifier stay inside whatever stands here.
    """

    publish: bool | None = Field(default=None, description="whether the column is published")
    class_: Disclosure | None = Field(default=None, alias="class", description="identifier, sensitive, quasi or open")
    generalise: Generalisation | None = Field(default=None, description="how coarsely it is published")
    band: int | None = Field(default=None, ge=1, description="as in a schema's column")
    top: int | None = Field(default=None, ge=1, description="as in a schema's column")
    parents: dict[str, str] = Field(default={}, description="as in a schema's column")
    context: str = Field(default="", description="as in a schema's column")
    reason: str = Field(min_length=1, description="why, in words for the public; of a law, where it rests on one")
    approved_by: str = Field(
        default="", description="the person who approved it, where more is said than by the schema"
    )
    date: datetime.date | None = Field(default=None, description="the day of the approval")


class CategoryRule(Declared):
    """`[categories.<slug>]`: how a standard category is published here, where that differs.

    The same in every data set of calls. What is less strict than the standard needs a person, the day and the reason.
    """

    sensitivity: Sensitivity | None = Field(
        default=None, description="sensitive: told as under 5 or to the nearest 5, and of towns by year at most"
    )
    release: ReleaseMode | None = Field(default=None, description="records, aggregates (counts only) or withheld")
    reason: str = Field(min_length=1, description="why, in words for the public; of a law, where it rests on one")
    approved_by: str = Field(default="", description="the person who approved it, where it is less strict")
    date: datetime.date | None = Field(default=None, description="the day of the approval")


class AnonymityConfig(Declared):
    """`[anonymity]`: among how many alike every published row has to be; without it the rows are measured only.

    Who knows a person's quasi-identifiers, and that the person is in the data, finds at least `k` rows.
    """

    k: int = Field(default=5, ge=2, le=1000, description="rows that share the same quasi-identifiers, at least")
    quasi: tuple[str, ...] = Field(
        default=(), description="the quasi-identifiers; all published columns of that class where none is named"
    )
    sensitive: tuple[str, ...] = Field(default=(), description="columns that are to be diverse among rows alike")
    l: int = Field(  # noqa: E741  # the field's standard name
        default=1, ge=1, le=100, description="different values of each sensitive column among rows alike, at least"
    )
    withhold: float = Field(
        default=0.0, ge=0, le=0.5, description="share of the rows that may be withheld because too few are like them"
    )


class DatasetConfig(Dataset):
    """`datasets/<name>.toml` of rows: a line of its source is a row, of a standard schema or of its own."""

    schema_: str | OwnSchema = Field(alias="schema")
    source: SourceConfig
    columns: dict[str, ColumnMapping]
    coverage: CoverageConfig | None = None
    anonymity: AnonymityConfig | None = None
    settling: DatasetSettling | None = None
    points: PointsConfig | None = None
    crosswalk: str = Field(default="", description="file name under crosswalks/")
    disclosure: dict[str, ColumnRule] = Field(default={}, description="column -> how it is published, if not as usual")
    categories: dict[str, CategoryRule] = Field(default={}, description="category -> the same, of a data set of calls")
    _of_profile: Schema | None = PrivateAttr(default=None)

    @property
    def of_profile(self) -> Schema | None:
        """The schema that it names, where a profile of the portal's own has it."""
        return self._of_profile

    def with_profile(self, schema: Schema) -> DatasetConfig:
        """The same, of a profile of the portal's own whose rows have that schema."""
        made = self.model_copy()
        made._of_profile = schema
        return made


class CrosswalkEntry(Declared):
    """A line of `crosswalks/<name>.csv`: a local call type and the standard category it stands for.

    An empty category is plainly unmapped. `initiated_by` and `sensitivity` are empty where the category's own apply;
    a portal may tighten sensitivity, never loosen it.
    """

    call_type: str
    category: str = ""
    initiated_by: InitiatedBy | Literal[""] = ""
    sensitivity: Sensitivity | Literal[""] = ""
    note: str = ""
    line: int = 0


class Portal(Declared):
    """Everything that a portal declares, checked."""

    root: Path
    config: PortalConfig
    declared: dict[str, DatasetConfig | CountsConfig] = Field(description="every data set, by name")
    crosswalks: dict[str, tuple[CrosswalkEntry, ...]]

    @cached_property
    def datasets(self) -> dict[str, DatasetConfig]:
        """The data sets of rows, by name."""
        return {name: one for name, one in self.declared.items() if isinstance(one, DatasetConfig)}

    @cached_property
    def counts(self) -> dict[str, CountsConfig]:
        """The data sets of counts that somebody else made, by name."""
        return {name: one for name, one in self.declared.items() if isinstance(one, CountsConfig)}

    @property
    def data(self) -> Path:
        """The managed folder: internal/, public/, quarantine/."""
        return self.root / "data"

    @property
    def places(self) -> Path:
        """The places pack."""
        return self.root / "places"


def valid_name(name: str) -> bool:
    """Whether `name` can name a data set."""
    return re.fullmatch(NAME, name) is not None
