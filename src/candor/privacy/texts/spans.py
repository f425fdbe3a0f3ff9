"""Where names and addresses stand in a text, as the small model says: of which words it is believed.

It takes a word that it does not know for a name. So it is not believed of a street, an institution or a thing that is
called after somebody, of codes, and of slips of the finger; and where the text itself says that a name follows, it need
not be sure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from candor.privacy.texts.name_model import Word, name_model
from candor.privacy.texts.vocabulary import common_names, harmless_words, listed, things

_SURE, _LIKELY, _KNOWN, _SAID = 0.4, 0.12, 0.03, 0.02
"""How sure the model must be: of any word, behind a word that a name may follow, of a common name, and of a word of
which the text says that it is a name."""
_GIVEN = 0.7
_ALONE, _ALMOST, _CODE, _NEVER = 0.6, 0.9, 0.97, 2.0
_HOUSE, _STREET = 0.5, 0.4

_NO_PROSE = re.compile(
    r"\S*@\S*|(?:https?://|www\.)\S+|\S+\.(?:com|org|net|edu|gov|me|io|ca|us|uk)\b\S*|\S*\d\S*[^\W\d_]\S*",
    re.IGNORECASE,
)
"""Addresses of the net, handles, codes: rules read those."""
_UNDERSCORE = re.compile(
    r"_|[.](?:pdf|docx?|xlsx?|csv|txt|jpe?g|png|gif|tiff?|mp[34]|mov|avi|wav|zip|msg|eml)$", re.IGNORECASE
)
"""What stands for a blank in the name of a file or a field, and what a file's name ends with."""
_HANDLE = re.compile(r"\S*@\S*|(?<!\S)_\S*|\S*_(?!\S)")
_ENDINGS = re.compile(
    r"(?:tions?|ments?|ness|ings?|ised|ized|ated|ical|ology|itis|osis|emia|ectomy|phobia|graphy|ism|ists?|ized?|ance"
    r"|ence|ency|able|ible|eous|ious|less|ship|hood|ward|wards|sion|ysis|tory|ative|ive|ful|ize|ify)$"
)
_ARTICLES = {"a", "an"}
_JOINT, _BEHIND = re.compile(r"[ .'’&-]*"), 3
_ROMAN = re.compile(r"[ivx]+")
_VOWEL = re.compile("[aeiouyà-ÿ]")
_OF_TOWNS = re.compile(
    r"(?:ville|burgh?|boro|borough|bury|field|ford|ham|ington|port|wood|dale|mont|wick|stead|haven|chester|mouth|brook"
    r"|side|polis|shire)$"
)
_UNIT = re.compile(r"[ -]?\d{1,3}(?!\d|[- ]?(?:yo|y/o|yr|year))")
_HOUSE_ALONE = re.compile(
    r"(?:^|, )([1-9]\d{0,4}[A-Ca-c]?),? (?:(?:[NSEW]|North|South|East|West|Old|New)[.]? )?"
    r"([A-Z][^\W\d_]{3,}|[a-z]{5,})$"
)
_STATE = re.compile(
    r"(?:, ?| (?=\S+$))(?:NSW|VIC|QLD|ON|QC|BC|AB|MB|SK|NS|NB|UK|A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]"
    r"|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]"
    r"|W[AIVY])(?![A-Za-z])"
)
_JOINED = re.compile(r"[ .'&-]{1,2}")
_BEFORE = re.compile(
    r"(?:^|[^\w'])(?:by|w|with|for|from|is|to|per|see|ask|attn|of|and)[.:/]* ?$|[:=(/] ?$|[:/,;] - ?$| - $",
    re.IGNORECASE,
)
"""What a name may follow."""
_INITIAL_BEHIND = re.compile(
    r"(?:-[^\W\d_]+)?,? ?(?<![^\W\d_])[A-Za-z](?:[. ]+[A-Za-z])?[.]?(?=$|[ ,;:/)(]*(?:$|[(/,;:]))"
    r"|(?:-[^\W\d_]+)?, [A-Za-z](?:[. ]|$)"
)
_INITIAL_BEFORE = re.compile(
    r"(?:^|[^\w'.])[A-Za-z](?:[.] ?| )(?:[A-Za-z](?:[.] ?| ))?(?:[^\W\d_]+-)?$|(?:^|\W)[OoDd]'$"
)
_TWO_CAPITALS = re.compile(r"(?:La|Le|De|Di|Du|Mc|Mac|Van|Fitz|St)[A-Z][a-z]{2,}")
_TOLD = (
    re.compile(
        r"(?:^|[^\w'])(?:ask for|asked for|in re|estate of|talk(?:ed|ing)? (?:w/|with|to)|spoke (?:w/|with|to)"
        r"|met w/|meet w/|per|see|attn|cc"
        r"|(?:reviewed|approved|submitted|entered|edited|relieved|covered|assigned|typed|taken|supervised"
        r"|written) (?:by|to))"
        r"[.:]? $|^(?:hours|ot|o/t|overtime|comp time|vacation|sick|leave|shift|days|nights|eves|evenings|mids|swings?"
        r"|use of force|complaint|relief|supervisor|unit|assigned|roster|\d{1,2}[A-Z])(?: ?[:=/]| -) $|^ +- $",
        re.IGNORECASE,
    ),
    re.compile(
        r" ?(?:/| -|:) ?(?:days|nights|eves|evenings|mids|midnights|swings?|ot|o/t|overtime|reviewed|approved"
        r"|on leave|sick"
        r"|vacation|off duty|light duty|retired|resigned|fto|hours|shift [a-z\d])$| [A-Z][.]$",
        re.IGNORECASE,
    ),
)
"""Before and behind a word with a capital: then it is a name, though the model knows nothing of it."""
_CORNER = re.compile(
    r"(?:corner|intersection) of |(?:^|\D)\d*00 ?- ?\d*99 |(?:^|\W)(?:block|blk|hundred) (?:of )?\d*", re.IGNORECASE
)
_AGAINST = re.compile(r"(?:^|\W)(?:v|vs)[.]? $", re.IGNORECASE), re.compile(r" (?:v|vs)[.]? ", re.IGNORECASE)


