"""Which forms of dates can read some texts at all: those with the same marks, such as `//::` of 01/31/2025 10:15:00.

To plan a query with all forms takes longer than to read ten thousand values with the few that are possible.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

_DIRECTIVE = re.compile(r"%.")
_OFFSETS = ("%z", "%Z")
"""What these read has marks of its own, or none."""


def possible(formats: Iterable[str], texts: Collection[str]) -> list[str]:
    """The strptime formats that may read one of the texts, in their order.

    >>> possible(["%m/%d/%Y", "%d.%m.%Y", "%b %d, %Y %H:%M"], ["31.1.2025", "Jan 31, 2025 10:15"])
    ['%d.%m.%Y', '%b %d, %Y %H:%M']
    """
    there = {_marks(text) for text in texts}
    return [f for f in formats if any(o in f for o in _OFFSETS) or _marks(_DIRECTIVE.sub("", f)) in there]


def _marks(text: str) -> str:
    return "".join(c for c in text if not c.isalnum() and not c.isspace())
