"""The scan of what a portal's own files say in public: titles, descriptions, captions, labels, headers, names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from candor.accounting.context import Context
from candor.errors import Problem
from candor.places.names import search_names
from candor.portal.lines import key_lines, nearest_line
from candor.privacy.texts.scan import Hit, scan
from candor.privacy.texts.values import found_in
from candor.profiles.public_texts import PublicText, texts_of_dataset, texts_of_portal, texts_of_profiles

_PLACES = "places/places.csv"
_OF_DISPATCHERS = frozenset({"words-verb", "surname-first-verb", "named-word"})
"""Rules that go by where a word stands in what is typed in haste, without capitals: "no rate says" has such a place."""


def declared_texts(context: Context, names: Sequence[str] = ()) -> tuple[PublicText, ...]:
    """The texts of the portal that are scanned; of data sets those of `names`, or of all where none is named.

    Who answers for something is named on purpose: such texts are not among them.
    """
    portal = context.portal
    chosen = [d for name, d in portal.declared.items() if not names or name in names]
    found = [
        *texts_of_portal(portal.config),
        *texts_of_profiles(context.kinds),
        *(text for dataset in chosen for text in texts_of_dataset(dataset, portal.root)),
        *_texts_of_places(context),
    ]
    return tuple(text for text in found if not text.persons)


def _texts_of_places(context: Context) -> Iterator[PublicText]:
    """The names of the places, of what they lie in, and those by which they are found, that hold more than words.

    A place is named after a person more often than not, so in these names only numbers and addresses are looked for.
    """
    if context.pack is None:
        return
    places, names = context.pack.places, search_names(context.pack)
    said = pa.chunked_array([c for n in ("name", "county") for c in places[n].chunks] + names["name"].chunks)
    for name in pc.unique(said.filter(pc.match_substring_regex(said, "[0-9@]"))).to_pylist():
        yield PublicText(_PLACES, (), name)


def found_texts(context: Context, names: Sequence[str] = ()) -> list[tuple[PublicText, tuple[Hit, ...]]]:
    """The texts that the portal's own files say in public and in which something is found."""
    texts = declared_texts(context, names)
    different = list(dict.fromkeys(t.text for t in texts))
    if not different:
        return []
    engine = context.engine
    table = engine.table(pa.table({"text": different}))
    hits = {hit.rule: hit for hit in scan(table, ["text"], engine) if hit.rule not in _OF_DISPATCHERS}
    by_text: dict[str, list[Hit]] = {}
    for line in found_in(table, list(hits.values()), engine).to_pylist():  # what was found, not what is published
        by_text.setdefault(line["text"], []).append(replace(hits[line["rule"]], texts=1, rows=1, examples=()))
    # A place is named after a person more often than not.
    found = [(t, tuple(h for h in by_text.get(t.text, ()) if t.file != _PLACES or h.kind != "name")) for t in texts]
    return [(text, hits) for text, hits in found if hits]


def scanned_texts(context: Context, names: Sequence[str] = ()) -> list[Problem]:
    """What the scan finds in the texts that the portal's own files say in public, each with its place."""
    return [_problem(context, text, hits) for text, hits in found_texts(context, names)]


def _problem(context: Context, text: PublicText, hits: Sequence[Hit]) -> Problem:
    found = "; ".join(dict.fromkeys(hit.says for hit in hits))
    return Problem(
        _where(context, text), f"what looks like personal information in a text that is published: {found}",
        "text without names, addresses and numbers of persons", "Correct the text.",
    )  # fmt: skip


def _where(context: Context, text: PublicText) -> str:
    """`file:line: key`, as near as it can be told."""
    file = context.portal.root / text.file
    line = nearest_line(key_lines(file.read_text(encoding="utf-8-sig")), text.path) if file.suffix == ".toml" else None
    key = ".".join(map(str, text.path))
    return f"{text.file}{f':{line}' if line else ''}{f': {key}' if key else ''}"
