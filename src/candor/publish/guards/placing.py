"""More rows than usual that nothing of their own places: a column of points or of names that is not what it was."""

from __future__ import annotations

from candor.publish.guards.base import Finding, Guard, Looked, jumped, usual

_MORE = 0.05
"""How much larger than usual the share of rows without a place may be."""


def _unplaced(looked: Looked) -> Finding | None:
    now = looked.now
    before = [(d.unplaced + d.by_agency, d.sound) for d in looked.before if d.unplaced is not None]
    if not before or now.unplaced is None:
        return None
    # A row that is placed by its agency alone had a point or a name that said so, or has one that says nothing now.
    rows = now.unplaced + now.by_agency
    if not jumped(rows, now.sound, before, _MORE):
        return None
    return Finding(
        f"{rows} of {now.sound} rows not placed by themselves",
        f"{rows:,} of {now.sound:,} rows ({rows / now.sound:.1%}) have neither a point nor a name in any place "
        f"({usual(before):.1%} at most before), and lie nowhere or where their agency does",
        "about as many as is usual",
        "Look at the columns of the point and of the place's name in the export: are they filled, and are they what "
        "they were?",
    )


PLACES = Guard("places", "more rows than usual have neither a point nor a name in any place", _unplaced)
