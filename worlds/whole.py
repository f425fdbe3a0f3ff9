"""The whole way: a world's exports through intake, places, counts, protection and store, and what was published."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from candor.demo import worlds as demo
from candor.demo.portal import build_demo_portal
from candor.measures.similar import Similar, similar_towns
from candor.profiles.check import open_portal
from candor.publish.run import publish
from candor.store.public import PublicStore
from worlds import fast
from worlds.draw import CATEGORIES, World
from worlds.states import demo_towns, vermont

CUBE, RATES = "calls-by-town", "call-rates-by-town"
KEY = ("level", "geoid", "period", "category_level", "category", "initiated_by")
AS_EQUAL = 1e-9
"""Fractions may differ by rounding: sums are made in another order. Whole numbers and words may not."""

JURISDICTION, STATE, DENOMINATOR = "Vermont", "50", "residents-and-visitors"
"""What the simulated portal declares."""

KEPT: Final = ("simulated",)
"""Columns of a published table that no figure is."""


@dataclass(frozen=True)
class Comparison:
    """A whole world beside the same world on the fast path.

    `rows` were read from the exports, of which `calls` are calls and the others repeat one. `differences` names the
    columns in which a line of the published figures is not what the fast path gives; it should be empty.
    """

    kind: str
    seed: int
    rows: int
    calls: int
    lines: int
    differences: tuple[str, ...]


def to_simulate(world: World) -> demo.World:
    """The counts of a world in Vermont's towns, for the simulator.

    Raises `ValueError` for a world of other towns, of which there is no places pack.
    """
    if world.state.geoids != vermont().geoids:
        raise ValueError(f"a world of Vermont’s towns, found {world.state.law}")
    added = (world.persons - world.state.residents).astype(np.int64)
    return demo.World(
        world.seed, str(world.months[0]), world.state.geoids, CATEGORIES, world.calls, world.reported, added
    )


def through_the_chain(world: World, folder: Path) -> tuple[int, int]:
    """Simulate a world into a portal in `folder` and publish it: the rows written, and the calls among them."""
    summary = build_demo_portal(folder, world=to_simulate(world))
    publish(open_portal(folder))
    return summary.rows, summary.calls


def wanted(world: World) -> pa.Table:
    """What the fast path gives for the same world."""
    return fast.table(world, JURISDICTION, STATE, similar(), DENOMINATOR)


def similar() -> Similar:
    """The towns of the demonstration by size and kind."""
    towns = demo_towns()
    residents, homes = (values.astype(np.float64) for values in (towns.residents, towns.housing_units))
    order = np.argsort(towns.geoid)
    return similar_towns([towns.geoid[i] for i in order], residents[order], homes[order])


def published(folder: Path, name: str) -> pa.Table:
    """A data set as the portal in `folder` published it."""
    store = PublicStore(folder / "data" / "public")
    release = store.current()
    version = release.dataset(name) if release else None
    if version is None:
        raise ValueError(f"{name} was not published")
    return pa.concat_tables([pq.read_table(path) for path in store.files(version)])


def compare(world: World) -> Comparison:
    """Publish a world, count it again on the fast path, and hold both against each other, line by line."""
    with tempfile.TemporaryDirectory(prefix="candor-world-") as name:
        folder = Path(name) / "portal"
        rows, calls = through_the_chain(world, folder)
        found = published(folder, RATES)
        return Comparison(world.kind.name, world.seed, rows, calls, found.num_rows, differences(found, wanted(world)))


def differences(found: pa.Table, wanted: pa.Table) -> tuple[str, ...]:
    """The columns of `wanted` in which the two tables differ, after both were put in order by `KEY`."""
    if found.num_rows != wanted.num_rows:
        return (f"lines: {found.num_rows} and not {wanted.num_rows}",)
    found, wanted = (_in_order(table) for table in (found, wanted))
    return tuple(name for name in wanted.column_names if not _equal(found[name], wanted[name]))


def _in_order(table: pa.Table) -> pa.Table:
    texts = pa.table({name: plain(table[name]) for name in table.column_names})
    return texts.take(pc.sort_indices(texts, sort_keys=[(name, "ascending") for name in KEY]))


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of texts without its dictionary, which another release may have in another order."""
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _equal(found: pa.ChunkedArray, wanted: pa.ChunkedArray) -> bool:
    if not pa.types.is_floating(wanted.type):
        return bool(found.cast(wanted.type).equals(wanted))
    same_gaps = found.is_null().equals(wanted.is_null())
    one, other = (column.fill_null(np.nan).to_numpy() for column in (found, wanted))
    return same_gaps and bool(np.allclose(one, other, rtol=AS_EQUAL, atol=0, equal_nan=True))
