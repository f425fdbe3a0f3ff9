"""More rows than usual that lie in no place: a column of coordinates or of names that is not what it was."""

from __future__ import annotations

from candor.publish.guards.base import Finding, Guard, Looked, jumped, usual

_MORE = 0.05
"""How much larger than usual the share of rows without a place may be."""


def _unplaced(looked: Looked) -> Finding | None:
    now = looked.now
    before = [(d.unplaced, d.sound) for d in looked.before if d.unplaced is not None]
    if not before or now.unplaced is None or not jumped(now.unplaced, now.sound, before, _MORE):
        return None
    return Finding(
        f"{now.unplaced} of {now.sound} rows not placed",
        f"{now.unplaced:,} of {now.sound:,} rows ({now.unplaced / now.sound:.1%}) lie in no place "
        f"({usual(before):.1%} at most before)",
        "about as many as is usual",
        "Look at the columns of the point and of the place's name in the export: are they filled, and are they what "
        "they were?",
    )


PLACES = Guard("places", "more rows than usual lie in no place", _unplaced)
