"""The town search as people meet it who type: suggestions, by keyboard and by mouse."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_suggestions_open_and_the_arrow_keys_choose(page: Page) -> None:
    page.goto("/")
    field = page.get_by_role("combobox")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press_sequentially("fern")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("status")).to_contain_text(re.compile(r"\d+ towns?"))
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "none")
    expect(field).to_be_focused()
    field.press("Enter")
    page.wait_for_url(re.compile("/places/"))
    expect(page.locator("h1")).to_have_text("Fern")


def test_escape_closes_and_enter_without_a_choice_searches(page: Page) -> None:
    page.goto("/map")
    field = page.get_by_role("combobox", name="Find a town or village")
    field.press_sequentially("alba")
    expect(page.get_by_role("option").first).to_be_visible()
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_value("alba")
    field.press("Enter")
    page.wait_for_url(re.compile("/search|/places/"))


def test_a_click_on_a_suggestion_opens_the_town(page: Page) -> None:
    page.goto("/")
    page.get_by_role("combobox").press_sequentially("fern")
    page.get_by_role("option").first.click()
    page.wait_for_url(re.compile("/places/"))


def test_a_village_is_shown_with_its_town(page: Page) -> None:
    page.goto("/")
    page.get_by_role("combobox").press_sequentially("fern junction")
    option = page.get_by_role("option").first
    expect(option).to_contain_text("Fern")
    expect(option).to_contain_text(re.compile("junction", re.IGNORECASE))


def test_a_name_that_is_not_there_is_said(page: Page) -> None:
    page.goto("/")
    page.get_by_role("combobox").press_sequentially("zzzz")
    expect(page.get_by_role("status")).to_contain_text("No town by that name")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_when_the_suggestions_fail_the_form_still_works(page: Page) -> None:
    page.route("**/api/places*", lambda route: route.abort())
    page.goto("/")
    field = page.get_by_role("combobox")
    field.press_sequentially("fern")
    page.wait_for_timeout(400)
    expect(page.get_by_role("listbox")).to_be_hidden()
    field.press("Enter")
    page.wait_for_url(re.compile("/search|/places/"))
