"""`portal.toml`, typed."""

from __future__ import annotations

import datetime
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator, model_validator

from candor.portal.declared import NAME, Declared


def _noun(description: str) -> Any:  # noqa: ANN401 - what pydantic takes for a field
    """A word or a few, as they stand in the midst of a sentence; nothing where the places themselves tell it."""
    return Field(
        default="",
        pattern=r"^([^\W\d_][\w' -]{0,38}[^\W_])?$",
        description=description,
        # What is not said does not change the hash of the configuration.
        exclude_if=lambda noun: not noun,
    )


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


class SimilarConfig(Declared):
    """`[similar]`: the towns that each town is also held beside. Without it, those of similar size and kind.

    `file` is a CSV below the portal with the columns `geoid,group`; a group is said as it reads in a sentence: "higher
    than in college towns". A town without a line has no such benchmark.
    """

    file: str = Field(min_length=1)


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
    place: str = _noun("what a place is called: town, neighborhood, ward, beat")
    places: str = _noun("several of them, where that is no plain plural")
    whole: str = _noun("all of them together, as in a sentence: the city")
    group: str = _noun("what the places lie in: county, borough")
    groups: str = _noun("several of these, where that is no plain plural")
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
    similar: SimilarConfig | None = None
    denominator: str = Field(
        default="",
        description="what rates are by: `residents`, or the name of one of the denominators; the first of them, or"
        " residents where there is none, where nothing is said",
    )

    @model_validator(mode="after")
    def _known_denominator(self) -> Self:
        names = ["residents", *(d.name for d in self.denominators)]
        if self.denominator and self.denominator not in names:
            raise ValueError(f"denominator: one of {', '.join(names)}, found {self.denominator}")
        return self

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
