"""A schema of the portal's own, proposed from a source's headers and values: what each column is, what is published."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from candor.portal.schema_model import ColumnType, Role, SchemaColumn
from candor.portal.words import header_words
from candor.profiles.catalogue import RESERVED
from candor.propose import people, time_column
from candor.propose.labels import Folded, fold
from candor.propose.mapping import InSeveral, LeftOut
from candor.propose.people import Decision
from candor.propose.profiling import Column, Profile
from candor.propose.time_column import clock_beside
from candor.propose.words import column_name
from candor.vocabulary.visible import stripped

_TRUE = frozenset({"1", "true", "t", "yes", "y"})
_CODES = frozenset({"code", "ward", "district", "zone", "beat", "level", "area", "precinct", "sector", "region"})
_POSTAL = frozenset({"zip", "zipcode", "postal", "postcode"})
_LONG_LABEL, _LONG_MEAN, _LONG_CODE, _FEW = 60, 40, 20, 5
_DISTINCT, _SHORT_MEAN, _MOST_LABELS = 0.25, 8, 200

_FREE_TEXT_REASON = "Free text isn't published unless a reviewer passed it."


@dataclass(frozen=True)
class OwnColumn(InSeveral):
    """A proposed column: its declaration, where it is read from, and why it was decided so."""

    column: SchemaColumn
    source: str
    format: str
    labels: dict[str, str]
    remarks: tuple[str, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the source that it is read from."""
        return (self.source, *self.also)

    @property
    def formats(self) -> tuple[str, ...]:
        """A format for each of them, or one for all."""
        return (self.format, self.clock_format) if self.clock_format else (self.format,)


@dataclass(frozen=True)
class OwnSchemaProposal:
    """The proposed columns in the source's order, those left out, and what is unsure."""

    columns: tuple[OwnColumn, ...]
    left_out: tuple[LeftOut, ...]
    unsure: tuple[str, ...]


def own_schema(profile: Profile, places: Collection[str] = ()) -> OwnSchemaProposal:
    """Propose a column for every column of the source that holds anything. What is unclear stays inside.

    `places`: the names of the portal's places in small letters, which are nobody's.
    """
    columns: list[OwnColumn] = []
    left: list[LeftOut] = []
    unsure: list[str] = []
    taken: set[str] = set()
    main_time = _main_time(profile.columns)
    day = profile.column(main_time) if main_time else None
    clock = clock_beside(profile, day, ()) if day and not day.tells_clock else None
    for position, found in enumerate(profile.columns, start=1):
        if not found.values:
            nameless = found.name.lower().startswith("unnamed") or not column_name(found.name)
            left.append(LeftOut(found.name, "it has no name of its own and no values" if nameless else "it is empty"))
            continue
        if found.moments.none and not found.moments.clocks:
            left.append(LeftOut(found.name, "its dates all stand for none, such as 1900-01-01"))
            continue
        if found is clock:
            continue
        name = _free_name(column_name(found.name) or f"column_{position}", taken)
        taken.add(name)
        folded = fold(found.labels)
        own_clock = clock if found is day else None
        decision = _decide(found, folded, own_clock, main_time, places)
        role: Role = "time" if found.name == main_time else "none"
        declared = SchemaColumn(
            name=name,
            label=" ".join(stripped(found.name).split()),
            type=decision.type,
            role=role,
            disclosure=decision.disclosure,
            publish=decision.publish,
            generalise=decision.generalise,
            reason=decision.reason,
        )
        labels = folded.merged if decision.type == "category" else {}
        remarks = [decision.why, *_label_remarks(labels, folded, decision)]
        format_ = found.time_format if decision.type in ("date", "timestamp") else ""
        exactly = time_column.precision(found, own_clock) if format_ else ""
        joined = (own_clock.name,) if own_clock and format_ else ()
        columns.append(
            OwnColumn(declared, found.name, format_, labels, tuple(remarks), also=joined,
                      clock_format=own_clock.clock_format if own_clock and joined else "", precision=exactly)
        )  # fmt: skip
        unsure += _doubts(name, found, folded, decision)
        unsure += time_column.doubts(found, own_clock) if format_ and role == "time" else []
    unsure += time_column.lost_minutes(profile.columns)
    unsure += [f"{left_out.source!r} is left out: {left_out.reason}." for left_out in left]
    unsure += people.juveniles(profile.columns)
    return OwnSchemaProposal(tuple(columns), tuple(left), tuple(unsure))


