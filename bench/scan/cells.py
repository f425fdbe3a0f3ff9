"""Short labelled texts as cells have them, and how well the scan tells those that lead to a person from the others."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pv

from candor.engine.base import Engine
from candor.privacy.texts.scan import scan_counted
from candor.privacy.texts.scan_rules import kinds

HARMLESS = "none"


@dataclass(frozen=True)
class Cell:
    """A text, and the kind of what leads to a person in it; `none` where nothing does."""

    text: str
    kind: str


@dataclass(frozen=True)
class Found:
    """Of each cell the kinds that the scan found in it, and how many texts a second that were."""

    cells: tuple[Cell, ...]
    said: tuple[frozenset[str], ...]
    a_second: float

    def recall(self, kind: str = "") -> tuple[int, int]:
        """Of the cells of a kind, or of any, those in which anything was found, and all of them."""
        of = [
            bool(s) for c, s in zip(self.cells, self.said, strict=True) if c.kind != HARMLESS and kind in ("", c.kind)
        ]
        return sum(of), len(of)

    def precision(self, kind: str = "") -> tuple[int, int]:
        """Of the cells that were said to have a kind, or any, those that are not harmless, and all of them."""
        of = [c.kind != HARMLESS for c, s in zip(self.cells, self.said, strict=True) if (kind in s if kind else s)]
        return sum(of), len(of)

    def missed(self) -> list[Cell]:
        """What leads to a person and was not found."""
        return [c for c, s in zip(self.cells, self.said, strict=True) if c.kind != HARMLESS and not s]

    def false(self) -> list[Cell]:
        """What was found and leads to nobody."""
        return [c for c, s in zip(self.cells, self.said, strict=True) if c.kind == HARMLESS and s]


def read(path: Path) -> list[Cell]:
    """The cells of a file with the columns text, kind and secret, between tabs and without quotes."""
    asked = pv.ParseOptions(delimiter="\t", quote_char=False)
    text = pv.ConvertOptions(column_types={"text": pa.string(), "kind": pa.string()}, strings_can_be_null=False)
    lines = pv.read_csv(path, parse_options=asked, convert_options=text).select(["text", "kind"]).to_pylist()
    return [Cell(line["text"], line["kind"]) for line in lines]


def found(cells: Sequence[Cell], engine: Engine) -> Found:
    """Scan the cells: as if each were a column of its own, so that the scan says in which it found something."""
    start = time.perf_counter()
    names = [f"c{n}" for n in range(len(cells))]
    table = pa.table({"column": names, "text": [c.text for c in cells], "rows": pa.array([1] * len(cells), pa.int64())})
    said: dict[str, set[str]] = {name: set() for name in names}
    for hit in scan_counted(engine.table(table), names, engine):
        said[hit.column].add(hit.kind)
    return Found(tuple(cells), tuple(frozenset(said[n]) for n in names), len(cells) / (time.perf_counter() - start))


def table_of(what: Found) -> str:
    """The figures as a table of Markdown: recall by the kind of the cell, precision by the kind that was said."""
    lines = ["| kind | cells with it | found | said to have it | rightly |", "| --- | ---: | ---: | ---: | ---: |"]
    of_cells = dict.fromkeys(c.kind for c in what.cells if c.kind != HARMLESS)
    for kind in dict.fromkeys([*of_cells, *kinds()]):
        (right, there), (true, said) = what.recall(kind), what.precision(kind)
        lines.append(f"| {kind} | {there or ''} | {_share(right, there)} | {said or ''} | {_share(true, said)} |")
    (right, there), (true, said) = what.recall(), what.precision()
    lines.append(f"| any | {there} | {_share(right, there)} | {said} | {_share(true, said)} |")
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""
