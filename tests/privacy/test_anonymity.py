from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycanon import anonymity as pycanon  # type: ignore[import-untyped]  # it ships no types

from candor.engine.duck import DuckEngine
from candor.errors import DataError
from candor.portal.schema_model import SchemaColumn
from candor.privacy.records.anonymity import Anonymity, marked_alone, measure
from candor.privacy.records.generalise import TIMES
from candor.privacy.records.hierarchies import Hierarchy, Level, hierarchy
from candor.privacy.records.lattice import search

QUASI, SENSITIVE = ("age", "race", "day"), ("force", "outcome")
PARENTS = {"Black": "other", "Asian": "other", "White": "white"}


def people(rows: int, seed: int) -> pa.Table:
    """Rows as of a use-of-force file: skewed, so that some classes are large and many are not."""
    chance = np.random.default_rng(seed)
    days = chance.integers(0, 60, rows)
    return pa.table(
        {
            "age": np.minimum(chance.geometric(0.03, rows) + 15, 95),
            "race": chance.choice(["White", "Black", "Asian"], rows, p=[0.9, 0.08, 0.02]),
            "day": pa.array([datetime(2024, 1, 1, 12) + timedelta(days=int(d)) for d in days], pa.timestamp("us")),
            "force": chance.choice(["hands", "taser", "display"], rows),
            "outcome": chance.choice(["none", "injury"], rows, p=[0.95, 0.05]),
        }
    )


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("quasi", [QUASI[:1], QUASI[:2], QUASI[1:], QUASI])
def test_k_and_l_are_as_pycanon_has_them(duck: DuckEngine, seed: int, quasi: tuple[str, ...]) -> None:
    data = people(400, seed)
    found = measure(duck.table(data), quasi, SENSITIVE, duck, 5)
    frame = data.to_pandas()
    assert found.k == pycanon.k_anonymity(frame, list(quasi))
    assert found.l == {name: pycanon.l_diversity(frame, list(quasi), [name]) for name in SENSITIVE}
    # pycanon has no risks: by hand.
    sizes = frame.groupby(list(quasi)).size()
    assert (found.rows, found.classes, found.below) == (400, len(sizes), sizes[sizes < 5].sum())
    risks = np.repeat(1 / sizes.to_numpy(), sizes)
    assert (found.risk_max, found.risk_mean) == pytest.approx((risks.max(), risks.mean()))
    assert found.holds == (sizes >= 5).all()


cells = st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from([1, 2, None]), st.sampled_from(["x", "y", None]))


@given(st.lists(cells, max_size=40), st.integers(2, 6))
def test_an_empty_cell_is_a_value_like_any_other(duck: DuckEngine, rows: list[tuple[Any, ...]], k: int) -> None:
    names, types = ("a", "b", "s"), (pa.string(), pa.int64(), pa.string())
    data = pa.table({n: pa.array([r[i] for r in rows], t) for i, (n, t) in enumerate(zip(names, types, strict=True))})
    found = measure(duck.table(data), ["a", "b"], ["s"], duck, k)
    classes = Counter(r[:2] for r in rows)
    if not rows:
        assert found == Anonymity(k, 0, 0, 0, 0, {"s": 0}, 0.0, 0.0)
        return
    assert (found.rows, found.classes, found.k) == (len(rows), len(classes), min(classes.values()))
    assert found.below == sum(n for n in classes.values() if n < k)
    assert found.l["s"] == min(len({r[2] for r in rows if r[:2] == c}) for c in classes)


@given(st.lists(cells, max_size=40), st.integers(2, 6), st.integers(1, 3))
def test_rows_that_stand_alone_are_those_of_small_or_uniform_groups(
    duck: DuckEngine,
    rows: list[tuple[Any, ...]],
    k: int,
    l: int,  # noqa: E741
) -> None:
    names, types = ("a", "b", "s"), (pa.string(), pa.int64(), pa.string())
    data = pa.table({n: pa.array([r[i] for r in rows], t) for i, (n, t) in enumerate(zip(names, types, strict=True))})
    found = duck.arrow(marked_alone(duck.table(data), ["a", "b"], ["s"], k, l, "alone"))
    assert found.column_names == ["a", "b", "s", "alone"]
    alike = {r[:2]: [x[2] for x in rows if x[:2] == r[:2]] for r in rows}
    wanted = [(*r, len(alike[r[:2]]) < k or len(set(alike[r[:2]])) < l) for r in rows]
    assert Counter(tuple(r.values()) for r in found.to_pylist()) == Counter(wanted)
    # Without them, what is left holds what was asked.
    rest = duck.table(found.filter(pa.compute.invert(found["alone"])))
    after = measure(rest, ["a", "b"], ["s"], duck, k)
    assert after.holds
    assert not after.rows or after.l["s"] >= l


