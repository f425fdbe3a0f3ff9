"""Bytes become text: encodings, byte order marks, line ends, hash, in streamed passes of bounded memory."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from candor.errors import DataError, UsageError
from candor.sources.windows import WINDOWS

_CHUNK = 1 << 20
_HEAD = 1 << 14
_MOST_NEVER = 64
_UTF8 = "utf-8"
# The longer mark first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, _UTF8),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT = b"\0\x1a"
_NEVER = bytes({*range(1, 32)} - set(b"\t\n\v\f\r\x1a\x1b\x1c\x1d\x1e\x1f"))
_ESCAPED = re.compile("[\udc80-\udcff]")
_FOREIGN = re.compile("[^\x00-\x7f\udc80-\udcff]")
_BLANK_LINE = re.compile(rb"\n\r?(?=\n)")
_UNKNOWN = dict.fromkeys(WINDOWS, "�")


@dataclass(frozen=True)
class Scan:
    """What one pass over a file's bytes tells. `encoding` is Python's name of what they are.

    `lines` counts line feeds, and a last line without one; `bad` the bytes that are not of the encoding, `bad_line` the
    line of the first (0 where there is none); `foreign` the characters beyond ASCII; `marked` whether a byte order mark
    stands at the start.
    """

    encoding: str
    sha256: str
    bytes: int
    lines: int
    returns: int
    pairs: int
    odd: bool
    bad: int
    bad_line: int
    foreign: int
    marked: bool
    ends_with_newline: bool

    @property
    def bare_returns(self) -> int:
        """Carriage returns without a line feed behind them."""
        return self.returns - self.pairs

    @property
    def plain(self) -> bool:
        """Whether the file is UTF-8 whose lines all end alike, with nothing that is not text."""
        alike = not self.returns or self.returns == self.pairs == self.lines - (not self.ends_with_newline)
        return self.encoding == _UTF8 and not self.bad and not self.odd and alike


def require_file(path: Path) -> None:
    """Raise `UsageError` where there is no such file, `DataError` where it holds nothing."""
    if not path.is_file():
        raise UsageError(f"There is no file {path}", "a readable file", "Check the path, or send the export again.")
    if path.stat().st_size == 0:
        raise DataError(
            f"The file {path.name} is empty (0 bytes)", "a header and at least one row", "Run the export again."
        )


def detected(path: Path) -> tuple[str, Scan]:
    """`utf-8`, `utf-16` (by its mark, or by zero bytes between letters), `cp1252` or `mac_roman`; and the scan.

    A file whose bytes are UTF-8 but for a few is UTF-8: those few are the matter of their lines. Raises `UsageError`
    where the file is missing and `DataError` where it is empty.
    """
    found = scan(path, _UTF8)
    if found.encoding != _UTF8 or not found.bad:
        return found.encoding, found
    # Lines that end with carriage returns alone are of an old Macintosh, which had an alphabet of its own.
    if not found.foreign and found.returns and found.lines <= 1:
        return "mac_roman", scan(path, "mac_roman")
    # Windows text holds a valid sequence by chance only; a file that holds many was UTF-8, and other bytes came in.
    if found.bad == 1 or found.foreign * 20 >= found.bad:
        return _UTF8, found
    return "cp1252", scan(path, "cp1252")


def scan(path: Path, declared: str) -> Scan:
    """Read the file once: hash, lines, line ends, and whether the bytes are what `declared` says.

    What a file shows of itself, a mark or zero bytes between its letters, wins over what is declared. Raises
    `UsageError` where the file is missing or the encoding is not known, `DataError` where it is empty.
    """
    require_file(path)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    encoding, mark = encoding_of(head, declared)
    digest = hashlib.sha256()
    size = lines = returns = pairs = bad = bad_line = foreign = 0
    odd = False
    last = b""
    for raw, text in _decoded(path, encoding):
        digest.update(raw)
        size += len(raw)
        chunk = text
        if not chunk:
            continue
        if not chunk.isascii():
            decoded = chunk.decode(_UTF8, errors="surrogatepass")
            foreign += len(_FOREIGN.findall(decoded))
            if escaped := _ESCAPED.findall(decoded):
                first = _ESCAPED.search(decoded)
                bad_line = bad_line or lines + 1 + (decoded.count("\n", 0, first.start()) if first else 0)
                bad += len(escaped)
        odd = odd or any(mark in chunk for mark in (b"\0", b"\x1a"))
        feeds = chunk.count(b"\n")
        lines += feeds
        if b"\r" in chunk:
            returns += chunk.count(b"\r")
            pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk.startswith(b"\n"))
        last = chunk[-1:]
    ended = last in (b"\n", b"\r")
    return Scan(
        encoding=encoding, sha256=digest.hexdigest(), bytes=size, lines=lines + (last != b"\n"),
        returns=returns, pairs=pairs, odd=odd, bad=bad, bad_line=bad_line, foreign=foreign, marked=bool(mark),
        ends_with_newline=ended,
    )  # fmt: skip


def encoding_of(head: bytes, declared: str) -> tuple[str, bytes]:
    """The encoding by a file's first bytes, and its mark: by the mark, by zero bytes, else as declared.

    Raises `UsageError` where the encoding declared is not known.
    """
    try:
        known = codecs.lookup(declared).name
    except LookupError as error:
        raise UsageError(
            f"The encoding {declared!r} is not known", "utf-8, utf-16, cp1252, latin-1", "Correct source.encoding."
        ) from error
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, mark
    # Text in 16 bits has a zero beside every Latin letter: behind it, or before it.
    even, uneven = head[0::2].count(0), head[1::2].count(0)
    half = max(len(head) // 2, 1)
    if uneven > 0.4 * half and even < 0.1 * half:
        return "utf-16-le", b""
    if even > 0.4 * half and uneven < 0.1 * half:
        return "utf-16-be", b""
    return (
        _UTF8 if known in ("utf-8-sig", "utf-16", "utf-32") or known.startswith(("utf-16-", "utf-32-")) else known
    ), b""


def is_text(path: Path, scanned: Scan) -> bool:
    """Whether the file's first bytes are letters, and not the numbers and marks of another format."""
    if scanned.encoding.startswith(("utf-16", "utf-32")):
        return True
    with path.open("rb") as file:
        return holds_letters(file.read(_HEAD))


