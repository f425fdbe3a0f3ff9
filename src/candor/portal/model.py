"""A portal as declared on disk, typed: its data sets (`datasets/*.toml`), its crosswalks, and all of it together."""

from __future__ import annotations

import datetime
import re
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, PrivateAttr, field_validator, model_validator

from candor.portal.config_model import PortalConfig
from candor.portal.counts_model import CountsConfig
from candor.portal.declared import NAME, Dataset, Declared, Month, SourceConfig
from candor.portal.piles_model import PilesConfig
from candor.portal.points_model import PointsConfig
from candor.portal.reviews import ReviewedValue
from candor.portal.schema_model import (
    Disclosure,
    Generalisation,
    InitiatedBy,
    OwnSchema,
    ReleaseMode,
    Schema,
    Sensitivity,
)
from candor.portal.selection_model import FlagRule, WhereRule
from candor.portal.time_forms import Precision, coarsest, finest


class DatasetSettling(Declared):
    """`[settling]` of a data set, where it needs another time than the portal's.

    0: nothing waits and nothing is kept as it was; for data sets without sensitive kinds, whose future is the point.
    """

    days: int = Field(ge=0, le=366, description="rows and town tables of a month, after the month")


class ColumnMapping(Declared):
    """`[columns.<name>]`: the source column, how to read it, which labels are one.

    Of several source columns (`from = ["Date", "Time"]`) the texts are joined by a blank, in that order, and the format
    is that of the whole; where one of them is missing, so is the value. With a format for each (`format = ["%m/%d/%Y",
    "hhmm"]`) the first says the day and the second the time of day.
    """

    source: str | tuple[str, ...] = Field(alias="from", description="a column of the source, or a list of several")
    format: str | tuple[str, ...] = Field(
        default="",
        description="iso, iso-offset, another form by its name, or a strptime format such as %m/%d/%Y %I:%M %p; of two "
        "columns one for each",
    )
    precision: Precision | Literal[""] = Field(
        default="", description="how exactly a time says when, where its format says more than is known: day, month"
    )
    labels: dict[str, str] = Field(default={}, description="found label -> the one that is kept")
    officer: tuple[str, ...] = Field(default=(), description="labels that mean: the officer began it")

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the source that it is read from, in their order."""
        return (self.source,) if isinstance(self.source, str) else self.source

    @property
    def form(self) -> str:
        """The format as it is declared, in one text; empty where none is."""
        return self.format if isinstance(self.format, str) else ", ".join(self.format)

    @property
    def formats(self) -> tuple[str, ...]:
        """The format of the whole, or one for each column of the source; `iso` where none is declared."""
        return (self.format or "iso",) if isinstance(self.format, str) else self.format

    @property
    def finest(self) -> Precision:
        """How exactly its times say when, at most."""
        told = finest(self.formats[-1])
        return coarsest(told, self.precision) if self.precision else told

    @field_validator("format", mode="before")
    @classmethod
    def _formats(cls, given: object) -> object:
        names = list(given) if isinstance(given, list | tuple) else [given]
        if not names or not all(isinstance(name, str) for name in names):
            raise ValueError("a format, or a list of them, one for each column in `from`")
        return names[0] if len(names) == 1 else tuple(names)

    @field_validator("source", mode="before")
    @classmethod
    def _names(cls, given: object) -> object:
        """Said here, for what pydantic says of a union names its branches."""
        names = list(given) if isinstance(given, list | tuple) else [given]
        if not names or not all(isinstance(name, str) and name for name in names):
            raise ValueError("the name of a column of the source, or a list of such names")
        if len(set(names)) < len(names):
            raise ValueError("each column of the source once")
        return names[0] if len(names) == 1 else tuple(names)


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


class CrosswalkReview(Declared):
    """`[crosswalk_review]`: a person read the crosswalk and answers for what it makes public as rows."""

    reviewed_by: str = Field(min_length=1, description="who read every line of the crosswalk")
    date: datetime.date = Field(description="when, such as 2025-01-31")


class DatasetConfig(Dataset):
    """`datasets/<name>.toml` of rows: a line of its source is a row, of a standard schema or of its own."""

    schema_: str | OwnSchema = Field(alias="schema")
    source: SourceConfig
    columns: dict[str, ColumnMapping]
    coverage: CoverageConfig | None = None
    anonymity: AnonymityConfig | None = None
    settling: DatasetSettling | None = None
    points: PointsConfig | None = None
    piles: PilesConfig | None = None
    crosswalk: str = Field(default="", description="file name under crosswalks/")
    crosswalk_review: CrosswalkReview | None = Field(
        default=None, description="who read the crosswalk, and when: needed before the first release"
    )
    weight: str = Field(
        default="",
        description="a column of the source that is 1, or empty, in a row and -1 in a line that takes one back; both"
        " are left out then, so that the rows that stay are as many as the sum of the column",
    )
    where: dict[str, WhereRule] = Field(
        default={},
        description="column of the source -> which rows count; what is left out is neither published nor counted",
    )
    flags: dict[str, FlagRule] = Field(
        default={}, description="column of the source -> which cells mark a row as sensitive; such a row is withheld"
    )
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

    An empty category is plainly unmapped. `initiated_by` and `sensitivity` are empty where the category's own apply; a
    portal may tighten sensitivity, never loosen it. The file's `rows`, `certainty` and `why` are for its reader.
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
    reviews: dict[str, tuple[ReviewedValue, ...]] = Field(default={}, description="what a person passed, by data set")

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
