"""Towns side by side: who is meant, how many at most, and what is never said of two towns."""

from __future__ import annotations

import csv
import html
import re
from dataclasses import replace
from io import StringIO
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.site.conftest import PAGE
from tests.site.tiny_release import TOWNS

from candor.messages import sharing
from candor.published.model import NO_FIGURE, Figure

ALBA, SMALL_ALBA, BIRCH, NOBODY, CEDAR, ELM, FERN = (t.geoid for t in TOWNS)


def page_of(site: httpx.Client, path: str) -> str:
    answer = site.get(path, headers=PAGE, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def table_of(text: str) -> dict[str, list[str]]:
    """The comparison's table: the heading of each row, and its cells."""
    body = re.search(r'<table[^>]*id="compared">(.*?)</table>', text, re.S)
    assert body is not None
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in re.findall(r"<tr>(.*?)</tr>", body[1], re.S)]
    return {row[0]: row[1:] for row in rows}


@pytest.mark.parametrize(
    "query",
    [
        f"places={ALBA}&places={BIRCH}",
        f"places={ALBA},{BIRCH}",
        f"places={ALBA}&add=birch",
        f"places={ALBA}&places=Birch",
        f"places={ALBA},,{BIRCH},{ALBA}",
    ],
)
def test_towns_are_named_by_number_or_by_name_and_end_at_one_address(site: httpx.Client, query: str) -> None:
    answer = site.get(f"/compare?{query}", headers=PAGE)
    if answer.status_code == 303:
        answer = site.get(answer.headers["location"], headers=PAGE)
    assert answer.status_code == 200
    assert "<h1>Compare towns: Alba city, Birch</h1>" in answer.text
    assert set(table_of(html.unescape(answer.text))["Figure"]) == {"Alba city", "Birch", "Tiny State"}


def test_the_choice_is_kept_from_page_to_page(site: httpx.Client) -> None:
    choice = {"category": ["noise"], "period": ["2024"], "initiated_by": ["all"]}
    query = "category=noise&period=2024&initiated_by=all"
    answer = site.get(f"/compare?places=Birch&add=Fern&{query}", headers=PAGE)
    found = parse_qs(urlsplit(answer.headers["location"]).query)
    assert found == {"places": [f"{BIRCH},{FERN}"], **choice}
    text = page_of(site, answer.headers["location"])
    links = re.findall(r'href="(/compare[^"]*)"', text) + re.findall(r'href="(/places/\d+\?[^"]*)"', text)
    assert links
    for link in links:
        assert parse_qs(urlsplit(link).query).items() >= choice.items(), link
    assert '<option value="noise" selected>' in text
    assert "Calls about noise for every 1,000 people and year, 2024: Birch and Fern, each beside the state." in text


def test_what_the_table_says(site: httpx.Client) -> None:
    text = page_of(site, f"/compare?places={ALBA},{CEDAR},{ELM},{NOBODY},{SMALL_ALBA}")
    table = table_of(text)
    assert table["Figure"] == ["Alba city", "Cedar", "Elm", "Dell's Grant", "Alba town", "Tiny State"]
    assert table["Residents"][:5] == ["12,000", "90", "640", "0", "800"]
    assert table["Coverage"][:5] == ["reported", "reported, none", "not covered", "reported", "partly reported"]
    assert table["Calls"][2] == "not covered"
    assert table["Rate per 1,000 people and year"][3] == "no residents"
    assert re.fullmatch(r"[\d.]+ to [\d.]+", table["95\N{NO-BREAK SPACE}% interval of the rate"][0])
    assert table["Beside the rest of the state"][4] == "Not fully reported, so not compared"
    assert "Provisional for Alba town" in text
    assert "Each town is compared with the rest of the state, never one town with another." in text


def test_the_files_are_of_the_same_towns(site: httpx.Client) -> None:
    path = f"places={ALBA},{FERN}&period=2024"
    table = table_of(page_of(site, f"/compare?{path}"))
    rows = list(csv.DictReader(StringIO(site.get(f"/compare.csv?{path}").text)))
    for row in rows:
        cells = [row["alba_city"], row["fern"], row["tiny_state"]]
        assert cells == [re.sub(r"(?<=\d),(?=\d{3})", "", c) for c in table[row["figure"]]]
        assert (row["period"], row["version"], row["simulated"]) == ("2024", "2", "true")
    svg = site.get(f"/compare.svg?{path}").text
    assert "Alba city" in svg
    assert re.search(r"Tiny State: \d", svg)
    assert "A call is not a verified offence" in svg
    assert site.get(f"/compare.png?{path}").content[:4] == b"\x89PNG"


