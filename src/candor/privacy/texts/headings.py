"""What the scan finds in a column's heading, and what of it tells something there."""

from __future__ import annotations

from typing import Final

from candor.privacy.texts.hits import Hit

_OF_KNOWN_NAMES: Final = frozenset(
    {
        "role-known-name",
        "given-name",
        "given-and-surname",
        "given-word-surname",
        "surname-first",
        "surname-first-lower",
        "surname-word-first",
        "last-initial",
        "name-birth",
    }
)
"""Rules that go by names, and not by where a word stands."""


def tells_in_heading(hit: Hit) -> bool:
    """Whether a hit in the heading of a column is one: behind a role stands there what is said of it (`Victim Seq`,
    `Offcr Yrs`), so a name counts only where the words themselves are names.
    """
    return hit.kind != "name" or hit.rule in _OF_KNOWN_NAMES
