"""Files that hold no table that can be read: each is named for what it is, with what to export instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from candor.errors import DataError
from candor.sources.content import OLE, Content
from candor.sources.text import holds_letters

_ALLOWED = "a table: CSV, Excel, JSON, GeoJSON, XML or Parquet, or a zip or gz of one"
_AS_CSV = "Export the rows as CSV from the system that they come from"
_MOST_ZEROS = 64
_NIBRS = re.compile(r"\d{4}[0-7][A-Z ]\d{6}.{4}[A-Z]{2}[A-Z0-9]{7}")


@dataclass(frozen=True)
class Kind:
    """A kind of file: `what` it is, in words with an article; what to do instead.

    `document`: it may lie beside tables in a folder or an archive as what explains them, and is left out there.
    """

    what: str
    remedy: str
    recognises: Callable[[Content], bool]
    document: bool = False


def _begins(*marks: bytes, at: int = 0) -> Callable[[Content], bool]:
    return lambda content: any(content.head[at:].startswith(mark) for mark in marks)


def _binary(*marks: bytes, at: int = 0) -> Callable[[Content], bool]:
    """Marks that a text might begin with too: only where zero bytes follow."""
    begins = _begins(*marks, at=at)
    return lambda content: begins(content) and b"\0" in content.head[:4096]


def _ole(*streams: str) -> Callable[[Content], bool]:
    return lambda content: any(stream in content.ole_streams for stream in streams)


def _office(folder: str) -> Callable[[Content], bool]:
    return lambda content: (
        "[Content_Types].xml" in content.zip_names and any(name.startswith(folder) for name in content.zip_names)
    )


def _matches(pattern: str) -> Callable[[Content], bool]:
    regex = re.compile(pattern, re.IGNORECASE)
    return lambda content: regex.match(content.text) is not None


def is_html(content: Content) -> bool:
    """Whether the file is a web page."""
    start = re.sub(r"^(?:<\?xml[^>]*>|<!--.*?-->|\s)+", "", content.text[:8192], flags=re.DOTALL)
    return (
        re.match(r"<(?:!doctype\s+html|html|head|body|table|div|meta|script|style)\b", start, re.IGNORECASE) is not None
    )


def _is_login(content: Content) -> bool:
    asks = r"type\s*=\s*[\"']?password|<title>[^<]*\b(?:log|sign)[ -]?[io]n"
    return is_html(content) and re.search(asks, content.text, re.IGNORECASE) is not None


def _is_nibrs(content: Content) -> bool:
    lines = [line for line in content.text.splitlines()[:40] if line.strip()]
    return bool(lines) and all(_NIBRS.match(line) for line in lines[: max(1, len(lines) - 1)])


def _is_binary(content: Content) -> bool:
    """Bytes that no text has, in number. The lone zero byte or mark of an end of file is for the reader of text."""
    head = content.head
    zeros = 0 if content.encoding.startswith("utf-16") else head.count(0)
    return not holds_letters(head) or zeros > max(_MOST_ZEROS, len(head) / 5)


_WORD = "Open it and save the table that it holds as an Excel workbook, or e"
_SPREADSHEET = "Open it in a spreadsheet program and save it as an Excel workbook (.xlsx) or as CSV"
_DATABASE = "Open it in its program and export the table or query with the rows as CSV"
_LOCKED = "Save a copy without a password"
_PICTURE = "A picture or a scan holds no rows"

KINDS: tuple[Kind, ...] = (
    Kind("a PDF document", f"A PDF holds pages, not rows. {_AS_CSV}", _begins(b"%PDF"), True),
    Kind("an encrypted Excel workbook or Word document", _LOCKED, _ole("EncryptedPackage", "EncryptionInfo")),
    Kind("a Word document", _WORD + _AS_CSV[1:], _office("word/"), True),
    Kind("a Word document", _WORD + _AS_CSV[1:], _ole("WordDocument"), True),
    Kind("a presentation", _AS_CSV, _office("ppt/"), True),
    Kind("a presentation", _AS_CSV, _ole("PowerPoint Document"), True),
    Kind("an Outlook message", "Save the file that is attached to it", _ole("__nameid_version1.0"), True),
    Kind("an Apple Numbers or Pages document", _SPREADSHEET,
         lambda content: any(name.endswith(".iwa") for name in content.zip_names)),
    Kind("an RTF document", _WORD + _AS_CSV[1:], _begins(b"{\\rtf"), True),
    Kind("an Access database", _DATABASE, _begins(b"Standard Jet DB", b"Standard ACE DB", at=4)),
    Kind("an SQLite database", _DATABASE, _begins(b"SQLite format 3\0")),
    Kind("a DuckDB database", _DATABASE, _binary(b"DUCK", at=8)),
    Kind("a SQL Server backup", _DATABASE, _binary(b"TAPE\0\0", b"MSSQLBAK")),
    Kind("a PostgreSQL backup", _DATABASE, _binary(b"PGDMP")),
    Kind("a file of SQL statements", _DATABASE, _matches(
        r"(?:-- (?:MySQL|MariaDB|PostgreSQL|phpMyAdmin|SQLite)\b|USE \[|CREATE TABLE |INSERT INTO \S|BEGIN TRANSACTION"
        r"|SET (?:ANSI_NULLS|NOCOUNT|NAMES|IDENTITY_INSERT|QUOTED_IDENTIFIER)\b|PRAGMA foreign_keys)")),
    Kind("a picture", f"{_PICTURE}. {_AS_CSV}", _begins(
        b"\x89PNG", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*"), True),
    Kind("a picture", f"{_PICTURE}. {_AS_CSV}", _binary(b"BM", b"RIFF"), True),
    Kind("a picture", f"{_PICTURE}. {_AS_CSV}", _binary(b"ftypheic", b"ftypavif", b"ftypmif1", at=4), True),
    Kind("a film or a sound recording", _AS_CSV, _binary(b"ftyp", at=4), True),
    Kind("a shapefile", "Export the layer as GeoJSON or its table as CSV", _begins(b"\0\0\x27\x0a")),
    Kind("an SPSS file", _AS_CSV, _binary(b"$FL2", b"$FL3")),
    Kind("a SAS file", _AS_CSV, _begins(b"\0" * 12 + b"\xc2\xea\x81\x60")),
    Kind("a Stata file", _AS_CSV, _begins(b"<stata_dta>")),
    Kind("an R data file", _AS_CSV, _binary(b"RDX2", b"RDX3", b"RDA2", b"RDA3", b"X\n\0\0\0")),
    Kind("an Avro file", _AS_CSV, _binary(b"Obj\x01")),
    Kind("an ORC file", _AS_CSV, _binary(b"ORC")),
    Kind("a 7-Zip archive", "Pack the file as zip", _begins(b"7z\xbc\xaf\x27\x1c")),
    Kind("a RAR archive", "Pack the file as zip", _begins(b"Rar!\x1a\x07")),
    Kind("an archive packed with Zstandard", "Pack the file as zip or gz", _begins(b"\x28\xb5\x2f\xfd")),
    Kind("an archive packed with compress (.Z)", "Pack the file as zip or gz", _begins(b"\x1f\x9d")),
    Kind("a program", _AS_CSV, _binary(b"MZ", b"\x7fELF")),
    Kind("an e-mail message", "Save the file that is attached to it", _matches(
        r"(?:Return-Path|Received|Delivered-To|MIME-Version|Message-ID):[ \t]")),
    Kind("a page to log in, not the file", "It was asked for without being logged in: download it again", _is_login),
    Kind("a map for Google Earth (KML)", "Export the layer as GeoJSON or its table as CSV", _matches(
        r"(?:<\?xml[^>]*>\s*)?<kml\b")),
    Kind("a NIBRS submission in XML", "It will be read by a later version. Until then: " + _AS_CSV, _matches(
        r"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:\w+:)?Submission\b[^>]*nibrs")),
    Kind("a NIBRS flat file (segments of fixed width)",
         "It will be read by a later version. Until then: " + _AS_CSV, _is_nibrs),
    Kind("the beginning of an old Excel workbook or office document", "Download it again, or save it anew as .xlsx",
         lambda content: content.head.startswith(OLE) and not content.ole_streams - {""}),
    Kind("an old office document", _SPREADSHEET, lambda content: bool(content.ole_streams) and not (
        {"Workbook", "Book"} & content.ole_streams)),
)  # fmt: skip
"""In the order in which they are asked."""

WEB_PAGE = Kind(
    "a web page (HTML), not the file", f"Download the file itself. If the page shows the table: {_SPREADSHEET}", is_html
)
"""A web page that is no table."""

BINARY = Kind("a binary file of an unknown kind", _AS_CSV, _is_binary)
"""What is neither text nor anything known."""


def kind_of(content: Content) -> Kind | None:
    """The kind of file that cannot be read; None where it is none."""
    return next((kind for kind in KINDS if kind.recognises(content)), None)


def refuse(content: Content, kind: Kind) -> NoReturn:
    """Raise `DataError`: what the file is, and what to export instead."""
    raise DataError(f"{content.name} is {kind.what}", _ALLOWED, kind.remedy)
