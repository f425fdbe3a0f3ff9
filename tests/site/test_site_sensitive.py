"""Sensitive kinds of calls: which of their figures are told, in which words, and that nothing beside them says more."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest
from tests.site.conftest import PAGE, running
from tests.site.tiny_release import CATEGORIES, TOWNS, publish_tiny

from candor.cards.selection import select_for_map
from candor.cards.town import TownView, select_for_town
from candor.graphics.palette import PALETTE
from candor.messages.change import change, year_before
from candor.messages.coverage import COVERAGE_WORDS
from candor.messages.figures import headline
from candor.messages.release import ACCOUNTING_WITHHELD
from candor.messages.sensitive import BY_YEAR, TOGETHER_MEANS, WHOEVER_BEGAN, cell
from candor.messages.told import ROUNDED_MEANS, SUM_MEANS, number_words
from candor.messages.words import during, period_label, span
from candor.published.counties import area_figures, counties
from candor.published.cube_arrays import CubeArrays
from candor.published.cube_columns import COLUMNS
from candor.published.cubes import Cube
from candor.published.model import Change, Figure, Period
from candor.published.release import Catalogue, Published
from candor.vocabulary.comparison import CHANGES, PLACES

ALBA, SMALL_ALBA, BIRCH, CEDAR = "5000100100", "5000100200", "5000100300", "5000200500"
FERN, ELM = "5000200700", "5000200600"
SENSITIVE = [c.slug for c in CATEGORIES if c.sensitivity == "sensitive"]
OPEN = ["all", "noise", "traffic-stop"]
YEARS = Period("2023-2025", date(2023, 1, 1), date(2025, 12, 1))


@pytest.fixture(scope="module")
def three_years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("three") / "data"
    publish_tiny(data, months=36)
    return data / "public"


@pytest.fixture(scope="module")
def held(three_years: Path) -> Published:
    return Catalogue(three_years).current()


@pytest.fixture(scope="module")
def long_site(three_years: Path) -> Iterator[httpx.Client]:
    with running(three_years) as client:
        yield client


def page_of(site: httpx.Client, path: str) -> str:
    answer = site.get(path, headers=PAGE)
    assert answer.status_code == 200, answer.text
    return answer.text


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html[html.index("<main") : html.index("</main")]).split())


def options(html: str, name: str) -> list[str]:
    control = html[html.index(f'<select class="usa-select" id="{name}"') :]
    return re.findall(r'<option value="([^"]*)"', control[: control.index("</select>")])


def test_years_together_are_said_as_such() -> None:
    assert YEARS.kind == "years"
    assert YEARS.months == 36
    assert span(YEARS) == "the three years 2023 to 2025"
    assert during(YEARS) == "In the three years 2023 to 2025"
    assert period_label(YEARS) == "The three years 2023 to 2025"
    assert year_before(YEARS) is None


@pytest.mark.parametrize("category", SENSITIVE)
@pytest.mark.parametrize("path", ["/map?x=", f"/places/{ALBA}?x=", f"/compare?places={ALBA},{FERN}"])
def test_the_periods_on_offer_are_whole_years(long_site: httpx.Client, path: str, category: str) -> None:
    text = page_of(long_site, f"{path}&category={category}")
    found = options(text, "period")
    assert [p for p in found if p != "latest"] == ["2025", "2024", "2023", "2023-2025"]
    assert ("latest" in found) == path.startswith("/map")
    control = text[text.index('id="initiated_by"') :]
    assert 'disabled aria-describedby="whoever"' in control[: control.index(">")]
    assert WHOEVER_BEGAN in text


def test_an_open_kind_is_not_offered_years_together(long_site: httpx.Client) -> None:
    text = page_of(long_site, "/map?category=noise")
    assert "2023-2025" not in options(text, "period")
    assert "2025-03" in options(text, "period")
    assert "disabled" not in text[text.index("<form class") : text.index("</form>", text.index("<form class"))]


@pytest.mark.parametrize("period", ["2025-03", "2025-Q1", "last-12-months", "last-36-months", "all"])
@pytest.mark.parametrize(
    "path",
    [
        "/map", "/map.csv", "/map.svg", "/map.png", "/embed/map", f"/places/{ALBA}", f"/places/{ALBA}/trend.csv",
        f"/places/{ALBA}/funnel.svg", f"/embed/places/{ALBA}", f"/embed/places/{ALBA}/trend", "/compare",
        f"/compare.csv?places={ALBA}",
    ],
)  # fmt: skip
def test_a_period_that_is_not_published_is_refused_in_words(long_site: httpx.Client, path: str, period: str) -> None:
    joint = "&" if "?" in path else "?"
    answer = long_site.get(f"{path}{joint}category=overdose&period={period}", headers=PAGE)
    assert answer.status_code == 400
    said = words(answer.text)
    assert "not published for towns and this sensitive kind of call" in said
    assert "2023, 2023-2025, 2024, 2025" in said
    assert "For months, see the county at /counties" in said


def test_the_form_s_old_choice_falls_back_quietly(held: Published, long_site: httpx.Client) -> None:
    asked = {"category": "overdose", "period": "2025-03", "initiated_by": "citizen", "was": "noise"}
    chosen = select_for_map(held, asked)
    assert (chosen.period.key, chosen.initiated_by) == ("2023-2025", "all")
    assert [p.key for p in chosen.pools] == ["2023-2025"]
    back = select_for_map(held, {"category": "noise", "period": "2023-2025", "was": "overdose"})
    assert back.period.key == "last-12-months"
    for path in ("/map", f"/places/{ALBA}", f"/compare?places={ALBA}"):
        joint = "&" if "?" in path else "?"
        assert f'name="was" value="{asked["was"]}"' in page_of(long_site, f"{path}{joint}category=noise&period=2025-03")
        page_of(long_site, f"{path}{joint}category=overdose&period=2025-03&initiated_by=citizen&was=noise")
    # What the new kind has as well is kept, and what nothing has is refused whoever asks.
    assert select_for_map(held, {"category": "overdose", "period": "2024", "was": "noise"}).period.key == "2024"
    assert long_site.get("/map?category=overdose&period=2099&was=noise").status_code == 400
    assert long_site.get("/map?category=noise&period=2023-2025").status_code == 400
    assert long_site.get("/map?category=overdose&initiated_by=nobody").status_code == 400


def test_the_map_opens_on_the_years_that_towns_are_told_of(held: Published) -> None:
    for category in SENSITIVE:
        selection = select_for_map(held, {"category": category})
        assert [p.key for p in selection.pools] == ["2023-2025"]
        assert selection.whoever_began
        assert not selection.officer


@pytest.mark.parametrize(
    ("town", "category", "asked", "shown", "coverage", "instead"),
    [
        (ALBA, "overdose", "", "2023-2025", "reported", None),
        (CEDAR, "overdose", "", "2023-2025", "under 5", None),
        # Its single years are told, and each is under 5: what they come to together is not.
        (BIRCH, "domestic-violence", "", "2025", "under 5", None),
        (FERN, "domestic-violence", "", "2024", "reported", None),
        (CEDAR, "overdose", "2024", "2024", "by county only", "2023-2025"),
        (BIRCH, "domestic-violence", "2023-2025", "2023-2025", "by county only", "2025"),
        (ELM, "overdose", "", "2023-2025", "not covered", None),
    ],
)
def test_a_town_s_page_leads_to_a_period_that_is_told(
    held: Published, long_site: httpx.Client, town: str, category: str, asked: str, shown: str, coverage: str,
    instead: str | None,
) -> None:  # fmt: skip
    figures = held.figures
    assert figures is not None
    place = figures.place(town)
    assert place is not None
    query = {"category": category, **({"period": asked} if asked else {})}
    view = TownView(held, place, select_for_town(held, place, query))
    assert (view.selection.period.key, view.now.coverage) == (shown, coverage)
    assert (view.instead[1].key if view.instead else None) == instead
    if instead is not None:
        text = page_of(long_site, f"/places/{town}?category={category}&period={asked}")
        assert f"period={instead}" in text[text.index('id="calls"') : text.index("Compare with other towns")]
        assert view.instead is not None
        figure, period = view.instead
        assert headline(figure, period, place.full_name, view.selection.label) in words(text)


def test_a_map_of_a_year_that_few_are_told_of_leads_to_the_years_of_all(long_site: httpx.Client) -> None:
    text = page_of(long_site, "/map?category=overdose&period=2024")
    said = words(text)
    assert "Only 1 town is told for 2024 alone. All towns can be shown for the three years 2023 to 2025." in said
    assert 'href="/map?category=overdose&amp;period=2023-2025' in text
    assert "not told for this period alone; over the three years 2023 to 2025, under 5 calls (0 to 4)" in said
    assert 'class="k-by-county-only"' in text
    assert "can be shown for" not in page_of(long_site, "/map?category=overdose")


def test_a_rounded_number_says_what_it_may_be(held: Published, long_site: httpx.Client) -> None:
    figures = held.figures
    assert figures is not None
    year, years = (figures.get(ALBA, period, "overdose", "all") for period in ("2025", "2023-2025"))
    assert (year.count, year.least, year.most) == (40, 38, 42)
    assert (years.count, years.least, years.most) == (120, 114, 126)  # the sum of three that are told one by one
    few = figures.get(SMALL_ALBA, "2023-2025", "overdose", "all")
    assert (few.count, few.least, few.most) == (5, 5, 7)
    under = figures.get(CEDAR, "2023-2025", "overdose", "all")
    assert (under.count, under.least, under.most) == (None, 0, 4)
    assert not figures.get(ALBA, "2025", "noise", "citizen").rounded
    assert number_words(year) == "about 40 (38 to 42)"
    assert number_words(under) == "under 5 (0 to 4)"
    text = page_of(long_site, f"/places/{ALBA}?category=overdose&period=2025")
    assert "Alba city: about 40 (38 to 42) calls about overdose in 2025" in words(text)
    assert "<dt>Calls</dt><dd>about 40 <small>38 to 42</small></dd>" in text
    trend = text[text.index('id="trend"') : text.index('id="categories"')]
    assert "<title>2025: about 40 (38 to 42)</title>" in trend
    assert "Calls, to the nearest 5" in trend
    limits = re.findall(r"([\d.]+) to ([\d.]+)</td>", trend)
    assert limits
    assert all(float(low) < 28.5 and float(high) > 54.6 for low, high in limits)  # those of 40: 28.6 to 54.5
    assert ROUNDED_MEANS in page_of(long_site, f"/embed/places/{ALBA}?category=overdose&period=2025")
    compared = page_of(long_site, f"/compare?places={ALBA},{CEDAR}&category=overdose&period=2023-2025")
    assert "about 120 (114 to 126)" in compared
    assert "under 5 (0 to 4)" in compared
    assert SUM_MEANS in words(compared)


def test_a_figure_is_the_same_whoever_is_said_to_have_begun_it(long_site: httpx.Client) -> None:
    answers = {
        long_site.get(f"/map.csv?category=overdose&period=2024{by}").text
        for by in ("", "&initiated_by=citizen", "&initiated_by=all")
    }
    assert len(answers) == 1
    lines = list(csv.DictReader(io.StringIO(answers.pop())))
    assert {line["initiated_by"] for line in lines} == {"all"}
    by_state = {line["coverage"]: line["calls"] for line in lines}
    assert by_state == {"reported": "40", "by county only": "", "not covered": ""}


HIDDEN = 4.25
"""Stands in every number of a line without a number below, as no release would write it."""


@pytest.mark.parametrize("coverage", ["under 5", "not yet", "by county only"])
def test_nothing_is_held_of_a_figure_without_a_number_but_why(coverage: str) -> None:
    texts = {
        "coverage": coverage,
        "note": "",
        "comparison": "higher",
        "year_change": "up",
        "among_towns": PLACES[2],
        "similar_comparison": "lower",
        "usual": "as usual",
        "compared_over": "",
    }
    whole = {"provisional": False, "months_reported": 12, "towns_reported": None, "residents": 800, "persons": 900}
    line = {"level": "town", "geoid": ALBA, "period": "2025", "category": "overdose", "initiated_by": "all", "calls": 4}
    line |= {name: texts.get(name, whole.get(name, HIDDEN)) for name in COLUMNS} | {"wander_from": "own"}
    told = {**line, "geoid": FERN, "coverage": "reported", "note": ""}
    arrays = CubeArrays([ALBA, FERN], ["2025"], ["overdose"], ["all"])
    for one in (line, told):
        arrays.fill(pa.RecordBatch.from_pylist([one]), "calls")
    cube = Cube(arrays)
    hidden, shown = cube.column("2025", "overdose", "all")
    # The wander and the variety are those of the kind and not of the town.
    of_kind: dict[str, Any] = {"wander": HIDDEN, "wander_from": "own", "most_towns": (HIDDEN, HIDDEN)}
    assert hidden == Figure(coverage, None, 800, 12, None, None, None, "", persons=900, **of_kind)
    assert shown.count == 4
    assert shown.smoothed == HIDDEN
    counts, expected = cube.against("2025", "overdose", "all")
    assert [str(v) for v in (counts[0], expected[0])] == ["nan", "nan"]
    assert cube.comparisons("2025", "overdose", "all") == ["", "higher"]
    arrays.round(["overdose"])
    arrays.appear({"2025": date(2026, 3, 31), "2024": date(2025, 3, 31)}, ["overdose"])
    hidden, shown = cube.column("2025", "overdose", "all")
    assert (hidden.least, hidden.most) == ((0, 4) if coverage == "under 5" else (None, None))
    assert hidden.on == (date(2026, 3, 31) if coverage == "not yet" else None)
    assert shown.on is None


def test_a_change_from_a_number_that_is_not_told_is_never_told() -> None:
    now = Figure("reported", 12, 800, 12, None, None, None, "")
    year, earlier = (Period(str(y), date(y, 1, 1), date(y, 12, 1)) for y in (2025, 2024))
    for coverage, words_ in (("under 5", "In 2024 there were under 5"), ("by county only", "is not told by itself")):
        before = Figure(coverage, None, 800, 12, None, None, None, "")
        for verdict in CHANGES:
            said = change(Change(1.5, 1.1, 2.0, verdict), now, year, earlier, before)
            assert words_ in said
            assert said.endswith("no change can be told.")


def test_zero_and_under_five_share_no_colour_no_symbol_no_value() -> None:
    zero, under = PALETTE["states"]["zero"], PALETTE["states"]["under-5"]
    assert zero["path"] != under["path"]
    for scheme in ("light", "dark"):
        assert not set(zero[scheme].values()) & set(under[scheme].values())
    said = {state: cell(Figure(state, 0 if state == "zero" else None, 1, 1, None, None, None, ""))
            for state in ("zero", "under 5", "not yet", "not reported", "not covered")}  # fmt: skip
    assert said == {"zero": "0", **{s: s for s in ("under 5", "not yet", "not reported", "not covered")}}


def test_a_town_has_years_and_says_why_it_has_no_months(long_site: httpx.Client) -> None:
    text = page_of(long_site, f"/places/{ALBA}?category=domestic-violence")
    said = words(text)
    assert BY_YEAR in said
    assert "by year" in said
    assert "small-counts" not in text
    trend = text[text.index('id="trend"') : text.index('id="categories"')]
    assert trend.count("chart__whisker") >= 3
    assert '/counties/adams?category=domestic-violence#months">By month in Adams County' in trend
    assert "March 2025" not in said


def test_a_town_s_sensitive_kinds_stand_apart_year_beside_year(long_site: httpx.Client) -> None:
    text = page_of(long_site, f"/places/{SMALL_ALBA}?category=noise&period=2024")
    kinds = text[text.index('id="categories"') : text.index('id="sensitive"')]
    assert "Domestic violence" not in kinds
    apart = text[text.index('id="sensitive-table"') :]
    rows = [re.findall(r"<t[hd][^>]*>([^<]*)", row) for row in apart[: apart.index("</table>")].split("<tr>")[1:]]
    assert rows[0][:5] == ["Kind", "2023", "2024", "2025", "2023 to 2025"]
    assert rows[1][:5] == ["Domestic violence", "10", "10", "10, partly reported", "30, partly reported"]
    assert rows[2][:5] == ["Overdose", *["together"] * 3, "5, partly reported"]
    assert TOGETHER_MEANS in words(text)
    assert SUM_MEANS in words(text)
    table = long_site.get(f"/places/{SMALL_ALBA}/sensitive.csv?category=noise").text
    assert "overdose" not in table.splitlines()[0]
    assert "together" in table


@pytest.mark.parametrize("county", ["adams", "boone"])
@pytest.mark.parametrize("category", SENSITIVE)
def test_a_county_s_months_are_the_data_set_s(
    long_site: httpx.Client, held: Published, county: str, category: str
) -> None:
    text = page_of(long_site, f"/counties/{county}?category={category}")
    table = text[text.index('id="months-table"') :]
    rows = [re.findall(r"<t[hd][^>]*>([^<]*)", row) for row in table[: table.index("</table>")].split("<tr>")[2:]]
    published = area_figures(held, county.title(), category, "month")
    assert len(rows) == len(published) == 36
    for row, found in zip(rows, reversed(published), strict=True):
        assert row[0] == span(found.period)
        assert row[1] == ("" if found.figure.count is None else str(found.figure.count))
        assert row[2].lower() == COVERAGE_WORDS[found.figure.coverage]
        assert found.figure.coverage != "under 5" or row[5:] == ["", ""]
        assert (found.figure.count or 5) % 5 == 0
    under = sum(f.figure.coverage == "under 5" for f in published)
    chart = text[text.index('id="months-heading"') : text.index('id="months-table"')]
    unknown = sum(f.figure.coverage == "not reported" for f in published)
    if under + unknown < 36:
        assert chart.count('class="chart__under"') == under + (under > 0)  # and one in the key
        assert len(re.findall(r"<title>[^<]*: about", chart)) == 36 - under - unknown
        assert ("Under 5: 0 to 4" in chart) == (under > 0)
    assert 0 < under <= 36 or category == "domestic-violence"


def test_a_county_page_has_its_towns_its_years_and_its_file(long_site: httpx.Client) -> None:
    text = page_of(long_site, "/counties/adams?category=overdose")
    said = words(text)
    assert "3 towns, 14,300 residents" in said
    assert "A call is not a crime" in said
    for town in TOWNS:
        assert (f'href="/places/{town.geoid}?category=overdose"' in text) == (town.county == "Adams")
    assert (
        "In 2025, police answered about 40 (38 to 42) calls about overdose from Adams County (3 towns reported)" in said
    )
    href = re.search(r'href="(/resource/[^"]+)" download', text)
    assert href
    lines = long_site.get(href[1].replace("&amp;", "&")).text.splitlines()
    assert len(lines) > 36
    assert all('"county"' in line and '"Adams"' in line for line in lines[1:])


def test_the_state_has_its_months_and_quarters_on_the_page_of_counties(long_site: httpx.Client) -> None:
    text = page_of(long_site, "/counties?category=domestic-violence")
    said = words(text)
    assert "By year and quarter" in said
    assert "January to March 2025" in said
    assert "In 2025, police answered about 250 (248 to 252) calls about domestic violence from Tiny State" in said
    for county in ("adams", "boone"):
        assert f'href="/counties/{county}?category=domestic-violence"' in text


def test_counties_are_found(site: httpx.Client) -> None:
    assert site.get("/counties/nowhere", headers=PAGE).status_code == 404
    assert site.get("/counties/adams?category=noise", headers=PAGE).status_code == 400
    assert 'href="/counties/boone"' in page_of(site, "/places")
    assert '<a href="/counties/boone">Boone County</a>' in page_of(site, f"/places/{ELM}")
    by_name = site.get("/search?q=boone%20county", headers=PAGE)
    assert (by_name.status_code, by_name.headers["location"]) == (303, "/counties/boone")
    assert 'href="/counties/boone"' in page_of(site, "/search?q=boo")


def test_a_portal_without_sensitive_kinds_has_counties_all_the_same(tmp_path: Path) -> None:
    publish_tiny(tmp_path / "data", sensitive=False)
    with running(tmp_path / "data" / "public") as client:
        text = page_of(client, "/counties/adams")
        assert "This portal publishes no sensitive kinds of calls" in text
        assert 'href="/places/5000100100"' in text
        assert 'id="sensitive"' not in page_of(client, f"/places/{ALBA}")


def test_early_figures_stand_on_the_pages_of_the_state_and_the_counties(long_site: httpx.Client) -> None:
    state, adams = (words(page_of(long_site, path)) for path in ("/counties", "/counties/adams"))
    assert (
        "Calls from Tiny State in March 2026 so far, to the nearest 10: noise about 100. Exact figures, town by"
        in state
    )
    assert "Calls from Adams County in March 2026 so far, to the nearest 10: noise about 90." in adams
    assert "appear on 30 April 2026." in state
    assert "Theft Property under 5" in state
    assert 'id="early"' not in page_of(long_site, "/counties/boone")
    assert "March 2026 appears on 30 April 2026." in words(page_of(long_site, f"/places/{ALBA}"))
    assert "March 2026 appears on 30 April 2026." in words(page_of(long_site, "/"))


def test_every_data_set_says_what_appears_next(long_site: httpx.Client) -> None:
    assert "March 2026 appears on 30 April 2026." in words(page_of(long_site, "/datasets/tiny-calls"))
    assert "appears on" not in words(page_of(long_site, "/datasets/tiny-force"))
    assert "March 2026 appears on 30 April 2026." in words(page_of(long_site, "/datasets/call-rates-by-town"))
    assert ROUNDED_MEANS in words(page_of(long_site, "/datasets/sensitive-calls"))


def test_rows_that_are_withheld_are_told_by_year_for_the_state(long_site: httpx.Client) -> None:
    said = words(page_of(long_site, "/privacy"))
    assert "2024 under 5 (0 to 4) 2025 about 335" in said
    assert ACCOUNTING_WITHHELD in words(page_of(long_site, "/datasets/tiny-calls"))


def test_the_page_on_privacy_says_what_can_still_be_learned(long_site: httpx.Client) -> None:
    said = words(page_of(long_site, "/privacy"))
    for who in (
        "A patient reader",
        "An agency",
        "A neighbour",
        "Totals published elsewhere",
        "Somebody with an old copy",
    ):
        assert who in said
    assert "Rows and figures of open kinds: 30 days after the month" in said
    assert "Sensitive kinds by year, and what came late: 90 days after the year." in said
    assert not re.search(r"suppress|complementary|as expected|beyond chance|very sure", said, re.IGNORECASE)


NAMED = re.compile(r"suppress|to protect a small number", re.IGNORECASE)


@pytest.mark.parametrize(
    "path",
    [
        "/", "/map?category=overdose", "/map?category=overdose&show=counts", "/map?category=overdose&show=rate",
        f"/places/{SMALL_ALBA}?category=overdose", f"/places/{SMALL_ALBA}?category=overdose&period=2024",
        f"/compare?places={ALBA},{SMALL_ALBA}&category=overdose", "/counties/adams?category=overdose", "/counties",
        f"/embed/places/{SMALL_ALBA}?category=overdose", "/embed/map?category=overdose", "/glossary", "/datasets",
        "/map.svg?category=overdose", f"/places/{SMALL_ALBA}/sensitive.csv?category=overdose",
        "/datasets/sensitive-calls",
    ],
)  # fmt: skip
def test_nowhere_is_the_old_rule_named(long_site: httpx.Client, path: str) -> None:
    answer = long_site.get(path, headers=PAGE)
    assert answer.status_code == 200
    assert not NAMED.search(answer.text)


def test_every_untold_year_is_untold_wherever_the_site_names_it(long_site: httpx.Client, held: Published) -> None:
    """In the map's file and in each of its views: no number, nothing derived from one, and the words of its state."""
    figures = held.figures
    assert figures is not None
    ends = {"under 5": r"under 5 calls \(0 to 4\)$", "by county only": r"not told for this period alone(?:; over .*)?$"}
    seen = dict.fromkeys(ends, 0)
    for category in SENSITIVE:
        for period in figures.offered(category):
            column = figures.column(period, category, "all")
            hidden = {
                place.geoid: figure.coverage
                for place, figure in zip(figures.places, column, strict=True)
                if figure.coverage in ends
            }
            query = f"category={category}&period={period}"
            lines = list(csv.DictReader(io.StringIO(long_site.get(f"/map.csv?{query}").text)))
            for line in (one for one in lines if one["geoid"] in hidden):
                numbers = ("calls", "rate", "rate_low", "rate_high", "expected", "relative_rate", "smoothed",
                           "smoothed_low", "smoothed_high", "relative_low", "relative_high", "comparison",
                           "compared_over", "among_towns")  # fmt: skip
                assert [line[name] for name in numbers] == [""] * len(numbers)
            for view in ("compared", "rate", "counts"):
                html = page_of(long_site, f"/map?{query}&show={view}")
                for geoid, coverage in hidden.items():
                    found = re.search(rf'href="/places/{geoid}" aria-label="([^"]*)"><path class="k-([^"]*)"', html)
                    assert found
                    assert re.search(ends[coverage], found[1])
                    assert found[2] == coverage.replace(" ", "-")
                    seen[coverage] += 1
    assert all(n > 10 for n in seen.values())


def test_counties_have_each_their_towns(held: Published) -> None:
    assert {c.slug: len(c.towns) for c in counties(held)} == {"adams": 3, "boone": 4}
    assert [c.title for c in counties(held)] == ["Adams County", "Boone County"]
    assert area_figures(held, "Nowhere") == []
