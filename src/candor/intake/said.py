"""What is said of a row: the words of the conditions that hold for it, in one text."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

SEPARATOR = "; "

Said = tuple[ir.BooleanValue, str]
"""A condition, and the words for it."""


def joined(found: Sequence[Said]) -> ir.StringValue:
    """The words of each condition that holds, parted by "; "; empty where none does."""
    return noted(found).substr(len(SEPARATOR)) if found else ibis.literal("")


def noted(found: Sequence[Said]) -> ir.StringValue:
    """The same, each with the separator before it: such texts are put behind each other."""
    parts = [ibis.ifelse(condition.fill_null(False), SEPARATOR + words, "") for condition, words in found]
    return ibis.literal("").join(parts) if parts else ibis.literal("")
