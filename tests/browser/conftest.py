"""Chromium, and axe at the end of every test: no browser test can leave out accessibility."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.site.conftest import running
from tests.site.tiny_release import publish_tiny

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--no-first-run",
]
AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.fixture(scope="session")
def tiny_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site with two releases of the tiny state."""
    data = tmp_path_factory.mktemp("browser") / "data"
    publish_tiny(data, calls=180)
    publish_tiny(data)
    with running(data / "public") as client:
        yield str(client.base_url)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium. Where it is missing the test fails: a page that nobody looked at is not known to work."""
    if shutil.which(CHROMIUM) is None:
        pytest.fail(f"{CHROMIUM} is missing. Install it: apt-get install -y chromium", pytrace=False)
    if not AXE.is_file():
        pytest.fail("axe-core is missing. Install the front end's packages: make frontend", pytrace=False)
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


def axe_violations(page: Page) -> list[str]:
    """What axe finds on the page, one line each: the rule, what it asks, and the first elements that break it."""
    page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = page.evaluate(f"() => axe.run(document, {json.dumps(RULES)})")
    return [
        f"{page.url}: {v['id']} ({v['impact']}): {v['help']}: " + "; ".join(str(n["html"])[:160] for n in v["nodes"][:3])
        for v in found["violations"]
    ]


class Watched:
    """Checks each page of a context as the test leaves it: before every `goto`, and at the end."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.checked = 0

    def watch(self, page: Page) -> None:
        """Wrap the page's `goto`; the page that it leaves is checked first."""
        plain = page.goto

        def goto(url: str, **options: Any) -> Any:
            self.check(page)
            answer = plain(url, **options)
            self.check(page)
            return answer

        page.goto = goto  # type: ignore[method-assign]  # the point of this class: no test can go round it

    def check(self, page: Page) -> None:
        """Run axe, if a page of ours is shown."""
        if page.is_closed() or not page.url.startswith("http"):
            return
        page.wait_for_load_state()
        self.violations += axe_violations(page)
        self.checked += 1


@pytest.fixture
def context(chromium: Browser, tiny_site: str, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A browser window. `@pytest.mark.parametrize("context", [{...}], indirect=True)` gives it options."""
    options: dict[str, Any] = getattr(request, "param", {})
    made = chromium.new_context(base_url=tiny_site, **{"viewport": {"width": 1280, "height": 900}, **options})
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page whose every visited state is checked with axe when it is left, and when the test ends.

    It also fails on a script's error and on whatever the content security policy refused.
    """
    watched = Watched()
    troubles: list[str] = []

    def take(new: Page) -> None:
        watched.watch(new)
        new.on("pageerror", lambda error: troubles.append(f"script: {error}"))
        new.on("console", lambda m: troubles.append(f"console: {m.text}") if "Content Security" in m.text else None)

    context.on("page", take)
    opened = context.new_page()
    yield opened
    for each in context.pages:
        watched.check(each)
    assert watched.checked, "a browser test must look at a page"
    assert not watched.violations, "axe found:\n" + "\n".join(dict.fromkeys(watched.violations))
    assert not troubles, "\n".join(troubles)
