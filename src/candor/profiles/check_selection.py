"""Which rows count or are sensitive: columns that `weight`, `[where]`, `[flags]` name, held against the source."""

from __future__ import annotations

from candor.portal.lines import Path
from candor.portal.load import Reading
from candor.portal.model import DatasetConfig
from candor.portal.schema_model import Schema
from candor.portal.words import did_you_mean


def check_selection(reading: Reading, dataset: DatasetConfig, schema: Schema) -> None:
    """Report what `weight`, `[where]` and `[flags]` name that the source did not have when the data set was added.

    And a flag that the data set publishes: what a record is marked as is said of no row.
    """
    known, file = dataset.source.columns, f"datasets/{dataset.name}.toml"
    named: list[tuple[Path, str]] = [(("weight",), dataset.weight)] if dataset.weight else []
    named += [(("where", name), name) for name in dataset.where]
    named += [(("flags", name), name) for name in dataset.flags]
    for path, name in named:
        if known and name not in known:
            reading.report(
                file, path, f"the source column {name!r}", ", ".join(known),
                did_you_mean(name, known)
                or "Name a column of [source] columns, or correct that list where the file's header has changed.",
            )  # fmt: skip
    for column in schema.public_columns:
        mapping = dataset.columns.get(column.name)
        for name in mapping.sources if mapping else ():
            if name in dataset.flags:
                reading.report(
                    file, ("flags", name), f"a mark by which rows are withheld, published as {column.name!r}",
                    "such marks withheld: what a record is marked as is said of no row",
                    f"Write publish = false for {column.name}, or remove the flag where the column marks nothing.",
                )  # fmt: skip
