"""Calls by several denominators: counted again by hand, ranked again by hand, and nothing of what is not told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import binomtest, rankdata
from tests.measures.synthetic import FIRST_MONTH, OPENED, OPENED_AFTER, World, world

from candor.measures.denominators import (
    CALLS,
    DEPENDS_FROM,
    RANKED_FROM,
    RESIDENTS,
    SCHEMA,
    Persons,
    denominator_figures,
    rank_depends,
    rank_limits,
    ranks,
)
from candor.measures.dense import DenseCube, dense
from candor.measures.periods import pooled_periods, year_shares
from candor.measures.pools import series_of
from candor.measures.wander import Learned, Wander
from candor.statistics.negative_binomial import mean_interval

LINE = dict[str, object]
RANKS = ("rank", "rank_low", "rank_high", "towns_ranked", "towns_not_ranked")


def published(made: World) -> DenseCube:
    return dense(made.release()[0])


def lines(table: pa.Table) -> list[dict[str, object]]:
    found: list[LINE] = table.to_pylist()
    return found


@pytest.fixture(scope="module")
def made() -> World:
    return world(3, towns=9, months=30, mean=4.0)


@pytest.fixture(scope="module")
def visitors(made: World) -> Persons:
    cells = published(made)
    season = 1 + (cells.months.astype(np.int64) % 12) / 10
    return Persons("visitors", cells.residents + 100 * season)


@pytest.fixture(scope="module")
def table(made: World, visitors: Persons) -> pa.Table:
    cells = published(made)
    return denominator_figures(cells, made.sensitive, [visitors], made.wander(made.published()))


def test_the_rates_by_residents_are_those_of_the_other_data_set(made: World, table: pa.Table) -> None:
    rates = {
        (x["geoid"], x["period"], x["category"], x["initiated_by"]): x
        for x in lines(made.release()[1])
        if x["level"] == "town"
    }
    by_residents = [x for x in lines(table) if x["denominator"] == RESIDENTS]
    assert by_residents
    for line in by_residents:
        other = rates[line["geoid"], line["period"], line["category"], line["initiated_by"]]
        same = ("coverage", "provisional", "months_reported", "calls", "note", "first_month", "last_month")
        assert [line[c] for c in same] == [other[c] for c in same]
        assert [line[c] for c in ("figure", "low", "high")] == [other[f"rate{c}"] for c in ("", "_low", "_high")]


def test_adjusted_rates_are_of_the_persons_of_the_reported_months(
    made: World, visitors: Persons, table: pa.Table
) -> None:
    cells = published(made)
    shares, place = year_shares(cells.months), {g: i for i, g in enumerate(cells.geoids)}
    seen = 0
    for line in lines(table):
        if line["denominator"] != "visitors":
            continue
        town = place[str(line["geoid"])]
        inside = (cells.months >= np.datetime64(str(line["first_month"]), "M")) & (
            cells.months <= np.datetime64(str(line["last_month"]), "M")
        )
        there = inside & cells.reported[town]
        years = (visitors.persons[town, there] * shares[there]).sum()
        if line["calls"] is not None and int(str(line["calls"])) >= 10:
            seen += 1
            assert line["figure"] == pytest.approx(int(str(line["calls"])) / years * 1000, rel=1e-5)
            assert float(str(line["low"])) < float(str(line["figure"])) < float(str(line["high"]))
            assert line["base"] == round(visitors.persons[town, there].mean())
            assert line["unit"] == "calls per 1,000 persons and year"
        else:
            assert line["figure"] is line["low"] is line["high"] is line["rank"] is None
    assert seen > 20


def test_the_share_is_of_the_towns_own_calls_in_open_categories(made: World, table: pa.Table) -> None:
    found = lines(table)
    totals = {
        (x["geoid"], x["period"], x["initiated_by"]): x["calls"]
        for x in found
        if x["category"] == "all" and x["denominator"] == RESIDENTS
    }
    shares = [x for x in found if x["denominator"] == CALLS]
    assert {x["category_level"] for x in shares} == {"group", "category"}
    assert not {x["category"] for x in shares} & made.sensitive
    rated = [x for x in shares if x["figure"] is not None]
    assert len(rated) > 20
    for line in rated:
        x, n = int(str(line["calls"])), int(str(totals[line["geoid"], line["period"], line["initiated_by"]]))
        assert x >= 10
        assert line["base"] == n
        assert line["figure"] == pytest.approx(100 * x / n, rel=1e-5)
        limits = binomtest(x, n).proportion_ci(0.95, method="wilson")
        assert [line["low"], line["high"]] == pytest.approx([100 * limits.low, 100 * limits.high], rel=1e-5)
    # A town in which nobody lives has a share: it needs no persons.
    assert {"no residents"} == {x["note"] for x in found if x["denominator"] == RESIDENTS and x["geoid"] == "9900000000"
                                and x["calls"] is not None}  # fmt: skip
    assert any(x["figure"] is not None for x in shares if x["geoid"] == "9900000000")


def test_what_is_not_told_or_unknown_stays_empty(table: pa.Table) -> None:
    hidden = [x for x in lines(table) if x["coverage"] in ("by county only", "not reported", "not covered")]
    assert {"by county only"} <= {x["coverage"] for x in hidden}
    for line in hidden:
        assert [line[c] for c in ("calls", "figure", "low", "high", *RANKS)] == [None] * 9
        assert line["rank_depends"] is False


def test_two_worlds_that_differ_only_in_what_is_not_told_give_the_same_table(made: World, table: pa.Table) -> None:
    counts = made.counts.to_pylist()
    told = f"{FIRST_MONTH + OPENED_AFTER}"
    untold = [x for x in counts if x["category"] in made.sensitive]
    untold += [x for x in counts if x["category"] == OPENED and f"{x['month']:%Y-%m}" < told]
    assert len(untold) > 50
    for row in untold:
        row["calls"] += 3
    other = replace(made, counts=pa.Table.from_pylist(counts, schema=made.counts.schema))
    cells = published(other)
    season = 1 + (cells.months.astype(np.int64) % 12) / 10
    visitors = Persons("visitors", cells.residents + 100 * season)
    assert not other.cube().equals(made.cube())
    assert denominator_figures(cells, made.sensitive, [visitors], other.wander(other.published())).equals(table)


def test_ranks_are_among_towns_that_reported_the_whole_period(made: World) -> None:
    cells = published(made)
    # Every town but two reported every month.
    reported = cells.covered | True
    reported[[1, 4], ::5] = False
    cells = replace(cells, reported=reported, covered=cells.covered | True)
    table = denominator_figures(cells, made.sensitive, [Persons("visitors", cells.residents[::-1] + 1)])
    groups: dict[tuple[object, ...], list[LINE]] = {}
    for line in lines(table):
        key = tuple(line[c] for c in ("period", "category", "initiated_by", "denominator"))
        groups.setdefault(key, []).append(line)
    ranked = 0
    for own in groups.values():
        whole = [x for x in own if x["figure"] is not None and not x["provisional"]]
        expected = rankdata([-float(str(x["figure"])) for x in whole], method="min") if whole else []
        # Figures are rounded to six digits, ranks are not of rounded ones.
        assert np.abs(np.array([x["rank"] for x in whole]) - expected).max(initial=0) <= 1
        assert {x["towns_ranked"] for x in whole} <= {len(whole)}
        assert all([x[c] for c in RANKS] == [None] * 5 for x in own if x not in whole)
        for x in whole:
            best = 1 + sum(float(str(y["low"])) > float(str(x["high"])) for y in whole)
            worst = len(whole) - sum(float(str(y["high"])) < float(str(x["low"])) for y in whole)
            assert (x["rank_low"], x["rank_high"]) == (best, worst)
            assert best <= int(str(x["rank"])) <= worst
            assert x["towns_not_ranked"] == len(own) - len(whole)
        assert not {x["geoid"] for x in whole} & {cells.geoids[1], cells.geoids[4]}
        ranked += len(whole)
    assert ranked > 200


def test_every_town_that_is_ever_covered_has_its_lines_in_order(table: pa.Table) -> None:
    assert table.schema == SCHEMA
    assert "9900000008" not in table["geoid"].to_pylist()  # no agency covers it
    geoids = table["geoid"].to_pylist()
    assert geoids == sorted(geoids)
    keys = [tuple(x[c] for c in ("geoid", "period", "category", "initiated_by", "denominator")) for x in lines(table)]
    assert len(set(keys)) == len(keys)


def test_nothing_covered_gives_no_line(made: World) -> None:
    cells = published(made)
    empty = DenseCube(**{**vars(cells), "covered": np.zeros_like(cells.covered)})
    assert denominator_figures(empty, made.sensitive).num_rows == 0


def test_persons_that_are_not_known_are_said_apart(made: World) -> None:
    cells = published(made)
    unknown = Persons("visitors", np.full(cells.residents.shape, np.nan))
    nobody = Persons("workers", np.zeros(cells.residents.shape))
    found = lines(denominator_figures(cells, made.sensitive, [unknown, nobody]))
    known = [x for x in found if x["calls"] is not None]
    assert {x["note"] for x in known if x["denominator"] == "visitors"} == {"persons not known"}
    assert {x["note"] for x in known if x["denominator"] == "workers"} == {"no persons"}
    assert all(x["figure"] is None for x in found if x["denominator"] in ("visitors", "workers"))


figures = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 3), st.integers(1, 30)),
    elements=st.one_of(st.just(np.nan), st.sampled_from([0.0, 1.0, 2.5]), st.floats(0, 1e7)),
)


@given(figures)
def test_ranks_are_scipys(values: np.ndarray) -> None:
    rank, towns = ranks(values)
    for row, found, of in zip(values, rank, towns, strict=True):
        there = ~np.isnan(row)
        assert (found[there] == rankdata(-row[there], method="min")).all()
        assert (of[there] == there.sum()).all()
        assert not found[~there].any()
        assert not of[~there].any()


def test_a_rank_moves_as_far_as_the_intervals_overlap_by_hand() -> None:
    """Five towns: 10 to 12, 8 to 9, 8.5 to 11, 1 to 2, and one that has no interval."""
    low, high = np.array([[10, 8, 8.5, 1, np.nan]]), np.array([[12, 9, 11, 2, np.nan]])
    best, worst = rank_limits(low, high)
    assert best.tolist() == [[1, 2, 1, 4, 0]]
    assert worst.tolist() == [[2, 3, 3, 4, 0]]


@given(st.lists(st.tuples(st.floats(0, 9), st.floats(0, 3)), min_size=1, max_size=25))
def test_the_possible_ranks_are_those_of_every_order_that_the_intervals_allow(towns: list[tuple[float, float]]) -> None:
    low = np.array([[a for a, _ in towns]])
    high = np.array([[a + width for a, width in towns]])
    best, worst = rank_limits(low, high)
    for i in range(len(towns)):
        assert best[0, i] == 1 + sum(low[0, j] > high[0, i] for j in range(len(towns)))
        assert worst[0, i] == len(towns) - sum(high[0, j] < low[0, i] for j in range(len(towns)))
    rank, _ = ranks((low + high) / 2)
    assert (best <= rank).all()
    assert (rank <= worst).all()


def test_the_interval_of_a_rate_is_as_wide_as_the_calls_wander(made: World) -> None:
    cells = published(made)
    shape = (len(series_of(cells, made.sensitive).names), 2)
    c = Learned(np.full(shape, 0.04), np.zeros(shape, np.int64), np.zeros(shape, np.int8))
    wide = lines(denominator_figures(cells, made.sensitive, (), Wander({12: c, 3: c, 1: c})))
    plain = lines(denominator_figures(cells, made.sensitive))
    months = {p.name: p.months for p in pooled_periods(cells.months)}
    seen = 0
    for one, other in zip(wide, plain, strict=True):
        if one["denominator"] == RESIDENTS and one["figure"] is not None:
            x, rate = int(str(one["calls"])), float(str(one["figure"]))
            length = months[str(one["period"])]
            for line, wander in ((one, 0.04 * 12 / length), (other, 0.0)):
                limits = mean_interval(x, wander)
                assert line["low"] == pytest.approx(float(limits.lower) * rate / x, rel=1e-4)
                assert line["high"] == pytest.approx(float(limits.upper) * rate / x, rel=1e-4)
            seen += 1
        if one["denominator"] == CALLS:
            assert (one["low"], one["high"]) == (other["low"], other["high"])
    assert seen > 20


def test_each_denominator_counts_its_own_persons_whatever_other_rates_are_by(made: World, visitors: Persons) -> None:
    cells = published(made)
    by_visitors = replace(cells, persons=visitors.persons)
    assert denominator_figures(by_visitors, made.sensitive, [visitors]).equals(
        denominator_figures(cells, made.sensitive, [visitors])
    )


@settings(max_examples=60)
@given(st.data(), st.integers(2, 4), st.integers(1, 60))
def test_a_rank_depends_where_it_moves_by_more_than_a_quarter(data: st.DataObject, many: int, towns: int) -> None:
    draw = st.lists(st.one_of(st.none(), st.floats(0.1, 1e4)), min_size=towns, max_size=towns)
    values = np.array([[np.nan if v is None else v for v in data.draw(draw)] for _ in range(many)])
    pairs = [ranks(row[None]) for row in values]
    rank, of = np.concatenate([r for r, _ in pairs]), np.concatenate([n for _, n in pairs])
    persons = [True] * (many - 1) + [False]
    found = rank_depends(rank, of, persons)
    for d in range(1, many):
        for town in range(towns):
            both = min(of[0, town], of[d, town]) >= RANKED_FROM
            moved = both and abs((rank[d, town] - 0.5) / of[d, town] - (rank[0, town] - 0.5) / of[0, town])
            assert found[d, town] == (moved > DEPENDS_FROM)
            if found[d, town]:
                quarter = [min(int(4 * (rank[i, town] - 0.5) / of[i, town]), 3) for i in (0, d)]
                assert quarter[0] != quarter[1]
    assert (found[0] == found[1 : many - 1].any(axis=0)).all()


def test_the_same_denominator_twice_never_depends(made: World) -> None:
    cells = published(made)
    again = Persons("again", cells.residents)
    table = denominator_figures(cells, made.sensitive, [again])
    assert not any(x["rank_depends"] for x in lines(table) if x["denominator"] in (RESIDENTS, "again"))
