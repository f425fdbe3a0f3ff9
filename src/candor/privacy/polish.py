"""A protected pattern made cheaper: part by part, with everything dear that was told staying told."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
from scipy import sparse

from candor.privacy.exact import cheapest
from candor.privacy.feasible import Bools, Needs, parts
from candor.privacy.linear import Deadline, Indices, TooHardError
from candor.privacy.pattern import Pattern
from candor.privacy.propagation import propagate

_LARGEST, _GUARDED = 400, 200
"""The number of cells to choose from, and of cells to protect, up to which a part is solved exactly."""

_ROUNDS = 24
"""The rounds of cuts after which a part is given up: a number and no time, so that every machine does the same."""

_DEAR = 2.0
"""Told cells dearer than this many times the usual withheld one are not thought of again."""


def polish(pattern: Pattern, secret: Bools, deadline: Deadline) -> tuple[Bools, Bools]:
    """A protected pattern at most as dear as the protected pattern `secret`, and which cells are settled.

    Told cells that are dear stay told, so the table falls into parts (the counties). Parts of up to 400 cells to choose
    from and 200 to protect are solved exactly, and then are settled, unless they prove too hard; the others stay as
    they are. Settled is also what no withheld cell touches.
    """
    extra = secret & ~pattern.hidden
    if not extra.any():
        return secret, np.ones(secret.size, np.bool_)
    dear = ~secret & (pattern.weights > _DEAR * np.median(pattern.weights[extra]))
    narrowed = replace(pattern, fixed=pattern.fixed | dear)
    result, settled = secret.copy(), np.ones(secret.size, np.bool_)
    for cells in _parts(narrowed):
        if not extra[cells].any():
            continue
        part = _part(narrowed, cells)
        settled[cells] = False
        if (~part.hidden & ~part.fixed).sum() <= _LARGEST and (part.hidden & part.guarded).sum() <= _GUARDED:
            with suppress(TooHardError):
                result[cells] = cheapest(part, deadline, _ROUNDS)
                settled[cells] = True
    return result, settled


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
