"""What tells rows apart: one number, or, where it repeats, that number and what differs among its rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from candor.engine.sql import identifier, literal
from candor.portal.schema_model import Schema
from candor.portal.words import header_words
from candor.propose.mapping import Mapped, StandardMapping
from candor.propose.profiling import Profile
from candor.propose.selection import Selection

_ORDINAL = frozenset(
    {"sequence", "seq", "line", "item", "ordinal", "offense", "offence", "charge", "victim", "index", "count", "suffix",
     "sub", "order", "segment"}
)  # fmt: skip
_NUMBERS = frozenset(
    {"id", "number", "key", "inc", "incident", "case", "cad", "cfs", "event", "report", "rpt", "file", "record",
     "reference", "complaint", "cmplnt", "ref", "ticket", "serial", "identifier", "docket"}
)  # fmt: skip
# Numbers that a program gives to lines as it writes them: another export gives the same row another.
_OF_THE_EXPORT = frozenset(
    {"objectid", "fid", "rowid", "oid", "unnamed", "index", "globalid", "shape", "rownumber", "row"}
)
_PEOPLE = frozenset({"victim", "suspect", "offender", "person", "party", "subject", "arrestee", "involved", "role"})
_MOST_TRIED = 12
_ALL = 0.999
"""The share of different rows that a key has to tell apart."""
_TOGETHER = 0.8
"""The share of numbers on several rows whose rows have one time, from which on they are taken to be of an incident."""


@dataclass(frozen=True)
class Keyed:
    """The mapping with a key that tells rows apart, and what is said of it."""

    mapping: StandardMapping
    said: tuple[str, ...] = ()


def with_key(mapping: StandardMapping, profile: Profile, schema: Schema, landed: Path, selection: Selection) -> Keyed:
    """Add to a key that repeats what tells its rows apart, and say how many rows one of them has.

    Rows that do not count (`selection`) need no key of their own.
    A schema that has a column of the role `case` gets the number that repeats there: it says which rows are of one.
    """
    wanted, case = schema.with_role("key"), schema.with_role("case")
    known = [m for role in (wanted, case) for m in mapping.columns if role and m.name == role.name]
    if wanted is None or (known and len(known[0].sources) > 1):
        return Keyed(mapping)
    number = known[0].source if known else _number(mapping, profile)
    if not number:
        return Keyed(mapping)
    rows = _Rows(landed, _counting(selection))
    also = _also(number, mapping, profile, schema, rows)
    doubt = f"{number} repeats: "
    unsure = tuple(words for words in mapping.unsure if not words.startswith(doubt))
    rest = [m for m in mapping.columns if m not in known]
    if also is None:
        of_case = [m for m in known[1:] if m.source != number]
        incident = "" if case is None or of_case else _incident(number, mapping, profile, schema, rows)
        if case is not None and incident:
            of_case = [Mapped(case.name, incident)]
        kept = (Mapped(wanted.name, number), *of_case, *(m for m in rest if m.source != incident))
        left = tuple(c for c in mapping.left_out if c.source not in (number, incident))
        said = (
            f"{incident} repeats while {number} does not: its rows are taken to be of one incident, such as its "
            "offences. Incidents are counted, and rows beside them.",
        )
        return Keyed(replace(mapping, columns=kept, left_out=left, unsure=unsure), said if incident else ())
    # Several rows of one call may be its cars: only offences of an incident are known to be counted each.
    if not also or case is None:
        return Keyed(mapping)
    of_case = [Mapped(case.name, known[-1].source if known else number)]
    left = tuple(c for c in mapping.left_out if c.source not in (number, *also))
    columns = (replace(Mapped(wanted.name, number), also=also), *of_case, *rest)
    return Keyed(
        replace(mapping, columns=columns, left_out=left, unsure=unsure),
        (
            f"{number} repeats: several rows, such as the offences of an incident, are of one. "
            f"{', '.join((number, *also))} together tell rows apart and are the key. Incidents are counted, and rows "
            "beside them.",
            *(
                f"{name} counts people: rows of one incident may be its people and not its offences. The number of "
                "rows, which is published beside that of incidents, is then of no use; say so in caveats."
                for name in also
                if set(header_words(name)) & _PEOPLE
            ),
        ),
    )


def _number(mapping: StandardMapping, profile: Profile) -> str:
    """The column of an agency's numbers, where its header is none that is known: by its words, and by how it varies."""
    read = {name for m in mapping.columns for name in m.sources}
    rows = max((c.values for c in profile.columns), default=0)
    found = [
        c for c in profile.columns
        if c.name not in read and (words := set(header_words(c.name))) & _NUMBERS and not words & _OF_THE_EXPORT
        and c.values >= 0.9 * rows and c.distinct >= 0.25 * c.values and 2 < c.mean_length < 30 and not c.time_format
    ]  # fmt: skip
    return max(found, key=lambda c: c.distinct).name if found else ""


