"""Packed files: gz, bz2, xz, zip and tar. What is in them is unpacked, each member as a file of its own."""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from candor.errors import DataError
from candor.sources.content import Content

_CHUNK = 1 << 20
_SUFFIXES = (".gz", ".bz2", ".xz", ".gzip")
_SPARE = 256 << 20  # what is left free on the disk
_SYSTEM = {
    "__macosx", "thumbs.db", "desktop.ini", "_success", "_metadata", "_common_metadata", "_delta_log", "_temporary",
}  # fmt: skip
_OFFICE = ("[Content_Types].xml", "mimetype")


def is_packed(content: Content) -> bool:
    """Whether the file is packed. An office document is a zip too, and is none here."""
    return (content.is_zip and not _is_office(content)) or _opener(content) is not None or _is_tar(content)


def unpacked(content: Content, folder: Path) -> list[Path]:
    """The members of a packed file, each unpacked in a folder of its own below `folder`, in the order of the archive.

    What systems put beside files (hidden ones, folders) is left out. Raises `DataError` where the archive is broken,
    locked by a password, packed in a way that is not known, or larger than the disk has room for.
    """
    if content.is_zip:
        return _from_zip(content, folder)
    open_packed = _opener(content)
    if open_packed is None:
        return _from_tar(content, folder)
    with _said(content), open_packed(content.path) as packed:
        plain = _copied(packed, _place(folder, 0, _plain_name(content.name)), content)
    return [plain]


def is_hidden(name: str) -> bool:
    """Whether a system put the file there and no person: `.DS_Store`, `__MACOSX/`, `~$open.xlsx`, `_SUCCESS`."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any(part.startswith((".", "~$")) or part.lower() in _SYSTEM for part in parts)


def _is_office(content: Content) -> bool:
    return any(name in content.zip_names for name in _OFFICE) or any(n.endswith(".iwa") for n in content.zip_names)


def _opener(content: Content) -> Callable[[Path], IO[bytes]] | None:
    if content.head.startswith(b"\x1f\x8b"):
        return gzip.open  # type: ignore[return-value]
    if content.head.startswith(b"BZh") and content.head[4:10] == b"1AY&SY":
        return bz2.open
    if content.head.startswith(b"\xfd7zXZ\0"):
        return lzma.open
    return None


def _is_tar(content: Content) -> bool:
    return content.head[257:262] == b"ustar"


def _from_zip(content: Content, folder: Path) -> list[Path]:
    with _said(content), zipfile.ZipFile(content.path) as archive:
        members = [m for m in archive.infolist() if not m.is_dir() and not is_hidden(m.filename)]
        if any(m.flag_bits & 1 for m in members):
            raise DataError(
                f"{content.name} is locked by a password", "an archive without one", "Pack it without a password."
            )
        _require_room(content, folder, sum(m.file_size for m in members))
        paths = []
        for number, member in enumerate(members):
            with archive.open(member) as packed:
                paths.append(_copied(packed, _place(folder, number, member.filename), content))
    return _some(paths, content)


def _from_tar(content: Content, folder: Path) -> list[Path]:
    with _said(content), tarfile.open(content.path) as archive:
        paths = []
        for number, member in enumerate(archive):
            packed = archive.extractfile(member) if member.isfile() and not is_hidden(member.name) else None
            if packed is not None:
                _require_room(content, folder, member.size)
                paths.append(_copied(packed, _place(folder, number, member.name), content))
    return _some(paths, content)


def _some(paths: list[Path], content: Content) -> list[Path]:
    if not paths:
        raise DataError(f"{content.name} holds no file", "an archive with a table in it", "Pack the export again.")
    return paths


def _place(folder: Path, number: int, name: str) -> Path:
    """Where a member is put: its own folder, so that no name can lead elsewhere or meet another."""
    below = folder / str(number)
    while below.exists():
        number += 1
        below = folder / str(number)
    below.mkdir(parents=True)
    plain = PurePosixPath(name.replace("\\", "/")).name.replace("\0", "")
    return below / (plain.encode("utf-8", "replace")[-150:].decode("utf-8", "ignore") or "file")


def _plain_name(name: str) -> str:
    suffix = next((s for s in _SUFFIXES if name.lower().endswith(s) and len(name) > len(s)), "")
    name = name[: len(name) - len(suffix)]
    return name[:-4] + ".tar" if name.lower().endswith(".tgz") else name


def _require_room(content: Content, folder: Path, size: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free - _SPARE
    if size > free:
        raise DataError(
            f"{content.name} unpacks to {size / 1e9:,.1f} GB, and the disk has room for {max(free, 0) / 1e9:,.1f} GB",
            "an archive that the disk has room for",
            "Make room, or pack the table alone.",
        )


def _copied(packed: IO[bytes], into: Path, content: Content) -> Path:
    written = 0
    with into.open("wb") as file:
        while chunk := packed.read(_CHUNK):
            if written % (256 * _CHUNK) == 0:
                _require_room(content, into.parent, len(chunk))
            written += file.write(chunk)
    return into


@contextmanager
def _said(content: Content) -> Iterator[None]:
    """What a library says of a broken archive, in words."""
    try:
        yield
    except NotImplementedError as error:
        raise DataError(
            f"{content.name} is packed in a way that is not known here",
            "a zip with the usual compression (deflate)",
            "Pack it again with another program, or send the file as it is.",
        ) from error
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, tarfile.TarError, EOFError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise DataError(
            f"{content.name} is broken or was cut off: it cannot be unpacked",
            "a whole archive",
            "Send or download it again.",
        ) from error
