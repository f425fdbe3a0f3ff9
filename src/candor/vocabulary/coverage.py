"""What is known of a figure, as published tables say it (METHODS, Words)."""

from __future__ import annotations

from typing import Final

COVERAGE: Final = (
    "not covered",
    "not yet",
    "not reported",
    "not told",
    "by county only",
    "under 5",
    "partly reported",
    "zero",
    "reported",
)
"""From `under 5` on there is a figure; from `partly reported` on it has a number.

`not told`: it would have told too much of another figure, to somebody (docs/decisions/0009).
"""

NOT_YET, NOT_REPORTED, NOT_TOLD, BY_COUNTY_ONLY, UNDER = (
    COVERAGE.index(word) for word in ("not yet", "not reported", "not told", "by county only", "under 5")
)