def test_without_quasi_identifiers_all_rows_are_alike(duck: DuckEngine) -> None:
    found = measure(duck.table(people(50, 1)), [], ["force"], duck, 5)
    assert (found.k, found.classes, found.l, found.risk_max) == (50, 1, {"force": 3}, 1 / 50)


def test_wrong_questions_are_told(duck: DuckEngine) -> None:
    table = duck.table(people(10, 1))
    with pytest.raises(DataError, match="no column colour"):
        measure(table, ["colour"], [], duck, 5)
    with pytest.raises(DataError, match=r"k = 1 asks for nothing"):
        measure(table, ["age"], [], duck, 1)
    with pytest.raises(DataError, match=r"k = 0 asks for nothing"):
        search(table, [], 0, duck)


def column(name: str, type_: str, **more: object) -> SchemaColumn:
    declared = {"name": name, "label": name, "type": type_, "publish": True, "disclosure": "quasi", **more}
    return SchemaColumn.model_validate(declared)


HIERARCHIES = (
    hierarchy(column("age", "integer")),
    hierarchy(column("race", "category", parents=PARENTS)),
    hierarchy(column("day", "timestamp", generalise="date"), also=("weekday",)),
)


def test_a_hierarchy_begins_with_what_is_declared_and_ends_with_nothing() -> None:
    levels = [[level.name for level in h.levels] for h in HIERARCHIES]
    assert levels == [
        ["none", "band10", "band20", "band40", "drop"],
        ["none", "parent", "drop"],
        ["date", "month", "year", "drop"],
    ]
    assert [x.name for x in hierarchy(column("d", "date")).levels] == ["none", "month", "year", "drop"]
    assert [x.name for x in hierarchy(column("t", "timestamp")).levels] == ["none", *TIMES, "drop"]
    assert [x.name for x in hierarchy(column("w", "text")).levels] == ["none", "drop"]
    town = hierarchy(column("place", "text", generalise="town"), counties={"Barre": "Washington"}, also=("geoid",))
    assert [x.name for x in town.levels] == ["town", "county", "drop"]
    assert [x.name for x in hierarchy(column("r", "text", generalise="parent", parents=PARENTS)).levels] == [
        "parent",
        "drop",
    ]


@pytest.mark.parametrize(
    ("declared", "levels"),
    [
        ({}, ["none", "band10 to 80", "band20 to 80", "band40 to 80"]),
        ({"generalise": "band10"}, ["band10", "band20 to 80", "band40 to 80"]),
        ({"generalise": "band10", "top": 70}, ["band10", "band20 to 60", "band40 to 40"]),
        ({"generalise": "band", "band": 5, "top": 65}, ["band", "band10 to 60", "band20 to 60", "band40 to 40"]),
        ({"generalise": "band", "band": 15}, ["band"]),
        ({"generalise": "top", "top": 90}, ["top", "band10 to 80", "band20 to 80", "band40 to 80"]),
        ({"generalise": "top", "top": 4}, ["top"]),
    ],
)
def test_each_level_of_a_number_is_made_of_whole_bands_of_the_one_before(
    duck: DuckEngine, declared: dict[str, Any], levels: list[str]
) -> None:
    made = hierarchy(column("n", "integer", **declared)).levels
    assert [x.name if not i else f"{x.name} to {x.keys.get('top', 80)}" for i, x in enumerate(made[:-1])] == levels
    numbers = duck.table(pa.table({"n": [None, *range(-3, 160)]}))
    said = duck.arrow(numbers.select(**{f"l{i}": x.coarsen(numbers.n).cast("string") for i, x in enumerate(made)}))
    for finer, coarser in pairwise(said.column_names):
        pairs = set(zip(said[finer].to_pylist(), said[coarser].to_pylist(), strict=True))
        assert len(pairs) == len({fine for fine, _ in pairs})
    # What the file would say of a level gives just that level.
    for level in made[:-1]:
        again = hierarchy(column("n", "integer", **level.keys)).levels[0]
        same = duck.arrow(numbers.select(a=level.coarsen(numbers.n), b=again.coarsen(numbers.n)))
        assert same["a"].to_pylist() == same["b"].to_pylist()


