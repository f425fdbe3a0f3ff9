"""Everything ever told of sensitive kinds, figure by figure, whichever release and table tells it.

A figure told as v may be v - 2 to v + 2 (5: 5 to 7), "under 5" is 0 to 4. Releases of the old form told exact figures
and called others "suppressed": these bind too, and are not judged again (`judged`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from candor.audit.public import (
    FAULT,
    FIGURES,
    RATES,
    UNDER,
    Bools,
    Floats,
    Ints,
    Public,
    Tables,
    equals,
    is_one_of,
    month_numbers,
    numbers,
    positions,
    texts,
    words,
)
from candor.errors import DataError

TOWN, COUNTY, STATE = range(3)
LEVELS = ("town", "county", "state")
STEP, CORRECTION = 5, 10
_KEYS = ["level", "geoid", "place", "first_month", "last_month", "category"]
_MONTH, _QUARTER, _YEAR = 1, 3, 12


class Figures(NamedTuple):
    """Figures: `place` is a town's GEOID, a county's name, nothing of the state; months since January 1970, both in."""

    level: Ints
    place: NDArray[np.str_]
    first: Ints
    last: Ints

    def take(self, at: Ints) -> Figures:
        """Some of them."""
        return Figures(self.level[at], self.place[at], self.first[at], self.last[at])

    @property
    def key(self) -> list[str]:
        """What each is called in every release."""
        return [f"{LEVELS[a]}|{b}|{c}|{d}" for a, b, c, d in zip(*self, strict=True)]


class Told(NamedTuple):
    """What is told: `low`, `high` (figures, kinds), 0 and infinity where nothing is; `judged`: told in the new form.

    `before_low`, `before_high` are what releases of the old form said.
    """

    kinds: tuple[str, ...]
    figures: Figures
    low: Floats
    high: Floats
    judged: Bools
    before_low: Floats
    before_high: Floats


def told(public: Public) -> Told:
    """Everything told of sensitive kinds by all releases.

    Raises `DataError` for a figure in a form that must not be, or told twice differently.
    """
    kinds = public.sensitive()
    lines = _every_line(public, kinds)
    names = pc.unique(lines["key"]).sort()
    keys = names.to_pylist()
    parts = [k.split("|") for k in keys]
    figures = Figures(
        np.array([LEVELS.index(p[0]) for p in parts], np.int64), np.array([p[1] for p in parts], np.str_),
        np.array([int(p[2]) for p in parts], np.int64), np.array([int(p[3]) for p in parts], np.int64),
    )  # fmt: skip
    at = pc.index_in(lines["key"].combine_chunks(), value_set=names).to_numpy(zero_copy_only=False).astype(np.int64)
    kind, low, high = lines["kind"].to_numpy(), lines["low"].to_numpy(), lines["high"].to_numpy()
    exact, release = lines["exact"].to_numpy(zero_copy_only=False), lines["release"].to_numpy()
    corrected = lines["corrected"].to_numpy(zero_copy_only=False)
    shape = (len(keys), len(kinds))
    result = Told(
        tuple(kinds), figures, np.zeros(shape), np.full(shape, np.inf), np.zeros(shape, np.bool_), np.zeros(shape),
        np.full(shape, np.inf),
    )  # fmt: skip
    order = np.argsort(release, kind="stable")
    old = order[exact[order]]
    result.before_low[at[old], kind[old]], result.before_high[at[old], kind[old]] = low[old], high[old]
    new = order[~exact[order]]
    _told_once(result, at[new], kind[new], low[new], high[new], corrected[new])
    result.low[at[new], kind[new]], result.high[at[new], kind[new]] = low[new], high[new]
    result.judged[at[new], kind[new]] = True
    _forms(result)
    both_low, both_high = np.maximum(result.low, result.before_low), np.minimum(result.high, result.before_high)
    agree = both_low <= both_high  # where an old figure was corrected since, the new one holds
    return result._replace(low=np.where(agree, both_low, result.low), high=np.where(agree, both_high, result.high))


def _every_line(public: Public, kinds: Sequence[str]) -> pa.Table:
    seen = set()
    figures = [_lines(FIGURES, _nothing(), [], number=0, exact=False)]
    for tables in public.tables:
        for name in (FIGURES, RATES):
            content = tables.content((name,))
            if content in seen or tables.dataset(FIGURES) is None:
                continue  # what a release carries over, or of an older program
            seen.add(content)
            extra = [c for c in ("corrected",) if c in tables.columns(name)]
            lines = tables.read(name, [*_KEYS, "coverage", "calls", *extra], _wanted(name, tables, kinds))
            if lines is not None and name == RATES and not tables.exact:
                lines = _without_sums(tables, lines, kinds)
            if lines is not None and lines.num_rows:
                figures.append(_lines(name, lines, kinds, tables.release.number, exact=tables.exact))
    return pa.concat_tables(figures)


def _without_sums(tables: Tables, lines: pa.Table, kinds: Sequence[str]) -> pa.Table:
    """The rates but those of several years that are sums of told years: they tell nothing that these do not.

    Of the state, and of towns that are told year by year. Raises `DataError` for one that is no such sum.
    """
    figures = tables.read(FIGURES, [*_KEYS, "coverage", "calls"], is_one_of("category", kinds))
    first, last = month_numbers(lines["first_month"]), month_numbers(lines["last_month"])
    several = np.isfinite(numbers(lines["calls"])) & (last - first + 1 > _YEAR)
    if figures is None or not several.any():
        return lines
    value = np.where(equals(figures["coverage"], UNDER), np.nan, numbers(figures["calls"]))
    names = [f"{k}|{c}" for k, c in zip(_key(figures).to_pylist(), texts(figures["category"]).tolist(), strict=True)]
    of = {name: v for name, v in zip(names, value.tolist(), strict=True) if np.isfinite(v)}
    keep = np.ones(lines.num_rows, np.bool_)
    said, kind = numbers(lines["calls"]), texts(lines["category"]).tolist()
    for at, key in zip(
        np.flatnonzero(several).tolist(), _key(lines.filter(pa.array(several))).to_pylist(), strict=True
    ):
        if f"{key}|{kind[at]}" in of:
            continue
        level, place, begin, end = key.split("|")
        years = [f"{level}|{place}|{y}|{y + _YEAR - 1}|{kind[at]}" for y in range(int(begin), int(end), _YEAR)]
        if sum(of.get(y, np.nan) for y in years) != said[at]:
            raise DataError(
                f"{RATES} says {said[at]:,.0f} of {kind[at]}, {called(key)}, which is not the sum of its told years",
                "of several years what was told of them, or the sum of told years",
                FAULT,
            )
        keep[at] = False
    return lines.filter(pa.array(keep))


def _wanted(name: str, tables: Tables, kinds: Sequence[str]) -> pc.Expression:
    """Of the rates, those of kinds that the release calls sensitive: of the open ones the months are told."""
    if name == FIGURES:
        return is_one_of("category", kinds)
    return is_one_of("category", [c.slug for c in tables.sensitive()])


def _nothing() -> pa.Table:
    text = {n: pa.array([], pa.string()) for n in ("level", "geoid", "place", "category", "coverage")}
    months = {n: pa.array([], pa.date32()) for n in ("first_month", "last_month")}
    return pa.table({**text, **months, "calls": pa.array([], pa.int64())})


def _lines(name: str, lines: pa.Table, kinds: Sequence[str], number: int, *, exact: bool) -> pa.Table:
    """Statements as they stand in a table, one a line that says something."""
    under, value = equals(lines["coverage"], UNDER), numbers(lines["calls"])
    hidden, zero = equals(lines["coverage"], "suppressed"), equals(lines["coverage"], "zero")
    some = np.isfinite(value)
    if exact:
        low, high = np.where(some, value, 1.0), np.where(some, value, np.inf)
        says = some | hidden
    else:
        wrong = (some & ((value < STEP) | (value % STEP != 0) | under)) | zero | hidden
        if wrong.any():
            at = int(np.argmax(wrong))
            said = f"{value[at]:,.0f}" if some[at] else texts(lines["coverage"])[at]
            raise DataError(
                f"{name} of release {number} says {said} of {texts(lines['category'])[at]}, "
                f"{called(_key(lines.slice(at, 1))[0].as_py())}",
                'of sensitive kinds "under 5", or a multiple of 5 from 5',
                FAULT,
            )
        low = np.where(under, 0.0, np.where(value == STEP, STEP, value - 2))
        high = np.where(under, STEP - 1.0, value + 2)
        says = some | under
    corrected = np.zeros(lines.num_rows, np.bool_)
    if "corrected" in lines.column_names:
        corrected = ~np.isin(texts(lines["corrected"]), ["", "false", "False"])
    made = pa.table(
        {
            "key": _key(lines),
            "kind": positions(lines["category"], kinds),
            "low": np.where(says, low, 0.0).astype(np.float64),
            "high": np.where(says, high, 0.0).astype(np.float64),
            "exact": np.full(lines.num_rows, exact),
            "release": np.full(lines.num_rows, number),
            "corrected": corrected,
        }
    )
    return made.filter(pa.array(says))


def _key(lines: pa.Table) -> pa.Array:
    level = words(lines["level"])
    named = [pc.equal(level, "town"), pc.equal(level, "county")]
    place = pc.if_else(named[0], words(lines["geoid"]), pc.if_else(named[1], words(lines["place"]), ""))
    span = [pa.array(month_numbers(lines[n])).cast(pa.string()) for n in ("first_month", "last_month")]
    return pc.binary_join_element_wise(level, place, *span, "|")


def _told_once(result: Told, at: Ints, kind: Ints, low: Floats, high: Floats, corrected: Bools) -> None:
    """One figure, one value, in all releases; the lines come in the order of releases."""
    order = np.lexsort((np.arange(at.size), kind, at))
    a, b = order[:-1], order[1:]
    differs = (at[a] == at[b]) & (kind[a] == kind[b]) & ((low[a] != low[b]) | (high[a] != high[b]))
    said = differs & corrected[b] & (np.abs(high[a] - high[b]) >= CORRECTION)
    if (wrong := np.flatnonzero(differs & ~said)).size:
        i, j = a[wrong[0]], b[wrong[0]]
        raise DataError(
            f"{result.kinds[kind[i]]}, {called(result.figures.key[at[i]])} was told as {_value(high[i])} and "
            f"then as {_value(high[j])}, and so {wrong.size:,} figures",
            "a sensitive figure told once, or corrected by 10 or more, and said to be",
            "Nothing was published. Tell the figure as it was told before.",
        )


def _forms(result: Told) -> None:
    """Towns by years or several, never both over the same; counties by month and year; the state also by quarter."""
    level, _, first, last = result.figures
    length = last - first + 1
    begins = first % _YEAR == 0
    whole = begins & (length % _YEAR == 0)
    quarter = (length == _QUARTER) & (first % _QUARTER == 0)
    year = begins & (length == _YEAR)
    allowed = np.select(
        [level == TOWN, level == COUNTY], [whole, (length == _MONTH) | year], (length == _MONTH) | quarter | year
    )
    told_at = result.judged.any(axis=1)
    if (wrong := np.flatnonzero(told_at & ~allowed)).size:
        raise DataError(
            f"A sensitive figure is told of {called(result.figures.key[wrong[0]])}, and so {wrong.size:,} figures",
            "towns by calendar year or by several, counties by month and year, the state by month, quarter and year",
            FAULT,
        )
    towns = np.flatnonzero((level == TOWN) & told_at)
    for kind in range(len(result.kinds)):
        own = towns[result.judged[towns, kind]]
        own = own[np.lexsort((last[own], first[own], result.figures.place[own]))]
        same = result.figures.place[own][1:] == result.figures.place[own][:-1]
        # Sorted by beginning, spans overlap somewhere only where neighbours do.
        if (wrong := np.flatnonzero(same & (first[own][1:] <= last[own][:-1]))).size:
            one, other = (called(result.figures.key[own[wrong[0] + i]]) for i in (0, 1))
            raise DataError(
                f"{result.kinds[kind]} is told of {one} and of {other}",
                "a town's years or the figure of several years, never both over the same years",
                FAULT,
            )


def called(name: str, towns: dict[str, str] | None = None) -> str:
    """A figure's name for people: `Stowe (5000170525), 2025`, `county Lamoille, 2025-03`, `the state, 2025-Q1`."""
    level, place, first, last = name.split("|")
    town = f"{towns[place]} ({place})" if towns and place in towns else place
    where = town if level == "town" else f"county {place}" if level == "county" else "the state"
    return f"{where}, {period(int(first), int(last))}"


def period(first: int, last: int) -> str:
    """A span of months for people."""
    start, end = str(np.datetime64(first, "M")), str(np.datetime64(last, "M"))
    length = last - first + 1
    if length == _MONTH:
        return start
    if length == _QUARTER and first % _QUARTER == 0:
        return f"{start[:4]}-Q{first % _YEAR // _QUARTER + 1}"
    if first % _YEAR or length % _YEAR:
        return f"{start} to {end}"
    return start[:4] if length == _YEAR else f"{start[:4]}-{end[:4]}"


def _value(high: float) -> str:
    return f'"{UNDER}"' if high < STEP else f"{high - 2:,.0f}"
