"""A kind of data set that is counted by town: a folder with what it counts, its categories, its tables and its words.

`kinds/` has those that come with the product; a portal's own lie in `profiles/<name>/` of its folder. Each has:

- `profile.toml`: this model;
- `categories.csv`: its categories (`taxonomy.Category`);
- `schema.toml`, where it is counted from rows: what a row of it is, column by column;
- `published.toml`: what its tables say of themselves beyond what those of every profile of its form do
  (`vocabulary/tables.toml`); `indicators.toml`: what they measure.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from candor.portal.declared import NAME, Declared
from candor.portal.schema_model import Schema
from candor.profiles.taxonomy import Category, Taxonomy
from candor.vocabulary.cards import TOWN_CARDS
from candor.vocabulary.tables import described, table_of, tables_of_form

Form = Literal["rows by month", "counts by year"]
MONTHLY: Form = "rows by month"
YEARLY: Form = "counts by year"

Described = Mapping[str, dict[str, Any]]
"""By name, what tables say of themselves."""


class Itself(Declared):
    """How a kind is said whose label has the noun itself: "verified drug offences", not "offences of drug offence"."""

    before: str
    one: str
    many: str


class ProfileWords(Declared):
    """How its events are spoken of.

    `did` is what police did with them ("answered 12 calls"), `about` joins their kind ("calls about noise"), `at` their
    place ("calls from Barre"). `choose` stands at the choice of a kind, `kinds` over the table of kinds. `total`: what
    the total is of. `caveat` and `crime`: what they are not. `reported`, `zero`, `partly`: what these states mean.
    `beside`: why its numbers and those of calls are not of the very same events.
    """

    title: str = Field(min_length=1)
    one: str = Field(min_length=1)
    many: str = Field(min_length=1)
    did: str
    about: str
    at: str
    choose: str
    kinds: str
    sensitive: str
    total: str
    caveat: str
    crime: str
    reported: str
    zero: str
    partly: str
    beside: str = ""
    itself: Itself | None = None


class Parts(Declared):
    """What its rows are, where a data set says which of them are of one event: its column of the role `case`.

    Then events are counted, and their rows beside them, in a `column` of their own. `one` and `many`: what a row is
    called. `total`: what the total is of, in place of that of the words. `said`: how events are counted; `beside`: and
    their rows; `hours`: how events are counted in the pattern of the week.
    """

    column: str = Field(pattern=r"^[a-z][a-z_]*$")
    one: str
    many: str
    total: str
    said: str
    beside: str
    hours: str = ""


class ProfileTables(Declared):
    """The names of its published tables. `beside_calls`: its share of calls of the same kinds, where there is one.

    Of rows by month also `sensitive`, what is told once of sensitive kinds; `early`, what is told at once; `hours`, the
    pattern of the week; `denominators`, the same figures by several denominators.
    """

    counts: str = Field(pattern=NAME)
    figures: str = Field(pattern=NAME)
    beside_calls: str = ""
    # For whoever makes a release; what reads one finds them by what they are.
    sensitive: str = Field(default="", exclude=True)
    early: str = Field(default="", exclude=True)
    hours: str = Field(default="", exclude=True)
    denominators: str = Field(default="", exclude=True)

    @property
    def named(self) -> dict[str, str]:
        """The names that are given, by what the tables are for."""
        return {role: name for role in type(self).model_fields if (name := getattr(self, role))}


class ProfilePage(Declared):
    """`[page]`: what the page of a town shows of it. `cards` are names of `vocabulary.cards`, in their order."""

    cards: tuple[str, ...] = TOWN_CARDS

    @field_validator("cards")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in value if name not in TOWN_CARDS]
        if unknown or len(set(value)) < len(value):
            raise ValueError(f"some of {', '.join(TOWN_CARDS)}, each once; found {', '.join(value)}")
        return value


class Profile(Declared):
    """A kind of data set that is counted by town.

    `form`: whether it is counted from rows that settle month by month, or comes as counts of places and years.
    `schemas`: what data sets of it name as their schema. `count`: the column of its tables that has the number.
    `initiators`: whether police begin some of its events themselves, and these are counted apart. `parts`: what its
    rows are where several may be of one event; none in a portal whose data sets do not say so (`counted_in`).
    """

    name: str = Field(pattern=NAME)
    form: Form
    schemas: tuple[str, ...] = Field(min_length=1)
    count: str = Field(pattern=r"^[a-z][a-z_]*$")
    initiators: bool = False
    tables: ProfileTables
    words: ProfileWords
    page: ProfilePage = ProfilePage()
    parts: Parts | None = Field(default=None, exclude_if=lambda parts: parts is None)

    @property
    def monthly(self) -> bool:
        """Whether it is counted from rows that settle month by month."""
        return self.form == MONTHLY

    @property
    def public(self) -> Profile:
        """As a release says it: without the names of tables that whoever reads one finds by what they are."""
        return type(self).model_validate(self.model_dump())


class Kind(Declared):
    """A profile with its categories, and what is said of its tables and figures (by name of the table).

    `rows`: the schema of its data sets, where it is counted from rows.
    """

    profile: Profile
    taxonomy: Taxonomy
    rows: Schema | None = None
    own: bool = Field(default=False, description="whether it is a portal's own, and not one of the product")
    tables: Mapping[str, dict[str, Any]]
    indicators: Mapping[str, dict[str, str]]


@cache
def standard_kinds() -> Mapping[str, Kind]:
    """Those that come with the product, by name, in the order in which they are offered: by form and name."""
    found = [read_kind(folder) for folder in resources.files("candor.profiles").joinpath("kinds").iterdir()]
    return in_order(found)


def standard_taxonomy(name: str) -> Taxonomy:
    """The categories of a profile that comes with the product."""
    return standard_kinds()[name].taxonomy


def from_rows(kinds: Mapping[str, Kind]) -> Kind:
    """The profile that is counted from rows, month by month."""
    return next(k for k in kinds.values() if k.profile.monthly)


def by_year(kinds: Mapping[str, Kind]) -> tuple[Kind, ...]:
    """The profiles that come as counts of places and years."""
    return tuple(k for k in kinds.values() if not k.profile.monthly)


def in_order(found: list[Kind]) -> Mapping[str, Kind]:
    """By form and name. Before a portal's own rows stand those of the product, which others may be set beside."""
    return {
        k.profile.name: k
        for k in sorted(found, key=lambda k: (not k.profile.monthly, k.profile.monthly and k.own, k.profile.name))
    }


def read_kind(folder: Traversable) -> Kind:
    """The profile in a folder. Raises `ValidationError` where it is not one."""
    lines = list(csv.DictReader(folder.joinpath("categories.csv").read_text(encoding="utf-8-sig").splitlines()))
    profile = Profile.model_validate(read_toml(folder, "profile.toml"))
    return Kind(
        profile=profile,
        taxonomy=Taxonomy(categories=tuple(Category.model_validate(row) for row in lines)),
        rows=Schema.model_validate(rows) if (rows := read_toml(folder, "schema.toml")) else None,
        tables=_tables(profile, read_toml(folder, "published.toml")),
        indicators=read_toml(folder, "indicators.toml"),
    )


def _tables(profile: Profile, own: Described) -> dict[str, dict[str, Any]]:
    """By name, what each table of a profile says of itself: the words of its form, and its own."""
    made = {
        name: described(table_of(profile.form, role, profile.count, profile.words.many), own.get(name, {}))
        for role, name in profile.tables.named.items()
        if role in tables_of_form(profile.form)
    }
    return {**own, **made}


def read_toml(folder: Traversable | Path, name: str) -> dict[str, Any]:
    """A file of a profile's folder; nothing where there is none."""
    file = folder.joinpath(name)
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
