"""What a release says of places: the towns, their names, and the areas instead of points."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from candor.accounting.areas import CATCHMENTS, published_lines
from candor.accounting.context import Context
from candor.accounting.scanned import Texts, scanned_anchors
from candor.places.names import search_names
from candor.places.simplify import public_geometries
from candor.publish.put import put_table
from candor.store.publication import Publication
from candor.store.words import only_seen

TOWNS, NAMES = "towns", "town-names"


def publish_places(context: Context, publication: Publication) -> None:
    """Put the towns with their shapes, and the names by which they are found."""
    if context.pack is None:
        return
    with context.steps.step("Drawing the towns"):
        towns = context.pack.places.append_column("geometry", pa.array(public_geometries(context.pack), pa.string()))
        names = search_names(context.pack)
    put_table(context, publication, TOWNS, only_seen(towns), (None, None))
    put_table(context, publication, NAMES, only_seen(names), (None, None))


def publish_catchments(context: Context, publication: Publication, names: Sequence[str]) -> list[Texts]:
    """The areas of the data sets that are published now, and those of the others as they were; what was found there."""
    before = publication.previous.dataset(CATCHMENTS) if publication.previous else None
    kept = pq.read_table([str(publication.folder / f) for f in before.files]) if before else None
    lines = published_lines(context.places.catchments if context.places else {}, kept, names)
    read = [scanned_anchors(context, context.portal.datasets[name], lines) for name in names]
    for texts in read:
        texts.require_passed()
    # A data set that the portal has no more takes its areas with it.
    lines = lines.filter(pc.is_in(lines["dataset"], value_set=pa.array(list(context.portal.datasets), pa.string())))
    if lines.num_rows:
        put_table(context, publication, CATCHMENTS, only_seen(lines), (None, None))
    return [texts for texts in read if texts.hits]
