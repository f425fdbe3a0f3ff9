"""What every part of a portal's text has in common, and the source that every data set names."""

from __future__ import annotations

import datetime
import json
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator

NAME = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
COLUMN_NAME = r"^[a-z][a-z0-9_]*$"
FOUR_BY_FOUR = r"^[2-9a-z]{4}-[2-9a-z]{4}$"
MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"

Month = Annotated[str, Field(pattern=MONTH)]


class Declared(BaseModel):
    """A part of the portal's text. A key that is not known is a mistake, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class SourceConfig(Declared):
    """`[source]`: the file and how it is written."""

    kind: Literal["csv", "counts"] = Field(
        default="csv",
        description="`csv`: one line is one row; `counts`: one line holds the counts of a place and period",
    )
    path: str = Field(description="a file, a folder of files, or a pattern such as exports/*.csv")
    format: str = Field(default="", description="the file's format; empty: as its content says")
    sheet: str = Field(default="", description="the sheet of a workbook; empty: the one that holds most")
    records: str = Field(default="", description="where the rows are in JSON or XML, such as result.rows; empty: found")
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    epsg: int | None = Field(
        default=None,
        ge=1,
        description="number of the map projection that the coordinates are in, such as 32145; degrees without it",
    )
    missing: tuple[str, ...] = ("",)
    zone: str = Field(default="", description="IANA name of the zone of times that name none; empty: the portal's own")
    skip: int = Field(default=0, ge=0, description="how many lines stand above the header, or the first row")
    header: bool = Field(default=True, description="whether the columns are named in the file, above the rows")
    columns: tuple[str, ...] = Field(default=(), description="the header when the data set was added")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value and value not in available_timezones():
            raise ValueError("a name of the IANA time zone database, such as America/New_York or UTC")
        return value


class Review(Declared):
    """`[reviewed.<column>]`: a person read everything that the column publishes, and passed it. It is public."""

    name: str = Field(min_length=1, description="who read it")
    date: datetime.date = Field(description="when, such as 2025-01-31")
    reason: str = Field(min_length=1, description="why it may be published, in words for the public")
    hits: dict[str, int] = Field(
        default={}, description="rule of the scan -> how many different texts it finds that are none; more block again"
    )


GuardName = Literal["fewer-rows", "empty", "quarantine", "dates", "categories", "places", "marks"]
"""What stops a release of a delivery that is not like the ones before it (`publish.guards`)."""


class Acceptance(Declared):
    """`[accepted.<guard>]`: a person says that what a guard found is so. It is public, but for `found`."""

    name: str = Field(min_length=1, description="who says so")
    date: datetime.date = Field(description="when, such as 2025-01-31")
    reason: str = Field(min_length=1, description="why it is so, in words for the public")
    found: str = Field(min_length=1, description="what the guard found, as it said it: of anything else it is no yes")


class Dataset(Declared):
    """`datasets/<name>.toml`: what every data set says of itself, whether its source holds rows or counts.

    The name is the file's. Which form it has, says `kind` under `[source]`.
    """

    name: str = Field(pattern=NAME)
    id: str = Field(pattern=FOUR_BY_FOUR, description="the data set's 4x4 in the API, made once")
    title: str = Field(min_length=1)
    description: str = ""
    reviewed: dict[str, Review] = Field(default={}, description="column -> who read all of it and passed it")
    accepted: dict[GuardName, Acceptance] = Field(
        default={}, description="guard -> who says that what it found of a delivery is right"
    )
    licence: str = ""
    caveats: tuple[str, ...] = ()

    def as_text(self) -> str:
        """All of it as JSON, as it is hashed for what a release was made with: in an order that never changes.

        What was accepted of one delivery decides whether it is published, and nothing of what is; and it has numbers of
        rows, which whoever knows the rest could find by trying them.
        """
        values = self.model_dump(mode="json", exclude={"accepted", "crosswalk_review"})
        if not values.get("flags"):
            values.pop("flags", None)
        first, last = ("name", "id", "title", "description", "schema_"), ("reviewed", "licence", "caveats")
        own = [key for key in values if key not in (*first, *last)]
        return json.dumps({k: values[k] for k in (*first, *own, *last)}, ensure_ascii=False, separators=(",", ":"))
