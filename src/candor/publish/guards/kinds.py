"""A category that was there and is not: most often an agency has renamed its call types."""

from __future__ import annotations

from candor.publish.guards.base import FEW, Finding, Guard, Looked
from candor.publish.guards.delivery import Delivery

_LOOKED_BACK = 3
"""Deliveries in each of which a category must have been: what comes in one season alone has not vanished after it."""

_SHOWN = 12


def _vanished(looked: Looked) -> Finding | None:
    now, before = looked.now, looked.before[-_LOOKED_BACK:]
    if not before or not now.sound:
        return None
    present = _by_category(now, looked)
    # By today's crosswalk all of them: what a person maps elsewhere has not vanished.
    shares = [{c: n / d.sound for c, n in _by_category(d, looked).items()} for d in before if d.sound]
    every = sorted({category for share in shares for category in share} - set(present))
    gone = [c for c in every if min(share.get(c, 0.0) for share in shares) * now.sound >= FEW]
    if not gone:
        return None
    found = ", ".join(gone[:_SHOWN]) + (f", {len(gone) - _SHOWN} more" if len(gone) > _SHOWN else "")
    new = sorted((t for t in now.types if t not in looked.category_of), key=lambda t: (-now.types[t], t))
    named = "; the crosswalk does not name " + ", ".join(repr(t) for t in new[:3]) if new else ""
    return Finding(
        found,
        f"no row is of the kind {found}, which had rows for release {before[-1].release}{named}",
        "the kinds that there were: a zero must mean that nobody called",
        f"Where the agency has renamed its call types: candor dataset crosswalk {looked.name}. Else run the export "
        "again with all kinds.",
    )


def _by_category(delivery: Delivery, looked: Looked) -> dict[str, int]:
    found: dict[str, int] = {}
    for call_type, rows in delivery.types.items():  # call types, not rows
        if category := looked.category_of.get(call_type, ""):
            found[category] = found.get(category, 0) + rows
    return found


CATEGORIES = Guard("categories", "a kind of call that there was has no rows", _vanished)
