"""A person signs each crosswalk before its first release: `[crosswalk_review]` of a data set.

What is signed is which call types are open, for these are published as rows. A type that becomes open later has to be
signed anew; what becomes sensitive, or is open as another kind, needs nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from candor.errors import Problem
from candor.portal.crosswalks import folded
from candor.portal.model import DatasetConfig, Portal
from candor.profiles.profile import Kind, from_rows, standard_kinds
from candor.profiles.sensitive_words import decided

_NAMED = 3


@dataclass(frozen=True)
class Signature:
    """Who signed a data set's crosswalk, and when ("" where nobody did), and the types that it opens."""

    dataset: str
    by: str
    date: str
    opened: frozenset[str]


@dataclass(frozen=True)
class Unsigned:
    """What is missing, as a mistake of the portal's text; `stops`: whether it stops a release."""

    problem: Problem
    stops: bool


def signatures(portal: Portal, kinds: Mapping[str, Kind], names: Collection[str] = ()) -> tuple[Signature, ...]:
    """The signatures of the crosswalks of the data sets named, of all where none is. `kinds`: as they are in force."""
    return tuple(
        Signature(
            name,
            dataset.crosswalk_review.reviewed_by if dataset.crosswalk_review else "",
            dataset.crosswalk_review.date.isoformat() if dataset.crosswalk_review else "",
            _opened(portal, dataset, kinds),
        )
        for name, dataset in portal.datasets.items()
        if dataset.crosswalk and (not names or name in names)
    )


def unsigned(
    signed: Collection[Signature],
    released: Collection[str],
    signed_before: Mapping[str, tuple[str, str, frozenset[str]]],
) -> Iterator[Unsigned]:
    """The crosswalks that a person has to sign, or to sign anew.

    `released`: the data sets that were published before. `signed_before`: by data set who had signed when it was last
    published, when, and the types that were open then. A data set that was published unsigned is told and not stopped.
    """
    for one in signed:
        if one.by:
            by, date, opened = signed_before.get(one.dataset, ("", "", one.opened))
            if (new := one.opened - opened) and (by, date) == (one.by, one.date):
                yield Unsigned(_changed(one, new), stops=True)
        elif one.opened:
            yield Unsigned(_missing(one), stops=one.dataset not in released)


def _opened(portal: Portal, dataset: DatasetConfig, kinds: Mapping[str, Kind]) -> frozenset[str]:
    """The types whose rows the crosswalk lets be published, as types are compared.

    A line that says who decided that it is open is signed by itself, and a category that the portal has opened is
    approved by name.
    """
    owners = {schema: kind for kind in kinds.values() for schema in kind.profile.schemas}
    kind = (owners.get(dataset.schema_) if isinstance(dataset.schema_, str) else None) or from_rows(kinds)
    as_delivered = standard_kinds().get(kind.profile.name, kind).taxonomy
    opened = {
        c.slug
        for c in kind.taxonomy.categories
        if c.sensitivity == "open" and (standard := as_delivered.get(c.slug)) and standard.sensitivity == "open"
    }
    return frozenset(
        folded(entry.call_type)
        for entry in portal.crosswalks.get(dataset.crosswalk, ())
        if entry.category in opened and entry.sensitivity != "sensitive" and not decided(entry)
    )


def _missing(one: Signature) -> Problem:
    return Problem(
        f"datasets/{one.dataset}.toml: crosswalk_review",
        f"a crosswalk that nobody has signed: it makes rows of {len(one.opened):,} call types public",
        "who read it, and the day",
        f"Read every line of the crosswalk, mend what is wrong, then sign it: candor dataset sign {one.dataset} "
        '--by "name, office". Or write below the line `crosswalk = ..` of the file: '
        'crosswalk_review = { reviewed_by = "name, office", date = 2025-01-31 }, with the day on which it was read.',
    )


def _changed(one: Signature, new: Collection[str]) -> Problem:
    named = ", ".join(map(repr, sorted(new)[:_NAMED])) + (", .." if len(new) > _NAMED else "")
    return Problem(
        f"datasets/{one.dataset}.toml: crosswalk_review",
        f"{len(new):,} call types that have become open since {one.by} signed on {one.date}: {named}",
        "a signature of the day on which these lines were read",
        f'Read them and sign anew: candor dataset sign {one.dataset} --by "name, office".',
    )
