"""What is different from the version before, in plain words."""

from __future__ import annotations

from collections.abc import Iterable

from candor.store.dataset_model import DatasetDraft, DatasetVersion


def describe(draft: DatasetDraft, rows: int, content_sha256: str, before: DatasetVersion | None) -> str:
    """One to five sentences: the rows before and now, and the columns that came, went or changed their type.

    Of a version that was withdrawn nothing is known any more.
    """
    now = _counted(rows, draft)
    if before is None:
        return f"First version: {now}."
    if before.withdrawn:
        return f"{now}. Version {before.version}, the one before, {before.withdrawn.words}."
    if content_sha256 and content_sha256 == before.content_sha256:
        said = [f"The content is identical to that of version {before.version}: {now}."]
    else:
        said = [f"{now}, {_compared(rows, before)}."]
    old = {c.name: c for c in before.columns}
    new = {c.name: c for c in draft.columns}
    said += _listed("Columns added", (name for name in new if name not in old))
    said += _listed("Columns removed", (name for name in old if name not in new))
    said += _listed(
        "Type changed",
        (f"{n} (from {old[n].type} to {new[n].type})" for n in new if n in old and new[n].type != old[n].type),
    )
    said += _listed(
        "Described anew",
        (n for n in new if n in old and (new[n].label, new[n].description) != (old[n].label, old[n].description)),
    )
    return " ".join(said)


def _counted(rows: int, draft: DatasetDraft) -> str:
    return f"{rows:,} {draft.unit if rows == 1 else draft.unit_plural}"


def _compared(rows: int, before: DatasetVersion) -> str:
    if rows == before.rows:
        return f"as many as in version {before.version}"
    more = f"{abs(rows - before.rows):,} {'more' if rows > before.rows else 'fewer'}"
    return f"{more} than in version {before.version} ({before.rows:,})"


def _listed(what: str, names: Iterable[str]) -> list[str]:
    listed = ", ".join(names)
    return [f"{what}: {listed}."] if listed else []
