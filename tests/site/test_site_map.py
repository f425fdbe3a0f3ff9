"""The map over HTTP: towns beside the state, rates, counts as circles, two layers; the same as a table and as CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from html import unescape
from io import StringIO
from pathlib import Path

import httpx
import pytest
from tests.site.conftest import PAGE, running
from tests.site.tiny_release import BENCHMARK, TOWNS, publish_tiny

COLUMNS = [
    "place", "county", "coverage", "comparison", "times", "times_low", "among", "count", "expected", "residents",
    "rate", "low", "period",
]  # fmt: skip


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A site with both layers."""
    data: Path = tmp_path_factory.mktemp("both") / "data"
    publish_tiny(data, offences=True)
    with running(data / "public") as client:
        yield client


def page(site: httpx.Client, query: str = "") -> str:
    answer = site.get(f"/map?{query}", headers=PAGE)
    assert answer.status_code == 200, answer.text
    return answer.text


def towns(text: str) -> dict[str, tuple[str, str]]:
    """Class and sentence of each town of the drawing, by GEOID."""
    found = re.findall(r'<a href="/places/(\d+)" aria-label="([^"]*)"><path class="k-([a-z0-9-]+)"', text)
    return {geoid: (key, said) for geoid, said, key in found}


def rows(text: str) -> list[dict[str, str]]:
    """The table's cells by column."""
    body = re.findall(r'<tr><th scope="row">.*?</tr>', text)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body]
    return [dict(zip(COLUMNS, [unescape(re.sub(r"<[^>]+>", "", c)) for c in row], strict=True)) for row in cells]


def test_the_state_comes_before_any_town(site: httpx.Client) -> None:
    for path in ("/", "/map"):
        text = site.get(path, headers=PAGE).text
        state = text.index("In 2025, police answered 1,603 calls in open categories in the 5 towns of Tiny State")
        assert state < text.index("no change from 2024 can be told: between") < text.index("town-map__")


def test_by_default_towns_are_compared_with_the_state(site: httpx.Client) -> None:
    text = page(site)
    drawn = towns(text)
    assert len(drawn) == len(TOWNS)
    key, said = drawn["5000100100"]
    assert re.fullmatch(r"c\d-\d", key)
    assert re.fullmatch(
        r"Alba city: higher than in the rest of the state, 2\.0 times \(1\.63 to 2\.5\); 1,440 calls, 120\.0 per 1,000"
        " people and year",
        said,
    )
    assert drawn["5000100200"][0] == "provisional"
    assert "provisional, not compared" in drawn["5000100200"][1]
    assert drawn["5000200400"][0] == "no-residents"
    assert drawn["5000200600"] == ("not-covered", "Elm: not covered")
    assert drawn["5000200700"] == ("not-reported", "Fern: not reported")
    key, said = drawn["5000200500"]
    assert re.fullmatch(r"c\d-1", key), "no call where many were expected is lower, not a state of its own"
    assert said == "Cedar: fewer than the rest of the state would bring; no calls"
    assert text.count('class="mark"') == 2, "two in the legend, and no triangle: nobody is among the tenth"
    marked = page(site, "category=theft&period=2024")
    assert marked.count('class="mark"') == 1 + 2, "the triangle of Birch, and two in the legend"
    assert "Birch: fewer than the rest of the state would bring, among the tenth with the lowest rates;" in marked
    assert "Teal towns have fewer calls" in text


def test_the_table_says_what_the_drawing_says_and_sorts_with_the_unknown_last(site: httpx.Client) -> None:
    by_place = rows(page(site, "sort=place"))
    assert [r["place"] for r in by_place] == sorted((t.full_name for t in TOWNS), key=str.lower)
    cedar = by_place[[r["place"] for r in by_place].index("Cedar")]
    assert (cedar["comparison"], cedar["count"], cedar["coverage"]) == ("Lower", "0", "zero")
    assert float(cedar["expected"]) == pytest.approx(90 * 112.9 / 1000, abs=0.6), "all others, without Cedar"
    assert cedar["rate"] == "", "no rate from under ten calls"
    for column in ("comparison", "times", "expected", "count", "rate", "residents"):
        down = [r[column] for r in rows(page(site, f"sort={column}&direction=desc"))]
        up = [r[column] for r in rows(page(site, f"sort={column}&direction=asc"))]
        known = len([v for v in down if v])
        assert all(down[:known]) and all(up[:known]), column
        assert sorted(up[:known]) == sorted(down[:known])
        if column != "comparison":
            numbers = [float(v.replace(",", "")) for v in down[:known]]
            assert numbers == sorted(numbers, reverse=True)
    assert [r["comparison"] for r in rows(page(site, "sort=comparison&direction=asc"))][:2] == ["Lower", "Higher"]


def test_a_period_that_is_too_short_says_where_a_longer_one_has_a_rate(site: httpx.Client) -> None:
    text = page(site, "period=2025-01")
    key, said = towns(text)["5000100200"]
    assert key == "too-few"
    assert said.startswith(
        "Alba town: cannot be told apart from the rate in the rest of the state; 9 calls in January 2025, too few to"
        " rate; over the last 12 months, 136.6 per 1,000"
    )
    assert "too few to rate; over the last 12 months" in text


