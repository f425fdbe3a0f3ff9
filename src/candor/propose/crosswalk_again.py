"""`candor dataset crosswalk`: call types are matched again, and what a person decided stays."""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from candor.engine.sql import identifier, literal
from candor.errors import UsageError
from candor.portal.crosswalks import HEADER, folded
from candor.portal.model import ColumnMapping, DatasetConfig, Portal
from candor.portal.schema_model import Schema
from candor.portal.words import did_you_mean
from candor.portal.write import write_whole
from candor.profiles.catalogue import schema_of
from candor.profiles.check import open_portal
from candor.profiles.own import kinds_of
from candor.profiles.taxonomy import Taxonomy
from candor.propose.crosswalk import Match, crosswalk_line, lines_text, match_types, types_once
from candor.propose.kinds import matched_by
from candor.propose.people import naming_nobody
from candor.sources.registry import land

_PERSONAL = ("initiated_by", "sensitivity", "note")
_CELL_EMPTY = "the cell is empty: say what such rows are, or leave it, and they are counted as not mapped"


@dataclass(frozen=True)
class Again:
    """What was proposed again: the file written, the types new in it and those proposed anew, those that stayed.

    `differently` are lines with a category that a proposal would give another one today: they stay as they are.
    """

    file: str
    new: tuple[Match, ...]
    anew: tuple[Match, ...]
    kept: int
    gone: int
    differently: tuple[tuple[str, str, str], ...]

    @property
    def summary(self) -> str:
        """What was done, in a few lines."""
        proposed = (*self.new, *self.anew)
        mapped = sum(bool(m.category) for m in proposed)
        lines = [
            f"{self.file}: {self.kept:,} lines stay as they are, {len(self.anew):,} without a category were matched "
            f"again, {len(self.new):,} types are new; of those matched {mapped:,} have a category now."
        ]
        if self.gone:
            lines.append(f"{self.gone:,} lines are of types that the source does not have any more: they stay.")
        return "\n".join(lines)

    @property
    def unsure(self) -> tuple[str, ...]:
        """What its owner should look at, in sentences."""
        said = [f"{m.call_type!r} ({m.rows:,} rows): {m.note}." for m in (*self.new, *self.anew) if m.note]
        said += [
            f"{call_type!r} is {now} and stays so; by its words it would be {proposed}."
            for call_type, now, proposed in self.differently
        ]
        return tuple(said)

    def as_json(self) -> dict[str, Any]:
        """The outcome as JSON has it."""
        return {
            "file": self.file,
            "kept": self.kept,
            "matched_again": {m.call_type: m.category for m in self.anew},
            "new": {m.call_type: m.category for m in self.new},
            "gone": self.gone,
            "unsure": list(self.unsure),
        }


def crosswalk_again(root: Path, name: str) -> Again:
    """Match the call types of the data set `name` again and write its crosswalk.

    A line that has a category, or anything that a person wrote into `initiated_by`, `sensitivity` or `note`, stays as
    it is but for its number of rows; a line without is matched again; a type that has no line gets one. Raises
    `UsageError` where the data set has no call types, `PortalError` where the portal's text is wrong, `DataError` where
    the source cannot be read.
    """
    dataset, schema = _counted(open_portal(root), name)
    category = schema.with_role("category")
    if category is None or category.name not in dataset.columns:
        column = category.name if category else "call_type"
        raise UsageError(
            f"the data set {name} has no column of types", f"[columns.{column}]",
            f'Write [columns.{column}] with from = "…", the source\'s column, into datasets/{name}.toml.',
        )  # fmt: skip
    found = _types(root, dataset, dataset.columns[category.name])
    path = root / "crosswalks" / dataset.crosswalk
    standing = _lines(path)
    rows = {folded(label): count for label, count in found}
    known = {folded(line["call_type"]) for line in standing}
    taxonomy = _taxonomy(root, schema)
    matches = {folded(m.call_type): m for m in naming_nobody(match_types(found, taxonomy))}
    if "" in rows:
        matches[""] = Match("", rows[""], "", "", _CELL_EMPTY)
    lines, anew, differently = [], [], []
    for line in standing:
        key = folded(line["call_type"])
        match = matches.get(key)
        if match and not line["category"] and not any(line[c] for c in _PERSONAL):
            lines.append(crosswalk_line(match) | {"call_type": line["call_type"]})
            anew.append(match)
            continue
        lines.append(line | {"rows": str(rows.get(key, 0))})
        if match and match.category and line["category"] not in ("", match.category):
            differently.append((line["call_type"], line["category"], match.category))
    new = [m for key, m in matches.items() if key not in known]
    write_whole(path, lines_text([*lines, *map(crosswalk_line, new)]))
    return Again(
        file=path.relative_to(root).as_posix(),
        new=tuple(new),
        anew=tuple(anew),
        kept=len(lines) - len(anew),
        gone=sum(folded(line["call_type"]) not in rows for line in standing),
        differently=tuple(differently),
    )


def _counted(portal: Portal, name: str) -> tuple[DatasetConfig, Schema]:
    """The data set of that name and its schema, where its rows are counted by category with a crosswalk."""
    dataset = portal.datasets.get(name)
    if dataset is None:
        raise UsageError(
            f"there is no data set of rows {name!r}", ", ".join(portal.datasets) or "the name of a data set of rows",
            did_you_mean(name, portal.datasets) or "Name one of these.",
        )  # fmt: skip
    schema = schema_of(dataset)
    if not schema.counted or not dataset.crosswalk:
        raise UsageError(
            f"the data set {name} has no crosswalk", "a data set of rows that are counted by category",
            f'Write crosswalk = "{name}.csv" into datasets/{name}.toml, where its rows are counted.'
            if schema.counted else "Rows with a schema of their own are published as they are, and have no categories.",
        )  # fmt: skip
    return dataset, schema


def _taxonomy(root: Path, schema: Schema) -> Taxonomy:
    """The categories by whose words types are matched: those of the schema's profile, the portal's own included."""
    own = (k.taxonomy for k in kinds_of(root).values() if k.own and k.rows and k.rows.name == schema.name)
    return next(own, None) or matched_by(schema.name)


def _types(root: Path, dataset: DatasetConfig, mapping: ColumnMapping) -> tuple[tuple[str, int], ...]:
    """The types of the source with their rows, most common first; an empty text for cells that hold nothing."""
    internal = root / "data" / "internal"
    internal.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=internal, prefix="crosswalk-") as scratch:
        into = Path(scratch) / "types.parquet"
        landed = land(dataset.source, root / dataset.source.path, into, only=mapping.sources)
        cells = [f"nullif(trim(regexp_replace({identifier(n)}, '\\s+', ' ', 'g')), '')" for n in mapping.sources]
        text = " || ' ' || ".join(cells)
        with duckdb.connect(config={"memory_limit": "1GB", "temp_directory": scratch}) as connection:
            table = f"read_parquet({literal(str(landed.path))})"
            found = connection.execute(f"SELECT coalesce({text}, ''), count(*) FROM {table} GROUP BY 1").fetchall()
    return types_once((mapping.labels.get(label, label), rows) for label, rows in found)


def _lines(path: Path) -> list[dict[str, str]]:
    """The lines of the crosswalk, checked before, with every column."""
    if not path.is_file():
        return []
    reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))
    found = [{(k or "").strip(): (v or "").strip() for k, v in line.items()} for line in reader]
    return [dict.fromkeys(HEADER, "") | line for line in found if any(line.values())]
