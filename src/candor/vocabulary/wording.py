"""The portal's own nouns in every sentence: what is written of towns of a state, said of neighborhoods of a city.

Everything that Candor says is written once, of towns, counties and the state. A portal with other nouns says it in
these, wherever it leaves the program: pages, files, drawings, messages. What others wrote (names of places and
agencies, what the publisher says of the portal) is left as it is. A portal of towns is told as it is written.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache, cached_property
from importlib import resources
from typing import Final

from candor.vocabulary.nouns import TOWNS, Nouns, bare

_OURS: Final = re.compile(r"\b(towns?|count(y|ies)|states?|statewide|villages?)\b", re.IGNORECASE)
_ALONE: Final = r"(?<![\w`/.'-]){}(?![\w`/-]|\.\w)"
"""A word of a sentence, and no part of a name of a column, a data set or an address."""


def speaks_of_towns(text: str) -> bool:
    """Whether a text may say something otherwise in a portal with other nouns."""
    return _OURS.search(text) is not None


class Wording:
    """Says a text in a portal's nouns. `names`: what others wrote, which is never changed where it stands in a text."""

    def __init__(self, nouns: Nouns = TOWNS, names: Iterable[str] = ()) -> None:
        self.nouns = nouns
        self._names = sorted({n for n in names if n and _OURS.search(n)}, key=lambda n: (-len(n), n))

    @property
    def changes(self) -> bool:
        """Whether anything is said otherwise than it is written."""
        return self.nouns != TOWNS

    def say(self, text: str) -> str:
        """The text in the portal's nouns; what has already been said so stays."""
        if not self.changes or not _OURS.search(text):
            return text
        return self._pattern.sub(self._said, text)

    @cached_property
    def _phrases(self) -> dict[str, str]:
        """Whole phrases that other nouns say otherwise than word by word, filled with the nouns."""
        catalogue = _catalogue()
        chosen = catalogue["phrases"] | ({} if self.nouns.groups else catalogue["without_groups"])
        return {written: self._filled(said) for written, said in chosen.items()}

    @cached_property
    def _words(self) -> dict[str, str]:
        nouns, alone = self.nouns, bare(self.nouns.whole)
        same = alone != nouns.whole
        found = {
            "town": nouns.place,
            "towns": nouns.places,
            "the whole state": f"the whole {alone}" if same else f"all of {alone}",
            "whole state": f"whole {alone}" if same else f"whole of {alone}",
            "the state": nouns.whole,
            "this state": f"this {alone}" if same else alone,
            "statewide": f"{alone}wide" if same else f"for all of {alone}",
        }
        # Where places lie in no groups, the catalogue has every sentence that speaks of them but for names of columns.
        return found | {"county": nouns.group or "group", "counties": nouns.groups or "groups"}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        words, phrases = _any_of([*self._words, *map(_upper, self._words)]), _any_of(self._phrases)
        names = _any_of(self._names) or "(?!)"
        word = _ALONE.format(rf"(?:(?P<article>an?|An?) )?(?P<word>{words})")
        return re.compile(rf"(?P<name>(?<!\w)(?:{names})(?!\w))|(?P<phrase>{phrases})|{word}")

    def _said(self, found: re.Match[str]) -> str:
        if found["name"] is not None:
            return found["name"]
        if found["phrase"] is not None:
            return self._phrases[_plain(found["phrase"])]
        word = self._words[_plain(found["word"]).lower()]
        if found["article"] is not None:
            return f"{_article(found['article'], word)} {word}"
        return _upper(word) if found["word"][0].isupper() else word

    def _filled(self, text: str) -> str:
        nouns = self.nouns
        slots = {
            "place": nouns.place,
            "places": nouns.places,
            "whole": nouns.whole,
            "bare": bare(nouns.whole),
            "group": nouns.group,
            "groups": nouns.groups,
            "a place": f"{_article('a', nouns.place)} {nouns.place}",
        }
        slots |= {name.capitalize(): _upper(word) for name, word in slots.items()}
        return re.sub(r"\{([^}]+)\}", lambda m: slots[m[1]], text)


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    text = resources.files("candor.vocabulary").joinpath("wording.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def phrases() -> tuple[str, ...]:
    """The phrases as they are written: each stands somewhere in what Candor says."""
    return tuple(written for part in _catalogue().values() for written in part)


def _any_of(texts: Iterable[str]) -> str:
    """A pattern of texts, the longest first; a blank in them is any white space."""
    return "|".join(re.escape(t).replace(r"\ ", r"\s+") for t in sorted(texts, key=len, reverse=True))


def _plain(text: str) -> str:
    """A text as the catalogue writes it. Blanks at its ends stay."""
    return re.sub(r"\s+", " ", text)


def _article(written: str, word: str) -> str:
    article = "an" if word[:1].lower() in "aeio" else "a"
    return article.capitalize() if written[0].isupper() else article


def _upper(word: str) -> str:
    return word[:1].upper() + word[1:]
