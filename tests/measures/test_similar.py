"""Towns of similar size and kind: groups that are benchmarks, each with enough towns where there are any."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.measures.similar import SIZES, TOWNS_FROM, similar_towns

pytestmark = pytest.mark.filterwarnings("error")


def groups(residents: list[float], homes: list[float]) -> list[str]:
    geoids = [str(i) for i in range(len(residents))]
    found = similar_towns(geoids, np.array(residents), np.array(homes))
    return [found.groups[i] if i >= 0 else "" for i in found.of(geoids)]


def test_towns_are_grouped_by_size() -> None:
    found = groups([500.0] * 5 + [3000.0] * 6 + [40_000.0] * 5, [np.nan] * 16)
    assert found == [
        *["towns with under 1,000 residents"] * 5,
        *["towns with 2,500 to 5,000 residents"] * 6,
        *["towns with 25,000 to 100,000 residents"] * 5,
    ]


def test_towns_of_second_homes_are_of_another_kind() -> None:
    """1,000 residents live in 435 homes; of 2,000 homes most are second ones."""
    found = groups([1200.0] * 12, [500.0] * 6 + [2000.0] * 6)
    assert [name.endswith("and many second homes") for name in found] == [False] * 6 + [True] * 6


def test_a_size_with_few_towns_is_joined_with_the_next() -> None:
    found = groups([500.0] * 6 + [1500.0] * 2, [np.nan] * 8)
    assert found == ["all towns"] * 8
    found = groups([500.0] * 2 + [1500.0] * 6 + [30_000.0] * 5, [np.nan] * 13)
    assert found == ["towns with under 2,500 residents"] * 8 + ["towns with 25,000 to 100,000 residents"] * 5
    found = groups([1500.0] * 5 + [30_000.0] * 4, [np.nan] * 9)
    assert found == ["towns with 1,000 residents and more"] * 9


def test_who_has_no_known_residents_is_in_no_group() -> None:
    assert groups([np.nan, 0.0, *[900.0] * 5], [np.nan, 10.0, *[300.0] * 5])[:2] == ["", ""]
    assert similar_towns([], np.array([]), np.array([])).groups == ()
    assert similar_towns(["1"], np.array([900.0]), np.array([0.0])).of(["1", "elsewhere"]).tolist() == [0, -1]


@given(st.lists(st.tuples(st.floats(1, 300_000), st.floats(1, 200_000)), min_size=1, max_size=60))
def test_every_group_is_of_neighbouring_sizes_and_has_its_towns(towns: list[tuple[float, float]]) -> None:
    residents, homes = (list(values) for values in zip(*towns, strict=True))
    found = groups(residents, homes)
    assert "" not in found
    for kind in (False, True):
        own = [(r, name) for r, name in zip(residents, found, strict=True) if name.endswith("homes") == kind]
        names = [name for _, name in sorted(own)]
        assert [n for i, n in enumerate(names) if not i or names[i - 1] != n] == list(dict.fromkeys(names))
        if len(own) >= TOWNS_FROM:
            assert min(names.count(name) for name in names) >= TOWNS_FROM
        bands = [int(np.digitize(r, SIZES)) for r, _ in sorted(own)]
        for one, other, a, b in zip(bands, bands[1:], names, names[1:], strict=False):
            assert one != other or a == b
