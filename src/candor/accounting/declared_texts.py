"""The scan of what a portal's own files say in public: titles, descriptions, captions, labels, headers, names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from candor.accounting.context import Context, words_of
from candor.accounting.reviews import Passes, digests_of, passes_of
from candor.errors import Problem
from candor.places.names import search_names
from candor.portal.lines import where
from candor.portal.reviews import PORTAL
from candor.privacy.people.names import full_name
from candor.privacy.texts.headings import tells_in_heading
from candor.privacy.texts.scan import Hit, scan
from candor.privacy.texts.values import found_in
from candor.profiles.public_texts import PublicText, texts_of_dataset, texts_of_portal, texts_of_profiles

TEXTS = "texts"
"""The column under which reviews of such texts stand."""
_PLACES = "places/places.csv"
_OF_DISPATCHERS = frozenset({"words-verb", "surname-first-verb", "named-word", "two-capitals", "name-verb"})
"""Rules that go by where a word stands in what is typed in haste, or by capitals alone: "no rate says" is such
a place, and in prose every programme and office has capitals."""
_BESIDE_ROLES = ("role-", "rank-", "title-")
"""With these begin the names of rules for what stands beside a role or a rank."""

_FULL_NAME = Hit(TEXTS, "full-name", "name", "a text that reads like a person's name", 1, 1, ())


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
        yield PublicText(_PLACES, (), name, called_after=True)


def scanned_texts(context: Context, names: Sequence[str] = ()) -> list[Problem]:
    """What the scan finds in the texts that the portal's own files say in public, each with its place."""
    return [_problem(context, text, hits) for text, hits in _left(context, names)]


def waiting_texts(context: Context, name: str) -> list[tuple[str, str, str, str]]:
    """The texts of a data set's file, or of the portal's other files where `name` is empty, that nobody has passed.

    Each with its place, the kind of what was found, and its digest, which stands under the column `texts`.
    """
    owner = name or PORTAL
    digests = digests_of(context.portal, owner)
    left = [(text, hits) for text, hits in _left(context, [name]) if text.owner == owner]
    lines = [(text, kind) for text, hits in left for kind in dict.fromkeys(h.kind for h in hits)]
    return [(_place(context, text), text.text, kind, digests.of(TEXTS, kind, text.text)) for text, kind in lines]


def _left(context: Context, names: Sequence[str]) -> list[tuple[PublicText, tuple[Hit, ...]]]:
    """The texts in which something is found that no person has passed."""
    found = _found(context, declared_texts(context, names))
    passes = {owner: passes_of(context.portal, owner) for owner in {text.owner for text, _ in found}}
    left = [(text, tuple(h for h in hits if not _passed(passes[text.owner], text, h))) for text, hits in found]
    return [(text, hits) for text, hits in left if hits]


def _passed(passes: Passes, text: PublicText, hit: Hit) -> bool:
    return passes.digests is not None and passes.digests.of(TEXTS, hit.kind, text.text) in passes.values


def _found(context: Context, texts: Sequence[PublicText]) -> list[tuple[PublicText, tuple[Hit, ...]]]:
    different = list(dict.fromkeys(t.text for t in texts))
    if not different:
        return []
    engine = context.engine
    # The small model takes a header such as `lon` for a name; of headers rules are asked alone.
    known = context.place_words.union(*(words_of(text.text) for text in texts if text.heading))
    table = engine.table(pa.table({TEXTS: different}))
    hits = {hit.rule: hit for hit in scan(table, [TEXTS], engine, known) if hit.rule not in _OF_DISPATCHERS}
    by_text: dict[str, list[Hit]] = {}
    for line in found_in(table, list(hits.values()), engine, known).to_pylist():  # texts of the portal, and no rows
        by_text.setdefault(line["text"], []).append(hits[line["rule"]])
    found = [(t, tuple(h for h in by_text.get(t.text, ()) if _tells(t, h))) for t in texts]
    # The name of a person is one wherever it stands, but for what is called after somebody.
    named = {text for text in different if full_name(text)}
    found = [(t, (*hits, _FULL_NAME) if t.text in named and not t.called_after else hits) for t, hits in found]
    return [(text, hits) for text, hits in found if hits]


def _tells(text: PublicText, hit: Hit) -> bool:
    """Whether a hit is one in this text: a heading, or what is called after somebody more often than not (`St. Louis`,
    `Wilson County`), has words beside each other that are a name elsewhere.
    """
    if text.heading and not tells_in_heading(hit):
        return False
    return not text.called_after or hit.kind != "name" or hit.rule.startswith(_BESIDE_ROLES)


def _problem(context: Context, text: PublicText, hits: Sequence[Hit]) -> Problem:
    found = "; ".join(dict.fromkeys(hit.says for hit in hits))
    command = "candor review" if text.owner == PORTAL else f"candor review {text.owner}"
    return Problem(
        _place(context, text), f"what looks like personal information in a text that is published: {found}",
        "text without names, addresses and numbers of persons",
        f"Correct the text; where it is nobody's, pass it: {command}.",
    )  # fmt: skip


def _place(context: Context, text: PublicText) -> str:
    """`file:line: key`, as near as it can be told."""
    if text.file.endswith(".toml"):
        return where(context.portal.root, text.file, *text.path)
    return ": ".join(filter(None, (text.file, ".".join(map(str, text.path)))))
