"""Call types and the phrases of categories as comparable words: `call_words.toml` holds the abbreviations."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from candor.profiles.denied import parts_of
from candor.propose.words import singular

DENIED = "!"
"""What stands before a word that the type denies: "no injury" is `!injury`, in a call type and in a phrase alike."""

_JOINED = (
    (re.compile(r"\bb\s?[&/]\s?e\b", re.I), "breaking and entering"),
    (re.compile(r"\bh\s?[&/]\s?[rs]\b", re.I), "hit and run"),
    (re.compile(r"\bd\s?[&]\s?d\b", re.I), "drunk and disorderly"),
    (re.compile(r"\ba\s?[&]\s?b\b", re.I), "assault and battery"),
    (re.compile(r"\bl\s?[&/]\s?l\b", re.I), "lewd and lascivious"),
    (re.compile(r"\bd/v\b", re.I), "domestic violence"),
    (re.compile(r"\bm/v\b", re.I), "motor vehicle"),
    (re.compile(r"\bf/u\b", re.I), "follow up"),
    (re.compile(r"\bf/p\b", re.I), "found property"),
    (re.compile(r"\bi/p\b|\bj/o\b", re.I), "in progress"),
    (re.compile(r"\bo/d\b|\bo\.\s?d\.(?=\W|$)", re.I), "overdose"),
    (re.compile(r"\bd\.\s?o\.\s?a\b\.?", re.I), "doa"),
    (re.compile(r"\be\.?m\.?s\.(?=\W|$)", re.I), "ems"),
    (re.compile(r"\bf/(?=[a-z])", re.I), "from "),
    (re.compile(r"\(s\)", re.I), "s"),
    (re.compile(r"\(ren\)", re.I), "ren"),
    (re.compile(r"\be-(?=911|mail)", re.I), "e"),
)  # fmt: skip
_STATUTE = re.compile(
    r"\b(\d{3,5})(?:\.\d+)?\s*(?:\(?[a-z]\)?(?:\(\d\))?)?\s*(pc|vc|hs|wic?)\b|\b(pc|vc|hs|wic?)\s*(\d{3,5})\b"
)
_MARKS = re.compile(r"[&/.(-]")
_TRAILING_NUMBER = re.compile(r"([a-z]{3,})\d{1,2}$")


@dataclass(frozen=True)
class Word:
    """A word of a call type: as compared, as typed, in which part of the type it stands, and what parts that off."""

    text: str
    typed: str
    part: int
    mark: str


@dataclass(frozen=True)
class Vocabulary:
    """`call_words.toml`: abbreviations, words that stand together, and words by how much they say."""

    words: dict[str, tuple[str, ...]]
    together: dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]
    depends: dict[str, tuple[tuple[frozenset[str], tuple[str, ...]], ...]]
    instead: dict[str, tuple[str, ...]]
    codes: dict[str, dict[str, str]]
    empty: frozenset[str]
    status: frozenset[str]
    weak: frozenset[str]
    place: frozenset[str]
    service: frozenset[str]
    sensitive: frozenset[str]
    about_persons: frozenset[str]
    acts: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """The words, read once."""
    text = resources.files("candor.propose").joinpath("call_words.toml").read_text(encoding="utf-8")
    found = tomllib.loads(text)
    together: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for several, meant in found["together"].items():
        row = tuple(several.split())
        together.setdefault(row[0], []).append((row, tuple(meant.split())))
    depends: dict[str, tuple[tuple[frozenset[str], tuple[str, ...]], ...]] = {}
    for d in found["depends"]:
        means = (frozenset(d["with"]), tuple(d["means"].split()))
        otherwise = ((frozenset[str](), tuple(d["otherwise"].split())),) if "otherwise" in d else ()
        depends[d["word"]] = (*depends.get(d["word"], ()), means, *otherwise)
    listed = {
        name: frozenset(found[name].split())
        for name in ("empty", "status", "weak", "place", "service", "sensitive", "about_persons", "acts")
    }
    return Vocabulary(
        words={word: tuple(meant.split()) for word, meant in found["words"].items()},
        # The longest first.
        together={first: tuple(sorted(rows, key=lambda r: -len(r[0]))) for first, rows in together.items()},
        depends=depends,
        instead={says: tuple(slugs.split()) for says, slugs in found["instead"].items()},
        codes=found["codes"],
        **listed,
    )


def read_type(call_type: str) -> tuple[Word, ...]:
    """The words of a call type in their order, codes and numbers left out.

    >>> [w.text for w in read_type("10-50 MVA w/o inj")], [w.text for w in read_type("459 PC")]
    (['crash', '!injury'], ['burglary'])
    """
    plain = call_type
    if _MARKS.search(plain):
        for pattern, meant in _JOINED:
            plain = pattern.sub(meant, plain)
    found: list[Word] = []
    for number, part in enumerate(parts_of(plain)):
        words = [
            Word((DENIED if at in part.denied else "") + text, typed, number, part.mark)
            for at, typed in enumerate(part.words)
            for text in written_out(typed)
        ]
        found += _joined(words)
    known = frozenset(word.text for word in found)
    found = [w for word in found for w in _by_company(word, known)]
    said = [word for word in found if word.text.lstrip(DENIED) not in vocabulary().empty]
    return tuple(said or _of_statute(call_type))


@cache
def phrase_words(phrase: str) -> frozenset[str]:
    """The words of a category's phrase, comparable with those of a call type."""
    return frozenset(word.text for word in read_type(phrase))


