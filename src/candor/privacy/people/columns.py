"""Whether a column tells of persons: by the words of its header first, then by its values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from candor.portal.words import header_words
from candor.privacy.people.headers import Fact, by_header, fact
from candor.privacy.people.lists import words
from candor.privacy.people.names import address, full_name
from candor.privacy.people.values import Values, are_harmless, by_values, holds_names

_PLACE = words("headers_of_places")
_MEASURE = words("headers_of_measures")
_PEOPLE_COUNTED = words("people_counted")
_BY_NAMES = ("staff", "unit", "party")
_MANY_PEOPLE = 60


@dataclass(frozen=True)
class PersonFact:
    """What a column tells of persons, and by what that is known."""

    fact: Fact
    by: Literal["header", "values"]

    @property
    def words(self) -> str:
        """One clause."""
        by = "its name says so" if self.by == "header" else "its values look so"
        return f"it seems to hold {self.fact.says}: {by}"


def tells_of_persons(headers: Sequence[str], values: Values | None, places: Collection[str] = ()) -> PersonFact | None:
    """What a column tells of persons; None where it seems to tell nothing.

    `headers`: its name, its label, the names of the columns that it is read from. `values`: None where they are not
    known. `places`: names of places in small letters, which are nobody's.
    """
    words = [header_words(header) for header in headers]
    for some in words:
        told = by_header(some)
        if told and (known := _told(told, some, values)):
            return known
    if values is None:
        return None
    every = frozenset(word for some in words for word in some)
    name = by_values(values, place=bool(every & _PLACE) or _are_places(values, places), measure=bool(every & _MEASURE))
    return PersonFact(fact(name), "values") if name else None


def some_name_persons(headers: Sequence[str], values: Values, places: Collection[str] = ()) -> int:
    """How many of the different values are a person's full name or an address, in a column of other things.

    Under a header of places, and of the places themselves, addresses alone are looked for: places are named after
    persons.
    """
    every = {word for header in headers for word in header_words(header)}
    named = not every & _PLACE
    labels = [label for label, _ in values.labels if label.strip().lower() not in places]
    return sum(address(label) or (named and full_name(label)) for label in labels)


def _told(told: Fact, words: Sequence[str], values: Values | None) -> PersonFact | None:
    """What a header tells, unless the values say that it is nothing of the kind."""
    if values is None or told.name not in _BY_NAMES:
        return PersonFact(told, "header")
    labels = [label for label, _ in values.labels]
    if holds_names(labels):
        return PersonFact(fact("staff" if told.name == "unit" else told.name), "values")
    counted = set(words) & _PEOPLE_COUNTED and all(n.isdigit() and int(n) <= _MANY_PEOPLE for n in labels)
    worded = told.name == "unit" and not any(c.isdigit() for label in labels for c in label)
    return (
        None
        if (counted and labels) or (worded and labels and are_harmless(values)) or are_harmless(values)
        else PersonFact(told, "header")
    )


def _are_places(values: Values, places: Collection[str]) -> bool:
    known = sum(label.strip().lower() in places for label, _ in values.labels)
    return known * 2 > len(values.labels)
