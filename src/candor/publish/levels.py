"""How exactly the rows of each place say when: a data set of its own, published with the rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from candor.accounting.context import Context
from candor.ledger.ledger import Files, Ledger
from candor.publish.put import put_table
from candor.store.publication import Publication

LEVELS = "row-time-levels"

_SCHEMA = pa.schema([(name, pa.string()) for name in ("dataset", "geoid", "place", "level")])


def publish_levels(
    context: Context, publication: Publication, ledger: Ledger, datasets: Sequence[str], archive: Path
) -> None:
    """Put the levels of all places of these data sets, where there are any."""
    parts = [_of(name, ledger.state.files.get(name, Files()), archive / name) for name in datasets]
    table = pa.concat_tables([_SCHEMA.empty_table(), *parts])
    if table.num_rows and context.pack is not None:
        names = context.pack.places
        at = pc.index_in(table["geoid"], value_set=names["geoid"].combine_chunks())
        official = names["name"].combine_chunks().take(at.combine_chunks())
        place = pc.if_else(pc.is_valid(official), official, table["place"])
        table = table.set_column(table.column_names.index("place"), "place", place)
    if table.num_rows:
        order = [(name, "ascending") for name in ("dataset", "geoid", "place")]
        put_table(context, publication, LEVELS, table.sort_by(order), (None, None))


def _of(name: str, files: Files, folder: Path) -> pa.Table:
    """The levels of a data set: the GEOID where its places have one, and what else names them."""
    if not files.levels or not (folder / files.levels).is_file():
        return _SCHEMA.empty_table()
    table = pq.read_table(folder / files.levels)
    others = [
        c for c in table.column_names if c not in ("geoid", "level") and table.schema.field(c).type == pa.string()
    ]
    empty = pa.array([""] * table.num_rows, pa.string())
    named = [pc.fill_null(table[c], "") for c in others]
    return pa.table(
        {
            "dataset": pa.array([name] * table.num_rows, pa.string()),
            "geoid": pc.fill_null(table["geoid"], "") if "geoid" in table.column_names else empty,
            "place": pc.binary_join_element_wise(*named, ", ") if named else empty,
            "level": table["level"],
        },
        schema=_SCHEMA,
    )


def discard_unused(archive: Path, *ledgers: Ledger) -> None:
    """Remove files of an archive that are made anew by each run and that none of the ledgers names any more."""
    for folder in archive.iterdir() if archive.is_dir() else ():
        named = [one.state.files[folder.name] for one in ledgers if folder.name in one.state.files]
        used = {name for files in named for name in (files.waiting, files.levels, files.seen)}
        for path in folder.glob("*.parquet"):
            if path.name.startswith(("waiting-", "levels-", "seen-")) and path.name not in used:
                path.unlink(missing_ok=True)
