"""Every page over HTTP: what it says, and what it never says."""

from __future__ import annotations

import re

import httpx
import pytest
from tests.site.conftest import PAGE
from tests.site.tiny_release import ALIASES, TOWNS

PAGES = [
    "/",
    "/map",
    "/map?category=noise&period=2024&initiated_by=all&sort=place&direction=desc",
    "/map?category=overdose",
    "/map?category=domestic-violence&period=2024&show=counts",
    "/places",
    "/places/5000100100?category=overdose",
    "/counties",
    "/counties?category=overdose",
    "/counties/adams",
    "/counties/boone?category=overdose",
    *[f"/places/{t.geoid}" for t in TOWNS],
    "/search",
    "/search?q=alba",
    "/search?q=zzzzzz",
    "/compare",
    "/compare?places=5000100100,5000200600,5000200700&category=noise&period=2024",
    "/datasets",
    "/datasets/tiny-calls",
    "/datasets/tiny-calls?version=1",
    "/datasets/tiny-force",
    "/datasets/towns",
    "/datasets/calls-by-town",
    "/datasets/sensitive-calls?level=county&county=Adams&category=overdose",
    "/methods",
    "/glossary",
    "/accessibility",
    "/about",
    "/privacy",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_says_simulated_and_answers_head(site: httpx.Client, path: str) -> None:
    answer = site.get(path, headers=PAGE)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-candor-simulated"] == "true"
    assert "<title>SIMULATED: " in answer.text
    assert answer.text.count("<h1") == 1
    head = site.head(path, headers=PAGE)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_a_page_leads_somewhere(site: httpx.Client, path: str) -> None:
    text = site.get(path, headers=PAGE).text
    ids = set(re.findall(r'\bid="([^"]+)"', text))
    for raw in set(re.findall(r'(?:href|src|action)="([^"]+)"', text)):
        link = raw.replace("&amp;", "&")
        if link.startswith("mailto:"):
            continue
        assert link.startswith(("/", "#")), f"{link} leaves the site"
        target, _, fragment = link.partition("#")
        if not target:
            assert fragment in ids, f"{link} leads nowhere on {path}"
            continue
        assert site.head(target, headers=PAGE).status_code in (200, 303), link


def test_a_page_that_has_not_changed_is_not_sent_again(site: httpx.Client) -> None:
    first = site.get("/map", headers=PAGE)
    again = site.get("/map", headers={**PAGE, "If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["x-candor-simulated"] == "true"


@pytest.mark.parametrize(
    ("geoid", "words"),
    [
        (
            "5000100100",
            "Alba city: 1,440 calls in open categories in 2025; 1,440 in 2024. That is 120.0 for every 1,000 residents",
        ),
        ("5000100200", "Only 11 of the 12 months were reported"),
        ("5000200400", "Nobody lives there, so there is no rate."),
        ("5000200500", "Cedar: no calls in open categories in 2025; none in 2024."),
        ("5000200600", "No agency in these data covers Elm"),
        ("5000200700", "An agency that covers Fern sent nothing for 2025"),
    ],
)
def test_a_town_says_its_coverage_in_words(site: httpx.Client, geoid: str, words: str) -> None:
    assert words in site.get(f"/places/{geoid}", headers=PAGE).text


def test_calls_of_no_town_are_said(site: httpx.Client) -> None:
    text = site.get("/places", headers=PAGE).text
    assert "Not placed: 17 calls" in text


def test_under_five_is_said_in_words(site: httpx.Client) -> None:
    text = site.get("/places/5000100300?category=domestic-violence&period=2025", headers=PAGE).text
    assert "police answered under 5 calls about domestic violence from Birch: 0 to 4, and it is not told which." in text
    assert "numbers are told as under 5 (0 to 4) or to the nearest 5" in text


def test_a_longer_period_is_offered_where_the_chosen_one_is_too_short(site: httpx.Client) -> None:
    text = site.get("/places/5000100300?category=theft&period=2024-01", headers=PAGE).text
    assert "Birch: 16 calls about theft from January 2024 to December 2025." in text


def test_the_officers_own_kind_brings_officers_in(site: httpx.Client) -> None:
    text = site.get("/map?category=traffic-stop", headers=PAGE).text
    assert '<option value="all" selected>' in text
    assert "officers’ own activity" in text
    text = site.get("/map?category=traffic-stop&initiated_by=citizen", headers=PAGE).text
    assert "Officers begin this kind themselves" in text


def test_the_states_stand_in_the_table_each_with_its_own_word(site: httpx.Client) -> None:
    text = site.get("/map?category=domestic-violence&period=2025", headers=PAGE).text.lower()
    for word in ("not covered", "not reported", "under 5", "not told for this period alone", "by county only"):
        assert (word in text) != (word == "by county only")  # the file's word, which no reader needs
    assert "reported, none" not in text


def test_search_redirects_only_where_there_is_no_doubt(site: httpx.Client) -> None:
    sure = site.get("/search?q=Fern%20Junction", headers=PAGE)
    assert (sure.status_code, sure.headers["location"]) == (303, "/places/5000200700")
    assert site.get("/search?q=ALBA%20FALLS,%20VT", headers=PAGE).headers["location"] == "/places/5000100200"
    for name in ("Alba", "mill village"):
        unsure = site.get("/search", params={"q": name}, headers=PAGE)
        assert unsure.status_code == 200
        assert "ambiguous" in unsure.text
        meant = {geoid for alias, geoid in ALIASES if alias == name.lower()}
        assert {t.geoid for t in TOWNS if f'"/places/{t.geoid}"' in unsure.text} == meant


def test_a_name_nearly_right_is_offered_and_not_taken(site: httpx.Client) -> None:
    answer = site.get("/search?q=ferm", headers=PAGE)
    assert answer.status_code == 200
    assert "spelt nearly so" in answer.text
    assert "/places/5000200700" in answer.text


def test_places_for_the_search_field(site: httpx.Client) -> None:
    answer = site.get("/api/places?q=alba")
    assert answer.json() == [
        {"geoid": "5000100100", "name": "Alba city", "county": "Adams", "matched": "Alba"},
        {"geoid": "5000100200", "name": "Alba town", "county": "Adams", "matched": "Alba"},
    ]
    assert site.get("/api/places?q=").json() == []
    assert site.get("/api/places?q=%00%ff<script>").json() == []


def test_the_page_of_figures_says_what_they_mean(site: httpx.Client) -> None:
    text = " ".join(site.get("/datasets/call-rates-by-town").text.split())
    for heading in (
        "Definition",
        "Why it is published",
        "Method",
        "Intervals",
        "How people are protected",
        "Compared with",
    ):
        assert f"<dt>{heading}</dt>" in text
    assert "No judgement: a higher rate is neither good nor bad" in text
    published = site.get("/api/release").json()["datasets"]
    (rates,) = [d for d in published if d["name"] == "call-rates-by-town"]
    assert rates["indicator"]["benchmark"].startswith("The rate of all other towns of the state")
    assert all(d["indicator"] is None for d in published if d["kind"] == "rows")


def test_the_dataset_page_accounts_for_every_row(site: httpx.Client) -> None:
    text = site.get("/datasets/tiny-calls", headers=PAGE).text
    assert (
        "240 rows are published. About 40 were duplicates and about 30 were quarantined, each to the nearest 10."
        in text
    )
    for reason in ("the same key and the same values", "the date lies in the future", "Exact locations are never"):
        assert reason in text
    assert "240 calls, 60 more than in version 1" in text


def test_rows_are_paged_filtered_and_sorted_by_plain_addresses(site: httpx.Client) -> None:
    first = site.get("/datasets/tiny-calls", headers=PAGE).text
    assert "1 to 50 of 240 calls" in first
    assert "$offset" in first or "%24offset=50" in first
    last = site.get("/datasets/tiny-calls?$offset=200", headers=PAGE).text
    assert "201 to 240 of 240 calls" in last
    filtered = site.get("/datasets/tiny-calls?town=Fern&category=theft", headers=PAGE).text
    assert "calls where Town is Fern and Category is theft" in filtered
    form = site.get("/datasets/tiny-calls?town=Fern&$column=category&$equals=theft", headers=PAGE)
    assert form.status_code == 303
    assert form.headers["location"] == "/datasets/tiny-calls?town=Fern&category=theft#rows"
    beyond = site.get("/datasets/tiny-calls?$offset=240", headers=PAGE)
    assert beyond.status_code == 400


def test_texts_carry_the_release_s_own_values(site: httpx.Client) -> None:
    methods = site.get("/methods", headers=PAGE).text
    assert "Under 5 means 0 to 4" in methods
    assert "What is not there yet" in methods
    assert "America/New_York" in methods
    glossary = site.get("/glossary", headers=PAGE).text
    for term in ("call", "zero", "under-5", "not-yet", "settled", "late", "not-reported", "not-covered", "interval"):
        assert f'id="{term}"' in glossary


def test_the_server_asks_nothing_of_other_sites(site: httpx.Client) -> None:
    answer = site.get("/", headers=PAGE)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "style=" not in answer.text  # a strict policy would drop it silently
    assert "onclick=" not in answer.text
    assert not re.search(r"<script(?![^>]*(src=|application/json))", answer.text)
    assert "set-cookie" not in answer.headers
