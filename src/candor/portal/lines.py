"""On which line of a TOML file a key stands, so that a mistake can be shown where it is."""

from __future__ import annotations

import pathlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterator

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*\s*=""")


def key_lines(text: str) -> dict[Path, int]:
    """The line, from 1, of every table and key of a TOML text that parses. Elements of arrays of tables by their index.

    >>> key_lines("a = 1\\n[b]\\nc.d = 2\\n[[e]]\\nf = 3")[("e", 0, "f")]
    5
    """
    lines = text.splitlines()
    found: dict[Path, int] = {}
    elements: Counter[Path] = Counter()
    table: Path = ()
    at = 0
    while at < len(lines):
        header = _HEADER.match(lines[at])
        if header:
            table = _resolved(_dotted(header[2]), elements, new=header[1] == "[[")
            # A header also opens the tables that it only implies.
            for size in range(1, len(table) + 1):
                found.setdefault(table[:size], at + 1)
            at += 1
        elif _KEY.match(lines[at]):
            value, size = _assignment(lines, at)
            for path in _paths(value):
                found.setdefault(table + path, at + 1)
            at += size
        else:
            at += 1
    return found


def nearest_line(lines: dict[Path, int], path: Path) -> int | None:
    """The line of a key, or of the nearest table around it."""
    for size in range(len(path), 0, -1):
        if path[:size] in lines:
            return lines[path[:size]]
    return None


def _dotted(key: str) -> tuple[str, ...]:
    try:
        value = tomllib.loads(f"[{key}]")
    except tomllib.TOMLDecodeError:
        return (key,)
    parts: list[str] = []
    while value:
        ((part, value),) = value.items()
        parts.append(part)
    return tuple(parts)


def _resolved(parts: tuple[str, ...], elements: Counter[Path], *, new: bool) -> Path:
    path: Path = ()
    for position, part in enumerate(parts):
        path += (part,)
        if new and position == len(parts) - 1:
            elements[path] += 1
        if elements[path]:
            path += (elements[path] - 1,)
    return path


def _assignment(lines: list[str], at: int) -> tuple[object, int]:
    """What is assigned from line `at` on, and over how many lines: the shortest piece that is TOML by itself."""
    for size in range(1, len(lines) - at + 1):
        try:
            return tomllib.loads("\n".join(lines[at : at + size])), size
        except tomllib.TOMLDecodeError:
            continue
    return {}, 1


def _paths(value: object) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (key,)
            yield from ((key, *path) for path in _paths(inner))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield (index,)
            yield from ((index, *path) for path in _paths(inner))


def where(root: pathlib.Path, file: str, *path: str | int) -> str:
    """`file:line: key.path` of a key in a portal's file, as near as it can be told, for mistakes that data show."""
    at = root / file
    line = nearest_line(key_lines(at.read_text(encoding="utf-8-sig")), path) if at.is_file() else None
    key = ".".join(str(part) for part in path)
    return f"{file}{f':{line}' if line else ''}{f': {key}' if key else ''}"
