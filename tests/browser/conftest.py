"""Chromium, and axe at the end of every test: no browser test can leave out accessibility."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Response, sync_playwright
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

OPTIONS: dict[BrowserContext, dict[str, Any]] = {}
"""What each open window was made with."""


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
        f"{page.url}: {v['id']} ({v['impact']}): {v['help']}: "
        + "; ".join(str(n["html"])[:160] for n in v["nodes"][:3])
        for v in found["violations"]
    ]


class Watched:
    """Checks each page that a test goes to, and once more at the end where the page has changed since."""

    def __init__(self, scripts: Page) -> None:
        self.violations: list[str] = []
        self.checked: set[str] = set()
        self._scripts = scripts

    def watch(self, page: Page) -> None:
        """Wrap the page's `goto`: what it leaves and what it shows is checked."""
        plain = page.goto

        def goto(url: str, **options: Any) -> Response | None:  # noqa: ANN401 - the options are Playwright's
            self.check(page)
            answer = plain(url, **options)
            self.check(page)
            return answer

        page.goto = goto  # type: ignore[method-assign]  # the point of this class: no test can go round it

    def check(self, page: Page) -> None:
        """Run axe, if a page of ours is shown that was not checked as it is now."""
        if page.is_closed() or not page.url.startswith("http"):
            return
        page.wait_for_load_state()
        state = f"{page.url} {page.content()}"
        if state in self.checked:
            return
        self.checked.add(state)
        if page.context is self._scripts.context:
            self.violations += axe_violations(page)
            return
        # axe needs scripts. A window of the same size shows the same address with the site's own scripts kept away.
        if page.viewport_size:
            self._scripts.set_viewport_size(page.viewport_size)
        self._scripts.goto(page.url)
        self.violations += axe_violations(self._scripts)


@pytest.fixture
def context(chromium: Browser, tiny_site: str, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A browser window. `@pytest.mark.parametrize("context", [{...}], indirect=True)` gives it options."""
    options = {"viewport": {"width": 1280, "height": 900}, **getattr(request, "param", {})}
    made = chromium.new_context(base_url=tiny_site, **options)
    OPTIONS[made] = options
    yield made
    del OPTIONS[made]
    made.close()


@pytest.fixture
def page(chromium: Browser, context: BrowserContext) -> Iterator[Page]:
    """A page whose every visited state is checked with axe when it is left, and when the test ends.

    It also fails on a script's error and on whatever the content security policy refused.
    """
    troubles: list[str] = []
    opened = context.new_page()
    shadow, scripts = None, opened
    options = OPTIONS[context]
    if not options.get("java_script_enabled", True):
        shadow = chromium.new_context(**{**options, "java_script_enabled": True})
        scripts = shadow.new_page()
        scripts.route("**/*.js", lambda route: route.abort())
    watched = Watched(scripts)

    def take(new: Page) -> None:
        watched.watch(new)
        new.on("pageerror", lambda error: troubles.append(f"script: {error}"))
        new.on("console", lambda m: troubles.append(f"console: {m.text}") if "Content Security" in m.text else None)

    def missing(answer: Response) -> None:
        if "/static/" in answer.url and answer.status >= 400:
            troubles.append(f"missing: {answer.url} ({answer.status}); is the front end being rebuilt?")

    take(opened)
    context.on("response", missing)
    context.on("page", take)
    yield opened
    for each in context.pages:
        watched.check(each)
    if shadow is not None:
        shadow.close()
    assert watched.checked, "a browser test must look at a page"
    assert not troubles, "\n".join(dict.fromkeys(troubles))
    assert not watched.violations, "axe found:\n" + "\n".join(dict.fromkeys(watched.violations))
