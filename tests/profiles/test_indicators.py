"""What the figures of the portal's own data sets are said to mean."""

from __future__ import annotations

import re

import pytest

from candor.profiles.published import indicators, made_by_portal
from candor.store.dataset_model import Indicator

FIGURES = {name for name, words in made_by_portal().items() if words["kind"] in ("counts", "rates")}


def test_every_data_set_of_counts_by_town_or_rates_has_an_indicator() -> None:
    assert {name for name in FIGURES if name.endswith("-by-town")} <= set(indicators()) | {"verified-share-by-town"}
    assert set(indicators()) <= set(made_by_portal())


@pytest.mark.parametrize("name", sorted(indicators()))
def test_an_indicator_says_everything_in_full_sentences(name: str) -> None:
    indicator = Indicator(**indicators()[name])
    for text in indicator.model_dump().values():
        assert text[0].isupper() or text[0].isdigit()
        assert text.endswith(".")
        assert not re.search(r"[{}]|  |crime rate|dangerous|unsafe", text)
    assert "judgement" in indicator.polarity
