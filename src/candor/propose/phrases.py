"""The phrases by which categories are known, and how well they cover the words of a call type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from candor.profiles.taxonomy import COUNTED_APART, UNMAPPED, Category, Taxonomy
from candor.propose.call_words import DENIED, Word, phrase_words, vocabulary
from candor.propose.guesses import guess

_WEIGHT = {"status": 0.05, "service": 1.0, "place": 0.2, "weak": 0.3, "unknown": 0.25, "denied": 0.1}
_LATER = {"": 1.0, "-": 0.7, ":": 0.7, "/": 0.45, "(": 0.5, "[": 0.5}
_BEFORE_THE_HEAD = 0.3
_LONG = 4


@dataclass(frozen=True)
class Scored:
    """A category's share of a type's words, by weight; `longest` is the weight of its weightiest phrase.

    `heads`: its phrase has the first word that says what the type is about.
    """

    slug: str
    group: str
    sensitive: bool
    score: float
    longest: float
    first: int
    heads: bool
    words: frozenset[str]


@dataclass(frozen=True)
class Phrases:
    """The phrases of a taxonomy's categories, found by any of their words."""

    categories: Mapping[str, Category]
    by_word: Mapping[str, tuple[tuple[str, frozenset[str]], ...]]
    known: frozenset[str]
    sensitive: frozenset[str]
    common: Mapping[str, int]

    @cached_property
    def guarded(self) -> frozenset[str]:
        """The sensitive categories."""
        return frozenset(slug for slug, c in self.categories.items() if c.sensitivity == "sensitive")

    def guessed(self, word: Word) -> str:
        """The known word that one which no phrase and no table knows is most likely short for; empty where none is."""
        plain = word.text.lstrip(DENIED)
        return "" if self._familiar(word) else guess(plain, self._by_letter.get(plain[:1], {}))

    def knows(self, word: Word) -> bool:
        """Whether some phrase or table has the word, or it says what a place, a state or a service is."""
        plain = word.text.lstrip(DENIED)
        return self._familiar(word) or bool({plain, word.text} & self.known) or plain in vocabulary().service

    def _familiar(self, word: Word) -> bool:
        plain = word.text.lstrip(DENIED)
        return plain in self.common or plain in vocabulary().empty or word.typed in vocabulary().words

    @cached_property
    def _by_letter(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for word, rows in self.common.items():
            found.setdefault(word[0], {})[word] = rows
        return found

    def scored(self, words: Sequence[Word], weight: Mapping[str, float]) -> list[Scored]:
        """The categories of which a phrase stands in the type, best first."""
        have = frozenset(weight)
        inside: dict[str, list[frozenset[str]]] = {}
        for word in have:
            for slug, phrase in self.by_word.get(word, ()):
                if phrase <= have:
                    inside.setdefault(slug, []).append(phrase)
        first = {word.text: at for at, word in reversed(list(enumerate(words)))}
        head = next((w.text for w in words if _heads(w, self)), "")
        found = [
            s for slug, phrases in inside.items() if (s := _score(self.categories[slug], phrases, weight, first, head))
        ]
        return sorted(found, key=lambda s: (-s.score, -s.longest, not s.sensitive, s.first, s.slug))


@lru_cache(maxsize=8)
def phrases_of(taxonomy: Taxonomy) -> Phrases:
    """The phrases of a taxonomy, each under one of its words, the longest."""
    categories = {c.slug: c for c in taxonomy.categories if c.slug not in (UNMAPPED, COUNTED_APART)}
    by_word: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for slug, category in categories.items():
        for phrase in {phrase_words(text) for text in category.words}:
            if phrase:
                by_word.setdefault(max(phrase, key=lambda w: (len(w), w)), []).append((slug, phrase))
    known = frozenset(word for rows in by_word.values() for _, phrase in rows for word in phrase)
    words = vocabulary()
    common = dict.fromkeys((w for w in words.words if len(w) > _LONG), 1) | dict.fromkeys(words.status | words.place, 2)
    common |= dict.fromkeys(words.weak | words.sensitive, 9)
    for rows in by_word.values():
        for _, phrase in rows:
            for word in phrase:
                common[word] = common.get(word, 0) + 1
    common = {w: n for w, n in common.items() if w.isalpha()}
    return Phrases(categories, {w: tuple(rows) for w, rows in by_word.items()}, known, words.sensitive, common)


def weights(words: Sequence[Word], phrases: Phrases, *, plain: bool = False) -> dict[str, float]:
    """How much each word of a type says: by what it is, and by where it stands.

    Before the head are words of who goes, "EMS: fall"; `plain`: they are taken for what it is about.
    """
    head = 0 if plain else _head(words, phrases)
    found: dict[str, float] = {}
    for word in words:
        place = _BEFORE_THE_HEAD if word.part < head else 1.0 if word.part == head else _LATER.get(word.mark, 0.7)
        found[word.text] = max(found.get(word.text, 0.0), round(place * _of(word, phrases), 4))
    return found


def _head(words: Sequence[Word], phrases: Phrases) -> int:
    """The part that says what a call is about: the first with a word that does, or what a colon leads to."""
    after = next((w.part for w in words if w.mark == ":" and w.part and _of(w, phrases) >= 1.0), 0)
    return next((w.part for w in words if _heads(w, phrases)), after)


def _heads(word: Word, phrases: Phrases) -> bool:
    """Whether a word says what a call is about, and not who goes or when."""
    return _of(word, phrases) >= 1.0 and word.text not in vocabulary().service


def _of(word: Word, phrases: Phrases) -> float:
    words = vocabulary()
    if word.text.startswith(DENIED):
        return _WEIGHT["denied"]
    for kind, listed in (("status", words.status), ("place", words.place), ("weak", words.weak)):
        if word.text in listed:
            return _WEIGHT[kind]
    return 1.0 if word.text in phrases.known or word.text in phrases.sensitive else _WEIGHT["unknown"]


def _score(
    category: Category,
    phrases: list[frozenset[str]],
    weight: Mapping[str, float],
    first: Mapping[str, int],
    head: str,
) -> Scored | None:
    covered = frozenset[str]().union(*phrases)
    words = vocabulary()
    # Words that say little carry nothing by themselves unless they are the whole type.
    if covered <= words.weak | words.place | words.status and covered != frozenset(weight):
        return None
    longest = max(phrases, key=lambda p: sum(weight[w] for w in p))
    return Scored(
        category.slug,
        category.group,
        category.sensitivity == "sensitive",
        round(sum(weight[w] for w in covered) / sum(weight.values()), 6),
        round(sum(weight[w] for w in longest), 6),
        min(first[w] for w in longest),
        head in longest,
        covered,
    )
