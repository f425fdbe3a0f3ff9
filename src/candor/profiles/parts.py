"""Events of which several rows are, such as the offences of one incident: whether a portal's data sets say which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from candor.portal.model import DatasetConfig
from candor.profiles.profile import Kind
from candor.vocabulary.tables import COUNTS, FIGURES, table_of


def says_which(kind: Kind, datasets: Iterable[DatasetConfig]) -> bool:
    """Whether a data set of the profile has the column that says which rows are of one event."""
    case = kind.rows.with_role("case") if kind.rows else None
    return case is not None and any(d.schema_ in kind.profile.schemas and case.name in d.columns for d in datasets)


def counted_in(kind: Kind, *, several: bool) -> Kind:
    """The profile as a portal counts by it: `several` rows may be of one event, or each row is one.

    Where they may, its tables have a column of the rows as well, and it is said how both are counted.
    """
    profile, parts = kind.profile, kind.profile.parts
    if parts is None:
        return kind
    if not several:
        return kind.model_copy(update={"profile": profile.model_copy(update={"parts": None})})
    words = profile.words.model_copy(update={"total": parts.total})
    named = {name: role for role, name in profile.tables.named.items()}
    both = f"{parts.said} {parts.beside}"
    said = {COUNTS: both, FIGURES: both, "early": parts.said, "hours": parts.hours}
    tables = {
        name: {
            **says,
            "description": _with(says["description"], said.get(named.get(name, ""), "")),
            "columns": _columns(kind, named[name], says["columns"]) if name in named else says["columns"],
        }
        for name, says in kind.tables.items()
    }
    measured = {
        name: {**says, "method": _with(says["method"], said.get(named.get(name, ""), ""))}
        for name, says in kind.indicators.items()
    }
    return kind.model_copy(
        update={
            "profile": profile.model_copy(update={"words": words}),
            "tables": tables,
            "indicators": measured,
        }
    )


def _with(text: str, more: str) -> str:
    return f"{text} {more}" if more else text


def _columns(kind: Kind, role: str, described: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The columns of a table with that of the rows, described as they were."""
    profile, known = kind.profile, {column["name"]: column for column in described}
    parts = profile.parts.column if profile.parts else ""
    every = table_of(profile.form, role, profile.count, profile.words.many, parts)["columns"]
    return [known.get(column["name"], column) for column in every]
