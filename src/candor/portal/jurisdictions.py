"""Whose portal it is, as far as its title says: the states and territories, their FIPS codes and main time zones."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Jurisdiction:
    """A state or territory. `time_zone` is the IANA zone in which most of its people live."""

    name: str
    usps: str
    fips: str
    time_zone: str


@cache
def jurisdictions() -> tuple[Jurisdiction, ...]:
    """The states and territories of the United States (ANSI INCITS 38)."""
    text = resources.files("candor.portal").joinpath("states.csv").read_text(encoding="utf-8")
    return tuple(Jurisdiction(**row) for row in csv.DictReader(text.splitlines()))


@cache
def by_fips() -> Mapping[str, Jurisdiction]:
    """The same by their FIPS code, with which the GEOIDs of their places begin."""
    return {state.fips: state for state in jurisdictions()}


def jurisdiction_of(title: str) -> Jurisdiction | None:
    """The one state that a title names, in full or as `, VT`; None where it names none, or several.

    >>> jurisdiction_of("West Virginia police calls").usps
    'WV'
    """
    rest, found = title, []
    # Longer names first: West Virginia is not Virginia.
    for state in sorted(jurisdictions(), key=lambda s: -len(s.name)):
        pattern = rf"\b{re.escape(state.name)}\b"
        if re.search(pattern, rest, flags=re.IGNORECASE):
            rest = re.sub(pattern, " ", rest, flags=re.IGNORECASE)
            found.append(state)
    if not found:
        # Abbreviations in capitals behind a comma only: "in", "or" and "me" are words too.
        found = [s for s in jurisdictions() if re.search(rf",\s*{s.usps}\b", title)]
    return found[0] if len(found) == 1 else None
