"""Opening a portal for a run."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa

from candor.accounting.areas import catchments
from candor.accounting.context import Context
from candor.accounting.progress import Steps
from candor.accounting.records import Places, needs_places
from candor.accounting.withholding import published_schema
from candor.engine.open import open_engine
from candor.intake.typed import Box
from candor.places.changes import formerly
from candor.places.denominator_file import read_denominators
from candor.places.locate import TownIndex
from candor.places.names import alias_table
from candor.places.pack import PlacesPack, load_pack
from candor.places.similar_file import read_similar
from candor.portal.model import Portal
from candor.profiles.declared import effective_taxonomy
from candor.profiles.own import kinds_of
from candor.profiles.parts import counted_in, says_which
from candor.profiles.profile import Kind


@contextmanager
def opened(
    portal: Portal, scratch: Path, steps: Steps | None = None, several: Collection[str] = ()
) -> Iterator[Context]:
    """What the steps of a run need: the engine, the places, the profiles, and a scratch folder that goes with them.

    `several`: the profiles of which what was published once counts events that several rows are of.
    """
    steps = steps or Steps()
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True, mode=0o700)
    try:
        with steps.step("Opening the places"):
            placed = portal.counts or any(needs_places(published_schema(d)) for d in portal.datasets.values())
            pack = load_pack(portal.places) if placed else None
            places = _places(portal, pack) if pack else None
            by = read_denominators(portal.config.denominators, portal.root, pack) if pack else ()
            groups = portal.config.similar
            similar = read_similar(groups.file, portal.root, pack) if pack and groups else None
        with steps.step("Starting the engine"):
            engine = open_engine(portal.config, scratch)
        now = portal.config.now()
        with engine:
            kinds = {name: _as_ruled(portal, kind, several) for name, kind in kinds_of(portal.root).items()}
            yield Context(portal, kinds, pack, places, engine, now, scratch, steps, by, similar)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _as_ruled(portal: Portal, kind: Kind, several: Collection[str]) -> Kind:
    """The profile with its categories by the rules of the portal, as its data sets are counted."""
    ruled = kind.model_copy(update={"taxonomy": effective_taxonomy(portal, kind)})
    said = kind.profile.name in several or says_which(kind, portal.datasets.values())
    return counted_in(ruled, several=said)


def _places(portal: Portal, pack: PlacesPack) -> Places:
    boxes = np.array([b.bounds for b in pack.boundaries])
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    named = pa.table(
        {
            "idx": pa.array(range(pack.places.num_rows), pa.int32()),
            **{c: pack.places[c] for c in ("geoid", "name", "county")},
        }
    )
    index = TownIndex.build(pack)
    return Places(
        named,
        alias_table(pack),
        index.locate,
        Box(west, south, east, north),
        formerly(pack.changes),
        catchments(portal, pack, index),
    )