def holds_letters(head: bytes) -> bool:
    """Whether bytes that no text has are few among these, in number or in share."""
    return len(head) - len(head.translate(None, _NEVER)) <= max(_MOST_NEVER, len(head) / 20)


def _decoded(path: Path, encoding: str) -> Iterator[tuple[bytes, bytes]]:
    """The file chunk by chunk: its bytes, and the same as UTF-8 in which a byte that is none is a lone surrogate."""
    wide = encoding.startswith(("utf-16", "utf-32"))
    decoder = codecs.getincrementaldecoder(encoding)("replace" if wide else "surrogateescape")
    plain = True
    with path.open("rb") as file:
        while True:
            raw = file.read(_CHUNK)
            if plain and not wide and raw.isascii():
                # Nothing is held back by the decoder, and there is nothing to decode.
                yield raw, raw
            else:
                text = decoder.decode(raw, final=not raw)
                plain = not decoder.getstate()[0]
                yield raw, text.encode(_UTF8, errors="surrogatepass")
            if not raw:
                return


def blank_lines(path: Path) -> int:
    """How many lines of a file of UTF-8 are empty, of those that end with a line feed."""
    found, behind = 0, b"\n"
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            text = behind + chunk
            found += len(_BLANK_LINE.findall(text))
            # What may begin an empty line that goes on in the next chunk.
            behind = text[len(text.rstrip(b"\r\n")) :][-2:]
            behind = behind if behind in (b"\n", b"\n\r") else behind[-1:] if behind.endswith(b"\n") else b""
    return found


def head_of(path: Path, scanned: Scan, *, returns_end_lines: bool = False, size: int = 1 << 17) -> bytes:
    """The first bytes of the normalised text, whole lines where there are some."""
    found = b""
    for chunk in normalised(path, scanned, returns_end_lines=returns_end_lines):
        found += chunk
        if len(found) > size:
            found = found[:size]
            return found[: found.rfind(b"\n") + 1] or found
    return found


def tail_of(path: Path, size: int = 1 << 16) -> list[str]:
    """The last lines of a file of UTF-8, the last one first."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - size, 0))
        text = file.read().decode(errors="ignore").replace("\r\n", "\n")
    lines = text.removesuffix("\n").split("\n")
    return lines[::-1][:40]


def normalised(path: Path, scanned: Scan, *, returns_end_lines: bool = False) -> Iterator[bytes]:
    """The file as UTF-8 chunk by chunk, without marks and what is no text, each line ended by a line feed.

    A carriage return that ends no line is left as it is, for who knows the cells; with `returns_end_lines` it ends
    lines, and what was a line feed by itself is left as a carriage return. A byte that is none of the encoding is read
    as Windows text in UTF-8, and becomes U+FFFD elsewhere.
    """
    meant = WINDOWS if scanned.encoding == _UTF8 else _UNKNOWN
    exchanged = bytes.maketrans(b"\r\n", b"\n\r")
    held = b""
    at_start = True
    for raw, decoded in _decoded(path, scanned.encoding):
        chunk = held + decoded
        held = b""
        if scanned.bad and not chunk.isascii():
            chunk = chunk.decode(_UTF8, errors="surrogatepass").translate(meant).encode(_UTF8)
        if at_start and chunk:
            # A mark may be doubled, by tools that add one to a file that has one.
            while chunk.startswith(codecs.BOM_UTF8):
                chunk = chunk[len(codecs.BOM_UTF8) :]
            at_start = not chunk
        if scanned.odd:
            chunk = chunk.translate(None, _NOT_TEXT)
        if scanned.returns:
            # A pair may be cut by the end of a chunk.
            if raw and chunk.endswith(b"\r"):
                cut = len(chunk.rstrip(b"\r"))
                chunk, held = chunk[:cut], chunk[cut:]
            if scanned.pairs:
                chunk = chunk.replace(b"\r\n", b"\n")
                while b"\r\n" in chunk:
                    chunk = chunk.replace(b"\r\n", b"\n")
            if returns_end_lines:
                chunk = chunk.translate(exchanged) if not scanned.pairs else chunk.replace(b"\r", b"\n")
        if chunk:
            yield chunk
