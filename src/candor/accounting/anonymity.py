"""A data set's rows made safe, and measured as they are published: how well they hide one another.

Below the k or l that the data set's file declares, the rows are refused, with a change of the file that reaches it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import ibis
import ibis.expr.types as ir

from candor.accounting.context import Context
from candor.accounting.records import Accounted, Places
from candor.errors import CandorError, DataError
from candor.intake.outcomes import Outcome
from candor.portal.generalisations import BY_PLACE
from candor.portal.keys import key_path, read_key
from candor.portal.model import AnonymityConfig
from candor.portal.schema_model import Schema, SchemaColumn
from candor.privacy.records.accounting import ALONE
from candor.privacy.records.anonymity import marked_alone, measure
from candor.privacy.records.hierarchies import Hierarchy, hierarchy
from candor.privacy.records.lattice import search
from candor.privacy.records.rows import Hashing, exact, generalised, safe_rows
from candor.privacy.texts.scan import texts_of
from candor.sources.base import ROW
from candor.store.dataset_model import Anonymity
from candor.vocabulary.visible import INVISIBLE

USUAL = AnonymityConfig()
"""What rows are measured against where nothing is declared: a measure, no promise."""

_SAME_PLACE = ("geoid", "town")
_MONTH = "month"
_ALONE = "_alone"
PUBLISHED, WITHHELD = "published", "withheld"


@dataclass(frozen=True)
class SafeRows:
    """The rows as they are published, the schema of their columns, and the fingerprint of the key, if any was used."""

    rows: ir.Table
    schema: Schema
    key: str = ""


@dataclass(frozen=True)
class Measured:
    """What was measured of a data set's public rows, and why they are refused, if they are."""

    dataset: str
    anonymity: Anonymity
    refusal: DataError | None = None


def made_safe(
    context: Context, accounted: Accounted, paths: Sequence[Path] = (), exactly: Sequence[str] = ()
) -> SafeRows:
    """The rows that are published, generalised and hashed; of the files `paths` where it is not all of them.

    `exactly`: see `privacy.rows.safe_rows`. Raises `DataError` where there is no key for a hash.
    """
    table = context.engine.read(*(paths or [accounted.path]))
    return safe_table(context, accounted.dataset.name, accounted.schema, table, exactly)


def safe_table(
    context: Context, dataset: str, schema: Schema, table: ir.Table, exactly: Sequence[str] = ()
) -> SafeRows:
    """The same of a table of accounted rows."""
    columns = tuple(c for c in schema.columns if c.name in table.columns)
    schema = schema.model_copy(update={"columns": columns})
    table = _seen(table, texts_of(schema, table.columns))
    named = context.portal.config.privacy.key_file
    if not named or not any(c.generalise == "hash" for c in schema.public_columns):
        return SafeRows(safe_rows(table, schema, exactly=exactly), schema)
    root = context.portal.root
    key = read_key(key_path(named, root), root)
    hashing = Hashing(key, context.engine, dataset)
    return SafeRows(safe_rows(table, schema, hashing, exactly), schema, key.fingerprint)


def _seen(table: ir.Table, columns: Sequence[str]) -> ir.Table:
    """The table with texts of letters that are seen: what hides or turns round others is taken out."""
    return table.mutate(**{name: table[name].re_replace(INVISIBLE, "") for name in columns}) if columns else table


def without_alone(context: Context, accounted: Accounted) -> Accounted:
    """The data set with the rows withheld that stand alone, where its file allows so many of them to be.

    Whole groups go, so what is left is as alike as it was. Where more rows stand alone than may be withheld, none are:
    then the rows are refused, and the proposal says what to change.
    """
    declared, schema = accounted.dataset.anonymity, accounted.schema
    if declared is None or not declared.withhold:
        return accounted
    engine, table = context.engine, context.engine.read(accounted.path)
    columns = {c.name: c for c in schema.public_columns if c.name in table.columns}
    quasi, sensitive = _measured_columns(declared, columns)
    rows = table.filter(table.outcome == PUBLISHED)
    said = rows.select(
        ROW, **{name: generalised(exact(rows, columns[name]), columns[name]) for name in (*quasi, *sensitive)}
    )
    marked = marked_alone(said, quasi, sensitive, declared.k, declared.l, _ALONE)
    path = context.scratch / f"{accounted.dataset.name}.alone.parquet"
    engine.write(marked.filter(marked[_ALONE]).select(_alone_row=ROW), path)
    alone = engine.read(path)
    (number,) = engine.arrow(alone.aggregate(rows=alone.count()))["rows"].to_pylist()
    if not number or number > declared.withhold * accounted.rows(PUBLISHED):
        return accounted
    joined = table.left_join(alone, table[ROW] == alone["_alone_row"])
    stays = joined["_alone_row"].isnull()
    result = joined.mutate(
        outcome=ibis.ifelse(stays, joined.outcome, WITHHELD), reasons=ibis.ifelse(stays, joined.reasons, ALONE)
    ).drop("_alone_row")
    kept = context.scratch / f"{accounted.dataset.name}.alike.parquet"
    engine.write(result, kept)
    outcomes = [replace(o, rows=o.rows - number) if o.outcome == PUBLISHED else o for o in accounted.outcomes]
    return replace(accounted, path=kept, outcomes=(*outcomes, Outcome(WITHHELD, ALONE, number)))


