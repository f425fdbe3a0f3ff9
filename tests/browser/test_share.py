"""Comparing, embedding and citing in Chromium: without scripts, by keyboard, on paper, in a stranger's page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.browser.test_every_page import DARK, NARROW, WIDER
from tests.site.tiny_release import TOWNS

pytestmark = [pytest.mark.browser, pytest.mark.long]

ALBA, SMALL_ALBA, BIRCH, NOBODY, CEDAR, ELM, FERN = (t.geoid for t in TOWNS)

COMPARISONS = [
    "/compare",
    f"/compare?places={ALBA},{BIRCH}",
    f"/compare?places={ALBA},{SMALL_ALBA},{CEDAR},{ELM},{FERN}&category=noise&period=2024",
    f"/compare?places={BIRCH}&add=Mill%20village",
]
EMBEDS = [
    "/embed/map",
    "/embed/map?show=rate",
    "/embed/map?show=counts",
    f"/embed/places/{ALBA}",
    f"/embed/places/{ALBA}/trend",
    f"/embed/places/{ALBA}/categories",
    f"/embed/places/{ELM}/trend",
]
PHONE = pytest.mark.parametrize("context", [{"viewport": {"width": 390, "height": 844}}], indirect=True)
NO_SCRIPTS = pytest.mark.parametrize("context", [{"java_script_enabled": False}], indirect=True)


@pytest.mark.parametrize("path", [*COMPARISONS, *EMBEDS])
def test_each_has_a_title_and_one_heading(page: Page, path: str) -> None:
    page.goto(path)
    assert page.title().startswith("SIMULATED: ")
    assert page.locator("h1").count() == 1
    assert page.locator("main#main-content").count() == 1
    assert page.get_by_text("SIMULATED", exact=True).first.is_visible()
    assert page.locator('meta[name="description"]').get_attribute("content")


@NARROW
@pytest.mark.parametrize("path", [*COMPARISONS, *EMBEDS])
def test_at_320_pixels_nothing_scrolls_sideways(page: Page, path: str) -> None:
    page.goto(path)
    assert page.evaluate(WIDER) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@DARK
@pytest.mark.parametrize("path", [COMPARISONS[1], EMBEDS[0], EMBEDS[4]])
def test_in_the_dark(page: Page, path: str) -> None:
    page.goto(path)
    assert page.locator("h1").is_visible()


@NO_SCRIPTS
def test_towns_are_added_and_removed_without_scripts(page: Page) -> None:
    page.goto(f"/places/{BIRCH}?period=2024")
    page.get_by_role("link", name="Compare with other towns").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare towns: Birch")
    page.get_by_label("Add a town or village").fill("fern")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare towns: Birch, Fern")
    assert page.get_by_label("Period").input_value() == "2024"
    page.get_by_label("Add a town or village").fill("Alba")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("status")).to_contain_text("“Alba” may be one of several towns.")
    page.get_by_role("link", name="Alba town, Adams").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare towns: Birch, Fern, Alba town")
    page.get_by_role("link", name="remove Birch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare towns: Fern, Alba town")
    page.get_by_label("Calls about").select_option("noise")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare towns: Fern, Alba town")
    assert "category=noise" in page.url


def test_a_figure_is_cited_embedded_and_downloaded_from_its_card(page: Page) -> None:
    page.goto(f"/places/{ALBA}")
    card = page.locator("#trend")
    card.get_by_text("Cite, embed, download").focus()
    page.keyboard.press("Enter")
    expect(card.get_by_text("version 2,")).to_be_visible()
    assert "<iframe" in card.locator("pre code").inner_text()
    with page.expect_download() as started:
        card.get_by_role("link", name="as PNG").click()
    assert started.value.suggested_filename == f"{ALBA}-trend-all-SIMULATED.png"
    card.get_by_role("link", name="Permanent link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Call rates by town")


@PHONE
@pytest.mark.parametrize("path", [COMPARISONS[2]])
def test_on_paper_the_comparison_has_its_figures_and_no_form(page: Page, path: str) -> None:
    page.goto(path)
    page.emulate_media(media="print")
    assert not page.locator("form.controls").is_visible()
    assert page.locator("#compared").is_visible()
    assert page.locator("svg.chart").first.is_visible()
    page.emulate_media(media="screen")


@pytest.fixture
def stranger() -> Iterator[tuple[str, list[str]]]:
    """Somebody else's page, on another origin: its address, and the HTML that it shows (fill it before going there)."""
    body: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            html = f"<!doctype html><html lang=en><title>A newspaper</title><main><h1>News</h1>{''.join(body)}</main>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_address[1]}/", body
    server.shutdown()
    thread.join(10)
    server.server_close()


def test_a_stranger_frames_an_embed_with_the_html_that_the_page_gives(
    page: Page, context: BrowserContext, stranger: tuple[str, list[str]]
) -> None:
    address, body = stranger
    page.goto(f"/places/{ALBA}?category=noise")
    snippet = page.locator("#trend pre code").text_content() or ""
    body.append(snippet)
    page.goto(address)
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Alba city: Calls about noise by month")
    expect(frame.locator("svg.chart")).to_be_visible()
    expect(frame.get_by_text("A call is not a verified offence", exact=False)).to_be_visible()
    expect(frame.get_by_text("SIMULATED", exact=True)).to_be_visible()
    assert frame.locator("h1").evaluate("e => getComputedStyle(e).fontFamily").startswith('"Public Sans"')
    with context.expect_page() as opened:
        frame.get_by_role("link", name="this figure in full").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Alba city")


@pytest.mark.parametrize("path", ["/", "/map", f"/places/{ALBA}", f"/compare?places={ALBA}"])
def test_a_stranger_cannot_frame_any_other_page(
    chromium: Browser, tiny_site: str, stranger: tuple[str, list[str]], path: str
) -> None:
    address, body = stranger
    body.append(f'<iframe src="{tiny_site.rstrip("/")}{path}" title="Another site"></iframe>')
    page = chromium.new_page()  # without the usual watch: a refusal by the policy is what is wanted here
    with page.expect_console_message(lambda m: "frame-ancestors 'none'" in m.text):
        page.goto(address)
    page.frames[1].wait_for_url("chrome-error://**")
    page.close()
