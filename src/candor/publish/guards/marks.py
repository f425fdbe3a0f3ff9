"""Far fewer or far more rows that the agency marks than before: a column of marks that is not what it was."""

from __future__ import annotations

from candor.publish.guards.base import Finding, Guard, Looked, fell, jumped, usual

_LEFT, _MORE = 0.25, 0.1
"""The share of the usual marks that must be there still, and how much larger their share of the rows may be."""


def _marks(looked: Looked) -> Finding | None:
    now = looked.now
    before = [(d.marked, d.sound) for d in looked.before if d.marked is not None and d.sound]
    if not before or now.marked is None:
        return None
    least = min(marked / sound for marked, sound in before)
    fewer = fell(now.marked, least * now.sound, _LEFT)
    if not fewer and not jumped(now.marked, now.sound, before, _MORE):
        return None
    then = f"{least:.1%} at least before" if fewer else f"{usual(before):.1%} at most before"
    why = (
        "rows that were withheld would be published"
        if fewer
        else "kinds that are marked so often would be told in counts only, for good"
    )
    return Finding(
        f"{now.marked} of {now.sound} rows marked",
        f"{now.marked:,} of {now.sound:,} rows ({now.marked / now.sound:.1%}) are marked as sensitive by their agency "
        f"({then}): {why}",
        "about as many as is usual",
        f"Look at the columns of [flags] in datasets/{looked.name}.toml, and of the schema's marks: are they filled, "
        "and do their cells say what they said?",
    )


MARKS = Guard("marks", "far fewer or far more rows than usual are marked as sensitive by their agency", _marks)
