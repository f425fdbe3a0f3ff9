"""One data set's way from its source to the accounted table: the first half of a release, and all of a check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from candor.accounting.areas import Catchments
from candor.accounting.outcome_counts import counts_of, outcomes_of
from candor.engine.base import Engine, Locate
from candor.errors import DataError
from candor.intake.account import CASE, OUTCOMES, accounted
from candor.intake.crosswalk import categorised, crosswalk_table
from candor.intake.duplicates import marked
from candor.intake.flags import flag_columns, flagged
from candor.intake.outcomes import AccountedSource
from candor.intake.piles import found_piles, without_piles
from candor.intake.selection import selected, selecting_columns
from candor.intake.typed import Box, typed
from candor.measures.cube import day_counts
from candor.measures.several import number_of
from candor.measures.silence import declared_coverage
from candor.places.areas import AREA_INDEX, with_area
from candor.places.changes import Formerly
from candor.places.place_rows import PLACE_NOTE, placed
from candor.portal.coverage import agencies
from candor.portal.crosswalks import folded
from candor.portal.generalisations import placed_columns
from candor.portal.model import AgencyCoverage, CrosswalkEntry, DatasetConfig
from candor.portal.schema_model import Schema
from candor.privacy.people.juveniles import telling_ages, without_traits_of_juveniles
from candor.profiles.taxonomy import Taxonomy
from candor.sources.base import ROW, Landed
from candor.sources.registry import land

_INDEX = "_town_index"
_NO_DAYS = pa.schema([("agency", pa.string()), ("day", pa.date32()), ("calls", pa.int64())]).empty_table()


@dataclass(frozen=True)
class Places:
    """What placing needs: `places` (idx, geoid, name, county), `aliases` (alias, geoid, ambiguous), the point index.

    `formerly`: which places were part of another, and until when. `catchments`: by data set, its areas, where it
    publishes them.
    """

    places: pa.Table
    aliases: pa.Table
    locate: Locate
    box: Box
    formerly: tuple[Formerly, ...] = ()
    catchments: Mapping[str, Catchments] = field(default_factory=dict)


@dataclass(frozen=True)
class Together:
    """How many events rows are: `rows`, the `events`, and these counted once in each place and month, `by_month`."""

    rows: int
    events: int
    by_month: int


@dataclass(frozen=True, kw_only=True)
class Accounted(AccountedSource[DatasetConfig]):
    """A data set of rows after intake: `path` is the Parquet file of its accounted table (docs/architecture.md, 4).

    `days` has the counted rows by agency and day (`cube.day_counts`), none where the data set is not counted.
    `together`: how many events the counted rows are, where a column says which are of one.
    """

    schema: Schema
    path: Path
    coverage: tuple[AgencyCoverage, ...]
    days: pa.Table
    together: Together | None = None

    @property
    def incomplete(self) -> dict[str, tuple[str, ...]]:
        """By agency, the declared months of which it sent only a part."""
        incomplete = {d.agency: d.incomplete for d in declared_coverage(self.coverage, self.days)}
        return {agency: tuple(sorted(months)) for agency, months in incomplete.items() if months}


def needs_places(schema: Schema) -> bool:
    """Whether its rows have to be placed: they are counted by town, or published with their town or county."""
    return schema.counted or bool(placed_columns(schema.columns))


def account(
    dataset: DatasetConfig,
    schema: Schema,
    root: Path,
    *,
    crosswalk: tuple[CrosswalkEntry, ...],
    taxonomy: Taxonomy,
    places: Places | None,
    engine: Engine,
    now: datetime,
    zone: str,
    scratch: Path,
) -> Accounted:
    """Land, type, de-duplicate, categorise, place and account for every row of a data set.

    `now` is wall time in the portal's zone, whose IANA name is `zone`. Raises `DataError` where the source cannot be
    read as declared, and where the sums do not add up.
    """
    coverage = agencies(dataset, root)
    # What is neither published nor decides anything (a street, a narrative) is not even read.
    used = {c.name: dataset.columns[c.name] for c in schema.columns
            if c.name in dataset.columns and (c.publish or c.role != "none" or c.derived)}  # fmt: skip
    # Who is under 18 decides what a row may say of a person; the column goes as soon as that is done.
    sources = {name: mapping.sources for name, mapping in dataset.columns.items()}
    ages = {name: dataset.columns[name] for name in telling_ages(schema, sources) if name not in used}
    used |= ages
    read = dataset.model_copy(update={"columns": used})
    landed = land(
        dataset.source,
        root / dataset.source.path,
        scratch / f"{dataset.name}.landed.parquet",
        only=list(
            dict.fromkeys(
                [*(n for m in used.values() for n in m.sources), *selecting_columns(dataset), *flag_columns(dataset)]
            )
        ),
    )
    raw = engine.numbered(landed.path, ROW)
    # What follows looks at the typed rows several times; they are computed once.
    typed_path = scratch / f"{dataset.name}.typed.parquet"
    as_typed = typed(raw, read, schema, engine, now, places.box if places else None, zone)
    as_typed = without_traits_of_juveniles(flagged(as_typed, raw, dataset), schema, sources).drop(*ages)
    engine.write(as_typed, typed_path)
    as_read = engine.read(typed_path)
    if selecting_columns(dataset):
        selected_path = scratch / f"{dataset.name}.selected.parquet"
        engine.write(selected(as_read, raw, dataset, schema, engine), selected_path)
        typed_path.unlink()
        typed_path, as_read = selected_path, engine.read(selected_path)
    true = dataset.piles.points if dataset.piles else ()
    piles = found_piles(as_read, schema, engine, true) if places and needs_places(schema) else ()
    rows = without_piles(as_read, schema, piles, engine)
    key = schema.with_role("key")
    table = marked(rows, key.name if key else None)
    category = schema.with_role("category")
    if schema.counted and category:
        table = _categories(table, dataset, schema, category.name, crosswalk, taxonomy, engine)
        table = _agency(table, coverage)
        table = _places(table, dataset, schema, coverage, places, engine, as_read)
    elif needs_places(schema):
        table = _places(_agency(table, coverage), dataset, schema, coverage, places, engine, as_read)
    path = scratch / f"{dataset.name}.accounted.parquet"
    engine.write(accounted(table, schema, [PLACE_NOTE] if PLACE_NOTE in table.columns else []), path)
    quarantine = scratch / f"{dataset.name}.quarantined.parquet"
    bad = engine.read(path)
    bad = bad.filter(bad.outcome == "quarantined").select(ROW, _reasons="reasons")
    engine.write(bad.inner_join(raw, ROW), quarantine, order_by=[ROW])
    landed.path.unlink()
    typed_path.unlink()
    result = replace(_summary(dataset, schema, (path, quarantine), landed, coverage, engine, crosswalk), piles=piles)
    if result.landed.read != sum(result.rows(o) for o in OUTCOMES):
        raise DataError(
            f"{dataset.name}: {result.landed.read:,} rows were read and "
            f"{sum(result.rows(o) for o in OUTCOMES):,} are accounted for",
            "the same number",
            "This is a fault of the program: nothing was published.",
        )
    return result


def _categories(
    table: ir.Table,
    dataset: DatasetConfig,
    schema: Schema,
    type_column: str,
    crosswalk: tuple[CrosswalkEntry, ...],
    taxonomy: Taxonomy,
    engine: Engine,
) -> ir.Table:
    origin = schema.with_role("initiated_by")
    mapping = dataset.columns.get(origin.name) if origin else None
    return categorised(
        table,
        type_column,
        origin.name if origin and mapping else None,
        mapping.officer if mapping else (),
        crosswalk_table(crosswalk, taxonomy),
        taxonomy,
        engine,
    )


def _agency(table: ir.Table, coverage: tuple[AgencyCoverage, ...]) -> ir.Table:
    if "agency" in table.columns:
        return table
    return table.mutate(agency=ibis.literal(coverage[0].agency if coverage else ""))


def _places(
    table: ir.Table,
    dataset: DatasetConfig,
    schema: Schema,
    coverage: tuple[AgencyCoverage, ...],
    places: Places | None,
    engine: Engine,
    rows: ir.Table,
) -> ir.Table:
    if places is None:
        raise DataError(
            "The portal has no places", "a places pack", "Run `candor places import` or `candor places fetch`."
        )
    longitude, latitude = schema.with_role("longitude"), schema.with_role("latitude")
    pointed = bool(longitude and latitude and longitude.name in table.columns and latitude.name in table.columns)
    if longitude and latitude and pointed:
        table = engine.located(table, longitude.name, latitude.name, _INDEX, places.locate)
    catchments = places.catchments.get(dataset.name)
    if longitude and latitude and catchments:
        table = engine.located(table, longitude.name, latitude.name, AREA_INDEX, catchments.areas.locate)
    name, time = schema.with_role("place"), schema.with_role("time")
    areas = {a.agency: a.places[0] for a in coverage if len(set(a.places)) == 1}
    # An agency that is listed with several spans of months still has one area.
    several = {a.agency for a in coverage if set(a.places) - {areas.get(a.agency, "")}}
    areas = {agency: geoid for agency, geoid in areas.items() if agency not in several}
    table = placed(
        table,
        index_column=_INDEX if pointed else None,
        name_column=name.name if name and name.name in table.columns else None,
        areas=engine.table(
            pa.table(
                {
                    "agency": pa.array(list(areas), pa.string()),
                    "area_geoid": pa.array(list(areas.values()), pa.string()),
                }
            )
        ),
        places=engine.table(places.places),
        aliases=engine.table(places.aliases),
        time_column=time.name if time and time.name in table.columns else None,
        formerly=places.formerly,
        read=rows,
    )
    return with_area(table, engine.table(catchments.areas.snap)) if catchments else table


def _summary(
    dataset: DatasetConfig,
    schema: Schema,
    paths: tuple[Path, Path],
    landed: Landed,
    coverage: tuple[AgencyCoverage, ...],
    engine: Engine,
    crosswalk: tuple[CrosswalkEntry, ...],
) -> Accounted:
    path, quarantine = paths
    table = engine.read(path)
    outcomes = outcomes_of(table, landed, engine)
    placed_by = counts_of(table, "placed_by", None, engine) if "placed_by" in table.columns else ()
    notes = tuple(n for n in counts_of(table, "notes", None, engine) if n.outcome)
    new_types: tuple[tuple[str, int], ...] = ()
    category = schema.with_role("category")
    if category and schema.counted:
        known = {folded(e.call_type) for e in crosswalk}
        counts = engine.arrow(
            table.filter(table[category.name].notnull()).group_by(category.name).agg(rows=ibis._.count())
        ).to_pylist()
        new_types = tuple(
            sorted(
                ((r[category.name], r["rows"]) for r in counts if folded(r[category.name]) not in known),
                key=lambda t: (-t[1], t[0]),
            )
        )
    time = schema.with_role("time")
    days = _NO_DAYS
    unit = CASE if CASE in table.columns else None
    if schema.counted and time and time.name in table.columns:
        days = engine.arrow(day_counts(table, time.name, unit)).cast(_NO_DAYS.schema)
    return Accounted(
        dataset=dataset, schema=schema, path=path, quarantined_path=quarantine, landed=landed, outcomes=outcomes,
        placed_by=placed_by, notes=notes, new_types=new_types, coverage=coverage, days=days,
        together=_together(table, engine) if unit and schema.counted else None,
    )  # fmt: skip


def _together(table: ir.Table, engine: Engine) -> Together:
    """How many events the counted rows are."""
    rows = table.filter(table.counted)
    by_agency = rows.group_by("agency").agg(rows=rows.count(), events=number_of(rows, CASE))
    cells = rows.group_by(["agency", "geoid", "month"]).agg(events=number_of(rows, CASE))
    found = engine.arrow(by_agency.aggregate(rows=by_agency.rows.sum(), events=by_agency.events.sum())).to_pylist()[0]
    by_month = engine.arrow(cells.aggregate(n=cells.events.sum()))["n"][0].as_py()
    return Together(*(int(n or 0) for n in (found["rows"], found["events"], by_month)))
