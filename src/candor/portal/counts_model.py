"""A data set without rows: `datasets/<name>.toml` whose source holds counts by place and period."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from candor.portal.declared import Dataset, Declared, SourceConfig

COUNTS = "counts"
"""The kind of source that holds counts and no rows."""

SourceColumn = Annotated[str, Field(min_length=1)]


class CountsColumns(Declared):
    """`[columns]` of a data set of counts: which columns of the source say the place, the period, the residents."""

    place: SourceColumn = Field(description="the column with the place's name")
    period: SourceColumn = Field(description="the column with the period")
    residents: SourceColumn | None = Field(
        default=None, description="the column with the residents of place and period; without it the portal's own"
    )


class CountsConfig(Dataset):
    """`datasets/<name>.toml` with `kind = "counts"` under `[source]`: one line a place and period, a column a category.

    Nothing is counted here: the counts are the source's own. A cell that is empty or one of the source's `missing` was
    not reported; it is never a zero.
    """

    schema_: str = Field(
        alias="schema",
        min_length=1,
        description="what is counted: `offences_by_place`, or one of a profile of the portal's own",
    )
    origin: str = Field(min_length=1, description="who counted, in a few words: stands beside every published count")
    definition: str = Field(default="", description="what the source counts, in words for the public")
    period: Literal["year"] = Field(default="year", description="how long a period is; for now a calendar year")
    absent: Literal["not covered", "not reported"] = Field(
        default="not covered", description="what a year is in which a place has no line that has one in another year"
    )
    source: SourceConfig
    columns: CountsColumns
    categories: dict[str, SourceColumn] = Field(
        description="standard offence category -> the source's column that counts it"
    )
    withheld: dict[str, str] = Field(
        default={}, description="column of the source that is not published -> why, in words for the public"
    )
    places: dict[str, str] = Field(
        default={},
        description="the source's name of a place -> GEOID, where the name alone does not tell; empty: no town",
    )
