"""Which rows count: the columns that `weight` and `[where]` name, held against the header of the source."""

from __future__ import annotations

from candor.portal.load import Reading
from candor.portal.model import DatasetConfig
from candor.portal.words import did_you_mean


def check_selection(reading: Reading, dataset: DatasetConfig) -> None:
    """Report what `weight` and `[where]` name that the source did not have when the data set was added."""
    known, file = dataset.source.columns, f"datasets/{dataset.name}.toml"
    named = [(("weight",), dataset.weight)] if dataset.weight else []
    for path, name in [*named, *((("where", name), name) for name in dataset.where)]:
        if known and name not in known:
            reading.report(
                file, path, f"the source column {name!r}", ", ".join(known),
                did_you_mean(name, known)
                or "Name a column of [source] columns, or correct that list where the file's header has changed.",
            )  # fmt: skip
