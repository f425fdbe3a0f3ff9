"""Names of offices: many are called after somebody (`St. Louis Metropolitan Police Department`), and are nobody's."""

from __future__ import annotations

import re
from typing import Final

OFFICE: Final = (
    "(?:^|[^A-Za-z])(?i:police|polizia|policia|sheriff(?:'?s)?|constable(?:'?s)?|marshal(?:'?s)?|troopers?|patrol|rangers?"
    "|department|dept|dpt|pd|so|office|bureau|agency|division|district|precinct|barracks|command|commission|authority"
    "|public safety|law enforcement|dispatch|communications?|ecc|psap|center|centre|services?|fire|ems|rescue|ambulance"
    "|county|city|town|township|village|borough|parish|state|university|college|school|airport|transit|campus)[.]?"
    "(?:$|[^A-Za-z])"
)
"""A word of which the name of an office has one; RE2, java.util.regex and Python read it alike."""

_OFFICE: Final = re.compile(OFFICE)


def is_office(name: str) -> bool:
    """Whether a name says that it is an office's."""
    return _OFFICE.search(name) is not None
