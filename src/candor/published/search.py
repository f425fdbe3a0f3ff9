"""Finding a town by what people call it: official names, village names, and names that are nearly right."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from candor.published.model import Place

_WORDS = {"saint": "st", "mount": "mt", "mountain": "mt", "and": "", "the": "", "of": ""}
_SUFFIX = re.compile(r"(?: (?:vermont|vt))+$")
_NEAR = 0.72


@dataclass(frozen=True)
class Match:
    """A town that a search found. `matched` is the name that was met, `ambiguous` whether it names other towns too."""

    place: Place
    matched: str
    ambiguous: bool


@dataclass(frozen=True)
class Found:
    """What a search found. `exact`: a name is exactly what was asked for; `near`: only similar names were found."""

    query: str
    matches: tuple[Match, ...]
    exact: bool = False
    near: bool = False

    @property
    def only(self) -> Match | None:
        """The one town that was meant, where there is one and no doubt."""
        return self.matches[0] if self.exact and len(self.matches) == 1 else None

    @property
    def ambiguous(self) -> bool:
        """Whether the very name that was asked for is that of several towns."""
        return self.exact and len(self.matches) > 1


def normalised(name: str) -> str:
    """A name as it is compared: no case, accents or punctuation; "Saint" is "St", "Mount" is "Mt"; no state's name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"['’.]", "", plain)
    words = (_WORDS.get(word, word) for word in re.sub(r"[^a-z0-9]+", " ", plain).split())
    return _SUFFIX.sub("", " ".join(filter(None, words)))


class Names:
    """Every name of every town. Built once for a release."""

    def __init__(self, places: Iterable[Place], names: Iterable[tuple[str, str]]) -> None:
        by_geoid = {p.geoid: p for p in places}
        self._places: dict[str, dict[str, Place]] = defaultdict(dict)
        self._shown: dict[str, str] = {}
        official = [(name, p.geoid) for p in by_geoid.values() for name in (p.full_name, p.name)]
        for name, geoid in [*official, *names]:
            key = normalised(name)
            if key and geoid in by_geoid:
                self._places[key][geoid] = by_geoid[geoid]
                self._shown.setdefault(key, name.title() if name.islower() else name)
        self.written = tuple(dict.fromkeys(self._shown.values()))
        """The names as they are shown."""
        self._official = {normalised(name) for name, _ in official}

    def find(self, query: str, most: int = 10) -> Found:
        """The towns that `query` may mean, the likeliest first.

        An exact name comes alone. Otherwise names that begin with it, then names with a word that begins with it,
        then names that are spelt nearly so.
        """
        key = normalised(query)
        if not key:
            return Found(query, ())
        if key in self._places:
            return Found(query, self._matches([key], most), exact=True)
        starts = self._sorted(k for k in self._places if k.startswith(key))
        inside = self._sorted(k for k in self._places if f" {key}" in k)
        if starts or inside:
            return Found(query, self._matches([*starts, *inside], most))
        near = difflib.get_close_matches(key, self._places, n=most, cutoff=_NEAR)
        return Found(query, self._matches(near, most), near=True)

    def suggest(self, query: str, most: int = 10) -> tuple[Match, ...]:
        """The towns to offer while someone types: an exact name first, then the longer ones."""
        found = self.find(query, most)
        if not found.exact:
            return found.matches
        key = normalised(query)
        longer = self._sorted(k for k in self._places if k.startswith(key) and k != key)
        return self._matches([key, *longer], most)

    def _sorted(self, keys: Iterable[str]) -> list[str]:
        """Official names before the others, then by the alphabet."""
        return sorted(keys, key=lambda k: (k not in self._official, k))

    def _matches(self, keys: Iterable[str], most: int) -> tuple[Match, ...]:
        """The towns of these names, each once, by the first name that met it."""
        met: dict[str, Match] = {}
        for key in keys:
            towns = self._places[key]
            for geoid, place in towns.items():
                met.setdefault(geoid, Match(place, self._shown[key], len(towns) > 1))
        return tuple(met.values())[:most]


def slug(text: str) -> str:
    """ "Not reported" as "not-reported": for ids, class names and addresses."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
