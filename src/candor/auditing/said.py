"""What a release says of sensitive kinds of calls, figure by figure, whichever of its tables says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from candor.auditing.public import (
    CUBE,
    FAULT,
    FIGURES,
    RATES,
    Bools,
    Floats,
    Ints,
    Tables,
    equals,
    is_one_of,
    month_numbers,
    positions,
    words,
)
from candor.auditing.reporting import Reporting, reporting
from candor.portal.problems import DataError

LEVELS = ("town", "county", "state")
_KEYS = ["level", "geoid", "place", "first_month", "last_month"]


class Said(NamedTuple):
    """The figures of a release (rows) and what is said of each for each category (columns).

    `name` is what a figure is called in every release. `place`: a town's GEOID, a county's name, nothing of the state.
    `first` and `last` are months since January 1970. The public knows that a figure lies from `low` to `high`: the
    same where it is told; 0 to infinity where nothing is said. `withheld`: it says "suppressed". `by_month`: it is of a
    month of a town, as figures of open categories are.
    """

    categories: tuple[str, ...]
    name: NDArray[np.str_]
    level: Ints
    place: NDArray[np.str_]
    first: Ints
    last: Ints
    low: Floats
    high: Floats
    withheld: Bools
    by_month: Bools
    reporting: Reporting

    @property
    def told(self) -> Bools:
        """Which figures have a value."""
        return np.asarray(self.low == self.high)


class _Lines(NamedTuple):
    """Statements as they stand in a table, one a line."""

    key: pa.Array
    category: Ints
    low: Floats
    high: Floats
    withheld: Bools


def said(tables: Tables, categories: Sequence[str]) -> Said:
    """Everything that a release says of these categories: their own figures, their rates, and months of towns.

    Raises `DataError` where two of its tables contradict each other.
    """
    least = {c.slug: 0 if c.zeros_protected else 1 for c in tables.release.categories}
    at_least = np.array([least.get(slug, 0) for slug in categories], dtype=np.float64)
    found = [(name, _figures(tables, name, categories, at_least)) for name in (FIGURES, RATES)]
    found.append((CUBE, _months(tables, categories, at_least)))
    lines = [(name, part) for name, part in found if part is not None and len(part.key)]
    keys = pc.unique(pa.chunked_array([part.key for _, part in lines], pa.string())).sort() if lines else pa.array([])
    shape = (len(keys), len(categories))
    low, high, withheld = np.zeros(shape), np.full(shape, np.inf), np.zeros(shape, np.bool_)
    for name, part in lines:
        at = (pc.index_in(part.key, value_set=keys).to_numpy(zero_copy_only=False), part.category)
        np.maximum.at(low, at, part.low)
        np.minimum.at(high, at, part.high)
        np.logical_or.at(withheld, at, part.withheld)
        if (wrong := np.argwhere(low > high)).size:
            raise _contradiction(name, categories[wrong[0, 1]], keys[int(wrong[0, 0])].as_py(), low, high, wrong[0])
    level, place, first, last = _parted(keys)
    of_months = np.zeros(len(keys), np.bool_)
    if found[-1][1] is not None:
        of_months = pc.is_in(keys, value_set=found[-1][1].key).to_numpy(zero_copy_only=False)
    return Said(
        tuple(categories), np.array(keys.to_pylist(), np.str_), level, place, first, last, low, high, withheld,
        of_months, reporting(tables),
    )  # fmt: skip


def sets(found: Said, geoids: Sequence[str], first: int, months: int) -> sparse.csr_matrix:
    """The counts that each figure sums, (figures, towns x months); `first` is the first of the months.

    The count of town t in month m has the number t * months + m. Only reported counts are in a figure.
    """
    own = found.reporting
    at = np.array([geoids.index(g) for g in own.geoids], np.int64)
    reported = np.zeros((len(geoids), months), np.bool_)
    reported[at, own.first - first : own.first - first + own.reported.shape[1]] = own.reported
    towns = np.array(own.geoids, np.str_)
    county = np.array(own.counties, np.str_)
    numbers = np.arange(first, first + months)
    parts, order = [], []
    spans, of = np.unique(np.stack([found.level, found.first, found.last]), axis=1, return_inverse=True)
    for i, (level, start, end) in enumerate(spans.T):
        rows = np.flatnonzero(of.ravel() == i)
        inside = [at[towns == place] if level == 0 else at[county == place] if level == 1 else at
                  for place in found.place[rows]]  # fmt: skip
        member = np.repeat(np.arange(rows.size), [len(t) for t in inside])
        who = np.concatenate([np.empty(0, np.int64), *inside])
        places = sparse.csr_matrix((np.ones(who.size), (member, who)), shape=(rows.size, len(geoids)))
        period = sparse.csr_matrix(((numbers >= start) & (numbers <= end)).astype(np.float64))
        parts.append(sparse.kron(places, period, format="csr"))
        order.append(rows)
    if not parts:
        return sparse.csr_matrix((0, len(geoids) * months))
    back = np.argsort(np.concatenate(order), kind="stable")
    stacked = sparse.vstack(parts, format="csr")[back] @ sparse.diags(reported.ravel().astype(np.float64))
    result = sparse.csr_matrix(stacked)
    result.eliminate_zeros()
    return result


def town_names(tables: Tables) -> dict[str, str]:
    """The towns of a release by GEOID."""
    lines = tables.read(FIGURES, ["geoid", "place"], pc.field("level") == "town")
    if lines is None:
        return {}
    every = pa.table({"geoid": words(lines["geoid"]), "place": words(lines["place"])})
    once = every.group_by("geoid").aggregate([("place", "min")])
    return dict(zip(once["geoid"].to_pylist(), once["place_min"].to_pylist(), strict=True))


def called(name: str, towns: Mapping[str, str] | None = None) -> str:
    """A figure's name for people: `Stowe (5000170525), 2025`, `county Lamoille, 2025-03`, `the state, 2025-Q1`."""
    level, place, first, last = name.split("|")
    town = f"{towns[place]} ({place})" if towns and place in towns else place
    where = town if level == "town" else f"county {place}" if level == "county" else "the state"
    start, end = np.datetime64(int(first), "M"), np.datetime64(int(last), "M")
    length, month = int(last) - int(first) + 1, int(first) % 12
    if length == 1:
        when = str(start)
    elif length == 3 and month % 3 == 0:  # a quarter
        when = f"{str(start)[:4]}-Q{month // 3 + 1}"
    elif length == 12 and month == 0:  # a calendar year
        when = str(start)[:4]
    else:
        when = f"{str(start)[:4]}-{str(end)[:4]}" if month == 0 and length % 12 == 0 else f"{start} to {end}"
    return f"{where}, {when}"


