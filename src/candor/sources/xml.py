"""XML tables: the element that repeats is the record; what is in it, and its attributes, are its columns."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import Element

from candor.errors import DataError, UsageError
from candor.portal.declared import SourceConfig
from candor.sources.base import Format, Table
from candor.sources.content import Content
from candor.sources.json_columns import Shape
from candor.sources.json_reader import reader
from candor.sources.xml_events import Bad, elements, forget, local

_DEEPEST = 8  # elements that lie deeper are a part of a record
_DESCRIPTIONS = frozenset({"meta", "metadata", "columns", "column", "fields", "schema", "header"})
_NAMED = ("name", "Name", "NAME", "key", "id")
_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"

Value = str | None | dict[str, "Value"] | list["Value"]


def _recognises(content: Content) -> bool:
    """A declaration, or an element; names in angles (`<id>,<type>`) are a header."""
    begins = r"<(?:\?xml\b|!--|!DOCTYPE\b|[A-Za-z_][\w.:-]*(?:\s[^<>]*)?/?>(?!\s*[,;|\t]))"
    return re.match(begins, content.text) is not None


def _tables(content: Content, source: SourceConfig, folder: Path) -> list[Table]:
    """Its records, one a line. Raises `DataError` where it is broken, `UsageError` where the records are not there."""
    bad = Bad()
    cells, numbers = _survey(content.path, bad)
    paths = {".".join(path): path for path in numbers}
    if source.records and source.records not in paths:
        raise UsageError(
            f"{content.name} has no elements {source.records!r}", ", ".join(map(repr, list(paths)[:20])),
            "Correct `records` under [source], or take it out: the elements that repeat are read then.",
        )  # fmt: skip
    record = paths[source.records] if source.records else _record(cells, numbers)
    if record is None:
        raise DataError(f"{content.name} is XML without any record", "elements that repeat", "Run the export again.")
    folder.mkdir(parents=True, exist_ok=True)
    lines = folder / content.name
    with lines.open("w", encoding="utf-8") as file:
        for opened, above in elements(content.path, Bad()):
            if opened.path == record:
                value = _value(opened.element)
                file.write(json.dumps(value if isinstance(value, dict) else {record[-1]: value}, ensure_ascii=False))
                file.write("\n")
            if len(opened.path) <= len(record):
                forget(opened, above)
    others = [".".join(p) for p in _repeated(cells, numbers) if len(p) <= len(record) and p != record]
    notes = []
    if others and not source.records:
        said = f"The rows are the elements {'.'.join(record)!r}; also there: {', '.join(map(repr, others[:12]))}"
        notes.append(f"{said}. `records` under [source] names others.")
    if bad.bytes:
        notes.append(f"{bad.bytes:,} bytes are not UTF-8; they are read as Windows text (cp1252): are accents right?")
    return [Table(lines, reader(Shape()), notes=tuple(notes))]


def _survey(path: Path, bad: Bad) -> tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]]]:
    """By path of elements that hold others or have attributes: how many cells are in them, and how many they are."""
    cells: Counter[tuple[str, ...]] = Counter()
    numbers: Counter[tuple[str, ...]] = Counter()
    for opened, above in elements(path, bad):
        if len(opened.path) > _DEEPEST:
            continue
        held = len(opened.children) + len(opened.element.attrib)
        if held:
            numbers[opened.path] += 1
            cells[opened.path] += held
        opened.element.clear()
        if above is not None:
            above.element.remove(opened.element)
    return cells, numbers


def _repeated(cells: Mapping[tuple[str, ...], int], numbers: Mapping[tuple[str, ...], int]) -> list[tuple[str, ...]]:
    """The elements that come more than once, at the highest level at which any does; most cells first."""
    several = [path for path, number in numbers.items() if number > 1 and not _DESCRIPTIONS & set(path[1:])]
    level = min(map(len, several), default=0)
    return sorted((p for p in several if len(p) == level), key=lambda p: -cells[p])


def _record(cells: Mapping[tuple[str, ...], int], numbers: Mapping[tuple[str, ...], int]) -> tuple[str, ...] | None:
    """The path of the records; of a file with one record the element that holds most."""
    several = _repeated(cells, numbers)
    if several:
        return several[0]
    return max(cells, key=lambda path: (cells[path], len(path)), default=None)


def _value(element: Element) -> Value:
    """An element as text, or as what it holds by name; what comes several times is a list."""
    if element.get(f"{_INSTANCE}nil") in ("true", "1"):
        return None
    attributes = {local(k): v for k, v in element.attrib.items() if not k.startswith(_INSTANCE)}
    text = (element.text or "").strip()
    below: dict[str, list[Value]] = {}
    for child in element:
        name = next((child.attrib[k] for k in _NAMED if k in child.attrib), "") if _is_named(child) else ""
        value = (child.text or "").strip() or None if name else _value(child)
        below.setdefault(name or local(child.tag), []).append(value)
    if not below and not attributes:
        return text or None
    values: dict[str, Value] = {name: found[0] if len(found) == 1 else found for name, found in below.items()}
    for name, value in attributes.items():
        values[name if name not in values else f"@{name}"] = value
    if text:
        values["text" if "text" not in values else "@text"] = text
    return values


def _is_named(element: Element) -> bool:
    """Whether an element is a cell of a generic form: `<field name="Case">1</field>`."""
    own = [key for key in element.attrib if not key.startswith(_INSTANCE)]
    return not len(element) and len(own) == 1 and local(element.tag).lower() in (
        "field", "column", "col", "cell", "value", "attribute", "property", "str", "int", "date", "item", "data",
        "simpledata",
    )  # fmt: skip


FORMAT = Format(name="xml", title="XML", recognises=_recognises, tables=_tables)
