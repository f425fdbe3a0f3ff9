"""The interactive map: it takes the drawing's place where it can, says the same, and asks nobody else for anything."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = [pytest.mark.browser, pytest.mark.long]

READY = "#map-stage[data-ready]"
DARK = pytest.mark.parametrize("context", [{"color_scheme": "dark", "reduced_motion": "reduce"}], indirect=True)
PHONE = pytest.mark.parametrize(
    "context", [{"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}], indirect=True
)
SHOWN = """() => [...document.querySelectorAll('svg.town-map a')].map((a) => a.getAttribute('aria-label'))"""
KEYS = """() => [...new Set([...document.querySelectorAll('svg.town-map a path')]
    .map((p) => p.getAttribute('class').replace(/^k-/, '')))]"""
# The colours of a screenshot of the canvas, each as #rrggbb, that cover at least one pixel in two hundred.
COLOURS = """async (png) => {
  const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob());
  const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  const found = new Map();
  for (let i = 0; i < data.length; i += 4) {
    const key = '#' + [data[i], data[i + 1], data[i + 2]].map((v) => v.toString(16).padStart(2, '0')).join('');
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  return [...found].filter(([, n]) => n > data.length / 800).map(([key]) => key);
}"""


def live(page: Page, path: str = "/map") -> None:
    """Open the map and wait until the island has drawn it."""
    page.goto(path)
    page.locator(READY).wait_for(timeout=60_000)
    page.wait_for_timeout(500)


def find_town(page: Page) -> tuple[str, float, float]:
    """Move the mouse over the map until it says a town; what it says, and where."""
    box = page.locator("#map-canvas").bounding_box()
    assert box is not None
    for row in range(1, 8):
        for column in range(1, 8):
            x, y = box["x"] + box["width"] * column / 8, box["y"] + box["height"] * row / 8
            page.mouse.move(x, y)
            tip = page.locator(".map-tip")
            if tip.is_visible():
                return tip.inner_text(), x, y
    pytest.fail("no town on the map answers to the mouse")


def test_it_takes_the_place_of_the_drawing(page: Page) -> None:
    live(page)
    expect(page.locator("svg.town-map")).to_be_hidden()
    expect(page.locator("canvas.maplibregl-canvas")).to_be_visible()
    label = page.locator("canvas.maplibregl-canvas").get_attribute("aria-label") or ""
    assert page.locator(".map-page__sentence").inner_text() in label
    for name in ("Zoom in", "Zoom out", "Show the whole state"):
        expect(page.get_by_role("button", name=name)).to_be_visible()


def test_it_asks_nobody_else_for_anything(page: Page, tiny_site: str) -> None:
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    live(page)
    assert any("/map/towns.geojson?v=" in url for url in asked)
    assert [u for u in asked if not u.startswith((tiny_site, "blob:", "data:"))] == []


def colour_of(page: Page, name: str) -> str:
    """A custom property of the page, as #rrggbb; the build writes #ffffff as #fff."""
    found: str = page.evaluate(f"getComputedStyle(document.documentElement).getPropertyValue('--{name}').trim()")
    return "#" + "".join(2 * c for c in found[1:]) if len(found) == 4 else found


def colours(page: Page) -> set[str]:
    """The colours that fill the canvas."""
    shot = page.locator("canvas.maplibregl-canvas").screenshot()
    other = page.context.new_page()  # the page's own policy lets no script read a data address
    other.goto("about:blank")
    found: list[str] = other.evaluate(COLOURS, base64.b64encode(shot).decode())
    other.close()
    return set(found)


@pytest.mark.parametrize("context", [{}, {"color_scheme": "dark"}], indirect=True)
@pytest.mark.parametrize(("path", "plain"), [("/map", "c"), ("/map?show=rate", "rate"), ("/map?show=counts", "blank")])
def test_it_is_drawn_in_the_classes_of_the_legend(page: Page, path: str, plain: str) -> None:
    live(page, path)
    keys: list[str] = page.evaluate(KEYS)
    fills = {colour_of(page, f"k-{key}") for key in keys if key.startswith(plain)}
    states = {colour_of(page, f"k-{key}") for key in keys if not key.startswith(plain)}
    marks = {colour_of(page, f"k-{key}-mark") for key in keys if not key.startswith(plain)}
    drawn = colours(page)
    assert fills and fills <= drawn
    assert states and states & drawn
    assert marks.isdisjoint(fills | states), "a pattern is drawn in another colour than its ground"


# How many pixels of a part of a screenshot have a colour.
PIXELS = """async ([png, colour, left, top, right, bottom]) => {
  const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob());
  const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(left, top, right - left, bottom - top);
  let n = 0;
  for (let i = 0; i < data.length; i += 4)
    n += '#' + [data[i], data[i + 1], data[i + 2]].map((v) => v.toString(16).padStart(2, '0')).join('') === colour;
  return n;
}"""


HIDE = (
    """document.querySelectorAll('.map-labels, #map-stage button').forEach((e) => { e.style.visibility = 'hidden' })"""
)


