"""Whether the name of a file names a person."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import pairwise

from candor.portal.words import header_words
from candor.privacy.people.lists import words
from candor.privacy.people.names import full_name, person

_MONTHS = words("months")
_ROLES = words("roles")


def file_names_somebody(name: str, places: Collection[str] = ()) -> bool:
    """Whether two words of a file's name beside each other are a given name and a surname, or a role and a surname.

    `places`: names of places in small letters, which are nobody's.

    >>> file_names_somebody("calls_for_Tamika-Dubois.csv"), file_names_somebody("victim_kowalski.xlsx")
    (True, True)
    >>> file_names_somebody("Milton_Jan_2024.csv"), file_names_somebody("Warren Police calls.csv")
    (False, False)
    """
    stem = re.sub(r"\.[A-Za-z0-9]{1,8}$", "", name)
    parts = [w if w not in _MONTHS and w not in places else "" for w in header_words(stem)]
    return any(_named(one, other) for one, other in pairwise(parts) if one.isalpha() and other.isalpha())


def _named(one: str, other: str) -> bool:
    if one in _ROLES:
        return person(other) == "sure"
    return full_name(f"{one} {other}") or full_name(f"{other} {one}")
