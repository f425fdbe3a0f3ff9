"""The cards of a town's page are a registry, and a profile says which it shows."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from candor.cards.town_cards import REGISTRY
from candor.profiles.profile import ProfilePage, standard_kinds
from candor.vocabulary.cards import TOWN_CARDS


def test_every_card_that_can_be_named_is_there_and_no_other() -> None:
    assert tuple(REGISTRY) == TOWN_CARDS


def test_a_profile_that_says_nothing_shows_them_all() -> None:
    assert {kind.profile.page.cards for kind in standard_kinds().values()} == {TOWN_CARDS}


@pytest.mark.parametrize("cards", [["funnel", "heat-map"], ["trend", "trend"]])
def test_an_unknown_card_and_one_named_twice_are_mistakes(cards: list[str]) -> None:
    with pytest.raises(ValidationError, match=r"some of funnel, trend, .* each once"):
        ProfilePage(cards=tuple(cards))
