"""Withdrawing from a portal: which public rows a file of keys means, which figures hang on them, and on which day.

The store takes them out of the public files (`candor.store.withdrawals`); here it is told where they are.
"""

from __future__ import annotations

import csv
import hashlib
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from candor.accounting.anonymity import safe_table
from candor.accounting.context import Context
from candor.accounting.opening import opened
from candor.accounting.withholding import published_schema
from candor.errors import DataError, UsageError
from candor.intake.account import KEY
from candor.ledger.withdrawn import remember
from candor.portal.model import Portal
from candor.privacy.times import start
from candor.profiles.own import kinds_of
from candor.profiles.profile import from_rows
from candor.profiles.published import ROW_ID, SIMULATED
from candor.publish.result import ARCHIVE
from candor.publish.rows import version_of
from candor.publish.times import SAID
from candor.store.rewriting import RowTest
from candor.store.store import Store
from candor.store.tombstones import WithdrawalReason
from candor.store.withdrawals import Inside, Keys, Pending, Request, Withdrawals

_MONTH = "month"


def withdrawals(portal: Portal) -> Withdrawals:
    """The requests of the portal, with its declared days."""
    return Withdrawals(Store(portal.root / "data"), portal.config.withdrawal.days)


def today(portal: Portal) -> date:
    """The day that a withdrawal is told to be of."""
    return portal.config.now().date()


def reason_of(text: str) -> WithdrawalReason:
    """The class of a reason, by its one word or in full. Raises UsageError."""
    reason = next((r for r in WithdrawalReason if text.strip().lower() in (r.slug, r.value)), None)
    if reason is None:
        allowed = ", ".join(f"{r.slug} ({r})" for r in WithdrawalReason)
        raise UsageError(f"{text!r} is no class of reasons", allowed, "Name one with --reason.")
    return reason


def keys_of(portal: Portal, name: str, file: Path) -> Keys:
    """The keys in a CSV file, from the column that the data set's source calls its key; nothing else is kept of it.

    Raises UsageError where the data set has no key or the file no such column, and DataError where it has no key.
    """
    columns = _key_columns(portal, name)
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            for column in columns:
                if column not in (reader.fieldnames or ()):
                    allowed = ", ".join(reader.fieldnames or ()) or "a header"
                    raise UsageError(f"{file} has no column {column!r}", allowed)
            values = dict.fromkeys(_keys(reader, columns))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{file} cannot be read: {error}", f"a CSV file in UTF-8 with {_named(columns)}") from error
    if not values:
        raise DataError(f"{file} names no row", f"a key in {_named(columns)}", "Nothing was withdrawn.")
    return Keys(column=" ".join(columns), values=tuple(values))


def rows_of(portal: Portal, name: str, file: Path) -> Mapping[str, RowTest]:
    """Which public rows of a data set a file of keys means, for `Withdrawals.request` and `.carry_out`.

    `file` is a CSV file with one column, the source's key (`keys_of`). The answer: for each public file of any version
    that holds such a row (`tables/<name>/..`, as the releases name it), a test that says of rows of that file whether
    each goes; nothing, where no public row is meant. The archive knows what the rows said. Of public rows that are the
    same to the last letter, as many go as are meant: which of them, nobody can tell.
    """
    store = Store(portal.data)
    wanted = hashes_of(portal, name, file)
    # By file the version that it was first published in.
    files = {f: v.version for v in reversed(store.public.versions(name)) if not v.withdrawn for f in v.files}
    with opened(portal, store.internal / "withdrawing") as context:
        meant = _meant(context, name, store.internal / ARCHIVE / name, wanted)
        if meant is None:
            return {}
        numbers = {}
        for file_, version in files.items():
            as_of = _with_precision(context, _as_of(meant, version), store.internal / ARCHIVE / name, version)
            numbers[file_] = _numbers(context, name, store.public.folder / file_, as_of)
    return {f: partial(_is_one, pa.array(ids, pa.int64())) for f, ids in numbers.items() if ids}


