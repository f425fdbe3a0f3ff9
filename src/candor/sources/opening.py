"""From what was sent to the tables in it: files of a folder, members of archives, sheets of workbooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from candor.errors import DataError, UsageError
from candor.portal.declared import SourceConfig
from candor.sources import archive, unreadable
from candor.sources.base import Format, Table
from candor.sources.content import Content
from candor.sources.digest import digest_of, digest_of_all
from candor.sources.folder import files_of

_DEEPEST = 3  # archives within archives


@dataclass(frozen=True)
class Opened:
    """A source that is open: its tables, and what is to be said of them.

    `sha256` and `bytes` are of what was sent, empty where that is the one file that is read.

    `tables` has each table with its format, in the order of the files' names.
    """

    tables: tuple[tuple[Table, Format], ...]
    sha256: str
    bytes: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _File:
    """A file with its name below what was sent."""

    content: Content
    name: str


def opened(path: Path, source: SourceConfig, formats: Sequence[Format], folder: Path) -> Opened:
    """Open the source at `path`. What is unpacked or made of its files is put below `folder`.

    Raises `UsageError` where there is no file, `DataError` where one cannot be read or none is a table.
    """
    sent = files_of(path)
    files = [file for one in sent for file in _files(one, _name(one, path), folder, _DEEPEST)]
    notes: list[str] = []
    if len(files) > 1:
        files = list(_once(files, notes))
        files = list(_tables_only(files, notes))
    tables = [
        (table, form)
        for number, file in enumerate(files)
        for table, form in _tables(file, source, formats, folder / f"table-{number}")
    ]
    if [table.path for table, _ in tables] == sent:
        return Opened(tuple(tables), "", 0, tuple(notes))
    digests = [digest_of(one) for one in sent]
    sha256 = digests[0][0] if len(digests) == 1 else digest_of_all(d for d, _ in digests)
    return Opened(tuple(tables), sha256, sum(size for _, size in digests), tuple(notes))


def format_of(content: Content, source: SourceConfig, formats: Sequence[Format]) -> Format:
    """The format of a file: as declared, else by its content. Raises where it is none that can be read."""
    if source.format:
        declared = next((f for f in formats if f.name == source.format), None)
        if declared is None:
            raise UsageError(
                f"The format {source.format!r} is not known", ", ".join(f.name for f in formats),
                "Correct `format` under [source], or take it out: a file is recognised by its content.",
            )  # fmt: skip
        return declared
    kind = unreadable.kind_of(content)
    if kind:
        unreadable.refuse(content, kind)
    form = next(f for f in formats if f.recognises(content))
    if form is formats[-1] and unreadable.BINARY.recognises(content):
        unreadable.refuse(content, unreadable.BINARY)
    return form


def _name(file: Path, path: Path) -> str:
    return file.relative_to(path).as_posix() if path.is_dir() else file.name


def _files(path: Path, name: str, folder: Path, deepest: int) -> Iterator[_File]:
    content = Content.of(path)
    if not archive.is_packed(content):
        yield _File(content, name)
    elif not deepest:
        raise DataError(f"{name} is packed more than {_DEEPEST} times", "a file, or an archive of files", "Unpack it.")
    else:
        members = archive.unpacked(content, folder)
        for member in members:
            yield from _files(member, f"{name}: {member.name}" if len(members) > 1 else name, folder, deepest - 1)


def _once(files: Sequence[_File], notes: list[str]) -> Iterator[_File]:
    """The files without those whose content came before."""
    seen: dict[str, str] = {}
    for file in files:
        digest, _ = digest_of(file.content.path)
        if digest in seen:
            notes.append(f"{file.name} has the same content as {seen[digest]}: it is read once.")
        else:
            seen[digest] = file.name
            yield file


def _tables_only(files: Sequence[_File], notes: list[str]) -> Iterator[_File]:
    """The files without documents that lie beside tables; where there is no table, all of them."""
    kinds = [unreadable.kind_of(file.content) for file in files]
    documents = [bool(kind and kind.document) for kind in kinds]
    for file, kind, document in zip(files, kinds, documents, strict=True):
        if kind and document and not all(documents):
            notes.append(f"{file.name} is {kind.what} and is not read.")
        else:
            yield file


def _tables(
    file: _File, source: SourceConfig, formats: Sequence[Format], folder: Path
) -> Iterator[tuple[Table, Format]]:
    form = format_of(file.content, source, formats)
    for table in form.tables(file.content, source, folder):
        name = f"{file.name}, {table.name}" if table.name else file.name
        yield Table(table.path, table.reader, name, table.found, table.notes), form
