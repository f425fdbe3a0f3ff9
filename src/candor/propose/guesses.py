"""Abbreviations and slips that no table has: the known word that an unknown one is most likely short for."""

from __future__ import annotations

from collections.abc import Mapping

_SHORTEST = 3
_LONGEST_PREFIX = 7
_LONG = 8
_SLIP = 5
"""From so many letters on, one that is missing, wrong or too many is a slip."""


def guess(word: str, known: Mapping[str, int]) -> str:
    """The word of `known` that `word` stands for; empty where none does. `known` says how common each is.

    Told by the consonants ("prkd", parked), by one slip ("animl", animal), or as a beginning ("resc", rescue).

    >>> words = {"parked": 3, "animal": 9, "rescue": 2, "restaurant": 1}
    >>> [guess(w, words) for w in ("prkd", "animl", "resc", "zebra")]
    ['parked', 'animal', 'rescue', '']
    """
    if len(word) < _SHORTEST or not word.isalpha() or word in known:
        return ""
    bones = _bones(word)
    ranked = [
        (rank, -rows, len(other), other)
        for other, rows in known.items()
        if other[0] == word[0] and len(other) >= len(word) and (rank := _rank(word, bones, other))
    ]
    return min(ranked)[3] if ranked else ""


def _rank(word: str, bones: str, other: str) -> int:
    """How it may be short for the other: 1 and 2 plainly, 3 as its beginning, 0 not."""
    if len(word) >= _SLIP and _one_off(word, other):
        return 1
    if len(bones) >= _SHORTEST and (len(bones) > _SHORTEST or word == bones) and bones == _bones(other):
        return 2
    return (
        3 if _SHORTEST < len(word) <= _LONGEST_PREFIX and len(other) > len(word) + 1 and other.startswith(word) else 0
    )


def _bones(word: str) -> str:
    """A word's first letter and its consonants after it; ck is k, and a doubled letter is one."""
    kept = word[0]
    for letter in word[1:].replace("ck", "k"):
        if letter not in "aeiou" and letter != kept[-1]:
            kept += letter
    return kept


def _one_off(word: str, other: str) -> bool:
    """Whether one letter more or less makes the one the other, or two beside each other exchanged.

    Another letter in its place counts in long words alone: "count" is not "court".
    """
    if abs(len(word) - len(other)) > 1:
        return False
    begin = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    one, two = word[begin:], other[begin:]
    other_letter = one[1:] == two[1:] and len(word) >= _LONG
    return other_letter or one[1:] == two or one == two[1:] or (one[:2] == two[1::-1] and one[2:] == two[2:])
