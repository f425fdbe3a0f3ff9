"""The audit of a release: from its public files alone, what an attacker can work out of each withheld count.

A published figure that holds a withheld count is an equation about it: the sums over periods and initiators, the
figures by other denominators, the lines of offences, the number of rows that are not published. Where a figure is
withheld wherever it could tell something, no equation is left, and a withheld count is known only to be small.

Nothing of the suppression is imported: categories come from the release file, counts and sums from its tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import sparse

from candor.portal.problems import DataError
from candor.privacy.audit_system import Certificate, audit
from candor.privacy.statements import Statements
from candor.store.model import AuditCertificate, DatasetVersion, PublicCategory, PublicOffenceCategory

CUBE, OFFENCES, OFFENCE_RATES = "calls-by-town", "offences-by-town", "offence-rates-by-town"
POOLED = ("call-rates-by-town", "call-denominators-by-town")

_TIME_LIMIT = 120.0
_ABSENT, _HIDDEN = -1, -2

Ints = NDArray[np.int64]
Texts = NDArray[np.str_]


@dataclass(frozen=True)
class Public:
    """What the attacker has: the data sets of a release, the public folder, the categories with their sensitivity."""

    folder: Path
    datasets: Sequence[DatasetVersion]
    categories: Sequence[PublicCategory]
    offence_categories: Sequence[PublicOffenceCategory]

    def read(self, name: str, columns: Sequence[str], categories: Sequence[str]) -> pa.Table | None:
        """Some columns of some categories' lines; None where the data set is not published."""
        found = next((d for d in self.datasets if d.name == name), None)
        if found is None or not categories:
            return None
        paths = [str(self.folder / file) for file in found.files]
        return pq.read_table(paths, columns=list(columns), filters=pc.field("category").isin(list(categories)))


class Sum(NamedTuple):
    """A published figure and the withheld counts in it (numbers of cells), less what is told of it: an equation."""

    figure: str
    cells: Ints
    rest: float


@dataclass
class Attack:
    """What is being put together: the withheld counts by name, the equations about them, the number of told figures."""

    hidden: list[str] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)
    told: int = 0

    def statements(self, threshold: int) -> Statements:
        """Each withheld count, known to be 1 to `threshold` - 1, and each equation."""
        n = len(self.hidden)
        row = np.repeat(np.arange(len(self.sums)), [s.cells.size for s in self.sums])
        column = np.concatenate([np.empty(0, np.int64), *(s.cells for s in self.sums)])
        equations = sparse.csr_matrix((np.ones(row.size), (row, column)), shape=(len(self.sums), n))
        rests = np.array([s.rest for s in self.sums], dtype=np.float64)
        is_sum = np.arange(n + len(self.sums)) >= n
        return Statements(
            np.array([*self.hidden, *(s.figure for s in self.sums)], dtype=np.str_),
            sparse.vstack([sparse.identity(n, format="csr"), equations], format="csr"),
            np.concatenate([np.full(n, np.nan), rests]),
            np.where(is_sum, 0.0, 1.0),
            np.where(is_sum, np.inf, threshold - 1.0),
            np.zeros(is_sum.size, np.bool_),
        )

    def add(self, figures: Texts, told: NDArray[np.float64], inside: Sequence[Ints]) -> None:
        """Published figures with the values `told` and, of each, the withheld cells `inside` it."""
        for name, value, cells in zip(figures, told, inside, strict=True):
            if cells.size:
                self.sums.append(Sum(str(name), cells, float(value)))
            else:
                self.told += 1


