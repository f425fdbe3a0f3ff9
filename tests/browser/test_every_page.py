"""Every page in Chromium: with and without scripts, on a small screen, with large text, in the dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/map",
    "/map?category=domestic-violence",
    "/map?category=overdose&period=2024&show=counts",
    "/map?show=rate&period=2025-01",
    "/map?show=counts",
    "/places",
    "/places/5000100100",
    "/places/5000100200?category=domestic-violence",
    "/places/5000100200?category=overdose&period=2024",
    "/counties",
    "/counties/boone?category=overdose",
    "/counties/adams?category=domestic-violence",
    "/places/5000200600",
    "/places/5000200700",
    "/search?q=alba",
    "/search?q=nothing-like-it",
    "/datasets",
    "/datasets/tiny-calls?town=Fern",
    "/datasets/towns",
    "/methods",
    "/glossary",
    "/accessibility",
    "/about",
    "/privacy",
    "/there-is-nothing-here",
    "/map?category=crime",
]

# One page of each kind; the others are among the long tests.
FIRST = {
    "/",
    "/map",
    "/places/5000100200?category=overdose&period=2024",
    "/counties/boone?category=overdose",
    "/search?q=alba",
    "/datasets/tiny-calls?town=Fern",
    "/methods",
}
BY_KIND = [path if path in FIRST else pytest.param(path, marks=pytest.mark.long) for path in PAGES]
NARROW = pytest.mark.parametrize("context", [{"viewport": {"width": 320, "height": 640}}], indirect=True)
DARK = pytest.mark.parametrize("context", [{"color_scheme": "dark", "reduced_motion": "reduce"}], indirect=True)

WIDER = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const inside = (e) => { for (let p = e.parentElement; p; p = p.parentElement)
    if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(p).overflowX)) return true; return false; };
  return [...document.body.querySelectorAll('*')]
    .filter((e) => e.getBoundingClientRect().right > wide + 1 && !inside(e))
    .slice(0, 5).map((e) => `${e.tagName}.${e.className.baseVal ?? e.className}`);
}"""


@pytest.mark.parametrize("path", PAGES)
def test_with_scripts(page: Page, path: str) -> None:
    page.goto(path)
    assert page.locator("h1").count() == 1
    assert page.locator("main#main-content").count() == 1
    assert page.get_by_text("SIMULATED", exact=True).first.is_visible()


@DARK
@pytest.mark.parametrize("path", ["/", "/map", "/places/5000100200", "/datasets/tiny-calls", "/methods"])
def test_in_the_dark(page: Page, path: str) -> None:
    page.goto(path)
    assert page.locator("h1").is_visible()


@NARROW
@pytest.mark.parametrize("path", BY_KIND)
def test_at_320_pixels_nothing_scrolls_sideways(page: Page, path: str) -> None:
    page.goto(path)
    assert page.evaluate(WIDER) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.long
@pytest.mark.parametrize("context", [{"viewport": {"width": 640, "height": 900}}], indirect=True)
@pytest.mark.parametrize("path", PAGES)
def test_at_200_percent_text_everything_is_still_there(page: Page, path: str) -> None:
    page.goto(path)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(WIDER) == []
    cut = page.evaluate("""() => [...document.querySelectorAll('h1, h2, p, label, button, a, th, td, summary')]
        .filter((e) => e.scrollWidth > e.clientWidth + 2 && e.clientWidth > 0
          && ['hidden', 'clip'].includes(getComputedStyle(e).overflowX) && !e.closest('.visually-hidden'))
        .map((e) => e.outerHTML.slice(0, 100))""")
    assert cut == []
