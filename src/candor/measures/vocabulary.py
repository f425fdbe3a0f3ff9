"""What is known of a figure, as published tables say it (METHODS, Words)."""

from __future__ import annotations

from typing import Final

COVERAGE: Final = (
    "not covered",
    "not yet",
    "not reported",
    "by county only",
    "under 5",
    "partly reported",
    "zero",
    "reported",
)
"""From `under 5` on there is a figure; from `partly reported` on it has a number."""

NOT_YET, NOT_REPORTED, BY_COUNTY_ONLY, UNDER = (
    COVERAGE.index(word) for word in ("not yet", "not reported", "by county only", "under 5")
)