@cache
def written_out(typed: str) -> tuple[str, ...]:
    """A word without its plural, abbreviations written out; nothing of a number or a code."""
    known = vocabulary().words
    for word in (typed, singular(typed)):
        if word in known:
            return known[word]
    if typed.startswith("911") and (len(typed) == 3 or typed[3:].isalpha()):
        return (typed[:3], *(written_out(typed[3:]) if typed[3:] else ()))
    if any(letter.isdigit() for letter in typed):
        stem = _TRAILING_NUMBER.match(typed)
        return (typed,) if typed == "k9" else written_out(stem[1]) if stem else ()
    return (singular(typed),)


def _joined(words: Sequence[Word]) -> Iterator[Word]:
    """The words of one part, those that stand together for one thing replaced by it."""
    together, at = vocabulary().together, 0
    while at < len(words):
        first = words[at]
        denied = first.text.startswith(DENIED)
        for several, meant in together.get(first.text.lstrip(DENIED), ()):
            run = words[at : at + len(several)]
            if tuple(w.text.lstrip(DENIED) for w in run) == several and denied == run[-1].text.startswith(DENIED):
                typed = " ".join(dict.fromkeys(w.typed for w in run))
                yield from (Word((DENIED if denied else "") + text, typed, first.part, first.mark) for text in meant)
                at += len(several)
                break
        else:
            yield first
            at += 1


def _by_company(word: Word, known: frozenset[str]) -> tuple[Word, ...]:
    """A word, as the others of the type decide what it means."""
    plain = word.text.lstrip(DENIED)
    if plain not in vocabulary().depends:
        return (word,)
    sign = word.text[: len(word.text) - len(plain)]
    meant = next((m for company, m in vocabulary().depends[plain] if not company or known & company), (plain,))
    return tuple(Word(sign + text, word.typed, word.part, word.mark) for text in meant)


def _of_statute(call_type: str) -> Iterator[Word]:
    """The words of a statute's number, where nothing else is written."""
    for before, code, other, after in _STATUTE.findall(call_type.lower()):
        number, book = before or after, code or other
        for text in vocabulary().codes.get("wi" if book == "wic" else book, {}).get(number, "").split():
            for written in written_out(text):
                yield Word(written, f"{number} {book}".upper(), 0, "")