def audit_release(public: Public, threshold: int, seconds: float = _TIME_LIMIT) -> Certificate:
    """Attack every withheld count of the calls and of the verified offences.

    Raises `DataError` where a row of a sensitive category is published, or two figures contradict each other;
    `UnfinishedError` where the time is over before the end: then nothing is known to be safe.
    """
    sensitive = [c.slug for c in public.categories if c.sensitivity == "sensitive"]
    attack = Attack()
    _rows_are_open(public, sensitive)
    _calls(public, sensitive, attack)
    _offences(public, [c.slug for c in public.offence_categories if c.sensitivity == "sensitive"], attack)
    if not attack.hidden:
        return Certificate(threshold, attack.told, attack.told, 0, 0, 0, 0, 0, 0, 0, 0, (), 0, 0.0)
    found = audit(attack.statements(threshold), threshold, seconds=seconds)
    return Certificate(
        **{**vars(found), "statements": found.statements + attack.told, "told": found.told + attack.told}
    )


def require_passed(certificate: Certificate) -> None:
    """Raises `DataError` where a withheld count is known better than it may be."""
    if not certificate.passed:
        raise DataError(
            f"The audit can work out {certificate.narrow:,} of {certificate.attacked:,} withheld counts more closely "
            f"than it may, {certificate.recovered:,} of them exactly",
            "withheld counts of which the published figures tell no more than that they are small",
            "Nothing was published. This is a fault of the program: please report it.",
        )


def public_certificate(found: Certificate) -> AuditCertificate:
    """What is kept with the release, and said in public."""
    first = found.narrowest[0] if found.narrowest else None
    return AuditCertificate(
        threshold=found.threshold,
        statements=found.statements,
        told=found.told,
        attacked=found.attacked,
        recovered=found.recovered,
        narrow=found.narrow,
        narrowest_low=int(first.low) if first else None,
        narrowest_high=int(first.high) if first and np.isfinite(first.high) else None,
        programs=found.programs,
        seconds=round(found.seconds, 3),
    )


def _rows_are_open(public: Public, sensitive: Sequence[str]) -> None:
    for dataset in public.datasets:
        if dataset.kind != "rows" or all(c.name != "category" for c in dataset.columns):
            continue
        rows = public.read(dataset.name, ["category"], sensitive)
        if rows is not None and rows.num_rows:
            raise DataError(
                f"{dataset.name} has {rows.num_rows:,} rows of sensitive categories",
                "rows of open categories only",
                "Nothing was published. This is a fault of the program: please report it.",
            )


class _Cube(NamedTuple):
    """Counts by category, place, initiator and month: a count, `_ABSENT` or `_HIDDEN`; `number` of the withheld."""

    value: Ints  # (C, P, I, M)
    number: Ints  # the same shape; -1 where not withheld
    categories: list[str]
    places: list[str]
    months: NDArray[np.datetime64]
    is_town: NDArray[np.bool_]


def _calls(public: Public, sensitive: Sequence[str], attack: Attack) -> None:
    columns = ["geoid", "place", "month", "category", "initiated_by", "coverage", "calls"]
    lines = public.read(CUBE, columns, sensitive)
    if lines is None or not lines.num_rows:
        return
    cube = _cube(lines, attack)
    for name in POOLED:
        names = next((d for d in public.datasets if d.name == name), None)
        if names is None:
            continue
        level = ["level"] if any(c.name == "level" for c in names.columns) else []
        wanted = [*level, "geoid", "first_month", "last_month", "category", "category_level", "initiated_by", "calls"]
        found = public.read(name, wanted, sensitive)
        if found is not None:
            _pooled(name, found, cube, attack)
    _withheld_rows(public, sensitive, cube, attack)


