"""A source's columns are matched to those of a standard schema, by header and by what they hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from candor.portal.schema_model import Schema, SchemaColumn
from candor.portal.words import header_words
from candor.privacy.people.values import Values, by_values
from candor.propose import time_column
from candor.propose.labels import fold
from candor.propose.profiling import MOST_LABELS, Column, Profile
from candor.propose.time_column import clock_beside, only_moment
from candor.propose.words import tokens

_PARTS = frozenset(
    {"hour", "month", "year", "day", "weekday", "dow", "dayofweek", "week", "quarter", "minute", "shift"}
)
_OFFICER = frozenset(tokens("officer self initiated radio patrol proactive onview field unit viewed"))
_YES = frozenset({"1", "true", "t", "yes", "y"})
_MOST_CODES = 200
_OF_ANY_TIME = frozenset(
    {"date", "time", "datetime", "timestamp", "stamp", "dt", "tm", "dttm", "at", "on", "of", "local"}
)
_LATER = 0.3
"""How much less a column is taken for the time of the rows that speaks of an end, an arrival or an update."""


@dataclass(frozen=True, kw_only=True)
class InSeveral:
    """What a proposed column says where it is read from more than one column of the source.

    `also`: the further ones, whose texts follow that of the first. `clock_format`: that of the second, where the first
    says the day and the second the time of day. `precision`: how exactly a time says when, where its form says more.
    """

    also: tuple[str, ...] = ()
    clock_format: str = ""
    precision: str = ""


@dataclass(frozen=True)
class Mapped(InSeveral):
    """`[columns.<name>]` as proposed; `remarks` are said beside it."""

    name: str
    source: str
    format: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    officer: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the source that it is read from, in their order."""
        return (self.source, *self.also)


@dataclass(frozen=True)
class LeftOut:
    """A column of the source that is not mapped, and why."""

    source: str
    reason: str


@dataclass(frozen=True)
class StandardMapping:
    """What is proposed for a standard schema: mapped columns in the schema's order, the others, what is unsure."""

    columns: tuple[Mapped, ...]
    left_out: tuple[LeftOut, ...]
    unsure: tuple[str, ...]

    def source_of(self, name: str) -> str:
        """The source column of a schema's column; empty where it has none."""
        return next((c.source for c in self.columns if c.name == name), "")


def map_columns(profile: Profile, schema: Schema) -> StandardMapping:
    """Match by the schema's synonyms, and only what can be: dates where a format reads them, degrees as coordinates."""
    readable = [c for c in schema.columns if not c.derived]
    candidates, unsure = [], []
    for order, wanted in enumerate(readable):
        for position, found in enumerate(profile.columns):
            likeness = _likeness(wanted, found.name)
            if likeness <= 0 or not found.values:
                continue
            if _fits(wanted, found):
                candidates.append((-likeness - _tells_time(wanted, found, profile), order, position))
            elif likeness >= 1:
                why = "it seems to hold what tells of persons" if names_persons(wanted, found) else "but not its values"
                unsure.append((wanted.name, f"{found.name} has the name of {wanted.name}, {why}: left out."))
    pairs: dict[int, int] = {}
    for _, order, position in sorted(candidates):
        if order not in pairs and position not in pairs.values():
            pairs[order] = position
    said = [*time_column.lost_minutes(profile.columns), *_only_dates(pairs, readable, profile)]
    taken = {profile.columns[position].name for position in pairs.values()}
    mapped = [_mapped(readable[order], profile.columns[position]) for order, position in sorted(pairs.items())]
    mapped = [_timed(m, profile, taken) if schema.column(m.name) == schema.with_role("time") else m for m in mapped]
    names = {m.name for m in mapped}
    sources = {name for m in mapped for name in m.sources}
    said += [words for name, words in unsure if name not in names]
    said += [
        f"No column was found for {c.name} ({c.label.lower()}), which is required: write [columns.{c.name}]."
        for c in readable
        if c.required and c.name not in names
    ]
    for column, proposed in ((profile.column(m.source), m) for m in mapped):
        said += _doubts(schema.column(proposed.name), proposed, column, profile)
    time = schema.with_role("time")
    agency = schema.column("agency")
    left = tuple(LeftOut(c.name, _why_left(c, time, agency)) for c in profile.columns if c.name not in sources)
    return StandardMapping(tuple(mapped), left, tuple(said))


def _only_dates(pairs: dict[int, int], readable: list[SchemaColumn], profile: Profile) -> list[str]:
    """Take the likeliest column of dates for the time of the rows, where no header told it; what is to be said."""
    order = next((i for i, c in enumerate(readable) if c.role == "time"), None)
    if order is None or order in pairs:
        return []
    found = only_moment(profile, {profile.columns[i].name for i in pairs.values()}, readable[order].name)
    if found is None:
        return []
    pairs[order] = profile.columns.index(found[0])
    return [found[1]]


def _timed(mapped: Mapped, profile: Profile, taken: Collection[str]) -> Mapped:
    """The time of the rows as proposed: with its time of day from another column, and as exact as it is."""
    day = profile.column(mapped.source)
    clock = None if day.tells_clock else clock_beside(profile, day, taken)
    return replace(
        mapped,
        also=(clock.name,) if clock else (),
        clock_format=clock.clock_format if clock else "",
        precision=time_column.precision(day, clock),
        remarks=tuple(time_column.remarks(day, clock)),
    )


