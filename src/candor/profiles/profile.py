"""A kind of data set that is counted by town: a folder with what it counts, its categories, its tables and its words.

`kinds/` has those that come with the product; a portal's own lie in `profiles/<name>/` of its folder. Each has:

- `profile.toml`: this model;
- `categories.csv`: its categories (`taxonomy.Category`);
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

from pydantic import Field, ValidationError

from candor.errors import PortalError, Problem
from candor.portal.declared import NAME, Declared
from candor.profiles.taxonomy import Category, Taxonomy
from candor.vocabulary.tables import columns_of, described, table_of, tables_of_form

Form = Literal["rows by month", "counts by year"]
MONTHLY: Form = "rows by month"
YEARLY: Form = "counts by year"

Described = Mapping[str, dict[str, Any]]
"""By name, what tables say of themselves."""

FOLDER = "profiles"
"""Of a portal: its own profiles."""


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


class Profile(Declared):
    """A kind of data set that is counted by town.

    `form`: whether it is counted from rows that settle month by month, or comes as counts of places and years.
    `schemas`: what data sets of it name as their schema. `count`: the column of its tables that has the number.
    `initiators`: whether police begin some of its events themselves, and these are counted apart.
    """

    name: str = Field(pattern=NAME)
    form: Form
    schemas: tuple[str, ...] = Field(min_length=1)
    count: str = Field(pattern=r"^[a-z][a-z_]*$")
    initiators: bool = False
    tables: ProfileTables
    words: ProfileWords

    @property
    def monthly(self) -> bool:
        """Whether it is counted from rows that settle month by month."""
        return self.form == MONTHLY


class Kind(Declared):
    """A profile with its categories, and what is said of its tables and figures (by name of the table)."""

    profile: Profile
    taxonomy: Taxonomy
    tables: Mapping[str, dict[str, Any]]
    indicators: Mapping[str, dict[str, str]]


@cache
def standard_kinds() -> Mapping[str, Kind]:
    """Those that come with the product, by name, in the order in which they are offered: by form and name."""
    found = [_read(folder) for folder in resources.files("candor.profiles").joinpath("kinds").iterdir()]
    return _ordered(found)


def standard_taxonomy(name: str) -> Taxonomy:
    """The categories of a profile that comes with the product."""
    return standard_kinds()[name].taxonomy


def from_rows(kinds: Mapping[str, Kind]) -> Kind:
    """The profile that is counted from rows, month by month."""
    return next(k for k in kinds.values() if k.profile.monthly)


def by_year(kinds: Mapping[str, Kind]) -> tuple[Kind, ...]:
    """The profiles that come as counts of places and years."""
    return tuple(k for k in kinds.values() if not k.profile.monthly)


def kinds_of(root: Path) -> Mapping[str, Kind]:
    """Those of a portal: the standard ones and its own, by name.

    Raises `PortalError` where one of its own is not sound, or takes the name of another.
    """
    folder = root / FOLDER
    own = [p for p in sorted(folder.iterdir()) if p.is_dir()] if folder.is_dir() else []
    found = [*standard_kinds().values(), *(_sound(path) for path in own)]
    for key in ("name", "count"):
        _once(key, [(kind, getattr(kind.profile, key)) for kind in found])
    _once("tables", [(k, name) for k in found for name in k.profile.tables.named.values()])
    _once("schemas", [(k, name) for k in found for name in k.profile.schemas])
    return _ordered(found)


def _ordered(found: list[Kind]) -> Mapping[str, Kind]:
    return {k.profile.name: k for k in sorted(found, key=lambda k: (not k.profile.monthly, k.profile.name))}


def _read(folder: Traversable) -> Kind:
    rows = list(csv.DictReader(folder.joinpath("categories.csv").read_text(encoding="utf-8-sig").splitlines()))
    profile = Profile.model_validate(_toml(folder, "profile.toml"))
    return Kind(
        profile=profile,
        taxonomy=Taxonomy(categories=tuple(Category.model_validate(row) for row in rows)),
        tables=_tables(profile, _toml(folder, "published.toml")),
        indicators=_toml(folder, "indicators.toml"),
    )


def _tables(profile: Profile, own: Described) -> dict[str, dict[str, Any]]:
    """By name, what each table of a profile says of itself: the words of its form, and its own."""
    made = {
        name: described(table_of(profile.form, role, profile.count, profile.words.many), own.get(name, {}))
        for role, name in profile.tables.named.items()
        if role in tables_of_form(profile.form)
    }
    return {**own, **made}


def _toml(folder: Traversable, name: str) -> dict[str, Any]:
    file = folder.joinpath(name)
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def _sound(folder: Path) -> Kind:
    """A portal's own profile. Raises `PortalError` with what is wrong with it."""
    where = f"{FOLDER}/{folder.name}"
    try:
        kind = _read(folder)
    except ValidationError as error:
        problems = [
            Problem(
                f"{where}: {'.'.join(str(part) for part in one['loc'])}",
                repr(one["input"])[:80], one["msg"], "See docs/profiles.md.",
            )
            for one in error.errors()
        ]  # fmt: skip
        raise PortalError(problems) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, csv.Error) as error:
        raise PortalError(
            [Problem(where, str(error), "profile.toml and categories.csv, in UTF-8", "See docs/profiles.md.")]
        ) from error
    if kind.profile.name != folder.name:
        raise PortalError(
            [Problem(f"{where}: name", repr(kind.profile.name), repr(folder.name), "Name the profile as its folder.")]
        )
    if problems := _not_described(kind, _toml(folder, "published.toml"), f"{where}/published.toml"):
        raise PortalError(problems)
    if kind.profile.monthly:
        raise PortalError(
            [Problem(f"{where}: form", repr(kind.profile.form), repr(YEARLY),
                     "For now one profile is counted from rows: that of calls.")]
        )  # fmt: skip
    return kind


def _not_described(kind: Kind, own: Described, where: str) -> list[Problem]:
    """What `published.toml` says of tables and columns that there are not, or leaves out where it lists them all."""
    named = {name: role for role, name in kind.profile.tables.named.items()}
    of_form = tables_of_form(kind.profile.form)
    found = [
        Problem(f"{where.replace('published', 'profile')}: tables.{role}", repr(name), ", ".join(sorted(of_form)),
                f"Leave it out: a profile of {kind.profile.form} has no such table.")
        for name, role in named.items() if role not in of_form
    ]  # fmt: skip
    if found:
        return found
    for name, says in own.items():
        if name not in named:
            found.append(Problem(f"{where}: {name}", "a table that the profile does not name", ", ".join(named), _NAME))
            continue
        columns = columns_of(kind.profile.form, named[name], kind.profile.count)
        given = says.get("columns", {})
        listed = tuple(c.get("name", "") for c in given) if isinstance(given, list) else None
        other = set(given) - set(columns) if listed is None else {*listed} ^ {*columns}
        if other or listed not in (None, columns):
            words = ", ".join(sorted(other)) or "another order"
            found.append(Problem(f"{where}: {name}", words, ", ".join(columns), _DESCRIBE))
    return found


_DESCRIBE = "Describe columns that the table has; what is not described here has the words of every profile."
_NAME = "Describe the tables that profile.toml names under [tables]."


def _once(what: str, named: list[tuple[Kind, str]]) -> None:
    seen: dict[str, str] = {}
    for kind, name in named:
        if name in seen:
            raise PortalError(
                [Problem(f"{FOLDER}/{kind.profile.name}: {what}", f"{name!r}, which {seen[name]} has too",
                         "a name that no other profile has", "Name yours another way.")]
            )  # fmt: skip
        seen[name] = kind.profile.name
