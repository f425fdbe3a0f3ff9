"""Which words the small model is not asked about, and of which it is not believed: as data, beside this module."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from candor.privacy.people.names import given_names, surnames, words_too
from candor.privacy.texts.scan_rules import word_lists
from candor.profiles.profile import standard_kinds

_NAMES = ("given", "surname")
_NOT_HARMLESS = {*_NAMES, "given_word", "surname_word", "no_last", "thing_name"}
_WORD = re.compile(r"[^\W\d_]+")


@cache
def harmless_words() -> frozenset[str]:
    """Words in lower case that name nobody: a text of these alone is not asked.

    The common words of the language, those of the rules, the abbreviations of the field, and what the taxonomies say;
    without those that are names more often. Words that are both ("hope", "hunter") are harmless when they stand alone.
    """
    texts = [" ".join(words) for name, words in word_lists().items() if name not in _NOT_HARMLESS]
    texts += [*_file()["words"].values(), resources.files(__package__).joinpath("plain_words.txt").read_text("utf-8")]
    texts += labels()
    return frozenset(_WORD.findall(" ".join(texts).lower())) - common_names()


@cache
def common_names() -> frozenset[str]:
    """Given names and surnames in lower case that are no words of the language and no places."""
    known = {word for name in _NAMES for word in word_lists()[name]} | listed("names")
    words = {word for name in ("no_name", "no_person", "given_word", "surname_word") for word in word_lists()[name]}
    known |= (given_names() | surnames()) - words_too()
    return frozenset(known - words - listed("place") - listed("words_rather"))


@cache
def labels() -> frozenset[str]:
    """What the taxonomies say, word for word and in lower case: nobody's, though some is a name elsewhere ("terry")."""
    categories = [c for kind in standard_kinds().values() for c in kind.taxonomy.categories]
    return frozenset(text.lower() for c in categories for text in (c.label, c.group_label, *c.words))


@cache
def listed(name: str) -> frozenset[str]:
    """One of the lists in `name_words.toml`, or one of words or phrases in `scan_words.toml`."""
    words = _file()["words"].get(name)
    return frozenset(words.split() if words else word_lists()[name])


@cache
def things() -> re.Pattern[str]:
    """What is called after persons and names none now: whole phrases, in any case."""
    phrases = {" ".join(p.split()) for p in _file()["phrases"]["thing"].split(";")} | set(word_lists()["thing_name"])
    return re.compile(
        rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(phrases, key=len, reverse=True)))})(?!\w)", re.IGNORECASE
    )


@cache
def _file() -> dict[str, dict[str, str]]:
    text = resources.files(__package__).joinpath("name_words.toml").read_text(encoding="utf-8")
    read: dict[str, dict[str, str]] = tomllib.loads(text)
    return read
