"""The words of a profile. A call is not an offence and neither is "crime"; no sentence mixes two of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from candor.profiles.profile import Parts, Profile, ProfileWords, from_rows, standard_kinds


@dataclass(frozen=True)
class Layer:
    """How the events of a profile are spoken of, as its `words` say.

    `monthly`: they settle month by month; else they are of whole years. `initiators`: police begin some of them
    themselves, and these are counted apart. `parts`: what their rows are, where several may be of one.
    """

    key: str
    monthly: bool
    initiators: bool
    words: ProfileWords
    parts: Parts | None = None

    @property
    def title(self) -> str:
        """The profile's name, as a choice of a form says it."""
        return self.words.title

    @property
    def one(self) -> str:
        """One of them."""
        return self.words.one

    @property
    def many(self) -> str:
        """Several of them."""
        return self.words.many

    @property
    def did(self) -> str:
        """What police did with them: "answered"."""
        return self.words.did

    @property
    def at(self) -> str:
        """What joins their place: "from"."""
        return self.words.at

    def noun(self, count: int | None = None) -> str:
        """The word for so many of them."""
        return self.one if count == 1 else self.many

    def of_kind(self, label: str, count: int | None = None) -> str:
        """Events of a kind, whose `label` stands inside a sentence; without one, of all open categories.

        A label that has the noun itself is not said twice: "verified drug offences", not "offences of drug offence".
        """
        if not label:
            return f"{self.noun(count)} in open categories"
        itself = self.words.itself
        if itself is not None:
            noun = re.compile(rf"\b(?:{re.escape(itself.one)}|{re.escape(itself.many)})\b")
            if noun.search(label):
                return f"{itself.before} {noun.sub(itself.one if count == 1 else itself.many, label, count=1)}"
        return f"{self.noun(count)} {self.words.about} {label}"


def spoken_of(text: str, layer: Layer) -> str:
    """A text that is written of calls, said of another profile.

    >>> spoken_of("A call has a place. Under 10 calls", INCIDENTS)
    'An incident report has a place. Under 10 incident reports'
    """

    def said(found: re.Match[str]) -> str:
        article, noun = found[1] or "", layer.many if found[2].endswith("s") else layer.one
        if article.strip().lower() == "a" and noun[0] in "aeiou":
            article = article.replace("a", "an", 1).replace("A", "An", 1)
        return article + (noun[0].upper() + noun[1:] if found[2][0] == "C" else noun)

    return re.sub(r"(?<![\w/#-])([Aa] )?([Cc]alls?)(?![\w-])", said, text)


def layer_of(profile: Profile) -> Layer:
    """The words of a profile."""
    return Layer(profile.name, profile.monthly, profile.initiators, profile.words, profile.parts)


INCIDENTS: Final = layer_of(standard_kinds()["incidents"].profile)
CALLS: Final = layer_of(from_rows(standard_kinds()).profile)
"""The words that are meant where a sentence is not told of which profile it is."""
