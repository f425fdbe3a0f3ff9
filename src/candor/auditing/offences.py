"""The attack on verified offences: counts of towns and years, their rates, and the lines that they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from candor.auditing.certificates import NOTHING
from candor.auditing.public import FAULT, Public, Tables, equals, is_one_of, words
from candor.portal.problems import DataError
from candor.privacy.audit_system import Certificate, audit
from candor.privacy.linear import Deadline
from candor.privacy.statements import Statements

OFFENCES, OFFENCE_RATES, SHARES = "offences-by-town", "offence-rates-by-town", "verified-share-by-town"

Key = tuple[str, str, str]
"""Category, GEOID, year."""


class _Line(NamedTuple):
    """What a release says of a town's year: a number, or that it is withheld (None)."""

    offences: int | None
    coverage: str


@dataclass
class _Attack:
    """The withheld counts by name with the most that each can be, and the equations: cells and what they sum to."""

    hidden: list[str] = field(default_factory=list)
    most: list[int] = field(default_factory=list)
    sums: list[tuple[str, list[int], float]] = field(default_factory=list)
    told: int = 0

    def add(self, figure: str, cells: list[int], rest: float) -> None:
        """A published number; without a withheld count in it, it tells nothing of one."""
        if cells:
            self.sums.append((figure, cells, rest))
        else:
            self.told += 1


def attack_offences(public: Public, deadline: Deadline) -> Certificate:
    """Attack every withheld count of sensitive offences with the figures of all releases.

    A count that is withheld in two releases, one after the other, is taken to be the same: nobody says otherwise.

    Raises `DataError` where a line both withholds and gives a number, `UnfinishedError` after the deadline.
    """
    said = {c.slug: c.sensitivity for release in public.releases for c in release.offence_categories}
    sensitive = sorted(slug for slug, sensitivity in said.items() if sensitivity == "sensitive")
    attack = _Attack()
    cells: dict[Key, int] = {}
    seen = set()
    for tables in public.tables:
        content = tables.content((OFFENCES, OFFENCE_RATES, SHARES, *_sources(tables)))
        lines = _lines(tables, sensitive)
        withheld = [key for key, line in lines.items() if line.coverage == "suppressed"]
        # A count that was told in between is another one when it is withheld again.
        cells = {key: cells[key] for key in withheld if key in cells}
        for key in withheld:
            if key not in cells:
                cells[key] = len(attack.hidden)
                attack.hidden.append(", ".join(key))
                attack.most.append(tables.threshold - 1)
        if content in seen:
            continue
        seen.add(content)
        attack.told += len(lines) - len(withheld)
        _rates(tables, sensitive, lines, cells, attack)
        _beside(tables, sensitive, cells, attack)
    if not attack.hidden:
        return Certificate(**{**vars(NOTHING), "statements": attack.told, "told": attack.told})
    # Where the threshold was another once, a count withheld then need look no smaller than it had to.
    threshold = min(most + 1 for most in attack.most)
    found = audit(_statements(attack), threshold, seconds=deadline.left())
    figures = {"statements": found.statements + attack.told, "told": found.told + attack.told}
    return Certificate(**{**vars(found), **figures})


def _statements(attack: _Attack) -> Statements:
    n = len(attack.hidden)
    row = np.repeat(np.arange(len(attack.sums)), [len(cells) for _, cells, _ in attack.sums])
    column = np.array([c for _, cells, _ in attack.sums for c in cells], np.int64)
    equations = sparse.csr_matrix((np.ones(row.size), (row, column)), shape=(len(attack.sums), n))
    is_sum = np.arange(n + len(attack.sums)) >= n
    return Statements(
        np.array([*attack.hidden, *(figure for figure, _, _ in attack.sums)], dtype=np.str_),
        sparse.vstack([sparse.identity(n, format="csr"), equations], format="csr"),
        np.concatenate([np.full(n, np.nan), [rest for _, _, rest in attack.sums]]),
        np.where(is_sum, 0.0, 1.0),
        np.concatenate([np.array(attack.most, np.float64), np.full(len(attack.sums), np.inf)]),
        np.zeros(is_sum.size, np.bool_),
        ~is_sum,
    )


