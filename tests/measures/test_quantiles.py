"""The quantiles that the site computes itself are SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import special

from candor.statistics.quantiles import gamma_quantile, normal_quantile

shapes = hnp.arrays(np.float64, st.integers(0, 20), elements=st.floats(1, 10_000_000))
tails = st.one_of(st.sampled_from([0.001, 0.025, 0.1]), st.floats(1e-4, 0.5))


@given(shapes, tails)
def test_quantiles_of_the_gamma_distribution(shape: np.ndarray, tail: float) -> None:
    assert np.allclose(gamma_quantile(shape, tail, upper=False), special.gammaincinv(shape, tail), rtol=1e-9, atol=0)
    assert np.allclose(gamma_quantile(shape, tail, upper=True), special.gammainccinv(shape, tail), rtol=1e-9, atol=0)


def test_every_count_that_is_drawn_has_its_quantiles() -> None:
    shape = np.concatenate([np.arange(1, 2_000), np.linspace(1, 21, 81), np.geomspace(20.5, 2.0**24, 384)])
    for tail in (0.001, 0.025):
        for upper, known in ((False, special.gammaincinv), (True, special.gammainccinv)):
            assert gamma_quantile(shape, tail, upper=upper) == pytest.approx(known(shape, tail), rel=1e-10)


@pytest.mark.parametrize("upper", [False, True])
def test_what_is_not_known_has_none_and_the_shape_is_kept(upper: bool) -> None:
    found = gamma_quantile(np.array([[1.0, np.nan], [2.5, 40.0]]), 0.025, upper=upper)
    assert np.array_equal(np.isnan(found), [[False, True], [False, False]])


@given(st.floats(1e-12, 0.5))
def test_quantiles_of_the_normal_distribution(p: float) -> None:
    assert normal_quantile(p) == pytest.approx(float(special.ndtri(p)), rel=1e-12, abs=1e-14)
