"""The profiles of a portal: those that come with the product, and its own, held against what a profile has to be."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from candor.errors import PortalError, Problem
from candor.profiles.catalogue import RESERVED
from candor.profiles.profile import Described, Kind, in_order, read_kind, read_toml, standard_kinds
from candor.profiles.taxonomy import UNMAPPED
from candor.vocabulary.tables import columns_of, tables_of_form

FOLDER = "profiles"
"""Of a portal: its own profiles."""


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
    return in_order(found)


def _sound(folder: Path) -> Kind:
    """A portal's own profile. Raises `PortalError` with what is wrong with it."""
    where = f"{FOLDER}/{folder.name}"
    try:
        kind = read_kind(folder).model_copy(update={"own": True})
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
    if problems := _not_described(kind, read_toml(folder, "published.toml"), f"{where}/published.toml"):
        raise PortalError(problems)
    if problems := _parts_problems(kind, where):
        raise PortalError(problems)
    if kind.profile.monthly and (problems := _rows_problems(kind, where)):
        raise PortalError(problems)
    return kind


def _parts_problems(kind: Kind, where: str) -> list[Problem]:
    """What hinders rows from being counted beside the events that they are of, where the profile asks for it."""
    parts, profile = kind.profile.parts, kind.profile
    if parts is None:
        return []
    key = f"{where}/profile.toml: parts"
    if not profile.monthly or kind.rows is None or kind.rows.with_role("case") is None:
        return [Problem(key, "no column of the role case", "rows by month whose schema has one: the event's number",
                        "Declare that column in schema.toml, or leave [parts] out.")]  # fmt: skip
    taken = {c for role in tables_of_form(profile.form) for c in columns_of(profile.form, role, profile.count)}
    if parts.column in taken:
        return [Problem(f"{key}.column", repr(parts.column), "a name that no column of its tables has",
                        "Name the column of the rows another way.")]  # fmt: skip
    return []


def _rows_problems(kind: Kind, where: str) -> list[Problem]:
    """What is missing of a portal's own profile of rows, and what such a profile may not tell."""
    found = []
    schemas = (kind.rows.name,) if kind.rows and kind.rows.counted else ()
    if kind.profile.schemas != schemas:
        found.append(
            Problem(f"{where}/schema.toml", ", ".join(schemas) or "no schema that is counted",
                    f"the schema {', '.join(kind.profile.schemas)}, with counted = true", "Declare its columns there.")
        )  # fmt: skip
    columns = kind.rows.columns if kind.rows else ()
    roles = [c.role for c in columns]
    odd = [f"no column of the role {role}" for role in ("time", "category") if role not in roles]
    odd += [f"two columns of the role {r}" for r in set(roles) - {"none", "sensitive_flag"} if roles.count(r) > 1]
    odd += [f"the column name {c.name}" for c in columns if c.name in RESERVED and not c.derived]
    of_itself = ", ".join(sorted(RESERVED))
    found += [
        Problem(f"{where}/schema.toml", words, "a time and a category, each role once, and names of its own",
                f"Of itself a row has {of_itself}: `derived = true` says which of these are published.")
        for words in odd if kind.rows
    ]  # fmt: skip
    if kind.taxonomy.get(UNMAPPED) is None:
        found.append(
            Problem(f"{where}/categories.csv", "no category `unmapped`", "what a row is whose type nobody mapped",
                    "Write a line `unmapped`, sensitive and withheld, with its reason.")
        )  # fmt: skip
    # Sensitive kinds of rows are told once and attacked before; that is done for calls alone.
    found += [
        Problem(f"{where}/categories.csv: {c.slug}", f"a sensitive category released as {c.release}", "withheld",
                "Withhold it: of a portal's own rows open categories alone are published.")
        for c in kind.taxonomy.categories if c.sensitivity == "sensitive" and c.release != "withheld"
    ]  # fmt: skip
    if kind.profile.tables.sensitive:
        found.append(
            Problem(f"{where}/profile.toml: tables.sensitive", repr(kind.profile.tables.sensitive), "no such table",
                    "Leave it out: the sensitive categories of a portal's own rows are withheld.")
        )  # fmt: skip
    return found


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
        parts = kind.profile.parts.column if kind.profile.parts and isinstance(says.get("columns"), dict) else ""
        columns = columns_of(kind.profile.form, named[name], kind.profile.count, parts)
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
