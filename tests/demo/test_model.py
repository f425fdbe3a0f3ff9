"""What the model expects, what the documents say of it, and what was drawn from it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest
from pydantic import TypeAdapter, ValidationError
from tests.demo.conftest import CALLS, MONTHS, SEED, Built

from candor.demo.agencies import assign_agencies
from candor.demo.clerk import local_types
from candor.demo.model import Expectation, SimulationModel, expect, load_mix
from candor.demo.towns import Towns, read_towns
from candor.profiles.profile import standard_taxonomy
from candor.profiles.taxonomy import UNMAPPED

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "simulator.md"


@pytest.fixture(scope="module")
def towns(built: Built) -> Towns:
    return read_towns(built.root / "places")


@pytest.fixture(scope="module")
def expectation(towns: Towns) -> Expectation:
    model = SimulationModel(calls=CALLS, months=MONTHS, seed=SEED)
    agencies = assign_agencies(model, towns)
    return expect(model, load_mix(), towns, agencies.of_town, agencies.towns_reported())


def test_the_document_lists_every_parameter_with_its_default_and_meaning() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    properties = TypeAdapter(SimulationModel).json_schema()["properties"]
    assert [(name, what) for name, _, what in rows] == [(n, p["description"]) for n, p in properties.items()]
    for name, text, _ in rows:
        default = properties[name]["default"]
        if isinstance(default, str):
            assert text == default
        else:
            assert [float(number) for number in text.split()] == pytest.approx(np.atleast_1d(default), rel=1e-5), name


@pytest.mark.parametrize(
    "wrong", [{"months": 0}, {"first_month": "2023-13"}, {"missing_coordinates": 1.0}, {"seed": -1}]
)
def test_a_parameter_out_of_range_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        SimulationModel(**wrong)  # type: ignore[arg-type]  # wrong on purpose


def test_the_expectation_is_the_number_of_calls_asked_for(expectation: Expectation) -> None:
    months = np.stack([expectation.month(m) for m in range(MONTHS)])
    assert months.sum() == pytest.approx(CALLS)
    assert months[..., 1].sum() == pytest.approx(0.30 * CALLS)
    assert (months >= 0).all()


def test_the_calls_are_as_many_as_expected(expectation: Expectation, built: Built) -> None:
    months = np.stack([expectation.month(m) for m in range(MONTHS)])
    # A negative binomial count has the variance mu + mu^2 / shape; a town's factor of a year moves all of its months.
    model = expectation.model
    years = np.array([model.month(m).year for m in range(MONTHS)])
    of_year = np.stack([months[years == year].sum(axis=(0, 3)) for year in np.unique(years)])
    spread = np.sqrt((months + months**2 / model.cell_shape).sum() + (of_year**2).sum() / model.wander_shape)
    assert abs(built.summary.calls - CALLS) < 4 * spread
    officer = pc.sum(pc.equal(built.municipal["Origin"], "Officer/Radio")).as_py()
    officer += pc.sum(pc.equal(built.state["Call Source"], "SELF-INITIATED")).as_py()
    assert officer / built.summary.rows == pytest.approx(0.30, abs=0.02)


def test_larger_towns_and_second_homes_bring_more_calls(expectation: Expectation, towns: Towns) -> None:
    january = expectation.persons[:, 0] / np.maximum(towns.residents, 1)
    april = expectation.persons[:, 3] / np.maximum(towns.residents, 1)
    stratton, burlington = towns.name.index("Stratton"), towns.name.index("Burlington")
    assert january[stratton] > 1.5 * april[stratton] > april[burlington]
    assert january[burlington] == pytest.approx(april[burlington], rel=0.05)
    retail = expectation.mix.categories.index("retail-theft")
    share = expectation.base[:, retail].sum(axis=1) / expectation.base.sum(axis=(1, 2))
    large = towns.residents > 10_000
    small = (towns.residents < 1_000) & (towns.residents > 0)
    assert share[large].mean() > 3 * share[small].mean()


def test_a_town_wanders_by_five_percent_from_year_to_year_and_not_within_one(expectation: Expectation) -> None:
    one, other = expectation.wander(2023), expectation.wander(2024)
    assert one.shape == expectation.base.shape[:2]
    assert one.mean() == pytest.approx(1, abs=0.002)
    assert one.std() == pytest.approx(0.05, abs=0.002)
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.05
    assert (expectation.wander(2023) == one).all()


def test_the_largest_town_stands_out_and_centres_have_more_persons_than_residents(
    expectation: Expectation, towns: Towns
) -> None:
    burlington = towns.name.index("Burlington")
    a_person = expectation.base.sum(axis=(1, 2))
    large = np.argsort(-towns.residents)[1:11]
    assert a_person[burlington] > 1.1 * np.median(a_person[large])
    april = expectation.persons[:, 3] / np.maximum(towns.residents, 1)
    centres = {towns.county[i]: i for i in np.argsort(towns.residents)}  # the largest of each county comes last
    assert len(centres) == 14
    assert (april[list(centres.values())] > 1.39).all()
    assert april[towns.name.index("Essex")] < 1.1


def test_the_effects_do_not_depend_on_how_many_calls_are_asked_for(expectation: Expectation, towns: Towns) -> None:
    model = SimulationModel(calls=10 * CALLS, months=MONTHS, seed=SEED)
    agencies = assign_agencies(model, towns)
    tenfold = expect(model, load_mix(), towns, agencies.of_town, agencies.towns_reported())
    assert np.allclose(tenfold.base, 10 * expectation.base)


def test_the_mix_is_over_all_standard_categories_and_agrees_with_who_begins_them() -> None:
    mix, taxonomy = load_mix(), standard_taxonomy("calls")
    assert all(taxonomy.get(category) is not None for category in mix.categories)
    assert {c.slug for c in taxonomy.categories} - set(mix.categories) == {UNMAPPED, "marked-sensitive"}
    for category, officer in zip(mix.categories, mix.officer, strict=True):
        standard = taxonomy.get(category)
        assert standard is not None
        assert (officer == 1) == (standard.initiated_by == "officer"), category
    for factors in (mix.hour, mix.weekday, mix.month):
        assert factors.mean(axis=1) == pytest.approx(np.ones(len(mix.rhythms)))


@pytest.mark.parametrize("layout", ["municipal", "state"])
def test_each_layout_has_a_word_for_each_category(layout: str) -> None:
    types = local_types(layout)  # type: ignore[arg-type]  # both are layouts
    assert {t.category for t in types} == {*load_mix().categories, ""}
    assert len({t.local_type for t in types}) == len(types)
    assert {t.listed for t in types if not t.category} == {True, False}
