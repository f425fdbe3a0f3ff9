"""Characters that nobody sees: they turn a line round, hide a word in another, or move the cursor of a terminal.

In text that is published or printed they are taken out, or shown as what they are.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

INVISIBLE: Final = (
    "["
    "\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f"  # control characters, but for tabs and line ends
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u3164\uffa0"  # soft hyphens, joiners and fillers
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # which way a line runs (Unicode annex 9)
    "\u200b-\u200d\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # no width, marks of bytes, annotations
    "\U000e0000-\U000e007f"  # tags
    "]"
)
"""A regular expression that RE2, java.util.regex and Python read alike."""

_FOUND: Final = re.compile(INVISIBLE.replace("[\u0001", "[\u0000", 1))


def stripped(text: str) -> str:
    """The text without what nobody sees."""
    return _FOUND.sub("", text)


def shown(text: str) -> str:
    """The text with each such character as its number: `<U+202E>`."""
    return _FOUND.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def hidden_in(text: str) -> str:
    """The first such character of a text in words, empty where it has none: `U+202E (right-to-left override)`."""
    found = _FOUND.search(text)
    if found is None:
        return ""
    name = unicodedata.name(found[0], "a control character").lower()
    return f"U+{ord(found[0]):04X} ({name})"