def _free_name(name: str, taken: set[str]) -> str:
    if name in RESERVED:
        name += "_recorded"
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def _main_time(columns: Sequence[Column]) -> str:
    """The date that the rows are about: the one called so, or the first that is not about a person's life."""
    dates = [
        c for c in columns if c.time_format and not {"birth", "dob", "hire", "commission"} & set(header_words(c.name))
    ]
    plain = [c for c in dates if set(header_words(c.name)) <= {"date", "time", "incident", "occurred", "event", "of"}]
    return next((c.name for c in [*plain, *dates]), "")


def _decide(found: Column, folded: Folded, clock: Column | None, main: str, places: Collection[str]) -> Decision:
    kind = "timestamp" if clock else _kind(found)
    return (
        (_date(found, kind) if found.name == main else people.of_persons(found, kind, places))
        or people.other_moment(kind)
        or _nearly_unique(found, kind)
        or _text(found, folded, kind)
        or Decision(kind, "open", publish=True, why=f"Read as {kind}.")
    )


def _kind(found: Column) -> ColumnType:
    words = set(header_words(found.name))
    if found.time_format:
        return "timestamp" if found.tells_clock else "date"
    if words & (_CODES | _POSTAL):
        return "category"
    values = {label.lower() for label, _ in found.labels}
    if found.share("boolean") == 1 and found.labels and values & _TRUE and values - _TRUE:
        return "boolean"
    if found.share("integer") == 1:
        return "integer"
    return "number" if found.share("number") == 1 else "category"


def _nearly_unique(found: Column, kind: ColumnType) -> Decision | None:
    coded = kind in ("category", "integer") and found.mean_length <= _LONG_CODE
    if not coded or found.values < 20 or found.distinct < 0.9 * found.values:
        return None
    return Decision("text", "identifier", publish=False,
                     reason="Nearly every row has a value of its own, as a number of a record has.",
                     why="Not published: nearly every row has a value of its own.")  # fmt: skip


def _date(found: Column, kind: ColumnType) -> Decision | None:
    if kind == "date":
        return Decision("date", "quasi", publish=True, generalise="date", why=f"Dates, read as {found.time_format}.")
    if kind == "timestamp":
        why = f"Times, read as {found.time_format}; published to the hour."
        return Decision("timestamp", "quasi", publish=True, generalise="hour", why=why)
    return None


def _text(found: Column, folded: Folded, kind: ColumnType) -> Decision | None:
    if kind != "category":
        return None
    several = len(folded.kept) or found.distinct
    varied = several > _FEW and several > _DISTINCT * found.values and found.mean_length > _SHORT_MEAN
    if varied or found.mean_length > _LONG_MEAN or found.longest > _LONG_LABEL or several > _MOST_LABELS:
        why = (
            f"Not published: it reads like free text ({several:,} different texts in {found.values:,} values, up to "
            f"{found.longest} letters)."
        )
        return Decision("text", "identifier", publish=False, reason=_FREE_TEXT_REASON, why=why)
    return Decision("category", "open", publish=True, why=f"Labels: {several:,} in {found.values:,} values.")


def _label_remarks(labels: dict[str, str], folded: Folded, decision: Decision) -> list[str]:
    remarks = []
    if labels:
        remarks.append("Labels that differ only by capitals, blanks or plural are made one; see its labels below.")
    if decision.publish and decision.type == "category" and folded.alike:
        alike = "; ".join(" = ".join(group) for group in folded.alike[:10])
        remarks.append(f"Are these the same? They are kept apart: {alike}.")
    return remarks


def _doubts(name: str, found: Column, folded: Folded, decision: Decision) -> list[str]:
    doubts: list[str] = []
    if not decision.publish and decision.reason == _FREE_TEXT_REASON:
        doubts.append(f"{name} reads like free text and is not published.")
    elif not decision.publish:
        doubts.append(f"{name} is not published: {decision.reason[0].lower()}{decision.reason[1:]}")
    elif decision.type == "category":
        if len(folded.kept) > 20 or found.mean_length > 20:
            doubts.append(
                f"{name} is published with its {len(folded.kept)} labels as they were typed: look through them."
            )
        if folded.alike:
            first = " and ".join(map(repr, folded.alike[0]))
            doubts.append(
                f"{name}: {first} look alike and are kept apart ({len(folded.alike)} such groups, in the file)."
            )
    if decision.type == "category" and 0.5 <= found.share("number") < 1:
        doubts.append(f"{name} holds numbers and other texts; it is read as labels.")
    if found.day_or_month_first and decision.type in ("date", "timestamp"):
        doubts.append(
            f"{name}: no date tells whether the day or the month comes first; {found.time_format} is proposed."
        )
    return doubts
