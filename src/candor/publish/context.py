"""What every step of a run needs to know, and how a table becomes one of the portal's own data sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from candor.engine.base import Engine
from candor.errors import DataError
from candor.places.denominator_file import Denominator
from candor.places.pack import PlacesPack
from candor.portal.model import Portal
from candor.profiles.profile import Kind, Profile, from_rows
from candor.profiles.published import SIMULATED
from candor.profiles.taxonomy import Taxonomy
from candor.publish import drafts
from candor.publish.calendar import Calendar
from candor.publish.progress import Steps
from candor.publish.records import Places
from candor.store.publication import Publication
from candor.store.words import own_words


@dataclass(frozen=True)
class Context:
    """What every step of a run needs to know. `now` is the portal's clock: wall time in its zone, without one.

    `kinds`: its profiles. `taxonomy`: the categories of the one that is counted from rows, by the portal's own rules.
    """

    portal: Portal
    kinds: Mapping[str, Kind]
    taxonomy: Taxonomy
    pack: PlacesPack | None
    places: Places | None
    engine: Engine
    now: datetime
    scratch: Path
    steps: Steps
    denominators: tuple[Denominator, ...] = ()

    @property
    def rows(self) -> Profile:
        """The profile that is counted from rows."""
        return from_rows(self.kinds).profile

    @property
    def with_places(self) -> PlacesPack:
        """The places. Raises `DataError` where the portal has none."""
        if self.pack is None:
            raise DataError(
                "The portal has no places", "a places pack", "Run `candor places import` or `candor places fetch`."
            )
        return self.pack

    @property
    def today(self) -> date:
        """The day of the portal's clock."""
        return self.now.date()

    def calendar(self, dataset: str = "") -> Calendar:
        """When what is published; a data set may need another time for its months."""
        settling = self.portal.config.settling
        own = self.portal.datasets[dataset].settling if dataset in self.portal.datasets else None
        return Calendar(own.days if own else settling.days, settling.quarter_days, settling.year_days)


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
    draft = drafts.own_draft(context.portal, context.kinds, name, dates, context.engine.name)
    if context.portal.config.simulated:
        schema = schema.append(pa.field(SIMULATED, pa.bool_()))
    schema = pa.schema([schema.field(c.name) for c in draft.columns])
    path = publication.stage(name)
    # Rates hardly repeat: a dictionary of them takes time, and space.
    repeated = [field.name for field in schema if not pa.types.is_floating(field.type)]
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=repeated) as writer:
        for part in parts:
            if context.portal.config.simulated:
                part = part.append_column(SIMULATED, pa.array(np.ones(part.num_rows, dtype=bool)))  # noqa: PLW2901 - marked
            writer.write_table(own_words(part.select(schema.names)))
    publication.put(draft, path)