@dataclass(frozen=True)
class Span:
    """Where in a text a name or an address stands."""

    kind: str
    start: int
    end: int


def spans(texts: Sequence[str]) -> list[tuple[Span, ...]]:
    """What the model finds in each text, in order."""
    prose = [_prose(text) for text in texts]
    return [
        (*_names(text, words, harmless_words()), *_addresses(text, words))
        for text, words in zip(prose, name_model().words(prose), strict=True)
    ]


def _prose(text: str) -> str:
    """The text, as long as it was, without what is no prose and without things that are called after persons."""
    for pattern in (_HANDLE, _UNDERSCORE, _NO_PROSE, things()):
        text = pattern.sub(lambda found: " " * len(found[0]), text)
    return text


def _names(text: str, words: Sequence[Word], harmless: Collection[str]) -> Iterator[Span]:
    parts = re.split("[- ]", text.lower())
    if len(parts) > 2 and all(part in listed("radio") or part.isdigit() for part in parts):
        return  # a unit's or a sector's call sign
    alone = sum(w.end - w.start > 1 and text[w.start].isalpha() for w in words) == 1
    sure = [_is_name(text, words, i, harmless, alone=alone) for i in range(len(words))]
    i = 0
    while i < len(words):
        if not sure[i]:
            i += 1
            continue
        last = i
        while last + 1 < len(words) and (sure[last + 1] or words[last + 1].name >= _SURE):
            last += 1
        yield Span("name", words[i].start, words[last].end)
        i = last + 1


def _is_name(text: str, words: Sequence[Word], i: int, harmless: Collection[str], *, alone: bool) -> bool:
    word = words[i]
    written = text[word.start : word.end]
    letters = written.lower()
    if not letters.isalpha() or len(letters) < 2 or _ROMAN.fullmatch(letters):
        return False
    if letters in harmless:
        return not alone and _is_name_here(text, words, i)
    if _told(text, word) and not _called_so(text, words, i) and not _ENDINGS.search(letters):
        return True
    common, said = letters in common_names(), _said_to_be_one(text, words, i)
    if common:
        least = 0.0 if said else _KNOWN
    elif said and len(letters) > 3:
        least = _SAID
    else:
        least = _least(text, words, i, alone=alone)
    return word.name >= least and not _called_so(text, words, i)


def _told(text: str, word: Word) -> bool:
    """Whether a word with a capital stands where only a name stands."""
    before, behind = text[: word.start], text[word.end :]
    if word.end - word.start < 3 or not (text[word.start].isupper() and text[word.start + 1 : word.end].islower()):
        return False
    return bool(_TOLD[0].search(before) or (not before and _TOLD[1].match(behind)))


def _is_name_here(text: str, words: Sequence[Word], i: int) -> bool:
    """Whether a given name that is a word or a place besides is one in what is told."""
    word = words[i]
    written = text[word.start : word.end]
    return (
        word.name >= _GIVEN
        and written.istitle()
        and written.lower() in listed("given_word") | listed("given") | listed("given_place")
        and sum(text[w.start : w.end].islower() and w.end - w.start > 1 for w in words) > 1
        and not _called_so(text, words, i)
    )


def _least(text: str, words: Sequence[Word], i: int, *, alone: bool) -> float:
    """How sure the model must be of a word that is no common name and that the text does not say to be a name."""
    word = words[i]
    written = text[word.start : word.end]
    letters = written.lower()
    short = len(letters)
    lonely = short < 3 and not any(0 <= j < len(words) and words[j].name >= _SURE for j in (i - 1, i + 1))
    of_town = alone and (short < 4 or _OF_TOWNS.search(letters))
    if not _VOWEL.search(letters) or lonely or of_town or (short > 5 and _slip(letters)):
        return _NEVER
    capitals = written.isupper()
    if capitals and (alone or not text.isupper()) and short < 6:
        return _NEVER if alone or short < 5 else _ALMOST
    if alone:
        return _CODE if capitals else _ALONE
    mixed = written.islower() and any(w.end - w.start > 2 and text[w.start].isupper() for w in words)
    if mixed or _slip(letters) or (short > 6 and _ENDINGS.search(letters)):
        return _ALMOST
    return _LIKELY if _BEFORE.search(text[: word.start]) else _SURE


