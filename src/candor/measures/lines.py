"""Figures as the lines of a published table: one for each series, initiator, period and place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from candor.measures.changes import Changes
from candor.measures.columns import TEXT, Spread, numbers, texts, whole_numbers
from candor.measures.dense import Bools, Ints
from candor.measures.periods import Period
from candor.measures.pools import INITIATED_BY, Pool, Series, spread_of
from candor.measures.seasons import UsualMonths
from candor.measures.standing import Standing, provisional
from candor.measures.wander import Learned
from candor.statistics.distinct import distinct
from candor.statistics.intervals import Floats
from candor.statistics.negative_binomial import lower_mean, upper_mean
from candor.vocabulary.comparison import CHANGES, DIFFERENCES, PLACES, USUAL, WANDER_FROM
from candor.vocabulary.coverage import COVERAGE
from candor.vocabulary.tables import figure_columns

PER = 1000
"""Rates are for so many persons and a year."""

RATE_FROM = 10
"""The events from which a rate is printed (METHODS, Rates)."""

NOTES = ("", "under 5", "no residents", "residents not known", "too few to rate", "partly reported")


def schema_of(count: str, parts: str = "") -> pa.Schema:
    """The columns of a table of figures; `count` names the one of events: `calls`, `offences`; `parts` that of rows.

    Texts are held as dictionaries, for each occurs many thousand times.
    """
    types: dict[str, pa.DataType] = {
        **dict.fromkeys(_WORDS, TEXT),
        **dict.fromkeys(("first_month", "last_month"), pa.date32()),
        **dict.fromkeys(("months_reported", "towns_reported", count, "residents", "persons"), pa.int64()),
        **dict.fromkeys(("wander_pairs", "year_change_months", parts), pa.int64()),
        "provisional": pa.bool_(),
    }
    return pa.schema([(name, types.get(name, pa.float64())) for name in figure_columns(count, parts)])


_WORDS = (
    *("level", "geoid", "place", "county", "period", "category", "category_level", "initiated_by", "coverage"),
    *("note", "denominator", "wander_from", "comparison", "compared_over", "among_towns"),
    *("similar_to", "similar_comparison", "year_change", "usual"),
)


@dataclass(frozen=True)
class Places:
    """The towns, or the state, that a block of lines is about."""

    level: str
    geoids: tuple[str, ...]
    names: tuple[str, ...]
    counties: tuple[str, ...]

    def only(self, index: NDArray[np.int64]) -> Places:
        """Some of the places, by their positions."""
        geoids, names, counties = (tuple(t[i] for i in index) for t in (self.geoids, self.names, self.counties))
        return Places(self.level, geoids, names, counties)


@dataclass(frozen=True)
class Answers:
    """What is said of the figures of a pool beside their counts.

    `standing` is None of the state's own lines. `pooled_years`: names of whole years, and which of them each place's
    answer is of. `similar`: names of the groups of similar towns, and the group of each place. `denominator`: what
    rates are by.
    """

    wander: Learned
    change: Changes
    standing: Standing | None
    usual: UsualMonths
    pooled_years: tuple[tuple[str, ...], Ints] | None = None
    similar: tuple[tuple[str, ...], Ints] | None = None
    denominator: str = "residents"


def lines(
    series: Series,
    periods: Sequence[Period],
    places: Places,
    pool: Pool,
    answers: Answers,
    *,
    count: str = "calls",
    parts: str = "",
) -> pa.Table:
    """The lines of a pool (`schema_of`), in the order series, initiator, period, place."""
    shape = pool.calls.shape
    coverage = coverage_of(pool)
    known = coverage >= COVERAGE.index("partly reported")
    rated = known & (pool.calls >= RATE_FROM) & (pool.person_years > 0)
    spread = Spread(shape)
    who, when, what, where = (spread.along(axis) for axis in (1, 2, 0, 3))
    first = np.array([p.first for p in periods], "datetime64[D]")
    last = np.array([p.last for p in periods], "datetime64[D]")
    persons = pool.residents if pool.persons is None else pool.persons
    columns: dict[str, pa.Array] = {
        "level": texts((places.level,), np.zeros(len(where), np.int32)),
        "geoid": texts(places.geoids, where),
        "place": texts(places.names, where),
        "county": texts(places.counties, where),
        "period": texts([p.name for p in periods], when),
        "first_month": pa.array(first[when], pa.date32()),
        "last_month": pa.array(last[when], pa.date32()),
        "category": texts(series.names, what),
        "category_level": texts(series.levels, what),
        "initiated_by": texts(INITIATED_BY, who),
        "coverage": texts(COVERAGE, coverage.ravel()),
        "provisional": pa.array(spread.of(provisional(pool))),
        "months_reported": pa.array(spread.of(pool.months)),
        "towns_reported": pa.nulls(len(where), pa.int64()) if pool.towns is None else pa.array(spread.of(pool.towns)),
        count: pa.array(pool.calls.ravel(), mask=~known.ravel()),
        **({parts: _rows(pool, known)} if parts else {}),
        "residents": whole_numbers(spread.of(pool.residents)),
        "denominator": texts((answers.denominator,), np.zeros(len(where), np.int32)),
        "persons": whole_numbers(spread.of(persons)),
        "note": texts(NOTES, note_of(coverage, pool).ravel()),
        **_rates(pool, rated, answers.wander),
        **_compared(spread, periods, pool, answers),
        **_changed(answers.change),
        "usual_low": numbers(answers.usual.lower),
        "usual_high": numbers(answers.usual.upper),
        "usual": texts(USUAL, answers.usual.mark.ravel()),
    }
    schema = schema_of(count, parts)
    return pa.table([columns[name] for name in schema.names], schema=schema)


def rate_interval(pool: Pool, rated: Bools, c: Floats) -> tuple[Floats, Floats, Floats]:
    """Rate per 1,000 persons and year with its 95 % limits, of the figures that are `rated`; c (L, 2, Q, 1).

    The interval holds every count that a rounded figure may be.
    """
    shape = pool.calls.shape
    persons = np.broadcast_to(pool.person_years, shape)[rated]
    counts, more = pool.calls[rated], spread_of(pool)[rated]
    wander = np.broadcast_to(c, shape)[rated]
    (x, about, c_of), which = distinct(counts.astype(np.float64), more.astype(np.float64), wander)
    lower, upper = lower_mean(np.maximum(x - about, 0), c_of)[which], upper_mean(x + about, c_of)[which]
    return counts / persons * PER, lower / persons * PER, upper / persons * PER


def _rates(pool: Pool, rated: Bools, wander: Learned) -> dict[str, pa.Array]:
    shape = rated.shape
    found = rate_interval(pool, rated, wander.c[..., None])
    columns = {}
    for name, values in zip(("rate", "rate_low", "rate_high"), found, strict=True):
        column = np.full(shape, np.nan)
        column[rated] = values
        columns[name] = numbers(column)
    spread = Spread(shape)
    return columns | {
        "wander": numbers(spread.of(wander.c[..., None])),
        "wander_pairs": pa.array(spread.of(wander.pairs[..., None])),
        "wander_from": texts(WANDER_FROM, spread.of(wander.source[..., None]).astype(np.int32)),
    }


def _rows(pool: Pool, known: Bools) -> pa.Array:
    """The rows of the events of a pool; none of one whose events are not counted from rows."""
    return pa.nulls(known.size, pa.int64()) if pool.parts is None else pa.array(pool.parts.ravel(), mask=~known.ravel())


_COMPARED = (
    *("expected", "relative_rate", "relative_low", "relative_high", "towns_low", "towns_high"),
    *("smoothed", "smoothed_low", "smoothed_high", "similar_rate", "similar_low", "similar_high"),
)


def _compared(spread: Spread, periods: Sequence[Period], pool: Pool, answers: Answers) -> dict[str, pa.Array]:
    stands = answers.standing
    if stands is None:
        none = np.zeros(pool.calls.size, np.int32)
        words = ("comparison", "compared_over", "among_towns", "similar_to", "similar_comparison")
        return {name: pa.nulls(none.size, pa.float64()) for name in _COMPARED} | {
            name: texts(("",), none) for name in words
        }
    difference, similar = stands.difference, stands.similar
    # Under 10 events the label stands, without a number; so it does where rounding leaves the interval no upper end.
    numbered = ((pool.calls >= RATE_FROM) | stands.pooled) & np.isfinite(difference.upper)
    with np.errstate(invalid="ignore"):
        numbered &= np.where(stands.pooled, difference.ratio * stands.expected >= RATE_FROM - 1e-6, True)
    names, place = answers.similar if answers.similar is not None else ((), np.full(pool.calls.shape[3], -1))
    in_group = np.where(similar.label.ravel() > 0, spread.of(place) + 1, 0)
    return {
        "expected": numbers(stands.expected),
        **{
            name: numbers(np.where(numbered, values, np.nan))
            for name, values in zip(_COMPARED[1:4], difference[:3], strict=True)
        },
        "comparison": texts(DIFFERENCES, difference.label.ravel()),
        "compared_over": _over(spread, periods, stands, answers.pooled_years),
        "among_towns": texts(PLACES, stands.place.ravel()),
        "towns_low": numbers(spread.of(stands.most[0])),
        "towns_high": numbers(spread.of(stands.most[1])),
        **{name: numbers(values) for name, values in zip(_COMPARED[6:9], stands.smoothed, strict=True)},
        **{
            name: numbers(np.where(pool.calls >= RATE_FROM, values, np.nan))
            for name, values in zip(_COMPARED[9:], similar[:3], strict=True)
        },
        "similar_to": texts(("", *names), in_group.astype(np.int32)),
        "similar_comparison": texts(DIFFERENCES, similar.label.ravel()),
    }


def _over(
    spread: Spread, periods: Sequence[Period], stands: Standing, years: tuple[tuple[str, ...], Ints] | None
) -> pa.Array:
    """Over which period each place is compared: the line's own, or whole years together; empty where it is not."""
    names = ["", *(p.name for p in periods), *(years[0] if years else ())]
    over = np.where(np.isfinite(stands.expected).ravel(), spread.along(2) + 1, 0)
    if years:
        over = np.where(stands.pooled.ravel(), spread.of(years[1]) + 1 + len(periods), over)
    return texts(names, over.astype(np.int32))