def hashes_of(portal: Portal, name: str, file: Path) -> list[str]:
    """The hashes by which the archive knows the rows of a file of keys (`intake.account.KEY`)."""
    # As it was written from `Keys`: of a key in several columns, one column of the whole.
    column = " ".join(_key_columns(portal, name))
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return _hashed(portal, name, list(_keys(csv.DictReader(lines), (column,))))


def _hashed(portal: Portal, name: str, keys: Sequence[str]) -> list[str]:
    """Keys as the source has them, read as the intake reads them."""
    values = [" ".join(v.split()) for v in keys]
    key = published_schema(portal.datasets[name]).with_role("key")
    if key is not None and key.type == "integer":
        values = [str(int(float(v.replace(",", "")))) for v in values]
    return [hashlib.md5(v.encode(), usedforsecurity=False).hexdigest() for v in dict.fromkeys(values)]


def _meant(context: Context, name: str, archive: Path, wanted: Sequence[str]) -> ir.Table | None:
    """The archived rows that are meant, as they were made safe, with their exact time; None where there are none.

    `_version`: that in which the row was published so; a corrected row is there several times.
    """
    files = sorted(f for f in archive.glob("v*.parquet") if SAID not in f.name)
    engine, schema = context.engine, published_schema(context.portal.datasets[name])
    time = schema.with_role("time")
    exactly = [time.name] if time else []
    safe = []
    for path in files:  # one a publication
        rows = engine.read(path)
        if KEY in rows.columns:
            one = safe_table(context, name, schema, rows.filter(rows[KEY].isin(list(wanted))), [*exactly, KEY]).rows
            safe.append(one.mutate(_version=ibis.literal(version_of(path.name), "int64")))
    if not safe:
        return None
    columns = [c for c in safe[-1].columns if all(c in s.columns for s in safe)]
    path = context.scratch / f"{secrets.token_hex(8)}.meant.parquet"
    first, *others = [s.select(*columns) for s in safe]
    engine.write(first.union(*others, distinct=True) if others else first.distinct(), path)
    return engine.read(path)


def _as_of(meant: ir.Table, version: int) -> ir.Table:
    """Of each row what it said in a version: of several the last until then."""
    until = meant.filter(meant["_version"] <= version)
    newest = ibis.row_number().over(group_by=KEY, order_by=ibis.desc("_version"))
    return until.mutate(_newest=newest).filter(lambda t: t["_newest"] == 0).drop("_newest", "_version")


def _with_precision(context: Context, meant: ir.Table, archive: Path, version: int) -> ir.Table:
    """The rows with how exactly they said their time in a version, in a column of that name, where they did."""
    files = [(version_of(f.name), f) for f in archive.glob(f"v*-{SAID}*.parquet")]
    parts = [context.engine.read(f).mutate(_version=ibis.literal(v, "int64")) for v, f in files if v <= version]
    if not parts:
        return meant
    said = _as_of(parts[0].union(*parts[1:]) if len(parts) > 1 else parts[0], version)
    (precision,) = [c for c in said.columns if c != KEY]
    renamed = said.select(_said=said[KEY], **{precision: said[precision]})
    return meant.inner_join(renamed, meant[KEY] == renamed["_said"]).drop("_said")


def _numbers(context: Context, name: str, path: Path, meant: ir.Table) -> list[int]:
    """The numbers of the rows of a public file that are meant."""
    engine = context.engine
    public = engine.read(path)
    time = published_schema(context.portal.datasets[name]).with_role("time")
    own = [c for c in public.columns if c in meant.columns and c not in (ROW_ID, SIMULATED, _MONTH)]
    precision = f"{time.name}_precision" if time else ""
    said = [c for c in own if time is None or c != time.name]
    renamed = meant.select(**{f"_m_{c}": meant[c] for c in (*own, KEY)})
    pairs = public.inner_join(renamed, [public[c].identical_to(renamed[f"_m_{c}"]) for c in said])
    if time is not None and time.name in own:
        exact = pairs[f"_m_{time.name}"]
        cell = start(exact, pairs[precision]) if precision in public.columns else exact.truncate("h")
        pairs = pairs.filter(cell.cast("timestamp") == pairs[time.name].cast("timestamp"))
    columns = [c for c in public.columns if c != ROW_ID]
    alike = pairs.group_by(columns).aggregate(_rows=pairs[f"_m_{KEY}"].nunique())
    of = alike.select(**{f"_a_{c}": alike[c] for c in columns}, _rows=alike["_rows"])
    rows = public.inner_join(of, [public[c].identical_to(of[f"_a_{c}"]) for c in columns])
    place = ibis.row_number().over(group_by=columns, order_by=ROW_ID)
    later = rows.mutate(_place=place).filter(lambda t: t["_place"] < t["_rows"])
    return [int(n) for n in engine.arrow(later.select(ROW_ID))[ROW_ID].to_pylist()]