def _figures(tables: Tables, name: str, categories: Sequence[str], at_least: Floats) -> _Lines | None:
    """The lines of `sensitive-calls`, or of these categories in `call-rates-by-town`."""
    if tables.dataset(FIGURES) is None:
        return None  # an older program's: then the months tell everything
    # What is open in this release is told town by town and month by month: its rates say nothing more.
    open_ = {c.slug for c in tables.release.categories} - {c.slug for c in tables.sensitive()}
    wanted = [c for c in categories if c not in open_]
    lines = tables.read(name, [*_KEYS, "category", "coverage", "calls"], is_one_of("category", wanted))
    if lines is None:
        return None
    withheld = equals(lines["coverage"], "suppressed")
    value = lines["calls"].cast(pa.float64()).to_numpy(zero_copy_only=False)
    some = withheld | np.isfinite(value)
    category = positions(lines["category"], categories)
    low = np.where(np.isfinite(value), value, at_least[category])
    high = np.where(np.isfinite(value), value, np.inf)
    return _Lines(_key(lines).filter(pa.array(some)), category[some], low[some], high[some], withheld[some])


def _months(tables: Tables, categories: Sequence[str], at_least: Floats) -> _Lines | None:
    """The lines of towns and months, citizens' calls and officers' together, as open categories have them.

    Each of the two may be withheld by itself where only small numbers were: then it is known to be one.
    """
    columns = ["geoid", "month", "category", "coverage", "calls"]
    lines = tables.read(CUBE, columns, is_one_of("category", categories))
    if lines is None or not lines.num_rows:
        return None
    lines = lines.filter(pc.not_equal(words(lines["geoid"]), ""))
    withheld = equals(lines["coverage"], "suppressed")
    lines = lines.filter(pa.array(withheld | pc.is_valid(lines["calls"]).to_numpy(zero_copy_only=False)))
    withheld = equals(lines["coverage"], "suppressed")
    value = lines["calls"].cast(pa.float64()).to_numpy(zero_copy_only=False)
    category = positions(lines["category"], categories)
    month = month_numbers(lines["month"])
    key = _joined(pa.array(["town"] * lines.num_rows), words(lines["geoid"]), month, month)
    told = np.isfinite(value)
    both = pa.table(
        {
            "key": key,
            "category": category,
            "low": np.where(told, value, at_least[category]),
            "high": np.where(told, value, tables.threshold - 1.0),
            "withheld": withheld.astype(np.int8),
        }
    )
    sums = both.group_by(["key", "category"]).aggregate([("low", "sum"), ("high", "sum"), ("withheld", "max")])
    return _Lines(
        sums["key"].combine_chunks(),
        sums["category"].to_numpy(),
        sums["low_sum"].to_numpy(),
        sums["high_sum"].to_numpy(),
        sums["withheld_max"].to_numpy() > 0,
    )


def _key(lines: pa.Table) -> pa.Array:
    level = words(lines["level"])
    named = [pc.equal(level, "town"), pc.equal(level, "county")]
    place = pc.if_else(named[0], words(lines["geoid"]), pc.if_else(named[1], words(lines["place"]), ""))
    return _joined(level, place, month_numbers(lines["first_month"]), month_numbers(lines["last_month"]))


def _joined(level: pa.Array, place: pa.Array, first: Ints, last: Ints) -> pa.Array:
    parts = (pa.array(first).cast(pa.string()), pa.array(last).cast(pa.string()))
    return pc.binary_join_element_wise(level, place, *parts, "|")


def _parted(keys: pa.Array) -> tuple[Ints, NDArray[np.str_], Ints, Ints]:
    parts = [key.split("|") for key in keys.to_pylist()]
    level, place, first, last = zip(*parts, strict=True) if parts else ((), (), (), ())
    return (
        np.array([LEVELS.index(x) for x in level], np.int64),
        np.array(place, np.str_),
        np.array([int(x) for x in first], np.int64),
        np.array([int(x) for x in last], np.int64),
    )


def _contradiction(name: str, category: str, key: str, low: Floats, high: Floats, at: NDArray[np.int64]) -> DataError:
    return DataError(
        f"{name} says of {category}, {called(key)} that there were {low[*at]:g} where another table says {high[*at]:g}",
        "one number for one figure, in all tables of a release",
        FAULT,
    )
