"""What has been published about counts, as an attacker would write it down: one statement for each figure, ever.

A statement is about a set of unknowns. An unknown is a count as it was at some time: of a town in a month, say.
Releases that speak of the same count share its unknown, so every further release is more equations about it. A
correction (a late report, a changed row, a changed category) makes another count: from then on the statements are about
a new unknown (`over_time`).

**The attacker of corrections.** He subtracts the old version from the new. If he knows which counts were corrected, he
reads the correction off any published total around it: a county that goes from 17 to 18, with one corrected town in it,
tells of one case in that town, however well the town's own figures are withheld. So what counts as corrected is what
the public may think to be corrected (`revised`). It is always right to name more than what changed (every month that
was published again, for all its towns), and to say no more than that in public: then nobody can tell whose case it was.
To name less would assume that the attacker knows less than he may be told. `over_time` returns which statements are the
same figure before and after, and the audit attacks their differences.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Statement(NamedTuple):
    """One published figure: the unknowns that it sums (each once), and its value, or None where it is suppressed.

    Of a suppressed figure the public knows that it lies from `low` to `high` (None: no bound). `narrow`: it is of a
    single place; this changes only how fast an audit is.
    """

    figure: str
    unknowns: Sequence[int] | Indices
    value: int | None
    low: int = 0
    high: int | None = None
    narrow: bool = False


class Statements(NamedTuple):
    """Statements in columns. `sets` (statements, unknowns), 0 and 1; `value` is NaN where suppressed.

    `asked` marks the figures to attack; without it these are the suppressed ones. With it, a figure can be withheld in
    one place and told in another, and one that nobody withheld can be no more than a bound.
    """

    figure: NDArray[np.str_]
    sets: sparse.csr_matrix
    value: Floats
    low: Floats
    high: Floats
    narrow: Bools
    asked: Bools | None = None

    @property
    def attacked(self) -> Bools:
        """Which figures are to be attacked."""
        return np.isnan(self.value) if self.asked is None else self.asked


class Version(NamedTuple):
    """What one release says. `revised` (counts,) marks the counts that may differ from those of the release before."""

    figure: NDArray[np.str_]
    sets: sparse.csr_matrix
    value: Floats
    low: Floats
    narrow: Bools
    revised: Bools


class OverTime(NamedTuple):
    """The statements of several versions about shared unknowns.

    `unknown` (versions, counts): the unknown that a count is in each version. `changes` (pairs, 2): statements that are
    the same figure in one version and the next, over unknowns that differ. `version`: of each statement, from 0.
    """

    statements: Statements
    unknown: Indices
    changes: Indices
    version: Indices


def listed(statements: Iterable[Statement], unknowns: int) -> Statements:
    """Statements in columns, from a plain list. `unknowns` is how many there are."""
    rows = list(statements)
    row = np.repeat(np.arange(len(rows)), [len(s.unknowns) for s in rows])
    column = np.concatenate([np.asarray(s.unknowns, np.int64) for s in rows]) if rows else np.empty(0, np.int64)
    return Statements(
        np.array([s.figure for s in rows], dtype=np.str_),
        sparse.csr_matrix((np.ones(row.size), (row, column)), shape=(len(rows), unknowns)),
        np.array([np.nan if s.value is None else s.value for s in rows], dtype=np.float64),
        np.array([s.low for s in rows], dtype=np.float64),
        np.array([np.inf if s.high is None else s.high for s in rows], dtype=np.float64),
        np.array([s.narrow for s in rows], dtype=np.bool_),
    )


def over_time(versions: Sequence[Version], follows: Sequence[int] | None = None) -> OverTime:
    """The statements of versions, the oldest first, about the counts as they were in each.

    All versions have the same counts as columns. `revised` of the first says nothing. `follows` names for each version
    the earlier one whose counts it corrects, where that is not always the one before: after a rollback it is the one
    that was brought back. What it says for the first is not read.

    Raises `ValueError` where a version has other columns than the first.
    """
    counts = versions[0].sets.shape[1]
    if any(v.sets.shape[1] != counts for v in versions):
        raise ValueError("all versions speak of the same counts, in the same order")
    before = [i - 1 for i in range(len(versions))] if follows is None else list(follows)
    unknown = np.empty((len(versions), counts), np.int64)
    unknown[0], total = np.arange(counts), counts
    for i, version in enumerate(versions[1:], 1):
        unknown[i] = unknown[before[i]]
        unknown[i, version.revised] = total + np.arange(int(version.revised.sum()))
        total += int(version.revised.sum())
    sets = [_moved(v.sets, unknown[i], total) for i, v in enumerate(versions)]
    starts = np.cumsum([0, *(v.value.size for v in versions)])
    steps = [(before[i], i) for i in range(1, len(versions))]
    pairs = [_pairs(versions[a], versions[b], sets[a], sets[b]) + starts[[a, b]] for a, b in steps]
    value = np.concatenate([v.value for v in versions])
    return OverTime(
        Statements(
            np.concatenate([v.figure for v in versions]),
            sparse.vstack(sets, format="csr"),
            value,
            np.concatenate([v.low for v in versions]),
            np.full(value.size, np.inf),
            np.concatenate([v.narrow for v in versions]),
        ),
        unknown,
        np.concatenate(pairs) if pairs else np.empty((0, 2), np.int64),
        np.repeat(np.arange(len(versions)), np.diff(starts)),
    )


def _moved(sets: sparse.csr_matrix, unknown: Indices, total: int) -> sparse.csr_matrix:
    found = sparse.coo_matrix(sets)
    return sparse.csr_matrix((found.data, (found.row, unknown[found.col])), shape=(sets.shape[0], total))


def _pairs(old: Version, new: Version, before: sparse.csr_matrix, after: sparse.csr_matrix) -> Indices:
    """Figures of both versions, by name, whose unknowns differ though they sum the same counts."""
    _, i, j = np.intersect1d(old.figure, new.figure, return_indices=True)
    pairs: Indices = np.stack([i, j], axis=1)
    same_counts = abs(old.sets[i] - new.sets[j]).sum(axis=1).A1 == 0
    differ = abs(before[i] - after[j]).sum(axis=1).A1 > 0
    both: Bools = same_counts & differ
    return pairs[both]