@cache
def _slip(letters: str) -> bool:
    """Whether a word is a harmless one with a slip of the finger: a letter too many, too few or two exchanged."""
    harmless = harmless_words()
    cuts = [(letters[:n], letters[n:]) for n in range(len(letters) + 1)]
    near = [a + b[1:] for a, b in cuts if b] + [a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1]
    near += [a + c + b for a, b in cuts for c in "abcdefghijklmnopqrstuvwxyz"]
    return any(word in harmless for word in near)


def _said_to_be_one(text: str, words: Sequence[Word], i: int) -> bool:
    """Whether a word stands where a name stands: by a title or a role, an initial, a family's house, "versus"."""
    before, behind = text[: words[i].start], text[words[i].end :]
    j = i - 1
    while j >= 0 and text[words[j].start : words[j].end] in ".:=-(/#":
        j -= 1
    if j >= 0 and text[words[j].start : words[j].end].lower() in listed("title"):
        return True
    after = behind[1:].partition(" ")[0].rstrip(".,;'").lower() if behind[:1] == " " else ""
    return bool(
        after in listed("family")
        or _INITIAL_BEHIND.match(behind)
        or _TWO_CAPITALS.fullmatch(text[words[i].start : words[i].end])
        or _INITIAL_BEFORE.search(before)
        or _AGAINST[0].search(before)
        or _AGAINST[1].match(behind)
    )


def _called_so(text: str, words: Sequence[Word], i: int) -> bool:
    """Whether it is a street, a place, an institution or a thing that is called so."""
    before = [text[word.start : word.end].lower() for word in words[max(0, i - 2) : i]]
    before = [b for b in before[:1] if b not in _ARTICLES] if before[1:] == ["."] else before[-1:]
    letters, after = text[words[i].start : words[i].end].lower(), text[words[i].end :]
    return (
        (before != [] and (before[0] in listed("before_place") or before[0] in _ARTICLES))
        or bool(_STATE.match(after))
        or letters + after[:2].lower() in listed("business")
        or bool(_CORNER.search(text[: words[i].start]))
        or _of_vehicle(text, words, i)
        or _of_state(text)
        or (letters in listed("radio") and bool(_UNIT.match(after)))
        or _institution_behind(text, words, i)
    )


def _of_vehicle(text: str, words: Sequence[Word], i: int) -> bool:
    """Whether a text of few words names a vehicle: its make stands before the word."""
    return len(words) < 5 and any(text[w.start : w.end].lower() in listed("makers") for w in words[:i])


def _of_state(text: str) -> bool:
    """Whether the other side of a case is a state by its name: such cases are law, and known by the name."""
    sides = re.split(r" (?:v|vs)[.]? ", text.lower())
    return len(sides) > 1 and any(side.strip() in listed("state_name") for side in sides)


def _institution_behind(text: str, words: Sequence[Word], i: int) -> bool:
    """Whether a kind of place stands within three words, with none between that ends a name."""
    behind, end = 0, words[i].end
    for word in words[i + 1 : i + 8]:
        letters = text[word.start : word.end].lower()
        if not letters.isalpha():
            if letters not in ".'&-":
                return False
            end = word.end
            continue
        if text[word.start : word.end].islower() and letters.endswith("ed"):
            return False
        if not _JOINT.fullmatch(text[end : word.start]) or letters in listed("between_words") or behind == _BEHIND:
            return False
        if letters == "house" and text[word.start : word.start + 2] == "Ho":
            return True
        if any(letters in listed(name) for name in ("institution", "street_kind", "make")):
            return True
        behind, end = behind + (len(letters) > 1), word.end
    return False


def _addresses(text: str, words: Sequence[Word]) -> Iterator[Span]:
    short = _HOUSE_ALONE.search(text)
    if short and words and short[2].lower() not in harmless_words() and _number_at(words, short.start(1)) >= _SAID:
        yield Span("address", short.start(1), short.end(2))
    for at, word in enumerate(words[:-1]):
        behind = words[at + 1]
        if (
            word.number >= _HOUSE
            and text[word.start : word.end].isdigit()
            and behind.street >= _STREET
            and text[behind.start : behind.end].isalpha()
            and text[behind.start : behind.end].lower() not in listed("short")
            and _JOINED.fullmatch(text[word.end : behind.start])
            and not _CORNER.search(text[: word.start] + text[word.start : word.end])
            and behind.end - behind.start > 1
        ):
            yield Span("address", word.start, behind.end)


def _number_at(words: Sequence[Word], start: int) -> float:
    return next((w.number for w in words if w.start == start), 0.0)
