"""The figures of a release: counts of calls, made safe, and the rates computed from them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
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
from candor.counts_kept import FIGURES, KeptCounts, earlier_releases, opened, read_figures, revised
from candor.denominators import denominator_tables
from candor.denominators import parts as parts_of
from candor.engine.base import Engine
from candor.measures.coverage import DeclaredCoverage, coverage_grid
from candor.measures.cube import ORDER, cube
from candor.measures.dense import dense, of_categories
from candor.measures.rates import SCHEMA as RATES_SCHEMA
from candor.measures.rates import call_rate_parts, monthly_rates
from candor.measures.residents import areas_by_month
from candor.measures.sensitive_figures import blocks as sensitive_blocks
from candor.measures.sensitive_figures import sums_tell_nothing
from candor.measures.sensitive_figures import table as sensitive_table
from candor.measures.silence import declared_coverage
from candor.places.denominator_file import Denominator
from candor.places.pack import PlacesPack
from candor.portal.model import Portal
from candor.privacy.suppression import Rule
from candor.progress import Steps
from candor.schemas.published import SIMULATED
from candor.schemas.taxonomy import Taxonomy
from candor.sensitive import Earlier, protect
from candor.store.model import Accounting
from candor.store.publication import Publication
from candor.store.words import own_words

CUBE, RATES = "calls-by-town", "call-rates-by-town"
DAYS = "days"
PROTECTED, PROTECTED_YEARS = "protected.parquet", "protected-years.parquet"
"""The protected counts by month and by longer periods, in the scratch folder while a release is made."""
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


@dataclass(frozen=True)
class PublishedCounts:
    """What was put: the categories that the figures speak of, and what the release has to say of them.

    `with_sums`: whether the number of rows that are not published may be told; it is the sum of all sensitive counts.
    `revised`: months whose counts differ from the release before. `small`, `beside`: withheld figures of sensitive
    kinds, for their own sake and for that of others.
    """

    categories: frozenset[str]
    with_sums: bool
    revised: tuple[str, ...]
    small: int = 0
    beside: int = 0


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
        """Whether the release in force has counts of that data set, of its days, and where its rows ended."""
        return all((self._folder / str(self._release) / part).is_file() for part in _parts(name))

    def save(self, engine: Engine, name: str, counts: ir.Table, days: pa.Table, accounting: Accounting) -> None:
        """Write the counts of a data set, the rows of its agencies by day, and where its rows ended."""
        of_counts, of_days, of_rows = (self._next / part for part in _parts(name))
        engine.write(counts, of_counts)
        pq.write_table(days, of_days)
        of_rows.write_text(accounting.model_dump_json(), encoding="utf-8")

    def carry(self, name: str) -> None:
        """Take over those of the release in force."""
        for part in _parts(name):
            shutil.copyfile(self._folder / str(self._release) / part, self._next / part)

    def accounts(self) -> list[Accounting]:
        """Where the rows of each data set ended."""
        found = [self._next / _parts(name)[-1] for name in self.files()]
        return [Accounting.model_validate_json(path.read_bytes()) for path in found]

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


def _parts(name: str) -> tuple[str, str, str]:
    """The files of a data set: its counts, its days, where its rows ended."""
    return f"{name}.parquet", f"{DAYS}/{name}.parquet", f"{name}.json"


def publish_counts(context: Context, publication: Publication, counts: Counts, kept: KeptCounts) -> PublishedCounts:
    """Put the cube of open categories, the figures of sensitive ones, and the rates of both."""
    files = counts.files()
    if not files or context.pack is None:
        return PublishedCounts(frozenset(), with_sums=True, revised=())
    engine, steps, config = context.engine, context.steps, context.portal.config
    with steps.step("Counting towns and months"):
        declared = [agency for agencies in counts.declared(context.portal).values() for agency in agencies]
        grid = engine.table(
            coverage_grid(declared, context.pack.places, context.pack.populations, context.pack.changes)
        )
        categories = _categories(context, files)
        # Written once and then sorted, it need not be held while it is made.
        whole, ordered = context.scratch / "cube.parquet", context.scratch / "ordered.parquet"
        engine.write(cube(engine.read(*files.values()), grid, engine.table(categories)), whole)
        engine.write(engine.read(whole), ordered, order_by=ORDER)
        # Texts that occur many thousand times are held once.
        table = pq.read_table(ordered, read_dictionary=_TEXTS)
        every = dense(table)
        every = replace(every, area=areas_by_month(every.geoids, every.months, context.pack.changes))
        is_open = ~np.isin(every.categories, context.taxonomy.sensitive)
        arrays = of_categories(every, np.flatnonzero(is_open))
    months = pc.min_max(table["month"]).as_py()
    dates = (months["min"], months["max"])
    with steps.step("Withholding small numbers of sensitive kinds"):
        number = publication.previous.number if publication.previous else 0
        now = kept.save(number + 1, table)
        releases = earlier_releases(publication)
        before = [
            Earlier(kept.of(releases, r), read_figures(publication.folder, r), frozenset(opened(r))) for r in releases
        ]
        sensitive = protect(
            of_categories(every, np.flatnonzero(~is_open)), now, _rules(context), before, config.privacy.time_limit
        )
        revised_months = revised(before[-1].kept, now) if before else []
    sensitive_names = pa.array(context.taxonomy.sensitive, pa.string())
    table = table.filter(pc.invert(pc.is_in(table["category"].cast(pa.string()), value_set=sensitive_names)))
    pq.write_table(table, context.scratch / PROTECTED)
    with steps.step("Writing counts"):
        put_table(context, publication, CUBE, monthly_rates(table), dates)
        groups = {c.slug: c.group for c in context.taxonomy.categories}
        figures = sensitive_table(sensitive.figures, groups, config.jurisdiction, config.state)
        pq.write_table(figures, context.scratch / PROTECTED_YEARS)
        put_table(context, publication, FIGURES, figures, dates)
    with steps.step("Computing rates and comparisons"):
        beside = sensitive_blocks(sensitive.figures, config.jurisdiction, config.state, config.privacy.threshold)
        parts = call_rate_parts(arrays, context.taxonomy.sensitive, config.jurisdiction, config.state, beside)
        only_all = (
            part.filter(pc.or_(_is_open(part, sensitive_names), pc.equal(part["initiated_by"], "all")))
            for part in parts
        )
        put_parts(context, publication, RATES, RATES_SCHEMA, only_all, dates)
    with steps.step("Computing by several denominators"):
        source = drafts.population_source(context.pack)
        for name, found in denominator_tables(context.pack, context.denominators, source, arrays, ()):
            put_parts(context, publication, name, found.schema, parts_of(found), dates)
    total = pc.sum(engine.arrow(engine.read(*files.values()).select("calls"))["calls"]).as_py() or 0
    inside = sum(int(now.of(category).sum()) for category in context.taxonomy.sensitive)
    elsewhere = total - (pc.sum(table["calls"]).as_py() or 0) - inside
    return PublishedCounts(
        frozenset(categories["category"].to_pylist()),
        with_sums=sums_tell_nothing(sensitive.figures, elsewhere, config.privacy.threshold),
        revised=tuple(str(m) for m in revised_months),
        small=sensitive.small,
        beside=sensitive.beside,
    )


def _rules(context: Context) -> dict[str, Rule]:
    """What is small in each sensitive category."""
    threshold = context.portal.config.privacy.threshold
    return {
        c.slug: Rule(threshold, "protected" if c.zeros_protected else "told")
        for c in context.taxonomy.categories
        if c.sensitivity == "sensitive"
    }


def _is_open(part: pa.Table, sensitive: pa.Array) -> pa.ChunkedArray:
    return pc.invert(pc.is_in(part["category"].cast(pa.string()), value_set=sensitive))


def _categories(context: Context, files: dict[str, Path]) -> pa.Table:
    """The categories that the portal's crosswalks lead to, and those that occur."""
    slugs = {
        e.category or context.taxonomy.unmapped.slug
        for name in files
        for e in context.portal.crosswalks.get(context.portal.datasets[name].crosswalk, ())
    }
    found = context.engine.read(*files.values()).select("category").distinct()
    slugs |= set(context.engine.arrow(found)["category"].to_pylist())
    # What is withheld altogether is in no count: a line of it would say that there was none.
    used = [c for c in context.taxonomy.categories if c.slug in slugs and c.release != "withheld"]
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
