"""Sensitive kinds of calls: what is on offer of them, and that a withheld figure has no neighbour that tells of it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pyarrow as pa
import pytest
from tests.site.conftest import PAGE, running
from tests.site.tiny_release import CATEGORIES, TOWNS, publish_tiny

from candor.site import sentences
from candor.site.catalogue import Catalogue, Published
from candor.site.counties import area_figures, counties
from candor.site.cubes import COLUMNS, Cube
from candor.site.figures import Change, Figure, Period
from candor.site.palette import PALETTE
from candor.site.selection import select_for_map

ALBA, SMALL_ALBA, FERN, ELM = "5000100100", "5000100200", "5000200700", "5000200600"
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
    assert sentences.span(YEARS) == "the three years 2023 to 2025"
    assert sentences.during(YEARS) == "In the three years 2023 to 2025"
    assert sentences.period_label(YEARS) == "The three years 2023 to 2025"
    assert sentences.previous(YEARS) is None
    assert sentences.year_before(YEARS) is None


@pytest.mark.parametrize("category", SENSITIVE)
@pytest.mark.parametrize("path", ["/map?x=", f"/places/{ALBA}?x=", f"/compare?places={ALBA},{FERN}"])
def test_the_periods_on_offer_are_whole_years(long_site: httpx.Client, path: str, category: str) -> None:
    text = page_of(long_site, f"{path}&category={category}")
    found = options(text, "period")
    assert [p for p in found if p != "latest"] == ["2025", "2024", "2023", "2023-2025"]
    assert ("latest" in found) == path.startswith("/map")
    control = text[text.index('id="initiated_by"') :]
    assert 'disabled aria-describedby="whoever"' in control[: control.index(">")]
    assert sentences.WHOEVER_BEGAN in text


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
    assert (chosen.period.key, chosen.initiated_by) == ("2025", "all")
    assert [p.key for p in chosen.pools] == ["2025", "2023-2025"]
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


def test_the_automatic_period_is_the_last_year_else_the_years_together(held: Published) -> None:
    selection = select_for_map(held, {"category": "domestic-violence"})
    assert [p.key for p in selection.pools] == ["2025", "2023-2025"]
    assert selection.whoever_began
    assert not selection.officer


def test_a_figure_is_the_same_whoever_is_said_to_have_begun_it(long_site: httpx.Client) -> None:
    answers = {
        long_site.get(f"/map.csv?category=overdose&period=2024{by}").text
        for by in ("", "&initiated_by=citizen", "&initiated_by=all")
    }
    assert len(answers) == 1
    lines = list(csv.DictReader(io.StringIO(answers.pop())))
    assert {line["initiated_by"] for line in lines} == {"all"}
    by_state = {line["coverage"]: line["calls"] for line in lines}
    assert by_state == {"suppressed": "", "zero": "0", "not covered": ""}


HIDDEN = 4.25
"""Stands in every number of a suppressed line below, as no release would write it."""


def test_nothing_is_held_of_a_suppressed_figure_but_that_it_is_suppressed() -> None:
    texts = {
        "coverage": "suppressed",
        "note": "suppressed",
        "comparison": "higher",
        "change": "up",
        "year_change": "up",
    }
    whole = {"provisional": False, "months_reported": 12, "towns_reported": None, "residents": 800}
    line = {"level": "town", "geoid": ALBA, "period": "2025", "category": "overdose", "initiated_by": "all", "calls": 4}
    line |= {name: texts.get(name, whole.get(name, HIDDEN)) for name in COLUMNS}
    told = {**line, "geoid": FERN, "coverage": "reported", "note": ""}
    cube = Cube([ALBA, FERN], ["2025"], ["overdose"], ["all"])
    for one in (line, told):
        cube.fill(pa.RecordBatch.from_pylist([one]), "calls")
    hidden, shown = cube.column("2025", "overdose", "all")
    assert hidden == Figure("suppressed", None, 800, 12, None, None, None, "suppressed")
    assert shown.count == 4
    assert shown.smoothed == HIDDEN
    counts, expected = cube.against("2025", "overdose", "all")
    assert [str(v) for v in (counts[0], expected[0])] == ["nan", "nan"]
    assert cube.comparisons("2025", "overdose", "all") == ["", "higher"]


def test_a_change_from_a_withheld_number_is_never_told() -> None:
    now = Figure("reported", 12, 800, 12, None, None, None, "")
    before = Figure("suppressed", None, 800, 12, None, None, None, "suppressed")
    year, earlier = (Period(str(y), date(y, 1, 1), date(y, 12, 1)) for y in (2025, 2024))
    for verdict in ("too few to tell", "up", "down", "within chance", ""):
        said = sentences.change(Change(1.5, 1.1, 2.0, verdict), now, year, earlier, before)
        assert said == "The number of 2024 is withheld, so no change can be told."


def test_zero_and_suppressed_share_no_colour_no_symbol_no_value() -> None:
    zero, hidden = PALETTE["states"]["zero"], PALETTE["states"]["suppressed"]
    assert zero["path"] != hidden["path"]
    for scheme in ("light", "dark"):
        assert not set(zero[scheme].values()) & set(hidden[scheme].values())
    said = {state: sentences.cell(Figure(state, 0 if state == "zero" else None, 1, 1, None, None, None, ""))
            for state in ("zero", "suppressed", "not reported", "not covered")}  # fmt: skip
    assert said == {"zero": "0", "suppressed": "withheld", "not reported": "not reported", "not covered": "not covered"}


def test_where_zeros_are_withheld_too_no_word_denies_it() -> None:
    assert "counts from 1 to 4 are withheld" in sentences.definition_note(5)
    assert "counts from 0 to 9 are withheld" in sentences.definition_note(10, zeros=True)
    assert "where it is from 0 to 9" in sentences.months_why(10, zeros=True)
    hidden = Figure("suppressed", None, 800, 12, None, None, None, "suppressed")
    year = Period("2025", date(2025, 1, 1), date(2025, 12, 1))
    said = [sentences.headline(hidden, year, "Alba", "Overdose"), sentences.WITHHELD_MEANS, sentences.cell(hidden)]
    said += [sentences.area_sentence(hidden, year, "Adams County", "Overdose"), *sentences.COVERAGE_MEANING.values()]
    assert not any("is not zero" in line for line in said if "withheld" in line.lower())


def test_a_town_has_years_and_says_why_it_has_no_months(long_site: httpx.Client) -> None:
    text = page_of(long_site, f"/places/{ALBA}?category=domestic-violence")
    said = words(text)
    assert sentences.BY_YEAR in said
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
    assert rows[1][:5] == ["Domestic violence", "12", "12", "12, partly reported", "36, partly reported"]
    assert rows[2] == ["Overdose", *["withheld"] * 4, "", "", ""]
    table = long_site.get(f"/places/{SMALL_ALBA}/sensitive.csv?category=noise").text
    assert "overdose" not in table.splitlines()[0]
    assert "withheld" in table


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
        assert row[0] == sentences.span(found.period)
        assert row[1] == ("" if found.figure.count is None else str(found.figure.count))
        assert row[2].lower() == sentences.COVERAGE_WORDS[found.figure.coverage]
        assert found.figure.coverage != "suppressed" or row[5:] == ["", ""]
    withheld = sum(f.figure.coverage == "suppressed" for f in published)
    chart = text[text.index('<svg class="chart"') : text.index('<ul class="chart-key"')]
    assert chart.count('class="chart__withheld"') == withheld
    assert chart.count("<circle") == 36 - withheld
    assert withheld == 0 or "Withheld, to protect a small number" in text


def test_a_county_page_has_its_towns_its_years_and_its_file(long_site: httpx.Client) -> None:
    text = page_of(long_site, "/counties/adams?category=overdose")
    said = words(text)
    assert "3 towns, 14,300 residents" in said
    assert "A call is not a crime" in said
    for town in TOWNS:
        assert (f'href="/places/{town.geoid}?category=overdose"' in text) == (town.county == "Adams")
    assert "In 2025, police answered 28 calls about overdose from Adams County (3 towns reported)" in said
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
    assert "In 2025, police answered 252 calls about domestic violence from Tiny State" in said
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


def test_numbers_of_rows_that_would_tell_are_left_out_and_that_is_said(tmp_path: Path) -> None:
    publish_tiny(tmp_path / "data", sums=False)
    with running(tmp_path / "data" / "public") as client:
        said = words(page_of(client, "/datasets/tiny-calls"))
        assert sentences.ACCOUNTING_WITHHELD in said
        assert not re.search(r"\d rows were read", said)
        assert not re.search(r"\d rows were read", page_of(client, "/"))
        assert sentences.ACCOUNTING_WITHHELD not in page_of(client, "/datasets/towns")


IS_SMALL = re.compile(
    r"\bsmall number,? (?:that |which )?is (?:withheld|suppressed)|\bsmall number (?:withheld|suppressed)"
    r"|ha(?:s|ve) a small number",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "path",
    [
        "/", "/map?category=overdose", "/map?category=overdose&show=counts", "/map?category=overdose&show=rate",
        f"/places/{SMALL_ALBA}?category=overdose", f"/places/{SMALL_ALBA}?category=overdose&period=2024",
        f"/compare?places={ALBA},{SMALL_ALBA}&category=overdose", "/counties/adams?category=overdose", "/counties",
        f"/embed/places/{SMALL_ALBA}?category=overdose", "/embed/map?category=overdose", "/methods", "/glossary",
        "/map.svg?category=overdose", f"/places/{SMALL_ALBA}/trend.csv?category=overdose",
    ],
)  # fmt: skip
def test_nowhere_is_a_withheld_number_said_to_be_small(long_site: httpx.Client, path: str) -> None:
    answer = long_site.get(path, headers=PAGE)
    assert answer.status_code == 200
    text = " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())
    text = re.sub(sentences.WITHHELD, "", text, flags=re.IGNORECASE)
    assert not IS_SMALL.search(text), IS_SMALL.search(text)


def test_every_withheld_year_is_withheld_wherever_the_site_names_it(long_site: httpx.Client, held: Published) -> None:
    """In the map's file and in each of its views: no number, nothing derived from one, and the one sentence."""
    figures = held.figures
    assert figures is not None
    seen = 0
    for category in SENSITIVE:
        for period in figures.offered(category):
            hidden = [
                place.geoid
                for place, figure in zip(figures.places, figures.column(period, category, "all"), strict=True)
                if figure.coverage == "suppressed"
            ]
            if not hidden:
                continue
            query = f"category={category}&period={period}"
            lines = list(csv.DictReader(io.StringIO(long_site.get(f"/map.csv?{query}").text)))
            for line in (one for one in lines if one["geoid"] in hidden):
                numbers = ("calls", "rate", "rate_low", "rate_high", "expected", "relative_rate", "smoothed",
                           "smoothed_low", "smoothed_high", "p_higher", "comparison")  # fmt: skip
                assert [line[name] for name in numbers] == [""] * len(numbers)
            for view in ("compared", "rate", "counts"):
                html = page_of(long_site, f"/map?{query}&show={view}")
                for geoid in hidden:
                    label = re.search(rf'href="/places/{geoid}" aria-label="([^"]*)"', html)
                    assert label
                    assert re.search(r"withheld, to protect a small number$", label[1])
                    assert re.search(rf'href="/places/{geoid}" aria-label="[^"]*"><path class="k-suppressed"', html)
                seen += len(hidden)
    assert seen > 10


def test_counties_have_each_their_towns(held: Published) -> None:
    assert {c.slug: len(c.towns) for c in counties(held)} == {"adams": 3, "boone": 4}
    assert [c.title for c in counties(held)] == ["Adams County", "Boone County"]
    assert area_figures(held, "Nowhere") == []
