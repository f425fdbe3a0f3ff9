"""A cell has the same words on every page and in every file, and no page has an old one. Over whole releases."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from html import unescape
from io import StringIO
from pathlib import Path

import httpx
import pyarrow.compute as pc
from tests.site.conftest import PAGE
from tests.site.one_answer import NEVER, PHRASES, PRESENT, Walked, cells, read, texts_of

import candor
from candor.messages.comparison import AMONG_WORDS, COMPARISON_WORDS
from candor.published.counties import counties
from candor.published.figures import Figures
from candor.published.model import ALL, Place
from candor.vocabulary.comparison import ANSWERED


def page(walked_site: httpx.Client, path: str, **query: str) -> str:
    found = walked_site.get(path, headers=PAGE, params=query, follow_redirects=True)
    assert found.status_code == 200, found.text
    return unescape(found.text)


def test_a_cell_has_the_same_words_wherever_it_is_said(walked: Walked, walked_site: httpx.Client) -> None:
    """On the map, in its table and its file, on the town's page, where towns are compared, in a frame."""
    said = 0
    for layer, category in asked(walked):
        of = walked.held.layers[layer]
        query = {"layer": layer, "category": category, "period": last_compared(of, category), "show": "compared"}
        table = walked.table(layer)
        of_query = (pc.field("level") == "town") & (pc.field("period") == query["period"])
        initiator = of.initiators(category)[0]
        of_query &= (pc.field("category") == category) & (pc.field("initiated_by") == initiator)
        lines = {line["geoid"]: line for line in table.filter(of_query).to_pylist()}
        html = page(walked_site, "/map", **query)
        tooltips = dict(re.findall(r'<a href="/places/(\d+)" aria-label="([^"]*)"', html))
        heads = [head.replace("\N{NO-BREAK SPACE}", " ") for head in cells(html, "towns")[0]]
        rows = {row[0]: row for row in cells(html, "towns")[1:]}
        files = {one["geoid"]: one for one in csv.DictReader(StringIO(page(walked_site, "/map.csv", **query)))}
        some = [place for place in of.places if lines.get(place.geoid, {}).get("comparison") in ANSWERED][:10]
        for place in some:
            line, row, tooltip = lines[place.geoid], rows[place.full_name], tooltips[place.geoid]
            label, over = line["comparison"], line["compared_over"]
            assert [files[place.geoid][n] for n in ("comparison", "among_towns")] == [label, line["among_towns"]]
            together = f", over {over.replace('-', ' to ')}" if over != line["period"] else ""
            cell = f"{COMPARISON_WORDS[label]}{together}"
            assert row[heads.index("Beside the rest of the state")] == cell
            assert row[heads.index("Among towns")] == AMONG_WORDS[line["among_towns"]]
            phrase = PHRASES[label][line["relative_rate"] is None]
            number, limits = (row[heads.index("Times the rest of the state") + i] for i in (0, 1))
            assert bool(number) == (line["relative_rate"] is not None)
            times = f"{number} times ({limits})"
            assert phrase in tooltip and (not number or times in tooltip), (cell, tooltip)
            town = read(page(walked_site, f"/places/{place.geoid}", **query))
            frame = read(page(walked_site, f"/embed/places/{place.geoid}", **query))
            for text in (town, frame):
                assert phrase.lower() in re.sub(r" \([\d.,]+\): ", ": ", text).lower(), (cell, text)
                assert not number or times in text, (cell, text)
                assert not line["among_towns"] or line["among_towns"].replace("tenth", "tenth of towns") in text
            assert f"Beside the rest of the state {cell}" in town
            compared = {
                row[0]: row[1] for row in cells(page(walked_site, "/compare", places=place.geoid, **query), "compared")
            }
            assert compared["Beside the rest of the state"] == cell
            assert compared["Times the rest of the state"] == (times.replace(" times", "") if number else "")
            assert compared["Among towns"] == AMONG_WORDS[line["among_towns"]]
            said += 1
    assert said > (20 if walked.name == "differing" else 3) or walked.name == "areas"


def last_compared(of: Figures, category: str) -> str:
    """The last year of a kind in which towns are compared; the last of all where there is none."""
    years = sorted((p.key for p in of.offered(category).values() if p.kind == "year"), reverse=True)
    initiator = of.initiators(category)[0]
    known = [y for y in years if any(label in ANSWERED for label in of.comparisons(y, category, initiator))]
    return [*known, *years][0]


