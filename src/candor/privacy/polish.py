"""A protected pattern made cheaper: part by part, with everything dear that was told staying told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from candor.privacy.exact import cheapest
from candor.privacy.feasible import Bools, Needs, parts
from candor.privacy.linear import Deadline, Indices, UnfinishedError
from candor.privacy.pattern import Pattern, ProtectionError
from candor.privacy.propagation import propagate

_LARGEST = 250
"""The number of cells to choose from up to which a part is solved exactly."""

_DEAR = 2.0
"""Told cells dearer than this many times the usual withheld one are not thought of again."""


def polish(pattern: Pattern, secret: Bools, seconds: float) -> Bools:
    """A pattern at most as dear as `secret`, which has to be protected, and protected like it.

    Told cells that are dear stay told, so the table falls into parts (the counties); parts of up to 250 cells to choose
    from are solved exactly as long as the `seconds` last, the smallest first.
    """
    extra = secret & ~pattern.hidden
    if not extra.any() or seconds <= 0:
        return secret
    dear = ~secret & (pattern.weights > _DEAR * np.median(pattern.weights[extra]))
    narrowed = replace(pattern, fixed=pattern.fixed | dear)
    result = secret.copy()
    deadline = Deadline(seconds)
    for cells in _parts(narrowed):
        part = _part(narrowed, cells)
        to_choose = int((~part.hidden & ~part.fixed).sum())
        if not extra[cells].any() or to_choose > _LARGEST:
            continue
        try:
            found = cheapest(part, min(deadline.left(), seconds / 4))
        except (UnfinishedError, ProtectionError):
            continue
        if part.weights[found & ~part.hidden].sum() < part.weights[extra[cells]].sum() - 1e-9:
            result[cells] = found
    return result


def _parts(pattern: Pattern) -> list[Indices]:
    """The cells that can move, by connected part, the smallest first."""
    low = np.where(pattern.fixed, pattern.values, pattern.low)
    high = np.where(pattern.fixed, pattern.values, pattern.high)
    low, high = propagate(pattern.equations, pattern.equations @ pattern.values, low, high)
    free = np.flatnonzero(low < high)
    label = parts(pattern.equations[:, free])
    order = np.argsort(label, kind="stable")
    pieces = np.split(free[order], np.flatnonzero(np.diff(label[order])) + 1)
    return sorted(pieces, key=lambda piece: piece.size)


def _part(pattern: Pattern, cells: Indices) -> Pattern:
    """The problem of some cells; the others stay as they are."""
    equations = sparse.csr_matrix(pattern.equations[:, cells])
    return Pattern(
        equations[equations.getnnz(axis=1) > 0],
        pattern.values[cells],
        pattern.low[cells],
        pattern.high[cells],
        pattern.weights[cells],
        pattern.hidden[cells],
        pattern.fixed[cells],
        Needs(*(need[cells] for need in pattern.needs)),
    )
