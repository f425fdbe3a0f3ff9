"""The accounting made safe: what may be said in public of the rows that are not published."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

WITHHELD = "sensitive, or not yet classified: counted in the tables, not published as a row"

ALONE = "too few other rows are like it: a person could be found by it"


class OutcomeRows(NamedTuple):
    """How many rows ended with an outcome for a reason."""

    outcome: str
    reason: str
    rows: int


def public_reasons(reasons: Iterable[OutcomeRows]) -> list[OutcomeRows]:
    """The reasons as they may be published: withheld rows under one, or as standing alone, the others as they are.

    A withheld row's reason names its category or its mark, and the number of such rows is the total of a sensitive
    category: published, it would give small counts away, itself or by subtraction. The publisher's own report has the
    reasons in full. Order: outcome and reason as they come, the withheld rows where the first of them was.
    """
    # Rows that stand alone are withheld of data sets that are not counted, and for no sensitive reason.
    merged: dict[tuple[str, str], int] = {}
    for outcome, reason, rows in reasons:
        key = (outcome, WITHHELD if outcome == "withheld" and reason != ALONE else reason)
        merged[key] = merged.get(key, 0) + rows
    return [OutcomeRows(outcome, reason, rows) for (outcome, reason), rows in merged.items()]