def measured(context: Context, accounted: Accounted, schema: Schema, rows: ir.Table) -> Measured | None:
    """Measure `rows`, which are as they are published; None where no column of theirs is a quasi-identifier.

    `schema` has the columns of the rows. Where the data set declares `[anonymity]` and the rows fall short of it, the
    refusal says what to change.
    """
    dataset = accounted.dataset
    declared = dataset.anonymity or USUAL
    public = {c.name: c for c in schema.public_columns}
    quasi, sensitive = _measured_columns(declared, public)
    if not quasi:
        return None
    equivalence = measure(rows, quasi, sensitive, context.engine, declared.k)
    anonymity = Anonymity(
        promised=dataset.anonymity is not None,
        asked_k=declared.k, asked_l=declared.l,
        quasi=tuple(quasi), not_measured=tuple(name for name in _by_class(public) if name not in quasi),
        rows=equivalence.rows, groups=equivalence.classes, k=equivalence.k, below=equivalence.below,
        l=dict(equivalence.l), risk_max=equivalence.risk_max, risk_mean=equivalence.risk_mean,
    )  # fmt: skip
    refused = anonymity.promised and not anonymity.holds
    return Measured(dataset.name, anonymity, _refusal(context, accounted, schema, anonymity) if refused else None)


def _measured_columns(declared: AnonymityConfig, public: Mapping[str, SchemaColumn]) -> tuple[list[str], list[str]]:
    """The published quasi-identifiers and sensitive columns."""
    asked = declared.quasi or _by_class(public)
    return [name for name in public if name in asked], [name for name in public if name in declared.sensitive]


def _by_class(public: Mapping[str, SchemaColumn]) -> list[str]:
    # Nobody without the key knows a hash of a person.
    return [name for name, c in public.items() if c.disclosure == "quasi" and c.generalise != "hash"]


def require_promised(measurement: Measured | None) -> Anonymity | None:
    """What was measured. Raises `DataError` where it is less than the data set's file declares."""
    if measurement is None:
        return None
    if measurement.refusal:
        raise measurement.refusal
    return measurement.anonymity


def _refusal(context: Context, accounted: Accounted, schema: Schema, anonymity: Anonymity) -> DataError:
    name, file = accounted.dataset.name, f"datasets/{accounted.dataset.name}.toml"
    short = [f"l = {values} in {column}" for column, values in anonymity.l.items() if values < anonymity.asked_l]
    if anonymity.below:
        short.insert(
            0, f"k = {anonymity.k}: {anonymity.below:,} rows are like fewer than {anonymity.asked_k - 1} others"
        )
    said = f"{name}: {'; '.join(short)} (rows are alike in {', '.join(anonymity.quasi)})"
    allowed = (
        f"k = {anonymity.asked_k}{f' and l = {anonymity.asked_l}' if anonymity.asked_l > 1 else ''}, as {file} declares"
    )
    return DataError(said, allowed, _remedy(context, accounted, schema, anonymity, file))


def _remedy(context: Context, accounted: Accounted, schema: Schema, anonymity: Anonymity, file: str) -> str:
    rows = context.engine.read(accounted.path)
    rows = rows.filter(rows.outcome == "published")
    columns = {c.name: c for c in schema.public_columns}
    sensitive = [columns[name] for name in anonymity.l]
    hierarchies = _hierarchies(schema, [columns[name] for name in anonymity.quasi], context.places)
    exactly = rows.select(
        **{h.column: exact(rows, columns[h.column]) for h in hierarchies},
        **{c.name: generalised(exact(rows, c), c) for c in sensitive},
    )
    try:
        proposal = search(
            exactly, hierarchies, anonymity.asked_k, context.engine, sensitive=list(anonymity.l), l=anonymity.asked_l
        )
    except CandorError as error:
        return f"Nothing was published. {error}"
    text = (context.portal.root / file).read_text(encoding="utf-8-sig")
    return (
        f"Nothing was published. {proposal.words()} This change of {file} does it:\n\n"
        f"{proposal.difference(text, file)}\nThen run `candor check {accounted.dataset.name}`."
    )


def _hierarchies(schema: Schema, quasi: Sequence[SchemaColumn], places: Places | None) -> list[Hierarchy]:
    """The levels of each quasi-identifier. A column that says the same otherwise goes with it, without own levels."""
    public = {c.name for c in schema.public_columns}
    counties = {}
    if places and any(c.generalise in BY_PLACE for c in quasi):
        counties = dict(zip(places.places["name"].to_pylist(), places.places["county"].to_pylist(), strict=True))
    made: list[Hierarchy] = []
    for column in quasi:
        if any(column.name in h.also for h in made):
            continue
        also: list[str] = []
        if column.derived and column.name in _SAME_PLACE:
            also = [name for name in _SAME_PLACE if name in public and name != column.name]
        elif column.role == "time" and _MONTH in public and _MONTH not in [c.name for c in quasi]:
            also = [_MONTH]
        made.append(hierarchy(column, counties, tuple(also)))
    return made
