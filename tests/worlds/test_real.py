"""Real data go through the same rules, and are said to be missing where they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from worlds.real import MEDPAR, changes_of, compared, real, wander_of


def test_one_place_at_three_times_the_others_rate_is_higher() -> None:
    persons = np.full(20, 10_000.0)
    counts = np.full(20, 100.0)
    counts[3] = 300
    found = compared("twenty places", counts, persons, 0.0025, "5 %")
    assert found.towns == "20 of 20"
    assert found.shares["higher"] == pytest.approx(1 / 20)
    assert found.shares["about the same rate"] + found.shares["cannot be told apart"] == pytest.approx(19 / 20)
    assert found.exact == "5.0 %"
    wide = compared("the same, and counts wander by half", counts, persons, 0.25, "50 %")
    assert wide.shares["higher"] == 0


def test_wander_is_learned_from_the_pairs_that_are_reported_and_else_assumed() -> None:
    rng = np.random.default_rng(1)
    counts = rng.poisson(400 * rng.gamma(25, 1 / 25, (60, 3))).astype(np.float64)
    c, words = wander_of(counts, 1)
    assert c == pytest.approx(0.04, rel=0.4)
    assert words.endswith("from 120 pairs")
    counts[5:] = np.nan
    assert wander_of(counts[:, :2], 1) == (0.0025, "5 % assumed")


def test_changes_are_counted_by_what_is_told() -> None:
    before, persons = np.full(30, 100.0), np.full(30, 1000.0)
    after = before.copy()
    after[0], after[1] = 250, 140
    assert changes_of(before, persons, after, persons, 0.0025) == "1 told and 1 perhaps, of 30"


def test_what_is_not_on_the_machine_is_named(tmp_path: Path) -> None:
    found = real(tmp_path)
    assert len(found) == 5
    assert all(place.missing.endswith("is not here") for place in found)


def test_medicares_providers(shared_reference: Path) -> None:
    """The 54 providers of Spiegelhalter's funnel: 25 are outside of it by chance alone, and far fewer with wander."""
    found = next(place for place in real(shared_reference.parent) if place.what.startswith("Medicare"))
    assert Path(MEDPAR).name in {path.name for path in shared_reference.iterdir()}
    assert found.towns == "54 of 54"
    apart = found.shares["higher"] + found.shares["lower"]
    assert apart * 54 == pytest.approx(18, abs=0.01)
    assert 0.40 < float(found.exact.split()[0]) / 100 < 25 / 54
