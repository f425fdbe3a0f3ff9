"""The times of rows against the rule, by blocks of rows of every kind."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.privacy.times_by_hand import (
    TYPES,
    WAITS,
    K,
    Rule,
    blocks,
    by_hand,
    cell,
    found_of,
    grouped,
    is_complete,
    run,
    table,
    told,
)

from candor.engine.duck import DuckEngine
from candor.privacy.times import (
    LEVELS,
    require_classes,
)

pytestmark = pytest.mark.long


@settings(max_examples=60)
@given(blocks())
def test_every_class_is_k_units_and_two_kinds_and_every_row_says_the_truth(
    duck: DuckEngine, block: tuple[list[dict[str, Any]], Rule]
) -> None:
    rows, rule = block
    found = found_of(duck, rows, rule)
    lines = told(duck, found)
    # Nothing is lost, nothing else is changed.
    kept = [{name: r[name] for name in ("id", *TYPES)} for r in rows]
    assert [{name: r[name] for name in ("id", *TYPES)} for r in lines] == kept
    published = [(r, x) for r, x in zip(rows, lines, strict=True) if not x["_waits"]]
    classes = defaultdict(list)
    said = defaultdict(set)
    levels = {tuple(x[p] for p in rule.places): x["level"] for x in found.levels.to_pylist()}
    for row, line in published:
        precision = line["t_precision"]
        # The true time lies in the cell, and the time said is its first moment.
        assert line["t"] == cell(precision, row["t"])[0]
        place = rule.place(row)
        assert LEVELS.index(precision) >= max(LEVELS.index(rule.finest), LEVELS.index(levels[place]))
        assert is_complete(precision, row["t"], rule.complete)
        classes[place, precision, line["t"]].append(row)
        said[place, cell(max(rule.finest, "hour", key=LEVELS.index), row["t"])].add(precision)
    assert all(rule.holds(members) for members in classes.values())
    # Who knows the place and the finest time looks at one class.
    assert all(len(precisions) == 1 for precisions in said.values())
    # What waits says nothing at all, and is given back as it was.
    assert all(x["t"] is None and x["t_precision"] is None for x in lines if x["_waits"])
    waiting = duck.arrow(found.waiting.order_by("id"))
    assert waiting.equals(table([r for r, x in zip(rows, lines, strict=True) if x["_waits"]]))
    assert duck.arrow(found.published.order_by("id"))["id"].to_pylist() == [r["id"] for r, _ in published]


@settings(max_examples=60)
@given(blocks())
def test_every_row_says_what_the_rule_says_of_it(duck: DuckEngine, block: tuple[list[dict[str, Any]], Rule]) -> None:
    rows, rule = block
    rule = Rule(rule.places, rule.kind, False, rule.finest, rule.complete, rule.fixed)
    lines = told(duck, found_of(duck, rows, rule))
    assert {x["id"]: x["t_precision"] or WAITS for x in lines} == by_hand(rows, rule)


@settings(max_examples=20)
@given(blocks())
def test_levels_stay_and_only_places_that_are_seen_are_given_one(
    duck: DuckEngine, block: tuple[list[dict[str, Any]], Rule]
) -> None:
    rows, rule = block
    found = found_of(duck, rows, rule)
    levels = [(tuple(x[p] for p in rule.places), x["level"]) for x in found.levels.to_pylist()]
    assert len(dict(levels)) == len(levels)
    assert dict(levels[: len(rule.fixed)]) == rule.fixed
    seen = {tuple(x[p] for p in rule.places) for x in told(duck, found) if not x["_waits"]}
    assert {place for place, _ in levels[len(rule.fixed) :]} == seen - set(rule.fixed)
    # Given back they change nothing.
    again = run(
        duck, table(rows), rule.places, kind="kind" if rule.kind else None, unit="person" if rule.unit else None,
        levels=found.levels if found.levels.num_rows else None, finest=rule.finest, complete=rule.complete,
    )  # fmt: skip
    assert told(duck, again) == told(duck, found)
    assert again.levels.equals(found.levels)


@settings(max_examples=15)
@given(blocks(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_says_nothing(
    duck: DuckEngine, block: tuple[list[dict[str, Any]], Rule], chance: random.Random
) -> None:
    rows, rule = block
    mixed = list(rows)
    chance.shuffle(mixed)
    one, other = found_of(duck, rows, rule), found_of(duck, mixed, rule)
    assert told(duck, one) == told(duck, other)
    assert one.report == other.report

    def in_order(levels: pa.Table) -> list[Any]:
        return sorted(levels.to_pylist(), key=repr)

    assert in_order(one.levels) == in_order(other.levels)


@settings(max_examples=25)
@given(blocks())
def test_the_gate_counts_the_same_and_the_report_adds_up(
    duck: DuckEngine, block: tuple[list[dict[str, Any]], Rule]
) -> None:
    rows, rule = block
    found = found_of(duck, rows, rule)
    kind, unit = "kind" if rule.kind else None, "person" if rule.unit else None
    asked: dict[str, Any] = {"kind": kind, "unit": unit, "finest": rule.finest, "k": K, "engine": duck}
    measured = require_classes(found.published, "t", rule.places, **asked)
    lines = [x for x in told(duck, found) if not x["_waits"]]
    classes = grouped(lines, lambda x: (rule.place(x), x["t_precision"], x["t"]))
    assert (measured.rows, measured.classes) == (len(lines), len(classes))
    sizes = [len({x["person"] for x in c} - {None}) if rule.unit else len(c) for c in classes.values()]
    assert measured.smallest == min(sizes, default=0)
    report = found.report
    assert report.published == len(lines)
    assert report.rows == Counter(x["t_precision"] for x in lines)
    assert report.published + report.waiting + report.too_few + report.untimed == len(rows)
    assert report.untimed == sum(r["t"] is None for r in rows)
    levels = {rule.place(x): max(x["level"], rule.finest, key=LEVELS.index) for x in found.levels.to_pylist()}
    assert report.coarser == sum(x["t_precision"] != levels[rule.place(x)] for x in lines)
    late = [r for r, x in zip(rows, told(duck, found), strict=True) if x["_waits"] and r["t"] is not None]
    assert report.too_few == sum(is_complete("year", r["t"], rule.complete) for r in late)
