"""The quantile that the site computes itself is SciPy's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from candor.statistics.quantiles import normal_quantile


@given(st.floats(1e-12, 0.5))
def test_quantiles_of_the_normal_distribution(p: float) -> None:
    assert normal_quantile(p) == pytest.approx(float(special.ndtri(p)), rel=1e-12, abs=1e-14)
