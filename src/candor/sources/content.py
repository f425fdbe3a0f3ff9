"""What a file is by its content: its first bytes as bytes and as text, the entries of a zip, the streams of OLE."""

from __future__ import annotations

import codecs
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from candor.errors import DataError
from candor.sources.text import require_file

_HEAD = 1 << 16
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_OLE_NAME, _OLE_ENTRY, _OLE_ENTRIES = 64, 128, 64
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class Content:
    """A file that is looked at: where it is, and its first 64 KiB."""

    path: Path
    head: bytes

    @classmethod
    def of(cls, path: Path) -> Content:
        """The file at `path`. Raises `UsageError` where there is none, `DataError` where it is empty or locked."""
        require_file(path)
        try:
            with path.open("rb") as file:
                return cls(path, file.read(_HEAD))
        except OSError as error:
            raise DataError(
                f"{path.name} cannot be opened ({(error.strerror or 'no reason given').lower()})",
                "a file that this user may read",
                "Look at its permissions, or close the program that has it open.",
            ) from error

    @property
    def name(self) -> str:
        """What people call it."""
        return self.path.name

    @cached_property
    def encoding(self) -> str:
        """`utf-8`, or `utf-16-le` or `-be` by the mark or, without one, by where the zero bytes are."""
        marked = next((name for bom, name in _BOMS if self.head.startswith(bom)), "")
        if marked:
            return marked
        start = self.head[:512]
        even, odd = start[::2].count(0), start[1::2].count(0)
        if max(even, odd) * 3 > len(start) and min(even, odd) * 20 < len(start):
            return "utf-16-be" if even > odd else "utf-16-le"
        return "utf-8"

    @cached_property
    def text(self) -> str:
        """The first bytes as text without marks and blanks before it; what is no text becomes a replacement mark."""
        return self.head.decode(self.encoding, errors="replace").lstrip("\ufeff \t\r\n\0\x1e")

    @property
    def is_zip(self) -> bool:
        """Whether it is a zip file, which office documents are too."""
        return self.head.startswith((b"PK\x03\x04", b"PK\x05\x06"))

    @cached_property
    def zip_names(self) -> frozenset[str]:
        """The names in a zip file; none where it is no zip file, or a broken one."""
        if not self.is_zip:
            return frozenset()
        try:
            with zipfile.ZipFile(self.path) as archive:
                return frozenset(archive.namelist())
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return frozenset()

    @cached_property
    def ole_streams(self) -> frozenset[str]:
        """The first names in the directory of an OLE compound file (.xls, .doc, encrypted office files)."""
        if not self.head.startswith(OLE) or len(self.head) < 512:
            return frozenset()
        sector = 1 << min(int.from_bytes(self.head[30:32], "little"), 16)
        first = int.from_bytes(self.head[48:52], "little")
        with self.path.open("rb") as file:
            file.seek((first + 1) * sector)
            directory = file.read(_OLE_ENTRY * _OLE_ENTRIES)
        entries = (directory[i : i + _OLE_NAME] for i in range(0, len(directory), _OLE_ENTRY))
        return frozenset(entry.decode("utf-16-le", errors="ignore").partition("\0")[0] for entry in entries)
