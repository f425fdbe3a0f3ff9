from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from candor.statistics.distinct import distinct

values = st.one_of(st.integers(0, 3), st.integers(0, 10_000_000)).map(float) | st.just(np.nan)


@given(st.data())
def test_the_cases_are_different_and_spread_to_what_was_given(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(0, 5), st.integers(0, 8)))
    given_ = [data.draw(hnp.arrays(np.float64, shape, elements=values)) for _ in range(data.draw(st.integers(1, 3)))]
    cases, which = distinct(*given_)
    assert which.shape == shape
    for case, all_ in zip(cases, given_, strict=True):
        assert np.array_equal(case[which], all_, equal_nan=True)
    rows = list(zip(*(a.ravel().tolist() for a in given_), strict=True))
    different = dict.fromkeys(str(row) for row in rows)  # as text, for NaN is not equal to itself
    assert [str(row) for row in zip(*(c.tolist() for c in cases), strict=True)] == list(different)


def test_a_single_number_is_a_case_too() -> None:
    (case,), which = distinct(np.asarray(7.0))
    assert case[which] == 7
    assert which.shape == ()
