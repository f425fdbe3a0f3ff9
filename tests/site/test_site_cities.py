"""The site of a city of neighborhoods: nothing that is read says town, state or county of it, and names stay names."""

from __future__ import annotations

import csv
import html
import json
import random
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from tests.signing import add_signed as add_dataset
from tests.site.conftest import running

from candor.places.builder.importer import import_files
from candor.portal.write import init_portal
from candor.profiles.check import open_portal
from candor.publish.run import publish

NAMES = ("Harbor Point", "Old Town", "State Street", "County Line", "Mill Yard")
_OURS = re.compile(r"\b(towns?|states?|statewide|count(y|ies)|villages?)\b", re.IGNORECASE)
_NO_TEXT = re.compile(r"<(script|style|code)\b.*?</\1>", re.DOTALL)
_READ = re.compile(r'(?:title|alt|label|content|placeholder|aria-label|data-label|data-say-\w+)="([^"]*)"')
# Names of columns, data sets and addresses are the same in every portal.
_MACHINE = re.compile(r"`[^`]*`|https?://\S+|/[\w/?=&%.-]+|[\w.-]*(?:by-town|town-names|town_name)[\w.-]*")
PAGES = 70


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portal made by the commands' functions alone, no file of it edited."""
    home = tmp_path_factory.mktemp("city")
    root = home / "portal"
    init_portal(root, title="Riverside public safety", jurisdiction="Riverside", time_zone="America/Chicago")
    squares = [
        {
            "type": "Feature",
            "properties": {"OBJECTID": i + 1, "NHOOD_ID": f"N{i:02d}", "NHOOD_NAME": name, "pop_2020": 900 + 300 * i},
            "geometry": {"type": "Polygon", "coordinates": [[[i, 36], [i + 1, 36], [i + 1, 37], [i, 37], [i, 36]]]},
        }
        for i, name in enumerate(NAMES)
    ]
    (home / "hoods.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": squares}))
    import_files(root / "places", home / "hoods.geojson")
    chance = random.Random(5)  # noqa: S311 - made-up rows
    kinds = ("THEFT", "NOISE COMPLAINT", "TRAFFIC STOP", "BURGLARY", "OVERDOSE", "WELFARE CHECK")
    with (home / "calls.csv").open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["Number", "CallTime", "CallType", "Area", "Longitude", "Latitude"])
        for n in range(2400):
            when = datetime(2023, 1, 1) + timedelta(minutes=n * 480 + chance.randrange(400))
            at = chance.randrange(5)
            lines.writerow([f"C{n}", when, chance.choice(kinds), NAMES[at], at + chance.random(), 36 + chance.random()])
    add_dataset(root, "calls", home / "calls.csv", schema="calls_for_service", agency="Old Town of Riverside Police")
    publish(open_portal(root))
    return root


@pytest.fixture(scope="module")
def site(city: Path) -> Iterator[httpx.Client]:
    with running(city / "data/public") as client:
        yield client


def _read(answer: httpx.Response) -> str:
    """What a person reads or hears of an answer, without names."""
    text = answer.text
    if "html" in answer.headers["content-type"] or "svg" in answer.headers["content-type"]:
        text = _NO_TEXT.sub(" ", text)
        text = html.unescape(re.sub(r"<[^>]*>", lambda tag: f" {' . '.join(_READ.findall(tag[0]))} ", text))
    for name in ("Old Town of Riverside Police", *NAMES):
        text = text.replace(name, "")
    return _MACHINE.sub("", text)


def _said_of_towns(site: httpx.Client, path: str) -> list[str]:
    text = _read(site.get(path, headers={"Accept": "text/html,*/*"}))
    return [f"{path}: ..{text[max(m.start() - 50, 0) : m.end() + 40]!r}" for m in _OURS.finditer(text)]


def test_the_proposal_covers_every_neighborhood(city: Path) -> None:
    text = (city / "datasets/calls.toml").read_text(encoding="utf-8")
    assert 'places = ["N00", "N01", "N02", "N03", "N04"]' in text
    assert '[columns.town_name]\nfrom = "Area"' in text


def test_no_page_says_town_or_state_of_a_city(site: httpx.Client) -> None:
    waiting = [
        "/", "/map", "/places", "/counties", "/datasets", "/methods", "/privacy", "/glossary", "/about",
        "/accessibility", "/compare", "/compare?places=N00,N01", "/search", "/search?q=zzz", "/search?q=mill",
        "/nothing", "/places/nobody", "/counties/nobody", "/embed/map", "/embed/places/N01", "/map.svg",
        *(f"/datasets/{name}" for name in ("calls", "calls-by-town", "call-rates-by-town", "sensitive-calls",
          "early-calls", "call-hours-by-town", "call-denominators-by-town", "towns", "town-names", "denominators")),
        "/places/N00", "/places/N02",
    ]  # fmt: skip
    seen: set[str] = set()
    found: list[str] = []
    while waiting and len(seen) < PAGES:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        found += _said_of_towns(site, path)
        answer = site.get(path, headers={"Accept": "text/html,*/*"})
        if "html" in answer.headers["content-type"]:
            links = map(html.unescape, re.findall(r'href="(/(?:map|places|embed|counties)[^"#]*)"', answer.text))
            waiting += [link for link in links if not link.endswith((".png", ".geojson")) and "/map.csv" not in link]
    assert not found, "\n".join(dict.fromkeys(found))
    assert len(seen) == PAGES


def test_files_of_figures_and_descriptions_say_it_too(site: httpx.Client) -> None:
    release = site.get("/api/release").json()
    described = [
        text
        for dataset in release["datasets"]
        for text in (dataset["title"], dataset["description"], dataset["unit_plural"],
                     *(c[key] for c in dataset["columns"] for key in ("label", "description")),
                     *(dataset["indicator"] or {}).values())
    ]  # fmt: skip
    found = [text for text in described if _OURS.search(_MACHINE.sub("", str(text)))]
    assert not found
    assert release["portal"]["nouns"] == {
        "place": "neighborhood", "places": "neighborhoods", "whole": "the city", "group": "", "groups": "",
    }  # fmt: skip
    page = site.get("/places/N00").text
    files = re.findall(r'href="(/places/N00/[a-z-]+\.(?:csv|svg)[^"]*)"', page)
    assert files
    assert not [line for path in files for line in _said_of_towns(site, html.unescape(path))]


def test_names_stay_names(site: httpx.Client) -> None:
    listed = site.get("/places").text
    assert all(name in listed for name in NAMES)
    assert "Old Town of Riverside Police" in site.get("/about").text
    assert site.get("/api/places?q=old").json()[0]["name"] == "Old Town"
    assert "Old Town" in site.get("/places/N01.csv".replace(".csv", "")).text


def test_a_level_is_filtered_by_its_noun_or_its_code(site: httpx.Client) -> None:
    by_noun = site.get("/datasets/sensitive-calls?level=city").text
    by_code = site.get("/datasets/sensitive-calls?level=state").text
    rows = [re.search(r"<caption[^>]*>(.*?)</caption>", page, re.DOTALL) for page in (by_noun, by_code)]
    assert rows[0]
    assert rows[1]
    assert rows[0][1] == rows[1][1]
    assert site.get("/resource/sensitive-calls.json?level=state&$limit=1").json()[0]["level"] == "state"


def test_the_scripts_are_told_the_nouns(site: httpx.Client) -> None:
    page = site.get("/map").text
    assert 'data-say-one="neighborhood" data-say-many="neighborhoods"' in page
    assert 'data-say-whole="Show the whole city"' in page
