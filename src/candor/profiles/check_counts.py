"""A data set of counts held against its profile's categories, its source's header and the places."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from candor.portal.counts_model import CountsConfig
from candor.portal.load import Reading
from candor.portal.words import did_you_mean
from candor.profiles.profile import Kind, by_year


def check_counts(
    reading: Reading, dataset: CountsConfig, kinds: Mapping[str, Kind], geoids: Collection[str] | None
) -> None:
    """Report every mistake in what `dataset` says of other things.

    `kinds` are the portal's profiles, `geoids` its places'; None where unknown.
    """
    file = f"datasets/{dataset.name}.toml"
    _check_source_columns(reading, file, dataset)
    kind = next((k for k in by_year(kinds) if dataset.schema_ in k.profile.schemas), None)
    if kind is None:
        known = [name for k in by_year(kinds) for name in k.profile.schemas]
        reading.report(
            file, ("schema",), f"the schema {dataset.schema_!r} with a source of counts", ", ".join(known),
            did_you_mean(dataset.schema_, known) or "Name what is counted, or add a profile (docs/profiles.md).",
        )  # fmt: skip
    else:
        _check_categories(reading, file, dataset, kind)
    for column, reason in dataset.withheld.items():
        if not reason.strip():
            reading.report(
                file, ("withheld", column), f"no reason for withholding {column!r}", "a reason in words for the public",
                "Say why the column is not published.",
            )  # fmt: skip
    for name, geoid in dataset.places.items():
        if geoid and geoids is not None and geoid not in geoids:
            reading.report(file, ("places", name), *unknown_place(geoid, geoids))


def unknown_place(geoid: str, geoids: Collection[str]) -> tuple[str, str, str]:
    """What was found, what is allowed, what to do: a GEOID that the places do not have."""
    hint = did_you_mean(geoid, sorted(geoids)) or "Look the town up in places/places.csv."
    return f"the GEOID {geoid!r}", "a geoid of places/places.csv", hint


def _check_source_columns(reading: Reading, file: str, dataset: CountsConfig) -> None:
    """Each column named is one of the source's, and has one meaning."""
    named = [(("columns", key), column) for key, column in dataset.columns if column]
    named += [(("categories", slug), column) for slug, column in dataset.categories.items()]
    named += [(("withheld", column), column) for column in dataset.withheld]
    first: dict[str, Sequence[str]] = {}
    for path, column in named:
        _check_known(reading, file, path, column, dataset.source.columns)
        before = first.setdefault(column, path)
        if before != path:
            reading.report(
                file, path, f"the source column {column!r}, which {'.'.join(before)} has too",
                "one meaning for each column of the source", "Keep one of the two.",
            )  # fmt: skip


def _check_known(reading: Reading, file: str, path: tuple[str, str], column: str, known: Sequence[str]) -> None:
    if known and column not in known:
        reading.report(
            file, path, f"the source column {column!r}", ", ".join(known),
            did_you_mean(column, known)
            or "Name a column of [source] columns, or correct that list where the file's header has changed.",
        )  # fmt: skip


def _check_categories(reading: Reading, file: str, dataset: CountsConfig, kind: Kind) -> None:
    known, of = kind.taxonomy, kind.profile.words.many
    if not dataset.categories:
        reading.report(
            file, ("categories",), "no category", "at least one line `category = \"column of the source\"`",
            f"The categories of {of} are: {', '.join(known.slugs)}.",
        )  # fmt: skip
    for slug in dataset.categories:
        if known.get(slug) is None:
            reading.report(
                file, ("categories", slug), f"the category {slug!r}", f"a category of {of}",
                did_you_mean(slug, known.slugs) or f"The categories are: {', '.join(known.slugs)}.",
            )  # fmt: skip
