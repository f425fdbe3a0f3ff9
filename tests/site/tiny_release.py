"""A small public folder with everything that a page may meet, published through the store.

Seven towns in two counties: one reported fully, two in part, one without residents, one that reported none, one whose
agency sent nothing for a year, and one that no agency covers. Two data sets of rows, and those that every counted
portal publishes. The figures are computed from made-up counts and are no town's; those of the sensitive kinds are told
as a release tells them, on `CLOCK`. On demand also the two data sets of verified offences, of three towns and two
years.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from candor.ledger.counted import Counted
from candor.ledger.ledger import Ledger
from candor.ledger.tell import tell
from candor.ledger.told_figures import told_figures
from candor.measures import sensitive_blocks, sensitive_table
from candor.measures.call_pools import CallPools
from candor.measures.dense import DenseCube, dense
from candor.measures.rates import call_rate_parts, learned_from
from candor.measures.sensitive_pools import ToldFigures
from candor.measures.yearly import dense_counts, yearly_cells
from candor.measures.yearly_figures import yearly_rates
from candor.portal.calendar import Calendar
from candor.profiles.published import indicators
from candor.store.dataset_model import (
    Accounting,
    DatasetDraft,
    Indicator,
    Provenance,
    PublicColumn,
    Reason,
    WithheldColumn,
)
from candor.store.model import (
    PublicBenchmark,
    PublicCategory,
    PublicCoverage,
    PublicNext,
    PublicPortal,
    PublicSettling,
    Release,
    WithheldRows,
)
from candor.store.store import Store

ColumnKind = Literal["text", "category", "integer", "number", "boolean", "date", "timestamp", "geometry"]

MONTHS = tuple(date(2024 + m // 12, m % 12 + 1, 1) for m in range(24))
GAP = date(2025, 3, 1)
CLOCK = date(2026, 4, 10)
SOON = date(2026, 4, 30)
"""When March 2026 appears."""
FORMULA = '=HYPERLINK("http://example.org","click")'
WITHHELD_STREET = "17 Hidden Lane"
"""Stands in no public column; no public answer may hold it."""


@dataclass(frozen=True)
class Town:
    """A made-up town. `scale` is its noise calls a month."""

    geoid: str
    name: str
    full_name: str
    county: str
    residents: int
    agency: str
    scale: int
    x: int
    y: int


TOWNS = (
    Town("5000100100", "Alba", "Alba city", "Adams", 12000, "Alba Police", 40, 0, 0),
    Town("5000100200", "Alba", "Alba town", "Adams", 800, "Adams Sheriff", 3, 1, 0),
    Town("5000100300", "Birch", "Birch", "Adams", 1500, "Adams Sheriff", 1, 2, 0),
    Town("5000200400", "Dell's Grant", "Dell's Grant", "Boone", 0, "Alba Police", 1, 0, 1),
    Town("5000200500", "Cedar", "Cedar", "Boone", 90, "Alba Police", 0, 1, 1),
    Town("5000200600", "Elm", "Elm", "Boone", 640, "", 0, 2, 1),
    Town("5000200700", "Fern", "Fern", "Boone", 2100, "Fern Police", 9, 3, 1),
)
ALIASES = (
    ("alba", "5000100100"),
    ("alba", "5000100200"),
    ("alba falls", "5000100200"),
    ("mill village", "5000100300"),
    ("mill village", "5000200700"),
    ("fern junction", "5000200700"),
)

CATEGORIES = (
    PublicCategory(
        slug="noise", label="Noise", group="disorder", group_label="Disorder",
        definition="A call about loud music, parties or fireworks.", initiated_by="citizen", sensitivity="open",
        release="records",
    ),
    PublicCategory(
        slug="theft", label="Theft", group="property", group_label="Property",
        definition="A call about something taken without consent.", initiated_by="citizen", sensitivity="open",
        release="records",
    ),
    PublicCategory(
        slug="traffic-stop", label="Traffic stop", group="traffic", group_label="Traffic",
        definition="A stop of a vehicle by an officer.", initiated_by="officer", sensitivity="open", release="records",
    ),
    PublicCategory(
        slug="domestic-violence", label="Domestic violence", group="domestic", group_label="Domestic violence",
        definition="A call about violence between people of one household.", initiated_by="citizen",
        sensitivity="sensitive", release="aggregates", reason="Privacy of victims.",
    ),
    PublicCategory(
        slug="overdose", label="Overdose", group="health", group_label="Health",
        definition="A call about somebody who took too much of a drug.", initiated_by="citizen",
        sensitivity="sensitive", release="aggregates", reason="Health.",
    ),
)  # fmt: skip

SENSITIVE = [c.slug for c in CATEGORIES if c.sensitivity == "sensitive"]

OFFENCES = (
    PublicCategory(
        profile="offences",
        slug="burglary", label="Burglary", group="property", group_label="Property offences",
        definition="Unlawful entry to commit a felony or a theft.", sensitivity="open",
    ),
    PublicCategory(
        profile="offences",
        slug="larceny", label="Larceny", group="property", group_label="Property offences",
        definition="Something taken without force and without consent.", sensitivity="open",
    ),
)  # fmt: skip
BENCHMARK = PublicBenchmark(
    layer="offences", category="all", year=2015, rate=24.9, place="Whole Country", source="A table made up for tests"
)

PORTAL = PublicPortal(
    title="Tiny State public safety",
    jurisdiction="Tiny State",
    state="50",
    time_zone="America/New_York",
    contact="data@example.org",
    about="A made-up state for tests.",
    simulated=True,
    boundaries_schematic=True,
    boundaries_source="Squares drawn for tests",
    population_source="Made up for tests",
)


def publish_tiny(
    data: Path,
    *,
    simulated: bool = True,
    calls: int = 240,
    note: str = "",
    only_rows: bool = False,
    offences: bool = False,
    sensitive: bool = True,
    sums: bool = True,
    months: int = len(MONTHS),
) -> Release:
    """Publish the release below `data`; each call makes the next version. `only_rows` leaves the counted sets out.

    `offences` adds the layer of verified offences, and the figure of another place. `months` is how many months of
    calls there are, the last of them being the last of `MONTHS`. `sensitive`: whether there are sensitive kinds.
    `sums`: whether the numbers of rows are told.
    """
    store = Store(data)
    given = {"simulated": simulated, "title": PORTAL.title + note, "benchmarks": (BENCHMARK,) if offences else ()}
    portal = PORTAL.model_copy(update=given)
    cube = [c for c in _cube(months) if sensitive or c.category.sensitivity == "open"]
    categories = tuple(c for c in CATEGORIES if sensitive or c.sensitivity == "open")
    with store.publication() as publication:
        for draft, table in (
            _calls(calls, simulated=simulated),
            _force(simulated=simulated),
            *([] if only_rows else [_counts(cube), *_figures_of_calls(cube), _early(), _towns(), _names()]),
            *(_offences() if offences else []),
        ):
            path = publication.stage(draft.name)
            pq.write_table(table, path)
            publication.put(draft if sums else draft.model_copy(update={"accounting": None}), path)
        return publication.bring_into_force(
            publication.preview(
                portal=portal,
                coverage=[
                    PublicCoverage(
                        dataset="tiny-calls",
                        agency=agency,
                        places=tuple(t.geoid for t in TOWNS if t.agency == agency),
                        first_month="2024-01",
                        last_month="2025-12",
                        gaps=tuple(f"{m:%Y-%m}" for m in gaps),
                        published_through="2025-12",
                    )
                    for agency, gaps in (("Alba Police", ()), ("Adams Sheriff", (GAP,)), ("Fern Police", MONTHS[12:]))
                ],
                categories=(*categories, *(OFFENCES if offences else ())),
                note=note,
                settling=PublicSettling(
                    days=30,
                    quarter_days=90,
                    year_days=90,
                    clock=CLOCK,
                    coming=(
                        PublicNext(dataset="tiny-calls", what="2026-03", on=SOON),
                        PublicNext(dataset="", what="2026", on=date(2027, 3, 31)),
                    ),
                ),
                withheld_rows=(WithheldRows(year=2024, rows=None), WithheldRows(year=2025, rows=335))
                if sensitive
                else (),
            )
        )


def _column(name: str, kind: ColumnKind, label: str = "", description: str = "") -> PublicColumn:
    return PublicColumn(
        name=name, type=kind, label=label or name.replace("_", " ").capitalize(), description=description
    )


def _calls(rows: int, *, simulated: bool) -> tuple[DatasetDraft, pa.Table]:
    notes = [FORMULA, "+1 802", "-", "@here", "\tindented", 'a "quoted"\nline', "plain", None]
    towns = [t for t in TOWNS if t.agency]
    columns: dict[str, Any] = {
        "id": list(range(1, rows + 1)),
        "called_at": [datetime(2024, 1, 1, 8) + timedelta(hours=7 * i) for i in range(rows)],
        "town": [towns[i % len(towns)].name for i in range(rows)],
        "geoid": [towns[i % len(towns)].geoid for i in range(rows)],
        "category": [CATEGORIES[i % 3].slug for i in range(rows)],
        "initiated_by": ["officer" if i % 3 == 2 else "citizen" for i in range(rows)],
        "note": [notes[i % len(notes)] for i in range(rows)],
        "minutes": [None if i % 11 == 0 else i * 0.5 for i in range(rows)],
        "urgent": [i % 4 == 0 for i in range(rows)],
    }
    types: list[ColumnKind] = [
        "integer",
        "timestamp",
        "text",
        "text",
        "category",
        "category",
        "text",
        "number",
        "boolean",
    ]
    described = [_column(n, t, description=f"The {n} of the call.") for n, t in zip(columns, types, strict=True)]
    if simulated:
        columns["simulated"] = [True] * rows
        described.append(_column("simulated", "boolean", description="True: these data are simulated."))
    draft = DatasetDraft(
        name="tiny-calls", id="tiny-ca22", kind="rows", title="Tiny calls", description="Calls of three agencies.",
        unit="call", unit_plural="calls", licence="Public domain", caveats=("Times are rounded to the hour.",),
        columns=tuple(described),
        withheld_columns=(
            WithheldColumn(name="street", label="Street", reason="Exact locations are never published."),
            WithheldColumn(name="incident_number", label="Incident number", reason="Identifies a case."),
        ),
        accounting=Accounting(
            published=rows, duplicates=40, quarantined=30,
            reasons=(
                Reason(outcome="duplicate", reason="the same key and the same values", rows=40),
                Reason(outcome="quarantined", reason="the date lies in the future", rows=30),
            ),
        ),
        provenance=Provenance(program="candor 0.1.0", engine="duckdb"),
        time_column="called_at", first_date=date(2024, 1, 1), last_date=date(2025, 12, 31),
    )  # fmt: skip
    return draft, pa.table(columns)


def _force(*, simulated: bool) -> tuple[DatasetDraft, pa.Table]:
    columns: dict[str, Any] = {
        "id": [1, 2, 3],
        "used_on": [date(2024, 5, 1), date(2024, 5, 2), None],
        "used_on_precision": ["month", "date", None],
        "force": ["Hands", "Verbal", "Hands"],
    }
    described = [
        _column("id", "integer"),
        _column("used_on", "date"),
        _column("used_on_precision", "text"),
        _column("force", "category", "Force used"),
    ]
    if simulated:
        columns["simulated"] = [True] * 3
        described.append(_column("simulated", "boolean"))
    draft = DatasetDraft(
        name="tiny-force", id="tiny-fe22", kind="rows", title="Tiny use of force", unit="row", columns=tuple(described),
        accounting=Accounting(published=3, duplicates=0, quarantined=0),
    )  # fmt: skip
    return draft, pa.table(columns)


@dataclass(frozen=True)
class Cell:
    """A cell of the cube."""

    town: Town
    month: date
    category: PublicCategory
    initiated_by: str
    coverage: str
    calls: int | None


def _cube(months: int) -> Iterator[Cell]:
    last = MONTHS[-1].year * 12 + MONTHS[-1].month - 1
    span = [date(m // 12, m % 12 + 1, 1) for m in range(last - months + 1, last + 1)]
    for town in TOWNS:
        for month in span:
            for category in CATEGORIES:
                for by in ("citizen", "officer"):
                    yield Cell(town, month, category, by, *_count(town, month, category, by))


def _count(town: Town, month: date, category: PublicCategory, by: str) -> tuple[str, int | None]:
    if not town.agency:
        return "not covered", None
    if (town.agency == "Adams Sheriff" and month == GAP) or (town.agency == "Fern Police" and month.year == 2025):
        return "not reported", None
    if category.initiated_by != by:
        return "zero", 0
    calls = town.scale * (1 + month.month % 3) // (1 + CATEGORIES.index(category))
    if category.slug == "overdose":  # rare: most towns have three years together, and most months are under 5
        large, small = town.scale >= 20, town.scale >= 3 and month.month in (5, 8)
        calls = 2 * large + 4 * (large and month.month % 3 == 0) + small * (not large)
    return ("reported" if calls else "zero"), calls


def _counts(cube: list[Cell]) -> tuple[DatasetDraft, pa.Table]:
    rows = _lines([c for c in cube if c.category.sensitivity == "open"])
    rows.append({**rows[0], "geoid": "", "place": "Not placed", "county": "", "calls": 17, "residents": None})
    types: list[ColumnKind] = ["text", "text", "text", "date", "category", "category", "category", "category"]
    types += ["integer", "integer", "number", "number", "number"]
    columns = [_column(n, t) for n, t in zip(rows[0], types, strict=True)]
    draft = DatasetDraft(
        name="calls-by-town", id="tiny-cb22", kind="counts", title="Calls by town", unit="cell", unit_plural="cells",
        columns=tuple(columns),
    )  # fmt: skip
    return draft, _table(rows)


def _lines(cells: list[Cell]) -> list[dict[str, Any]]:
    return [
        {
            "geoid": c.town.geoid, "place": c.town.full_name, "county": c.town.county, "month": c.month,
            "category": c.category.slug, "category_group": c.category.group, "initiated_by": c.initiated_by,
            "coverage": c.coverage, "calls": c.calls, "residents": c.town.residents,
            "rate": None, "rate_low": None, "rate_high": None,
        }
        for c in cells
    ]  # fmt: skip


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    table = pa.Table.from_pylist(rows)
    for name in ("rate", "rate_low", "rate_high"):
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, table[name].cast(pa.float64()))
    return table


def _figures_of_calls(cube: list[Cell]) -> list[tuple[DatasetDraft, pa.Table]]:
    """The rates of all kinds, and what is told of the sensitive ones on `CLOCK`."""
    pools = CallPools(dense(_counts(cube)[1]), None, SENSITIVE)
    wander = learned_from(pools)
    kept_apart = [c for c in cube if c.category.sensitivity == "sensitive"]
    if not kept_apart:
        rates = pa.concat_tables(call_rate_parts(pools, wander, "Tiny State", "50")).unify_dictionaries()
        return [(_figures("call-rates-by-town", "tiny-cr22", "Call rates by town", "rates", rates), rates)]
    figures, derived = _told(dense(_table(_lines(kept_apart))))
    told = sensitive_blocks.learned(derived, wander)
    beside = sensitive_blocks.blocks(derived, "Tiny State", "50", told)
    rates = pa.concat_tables(call_rate_parts(pools, wander, "Tiny State", "50", beside)).unify_dictionaries()
    told_apart = pc.invert(pc.is_in(rates["category"].cast(pa.string()), value_set=pa.array(SENSITIVE)))
    rates = rates.filter(pc.or_(told_apart, pc.equal(rates["initiated_by"], "all")))
    groups = {c.slug: c.group for c in CATEGORIES}
    counts = sensitive_table.table(figures, groups, "Tiny State", "50", sensitive_blocks.learned(figures, wander))
    return [
        (_figures("call-rates-by-town", "tiny-cr22", "Call rates by town", "rates", rates), rates),
        (_figures("sensitive-calls", "tiny-cs22", "Calls of sensitive kinds", "counts", counts), counts),
    ]


def _told(cells: DenseCube) -> tuple[ToldFigures, ToldFigures]:
    """What is told of the sensitive kinds, without and with the sums of told years."""
    everything = np.ones((len(cells.categories), len(cells.months)), np.bool_)
    counted = Counted(
        "calls", cells.categories, cells.groups, cells.geoids, cells.names, cells.counties, cells.months,
        cells.calls.sum(axis=1), cells.reported, cells.reported, everything, cells.residents, cells.present,
    )  # fmt: skip
    ledger = tell(counted, Ledger(), Calendar(), CLOCK, 1, "Tiny State")
    empty = replace(cells, calls=np.zeros_like(cells.calls), untold=np.zeros_like(cells.untold))
    without, with_sums = (
        told_figures(counted, ledger, Calendar(), CLOCK, empty, empty, derived=derived) for derived in (False, True)
    )
    return without, with_sums


def _early() -> tuple[DatasetDraft, pa.Table]:
    """Early figures of March 2026."""
    rows = [
        {
            "level": level, "geoid": "50" if level == "state" else "", "place": place, "county": county,
            "month": date(2026, 3, 1), "category": slug, "category_group": group, "calls": calls, "settles_on": SOON,
        }
        for level, place, county, share in (("state", "Tiny State", "", 10), ("county", "Adams", "Adams", 0))
        for slug, group, calls in (("noise", "disorder", 90 + share), ("theft", "property", 0))
    ]  # fmt: skip
    table = pa.Table.from_pylist(rows)
    return _figures("early-calls", "tiny-ec22", "Early figures", "counts", table), table


def _figures(name: str, ident: str, title: str, kind: Literal["rates", "counts"], table: pa.Table) -> DatasetDraft:
    kinds: dict[str, ColumnKind] = {
        f.name: "date" if f.type == pa.date32() else "boolean" if f.type == pa.bool_() else
        "integer" if f.type == pa.int64() else "number" if f.type == pa.float64() else "text"
        for f in table.schema
    }  # fmt: skip
    known = indicators().get(name)
    return DatasetDraft(
        name=name, id=ident, kind=kind, title=title, unit="figure", unit_plural="figures",
        indicator=Indicator(**known) if known else None, columns=tuple(_column(n, k) for n, k in kinds.items()),
    )  # fmt: skip


def _offences() -> list[tuple[DatasetDraft, pa.Table]]:
    """Of the first three towns, 2014 and 2015; the third's department said nothing in 2015."""
    reported = [
        {
            "geoid": town.geoid, "year": year, "category": category.slug, "source": "A table", "reported_as": "",
            "events": None if (i, year) == (2, 2015) else town.residents // (100 + 100 * i + 50 * k),
        }
        for i, town in enumerate(TOWNS[:3])
        for year in (2014, 2015)
        for k, category in enumerate(OFFENCES)
    ]  # fmt: skip
    places = pa.table(
        {
            "geoid": [t.geoid for t in TOWNS],
            "name": [t.full_name for t in TOWNS],
            "county": [t.county for t in TOWNS],
        }
    )
    categories = pa.table({"category": [c.slug for c in OFFENCES], "category_group": [c.group for c in OFFENCES]})
    residents = np.repeat(np.array([[float(t.residents)] for t in TOWNS]), 2, axis=1)
    counts = dense_counts(pa.Table.from_pylist(reported), places, categories, (2014, 2015), residents)
    figures = yearly_rates(yearly_cells(counts), (), "Tiny State", "50")
    counts, figures = (
        t.rename_columns(["offences" if c == "events" else c for c in t.column_names]) for t in (counts, figures)
    )
    return [
        (_figures("offences-by-town", "tiny-ff22", "Verified offences by town", "counts", counts), counts),
        (_figures("offence-rates-by-town", "tiny-fr22", "Offence rates by town", "rates", figures), figures),
    ]


