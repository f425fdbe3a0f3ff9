"""The formats in which rows are answered: one module each, with a `FORMAT`."""

from __future__ import annotations

from candor.query.formats import csv, geojson, json, parquet
from candor.query.formats.base import Format

FORMATS: tuple[Format, ...] = (csv.FORMAT, geojson.FORMAT, parquet.FORMAT, json.FORMAT)

OF_QUESTIONS: dict[str, Format] = {f.name: f for f in (json.FORMAT, *FORMATS) if f.asked}
"""Those of the rows that a question asks for, by name; the first is the usual one."""

OF_DATASETS: dict[str, Format] = {f.name: f for f in FORMATS if f.whole}
"""Those of whole data sets, by name, in the order in which they are offered."""
