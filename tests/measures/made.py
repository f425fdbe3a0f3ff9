"""Cubes of one open kind, made from numbers: what the figures of towns are tested on."""

from __future__ import annotations

import numpy as np

from candor.measures.dense import DenseCube


def months_from(first: str, number: int) -> np.ndarray:
    """So many months from the first on."""
    start = np.datetime64(first, "M")
    return np.arange(start, start + number)


def cells_of(
    calls: np.ndarray,
    months: np.ndarray,
    residents: np.ndarray | float = 1000.0,
    *,
    officers: np.ndarray | int = 0,
    reported: np.ndarray | bool | None = None,
    covered: np.ndarray | bool | None = None,
    persons: np.ndarray | None = None,
    category: str = "noise",
) -> DenseCube:
    """`calls` (towns, months) of citizens, and of `officers`; what is not `reported` counts nothing."""
    shape = calls.shape
    there = np.ones(shape, np.bool_) if reported is None else np.broadcast_to(reported, shape)
    people = np.broadcast_to(np.asarray(residents, np.float64).reshape(-1, 1), shape).copy()
    both = np.stack([np.broadcast_to(calls, shape), np.broadcast_to(np.asarray(officers), shape)])
    towns = [f"99{i:05d}" for i in range(shape[0])]
    return DenseCube(
        geoids=tuple(towns), names=tuple(f"Town {i}" for i in range(shape[0])), counties=("C",) * shape[0],
        residents=people, months=months, categories=(category,), groups=("G",),
        calls=np.where(there, both, 0)[None].astype(np.int64), untold=np.zeros((1, 2, *shape), np.bool_),
        reported=there.copy(), covered=there.copy() if covered is None else np.broadcast_to(covered, shape).copy(),
        persons=persons,
    )  # fmt: skip