def pixels_in(page: Page, name: str, colour: str) -> int:
    """How many pixels of the inside of a town, a square of the tiny state, have a colour, names and buttons hidden."""
    # The mouse reaches nothing below the window's edge, and long sentences push the map there.
    page.set_viewport_size({"width": 1280, "height": 1800})
    page.wait_for_timeout(500)
    canvas = page.locator("#map-canvas")
    box = canvas.bounding_box()
    assert box is not None
    at = []
    for row in range(1, 24):
        for column in range(1, 24):
            x, y = box["width"] * column / 24, box["height"] * row / 24
            page.mouse.move(box["x"] + x, box["y"] + y)
            tip = page.locator(".map-tip")
            if tip.is_visible() and tip.inner_text().split("\n")[0] == name:
                at.append((x, y))
    assert at, f"the map does not show {name}"
    page.mouse.move(0, 0)
    page.evaluate(HIDE)
    page.wait_for_timeout(200)
    shot = base64.b64encode(canvas.screenshot()).decode()
    other = page.context.new_page()
    other.goto("about:blank")
    left, top, right, bottom = (
        min(x for x, _ in at),
        min(y for _, y in at),
        max(x for x, _ in at),
        max(y for _, y in at),
    )
    corners = [round(v) for v in (left, top, right, bottom)]
    found: int = other.evaluate(PIXELS, [shot, colour, *corners])
    other.close()
    return found


def test_a_town_among_the_tenth_has_its_mark_also_here(page: Page) -> None:
    live(page, "/map?category=theft&period=2024")
    dark = colour_of(page, "ink")
    assert pixels_in(page, "Birch", dark) > 20, "Birch is among the lowest tenth: a dark triangle stands in it"
    assert pixels_in(page, "Fern", dark) == 0


def test_circles_stand_on_their_towns_also_here(page: Page) -> None:
    live(page, "/map?show=counts")
    blank = colour_of(page, "k-blank")
    assert pixels_in(page, "Birch", blank) > 0
    rim = colour_of(page, "k-circle")
    assert pixels_in(page, "Alba city", rim) > 10
    assert pixels_in(page, "Elm", rim) == 0


def test_it_follows_the_scheme_while_it_is_open(page: Page) -> None:
    live(page)
    light = colour_of(page, "paper-soft")
    assert light in colours(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(500)
    dark = colour_of(page, "paper-soft")
    assert dark != light
    assert dark in colours(page)


def test_pointing_says_what_the_table_says_and_escape_hides_it(page: Page) -> None:
    live(page)
    said, x, y = find_town(page)
    name, text = said.split("\n", 1)
    assert f"{name}: {text}" in page.evaluate(SHOWN)
    page.keyboard.press("Escape")
    expect(page.locator(".map-tip")).to_be_hidden()
    page.mouse.move(x + 1, y + 1)
    expect(page.locator(".map-tip")).to_be_visible()


def test_a_click_opens_the_town(page: Page) -> None:
    live(page)
    said, x, y = find_town(page)
    page.mouse.click(x, y)
    page.wait_for_url(re.compile("/places/"))
    expect(page.locator("h1")).to_contain_text(said.split("\n")[0].split(" ")[0])


@PHONE
def test_on_a_phone_the_table_comes_first_and_the_second_tap_opens(page: Page) -> None:
    live(page)
    table, canvas = page.locator("#towns").bounding_box(), page.locator("#map-canvas").bounding_box()
    assert table is not None and canvas is not None
    assert table["y"] < canvas["y"]
    page.locator("#map-canvas").scroll_into_view_if_needed()
    tip = page.locator(".map-tip")
    for row in range(1, 8):
        box = page.locator("#map-canvas").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] * row / 8
        page.touchscreen.tap(x, y)
        page.wait_for_timeout(400)
        if tip.is_visible():
            break
    expect(tip).to_contain_text("Tap again")
    assert page.url.rstrip("/").endswith("/map")
    page.touchscreen.tap(x, y)
    page.wait_for_url(re.compile("/places/"))


def test_the_buttons_zoom_by_keyboard(page: Page) -> None:
    live(page)
    names = page.locator(".map-label")
    if names.count() < 2:
        pytest.fail("the map writes no names")
    before = names.first.bounding_box()
    page.get_by_role("button", name="Zoom in").focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(900)
    assert names.first.bounding_box() != before
    page.get_by_role("button", name="Show the whole state").focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(1500)
    after = names.first.bounding_box()
    assert before is not None and after is not None
    assert after["x"] == pytest.approx(before["x"], abs=2)
    assert after["y"] == pytest.approx(before["y"], abs=2)


@DARK
def test_choosing_with_the_mouse_asks_at_once(page: Page) -> None:
    page.goto("/map")
    page.locator("#category").select_option("noise")
    page.wait_for_url(re.compile("category=noise"))
    page.locator(READY).wait_for(timeout=60_000)


def test_choosing_with_the_keyboard_waits_for_the_button(page: Page) -> None:
    page.goto("/map")
    page.locator("#category").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(400)
    assert "category=" not in page.url
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url(re.compile("category="))


def test_without_webgl_the_drawing_stays(page: Page) -> None:
    page.add_init_script("OffscreenCanvas.prototype.getContext = () => null")
    page.goto("/map")
    page.wait_for_timeout(800)
    expect(page.locator("svg.town-map")).to_be_visible()
    expect(page.locator("canvas.maplibregl-canvas")).to_have_count(0)


def test_without_its_shapes_the_drawing_stays(page: Page) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=503, body="")

    page.route("**/map/towns.geojson*", refuse)
    page.goto("/map")
    page.wait_for_timeout(1500)
    expect(page.locator("svg.town-map")).to_be_visible()
    expect(page.locator("svg.town-map a").first).to_be_visible()