def coarser(data: pa.Table, chosen: Sequence[tuple[Hierarchy, Level]], duck: DuckEngine) -> pa.Table:
    table = duck.table(data)
    return duck.arrow(table.mutate(**{h.column: level.coarsen(table[h.column]) for h, level in chosen}))


def lost(data: pa.Table, coarse: pa.Table, names: Sequence[str]) -> float:
    """Non-uniform entropy by its definition, row by row."""
    shares = []
    for name in names:
        before, after = (pd.Series(t[name].to_pylist(), dtype=object).map(repr) for t in (data, coarse))
        bits = np.log2(after.map(after.value_counts()) / before.map(before.value_counts())).sum()
        whole = np.log2(len(before) / before.map(before.value_counts())).sum()
        shares.append(bits / whole if whole else 0.0)
    return float(np.mean(shares))


@settings(max_examples=12)
@given(st.integers(0, 10**6), st.integers(20, 150), st.integers(2, 9), st.sampled_from([0.0, 0.03, 0.2]))
def test_the_search_finds_the_least_loss_of_all_combinations(
    duck: DuckEngine, seed: int, rows: int, k: int, suppress: float
) -> None:
    data = people(rows, seed)
    found = search(duck.table(data), HIERARCHIES[:2], k, duck, suppress)
    names = [h.column for h in HIERARCHIES[:2]]
    best = 2.0
    for levels in product(*(h.levels for h in HIERARCHIES[:2])):
        coarse = coarser(data, list(zip(HIERARCHIES[:2], levels, strict=True)), duck)
        below = measure(duck.table(coarse), names, [], duck, k).below
        if below <= int(suppress * rows):
            loss = lost(data, coarse, names)
            best = min(best, loss + (1 - loss) * below / rows)
    assert found.loss == pytest.approx(best)
    assert found.reached >= k
    assert found.withheld <= suppress * rows


def test_what_is_proposed_reaches_k_and_is_the_text_of_a_file(duck: DuckEngine) -> None:
    data = people(300, 7)
    assert not measure(duck.table(data), QUASI, [], duck, 5).holds
    found = search(duck.table(data), HIERARCHIES, 5, duck)
    levels = {h.column: next(c.then for c in found.changes if c.column == h.column) for h in HIERARCHIES
              if h.column in {c.column for c in found.changes}}  # fmt: skip
    after = measure(duck.table(coarser(data, [(h, levels[h.column]) for h in HIERARCHIES if h.column in levels], duck)),
                    QUASI, [], duck, 5)  # fmt: skip
    assert after.holds
    assert (after.k, after.classes, after.rows) == (found.reached, found.classes, found.rows)
    file = '# Ours.\nid = "x"\n' + "".join(OWN_COLUMN.format(name=n) for n in (*QUASI, "weekday"))
    declared = {c["name"]: c for c in tomllib.loads(found.applied(file))["schema"]["columns"]}
    standard = tomllib.loads(found.applied('schema = "s" # Theirs.\n'))["disclosure"]
    changed = {c.column: c for c in found.changes}
    assert set(standard) == {*changed, *(also for c in found.changes for also in c.also)}
    for name, change in changed.items():
        for rule in (declared[name], standard[name]):
            assert rule["reason"]
            if change.then.name == "drop":
                assert rule["publish"] is False
                assert "generalise" not in rule
            else:
                assert {k: rule[k] for k in change.then.keys} == change.then.keys
                assert rule.get("publish", True)
    assert declared["weekday"]["publish"] == ("day" not in changed)
    assert "# Ours.\n" in found.applied(file)
    assert [x for x in found.difference(file, "f").splitlines() if x.startswith("-")][1:]
    for change in found.changes:
        assert change.column in found.words()
        instead = f"{change.column}: {change.then.says} instead of {change.now.says}"
        assert (f"{change.column} not published" if change.then.name == "drop" else instead) in found.words()


