"""What a column tells of a person by its values, whatever its header says."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from candor.privacy.people.lists import words
from candor.privacy.people.names import address, harmless, person, strange

Labels = Sequence[tuple[str, int]]
"""Different values with their rows, most common first; of very many the first."""

_LOOKED_AT = 500
_MOST = 0.7
_SOME = 0.3
_FEW_SHAPES, _LEAST_VALUES, _LEAST_LETTERS = 6, 12, 5

_SEX = words("sex") | {
    "not specified",
    "not reported",
    "trans male",
    "trans female",
    "non binary",
    "prefer not to say",
    "gender nonconforming",
}
_RACE = words("race")
_RACES = words("races")
_RACE_TOO = words("beside_race")
_SECTIONS = words("sections")
_RACE_SEX = re.compile(r"[WBAHIUOPL][ /-]?[MFUX](?:[ /-]{1,3}\d{1,3})?", re.IGNORECASE)
_AGE_BAND = re.compile(
    r"(?:(?:under|over|below|above|less than|more than|<=?|>=?) ?\d{1,3}|\d{1,3} ?(?:-|to|\u2013) ?\d{1,3}"
    r"|\d{1,3} ?(?:\+|and (?:over|up|older|above|under|younger)|or (?:older|over|more|younger|under))"
    r"|\d{1,3} ?(?:yo|y/o|yoa|yrs? old|years? old|years of age)"
    r"|adults?|juveniles?|minors?|seniors?|youths?|child(?:ren)?|teens?|unknown)(?: years| yrs)?",
    re.IGNORECASE,
)
_AGE_MARK = re.compile(r"\b1[78]\b|\b6[45]\b|adult|juvenile|minor|y/?o\b|year", re.IGNORECASE)
_HEIGHT = re.compile(
    r"\d ?(?:'|\u2019|\u2032|ft\.?|feet) ?-?\d{0,2} ?(?:\"|''|\u201d|\u2033|in\.?|inch(?:es)?)?", re.IGNORECASE
)
_WEIGHT = re.compile(r"\d{2,3} ?(?:lbs?\.?|pounds|kg|kilos)", re.IGNORECASE)
_PHONE = re.compile(r"(?:\+?1[ .-]?)?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?: ?x\d+)?|\(?\d{3}\) ?\d{3}-?\d{4}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_SSN = re.compile(r"(?:\d{3}|[Xx*]{3})-(?:\d{2}|[Xx*]{2})-\d{4}")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)? ?(?:[AaPp]\.?[Mm]\.?)?")
_HANDLE = re.compile(r"@[A-Za-z0-9_.]{3,}")
_LOGIN = re.compile(r"[a-z]{1,2}\.?[a-z]{3,}\d{0,2}")
_YES_NO = words("answers")
_YOUNG = re.compile(r"^(?:juv|juveniles?|child(?:ren)?|teens?|teenagers?|youths?|infants?|kids?)\b")
_GROWN = 18
_AGES = (25, 60, 110, 18.0, 55.0)


@dataclass(frozen=True)
class Values:
    """The values of a column: the different ones with their rows, how many rows have one, how many differ."""

    labels: Labels
    rows: int
    distinct: int


def by_values(values: Values, *, place: bool = False, measure: bool = False) -> str:
    """The name of the fact (`facts.toml`) that the values tell, or `""`.

    `place`: the header, or the portal's places, say that they are names of places. `measure`: the header says that
    they measure or count something.
    """
    labels = [label for label, _ in values.labels[:_LOOKED_AT]]
    if not labels:
        return ""
    for name, tells in _FORMS:
        if tells(labels):
            return name
    if not place and (holds_names(labels) or _logins(labels)):
        return "name"
    if not measure and _ages(values):
        return "age"
    return "record" if _numbers_of_records(values, labels) else ""


def holds_names(labels: Sequence[str]) -> bool:
    """Whether most of the labels are names of persons, some of them surely."""
    worded = [label for label in labels if re.search(r"[^\W\d_]{2}", label) and label.lower() not in _YES_NO]
    if not worded:
        return False
    kinds = [person(label) for label in worded]
    sure = kinds.count("sure")
    likely = sum(kind != "no" or strange(label) for kind, label in zip(kinds, worded, strict=True))
    return sure >= max(1 if len(worded) == 1 else 2, _SOME * len(worded)) and likely >= _MOST * len(worded)


def are_harmless(values: Values) -> bool:
    """Whether a column holds a few labels of plain words that name nobody, such as yes and no."""
    labels = [label.lower() for label, _ in values.labels]
    return 0 < values.distinct <= _FEW_LABELS and all(map(_plain, labels))


_FEW_LABELS = 20


def _plain(label: str) -> bool:
    words = re.findall(r"[^\W_]+", label)
    return label in _YES_NO or (bool(words) and all(w in harmless() or w in _YES_NO or w in _SECTIONS for w in words))


def _logins(labels: Sequence[str]) -> bool:
    """Names as people log in: `jsmith`, `j.ouellette2`."""
    if len(labels) < 3 or not all(_LOGIN.fullmatch(label) for label in labels):
        return False
    bare = [label.rstrip("0123456789").replace(".", "") for label in labels]
    told = [person(word[1:]) == "sure" or person(word[2:]) == "sure" for word in bare]
    unknown = [word not in harmless() for word in bare]
    return sum(told) >= _SOME * len(labels) and sum(unknown) >= _MOST * len(labels)


def _all(pattern: re.Pattern[str], least: float = _MOST) -> Callable[[Sequence[str]], bool]:
    def tells(labels: Sequence[str]) -> bool:
        return sum(bool(pattern.fullmatch(label.strip())) for label in labels) >= least * len(labels)

    return tells


def _sex(labels: Sequence[str]) -> bool:
    said = {label.strip().lower() for label in labels}
    return said <= _SEX and ({"m", "f"} <= said or bool(said & {"male", "female", "woman", "man", "boy", "girl"}))


def _race(labels: Sequence[str]) -> bool:
    said = [set(re.findall(r"[a-z/]+", label.lower().replace("/", " "))) for label in labels]
    every = set().union(*said)
    if every <= _RACE and all(len(word) == 1 for word in every):
        return {"w", "b"} <= every and len(every) > 2
    known = every <= _RACE | _RACE_TOO
    return known and len(every & _RACES) > 1 and all(s & (_RACE | _RACE_TOO) for s in said)


def _age_bands(labels: Sequence[str]) -> bool:
    bands = [label for label in labels if _AGE_BAND.fullmatch(label.strip())]
    return len(bands) >= _MOST * len(labels) and any(_AGE_MARK.search(band) for band in bands)


def _addresses(labels: Sequence[str]) -> bool:
    return sum(map(address, labels)) >= _SOME * len(labels)


_FORMS: tuple[tuple[str, Callable[[Sequence[str]], bool]], ...] = (
    ("sex", _sex), ("race", _race), ("race", _all(_RACE_SEX)), ("age", _age_bands), ("physique", _all(_HEIGHT)),
    ("physique", _all(_WEIGHT)), ("contact", _all(_PHONE, _SOME)), ("contact", _all(_EMAIL, _SOME)),
    ("contact", _all(_SSN, _SOME)), ("contact", _all(_HANDLE)), ("clock", _all(_CLOCK)), ("home", _addresses),
)  # fmt: skip


def _ages(values: Values) -> bool:
    """Whether whole numbers lie as ages do: many different ones, about half of them those of grown-ups."""
    least, low_top, top, low_mean, high_mean = _AGES
    numbers = [(int(label), rows) for label, rows in values.labels if label.isdigit()]
    if len(numbers) < least or len(numbers) < 0.95 * len(values.labels):
        return False
    rows = sum(n for _, n in numbers) or 1
    mean = sum(number * n for number, n in numbers) / rows
    middle = sum(n for number, n in numbers if 14 <= number <= 75) / rows
    highest = max(number for number, _ in numbers)
    return low_top <= highest <= top and low_mean <= mean <= high_mean and middle >= _MOST


def _numbers_of_records(values: Values, labels: Sequence[str]) -> bool:
    """Whether values are numbers of records, plates or the like: of few shapes, with digits, most of them different."""
    if values.rows < _LEAST_VALUES or values.distinct < 0.5 * values.rows:
        return False
    shapes: dict[str, int] = {}
    for label in labels:
        shape = re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "9", label))
        shapes[shape] = shapes.get(shape, 0) + 1
    commonest = sorted(shapes.values(), reverse=True)[:_FEW_SHAPES]
    coded = [label for label in labels if _is_code(label)]
    return sum(commonest) >= _MOST * len(labels) and len(coded) >= _MOST * len(labels)


def _is_code(label: str) -> bool:
    digits = sum(c.isdigit() for c in label)
    return (
        digits >= 3
        and len(label) >= _LEAST_LETTERS
        and " " not in label.strip()
        and not re.fullmatch(r"-?\d*\.\d+", label)
    )


def young(labels: Labels, *, numbers: bool) -> int:
    """How many rows say that they are about somebody under 18: by an age group, by the word, by `numbers` of ages."""
    return sum(rows for label, rows in labels if _is_young(label.strip().lower(), numbers=numbers))


def _is_young(label: str, *, numbers: bool) -> bool:
    if label.isdigit():
        return numbers and int(label) < _GROWN
    if _YOUNG.search(label) or (numbers and re.search(r"\bminors?\b", label)):
        return True
    ages = [int(n) for n in re.findall(r"\d{1,3}", label)]
    banded = bool(_AGE_BAND.fullmatch(label)) and bool(_AGE_MARK.search(label) or numbers)
    least = 0 if re.match(r"under|below|<|less", label) else min(ages, default=_GROWN)
    return banded and least < _GROWN and not re.search(r"over|above|older|>|\+|up", label)
