"""What a portal's own files say in public: every text of them that readers see, and where it stands.

A key that is not known here is taken for one that is public.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path as File

from candor.errors import PortalError
from candor.portal.config_model import PortalConfig
from candor.portal.counts_model import CountsConfig
from candor.portal.coverage import agencies
from candor.portal.declared import Declared
from candor.portal.lines import Path
from candor.portal.model import DatasetConfig
from candor.portal.reviews import PORTAL
from candor.profiles.profile import Kind
from candor.vocabulary.institutions import is_office

_ANY = "*"
_Pattern = tuple[str, ...]
"""A path of keys; `*` stands for any one of them. It means all that lies below it too."""

_INSIDE_PORTAL: tuple[_Pattern, ...] = (
    ("time_zone",), ("engine",), ("memory_limit",), ("clock",), ("privacy",), ("settling",), ("spark",),
    ("withdrawal",), ("similar",), ("denominators", _ANY, "file"),
)  # fmt: skip
_INSIDE_DATASET: tuple[_Pattern, ...] = (
    ("name",), ("id",), ("columns",), ("crosswalk",), ("weight",), ("where",), ("points",), ("piles",), ("anonymity",),
    ("settling",), ("coverage",), ("places",), ("categories", _ANY, "sensitivity"), ("categories", _ANY, "release"),
    ("schema", "columns", _ANY, "synonyms"), ("schema", "columns", _ANY, "context"),
    ("accepted", _ANY, "found"), ("crosswalk_review",),
    *(("source", key) for key in ("kind", "path", "format", "sheet", "records", "encoding", "delimiter", "quote",
                                  "missing", "zone")),
)  # fmt: skip
_PERSONS: tuple[_Pattern, ...] = (
    ("contact",), ("disclosure", _ANY, "approved_by"), ("categories", _ANY, "approved_by"), ("reviewed", _ANY, "name"),
    ("accepted", _ANY, "name"),
)  # fmt: skip
"""Names that are meant to be public: who answers for something, and how to reach whoever does."""
_OF_SOURCE: tuple[_Pattern, ...] = (("source", "columns"),)
_HEADINGS: tuple[_Pattern, ...] = (
    *_OF_SOURCE, ("schema", "columns", _ANY, "name"), ("schema", "columns", _ANY, "label"), ("withheld",),
    ("columns", _ANY, "name"), ("columns", _ANY, "label"),
)  # fmt: skip
"""Names of columns, often shortened as nobody speaks."""


@dataclass(frozen=True)
class PublicText:
    """A text that readers see, in a file of the portal, under a key.

    `persons`: it names somebody on purpose. `of_source`: the source has it so, and the portal only repeats it.
    `heading`: it is a column's name. `called_after`: it is the name of a place or an office, and these are
    often called after somebody. `owner`: the data set whose text it is.
    """

    file: str
    path: Path
    text: str
    persons: bool = False
    of_source: bool = False
    heading: bool = False
    called_after: bool = False
    owner: str = PORTAL


def texts_of_portal(config: PortalConfig) -> Iterator[PublicText]:
    """Those of `portal.toml`."""
    for text in _texts("portal.toml", config, _INSIDE_PORTAL):
        yield replace(text, called_after=text.path == ("jurisdiction",))


def texts_of_dataset(dataset: DatasetConfig | CountsConfig, root: File) -> Iterator[PublicText]:
    """Those of a data set's file, its name, which is part of addresses, and the agencies of its coverage."""
    name, file = dataset.name, f"datasets/{dataset.name}.toml"
    yield PublicText(file, (), name.replace("-", " "), owner=name)
    yield from (replace(text, owner=name) for text in _texts(file, dataset, _INSIDE_DATASET))
    if not isinstance(dataset, DatasetConfig) or dataset.coverage is None:
        return
    coverage = dataset.coverage
    try:
        named = dict.fromkeys(a.agency for a in agencies(dataset, root))
    except PortalError:
        return  # what is wrong with the file is said where it is read
    for agency in named:
        if coverage.file:
            yield PublicText(coverage.file, (), agency, of_source=True, called_after=is_office(agency), owner=name)
        else:
            yield PublicText(file, ("coverage", "agency"), agency, called_after=is_office(agency), owner=name)


def texts_of_profiles(kinds: Mapping[str, Kind]) -> Iterator[PublicText]:
    """Those of the portal's own profiles: words, categories, columns, tables."""
    for name, kind in kinds.items():
        if not kind.own:
            continue
        folder = f"profiles/{name}"
        yield from _texts(f"{folder}/profile.toml", kind.profile, ())
        for category in kind.taxonomy.categories:
            said = (category.label, category.group_label, category.definition, category.reason)
            yield from (PublicText(f"{folder}/categories.csv", (category.slug,), text) for text in said if text)
        if kind.rows:
            yield from _texts(f"{folder}/schema.toml", kind.rows, (("columns", _ANY, "synonyms"),))
        yield from _walked(f"{folder}/published.toml", (), {**kind.tables}, ())
        yield from _walked(f"{folder}/indicators.toml", (), {**kind.indicators}, ())


def _texts(file: str, declared: Declared, inside: Collection[_Pattern]) -> Iterator[PublicText]:
    values = declared.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return _walked(file, (), values, inside)


def _walked(file: str, path: Path, value: object, inside: Collection[_Pattern]) -> Iterator[PublicText]:
    if any(_below(pattern, path) for pattern in inside):
        return
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _walked(file, (*path, key), part, inside)
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from _walked(file, (*path, at), part, inside)
    elif isinstance(value, str) and value:
        words = value.replace("_", " ") if path and path[-1] == "name" else value
        yield PublicText(file, path, words, _any(_PERSONS, path), _any(_OF_SOURCE, path), _any(_HEADINGS, path))


def _any(patterns: Collection[_Pattern], path: Path) -> bool:
    return any(_below(pattern, path) for pattern in patterns)


def _below(pattern: _Pattern, path: Path) -> bool:
    return len(path) >= len(pattern) and all(p in (_ANY, part) for p, part in zip(pattern, path, strict=False))
