"""Which part of a JSON document is its table: the array of records, found without reading it whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from candor.errors import DataError, UsageError
from candor.sources.json_scan import scan

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
"""What JSON holds."""

_MOST_BESIDE = 64 << 20
"""Bytes of what is beside the records: their description, and what a service says of them."""

_ANSWER = frozenset({"message", "status", "code", "detail", "success", "timestamp", "path"})
_DESCRIPTIONS = frozenset({"columns", "fields", "meta", "links", "schema", "headers", "header", "aliases", "errors"})


@dataclass(frozen=True)
class Records:
    """An array of records: its path, such as `result.records` (empty for the document itself), and where it lies.

    `start` is behind its opening bracket, `end` before its closing one. `kind` is the first character of its first
    value.
    """

    path: str
    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Document:
    """A JSON text: all arrays that are not within others, and the `rest` with their numbers in their places.

    `several` where it is a row of values and no single one.
    """

    arrays: tuple[Records, ...]
    rest: Json
    several: bool

    def array(self, path: str) -> Records | None:
        """The array at a path."""
        return next((a for a in self.arrays if a.path == path), None)


def document(path: Path, start: int) -> Document:
    """Look through a JSON file in UTF-8 that begins at `start`.

    Raises `DataError` where it was cut off, or is no JSON.
    """
    size = path.stat().st_size
    opened: list[int] = []
    closed: list[int] = []
    roots = depth = 0
    outside = True
    with path.open("rb") as file:
        for piece in scan(file, start, size):
            if len(piece.depth) and piece.depth.min() < 0:
                raise _broken(path, "a bracket is closed that was not opened")
            marks = piece.data[piece.brackets]
            roots += int((piece.depth == 0).sum())
            if roots < 2:
                opened += _places(piece.brackets[(marks == ord("[")) & (piece.arrays == 1)] + piece.offset)
                closed += _places(piece.brackets[(marks == ord("]")) & (piece.arrays == 0)] + piece.offset)
            depth = int(piece.depth[-1]) if len(piece.depth) else depth
            outside = bool(piece.outside[-1]) or piece.data[-1] == ord('"')
        if depth or not outside or not roots:
            raise _broken(path, "it ends in the middle of a value")
        if roots > 1:
            return Document((), None, True)
        spans = list(zip(opened, closed, strict=True))
        rest = _rest(path, start, size, spans)
        paths = dict(_paths(rest, ""))
        kinds = []
        for begin, _ in spans:
            file.seek(begin + 1)
            kinds.append(file.read(4096).decode("utf-8", "replace").lstrip()[:1])
    arrays = (
        Records(paths.get(i, f"#{i}"), a + 1, b, kind)
        for i, ((a, b), kind) in enumerate(zip(spans, kinds, strict=True))
    )
    return Document(tuple(arrays), rest, False)


def chosen(found: Document, wanted: str, name: str) -> Records | None:
    """The array of records: the one that is wanted, or the one that holds most. None where the document is one record.

    Raises `UsageError` where the wanted one is not there, `DataError` where there are no records: what is there then.
    """
    if wanted:
        array = found.array("" if wanted == "." else wanted)
        if array is None:
            raise UsageError(
                f"{name} has no array {wanted!r}", ", ".join(repr(a.path or ".") for a in found.arrays) or "no array",
                "Correct `records` under [source], or take it out: the array that holds most is read then.",
            )  # fmt: skip
        return array
    if tables := tables_of(found):
        return max(tables, key=lambda a: a.end - a.start)
    _refuse(found, name)
    return None


def tables_of(found: Document) -> list[Records]:
    """The arrays that may be the table: of objects or arrays, and not what describes others."""
    tables = [a for a in found.arrays if a.kind in ("{", "[")]
    return [a for a in tables if not _DESCRIPTIONS & set(a.path.split("."))] or tables


def value_of(array: Records, path: Path) -> list[Json]:
    """A small array, read; nothing of a large one."""
    if array.end - array.start > _MOST_BESIDE:
        return []
    with path.open("rb") as file:
        file.seek(array.start)
        value: list[Json] = json.loads(b"[" + file.read(array.end - array.start) + b"]")
    return value


def _refuse(found: Document, name: str) -> None:
    """Raise where the document is no record."""
    rest = found.rest
    said = {str(key).casefold(): value for key, value in rest.items()} if isinstance(rest, Mapping) else {}
    if {"error", "errors", "errorcode", "fault"} & said.keys() or (said and set(said) <= _ANSWER):
        raise DataError(
            f"{name} is what a web service answered instead of rows (an error, or nothing)",
            "JSON with an array of records",
            "Look at the address and at whether it asks for a key or a log-in, and ask again.",
        )
    if isinstance(rest, list) or any(a.kind in ("", "]") for a in found.arrays):
        raise DataError(f"{name} is JSON without any record", "at least one record", "Run the export again.")
    values = list(said.values())
    by_column = len(values) > 1 and all(isinstance(v, Mapping | list) for v in values)
    if by_column:
        raise DataError(
            f"{name} holds its columns one by one and not its rows",
            "JSON with an array of records",
            "Write it by records: with pandas, orient='records'.",
        )


def _places(positions: np.typing.NDArray[np.int64]) -> list[int]:
    places: list[int] = positions.tolist()
    return places


def _rest(path: Path, start: int, size: int, spans: Sequence[tuple[int, int]]) -> Json:
    """The document with a number in the place of each array."""
    ends = [start, *(b + 1 for _, b in spans)]
    begins = [*(a for a, _ in spans), size]
    if sum(b - e for e, b in zip(ends, begins, strict=True)) > _MOST_BESIDE:
        raise DataError(
            f"{path.name} is JSON without an array of records", "JSON with an array of records",
            "Export it as CSV, or as JSON by records.",
        )  # fmt: skip
    pieces = []
    with path.open("rb") as file:
        for number, (end, begin) in enumerate(zip(ends, begins, strict=True)):
            file.seek(end)
            pieces.append(file.read(begin - end).decode("utf-8", "replace"))
            pieces.append(f"[{number}]" if number < len(spans) else "")
    try:
        rest: Json = json.loads("".join(pieces).replace("\x1e", " "), strict=False)
    except (ValueError, RecursionError) as error:
        raise _broken(path, "it is no valid JSON") from error
    return rest


def _paths(value: Json, path: str) -> Iterator[tuple[int, str]]:
    """The number of each array and its path."""
    if isinstance(value, list):
        yield int(str(value[0])), path
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from _paths(below, f"{path}.{key}" if path else str(key))


def _broken(path: Path, why: str) -> DataError:
    return DataError(
        f"{path.name} is JSON that is broken or was cut off: {why}", "a whole JSON file",
        "Write or download it again.",
    )  # fmt: skip
