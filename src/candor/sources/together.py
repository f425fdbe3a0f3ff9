"""Several tables as one source: the union of their columns, and an account of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from candor.errors import DataError
from candor.portal.declared import SourceConfig
from candor.sources.base import Landed, Table, Unreadable
from candor.sources.columns import folded_name
from candor.sources.names import changes, require

_ALIKE = 0.4
"""Tables are parts of one source where they share this part of the columns of the one that has fewer."""

_LISTED = 40
_LINES = pa.schema([("file", pa.string()), ("line", pa.int64()), ("error", pa.string()), ("text", pa.string())])


@dataclass(frozen=True)
class Part:
    """A table of a source with how it is written, and what its columns are called in the whole: own name -> name."""

    table: Table
    source: SourceConfig
    names: Mapping[str, str]


def parts_of(tables: Sequence[tuple[Table, SourceConfig]], declared: Sequence[str], notes: list[str]) -> list[Part]:
    """The tables that are of one layout, that of the declared columns or of the largest; what is left out is noted.

    Columns whose names differ only by capitals, blanks and marks are one.
    """
    largest = max(tables, key=lambda t: t[0].path.stat().st_size)
    base = {folded_name(n) for n in declared or largest[1].columns}
    together: dict[str, str] = {}
    exact: set[str] = set(declared)
    for name in declared:
        together.setdefault(folded_name(name), name)
    parts = []
    for table, source in tables:
        own = {folded_name(n) for n in source.columns}
        if len(own & base) < _ALIKE * min(len(own), len(base)):
            notes.append(
                f"{table.name} is not read: its columns are not those of the others. If it is the table that is "
                "meant, give it alone."
            )
            continue
        names: dict[str, str] = {}
        for name in source.columns:
            whole = name if name in exact else together.setdefault(folded_name(name), name)
            names[name] = name if whole in names.values() else whole
            exact.add(names[name])
        parts.append(Part(table, source, names))
    if not parts:
        raise DataError(
            f"no file has the columns of the data set ({_some(declared)})",
            "at least one file with these columns",
            "Look whether the right files are there, or add the data set anew.",
        )
    return parts


def land_together(parts: Sequence[Part], source: SourceConfig, into: Path, only: Sequence[str]) -> Landed:
    """Each part landed, and all of them as one, in their order; a column that a part lacks is missing there.

    Raises `DataError` where a part cannot be read, or none has one of `only`.
    """
    header = tuple(dict.fromkeys(name for part in parts for name in part.names.values()))
    require(Path(source.path).name or "the source", header, only)
    wanted = tuple(only) or header
    landed = [_landed(part, into.with_suffix(f".{i}.parquet"), wanted) for i, part in enumerate(parts)]
    whole = [(part, one) for part, one in zip(parts, landed, strict=True) if one is not None]
    kept = [n for n in header if n in wanted]
    schema = pa.schema([(n, pa.string()) for n in kept])
    with pq.ParquetWriter(into, schema, compression="snappy") as writer:
        for part, one in whole:
            own = {name: mine for mine, name in part.names.items()}
            with pq.ParquetFile(one.path) as file:
                for batch in file.iter_batches():
                    missing = pa.nulls(batch.num_rows, pa.string())
                    arrays = [batch[own[n]] if own.get(n) in batch.schema.names else missing for n in kept]
                    writer.write_batch(pa.record_batch(arrays, schema=schema))
    lines = into.with_suffix(".unreadable.parquet")
    pq.write_table(pa.concat_tables([_LINES.empty_table(), *(_lines(p, one) for p, one in whole)]), lines)
    for _, one in whole:
        one.path.unlink()
        one.unreadable_path.unlink()
    unreadable = [
        Unreadable(f"{u.reason}, in {part.table.name}", u.rows, u.first_line)
        for part, one in whole
        for u in one.unreadable
    ]
    return Landed(
        path=into,
        rows=sum(one.rows for _, one in whole),
        header=header,
        unreadable=tuple(unreadable),
        unreadable_path=lines,
        sha256="",
        bytes=0,
        notes=(*_account(whole, wanted), *changes(source.columns, header)),
    )


def _landed(part: Part, into: Path, wanted: Sequence[str]) -> Landed | None:
    mine = [own for own, name in part.names.items() if name in wanted]
    if not mine:
        return None
    # What came and went is told of the whole.
    return part.table.reader.land(part.source, part.table.path, into, mine)


def _lines(part: Part, landed: Landed) -> pa.Table:
    lines = pq.read_table(landed.unreadable_path)
    file = pa.array([part.table.name] * lines.num_rows, pa.string())
    return pa.table({"file": file, **{n: lines[n] for n in ("line", "error", "text")}}).cast(_LINES)


def _account(whole: Sequence[tuple[Part, Landed]], wanted: Sequence[str]) -> Iterable[str]:
    """What each file gave, what it lacks, and what its reader says of it."""
    rows = [f"{part.table.name} ({one.read:,} rows)" for part, one in whole]
    more = f" and {len(rows) - _LISTED:,} more" if len(rows) > _LISTED else ""
    if len(rows) > 1:
        yield f"{len(rows):,} tables are read as one: {', '.join(rows[:_LISTED])}{more}."
    else:
        yield f"Read: {rows[0]}."
    for part, one in whole:
        lacks = [n for n in wanted if n not in part.names.values()]
        if lacks:
            yield f"{part.table.name} has no column {_some(lacks)}: missing there."
        yield from (f"{part.table.name}: {note}" for note in (*part.table.notes, *one.notes))


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:8])
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown


def as_sent(landed: Landed, sha256: str, size: int, notes: Iterable[str]) -> Landed:
    """What was landed, with the hash and the size of what was sent, where that is another file than was read."""
    notes = (*notes, *landed.notes)
    landed = replace(landed, notes=notes)
    return replace(landed, sha256=sha256, bytes=size) if sha256 else landed