def widest(of: Figures) -> str:
    """The total, or the first kind where there is none."""
    return ALL if ALL in of.categories else of.categories[0]


def rated_towns(of: Figures) -> list[Place]:
    """The towns with a rate that is compared, in the last year in which there are any."""
    category = widest(of)
    column = of.column(last_compared(of, category), category, of.initiators(category)[0])
    rated = [f.comparison in ANSWERED and f.rate is not None for f in column]
    return [place for place, yes in zip(of.places, rated, strict=True) if yes]


def asked(walked: Walked) -> Iterator[tuple[str, str]]:
    """Some kinds of each layer that have years."""
    for layer, of in walked.held.layers.items():
        having = [c for c in of.categories if any(p.kind == "year" for p in of.offered(c).values())]
        preferred = [c for c in ("all", "noise", "burglary", "overdose", "larceny-theft") if c in having]
        yield from ((layer, category) for category in preferred[:3])


def test_no_page_says_what_is_not_so(walked: Walked, walked_site: httpx.Client) -> None:
    towns = next(iter(walked.held.layers.values())).places
    several = ",".join(p.geoid for p in towns[:4])
    paths = ["/", "/map", "/map?show=rate", "/map?show=counts", "/places", f"/compare?places={several}", "/counties"]
    paths += ["/methods", "/glossary", "/about", "/privacy", "/embed/map", "/map.svg"]
    paths += [f"/map?layer={layer}&category={category}" for layer, category in asked(walked)]
    for place in towns[:6]:
        paths += [f"/places/{place.geoid}", f"/embed/places/{place.geoid}", f"/places/{place.geoid}/funnel.svg"]
    for path in paths:
        answered = walked_site.get(path, headers=PAGE)
        if path.endswith("funnel.svg") and answered.status_code == 404:
            continue  # a town that is not compared has none
        assert answered.status_code == 200, path
        said = read(answered.text)
        assert not NEVER.search(said), (path, NEVER.search(said))
        for sentence in re.split(r"(?<=[.:;]) ", said):
            assert not ("expected" in sentence.lower() and "the state’s rate" in sentence), sentence


def test_no_file_of_words_has_an_old_word() -> None:
    seen = 0
    for name, text in texts_of(Path(candor.__file__).parent):
        seen += 1
        found = NEVER.search(text)
        assert found is None, f"{name}: {found}"
    assert seen > 40


def test_persons_present_are_said_where_they_are_counted(walked: Walked, walked_site: httpx.Client) -> None:
    """Rates by residents and visitors are never said to be by residents; and the other way round."""
    portal = walked.held.release.portal
    present = next((d.title for d in portal.denominators if d.name == portal.rates_by), "")
    declared = bool(present)
    assert declared == (walked.name in ("differing", "simulated"))
    assert walked.name != "differing" or present == PRESENT
    layer, of = max(walked.held.layers.items(), key=lambda one: (len(rated_towns(one[1])), one[0]))
    period, rated = last_compared(of, widest(of)), rated_towns(of)[:4]
    assert rated or walked.name not in ("calls", "differing", "simulated", "fbi")
    for place in rated:
        query = {"period": period, "layer": layer, "category": widest(of)}
        said = read(page(walked_site, f"/places/{place.geoid}", **query))
        frame = read(page(walked_site, f"/embed/places/{place.geoid}", **query))
        assert (f"for every 1,000 {present or PRESENT} (95" in said) == declared
        assert ("for every 1,000 residents (95" in said) == (not declared) == ("for every 1,000 residents (95" in frame)
        assert (f"The comparison counts {present or PRESENT}." in said) == declared
        assert ("The comparison counts residents, not people who work, study or visit there." in said) != declared
        assert ("Rates count residents only" in frame) != declared
    areas = [f"/counties/{c.slug}?category=overdose" for c in counties(walked.held)] if declared else []
    for path in ("/", "/map", "/map?show=rate", "/embed/map", "/map.svg", "/compare", *areas):
        text = read(walked_site.get(path, headers=PAGE).text)
        assert not declared or not re.search(r"1,000 (?:of their )?residents(?! and )", text), path
        assert not declared or "residents only" not in text, path
