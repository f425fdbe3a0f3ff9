"""How a table becomes one of the data sets that the portal makes itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from candor.accounting.context import Context
from candor.profiles.profile import Profile
from candor.profiles.published import SIMULATED
from candor.publish import drafts
from candor.store.publication import Publication
from candor.store.words import own_words

COUNTED = "calls"
"""What measures call the number of what is counted from rows, of any profile."""


def named_count(table: pa.Table, profile: Profile, measured: str = COUNTED) -> pa.Table:
    """The table with the profile's name of the column of the number, which measures call `measured`."""
    return table.rename_columns([profile.count if name == measured else name for name in table.column_names])


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
