"""What people come for: by keyboard alone, and without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

NO_SCRIPTS = pytest.mark.parametrize("context", [{"java_script_enabled": False}], indirect=True)


def tab_to(page: Page, what: str, most: int = 60) -> None:
    """Press Tab until an element that matches has the focus, and is seen to have it."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.matches({what!r})"):
            seen = page.evaluate(
                "(() => { const s = getComputedStyle(document.activeElement);"
                " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none'; })()"
            )
            assert seen, f"the focus on {what} cannot be seen"
            return
    pytest.fail(f"Tab does not lead to {what}")


def test_the_skip_link_comes_first_and_skips(page: Page) -> None:
    page.goto("/map")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    expect(focused).to_have_text(re.compile("Skip"))
    expect(focused).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main-content")).to_be_focused()


def test_from_the_home_page_to_a_town_by_keyboard(page: Page) -> None:
    page.goto("/")
    tab_to(page, "#home-search")
    page.keyboard.type("fern junction")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/places/5000200700|/search"))
    expect(page.locator("h1")).to_have_text("Fern")


def test_an_ambiguous_village_is_asked_about(page: Page) -> None:
    page.goto("/")
    page.locator("#home-search").fill("mill village")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/search"))
    expect(page.locator("h1")).to_contain_text("several places")
    links = page.locator("main .entries a")
    expect(links).to_have_count(2)
    links.first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(re.compile("Birch|Fern"))


def test_the_map_form_by_keyboard(page: Page) -> None:
    page.goto("/map")
    tab_to(page, "#category")
    page.locator("#category").select_option("noise")
    tab_to(page, "form.controls button")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("category=noise"))
    expect(page.locator(".map-page__sentence")).to_contain_text("Calls about noise")


def test_the_table_sorts_by_keyboard_and_says_so(page: Page) -> None:
    page.goto("/map")
    heading = page.locator("#towns thead th").first
    assert heading.get_attribute("aria-sort") == "none"
    heading.locator("a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("sort=place"))
    expect(page.locator("#towns thead th").first).to_have_attribute("aria-sort", "ascending")
    names = page.locator("#towns tbody th").all_inner_texts()
    assert names == sorted(names, key=str.lower)


def test_the_tables_behind_one_click_open_by_keyboard(page: Page) -> None:
    page.goto("/places/5000100200")
    tab_to(page, "#trend summary")
    page.keyboard.press("Enter")
    expect(page.locator("#trend-table")).to_be_visible()
    march = page.locator("#trend-table tbody tr", has_text="March 2025")
    expect(march).to_contain_text(re.compile("not reported", re.IGNORECASE))


@NO_SCRIPTS
def test_without_scripts_the_map_is_a_drawing_with_a_link_on_each_town(page: Page) -> None:
    page.goto("/map")
    towns = page.locator("svg.town-map a")
    expect(towns).to_have_count(7)
    expect(towns.first).to_have_attribute("aria-label", re.compile("Alba city: "))
    page.locator("#category").select_option("theft")
    page.locator("form.controls button").click()
    page.wait_for_url(re.compile("category=theft"))
    expect(page.locator(".map-page__sentence")).to_contain_text("Calls about theft")
    page.locator('svg.town-map a[href="/places/5000200600"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Elm")
    expect(page.locator("main")).to_contain_text("That is not zero.")


@NO_SCRIPTS
def test_without_scripts_every_view_of_the_map_works(page: Page) -> None:
    page.goto("/map?category=theft&period=2024")
    expect(page.locator("svg.town-map .mark")).to_have_count(1)
    page.get_by_text("Every colour in words").click()
    expect(page.locator(".legend details li")).to_have_count(16)
    page.get_by_label("Show", exact=True).select_option("counts")
    page.locator("form.controls button").click()
    page.wait_for_url(re.compile("show=counts"))
    expect(page.locator("svg.town-map .circle")).not_to_have_count(0)
    expect(page.get_by_text("mostly a map of where people live").first).to_be_visible()
    page.get_by_label("Show", exact=True).select_option("rate")
    page.locator("form.controls button").click()
    page.wait_for_url(re.compile("show=rate"))
    expect(page.locator(".map-page__sentence")).to_contain_text("for every 1,000 people")


@NO_SCRIPTS
def test_without_scripts_the_search_and_the_rows_work(page: Page) -> None:
    page.goto("/")
    page.locator("#home-search").fill("Alba")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("h1")).to_contain_text("several places")
    page.goto("/datasets/tiny-calls")
    page.get_by_label("Show rows where").select_option("town")
    page.get_by_label("is exactly").fill("Fern")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url(re.compile("town=Fern"))
    expect(page.locator("#row-table-caption")).to_contain_text("where Town is Fern")
    page.get_by_role("link", name="remove the filter Town is Fern").click()
    expect(page.locator("#row-table-caption")).to_contain_text("240 calls")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("51 to 100 of 240 calls")).to_be_visible()