def _changed(found: Changes) -> dict[str, pa.Array]:
    return {
        "year_change_ratio": numbers(found.ratio),
        "year_change_low": numbers(found.lower),
        "year_change_high": numbers(found.upper),
        "year_change": texts(CHANGES, found.verdict.ravel()),
        "year_change_months": pa.array(found.months.ravel(), mask=found.months.ravel() == 0),
    }


def coverage_of(pool: Pool) -> NDArray[np.int8]:
    """Index into `COVERAGE`, the first that applies; (L, 2, Q, R)."""
    waiting = np.zeros(pool.covered.shape, np.bool_) if pool.waiting is None else pool.waiting
    conditions = [
        waiting & (pool.months == 0),
        ~pool.covered,
        pool.months == 0,
        pool.untold,
        ~pool.complete,
        pool.calls == 0,
    ]
    names = ["not yet", "not covered", "not reported", "by county only", "partly reported", "zero"]
    counted = _first_that(conditions, [COVERAGE.index(n) for n in names], COVERAGE.index("reported"), pool.calls.shape)
    return counted if pool.state is None else np.where(pool.state >= 0, pool.state, counted)


def note_of(coverage: NDArray[np.int8], pool: Pool) -> NDArray[np.int8]:
    """Index into `NOTES`, the first that applies; (L, 2, Q, R)."""
    is_ = {name: coverage == i for i, name in enumerate(COVERAGE)}
    conditions = [
        is_["under 5"],
        coverage < COVERAGE.index("under 5"),
        np.isnan(pool.person_years),
        ~(pool.person_years > 0),
        pool.calls < RATE_FROM,
        is_["partly reported"],
    ]
    names = ["under 5", "", "residents not known", "no residents", "too few to rate", "partly reported"]
    return _first_that(conditions, [NOTES.index(n) for n in names], NOTES.index(""), pool.calls.shape)


def _first_that(
    conditions: Sequence[Bools], codes: Sequence[int], otherwise: int, shape: tuple[int, ...]
) -> NDArray[np.int8]:
    found = np.full(shape, otherwise, np.int8)
    for condition, code in _from_last(conditions, codes):
        found[np.broadcast_to(condition, shape)] = code
    return found


def _from_last(conditions: Sequence[Bools], codes: Sequence[int]) -> Iterator[tuple[Bools, int]]:
    """So that what comes first in the list is written last and stands."""
    return reversed(list(zip(conditions, codes, strict=True)))