def officer_labels(column: Column) -> tuple[str, ...]:
    """The labels of a column that mean: the officer began it."""
    asked = {"officer", "self"} & set(header_words(column.name)) and "initiated" in header_words(column.name)
    if asked:
        return tuple(label for label, _ in column.labels if label.lower() in _YES)
    return tuple(label for label, _ in column.labels if set(tokens(label)) & _OFFICER)


def _likeness(wanted: SchemaColumn, header: str) -> float:
    """Above 1 where the header is the column's name or a synonym, earlier ones more; 0.5 where it holds one; else 0."""
    words = header_words(header)
    found = "".join(words)
    best = 0.0
    known = [wanted.name, wanted.label, *wanted.synonyms]
    for index, synonym in enumerate(known):
        parts = header_words(synonym)
        if "".join(parts) == found:
            best = max(best, 2 - index / len(known))
        elif wanted.role == "time" and _moment(words) and _moment(words) == _moment(parts):
            best = max(best, 1.95 - index / len(known))
        elif len(parts) > 1 and _contains(words, parts):
            best = max(best, 0.5)
    return best


def _moment(words: tuple[str, ...]) -> tuple[str, ...]:
    """Of the words of a time's header those that say of which moment it is: `CallReceivedDateTime`, received."""
    return tuple(w for w in words if w not in _OF_ANY_TIME)


def _contains(words: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    return any(words[i : i + len(parts)] == parts for i in range(len(words) - len(parts) + 1))


def _fits(wanted: SchemaColumn, found: Column) -> bool:
    if wanted.type in ("timestamp", "date"):
        return bool(found.time_format)
    if wanted.type in ("latitude", "longitude"):
        low, high = found.low, found.high
        return found.share("number") >= 0.9 and low is not None and high is not None and -180 <= low <= high <= 180
    if wanted.role == "sensitive_flag":
        return found.share("boolean") == 1  # a mark in another dress is one of `flags`
    if wanted.type == "boolean":
        return found.share("boolean") >= 0.9
    return _fits_text(wanted, found) and not names_persons(wanted, found)


def names_persons(wanted: SchemaColumn, found: Column) -> bool:
    """Whether what would be published under a column of a standard schema are persons' names, numbers or the like."""
    plain = wanted.publish and wanted.type in ("text", "category") and wanted.generalise == "none"
    return plain and bool(by_values(Values(found.labels, found.values, found.distinct), measure=True))


def _fits_text(wanted: SchemaColumn, found: Column) -> bool:
    """Whether texts vary as much as they should: numbers of calls do, categories do not."""
    if wanted.role == "key":
        return found.distinct * 2 >= found.values
    if wanted.role == "place":
        return found.distinct <= MOST_LABELS and found.share("number") < 0.5
    if wanted.role == "category":
        return found.distinct <= max(_MOST_CODES, min(MOST_LABELS, found.values // 2)) and not found.time_format
    return wanted.type != "category" or found.distinct <= _MOST_CODES


def _tells_time(wanted: SchemaColumn, found: Column, profile: Profile) -> float:
    if wanted.type != "timestamp":
        return 0.0
    tells = 0.5 if found.tells_clock or clock_beside(profile, found, ()) else 0.0
    return tells - (_LATER if time_column.is_later(found.name) else 0.0)


def _mapped(wanted: SchemaColumn, found: Column) -> Mapped:
    remarks: list[str] = []
    labels: dict[str, str] = {}
    officer: tuple[str, ...] = ()
    format_ = found.time_format if wanted.type in ("timestamp", "date") else ""
    if wanted.type == "category" and wanted.role != "category":
        labels = fold(found.labels).merged
    if wanted.role == "initiated_by":
        officer = tuple(dict.fromkeys(labels.get(label, label) for label in officer_labels(found)))
        remarks.append("Found: " + ", ".join(label for label, _ in found.labels[:20]) + ".")
    return Mapped(wanted.name, found.name, format_, labels, officer, tuple(remarks))


def _doubts(wanted: SchemaColumn | None, proposed: Mapped, found: Column, profile: Profile) -> Iterable[str]:
    if wanted is None:
        return
    if wanted.role == "time":
        yield from time_column.doubts(found, profile.column(proposed.also[0]) if proposed.also else None)
    if wanted.role == "key" and found.distinct < found.values:
        yield (
            f"{found.name} repeats: {found.values:,} values, {found.distinct:,} different. Rows that are alike become "
            "duplicates; rows that contradict each other are quarantined. Is it the number of the call?"
        )
    if wanted.role == "initiated_by" and not proposed.officer:
        yield f"{found.name}: no label says that an officer began the call; write them as `officer`, if there are any."
    elif wanted.role == "initiated_by":
        yield f"{found.name}: {', '.join(map(repr, proposed.officer))} is taken to mean that an officer began the call."


def _why_left(column: Column, time: SchemaColumn | None, agency: SchemaColumn | None) -> str:
    if not column.values:
        return "it is empty"
    words = set(header_words(column.name))
    if time and (words & _PARTS or "".join(header_words(column.name)) in _PARTS):
        return f"{time.name} decides the hour, the day and the month"
    if agency and _likeness(agency, column.name) >= 1:
        return "one agency is assumed, see [coverage]"
    return "the standard schema has no such column"
