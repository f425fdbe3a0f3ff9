"""The cards of a town's page, by the names that profiles call them by."""

from __future__ import annotations

from typing import Final

TOWN_CARDS: Final = ("funnel", "trend", "small-counts", "similar", "categories", "sensitive")
"""In the order of a page that says nothing of it: beside the rest of the state, over time, small counts one by one,
towns of its size, kinds, and sensitive kinds."""
