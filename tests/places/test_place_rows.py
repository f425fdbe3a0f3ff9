"""Every row is placed by its point, then by its declared town, then by its agency's area; or not, with the reason."""

from __future__ import annotations

import ibis
import pyarrow as pa
import pytest

from candor.places.locate import NO_POINT, NOWHERE
from candor.places.place_rows import PLACE_NOTE, placed

PLACES = pa.table(
    {
        "idx": pa.array([0, 1, 2], pa.int32()),
        "geoid": ["5000100001", "5000100002", "5000100003"],
        "name": ["Alpha", "Beta city", "Beta town"],
        "county": ["Upper", "Upper", "Lower"],
    }
)
ALIASES = pa.table(
    {
        "alias": ["ALPHA", "BETA CITY", "BETA TOWN", "BETA", "SAINT ALPHA"],
        "geoid": pa.array(["5000100001", "5000100002", "5000100003", None, "5000100001"], pa.string()),
        "ambiguous": [False, False, False, True, False],
    }
)
AREAS = pa.table({"agency": ["One-town PD"], "area_geoid": ["5000100003"]})

# index, declared town, agency -> geoid, town, county, placed_by, note
CASES: list[tuple[int | None, str | None, str, str | None, str | None, str | None, str, str]] = [
    (0, None, "State Police", "5000100001", "Alpha", "Upper", "point", ""),
    (0, "Beta Town", "State Police", "5000100001", "Alpha", "Upper", "point", ""),
    (1, "Beta", "One-town PD", "5000100002", "Beta city", "Upper", "point", "ambiguous town name"),
    (
        NOWHERE, "beta town", "State Police", "5000100003", "Beta town", "Lower", "declared town",
        "point outside every town",
    ),
    (None, "St. Alpha", "State Police", "5000100001", "Alpha", "Upper", "declared town", ""),
    (NO_POINT, "ALPHA", "State Police", "5000100001", "Alpha", "Upper", "declared town", ""),
    (None, "Beta", "State Police", None, None, None, "not placed", "ambiguous town name"),
    (None, "Beta", "One-town PD", "5000100003", "Beta town", "Lower", "agency area", "ambiguous town name"),
    (None, "Gamma", "State Police", None, None, None, "not placed", "unknown town name"),
    (
        NOWHERE, "Gamma", "State Police", None, None, None, "not placed",
        "point outside every town; unknown town name",
    ),
    (NO_POINT, None, "One-town PD", "5000100003", "Beta town", "Lower", "agency area", ""),
    (NO_POINT, None, "State Police", None, None, None, "not placed", ""),
]  # fmt: skip


def _placed(*, index: bool = True, name: bool = True) -> list[dict[str, object]]:
    rows = pa.table(
        {
            "_row": list(range(len(CASES))),
            "_index": pa.array([c[0] for c in CASES], pa.int32()),
            "place": pa.array([c[1] for c in CASES], pa.string()),
            "agency": [c[2] for c in CASES],
        }
    )
    backend = ibis.duckdb.connect()
    result = placed(
        ibis.memtable(rows),
        index_column="_index" if index else None,
        name_column="place" if name else None,
        areas=ibis.memtable(AREAS),
        places=ibis.memtable(PLACES),
        aliases=ibis.memtable(ALIASES),
    )
    found: list[dict[str, object]] = backend.to_pyarrow(result.order_by("_row")).to_pylist()
    backend.disconnect()
    return found


@pytest.mark.parametrize("number", range(len(CASES)))
def test_the_rule(number: int) -> None:
    row = _placed()[number]
    note = "; ".join(n for n in str(row[PLACE_NOTE]).split("; ") if n)
    assert (row["geoid"], row["town"], row["county"], row["placed_by"], note) == CASES[number][3:]


@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("name", [True, False])
def test_no_row_is_lost_or_doubled(index: bool, name: bool) -> None:
    assert [row["_row"] for row in _placed(index=index, name=name)] == list(range(len(CASES)))


def test_without_points_and_names_only_the_area_places() -> None:
    assert {row["placed_by"] for row in _placed(index=False, name=False)} == {"agency area", "not placed"}
    assert {row["placed_by"] for row in _placed(index=False)} == {"declared town", "agency area", "not placed"}
    assert {row["placed_by"] for row in _placed(name=False)} == {"point", "agency area", "not placed"}