def test_a_name_of_several_towns_is_asked_about_and_none_is_guessed(site: httpx.Client) -> None:
    text = page_of(site, f"/compare?places={BIRCH}&add=Mill village")
    assert "“Mill village” may be one of several towns." in text
    offers = re.findall(r'href="(/compare\?places=[^"]*)"', text)
    assert any(parse_qs(urlsplit(o).query)["places"] == [f"{BIRCH},{FERN}"] for o in offers)
    assert "<h1>Compare towns: Birch</h1>" in text


def test_an_unknown_name_is_said_and_near_ones_are_offered(site: httpx.Client) -> None:
    assert "No town or village here is called “Zzyzx”." in page_of(site, "/compare?add=Zzyzx")
    text = page_of(site, "/compare?places=Brich")
    assert "No town is called “Brich”. Did you mean one of these?" in text
    assert f"/compare?places={BIRCH}" in text


def test_a_town_is_not_added_twice(site: httpx.Client) -> None:
    assert "Birch is already in the comparison." in page_of(site, f"/compare?places={BIRCH}&add=birch")


def test_six_towns_are_too_many(site: httpx.Client) -> None:
    six = ",".join(t.geoid for t in TOWNS[:6])
    answer = site.get(f"/compare?places={six}", headers=PAGE)
    assert answer.status_code == 400
    assert "at most 5 towns, and this address names 6" in answer.text
    five = ",".join(t.geoid for t in TOWNS[:5])
    text = page_of(site, f"/compare?places={five}&add=Fern")
    assert "A comparison shows at most 5 towns. Remove one first, then add Fern." in text
    assert 'name="add"' not in text
    assert site.get(f"/compare.svg?places={six}").status_code == 400


def test_removing_the_last_town_leaves_the_form(site: httpx.Client) -> None:
    text = page_of(site, f"/compare?places={BIRCH}")
    remove = re.search(r'href="(/compare\?[^"]*)">remove', text)
    assert remove is not None
    empty = page_of(site, remove[1])
    assert "<h1>Compare towns</h1>" in empty
    assert 'name="add"' in empty


def test_towns_of_similar_size_are_filled_in(site: httpx.Client) -> None:
    answer = site.get(f"/compare?similar={FERN}&period=2024", headers=PAGE)
    assert answer.status_code == 303
    towns = parse_qs(urlsplit(answer.headers["location"]).query)["places"][0].split(",")
    # By residents next to Fern's 2,100, of those that reported all of 2024: Birch, Alba town, Alba city, Cedar.
    assert towns == [FERN, BIRCH, SMALL_ALBA, ALBA, CEDAR]
    assert site.get("/compare?similar=1", headers=PAGE).status_code == 404


def test_no_sentence_ranks_one_town_over_another(site: httpx.Client) -> None:
    for category in ("all", "noise", "domestic-violence"):
        text = page_of(site, f"/compare?places={ALBA},{BIRCH},{FERN}&category={category}&period=2024")
        main = re.sub(r"<[^>]+>", " ", text[text.index("<main") : text.index("</main")])
        assert not re.search(r"\b(than (?:Alba|Birch|Fern)|safer|worse|better|crime|more dangerous)\b", main)


def rated(low: float, high: float) -> Figure:
    return replace(NO_FIGURE, coverage="reported", count=20, rate=(low + high) / 2, low=low, high=high)


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 50)), min_size=2, max_size=5))
def test_what_overlapping_intervals_mean(ends: list[tuple[float, float]]) -> None:
    towns = [(f"Town {i}", rated(low, low + wide)) for i, (low, wide) in enumerate(ends)]
    apart = [(a, b) for i, a in enumerate(ends) for b in ends[i + 1 :] if a[0] + a[1] < b[0] or b[0] + b[1] < a[0]]
    pairs = len(ends) * (len(ends) - 1) // 2
    said = sharing.overlap_sentence(towns)
    if not apart:
        assert "cannot be told" in said
    elif len(apart) == pairs:
        assert said.startswith("No two of these intervals overlap")
    else:
        assert "their order may mean nothing" in said


def test_one_rate_has_nothing_to_overlap_with() -> None:
    assert sharing.overlap_sentence([("Alba", rated(1, 2)), ("Elm", NO_FIGURE)]) == ""
