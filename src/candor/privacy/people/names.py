"""Whether a short text is a person's name or a home's address: by lists of names and by the forms that these have.

It is for columns and labels, where a cell is a name and little else. Names inside of sentences are found by the scan.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Literal

from candor.privacy.people.lists import words

Likeness = Literal["sure", "perhaps", "no"]

_RANK = re.compile(
    r"^(?:(?:police )?(?:officer|ofcr|ofc|off|po|ptlm?n?|ptl|patrolman|patrol officer|deputy|dep|trooper|tpr"
    r"|detective|det|sergeant|sgt|corporal|cpl|lieutenant|lt|captain|capt|chief|commander|cmdr|major|maj|sheriff|constable"
    r"|marshal|investigator|inv|agent|dispatcher|disp|recruit|cadet|mr|mrs|ms|miss|dr|judge|d/?s|d/?c|d/?sgt"
    r"|det sgt)\b\.?[ :]*)+",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"^(?:victim|vic|suspect|susp|caller|complainant|compl|defendant|def|juvenile|juv|witness|wit|subject|subj|driver"
    r"|offender|arrestee|deceased|patient|owner|name|re|rp|r/p|reporting party)s?\b\.?(?: name)?[ :#,=-]+(?=\S)",
    re.IGNORECASE,
)
_EXTRA = re.compile(r"#?\s*\b[A-Z]?\d+[A-Z]?\b|[()\[\]]|\b(?:jr|sr|ii|iii|iv)\b\.?", re.IGNORECASE)
_SEVERAL = re.compile(r"\s*(?:;|(?<=[^\W\d_]{3})/| / |\||&|\band\b|\n)\s*", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*\.?")
_STRANGE = re.compile(r"[^\w ,.'\u2019-]|[\d_]")
_TOWARDS = re.compile(r"[NSEW] ", re.IGNORECASE)
_INITIALS = 2
_MOST_WORDS = 4
_LONGEST = 80

_PARTICLES = words("particles")

_STREET = (
    r"(?:street|st|avenue|ave|av|road|rd|lane|ln|drive|dr|court|ct|circle|cir|place|pl|terrace|ter|boulevard|blvd|way"
    r"|parkway|pkwy|highway|hwy|turnpike|tpke|trail|trl|square|sq|alley|aly|loop|crescent|cres|extension|ext|row|path)"
)
_KIND_OF_STREET = re.compile(_STREET)
_ADDRESS = re.compile(
    rf"(?:^|[\s:,(-])\d{{1,6}}[A-Z]?(?:[-/]\d{{1,5}})? (?:[NSEW]\.? |north |south |east |west )?"
    rf"(?:(?!of\b|on\b|in\b|at\b|and\b|or\b)[^\W_][\w'.\u2019-]* ){{1,3}}{_STREET}\b\.?(?! (?:only|closed|traffic))",
    re.IGNORECASE,
)
_ROUTE = re.compile(
    r"^\d{1,6}[A-Z]? (?:us |vt |state |county |old |[nsew]\.? )*(?:route|rte|rt|hwy|highway) \d", re.IGNORECASE
)
_CORNER = re.compile(rf"\b{_STREET}\b\.?\s*(?:/|&|@|\bat\b|\band\b)\s*(?:[\w'.-]+ ){{1,3}}{_STREET}\b", re.IGNORECASE)
_BLOCK = re.compile(r"\b\d{2,6}\s*(?:-\s*)?(?:blk|block)\b(?! (?:party|watch))", re.IGNORECASE)
_PLACES = words("kinds_of_places")
# What stands beside a word that is also a name, in labels that name nobody.
_NO_NAME = words("beside_no_name")


_HARMLESS = ("no_name", "no_person", "no_street", "no_house")


@cache
def surnames() -> frozenset[str]:
    """Surnames in small letters that are no word of English besides."""
    return _read("surnames.txt")


@cache
def given_names() -> frozenset[str]:
    """Given names in small letters that are no word of English besides."""
    return _read("given_names.txt")


@cache
def words_too() -> frozenset[str]:
    """Names in small letters that are words, places or makes too."""
    return _read("words_too.txt")


@cache
def harmless() -> frozenset[str]:
    """Words in small letters that stand in data of police and are no names: those that the scan of texts knows."""
    text = resources.files("candor.privacy.texts").joinpath("scan_words.toml").read_text(encoding="utf-8")
    lists = tomllib.loads(text)["words"]
    return frozenset(word for name in _HARMLESS for word in lists[name].split()) - surnames() - given_names()


def _read(file: str) -> frozenset[str]:
    text = resources.files("candor.privacy.people").joinpath(file).read_text(encoding="utf-8")
    return frozenset(" ".join(line for line in text.splitlines() if not line.startswith("#")).split())


def person(text: str) -> Likeness:
    """Whether a short text is a person's name and nothing else: with a rank, a role or a number beside it at most.

    `perhaps`: only beside others of the kind, such as a word that is a surname too.

    >>> person("Ouellette, Marc J."), person("Sgt. Kowalski #114"), person("Victim: Tamika Dubois")
    ('sure', 'sure', 'sure')
    >>> person("Baker"), person("Simple assault"), person("Davis Road")
    ('perhaps', 'no', 'no')
    """
    tidy = " ".join(text.split())
    if not tidy or len(tidy) > _LONGEST or not _WORD.search(tidy):
        return "no"
    several = [p for p in _SEVERAL.split(tidy) if p]
    found = [_one(p) for p in several]
    if "sure" in found and "no" not in found:
        return "sure"
    return "perhaps" if found and "no" not in found else "no"


def _one(text: str) -> Likeness:
    """Of one name."""
    rest = _ROLE.sub("", text)
    named = rest != text
    bare = _RANK.sub("", rest).strip()
    named = named or (bare != rest and bool(bare))
    bare = _EXTRA.sub(" ", bare).strip(" ,.-:")
    if not bare or _STRANGE.search(bare):
        return "no"
    last, comma, first = bare.partition(",")
    parts = [p.strip(".").lower().replace("\u2019", "'") for p in _WORD.findall(bare)]
    words = [p for p in parts if p not in _PARTICLES]
    words = [p for p in words if len(p) > _INITIALS or p in surnames() or p in given_names()]
    place = bool(parts) and not comma and (parts[-1] in _PLACES or bool(_KIND_OF_STREET.fullmatch(parts[-1])))
    if not words or len(parts) > _MOST_WORDS or set(parts) & _NO_NAME or place:
        return "no"
    if any(w in harmless() and w not in words_too() for w in words) or _TOWARDS.match(bare):
        return "no"
    kinds = [_kind(w) for w in words]
    if comma and first.strip():
        return _last_first(last, first)
    initials = len(words) < len(parts)
    return _in_order(kinds, named=named, initials=initials)


def _in_order(kinds: Sequence[str], *, named: bool, initials: bool) -> Likeness:
    """Of words in the order given name, surname; `named`: a rank or a role stands before them."""
    sure = {"surname", "given", "both"}
    if len(kinds) == 1:
        return "sure" if kinds[0] in sure else "perhaps" if kinds[0] == "word" or named or initials else "no"
    begins, ends = kinds[0] in ("given", "both", "word"), kinds[-1] in ("surname", "both", "word")
    if begins and ends and set(kinds) & sure:
        return "sure"
    if kinds[0] in ("given", "both") or (kinds[-1] in ("surname", "both") and kinds[0] in (*sure, "unknown")):
        return "sure" if set(kinds[1:]) <= {*sure, "unknown"} else "perhaps"
    return "perhaps" if set(kinds) & sure and "unknown" not in kinds else "no"


def _last_first(last: str, first: str) -> Likeness:
    """Of `Last, First M`."""
    front = [name for w in _WORD.findall(last) if (name := w.strip(".").lower()) not in _PARTICLES]
    back = [w.strip(".").lower() for w in _WORD.findall(first)]
    if not front or not back or len(front) > 2 or len(back) > 3:
        return "no"
    head, tail = _kind(front[-1]), _kind(back[0])
    initial = len(back[0]) == 1
    if head in ("surname", "both") and (initial or tail in ("given", "both", "word", "unknown", "surname")):
        return "sure"
    if tail in ("given", "both") and head in ("word", "unknown", "given"):
        return "sure"
    return "perhaps" if head in ("word", "given") and (initial or tail == "word") else "no"


def _kind(word: str) -> str:
    """`given`, `surname`, `both`, `word` (a name too), or `unknown`; of a double name that of any part."""
    kinds = [_kind_of_one(part) for part in (word, *re.split(r"[-']", word)) if len(part) > 1]
    return next((k for k in ("both", "surname", "given", "word") if k in kinds), "unknown")


def _kind_of_one(word: str) -> str:
    given, surname = word in given_names(), word in surnames()
    if given or surname:
        return "both" if given and surname else "given" if given else "surname"
    return "word" if word in words_too() else "unknown"


def full_name(text: str) -> bool:
    """Whether a label is surely a person's name of two words or more, or one behind a rank: alone it names somebody.

    >>> full_name("Smith, John"), full_name("Sgt Kowalski"), full_name("Kowalski"), full_name("Brandon Farm")
    (True, True, False, False)
    """
    tidy = " ".join(text.split())
    if len(tidy) > _LONGEST or person(tidy) != "sure":
        return False
    bare = _RANK.sub("", _ROLE.sub("", tidy)).strip()
    return bare != tidy or len(_WORD.findall(_EXTRA.sub(" ", bare))) > 1


def strange(text: str) -> bool:
    """Whether a label is one or two words that no list knows, neither of names nor of words: perhaps a rare name.

    >>> strange("Zbrozek"), strange("Burglary"), strange("Smith"), strange("T12")
    (True, False, False, False)
    """
    words = [w.strip(".").lower() for w in _WORD.findall(text)]
    known = harmless() | words_too() | surnames() | given_names()
    plain = not re.search(r"[\d_]", text)
    return plain and 0 < len(words) <= _INITIALS and all(len(w) > _INITIALS and w not in known for w in words)


def address(text: str) -> bool:
    """Whether a label is, or holds, a street with its number, a block or a corner of two streets.

    >>> address("214 N Prospect St"), address("Main St / Elm St"), address("2 car crash"), address("Motor vehicle stop")
    (True, True, False, False)
    """
    tidy = " ".join(text.split())
    return any(p.search(tidy) for p in (_ADDRESS, _ROUTE, _CORNER, _BLOCK))
