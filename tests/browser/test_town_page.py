"""The town page as a reader uses it: the order of its words, its charts without scripts, on a phone, on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

ALBA = "/places/5000100100"
WITHOUT_SCRIPTS = pytest.mark.parametrize("context", [{"java_script_enabled": False}], indirect=True)
PHONE = pytest.mark.parametrize(
    "context", [{"java_script_enabled": False, "viewport": {"width": 390, "height": 844}}], indirect=True
)


@WITHOUT_SCRIPTS
def test_the_counts_come_first_then_the_rate_the_answers_the_change_and_the_state_beside(page: Page) -> None:
    page.goto(f"{ALBA}?category=noise&period=2025")
    text = page.locator("#calls").inner_text()
    said = [
        "Alba city: 960 calls about noise in 2025; 960 in 2024.",
        "for every 1,000 residents",
        "Higher than in the rest of the state",
        "At least 9 of 10 towns",
        "The comparison counts residents, not people who work, study or visit there.",
        "No change from 2024 can be told",
        "in the 5 towns of Tiny State that reported",
    ]
    places = [text.find(words) for words in said]
    assert -1 not in places
    assert places == sorted(places)


@WITHOUT_SCRIPTS
def test_every_chart_has_a_name_and_its_table_opens_from_the_keyboard(page: Page) -> None:
    page.goto(f"{ALBA}?category=noise")
    cards = page.locator(".figure-card:has(svg[role=img])")
    assert cards.count() >= 3
    for i in range(cards.count()):
        card = cards.nth(i)
        drawing = card.locator("svg[role=img]")
        named = [
            page.locator(f"#{name}").text_content() for name in (drawing.get_attribute("aria-labelledby") or "").split()
        ]
        assert len(named) == 2
        assert all(named)
    trend = page.locator("#trend")
    table = trend.locator("table")
    assert not table.is_visible()
    trend.get_by_text("The same as a table").focus()
    page.keyboard.press("Enter")
    assert table.is_visible()
    assert table.locator("tbody tr").count() == 24


@WITHOUT_SCRIPTS
def test_the_town_is_marked_by_shape_and_named_in_the_funnel(page: Page) -> None:
    page.goto(f"{ALBA}?category=noise&period=2025")
    funnel = page.locator("#funnel svg.chart")
    assert funnel.locator("path.chart__here").count() == 1
    assert funnel.locator("text.chart__label").text_content() == "Alba city"
    box = funnel.bounding_box()
    assert box is not None
    for mark in ("path.chart__here", "text.chart__label"):
        inside = funnel.locator(mark).bounding_box()
        assert inside is not None
        assert box["x"] <= inside["x"]
        assert inside["x"] + inside["width"] <= box["x"] + box["width"] + 1


@PHONE
def test_on_a_phone_the_sentence_and_the_table_come_before_the_chart(page: Page) -> None:
    page.goto(f"{ALBA}?category=noise&period=2024")
    for key in ("funnel", "trend", "similar"):
        card = page.locator(f"#{key}")
        tops = []
        for part in (".figure-card__sentence", ".figure-card__table", ".figure-card__chart"):
            box = card.locator(part).bounding_box()
            assert box is not None
            tops.append(box["y"])
        assert tops == sorted(tops)
        least = card.locator("svg.chart text").evaluate_all(
            "(all) => Math.min(...all.map((t) => t.getBoundingClientRect().height))"
        )
        assert least >= 11  # pixels: the words of a chart do not shrink with it


@WITHOUT_SCRIPTS
def test_on_paper_tables_are_unfolded_and_controls_are_gone(page: Page) -> None:
    page.goto(f"{ALBA}?category=noise")
    page.emulate_media(media="print")
    assert page.locator("#trend table").is_visible()
    assert page.locator("#funnel svg.chart").is_visible()
    assert not page.locator("form.controls").is_visible()


@pytest.mark.parametrize("context", [{"color_scheme": "dark"}], indirect=True)
@pytest.mark.parametrize("category", ["noise", "theft", "overdose"])
def test_in_the_dark_with_every_table_open(page: Page, category: str) -> None:
    page.goto(f"/places/5000100200?category={category}")
    for summary in page.locator("details summary").all():
        summary.click()
    assert page.locator("#categories table").is_visible()