def _incident(key: str, mapping: StandardMapping, profile: Profile, schema: Schema, rows: _Rows) -> str:
    """The column of the incident's numbers where each row has a number of its own; empty where there is none.

    Several rows have one of them, at one time: what is shared by rows of many days is no incident.
    """
    time = schema.with_role("time")
    when = mapping.source_of(time.name) if time else ""
    read = {m.source: schema.column(m.name) for m in mapping.columns}
    decides = {source for source, column in read.items() if column is None or column.role != "none"}
    every = max((c.values for c in profile.columns), default=0)
    found = [
        c for c in profile.columns
        if c.name != key and c.name not in decides and (words := set(header_words(c.name))) & _NUMBERS
        and not words & _OF_THE_EXPORT and c.values >= 0.9 * every and 0.1 * c.values <= c.distinct < c.values
        and 2 < c.mean_length < 40 and not c.time_format
    ]  # fmt: skip
    if not when or not found:
        return ""
    with duckdb.connect(config={"memory_limit": "1GB", "temp_directory": str(rows.landed.parent)}) as connection:
        for one in sorted(found, key=lambda c: c.distinct, reverse=True):
            name = identifier(one.name)
            together = connection.execute(
                f"SELECT avg((times = 1)::int) FROM (SELECT count(DISTINCT {identifier(when)}) AS times FROM {rows.sql}"
                f" WHERE {name} <> '' GROUP BY {name} HAVING count(*) > 1)"
            ).fetchone()
            if together and together[0] is not None and together[0] >= _TOGETHER:
                return one.name
    return ""


@dataclass(frozen=True)
class _Rows:
    """The landed file, and which of its rows count, as SQL."""

    landed: Path
    counting: str

    @property
    def sql(self) -> str:
        return f"(SELECT * FROM read_parquet({literal(str(self.landed))}) WHERE {self.counting})"


def _counting(selection: Selection) -> str:
    parts = ["true"]
    if selection.weight:
        parts.append(f"coalesce(try_cast({identifier(selection.weight)} AS double), 1) = 1")
    for name, values in selection.where.items():
        listed = ", ".join(literal(v.lower()) for v in values)
        parts.append(f"lower(trim(coalesce({identifier(name)}, ''))) NOT IN ({listed})")
    return " AND ".join(parts)


def _also(key: str, mapping: StandardMapping, profile: Profile, schema: Schema, rows: _Rows) -> tuple[str, ...] | None:
    """The fewest columns that tell apart rows of one number which are not alike in everything; none where none do.

    None, and no tuple, where no number repeats among the rows that count. Columns by what they are: the type of the
    row, what counts the rows of a number, the others that are read; the most telling of these where one is not enough.
    """
    of_export = {c.name for c in profile.columns if set(header_words(c.name)) & _OF_THE_EXPORT
                 or "".join(header_words(c.name)) in _OF_THE_EXPORT}  # fmt: skip
    others = [c.name for c in profile.columns if c.values and c.name != key and c.name not in of_export]
    tried = _in_order(others, mapping, profile, schema)[:_MOST_TRIED]
    if not tried:
        return ()
    with duckdb.connect(config={"memory_limit": "1GB", "temp_directory": str(rows.landed.parent)}) as connection:
        name = identifier(key)
        connection.execute(
            f"CREATE TEMP TABLE several AS SELECT * FROM {rows.sql} WHERE {name} IN"
            f" (SELECT {name} FROM {rows.sql} WHERE {name} <> '' GROUP BY 1 HAVING count(*) > 1)"
        )
        different = _several(connection, [key, *others])
        if not different:
            return None
        for also in [(c,) for c in tried]:
            if _several(connection, [key, *also]) >= _ALL * different:
                return also
        chosen: list[str] = []
        while len(chosen) < min(4, len(tried)):
            left = [c for c in tried if c not in chosen]
            best = max(left, key=lambda c: _several(connection, [key, *chosen, c]))
            chosen.append(best)
            if _several(connection, [key, *chosen]) >= _ALL * different:
                return tuple(chosen)
    # Rows that differ in what is not read are one event told twice: what is read tells the others apart.
    read = {name for m in mapping.columns for name in m.sources}
    return tuple(c for c in tried if c in read)


def _in_order(others: Sequence[str], mapping: StandardMapping, profile: Profile, schema: Schema) -> list[str]:
    category = schema.with_role("category")
    kind = mapping.source_of(category.name) if category else ""
    read = {name for m in mapping.columns for name in m.sources}

    def rank(name: str) -> tuple[int, int]:
        if name == kind:
            return 0, 0
        ordinal = bool(set(header_words(name)) & _ORDINAL)
        if ordinal and profile.column(name).mean_length < 24:
            return 1, 0
        return (2 if name in read else 3), -profile.column(name).distinct

    return sorted(others, key=rank)


def _several(connection: duckdb.DuckDBPyConnection, names: Collection[str]) -> int:
    """How many different rows there are by these columns."""
    listed = ", ".join(identifier(n) for n in names)
    found = connection.execute(f"SELECT count(*) FROM (SELECT DISTINCT {listed} FROM several)").fetchone()
    return int(found[0]) if found else 0