def test_each_town_s_own_period_is_the_shortest_with_ten_events(tmp_path: Path) -> None:
    publish_tiny(tmp_path / "data", months=48)
    with running(tmp_path / "data" / "public") as site:
        lines = list(csv.DictReader(StringIO(site.get("/map.csv?category=theft").text)))
        periods = {line["place"]: (line["period"], int(line["calls"] or 0)) for line in lines}
        few = {line["place"]: line for line in csv.DictReader(
            StringIO(site.get("/map.csv?category=theft&period=last-12-months").text)
        )}  # fmt: skip
        assert periods["Alba city"][0] == "last-12-months"
        longer = [place for place, (period, _) in periods.items() if period == "last-36-months"]
        assert longer
        for place in longer:
            assert int(few[place]["calls"]) < 10
        text = page(site, "category=theft")
        assert "the latest 12 months" in text and "the latest 36" in text
        assert '<option value="latest" selected>' in text
        said = {r["place"]: r["period"] for r in rows(text)}
        assert {said[place] for place in longer} == {"the last 36 months"}
        assert said["Alba city"] == "the last 12 months"


def test_rates_and_circles_are_a_choice(site: httpx.Client) -> None:
    rates = towns(page(site, "show=rate"))
    assert {k for k, _ in rates.values()} >= {"rate-1", "zero", "not-covered", "not-reported", "no-residents"}
    assert "the rates of small towns swing widely" in page(site, "show=rate")
    text = page(site, "show=counts")
    assert {k for k, _ in towns(text).values()} == {"blank", "zero", "not-covered", "not-reported"}
    map_svg, legend = text.split('class="wedge"')
    counts = {r["place"]: int(r["count"].replace(",", "")) for r in rows(text) if r["count"] not in ("", "0")}
    drawn = [float(r) for r in re.findall(r'<circle class="circle" cx="[^"]*" cy="[^"]*" r="([^"]+)"', map_svg)]
    largest = max(counts.values())
    areas = sorted((r / max(drawn)) ** 2 * largest for r in drawn)
    assert areas == pytest.approx(sorted(counts.values()), rel=0.05)
    assert "Alba city: 1,440" in legend
    assert "a map of counts is mostly a map of where people live" in text
    assert 'class="mark"' not in text


def test_the_csv_has_what_the_map_shows(site: httpx.Client) -> None:
    answer = site.get("/map.csv")
    lines = {line["geoid"]: line for line in csv.DictReader(StringIO(answer.text))}
    assert len(lines) == len(TOWNS)
    alba = lines["5000100100"]
    assert (alba["period"], alba["calls"], alba["comparison"]) == ("last-12-months", "1440", "higher")
    assert alba["compared_over"] == "last-12-months"
    assert float(alba["expected"]) * float(alba["relative_rate"]) == pytest.approx(1440, rel=1e-4)
    assert float(alba["relative_low"]) < float(alba["relative_rate"]) < float(alba["relative_high"])
    assert float(alba["smoothed_low"]) < float(alba["smoothed"]) < float(alba["smoothed_high"])
    assert lines["5000100200"]["provisional"] == "true"
    assert lines["5000100200"]["smoothed"] == ""


def test_a_layer_has_its_own_words_and_no_caller(both: httpx.Client) -> None:
    text = page(both, "layer=offences")
    main = text[text.index("<main") : text.index("</main")]
    assert "<h1>Map of verified offences</h1>" in main
    assert "In 2015, police recorded 207 verified offences" in main
    assert 'id="initiated_by"' not in main
    words = re.sub(r"<(?:select|option)\b.*?</(?:select|option)>", "", main, flags=re.DOTALL)
    assert not re.search(r"\bcalls?\b", words), "a call is no offence"
    drawn = towns(text)
    assert drawn["5000100300"] == ("not-reported", "Birch: not reported")
    assert drawn["5000200600"] == ("not-covered", "Elm: not covered")
    assert "verified offence" not in page(both, "layer=calls").replace("Verified offences</option>", "")


def test_the_figure_of_the_nation_has_its_year_and_source(both: httpx.Client) -> None:
    said = f"{BENCHMARK.place}, {BENCHMARK.year}, 24.9 verified offences for every 1,000 residents."
    assert f"{said} Source: {BENCHMARK.source}." in page(both, "layer=offences")
    assert BENCHMARK.place not in page(both, "layer=offences&category=burglary")
    assert BENCHMARK.place not in page(both)


def test_who_changes_the_layer_loses_only_what_the_other_does_not_have(both: httpx.Client) -> None:
    """The form sends the old category, period and order along."""
    text = page(both, "layer=offences&category=noise&period=2025-03&initiated_by=citizen&show=rate&sort=rate")
    assert '<option value="all" selected>All open categories</option>' in text
    assert '<option value="rate" selected>' in text
    assert page(both, "layer=offences&category=larceny&period=2014").count("selected") == 4


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("layer=crimes", "calls"),
        ("layer=offences", "calls"),
        ("show=heat", "compared, rate, counts"),
        ("sort=danger", "comparison"),
        ("period=2031", "last-12-months"),
        ("category=crime", "noise"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(site: httpx.Client, query: str, allowed: str) -> None:
    answer = site.get(f"/map?{query}", headers=PAGE)
    assert answer.status_code == 400
    assert allowed in answer.text


def test_the_address_of_a_view_shows_the_view(both: httpx.Client) -> None:
    text = page(both, "layer=offences&category=burglary&show=counts")
    link = re.search(r'<a href="(/map\?[^"]+)">Link to this view', text)
    assert link is not None
    again = both.get(link[1].replace("&amp;", "&"), headers=PAGE).text
    assert towns(again) == towns(text)
