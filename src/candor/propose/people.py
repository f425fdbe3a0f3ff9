"""What a proposed column tells of persons: it stays inside until somebody opens it by name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from candor.portal.schema_model import ColumnType, Disclosure, Generalisation
from candor.portal.words import header_words
from candor.privacy.people.columns import PersonFact, tells_of_persons
from candor.privacy.people.headers import Fact, by_header, fact
from candor.privacy.people.names import address, full_name
from candor.privacy.people.values import Values, young
from candor.propose.crosswalk import Match
from candor.propose.profiling import Column

_HASH = (
    'It can be as a keyed hash, which tells rows of one record and not which: publish = true and generalise = "hash" '
    "(docs/keys.md)."
)
_OPEN_TRAIT = (
    "To publish it, write publish = true here, and either [anonymity] below, by which enough rows have to be alike, or "
    "[disclosure.<name>] with reason, approved_by and date (docs/people.md)."
)
_OPEN = "To publish it, write publish = true here, and [disclosure.<name>] with reason, approved_by and date."

NAMED = "it reads like a person's name or an address"
_OF_THE_YOUNG = ("age",)
_FEW = 20


@dataclass(frozen=True)
class Decision:
    """What a column is held to be."""

    type: ColumnType
    disclosure: Disclosure
    publish: bool
    why: str
    reason: str = ""
    generalise: Generalisation = "none"


def values_of(column: Column) -> Values:
    """The values of a profiled column."""
    return Values(column.labels, column.values, column.distinct)


def of_persons(column: Column, kind: ColumnType, places: Collection[str]) -> Decision | None:
    """The decision on a column that tells of persons; None for one that does not seem to."""
    found = tells_of_persons([column.name], values_of(column), places)
    return _inside(found, kind) if found else None


def _inside(found: PersonFact, kind: ColumnType) -> Decision:
    told = found.fact
    how: Generalisation = "none"
    type_: ColumnType = kind
    if kind in ("date", "timestamp"):
        how = "year" if told.name in ("birth", "service") else "date"
    elif told.name == "age":
        type_, how = ("integer", "band10") if kind in ("integer", "number") else ("category", "none")
    elif told.disclosure == "identifier" or told.name in ("record", "postal"):
        type_ = "text"
    elif told.trait:
        type_ = "category"
    return Decision(
        type_, told.disclosure, publish=False, reason=told.reason, generalise=how,
        why=f"Not published: {found.words}. {_opened(told)}",
    )  # fmt: skip


def _opened(told: Fact) -> str:
    """How somebody may publish a column all the same."""
    if told.name == "record":
        return _HASH
    return _OPEN_TRAIT if told.trait else "" if told.disclosure == "identifier" else _OPEN


def other_moment(kind: ColumnType) -> Decision | None:
    """The decision on a date or a time that is not that of the rows; None for what is neither."""
    if kind not in ("date", "timestamp"):
        return None
    told = fact("moment")
    return Decision(
        kind, told.disclosure, publish=False, reason=told.reason, generalise="date" if kind == "timestamp" else "month",
        why=f"Not published: {told.says}, which can tell more exactly when it was than the first may. {_OPEN}",
    )  # fmt: skip


def naming_nobody(matches: Sequence[Match]) -> tuple[Match, ...]:
    """The call types as they are matched; those that read like a person's name or an address stand for nothing."""
    return tuple(replace(m, category="", certainty="", why=NAMED) if _is_named(m.call_type) else m for m in matches)


def _is_named(call_type: str) -> bool:
    return full_name(call_type) or address(call_type)


def juveniles(columns: Sequence[Column]) -> Iterator[str]:
    """What is asked of rows about people under 18."""
    for column in columns:
        told = by_header(header_words(column.name))
        ages = told is not None and told.name in _OF_THE_YOUNG
        rows = young(column.labels, numbers=ages) if ages or column.distinct <= _FEW else 0
        if rows:
            yield (
                f"{column.name}: {rows:,} rows are about people under 18. What is known of juveniles is published as "
                "counts, not as rows, and rows of theirs have neither age, sex nor race: decide whether these rows may "
                f'be published at all. [where."{column.name}"] with leave_out = [..] leaves rows out.'
            )
