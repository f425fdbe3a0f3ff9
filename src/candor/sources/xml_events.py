"""An XML file as a stream of its elements, whatever its bytes, in bounded memory."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from candor.errors import DataError
from candor.sources.windows import as_windows

_CHUNK = 1 << 20
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)""")
# Characters that XML has no place for.
_NO_PLACE = {c: " " for c in range(0x20) if chr(c) not in "\t\n\r"}


@dataclass
class Bad:
    """How many bytes were not of the file's encoding."""

    bytes: int = 0


@dataclass
class Opened:
    """An element that has begun: its name without a namespace, and its path from the root."""

    element: Element
    path: tuple[str, ...]
    children: list[str] = field(default_factory=list)


def elements(path: Path, bad: Bad) -> Iterator[tuple[Opened, Opened | None]]:
    """Each element at its end, with the one that it is in. Whoever has read one takes it out with `forget`.

    Raises `DataError` where the file is no well-formed XML or was cut off: with the line.
    """
    parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
    stack: list[Opened] = []
    try:
        for chunk in _chunks(path, bad):
            parser.feed(chunk)
            for event, element in _read(parser):
                if event == "start":
                    name = local(element.tag)
                    above = stack[-1].path if stack else ()
                    if stack:
                        stack[-1].children.append(name)
                    stack.append(Opened(element, (*above, name)))
                else:
                    opened = stack.pop()
                    yield opened, (stack[-1] if stack else None)
        parser.close()
    except ParseError as error:
        raise DataError(
            f"{path.name} is XML that is broken or was cut off (line {error.position[0]:,})", "a whole XML file",
            "Write or download it again.",
        ) from error  # fmt: skip


def _read(parser: XMLPullParser[Element]) -> Iterator[tuple[str, Element]]:
    """Where elements begin and end; the parser was asked for nothing else."""
    return cast("Iterator[tuple[str, Element]]", parser.read_events())


def forget(opened: Opened, above: Opened | None) -> None:
    """Take an element that was read out of the one that it is in: memory holds one at a time."""
    opened.element.clear()
    if above is not None:
        above.element.remove(opened.element)
        above.children.clear()


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]


def _chunks(path: Path, bad: Bad) -> Iterator[bytes]:
    with path.open("rb") as file:
        head = file.read(1024)
        file.seek(0)
        declared = _DECLARED.match(head.removeprefix(codecs.BOM_UTF8))
        encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
        if encoding not in ("utf-8", "utf8", "us-ascii", "ascii") or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
            while chunk := file.read(_CHUNK):
                yield chunk
            return
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        while chunk := file.read(_CHUNK):
            text = decoder.decode(chunk).translate(_NO_PLACE)
            try:
                yield text.encode("utf-8")
            except UnicodeEncodeError:
                right, number = as_windows(text)
                bad.bytes += number
                yield right.encode("utf-8")
