"""Which rows of an export seem not to count: a column of corrections, marks of what was unfounded."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from candor.portal.toml_text import comment, toml_list, toml_value
from candor.portal.words import header_words
from candor.propose.profiling import Column, Profile

_YES = frozenset({"y", "yes", "1", "1.0", "t", "true", "x", "u", "unf", "unfounded"})
_NO = frozenset({"n", "no", "0", "0.0", "f", "false"})
_UNFOUNDED = re.compile(
    r"\bunfounded\b|\bunfound\b|\bun-founded\b|\bfalse report\b|\bfalse or baseless\b|\bbaseless\b|\bno crime\b"
    r"|\bnot a crime\b|\bexpunged?\b|\bsealed\b|\bduplicate (?:report|case|record|entry)\b|\bentered in error\b"
    r"|\bvoid(?:ed)?\b",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\bnot unfounded\b|\bfounded\b(?<!unfounded)(?<!un-founded)|\bunsealed\b", re.IGNORECASE)
_STATUS = frozenset({"status", "disposition", "dispo", "clearance", "outcome", "result", "determination", "finding"})
_MOST_LABELS = 60


@dataclass(frozen=True)
class Selection:
    """`weight` and `[where]` as proposed, and what is said of them."""

    weight: str = ""
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    said: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the source that are read for it."""
        return (*([self.weight] if self.weight else []), *self.where)

    @property
    def weight_text(self) -> str:
        """The line of `weight`; nothing where there is none."""
        if not self.weight:
            return ""
        return (
            comment("1 in a row, -1 in a line that takes a row back: both are left out, and what stays is the net.")
            + f"weight = {toml_value(self.weight)}\n"
        )

    @property
    def where_text(self) -> str:
        """The tables of `[where]`; nothing where there are none."""
        tables = [
            "\n"
            + comment("Rows that do not count: those whose cell says one of these.")
            + f"[where.{toml_value(name)}]\nleave_out = {toml_list(values)}\n"
            for name, values in self.where.items()
        ]
        return "".join(tables)


def propose_selection(profile: Profile, taken: Collection[str], *, reports: bool) -> Selection:
    """What of the file seems not to count. `taken` are columns that are read as something else.

    `reports`: the rows are reports, of which those that were found to be none do not count, whatever column says so; a
    call is a call also where nothing was found.
    """
    free = [c for c in profile.columns if c.name not in taken and c.values]
    weight = next((c for c in free if _is_weight(c)), None)
    where: dict[str, tuple[str, ...]] = {}
    said = []
    if weight:
        lines = sum(rows for label, rows in weight.labels if _whole(label) == -1)
        said.append(
            f"{weight.name} is -1 in {lines:,} lines: they are taken to take rows back (weight). Each and its row are "
            "left out, so that what is counted is the sum of the column."
        )
    for column in free:
        values = _unfounded(column, reports=reports)
        if values and column is not weight:
            where[column.name] = values
            rows = sum(n for label, n in column.labels if label in values)
            said.append(
                f"{rows:,} rows are left out because {column.name} is {', '.join(map(repr, values))} ([where]): they "
                "seem to be unfounded, or no records any more."
            )
    return Selection(weight.name if weight else "", where, tuple(said))


def _is_weight(column: Column) -> bool:
    """Whether a column is 1 and -1: nothing else is written so that is not meant to be added up.

    0 and -1 without 1 are no and yes, as Access writes them.
    """
    numbers = {_whole(label) for label, _ in column.labels}
    return (
        -1 in numbers and (1 in numbers or 0 not in numbers) and numbers <= {-1, 0, 1} and 0 < len(column.labels) <= 6
    )


def _whole(label: str) -> int | None:
    found = re.fullmatch(r"([+-]?\d)(?:\.0*)?", label)
    return int(found[1]) if found else None


def _unfounded(column: Column, *, reports: bool) -> tuple[str, ...]:
    """The labels of a column that say: this is no report (any more). None where it says nothing of the kind."""
    words = set(header_words(column.name))
    if not column.labels or len(column.labels) > _MOST_LABELS:
        return ()
    labels = [label for label, _ in column.labels]
    if words & {"unfounded", "unfound", "unf"}:
        folded = {label.lower() for label in labels}
        return tuple(label for label in labels if label.lower() in _YES) if folded <= _YES | _NO else _says_so(labels)
    if words & {"founded"} and {label.lower() for label in labels} <= _YES | _NO:
        return tuple(label for label in labels if label.lower() in _NO)
    return _says_so(labels) if reports and words & _STATUS else ()


def _says_so(labels: Collection[str]) -> tuple[str, ...]:
    found = tuple(x for x in labels if _UNFOUNDED.search(x) and not _DENIED.search(x))
    return found if len(found) < len(labels) else ()