def _lines(tables: Tables, sensitive: Sequence[str]) -> dict[Key, _Line]:
    lines = tables.read(
        OFFENCES, ["geoid", "category", "year", "coverage", "offences"], is_one_of("category", sensitive)
    )
    if lines is None:
        return {}
    both = equals(lines["coverage"], "suppressed") & pc.is_valid(lines["offences"]).to_numpy(zero_copy_only=False)
    if both.any():
        raise DataError(
            f"{OFFENCES} withholds a count and gives it, in {int(both.sum()):,} lines", "one of the two", FAULT
        )
    said = zip(lines["offences"].to_pylist(), words(lines["coverage"]).to_pylist(), strict=True)
    return dict(zip(_keys(lines, "year"), (_Line(*s) for s in said), strict=True))


def _rates(
    tables: Tables, sensitive: Sequence[str], lines: dict[Key, _Line], cells: dict[Key, int], attack: _Attack
) -> None:
    """Figures of a town's year, and of all towns'."""
    rates = tables.read(
        OFFENCE_RATES, ["level", "geoid", "category", "period", "offences", "rate"],
        is_one_of("category", sensitive) & (pc.field("category_level") == "category"),
    )  # fmt: skip
    if rates is None:
        return
    computed = pc.and_(pc.is_valid(rates["rate"]), pc.is_null(rates["offences"]))
    if pc.any(computed).as_py():
        raise DataError(
            f"{OFFENCE_RATES} gives rates of withheld counts", "nothing computed from a withheld count", FAULT
        )
    rates = rates.filter(pc.is_valid(rates["offences"]))
    of_year: dict[tuple[str, str], tuple[list[int], int]] = {}
    for (category, _, year), line in lines.items():
        inside, told = of_year.setdefault((category, year), ([], 0))
        of_year[category, year] = inside, told + (line.offences or 0)
    for (category, _, year), cell in cells.items():
        of_year[category, year][0].append(cell)
    columns = (words(rates["level"]).to_pylist(), _keys(rates, "period"), rates["offences"].to_pylist())
    for level, (category, geoid, year), value in zip(*columns, strict=True):
        if level == "state":
            inside, told = of_year.get((category, year), ([], 0))
        else:
            inside, told = [cells[category, geoid, year]] if (category, geoid, year) in cells else [], 0
        attack.add(f"{OFFENCE_RATES}, {category}, {geoid}, {year}", inside, float(value - told))


def _beside(tables: Tables, sensitive: Sequence[str], cells: dict[Key, int], attack: _Attack) -> None:
    """Numbers of withheld counts in the lines that they come from, and beside calls."""
    for dataset in _sources(tables):
        for category in sorted(set(sensitive) & tables.columns(dataset)):
            lines = tables.read(dataset, ["geoid", "year", category], pc.field(category).is_valid())
            assert lines is not None  # noqa: S101  # it is a data set of the release
            _tell(dataset, category, lines, category, cells, attack)
    shares = tables.read(SHARES, ["geoid", "year", "category", "offences"], pc.field("offences").is_valid())
    if shares is not None:
        for category in sensitive:
            own = shares.filter(pa.array(equals(shares["category"], category)))
            _tell(SHARES, category, own, "offences", cells, attack)


def _tell(name: str, category: str, lines: pa.Table, column: str, cells: dict[Key, int], attack: _Attack) -> None:
    places = zip(words(lines["geoid"]).to_pylist(), words(lines["year"]).to_pylist(), strict=True)
    for (geoid, year), value in zip(places, lines[column].to_pylist(), strict=True):
        key = (category, geoid, year)
        attack.add(f"{name}, {', '.join(key)}", [cells[key]] if key in cells else [], float(value))


def _sources(tables: Tables) -> list[str]:
    """The data sets of counts that somebody else made: a line a place and year, a column a category."""
    return [
        d.name
        for d in tables.release.datasets
        if d.kind == "rows" and {"geoid", "year", "reported_as"} <= tables.columns(d.name)
    ]


def _keys(lines: pa.Table, year: str) -> list[Key]:
    return list(zip(*(words(lines[c]).to_pylist() for c in ("category", "geoid", year)), strict=True))
