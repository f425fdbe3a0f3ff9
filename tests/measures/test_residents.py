from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from candor.measures.residents import residents_by_month

MONTHS = np.arange(np.datetime64("2021-01"), np.datetime64("2024-01"))
OLD, NEW, OTHER = "1", "2", "3"


def places(*residents: int | None) -> pa.Table:
    return pa.table({"geoid": [OLD, NEW, OTHER], "residents": pa.array(residents, pa.int64())})


def by_year(lines: Mapping[tuple[str, int], int | None]) -> pa.Table:
    return pa.table(
        {
            "geoid": [geoid for geoid, _ in lines],
            "year": pa.array([year for _, year in lines], pa.int64()),
            "residents": pa.array(list(lines.values()), pa.int64()),
        }
    )


def split(month: str, new: str = NEW, old: str = OLD) -> pa.Table:
    return pa.table({"geoid": [new], "from_month": [month], "before": [old]})


def spoken(values: np.ndarray) -> list[float | None]:
    """One value a half year, to read by eye."""
    return [None if np.isnan(v) else float(v) for v in values[::6]]


def test_without_years_the_packs_residents_stand_for_every_month() -> None:
    found = residents_by_month(places(100, None, 7), MONTHS)
    assert found.shape == (3, 36)
    assert set(found[0]) == {100}
    assert np.isnan(found[1]).all()


def test_a_month_has_the_residents_of_its_year_and_none_where_the_year_is_missing() -> None:
    known = by_year({(OLD, 2021): 100, (OLD, 2023): 110, (OTHER, 2022): None, (OTHER, 2019): 5, ("9", 2021): 1})
    found = residents_by_month(places(100, 50, 7), MONTHS, known)
    assert spoken(found[0]) == [100, 100, None, None, 110, 110]
    assert spoken(found[1]) == [None] * 6  # the file knows years; a place without a line in it is not known
    assert spoken(found[2]) == [None] * 6


def test_a_file_of_todays_areas_gives_the_old_place_both_before_the_split() -> None:
    years = (2021, 2022, 2023)
    known = by_year({(OLD, y): 60 for y in years} | {(NEW, y): 40 for y in years} | {(OTHER, y): 7 for y in years})
    found = residents_by_month(places(1, 1, 1), MONTHS, known, split("2022-07"))
    assert spoken(found[0]) == [100, 100, 100, 60, 60, 60]
    assert spoken(found[1]) == [None, None, None, 40, 40, 40]
    assert spoken(found[2]) == [7] * 6


def test_a_file_of_each_years_own_areas_is_taken_as_it_is() -> None:
    known = by_year({(OLD, 2021): 100, (OLD, 2022): 101, (OLD, 2023): 62, (NEW, 2023): 41})
    found = residents_by_month(places(1, 1, 1), MONTHS, known, split("2022-07"))
    # From July on the 101 are those of an area that is no longer the place's: nobody knows how many are left.
    assert spoken(found[0]) == [100, 100, 101, None, 62, 62]
    assert spoken(found[1]) == [None, None, None, None, 41, 41]


def test_one_census_before_the_split_gives_no_rate_behind_it() -> None:
    found = residents_by_month(places(100, None, 7), MONTHS, None, split("2022-07"))
    assert spoken(found[0]) == [100, 100, 100, None, None, None]
    assert spoken(found[1]) == [None] * 6


def test_a_place_split_from_one_that_was_split_itself() -> None:
    both = pa.concat_tables([split("2022-01", NEW, OLD), split("2023-01", OTHER, NEW)])
    found = residents_by_month(places(50, 30, 20), MONTHS, None, both)
    assert spoken(found[0]) == [100, 100, 50, 50, 50, 50]
    assert spoken(found[1]) == [None, None, 50, 50, 30, 30]
    assert spoken(found[2]) == [None, None, None, None, 20, 20]


@given(
    st.dictionaries(
        st.tuples(st.sampled_from([OLD, NEW, OTHER]), st.integers(2018, 2026)),
        st.one_of(st.none(), st.integers(0, 10**7)),
        max_size=20,
    ),
    st.sampled_from([str(m) for m in MONTHS]),
)
def test_nobody_is_counted_twice_and_nobody_is_invented(lines: dict[tuple[str, int], int | None], month: str) -> None:
    known = by_year(lines)
    found = residents_by_month(places(1, 2, 3), MONTHS, known, split(month))
    stated = residents_by_month(places(1, 2, 3), MONTHS, known)
    assert not (found < 0).any()
    whole, earlier = ~np.isnan(found), np.datetime64(month) > MONTHS
    # Wherever the old place has residents, all places together have as many as the file says.
    settled = whole[0] & (whole[1] | earlier)
    total, said = np.nansum(found, axis=0), np.nansum(stated, axis=0)
    assert (total[settled] == said[settled]).all()
    assert not whole[1, earlier].any()
