"""What the places of a portal are called, and the whole of them: towns of a state, neighborhoods of a city."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Nouns:
    """`place` and `places`: one and several of them. `whole`: all together, as in "in the city".

    `group` and `groups`: what the places lie in, such as counties; empty where they lie in nothing but the whole.
    """

    place: str = "town"
    places: str = "towns"
    whole: str = "the state"
    group: str = "county"
    groups: str = "counties"


TOWNS: Final = Nouns()
"""The words in which everything is written; those of other portals take their place."""

KINDS: Final = (
    (r"neighbourhoods?", "neighbourhood"),
    (r"neigh\w*|n?hoods?|nbhd\w*|nbrhd\w*", "neighborhood"),
    (r"beats?\w{0,3}", "beat"),
    (r"precincts?|prec|pct", "precinct"),
    (r"wards?|wd\d*\w*", "ward"),
    (r"(reporting|patrol)areas?", "reporting area"),
    (r"communit(y|ies)(areas?)?|commareas?", "community area"),
    (r"boroughs?|boro\w*", "borough"),
    (r"(census)?tracts?\w*", "census tract"),
    (r"zones?", "zone"),
    (r"sectors?", "sector"),
    (r"divisions?", "division"),
    (r"suburbs?", "suburb"),
    (r"districts?|dist\w*", "district"),
)
"""What the words of a file's or a column's name say that its areas are, the surer kinds first."""


def kind_in(text: str) -> str:
    """The kind of place that a name speaks of: `Police_Beats_2023` is about beats. Empty where it tells none.

    >>> kind_in("Police_Beats_2023"), kind_in("WD22CD"), kind_in("OBJECTID")
    ('beat', 'ward', '')
    """
    parted = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    words = [w for w in re.split(r"[^A-Za-z0-9]+", parted.lower()) if w]
    said = [*words, "".join(words), *(a + b for a, b in itertools.pairwise(words))]
    return next((kind for pattern, kind in KINDS if any(re.fullmatch(pattern, w) for w in said)), "")


def plural(noun: str) -> str:
    """The plural of an English noun.

    >>> plural("beat"), plural("community"), plural("parish"), plural("census tract")
    ('beats', 'communities', 'parishes', 'census tracts')
    """
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search(r"(s|x|z|ch|sh)$", noun) else "s")
