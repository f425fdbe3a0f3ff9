"""The figures of a release: counts of calls, made safe, and the rates computed from them."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from candor import drafts
from candor.accounting import Places
from candor.denominators import denominator_tables
from candor.denominators import parts as parts_of
from candor.engine.base import Engine
from candor.measures.coverage import DeclaredCoverage, coverage_grid
from candor.measures.cube import ORDER, cube
from candor.measures.dense import dense
from candor.measures.rates import SCHEMA as RATES_SCHEMA
from candor.measures.rates import call_rate_parts, monthly_rates
from candor.measures.residents import areas_by_month
from candor.measures.silence import declared_coverage
from candor.places.denominator_file import Denominator
from candor.places.pack import PlacesPack
from candor.portal.model import Portal
from candor.privacy.tables import SUPPRESSED, protect, total_is_hidden
from candor.progress import Steps
from candor.schemas.published import SIMULATED
from candor.schemas.taxonomy import Taxonomy
from candor.store.publication import Publication
from candor.store.words import own_words

CUBE, RATES = "calls-by-town", "call-rates-by-town"
DAYS = "days"
PROTECTED = "protected.parquet"
"""The protected cube, in the scratch folder while a release is made."""
_TEXTS = ["geoid", "place", "county", "category", "category_group", "initiated_by", "coverage"]


@dataclass(frozen=True)
class Context:
    """What every step of a run needs to know."""

    portal: Portal
    taxonomy: Taxonomy
    pack: PlacesPack | None
    places: Places | None
    engine: Engine
    now: datetime
    scratch: Path
    steps: Steps
    denominators: tuple[Denominator, ...] = ()


class Counts:
    """The counts of each data set in a release, kept inside, so that one data set can be published without the others.

    Those of a release that never came into force are never read: they lie under the number that it would have had.
    """

    def __init__(self, folder: Path, release: int) -> None:
        self._folder, self._release = folder, release
        self._next = folder / str(release + 1)
        shutil.rmtree(self._next, ignore_errors=True)
        self._next.mkdir(parents=True, mode=0o700)
        (self._next / DAYS).mkdir(mode=0o700)

    def has(self, name: str) -> bool:
        """Whether the release in force has counts of that data set, and of its days."""
        old = self._folder / str(self._release)
        return all((old / part / f"{name}.parquet").is_file() for part in ("", DAYS))

    def save(self, engine: Engine, name: str, counts: ir.Table, days: pa.Table) -> None:
        """Write the counts of a data set, and the rows of its agencies by day."""
        engine.write(counts, self._next / f"{name}.parquet")
        pq.write_table(days, self._next / DAYS / f"{name}.parquet")

    def carry(self, name: str) -> None:
        """Take over those of the release in force."""
        for part in ("", DAYS):
            old = self._folder / str(self._release) / part / f"{name}.parquet"
            shutil.copyfile(old, self._next / part / f"{name}.parquet")

    def files(self) -> dict[str, Path]:
        """By data set."""
        return {path.stem: path for path in sorted(self._next.glob("*.parquet"))}

    def declared(self, portal: Portal) -> dict[str, list[DeclaredCoverage]]:
        """By data set, its agencies with the months that they sent, and those of which they sent a part."""
        return {
            name: declared_coverage(drafts.agencies_of(portal, name), pq.read_table(self._next / DAYS / path.name))
            for name, path in self.files().items()
        }

    def settle(self) -> None:
        """Drop what no release needs any more."""
        for old in self._folder.iterdir():
            if old != self._next:
                shutil.rmtree(old, ignore_errors=True)


def publish_counts(
    context: Context, publication: Publication, counts: Counts, sensitive: Collection[str]
) -> tuple[set[str], bool]:
    """Put the cube and the rates.

    Returns the categories that they speak of, and whether the sums of rows may be published beside them: with those,
    the sum of all suppressed cells is public, which in a very small portal could tell one of them.
    """
    files = counts.files()
    if not files or context.pack is None:
        return set(), True
    engine, steps = context.engine, context.steps
    with steps.step("Making the tables safe"):
        declared = [agency for agencies in counts.declared(context.portal).values() for agency in agencies]
        grid = engine.table(
            coverage_grid(declared, context.pack.places, context.pack.populations, context.pack.changes)
        )
        categories = _categories(context, files)
        whole, safe = context.scratch / "cube.parquet", context.scratch / PROTECTED
        # Protection looks at the cube twice; written once, it need not be held.
        engine.write(cube(engine.read(*files.values()), grid, engine.table(categories)), whole)
        protected = protect(engine.read(whole), sensitive, context.portal.config.privacy.threshold)
        engine.write(protected, safe, order_by=ORDER)
        # Texts that occur many thousand times are held once.
        table = pq.read_table(safe, read_dictionary=_TEXTS)
    months = pc.min_max(table["month"]).as_py()
    dates = (months["min"], months["max"])
    with steps.step("Writing counts"):
        table = monthly_rates(table)
        put_table(context, publication, CUBE, table, dates)
    with steps.step("Computing rates and comparisons"):
        config = context.portal.config
        arrays = dense(table)
        arrays = replace(arrays, area=areas_by_month(arrays.geoids, arrays.months, context.pack.changes))
        parts = call_rate_parts(arrays, sensitive, config.jurisdiction, config.state)
        put_parts(context, publication, RATES, RATES_SCHEMA, parts, dates)
    with steps.step("Computing by several denominators"):
        source = drafts.population_source(context.pack)
        for name, found in denominator_tables(context.pack, context.denominators, source, arrays, sensitive):
            put_parts(context, publication, name, found.schema, parts_of(found), dates)
    total = pc.sum(engine.arrow(engine.read(*files.values()).select("calls"))["calls"]).as_py() or 0
    cells = int(pc.sum(pc.equal(table["coverage"], SUPPRESSED)).as_py() or 0)
    remainder = total - (pc.sum(table["calls"]).as_py() or 0)
    hidden = total_is_hidden(cells, remainder, context.portal.config.privacy.threshold)
    return set(categories["category"].to_pylist()), hidden


def _categories(context: Context, files: dict[str, Path]) -> pa.Table:
    """The categories that the portal's crosswalks lead to, and those that occur."""
    slugs = {
        e.category or context.taxonomy.unmapped.slug
        for name in files
        for e in context.portal.crosswalks.get(context.portal.datasets[name].crosswalk, ())
    }
    found = context.engine.read(*files.values()).select("category").distinct()
    slugs |= set(context.engine.arrow(found)["category"].to_pylist())
    used = [c for c in context.taxonomy.categories if c.slug in slugs]
    return pa.table({"category": [c.slug for c in used], "category_group": [c.group for c in used]})


def put_table(
    context: Context, publication: Publication, name: str, table: pa.Table, dates: tuple[date | None, date | None]
) -> None:
    """Put a table from memory as one of the portal's own data sets; `dates`: the first and last in it."""
    put_parts(context, publication, name, table.schema, [table], dates)


def put_parts(
    context: Context,
    publication: Publication,
    name: str,
    schema: pa.Schema,
    parts: Iterable[pa.Table],
    dates: tuple[date | None, date | None],
) -> None:
    """The same of a table that comes part by part and is never held as a whole."""
    draft = drafts.own_draft(context.portal, name, dates, context.engine.name)
    if context.portal.config.simulated:
        schema = schema.append(pa.field(SIMULATED, pa.bool_()))
    schema = pa.schema([schema.field(c.name) for c in draft.columns])
    path = publication.stage(name)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for part in parts:
            if context.portal.config.simulated:
                part = part.append_column(SIMULATED, pa.array(np.ones(part.num_rows, dtype=bool)))  # noqa: PLW2901 - marked
            writer.write_table(own_words(part.select(schema.names)))
    publication.put(draft, path)