OWN_COLUMN = """
[[schema.columns]]
name = "{name}"
publish = true
generalise = "none" # as it is
reason = "ours"

[columns.{name}]
from = "{name}"
"""


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.integers(20, 120), st.integers(2, 5), st.integers(1, 3))
def test_the_search_reaches_l_as_well(duck: DuckEngine, seed: int, rows: int, k: int, l: int) -> None:  # noqa: E741
    data, levels = people(rows, seed), HIERARCHIES[:2]
    names = [h.column for h in levels]
    best = 2.0
    for node in product(*(h.levels for h in levels)):
        coarse = coarser(data, list(zip(levels, node, strict=True)), duck)
        found = measure(duck.table(coarse), names, SENSITIVE, duck, k)
        if found.holds and min(found.l.values()) >= l:
            best = min(best, lost(data, coarse, names))
    if best > 1:
        with pytest.raises(DataError, match=rf"and l = {l} in force, outcome"):
            search(duck.table(data), levels, k, duck, sensitive=SENSITIVE, l=l)
        return
    proposal = search(duck.table(data), levels, k, duck, sensitive=SENSITIVE, l=l)
    assert proposal.loss == pytest.approx(best)


def test_nothing_is_proposed_where_nothing_has_to_change(duck: DuckEngine) -> None:
    found = search(duck.table(pa.table({"race": ["White"] * 9 + ["Black"] * 5})), HIERARCHIES[1:2], 5, duck)
    assert (found.changes, found.withheld, found.loss) == ((), 0, 0.0)
    assert found.applied("a = 1 # one\n") == "a = 1 # one\n"
    assert found.difference("a = 1\n", "f") == ""
    assert "nothing has to change" in found.words()


def test_few_rows_may_be_withheld_instead(duck: DuckEngine) -> None:
    table = duck.table(pa.table({"race": ["White"] * 97 + ["Black"] * 3}))
    strict = search(table, HIERARCHIES[1:2], 5, duck)
    assert [c.then.name for c in strict.changes] == ["drop"]
    allowed = search(table, HIERARCHIES[1:2], 5, duck, suppress=0.05)
    assert (allowed.changes, allowed.withheld, allowed.reached, allowed.rows) == ((), 3, 97, 100)
    assert "3 of 100 rows would be withheld" in allowed.words()


def test_what_cannot_be_reached_is_told(duck: DuckEngine) -> None:
    table = duck.table(people(4, 1))
    with pytest.raises(DataError, match=r"No generalisation of age, race, day reaches k = 5: there are 4 rows.*counts"):
        search(table, HIERARCHIES, 5, duck)
    with pytest.raises(DataError, match="too many to search"):
        search(table, HIERARCHIES[:1] * 9, 5, duck)


def test_without_rows_nobody_is_found(duck: DuckEngine) -> None:
    table = duck.table(people(1, 1).slice(0, 0))
    assert measure(table, QUASI, [], duck, 5).holds
    assert search(table, HIERARCHIES, 5, duck).changes == ()


def test_rutlands_people_in_the_use_of_force(duck: DuckEngine, shared_data: Path) -> None:
    """A real file: who of its subjects is alone, and what a publisher would be told."""
    found = pyarrow.csv.read_csv(shared_data / "rutland" / "use_of_force_2015_2017.csv")
    data = pa.table(
        {
            "age": pa.array(pd.to_numeric(found["Subject Age"].to_pandas(), errors="coerce"), from_pandas=True),
            "sex": found["Subject Sex"].cast(pa.string()),
            "race": found["Subject Race"].cast(pa.string()),
        }
    )
    quasi = ["age", "sex", "race"]
    levels = [hierarchy(column("age", "number")), *(hierarchy(column(n, "category")) for n in ("sex", "race"))]
    table = duck.table(data)
    before = measure(table, quasi, [], duck, 5)
    assert (before.rows, before.k) == (221, 1)
    proposal = search(table, levels, 5, duck, suppress=0.05)
    assert proposal.changes
    assert proposal.reached >= 5
    assert proposal.withheld <= 11