def _cube(lines: pa.Table, attack: Attack) -> _Cube:
    geoid = pc.fill_null(lines["geoid"].cast(pa.string()), "")
    is_town = pc.not_equal(geoid, "")
    place_text = pc.if_else(is_town, geoid, lines["place"].cast(pa.string()))
    category, categories = _codes(lines["category"])
    place, places = _codes(place_text)
    who, initiators = _codes(lines["initiated_by"])
    month = lines["month"].cast(pa.int32()).to_numpy().astype("datetime64[D]").astype("datetime64[M]")
    months = np.arange(month.min(), month.max() + 1)
    at = (category, place, who, (month - months[0]).astype(np.int64))
    value = np.full((len(categories), len(places), len(initiators), len(months)), _ABSENT, np.int64)
    withheld = pc.equal(lines["coverage"].cast(pa.string()), "suppressed").to_numpy()
    value[at] = np.where(withheld, _HIDDEN, pc.fill_null(lines["calls"], _ABSENT).to_numpy())
    number = np.full(value.shape, -1, np.int64)
    where = np.nonzero(value == _HIDDEN)
    number[where] = np.arange(where[0].size) + len(attack.hidden)
    attack.hidden += [
        f"{categories[c]}, {places[p]}, {initiators[i]}, {months[m]}" for c, p, i, m in zip(*where, strict=True)
    ]
    attack.told += int((value >= 0).sum())
    towns = np.zeros(len(places), np.bool_)
    towns[np.unique(place[is_town.to_numpy()])] = True
    return _Cube(value, number, categories, places, months, towns)


def _pooled(name: str, found: pa.Table, cube: _Cube, attack: Attack) -> None:
    """Sums over the months of a period, of a town or of all towns, of citizens' calls or of all."""
    found = found.filter(
        pc.and_(pc.equal(found["category_level"].cast(pa.string()), "category"), pc.is_valid(found["calls"]))
    )
    # The initiators are in alphabetical order: `citizen` is the first, `officer` the second.
    counts, hidden = np.maximum(cube.value, 0), cube.number >= 0
    told, withheld = (_running(_with_state(a.astype(np.int64), cube.is_town)) for a in (counts, hidden))
    category = _index(found["category"], cube.categories)
    place = _index(found["geoid"], cube.places)
    if "level" in found.column_names:
        of_state = pc.equal(found["level"].cast(pa.string()), "state").to_numpy(zero_copy_only=False)
        place = np.where(of_state, len(cube.places), place)
    both = pc.equal(found["initiated_by"].cast(pa.string()), "all").to_numpy(zero_copy_only=False).astype(np.int64)
    first, last = (_month(found[column], cube.months) for column in ("first_month", "last_month"))
    n, w = (_between(sums, category, place, both, first, last) for sums in (withheld, told))
    value = found["calls"].to_numpy()
    if (wrong := np.flatnonzero((n == 0) & (w != value))).size:
        raise DataError(
            f"{name} says {value[wrong[0]]} where the counts of {CUBE} add up to {w[wrong[0]]}",
            "sums of the published counts",
            "Nothing was published. This is a fault of the program: please report it.",
        )
    open_ = np.flatnonzero(n > 0)
    attack.told += int((n == 0).sum())
    inside = []
    for line in open_:
        towns = np.flatnonzero(cube.is_town) if place[line] == len(cube.places) else np.array([place[line]])
        numbers = cube.number[category[line]][towns][:, : both[line] + 1, first[line] : last[line] + 1]
        inside.append(numbers[numbers >= 0].ravel())
    attack.add(np.array([f"{name}, line {i}" for i in open_], dtype=np.str_), (value - w)[open_].astype(float), inside)


def _withheld_rows(public: Public, sensitive: Sequence[str], cube: _Cube, attack: Attack) -> None:
    """How many rows are not published, where it is said: all sensitive counts and those of no category."""
    counted = [d for d in public.datasets if d.kind == "rows" and {"category", "geoid"} <= {c.name for c in d.columns}]
    if not counted or any(d.accounting is None for d in counted):
        return
    unmapped = public.read(CUBE, ["calls"], ["unmapped"]) if "unmapped" not in sensitive else None
    known = int(np.maximum(cube.value, 0).sum())
    known += int(pc.sum(unmapped["calls"]).as_py() or 0) if unmapped is not None else 0
    total = sum(d.accounting.withheld for d in counted if d.accounting is not None)
    cells = cube.number[cube.number >= 0].ravel()
    attack.add(np.array(["rows that are not published"]), np.array([float(total - known)]), [cells])


