"""What a level of places is called where readers see it: the code in the data is the same in every portal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from candor.store.dataset_model import DatasetVersion
from candor.store.model import PublicNouns
from candor.vocabulary.nouns import bare

LEVEL = "level"


def shown(version: DatasetVersion, rows: list[tuple[str, ...]], nouns: PublicNouns | None) -> list[tuple[str, ...]]:
    """The cells of rows with their levels in the portal's nouns."""
    names = _names(nouns)
    at = next((i for i, c in enumerate(version.columns) if c.name == LEVEL), None)
    if not names or at is None or version.kind == "rows":
        return rows
    return [(*row[:at], names.get(row[at], row[at]), *row[at + 1 :]) for row in rows]


def coded(
    version: DatasetVersion, parameters: Iterable[tuple[str, str]], nouns: PublicNouns | None
) -> Sequence[tuple[str, str]]:
    """The parameters of an address with the codes of levels, where it has the portal's nouns."""
    codes = {name: code for code, name in _names(nouns).items()} if version.kind != "rows" else {}
    return [(name, codes.get(value, value) if name == LEVEL else value) for name, value in parameters]


def _names(nouns: PublicNouns | None) -> dict[str, str]:
    if nouns is None:
        return {}
    return {"town": nouns.place, "state": bare(nouns.whole)} | ({"county": nouns.group} if nouns.group else {})
