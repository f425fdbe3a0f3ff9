"""What agencies mark of each open kind, and what becomes of it: a table for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from candor.cli.report import say, say_table

if TYPE_CHECKING:
    from candor.ledger.shares import KindMarks


def marks_json(found: Sequence[KindMarks]) -> dict[str, list[dict[str, Any]]]:
    """By data set, its open kinds with their marked rows."""
    return {
        name: [{**asdict(line), "own_share": line.own_share} for line in found if line.dataset == name]
        for name in dict.fromkeys(line.dataset for line in found)
    }


def say_marks(found: Sequence[KindMarks]) -> None:
    """The same for people: the share of marked rows in every open kind, data set by data set."""
    for name in dict.fromkeys(line.dataset for line in found):
        own = [line for line in found if line.dataset == name]
        say("")
        say_table(
            f"{name}: rows that the agency marks, in each open kind",
            ["kind", "rows", "marked", "share", "is told"],
            [[x.label, f"{x.rows:,}", f"{x.marked:,}", f"{x.own_share:.1%}", _told(x)] for x in own],
            right={1, 2, 3},
        )
        say(
            "Marked rows are withheld. A kind of which more than 20 % is marked is told in counts only, from now on "
            "and for good; one of under 40 rows as its group says (docs/flags.md)."
        )


def _told(line: KindMarks) -> str:
    whose = f" (under 40 rows; {line.share:.1%} of its group)" if line.by == "group" else ""
    if line.closed is None:
        return f"row by row{whose}"
    return f"in counts only, since {line.closed:%Y-%m-%d}{whose}"
