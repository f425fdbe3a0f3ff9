"""A county's page as a reader uses it: without a mouse, without scripts, on a phone, in the dark, on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

BOONE = "/counties/boone?category=overdose"
WITHOUT_SCRIPTS = pytest.mark.parametrize("context", [{"java_script_enabled": False}], indirect=True)
PHONE = pytest.mark.parametrize(
    "context", [{"java_script_enabled": False, "viewport": {"width": 390, "height": 844}}], indirect=True
)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("(s) => document.activeElement?.matches(s)", selector):
            return
    pytest.fail(f"Tab does not lead to {selector}")


@WITHOUT_SCRIPTS
def test_from_a_town_to_its_county_s_months_by_keyboard(page: Page) -> None:
    page.goto("/places/5000100100?category=overdose")
    tab_to(page, '#trend a[href="/counties/adams?category=overdose#months"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/counties/adams?category=overdose#months")
    assert page.locator("h1").inner_text() == "Adams County"
    tab_to(page, "#months summary")
    table = page.locator("#months-table")
    assert not table.is_visible()
    page.keyboard.press("Enter")
    assert table.is_visible()
    assert table.locator("tbody tr").count() == 24


@WITHOUT_SCRIPTS
def test_another_kind_is_chosen_without_scripts(page: Page) -> None:
    page.goto("/counties/adams")
    page.locator("#category").select_option("overdose")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/counties/adams?category=overdose")
    assert "overdose" in page.locator("#months-heading").inner_text().lower()


@WITHOUT_SCRIPTS
def test_a_number_under_five_and_partly_reported_are_drawn_differently_and_explained(page: Page) -> None:
    page.goto("/counties/adams?category=overdose")
    chart = page.locator("#months svg.chart")
    seen = {}
    for kind, mark in (("number", ".chart__bar"), ("under 5", ".chart__under"), ("partly", ".chart__dot")):
        first = chart.locator(mark).first
        box = first.bounding_box()
        assert box is not None
        look = first.evaluate("(e) => [e.tagName, getComputedStyle(e).fill, getComputedStyle(e).stroke].join()")
        seen[kind] = (look, box["y"])
    assert len({look for look, _ in seen.values()}) == 3
    assert seen["under 5"][1] > seen["number"][1]  # under the axis: not where zero stands
    key = page.locator("#months .chart-key").inner_text()
    for words in ("Calls of a month, to the nearest 5", "Not every town reported", "Under 5: 0 to 4"):
        assert words in key
    assert chart.locator(".chart__under title").first.text_content() == "January 2024: under 5 (0 to 4)"
    assert chart.locator(".chart__bar title").first.text_content() == "March 2024: about 5 (5 to 7)"


@PHONE
def test_on_a_phone_the_sentence_and_the_table_come_before_the_chart(page: Page) -> None:
    page.goto("/counties/adams?category=domestic-violence")
    tops = []
    for part in (".figure-card__sentence", ".figure-card__table", ".figure-card__chart"):
        box = page.locator(f"#months {part}").first.bounding_box()
        assert box is not None
        tops.append(box["y"])
    assert tops == sorted(tops)


@pytest.mark.parametrize("context", [{"color_scheme": "dark", "reduced_motion": "reduce"}], indirect=True)
def test_in_the_dark_with_every_table_open(page: Page) -> None:
    page.goto(BOONE)
    for summary in page.locator("details summary").all():
        summary.click()
    assert page.locator("#months-table").is_visible()


@WITHOUT_SCRIPTS
def test_on_paper_the_table_is_unfolded(page: Page) -> None:
    page.goto(BOONE)
    page.emulate_media(media="print")
    assert page.locator("#months-table").is_visible()
    assert not page.locator("form.controls").is_visible()


def test_the_control_of_who_began_is_off_for_a_sensitive_kind_and_says_why(page: Page) -> None:
    page.goto("/map?category=noise&period=2025-03&initiated_by=citizen")
    page.locator("#category").select_option("overdose")
    page.wait_for_url("**category=overdose**")
    control = page.locator("#initiated_by")
    assert control.is_disabled()
    assert page.locator("#period").input_value() == "latest"
    described = page.locator(f"#{control.get_attribute('aria-describedby')}")
    assert described.inner_text().startswith("Sensitive kinds are counted whoever began the call.")
