"""What is said of a row: the words of the conditions that hold for it, in one text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

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
    if not found:
        return ibis.literal("")
    conditions = [condition.fill_null(False) for condition, _ in found]
    parts = [ibis.ifelse(holds, SEPARATOR + words, "") for holds, (_, words) in zip(conditions, found, strict=True)]
    # Of most rows there is nothing to say, and to put nothing together takes an engine as long as to put words.
    return ibis.ifelse(reduce(or_, conditions), ibis.literal("").join(parts), "")
