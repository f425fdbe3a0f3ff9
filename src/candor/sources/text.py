"""Bytes become clean UTF-8: hash, byte order marks, encodings, in one streamed pass."""

from __future__ import annotations

import codecs
import hashlib
from dataclasses import dataclass
from pathlib import Path

from candor.errors import DataError, UsageError

_CHUNK = 8 << 20
_UTF8_BOM = codecs.BOM_UTF8
_UTF16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class CleanText:
    """A UTF-8 file without marks. `path` is the source itself where it was clean already."""

    path: Path
    sha256: str
    bytes: int
    ends_with_newline: bool


def detect_encoding(path: Path) -> str:
    """`utf-8`, `utf-16` (by its mark) or `cp1252` where the bytes are not UTF-8.

    Raises `UsageError` where the file is missing and `DataError` where it is empty.
    """
    require_file(path)
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        head = file.read(2)
        if head in _UTF16_BOMS:
            return "utf-16"
        file.seek(0)
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def require_file(path: Path) -> None:
    """Raise `UsageError` where there is no such file, `DataError` where it holds nothing."""
    if not path.is_file():
        raise UsageError(f"There is no file {path}", "a readable file", "Check the path, or send the export again.")
    if path.stat().st_size == 0:
        raise DataError(
            f"The file {path.name} is empty (0 bytes)", "a header and at least one row", "Run the export again."
        )


def clean(path: Path, encoding: str, scratch: Path) -> CleanText:
    """Hash the source and give it as UTF-8 without marks, in bounded memory.

    A clean UTF-8 file is used in place; anything else is written to `scratch`. Raises `DataError` where the bytes are
    not of the declared encoding, with the line and what they look like.
    """
    require_file(path)
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError as error:
        raise UsageError(
            f"The encoding {encoding!r} is not known", "utf-8, utf-16, cp1252, latin-1", "Correct source.encoding."
        ) from error
    with path.open("rb") as file:
        head = file.read(12)
    if head[:2] in _UTF16_BOMS and not encoding.lower().replace("_", "-").startswith("utf-16"):
        raise DataError(
            f"{path.name} begins with a UTF-16 mark, but source.encoding says {encoding!r}",
            "the encoding that the file has",
            'Set encoding = "utf-16" under [source].',
        )
    is_utf8 = codecs.lookup(encoding).name == "utf-8"
    if is_utf8 and not head.startswith(_UTF8_BOM):
        return _scan(path, decoder, None)
    scratch.mkdir(parents=True, exist_ok=True)
    return _scan(path, decoder, scratch / f"{path.stem}.utf-8.csv")


def _scan(path: Path, decoder: codecs.IncrementalDecoder, target: Path | None) -> CleanText:
    digest = hashlib.sha256()
    size = lines = 0
    last = ""
    at_start = True
    out = target.open("w", encoding="utf-8", newline="") if target else None
    try:
        with path.open("rb") as file:
            while True:
                chunk = file.read(_CHUNK)
                digest.update(chunk)
                try:
                    text = decoder.decode(chunk, final=not chunk)
                except UnicodeDecodeError as error:
                    line = lines + 1 + chunk.count(b"\n", 0, error.start)
                    raise _wrong_bytes(path, decoder, line, error) from error
                size += len(chunk)
                lines += chunk.count(b"\n")
                if out:
                    # A mark may be doubled, by tools that add one to a file that has one.
                    if at_start:
                        text = text.lstrip("\ufeff")
                        at_start = not text
                    out.write(text)
                last = text[-1:] or last
                if not chunk:
                    break
    finally:
        if out:
            out.close()
    return CleanText(target or path, digest.hexdigest(), size, last in ("\n", "\r"))


def _wrong_bytes(path: Path, decoder: codecs.IncrementalDecoder, line: int, error: UnicodeDecodeError) -> DataError:
    found = error.object[error.start : error.start + 1].hex()
    kind = type(decoder).__module__.rpartition(".")[2].replace("_", "-")
    return DataError(
        f"{path.name}, line {line}, holds the byte 0x{found}, which is not {kind}",
        f"text in {kind}, or another encoding that source.encoding names",
        'It looks like Windows text: set encoding = "cp1252" (or "latin-1") under [source].',
    )
