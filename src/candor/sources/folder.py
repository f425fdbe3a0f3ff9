"""The files of a source: one file, all files of a folder, or those that a pattern names."""

from __future__ import annotations

from pathlib import Path

from candor.errors import UsageError
from candor.sources.archive import is_hidden

_PATTERN = frozenset("*?[")


def files_of(path: Path) -> list[Path]:
    """The files of a source, in the order of their names; those that a system put there are left out.

    Raises `UsageError` where there is none.
    """
    if path.is_file():
        return [path]
    if path.is_dir():
        files = [f for f in path.rglob("*") if f.is_file() and not is_hidden(f.relative_to(path).as_posix())]
        if not files:
            raise UsageError(f"The folder {path} holds no file", "a folder with the export", "Put the files there.")
        return sorted(files)
    if not _PATTERN & set(str(path)):
        raise UsageError(f"There is no file {path}", "a readable file", "Check the path, or send the export again.")
    folder, pattern = _split(path)
    files = sorted(f for f in folder.glob(pattern) if f.is_file() and not is_hidden(f.name)) if folder.is_dir() else []
    if not files:
        raise UsageError(
            f"No file is called as {path} says", "a pattern that names at least one file",
            "Check the pattern: `*` stands for any letters, `**` for any folders.",
        )  # fmt: skip
    return files


def _split(path: Path) -> tuple[Path, str]:
    """The folder above the first part with a mark of a pattern, and the pattern below it."""
    parts = path.parts
    first = next(i for i, part in enumerate(parts) if _PATTERN & set(part))
    return Path(*parts[:first]) if first else Path(), str(Path(*parts[first:]))