def _towns() -> tuple[DatasetDraft, pa.Table]:
    rows = [
        {
            "geoid": t.geoid, "name": t.name, "full_name": t.full_name, "county": t.county, "residents": t.residents,
            "housing_units": t.residents // 2, "longitude": -72.9 + 0.1 * t.x, "latitude": 44.05 + 0.1 * t.y,
            "geometry": json.dumps({"type": "Polygon", "coordinates": [_square(t)]}),
        }
        for t in TOWNS
    ]  # fmt: skip
    kinds: list[ColumnKind] = ["text", "text", "text", "text", "integer", "integer", "number", "number", "geometry"]
    draft = DatasetDraft(
        name="towns", id="tiny-tw22", kind="places", title="Towns", unit="town", unit_plural="towns",
        columns=tuple(_column(n, k) for n, k in zip(rows[0], kinds, strict=True)),
    )  # fmt: skip
    return draft, pa.Table.from_pylist(rows)


def _square(town: Town) -> list[list[float]]:
    west, south = -72.95 + 0.1 * town.x, 44.0 + 0.1 * town.y
    return [[round(west + dx, 3), round(south + dy, 3)] for dx, dy in ((0, 0), (0.1, 0), (0.1, 0.1), (0, 0.1), (0, 0))]


def _names() -> tuple[DatasetDraft, pa.Table]:
    rows = [{"name": n, "geoid": g} for n, g in [*((t.name, t.geoid) for t in TOWNS), *ALIASES]]
    draft = DatasetDraft(
        name="town-names", id="tiny-tn22", kind="names", title="Town names", unit="name", unit_plural="names",
        columns=(_column("name", "text"), _column("geoid", "text")),
    )  # fmt: skip
    return draft, pa.Table.from_pylist(rows)