def _is_one(numbers: pa.Array, rows: pa.Table) -> pa.ChunkedArray:
    return pc.is_in(rows[ROW_ID], value_set=numbers)


def remember_rows(portal: Portal, waiting: Sequence[Pending]) -> None:
    """Before rows go from the public files: that they are counted no more, and never come back."""
    archive = Store(portal.data).internal / ARCHIVE
    for pending in waiting:
        request = pending.request
        if request.keys:
            remember(archive / request.dataset, _hashed(portal, request.dataset, request.keys.values))


def copies_inside(portal: Portal) -> Sequence[Inside]:
    """What removes the internal copies of a request that asks for it; each is called with it, and with its keys' file.

    It is called after the public files are without it, and again where an earlier call was cut short.
    """

    def archived(request: Request, file: Path | None) -> None:
        folder = Store(portal.data).internal / ARCHIVE / request.dataset
        if request.version is None and file is None:
            shutil.rmtree(folder, ignore_errors=True)
        elif file is not None and folder.is_dir():
            _remove_rows(folder, hashes_of(portal, request.dataset, file))

    return (archived,)


def _remove_rows(folder: Path, wanted: Sequence[str]) -> None:
    """Write the files of an archive without some rows, each at once."""
    for path in folder.glob("*.parquet"):
        with pq.ParquetFile(path) as source:
            if KEY not in source.schema_arrow.names:
                continue
            part = path.with_suffix(".part")
            with pq.ParquetWriter(part, source.schema_arrow, compression="zstd") as writer:
                for batch in source.iter_batches():
                    stays = pc.invert(pc.is_in(batch[KEY], value_set=pa.array(list(wanted), pa.string())))
                    writer.write_batch(batch.filter(stays))
        part.replace(path)


def figures_of(portal: Portal, name: str) -> Sequence[str]:
    """The data sets counted from the rows of a data set: their versions are withdrawn with rows of it."""
    kinds = kinds_of(portal.root)
    dataset = portal.datasets.get(name)
    own = next((k for k in kinds.values() if dataset and dataset.schema_ in k.profile.schemas), None)
    if own is None:
        return ()
    tables = own.profile.tables
    counted = [tables.counts, tables.figures, tables.denominators, tables.hours]
    # What other profiles say of calls is counted from these rows too.
    counted += [k.profile.tables.beside_calls for k in kinds.values() if own is from_rows(kinds)]
    return tuple(name for name in counted if name)


def _named(columns: Sequence[str]) -> str:
    return f"the column{'s' if len(columns) > 1 else ''} {' and '.join(map(repr, columns))}"


def _keys(lines: Iterable[Mapping[str, str | None]], columns: Sequence[str]) -> Iterator[str]:
    """The keys of a file of them, as the intake joins them; lines that lack a part name no row."""
    for line in lines:
        parts = [(line[column] or "").strip() for column in columns]
        if all(parts):
            yield " ".join(parts)


def _key_columns(portal: Portal, name: str) -> tuple[str, ...]:
    dataset = portal.datasets.get(name)
    if dataset is None:
        raise UsageError(f"No data set of rows is declared as {name}", ", ".join(portal.datasets) or "none is declared")
    key = published_schema(dataset).with_role("key")
    if key is None or key.name not in dataset.columns:
        raise UsageError(
            f"Data set {name} has no key, so that no row of it can be named",
            "a data set with a key column",
            "Withdraw a version, or the data set.",
        )
    return dataset.columns[key.name].sources
