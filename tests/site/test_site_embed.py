"""Figures in a frame: what stands with them, and that no other page may be framed."""

from __future__ import annotations

import html
import re

import httpx
import pytest
from tests.site.conftest import PAGE
from tests.site.tiny_release import TOWNS

ALBA, ELM = TOWNS[0].geoid, TOWNS[5].geoid

EMBEDS = [
    "/embed/map",
    "/embed/map?show=rate&category=noise&period=2024",
    "/embed/map?show=counts",
    f"/embed/places/{ALBA}",
    f"/embed/places/{ELM}?category=noise",
    f"/embed/places/{ALBA}/trend?category=noise",
    f"/embed/places/{ELM}/trend",
]
OTHERS = [
    *("/", "/map", f"/places/{ALBA}", "/compare", "/datasets", "/embed", "/embeds/map", "/api/release"),
    *(f"/places/{ALBA}/trend.svg", "/static/seal.svg"),
]


def directives(policy: str) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in policy.split(";"))


@pytest.mark.parametrize("path", EMBEDS)
def test_an_embed_may_be_framed_by_anyone_and_do_nothing_else(site: httpx.Client, path: str) -> None:
    answer = site.get(path, headers=PAGE)
    assert answer.status_code == 200, answer.text
    policy = directives(answer.headers["content-security-policy"])
    assert policy["frame-ancestors"] == "*"
    assert policy["script-src"] == "'none'"
    assert policy["default-src"] == "'none'"
    assert "x-frame-options" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert "<script" not in answer.text
    assert "<form" not in answer.text
    assert site.head(path, headers=PAGE).status_code == 200


@pytest.mark.parametrize("path", OTHERS)
def test_no_other_page_may_be_framed(site: httpx.Client, path: str) -> None:
    answer = site.get(path, headers=PAGE)
    assert directives(answer.headers["content-security-policy"])["frame-ancestors"] == "'none'"
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", EMBEDS)
def test_an_embed_keeps_its_caveats_and_its_version(site: httpx.Client, path: str) -> None:
    text = html.unescape(site.get(path, headers=PAGE).text)
    assert "A call is not a verified offence" in text
    assert "<strong>SIMULATED</strong>" in text
    assert "release 2 of" in text
    assert "version 2." in text
    assert "<nav" not in text
    assert text.count("<h1") == 1
    assert '<meta name="description"' in text
    links = re.findall(r'<a href="([^"]+)" target="_blank" rel="noopener">', text)
    assert len(links) == len(re.findall("<a ", text)) == 2, (
        "a link without a target would open a page that refuses frames"
    )
    for link in links:
        assert site.get(link, headers=PAGE).status_code == 200
    assert "/datasets/call-rates-by-town?version=2" in links[0]
    assert site.get(links[0], headers=PAGE).text.count("<tr>") > 1


def test_a_town_that_is_not_covered_is_embedded_with_that(site: httpx.Client) -> None:
    text = site.get(f"/embed/places/{ELM}", headers=PAGE).text
    assert "No agency in these data covers Elm" in text
    assert "it is not zero" in text


@pytest.mark.parametrize(
    ("path", "status"),
    [("/embed/places/1", 404), (f"/embed/places/{ALBA}/nothing", 404), ("/embed/map?category=crime", 400)],
)
def test_an_embed_that_is_not_there_says_so_in_its_frame(site: httpx.Client, path: str, status: int) -> None:
    answer = site.get(path, headers=PAGE)
    assert answer.status_code == status
    assert directives(answer.headers["content-security-policy"])["frame-ancestors"] == "*"


@pytest.mark.parametrize("path", [f"/places/{ALBA}?category=noise", "/map"])
def test_the_page_of_a_figure_gives_the_html_that_embeds_it(site: httpx.Client, path: str) -> None:
    text = site.get(path, headers=PAGE).text
    snippets = [html.unescape(found) for found in re.findall(r"<pre><code>(.*?)</code></pre>", text, re.S)]
    assert snippets
    for snippet in snippets:
        found = re.fullmatch(r'<iframe src="([^"]+)" title="([^"]+)" width="100%"[^>]*></iframe>', snippet)
        assert found is not None, snippet
        address = html.unescape(found[1])
        assert address.startswith(f"{site.base_url}/embed/")
        answer = site.get(address, headers=PAGE)
        assert answer.status_code == 200
        assert html.unescape(found[2]) in html.unescape(answer.text)
