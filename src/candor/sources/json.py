"""JSON of every form: an array of objects, an object that holds one, lines of objects, GeoJSON, Esri's, Socrata's."""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np

from candor.portal.declared import SourceConfig
from candor.sources.base import Format, Table
from candor.sources.content import Content
from candor.sources.json_document import Document, chosen, document, tables_of
from candor.sources.json_reader import reader
from candor.sources.json_scan import scan
from candor.sources.json_shape import first_record, is_a_part, shape_of
from candor.sources.windows import as_windows

_CHUNK = 8 << 20
_LONGEST = 16 << 20  # a line that is longer is no record
_PARTING = np.zeros(256, np.bool_)
_PARTING[: ord(" ") + 1] = _PARTING[ord(",")] = True


def _recognises(content: Content) -> bool:
    """Text that begins as an object or an array does. Names in brackets (`[Case No],[Date]`) do not."""
    return re.match(r'\{\s*(?:"|\}|$)|\[\s*(?:[\[{"\]]|-?\d|null\b|$)', content.text) is not None


def _tables(content: Content, source: SourceConfig, folder: Path) -> list[Table]:
    """Its records, one a line. Raises `DataError` where it was cut off, is no JSON, or holds no records."""
    folder.mkdir(parents=True, exist_ok=True)
    path, start = _utf8(content, folder)
    found, records = Document((), None, True), None
    if source.records or not _is_lines(path, start):
        found = document(path, start)
        records = None if found.several else chosen(found, source.records, content.name)
    lines = folder / "lines" / content.name
    lines.parent.mkdir()
    begin, end = (records.start, records.end) if records else (start, path.stat().st_size)
    bad = _write(path, begin, end, lines, nested=not _is_lines(path, start) or records is not None)
    with lines.open("rb") as file:
        first = list(islice(((n, first_record(line)) for n, line in enumerate(file, start=1) if line.strip()), 2))
    shape, epsg = shape_of(found, records, [record for _, record in first], path)
    if shape.header:
        shape = replace(shape, header=first[0][0])
    notes = list(is_a_part(found.rest))
    if bad:
        notes.append(f"{bad:,} bytes are not UTF-8; they are read as Windows text (cp1252): are accents right?")
    if epsg:
        notes.append(f"The file says that its coordinates are in the projection EPSG:{epsg}.")
    others = [a.path for a in tables_of(found) if a is not records]
    if records and others and not source.records:
        said = f"The rows are those of {records.path!r}; also there: {', '.join(map(repr, others[:12]))}"
        notes.append(f"{said}. `records` under [source] names another.")
    known = {"epsg": epsg} if epsg and "epsg" in SourceConfig.model_fields else {}
    return [Table(lines, reader(shape), found=known, notes=tuple(notes))]


def _utf8(content: Content, folder: Path) -> tuple[Path, int]:
    """The file in UTF-8, and where its text begins behind a mark."""
    if content.encoding == "utf-8":
        return content.path, len(content.head) - len(content.head.lstrip(codecs.BOM_UTF8))
    path = folder / "utf-8"
    with (
        content.path.open(encoding=content.encoding, errors="replace") as file,
        path.open("w", encoding="utf-8") as out,
    ):
        while text := file.read(_CHUNK):
            out.write(text.removeprefix("\ufeff"))
    return path, 0


def _is_lines(path: Path, start: int) -> bool:
    """Whether the first line is a value by itself, and another line begins as one."""
    with path.open("rb") as file:
        file.seek(start)
        line = _next(file)
        if not line.endswith(b"\n") or not line.strip().endswith((b"}", b"]")):
            return False
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            return False
        return isinstance(value, dict | list) and _next(file).lstrip()[:1] in (b"{", b"[")


def _next(file: IO[bytes]) -> bytes:
    line = b"\n"
    while line and not line.strip():
        line = file.readline(_LONGEST)
    return line


def _write(path: Path, start: int, end: int, into: Path, *, nested: bool) -> int:
    """Write the records from `start` to `end` as lines; how many bytes are not UTF-8.

    Where they are not lines already (`nested`), what parts them at the first level becomes a line's end. Control
    characters elsewhere are blanks of the layout and become such.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    bad = 0
    with path.open("rb") as file, into.open("wb") as out:
        if nested:
            for piece in scan(file, start, end):
                places = np.flatnonzero(piece.outside & _PARTING[piece.data])
                parts = places[piece.depth_at(places) == 0]
                text = np.where(piece.data < ord(" "), np.uint8(ord(" ")), piece.data)
                text[parts] = ord("\n")
                bad += _put(out, decoder, text.tobytes())
        else:
            file.seek(start)
            while chunk := file.read(min(_CHUNK, end - file.tell())):
                data = np.frombuffer(chunk, np.uint8)
                layout = (data < ord(" ")) & (data != ord("\n"))
                bad += _put(out, decoder, np.where(layout, np.uint8(ord(" ")), data).tobytes())
        bad += _put(out, decoder, b"\n", final=True)
    return bad


def _put(out: IO[bytes], decoder: codecs.IncrementalDecoder, data: bytes, *, final: bool = False) -> int:
    text = decoder.decode(data, final)
    try:
        out.write(text.encode("utf-8"))
    except UnicodeEncodeError:
        repaired, bad = as_windows(text)
        out.write(repaired.encode("utf-8"))
        return bad
    return 0


FORMAT = Format(name="json", title="JSON", recognises=_recognises, tables=_tables)
