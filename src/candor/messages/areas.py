"""Towns that were split: whose figures stand for what. (A change across the split: `change.py`.)"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from candor.messages.words import month_name
from candor.store.model import PlaceChange


def area_sentences(changes: Sequence[PlaceChange], geoid: str) -> tuple[str, ...]:
    """For a town's page: of what it was a part, or what was split from it, and where the figures before are."""
    found = []
    for change in changes:
        first = date.fromisoformat(f"{change.from_month}-01")
        until = month_name(first - timedelta(days=1))
        note = f" {change.note}" if change.note else ""
        if geoid == change.geoid:
            found.append(
                f"Until {until} {change.name} was part of {change.before_name}; figures before are in"
                f" {_whose(change.before_name)}, and are not compared with those since.{note}"
            )
        elif geoid == change.before:
            found.append(
                f"Until {until} {change.name} was part of {change.before_name}; figures before are of both together,"
                f" and are not compared with those since.{note}"
            )
    return tuple(found)


def _whose(name: str) -> str:
    return f"{name}’" if name.endswith("s") else f"{name}’s"
