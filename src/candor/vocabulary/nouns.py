"""What the places of a portal are called, and the whole of them: towns of a state, neighborhoods of a city."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
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
"""The words in which everything is written; those of other portals take their place (`wording`)."""

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


_CUT: Final = 10
_STEM: Final = 3


def kind_in(text: str) -> str:
    """The kind of place that a name speaks of: `Police_Beats_2023` is about beats. Empty where it tells none.

    >>> kind_in("Police_Beats_2023"), kind_in("WD22CD"), kind_in("PATROL_BEA"), kind_in("OBJECTID")
    ('beat', 'ward', 'beat', '')
    """
    parted = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    words = [w for w in re.split(r"[^A-Za-z0-9]+", parted.lower()) if w]
    said = [*words, "".join(words), *(a + b for a, b in itertools.pairwise(words))]
    found = next((kind for pattern, kind in KINDS if any(re.fullmatch(pattern, w) for w in said)), "")
    if found or len(text) != _CUT or not words or len(words[-1]) < _STEM:
        return found
    # A shapefile cuts the names of its columns.
    return next((kind for _, kind in KINDS if kind.startswith(words[-1])), "")


def bare(whole: str) -> str:
    """The whole of the places without its article: the city is a city, London is London."""
    return whole.removeprefix("the ")


def plural(noun: str) -> str:
    """The plural of an English noun.

    >>> plural("beat"), plural("community"), plural("parish"), plural("census tract")
    ('beats', 'communities', 'parishes', 'census tracts')
    """
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search(r"(s|x|z|ch|sh)$", noun) else "s")


def is_parts(noun: str, codes: Iterable[str]) -> bool:
    """Whether places are parts of one, such as a city's beats: they are called so, or have no codes of towns."""
    return bool(noun) or not all(re.fullmatch(r"[0-9]{5}|[0-9]{7}|[0-9]{10}", code) for code in codes)


def nouns_of(declared: Nouns, pack: tuple[str, str] | None, *, grouped: bool) -> Nouns:
    """The nouns of a portal: what it declares (empty: nothing), else what its places are called, else towns.

    `pack`: one and several of the places where they are parts of one place, such as a city's beats. `grouped`: whether
    they lie in something, such as counties.
    """
    place = declared.place or (pack[0] if pack else TOWNS.place)
    places = declared.places or (plural(place) if declared.place else pack[1] if pack else TOWNS.places)
    towns = pack is None and not declared.place
    group = declared.group or TOWNS.group
    groups = declared.groups or (plural(group) if declared.group else TOWNS.groups)
    whole = declared.whole or (TOWNS.whole if towns else "the city")
    return Nouns(place, places, whole, *((group, groups) if grouped or towns else ("", "")))
