"""The attack on sensitive kinds of calls: all that was ever said of each kind, as one system of equations.

Kinds are attacked one by one: no figure sums two of them. Only the number of rows that are not published does; it is a
bound on each kind's total, for the others are at least what they are known to be (`_bounds`).

Which counts are new in a release is read off what it says: towns and months that had not been reported, and all towns
in the months that it says it revised. A late report alone is no revision: the other towns' counts are what they were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow.compute as pc
from scipy import sparse

from candor.auditing.certificates import NOTHING, named, together
from candor.auditing.public import CUBE, FIGURES, RATES, Bools, Floats, Ints, Public, Tables, is_one_of
from candor.auditing.said import Said, called, said, sets, town_names
from candor.privacy.audit_system import Certificate, audit, interval, structure
from candor.privacy.feasible import Needs
from candor.privacy.linear import Deadline
from candor.privacy.statements import OverTime, Statements, Version, over_time

_ALL = "everything"
"""The name of the statement about all counts of a kind: how many rows are not published bounds it."""


@dataclass(frozen=True)
class Told:
    """What one release says, the counts in each figure, and the counts that may differ from those of `follows`.

    `newest`: the release that is attacked says this, as the only one or again.
    """

    number: int
    threshold: int
    said: Said
    sets: sparse.csr_matrix
    reported: Bools
    revised: Bools
    follows: int
    withheld_rows: int | None
    sensitive: frozenset[str]
    newest: bool


def attack_calls(public: Public, deadline: Deadline) -> Certificate:
    """Attack every withheld count of a sensitive kind with every figure of every release.

    Raises `DataError` where two figures of a release contradict each other, `ContradictionError` where those of several
    do, `UnfinishedError` after the deadline.
    """
    categories = public.sensitive()
    versions = history(public, categories)
    if not categories or not any(v.said.name.size for v in versions):
        return NOTHING
    found = NOTHING
    threshold = public.newest.threshold
    least, towns = least_of(public), town_names(public.newest)
    groups = [_Group(versions, columns) for columns in _alike(versions)]
    bounds = _bounds(groups, deadline)
    for group in groups:
        for column in group.columns:
            slug = categories[column]
            one = group.attack(column, threshold, least[slug], bounds.get(column), deadline)
            found = together(found, named(one, called_of(slug, towns)))
    return replace(found, threshold=threshold)


def least_of(public: Public) -> dict[str, int]:
    """By category, the least count that is small: 1, or 0 where its last release protects zeros as well."""
    return {c.slug: 0 if c.zeros_protected else 1 for release in public.releases for c in release.categories}


def called_of(slug: str, towns: Mapping[str, str]) -> Callable[[str], str]:
    """Gives the figures of a category the names that people know."""
    return lambda name: f"{slug}, {called(name, towns)}"


def history(public: Public, categories: Sequence[str]) -> list[Told]:
    """What each release says, the oldest first; one that brings an earlier one back says nothing new."""
    seen: dict[object, int] = {}
    read: list[tuple[Tables, Said, int]] = []
    follows = 0
    for tables in public.tables:
        sensitive = frozenset(c.slug for c in tables.sensitive())
        content = (tables.content((CUBE, FIGURES, RATES)), _withheld_rows(tables), tables.threshold, sensitive)
        if content not in seen:
            seen[content] = len(read)
            read.append((tables, said(tables, categories), follows))
        follows = seen[content]
    own = [found.reporting for _, found, _ in read]
    geoids = sorted({g for r in own for g in r.geoids})
    first = min((r.first for r in own if r.reported.size), default=0)
    months = max((r.first + r.reported.shape[1] for r in own if r.reported.size), default=0) - first
    versions: list[Told] = []
    for tables, found, before in read:
        reported = np.zeros((len(geoids), months), np.bool_)
        at, start = [geoids.index(g) for g in found.reporting.geoids], found.reporting.first - first
        reported[at, start : start + found.reporting.reported.shape[1]] = found.reporting.reported
        changed = [int(np.datetime64(m, "M").astype(np.int64)) - first for m in tables.release.revised]
        revised = np.zeros_like(reported)
        revised[:, [m for m in changed if 0 <= m < months]] = True
        versions.append(
            Told(
                tables.release.number,
                tables.threshold,
                found,
                sets(found, geoids, first, months),
                reported,
                revised,
                before,
                _withheld_rows(tables),
                frozenset(c.slug for c in tables.sensitive()),
                len(versions) == follows,
            )
        )
    return versions


def _withheld_rows(tables: Tables) -> int | None:
    """How many rows of sensitive calls are not published, in all data sets together; None where that is not said.

    Of each of several data sets it is never said (`checks`): that would be a sum over some of the towns. Rows of open
    categories that are published as counts alone are among those that are not published; everybody can take them off.
    """
    accounts = [tables.release.accounting, *(d.accounting for d in tables.release.of_calls)]
    told = [a for a in accounts if a is not None]
    if not told or (tables.release.accounting is None and len(told) < len(tables.release.of_calls)):
        return None
    only_counted = [c.slug for c in tables.release.categories if c.sensitivity == "open" and c.release == "aggregates"]
    lines = tables.read(CUBE, ["calls"], is_one_of("category", only_counted)) if only_counted else None
    return sum(a.withheld for a in told) - (int(pc.sum(lines["calls"]).as_py() or 0) if lines is not None else 0)


def _alike(versions: Sequence[Told]) -> list[list[int]]:
    """The categories of which the same releases tell towns' months: their figures are the same ones."""
    of: dict[tuple[bool, ...], list[int]] = {}
    for column in range(len(versions[0].said.categories)):
        spoken = [np.isfinite(v.said.high[:, column]) | v.said.withheld[:, column] for v in versions]
        open_ = tuple(bool((s & v.said.by_month).any()) for s, v in zip(spoken, versions, strict=True))
        if any(s.any() for s in spoken):
            of.setdefault(open_, []).append(column)
    return list(of.values())


