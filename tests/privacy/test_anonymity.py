from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycanon import anonymity as pycanon  # type: ignore[import-untyped]  # it ships no types

from candor.engine.duck import DuckEngine
from candor.portal.model import SchemaColumn
from candor.portal.problems import DataError
from candor.privacy.anonymity import Anonymity, measure
from candor.privacy.generalise import GENERALISERS
from candor.privacy.hierarchies import Hierarchy, Level, hierarchy
from candor.privacy.lattice import search

QUASI, SENSITIVE = ("age", "race", "day"), ("force", "outcome")
PARENTS = {"Black": "other", "Asian": "other", "White": "white"}


@pytest.fixture(scope="module")
def duck(tmp_path_factory: pytest.TempPathFactory) -> DuckEngine:
    return DuckEngine("America/New_York", tmp_path_factory.mktemp("scratch"))


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
    hierarchy(column("race", "category"), parents=PARENTS),
    hierarchy(column("day", "timestamp", generalise="date"), also=("weekday",)),
)


def test_a_hierarchy_begins_with_what_is_declared_and_ends_with_nothing() -> None:
    levels = [[level.name for level in h.levels] for h in HIERARCHIES]
    assert levels == [
        ["none", "band10", "band20", "drop"],
        ["none", "parent", "drop"],
        ["date", "month", "year", "drop"],
    ]
    assert [x.name for x in hierarchy(column("d", "date")).levels] == ["none", "month", "year", "drop"]
    assert [x.name for x in hierarchy(column("t", "timestamp")).levels] == ["none", *list(GENERALISERS)[:4], "drop"]
    assert [x.name for x in hierarchy(column("w", "text")).levels] == ["none", "drop"]
    town = hierarchy(column("town", "text"), counties={"Barre": "Washington"}, also=("geoid",))
    assert [x.name for x in town.levels] == ["none", "county", "drop"]


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
    declared = tomllib.loads(found.toml())["privacy"]["columns"]
    assert {n: d for n, d in declared.items() if n != "weekday"} == {
        c.column: {"generalise": c.then.name} if c.then.name != "drop" else declared[c.column] for c in found.changes
    }
    assert ("weekday" in declared) == ("day" in levels)
    assert all(d.get("publish") is False and d["reason"] for d in declared.values() if "generalise" not in d)
    for change in found.changes:
        assert change.column in found.words()
        assert f"{change.then.says} instead of {change.now.says}" in found.words()


def test_nothing_is_proposed_where_nothing_has_to_change(duck: DuckEngine) -> None:
    found = search(duck.table(pa.table({"race": ["White"] * 9 + ["Black"] * 5})), HIERARCHIES[1:2], 5, duck)
    assert (found.changes, found.withheld, found.loss, found.toml()) == ((), 0, 0.0, "")
    assert "nothing has to change" in found.words()


def test_few_rows_may_be_withheld_instead(duck: DuckEngine) -> None:
    table = duck.table(pa.table({"race": ["White"] * 97 + ["Black"] * 3}))
    strict = search(table, HIERARCHIES[1:2], 5, duck)
    assert [c.then.name for c in strict.changes] == ["drop"]
    allowed = search(table, HIERARCHIES[1:2], 5, duck, suppress=0.05)
    assert (allowed.changes, allowed.withheld, allowed.reached, allowed.rows) == ((), 3, 97, 100)
    assert "3 of 100 rows would be withheld" in allowed.words()
    assert tomllib.loads(allowed.toml()) == {"privacy": {"suppress": 0.05}}


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
