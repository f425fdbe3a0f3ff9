"""How a table becomes one of the data sets that the portal makes itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from candor.accounting.context import Context
from candor.measures.cube import PARTS
from candor.profiles.profile import Profile
from candor.profiles.published import SIMULATED
from candor.publish import drafts
from candor.store.publication import Publication
from candor.store.words import own_words
from candor.vocabulary.wording import Wording

COUNTED = "calls"
"""What measures call the number of what is counted from rows, of any profile."""


def counted_columns(profile: Profile) -> tuple[str, str]:
    """The columns of events and of their rows, which there is where several may be of one; else it has no name."""
    return profile.count, profile.parts.column if profile.parts else ""


def named_count(table: pa.Table, profile: Profile, measured: str = COUNTED) -> pa.Table:
    """The table with the profile's names of the columns of events, which measures call `measured`, and of rows."""
    count, parts = counted_columns(profile)
    named = {measured: count, **({PARTS: parts} if parts else {})}
    return table.rename_columns([named.get(name, name) for name in table.column_names])


_SAID: Final = ("unit", "similar_to")
"""Columns whose values are words for readers, and no codes."""


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
    draft = drafts.own_draft(context, name, dates)
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
            writer.write_table(own_words(_worded(part.select(schema.names), context.wording)))
    publication.put(draft, path)


def _worded(table: pa.Table, wording: Wording) -> pa.Table:
    """The table with its words for readers in the portal's nouns."""
    for name in _SAID if wording.changes else ():
        if name in table.column_names:
            column = table[name].combine_chunks()
            coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
            words = pa.array([w and wording.say(w) for w in coded.dictionary.to_pylist()], pa.string())
            said = pa.DictionaryArray.from_arrays(coded.indices, words).cast(column.type)
            table = table.set_column(table.column_names.index(name), name, said)
    return table
