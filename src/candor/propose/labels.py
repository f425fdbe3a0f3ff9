"""Labels that differ by how they were typed: capitals, blanks, blanks around punctuation, plural."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from candor.propose.words import singular


@dataclass(frozen=True)
class Folded:
    """`kept` are the labels that remain, most common first; `merged` says which label each other one becomes.

    `alike` are labels that remain apart although only punctuation or blanks tell them apart: for the owner to decide.
    """

    kept: tuple[str, ...]
    merged: dict[str, str]
    alike: tuple[tuple[str, ...], ...]


def fold(labels: Iterable[tuple[str, int]]) -> Folded:
    """Fold labels given with their rows. Of those that are one, the most common is kept."""
    rows: dict[str, int] = dict(labels)
    merged: dict[str, str] = {}
    kept: list[str] = []
    for group in _grouped(rows, _key):
        best, *others = sorted(group, key=lambda label: (-rows[label], label))
        merged |= dict.fromkeys(others, best)
        kept.append(best)
        rows[best] = sum(rows[label] for label in group)
    kept.sort(key=lambda label: (-rows[label], label))
    alike = tuple(tuple(group) for group in _grouped(kept, _squashed) if len(group) > 1)
    return Folded(tuple(kept), dict(sorted(merged.items())), alike)


def _grouped(labels: Iterable[str], key: Callable[[str], str]) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for label in labels:
        groups.setdefault(key(label), []).append(label)
    return list(groups.values())


def _key(label: str) -> str:
    spaced = re.sub(r"\s*([^\w\s])\s*", r"\1", " ".join(label.split()))
    return re.sub(r"[^\W_]+", lambda word: singular(word[0]), spaced.lower())


def _squashed(label: str) -> str:
    return "".join(re.findall(r"[^\W_]+", _key(label)))