def _offences(public: Public, sensitive: Sequence[str], attack: Attack) -> None:
    lines = public.read(OFFENCES, ["geoid", "category", "year", "coverage", "offences"], sensitive)
    if lines is None or not lines.num_rows:
        return
    withheld = lines.filter(pc.equal(lines["coverage"].cast(pa.string()), "suppressed"))
    key = {k: len(attack.hidden) + i for i, k in enumerate(_offence_keys(withheld, "year"))}
    attack.hidden += [", ".join(k) for k in key]
    attack.told += lines.num_rows - withheld.num_rows
    rates = public.read(
        OFFENCE_RATES, ["level", "geoid", "category", "category_level", "period", "offences"], sensitive
    )
    if rates is not None:
        rates = rates.filter(
            pc.and_(pc.equal(rates["category_level"].cast(pa.string()), "category"), pc.is_valid(rates["offences"]))
        )
        _offence_lines(OFFENCE_RATES, rates, key, lines, attack)


def _offence_lines(
    name: str, rates: pa.Table, key: dict[tuple[str, str, str], int], lines: pa.Table, attack: Attack
) -> None:
    levels = rates["level"].cast(pa.string()).to_pylist()
    values = rates["offences"].to_pylist()
    for level, (category, geoid, year), value in zip(levels, _offence_keys(rates, "period"), values, strict=True):
        if level == "state":
            cells = [n for (c, _, y), n in key.items() if (c, y) == (category, year)]
            of_year = pc.and_(
                pc.equal(lines["category"].cast(pa.string()), category), pc.equal(lines["year"].cast(pa.string()), year)
            )
            told = pc.sum(lines.filter(of_year)["offences"]).as_py() or 0
        else:
            cells, told = [key[category, geoid, year]] if (category, geoid, year) in key else [], 0
        if cells:
            attack.add(np.array([f"{name}, {category}, {geoid}, {year}"]), np.array([value - told]), [np.array(cells)])
        else:
            attack.told += 1


def _offence_keys(lines: pa.Table, year: str) -> list[tuple[str, str, str]]:
    columns = (lines[c].cast(pa.string()).to_pylist() for c in ("category", "geoid", year))
    return [(str(c), str(g), str(y)) for c, g, y in zip(*columns, strict=True)]


def _with_state(values: Ints, is_town: NDArray[np.bool_]) -> Ints:
    """The places, and all towns together after them."""
    return np.concatenate([values, values[:, is_town].sum(axis=1, keepdims=True)], axis=1)


def _running(values: Ints) -> Ints:
    """Running sums over initiators, and over months from 0: (C, P, I, M + 1)."""
    sums: Ints = np.cumsum(np.cumsum(values, axis=2), axis=3)
    return np.concatenate([np.zeros((*sums.shape[:3], 1), np.int64), sums], axis=3)


def _between(sums: Ints, category: Ints, place: Ints, both: Ints, first: Ints, last: Ints) -> Ints:
    who = np.minimum(both, sums.shape[2] - 1)
    found: Ints = sums[category, place, who, last + 1] - sums[category, place, who, first]
    return found


def _month(column: pa.ChunkedArray, months: NDArray[np.datetime64]) -> Ints:
    """The number of each month; months before or after the data are the first or the last."""
    month = column.cast(pa.int32()).to_numpy().astype("datetime64[D]").astype("datetime64[M]")
    found: Ints = np.clip((month - months[0]).astype(np.int64), 0, len(months) - 1)
    return found


def _codes(column: pa.ChunkedArray | pa.Array) -> tuple[Ints, list[str]]:
    values = sorted(pc.unique(column.cast(pa.string())).to_pylist())
    return _index(column, values), values


def _index(column: pa.ChunkedArray | pa.Array, values: list[str]) -> Ints:
    found = pc.index_in(column.cast(pa.string()), value_set=pa.array(values, pa.string()))
    return np.asarray(pc.fill_null(found, -1).to_numpy(), dtype=np.int64)
