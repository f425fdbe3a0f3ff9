"""The cell suppression problem: which cells to withhold so that those that must stay unknown do.

Sources: Fischetti M, Salazar JJ (2001), Solving the cell suppression problem on tabular data with linear constraints,
Management Science 47, 1008-1027; Kelly JP, Golden BL, Assad AA (1992), Cell suppression: disclosure protection for
sensitive tabular data, Networks 22, 397-417 (the incremental heuristic).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from candor.portal.problems import DataError
from candor.privacy.feasible import Bools, Intervals, Needs, intervals
from candor.privacy.linear import Floats, Indices


class ProtectionError(DataError):
    """Whatever is withheld, some figure stays too well known."""

    def __init__(self, cells: int) -> None:
        super().__init__(
            f"{cells} small figures cannot be protected, whatever is withheld beside them",
            "figures whose neighbours may be withheld",
            "Publish fewer levels of this category, or none",
        )


@dataclass(frozen=True)
class Pattern:
    """Cells with their true values, and what has to stay open. All arrays have one entry for each cell.

    The public knows that every table has the same sums `equations` (rows, cells) as the true `values`, and of every
    cell that it is not told that low <= x <= high. `hidden`: never told (suppressed already, or in no table). `fixed`:
    told in any case. The others may be withheld, at their cost in `weights`. `needs`: how open the interval of a cell
    must be as long as it is not told.
    """

    equations: sparse.csr_matrix
    values: Floats
    low: Floats
    high: Floats
    weights: Floats
    hidden: Bools
    fixed: Bools
    needs: Needs

    def __post_init__(self) -> None:
        if (self.hidden & self.fixed).any():
            raise ValueError("a cell is both hidden and told")

    @property
    def guarded(self) -> Bools:
        """Cells that need anything at all while they are not told."""
        low, high, width = self.needs
        return (low < self.values) | (high > self.values) | (width > 0)

    def intervals(self, secret: Bools, wanted: Indices, seconds: float) -> Intervals:
        """What the public learns of the wanted cells when the `secret` ones are not told."""
        return intervals(
            self.equations,
            self.equations @ self.values,
            np.where(secret, self.low, self.values),
            np.where(secret, self.high, self.values),
            wanted,
            needs=self.needs_of(wanted),
            seconds=seconds,
        )

    def needs_of(self, cells: Indices) -> Needs:
        """The needs of some cells."""
        return Needs(*(n[cells] for n in self.needs))

    def unsafe(self, secret: Bools, seconds: float) -> Indices:
        """The cells that are not told and not open enough."""
        wanted = np.flatnonzero(secret & self.guarded)
        if not wanted.size:
            return wanted
        found = self.intervals(secret, wanted, seconds)
        return wanted[~self.needs_of(wanted).met(found.low, found.high)]