class _Group:
    """Categories of which the same figures are published. Their structure is the same, and is folded once."""

    def __init__(self, versions: Sequence[Told], columns: Sequence[int]) -> None:
        self.columns, self.versions = columns, versions
        self.rows = [_spoken(v, columns) for v in versions]
        self.system = self._over_time()
        self.known = structure(self.system.statements.sets, self.system.statements.narrow)

    def attack(self, column: int, threshold: int, least: int, bounds: Floats | None, deadline: Deadline) -> Certificate:
        """What is known of one category."""
        statements = self.statements(column, bounds)
        # A figure withheld under another threshold has to be as open as that one asked.
        width = np.array([v.threshold for v in self.versions], np.float64)[self.system.version] - 1 - least
        needs = Needs(np.full(width.size, np.inf), np.full(width.size, -np.inf), width)
        return audit(
            statements,
            threshold,
            needs=needs,
            changes=self.system.changes,
            least=least,
            known=self.known,
            seconds=deadline.left(),
        )

    def everything(self) -> Ints:
        """The statements about all counts of a kind, one a release."""
        return np.flatnonzero(self.system.statements.figure == _ALL)

    def _over_time(self) -> OverTime:
        found = []
        for told, rows in zip(self.versions, self.rows, strict=True):
            whole = sparse.csr_matrix(told.reported.reshape(1, -1).astype(np.float64))
            n = rows.size + 1
            narrow = np.append(told.said.level[rows] == 0, [False])
            names = np.append(told.said.name[rows], [_ALL])
            nothing = np.full(n, np.nan)
            both_sets = sparse.vstack([told.sets[rows], whole], format="csr")
            found.append(Version(names, both_sets, nothing, np.zeros(n), narrow, told.revised.ravel()))
        return over_time(found, [v.follows for v in self.versions])

    def statements(self, column: int, bounds: Floats | None) -> Statements:
        """All that was said of one category, the oldest release first; `bounds`: of everything, in each release."""
        low, high, asked = [], [], []
        for i, (told, rows) in enumerate(zip(self.versions, self.rows, strict=True)):
            most = np.inf if bounds is None else bounds[i]
            low.append(np.append(told.said.low[rows, column], [0.0]))
            high.append(np.append(told.said.high[rows, column], [most]))
            asked.append(np.append(_attacked(self.versions, i, column)[rows], [False]))
        least, most_ = np.concatenate(low), np.concatenate(high)
        value = np.where(least == most_, least, np.nan)
        return self.system.statements._replace(value=value, low=least, high=most_, asked=np.concatenate(asked))


def _spoken(told: Told, columns: Sequence[int]) -> Ints:
    """The figures that are said of any of these categories, and that hold a count."""
    some = (np.isfinite(told.said.high[:, columns]) | told.said.withheld[:, columns]).any(axis=1)
    return np.flatnonzero(some & (np.diff(told.sets.indptr) > 0))


def _attacked(versions: Sequence[Told], i: int, column: int) -> Bools:
    """What must not be known: what is withheld, and in the newest release what is told though it is small.

    A small figure may be told where an earlier release told the same, or told the whole category openly.
    """
    told = versions[i]
    found = told.said
    slug = found.categories[column]
    if not told.newest or slug not in told.sensitive:
        return found.withheld[:, column]
    value = found.low[:, column]
    small = found.told[:, column] & (value >= 1) & (value < told.threshold)
    for before in versions[:i]:
        if before.said.by_month.any() and slug not in before.sensitive:
            return found.withheld[:, column]
        at = np.flatnonzero(before.said.told[:, column])
        same = np.char.add(np.char.add(before.said.name[at], "="), before.said.low[at, column].astype(np.str_))
        small &= ~np.isin(np.char.add(np.char.add(found.name, "="), value.astype(np.str_)), same)
    return np.asarray(found.withheld[:, column] | small)


def _bounds(groups: Sequence[_Group], deadline: Deadline) -> dict[int, Floats]:
    """How many calls of each category there can be at most, in each release, by the rows that are not published.

    Rows that are not published are calls of sensitive categories, of towns that are counted and others. So a category
    has no more than all of them, less the least that the others have. As nothing else links categories, this bound is
    all that the number tells of one.
    """
    versions = groups[0].versions
    rows = np.array([np.inf if v.withheld_rows is None else v.withheld_rows for v in versions])
    if np.isinf(rows).all():
        return {}
    least: dict[int, Floats] = {}
    for group in groups:
        for column in group.columns:
            statements = group.statements(column, None)
            ends = [interval(statements, int(at), group.known, deadline.left()) for at in group.everything()]
            least[column] = np.array([low for low, _ in ends])
    # Of a category that a release counts openly the rows are published: it has no part in that number.
    slugs = versions[0].said.categories
    hidden = {column: np.array([slugs[column] in v.sensitive for v in versions]) for column in least}
    total = np.sum([np.where(hidden[column], own, 0) for column, own in least.items()], axis=0)
    return {column: np.where(hidden[column], rows - (total - own), np.inf) for column, own in least.items()}
