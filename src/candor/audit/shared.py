"""One linear program of a kind for all agencies: what one of them knows are bounds of the unknowns.

An agency knows its own calls: in an unknown that sums counts of several agencies they are the least that it can be,
and in one of a town that is the agency's alone they are all of it. In a rectangle (`structure`) counts that are at
least so much, with given sums by town and by month, exist exactly where what is above the least has the same total by
town and by month: so these bounds say all that the agency knows, for whole numbers too. Between agencies only bounds
change, and the program goes on from the table in the middle that it has, in a few steps of the dual simplex. To take
the agency's towns out instead, and to begin anew, took most of the time.

What is shown open here is shown by whole tables that agree with what was told and what the agency knows. What is not is
attacked for the agency by itself.
"""

from __future__ import annotations

import numpy as np

from candor.audit.attack import Kind
from candor.audit.case import on
from candor.audit.holdings import Known
from candor.audit.public import Bools, Floats, Ints

OPEN = 2
"""So many values keep a count from being exact."""


class Shared:
    """The program; of a kind of which the truth is what is told, so that a table always agrees."""

    def __init__(self, of: Known) -> None:
        self._of, self._known = of, of.system.known
        free = np.zeros(self._known.size), np.full(self._known.size, np.inf)
        bounds = on(of.system, of.low, of.high)
        self.kind = Kind(of.system, *bounds, of.case.deadline, *free, np.empty(0, np.int64), OPEN)
        self._agrees = self.kind.begin()
        self._own = of.own_parts.tocsc()

    def to_all(self, group: Ints, cells: Ints) -> Bools:
        """Which cells are open to all agencies of a group together, even to who knows all about their towns."""
        towns: Bools = np.asarray(self._of.holdings.own[:, group].any(axis=1))
        least = np.asarray(self._of.parts @ (towns[self._of.holdings.town] * 1.0))
        return self._open(least, towns, cells, each=False)

    def to_one(self, agency: int, cells: Ints) -> Bools:
        """Which cells are open to an agency, as far as tables show it."""
        least = np.asarray(self._own[:, [agency]].todense()).ravel()
        return self._open(least, self._of.holdings.sole[:, agency], cells, each=True)

    def _open(self, least: Floats, towns: Bools, cells: Ints, *, each: bool) -> Bools:
        """`towns`: of these everything is known. `each`: drive every cell by itself that is not seen to be open."""
        fixed = (self._known.town >= 0) & towns[self._known.town]
        judged = np.zeros(self.kind.runs.low.size, np.bool_)
        judged[cells] = True
        if not (self._agrees and self.kind.knowing(least, np.where(fixed, least, np.inf), cells)):
            return np.zeros(cells.size, np.bool_)
        self.kind.search(judged, OPEN, 1)
        for cell in cells.tolist() if each else ():
            if self.kind.runs.values[cell] < OPEN:
                self.kind.ends(cell)
        return np.asarray(self.kind.runs.values[cells] >= OPEN)
