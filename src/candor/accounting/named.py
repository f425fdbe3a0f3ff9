"""Names and addresses under a harmless word: as a call type, a label, a title, in the name of a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from candor.accounting.context import Context
from candor.accounting.declared_texts import scanned_texts
from candor.errors import Problem
from candor.portal.lines import where
from candor.portal.model import CrosswalkEntry, DatasetConfig
from candor.privacy.people.file_names import file_names_somebody
from candor.privacy.people.names import address, full_name
from candor.profiles.taxonomy import Taxonomy

_PROPOSED = ("check:", "unsure:")
_MOST_FILES = 1_000


def told_of_persons(context: Context, names: Sequence[str] = ()) -> list[Problem]:
    """What the scan finds in the portal's own texts, and the words of its files that are names or addresses."""
    return scanned_texts(context, names) + names_in_words(context, names)


def names_in_words(context: Context, names: Sequence[str] = ()) -> list[Problem]:
    """The words that a portal's files say in public and that are a person's name or a home's address.

    Of data sets those of `names`, or of all where none is named. The words themselves are not said: where they stand
    is. What somebody decided, by a note beside it or by a review, is left.
    """
    chosen = [d for name, d in context.portal.datasets.items() if not names or name in names]
    found = [
        *(p for d in chosen for p in _types(context, d)),
        *(p for d in chosen for p in _labels(context, d)),
        *(p for d in chosen for p in _files(context, d)),
    ]
    return list({p.where: p for p in found}.values())


def _what(text: str) -> str:
    """What a short text is, in words; empty for one that is nothing of the kind."""
    return "a person's name" if full_name(text) else "an address" if address(text) else ""


def _types(context: Context, dataset: DatasetConfig) -> Iterator[Problem]:
    taxonomy = context.taxonomy_of(dataset.name)
    for entry in context.portal.crosswalks.get(dataset.crosswalk, ()) if dataset.crosswalk else ():
        what = _what(entry.call_type) if _is_published(entry, taxonomy) else ""
        if what:
            yield Problem(
                f"crosswalks/{dataset.crosswalk}:{entry.line}: call_type",
                f"a call type that reads like {what}, in the open category {entry.category!r}: it would be published "
                "with each such row",
                "words for what was reported",
                "Leave its category empty, then such calls are not published as rows, or correct the type in the "
                "source. Where it is none, write `open` into the column sensitivity, and into note who "
                "decided that and why.",
            )


def _is_published(entry: CrosswalkEntry, taxonomy: Taxonomy) -> bool:
    """Whether rows of the type are published with it, and nobody decided that they may be."""
    category = taxonomy.get(entry.category)
    if category is None or category.sensitivity == "sensitive" or entry.sensitivity == "sensitive":
        return False
    decided = entry.sensitivity == "open" and entry.note and not entry.note.startswith(_PROPOSED)
    return category.release == "records" and not decided


def _labels(context: Context, dataset: DatasetConfig) -> Iterator[Problem]:
    for name, mapping in dataset.columns.items():
        kept = dict.fromkeys(mapping.labels.values()) if name not in dataset.reviewed else {}
        if any(what := _what(label) for label in kept):
            yield Problem(
                where(context.portal.root, f"datasets/{dataset.name}.toml", "columns", name, "labels"),
                f"a label that reads like {what}", "labels that name nobody",
                f"Keep another label, withhold the column, or, where it is none, write [reviewed.{name}] with name, "
                "date and reason.",
            )  # fmt: skip


def _files(context: Context, dataset: DatasetConfig) -> Iterator[Problem]:
    path = context.portal.root / dataset.source.path
    inside = sorted(path.iterdir())[:_MOST_FILES] if path.is_dir() else []
    if any(file_names_somebody(one.name, context.place_names) for one in (Path(dataset.source.path), *inside)):
        yield Problem(
            where(context.portal.root, f"datasets/{dataset.name}.toml", "source", "path"),
            "the name of a file that reads like a person's", "files named after what they hold",
            "Rename the file, and write its new name here.",
        )  # fmt: skip
