"""Figures as files: what they show, what stands with them, how they are cited, and that no colour is left to chance."""

from __future__ import annotations

import csv
import re
import struct
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from tests.site.conftest import PAGE, running
from tests.site.tiny_release import TOWNS, publish_tiny

from candor.cards.comparison import comparison_subject
from candor.cards.map_subject import map_subject
from candor.cards.requested import asked
from candor.cards.subject import Subject, chosen, place_subjects
from candor.graphics.sheets.picture import MOST_PIXELS, png, scale_of
from candor.graphics.sheets.sheet import Sheet, standalone
from candor.graphics.sheets.style import Styles
from candor.graphics.sheets.text import width, wrapped
from candor.published.release import Catalogue, Published
from candor.query.formats.csv import GUARDED
from candor.query.formats.sheet import table_csv
from candor.site.http.assets import Assets

SVG = "{http://www.w3.org/2000/svg}"
SHAPES = ("path", "rect", "circle", "ellipse", "polygon", "polyline", "line", "text")
ALBA = "5000100100"


def parsed(text: str) -> Element:
    return fromstring(text)  # noqa: S314 - the site's own drawings


@pytest.fixture(scope="module")
def held(tiny_data: Path) -> Published:
    return Catalogue(tiny_data / "public").current()


@pytest.fixture(scope="module")
def styles() -> Styles:
    return Styles(Assets().stylesheet("site"))


def subjects(held: Published) -> Iterator[Subject]:
    """Every kind of drawing that the site has, of towns in every state of coverage."""
    for layer, figures in held.layers.items():
        for category in figures.categories:
            query = {"layer": layer, "category": category}
            selection = chosen(held, query)
            for town in figures.places:
                yield from place_subjects(held, town, selection)
            yield comparison_subject(held, figures.places[:5], selection)
            yield from (map_subject(held, {**query, "show": view}) for view in ("compared", "rate", "counts"))


def uncoloured(element: Element, inherited: dict[str, str]) -> Iterator[str]:
    """Shapes that would be drawn in the colour that a viewer takes where none is said: black."""
    own = {**inherited, **{name: v for name in ("fill", "stroke") if (v := element.get(name))}}
    tag = element.tag.removeprefix(SVG)
    one_stroke = tag == "line" or re.fullmatch(r"M[^A-Za-z]*[HhVvLl][^A-Za-z]*", element.get("d", ""))
    seen = ("stroke",) if one_stroke else ("fill",)
    drawn = {name: own.get(name) for name in seen}
    if tag in SHAPES and (None in drawn.values() or (drawn.get("fill") == "none" and own.get("stroke") is None)):
        yield f"{tag} {element.attrib}"
    for child in element:
        yield from uncoloured(child, own)


def test_every_drawing_has_a_colour_for_every_shape(held: Published, styles: Styles) -> None:
    met = set()
    for subject in subjects(held):
        met.add(subject.id)
        svg = standalone(subject.sheet(held, "https://example.org"), styles)
        assert list(uncoloured(parsed(svg), {})) == [], f"{subject.path} as {subject.id}: is the front end built?"
        assert "var(" not in svg
        assert "class=" not in svg
        ids = set(re.findall(r'\bid="([^"]+)"', svg))
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= ids
    assert met == {"funnel", "trend", "small-counts", "similar", "categories", "sensitive", "map", "compare"}


def test_a_rule_of_the_style_sheet_is_stronger_than_an_attribute_and_the_more_special_one_wins() -> None:
    styles = Styles(
        ":root{--ink:#123456;--deep:var(--ink)}.a{fill:var(--deep);stroke-width:2px}.b .a{fill:#fff}"
        ".a:hover{fill:red}@media print{.a{fill:#000}}@media screen and (prefers-color-scheme:dark)"
        "{:root{--ink:#eee}}.c{font-size:.75rem;display:block;color:var(--none,#abcdef)}"
    )
    root = parsed('<svg><rect class="a" fill="blue"/><g class="b"><rect class="a"/><text class="c"/></g></svg>')
    styles.inline(root)
    plain, within, text = root[0], root[1][0], root[1][1]
    assert plain.attrib == {"fill": "#123456", "stroke-width": "2"}
    assert within.get("fill") == "#fff"
    assert text.attrib == {"font-size": "12", "color": "#abcdef"}


@pytest.mark.parametrize("extension", ["svg", "png", "csv"])
def test_every_figure_of_the_page_is_a_file(site: httpx.Client, extension: str) -> None:
    page = site.get(f"/places/{ALBA}", headers=PAGE).text
    links = {
        link.replace("&amp;", "&") for link in re.findall(rf'href="(/places/{ALBA}/[^"]+\.{extension}[^"]*)"', page)
    }
    assert links, "the town's page offers no file"
    for link in links:
        answer = site.get(link)
        assert answer.status_code == 200, link
        kind = {"svg": "image/svg+xml", "png": "image/png", "csv": "text/csv; charset=UTF-8"}[extension]
        assert answer.headers["content-type"] == kind
        assert answer.headers["content-disposition"].startswith(f'attachment; filename="{ALBA}-')
        assert f"SIMULATED.{extension}" in answer.headers["content-disposition"]
        assert answer.headers["x-candor-simulated"] == "true"
        assert answer.headers["access-control-allow-origin"] == "*"
        head = site.head(link)
        assert head.status_code == 200
        assert head.content == b""
        assert head.headers["etag"] == answer.headers["etag"].removeprefix("W/")  # weak where it was compressed
        again = site.get(link, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
        assert site.get(link).content == answer.content


def words_of(svg: str) -> str:
    return " ".join(" ".join(parsed(svg).itertext()).split())


def test_a_picture_says_all_that_must_not_be_lost(site: httpx.Client) -> None:
    svg = site.get(f"/places/{ALBA}/trend.svg?category=noise").text
    text = words_of(svg)
    assert "SIMULATED" in text
    assert "Alba city: Calls about noise by month" in text
    assert "A call is not a verified offence" in text
    assert "release 2 of" in text
    assert "(tiny-cr22), version 2." in text
    address = f"{site.base_url}/datasets/call-rates-by-town?version=2&category=noise&initiated_by=citizen&geoid={ALBA}"
    assert address in text.replace(" ", "") or address in text
    root = parsed(svg)
    assert root.get("role") == "img"
    assert (root.findtext(f"{SVG}title") or "").startswith("Alba city")
    assert "A call is not" in (root.findtext(f"{SVG}desc") or "")
    first = next(e for e in root.iter(f"{SVG}rect"))
    assert (first.get("fill"), first.get("width")) == ("#ffffff", root.get("width"))


def test_what_is_not_simulated_does_not_say_so(tmp_path: Path) -> None:
    publish_tiny(tmp_path / "data", simulated=False)
    with running(tmp_path / "data" / "public") as client:
        answer = client.get(f"/places/{ALBA}/trend.svg")
    assert "SIMULATED" not in answer.text
    assert "SIMULATED" not in answer.headers["content-disposition"]


def size_of(picture: bytes) -> tuple[int, int]:
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    found: tuple[int, int] = struct.unpack(">II", picture[16:24])
    return found


def test_a_png_is_the_svg_at_twice_its_size_with_its_words(site: httpx.Client) -> None:
    svg = site.get("/map.svg").text
    picture = site.get("/map.png").content
    root = parsed(svg)
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    assert size_of(picture) == pytest.approx((2 * width, 2 * height), abs=2)
    assert picture == png(svg)
    wordless = re.sub(r"<text\b.*?</text>", "", svg)
    assert png(wordless) != picture, "no word of it was drawn: the font is missing"
    for family in set(re.findall(r'font-family="([^"]+)"', svg)):
        box = f'<svg xmlns="http://www.w3.org/2000/svg" width="99" height="40" font-family="{family}">'
        assert png(f'{box}<text y="30" font-size="20">word</text></svg>') != png(f"{box}</svg>")


def test_no_picture_is_larger_than_its_memory_may_be() -> None:
    assert scale_of('<svg width="700" height="900">') == 2
    huge = scale_of('<svg xmlns="x" width="9000" height="9000">')
    assert 9000 * huge * 9000 * huge == pytest.approx(MOST_PIXELS)


def test_the_table_of_a_figure_is_what_the_page_shows(site: httpx.Client, held: Published) -> None:
    selection = chosen(held, {"category": "noise", "period": "2024"})
    town = next(p for p in held.layers["calls"].places if p.geoid == ALBA)
    for subject in place_subjects(held, town, selection):
        rows = list(csv.DictReader(StringIO(site.get(f"{subject.file}.csv?{subject.query}").text)))
        assert len(rows) == len(subject.rows)
        for row, shown in zip(rows, subject.rows, strict=True):
            values = list(row.values())[-len(shown) :]
            assert [v.replace(",", "").removeprefix("'") for v in values] == [c.replace(",", "") for c in shown]
            assert {**row, "geoid": ALBA, "version": "2", "release": "2", "simulated": "true"} == row


@given(st.lists(st.text(max_size=12), min_size=2, max_size=2), st.sampled_from(GUARDED))
def test_a_spreadsheet_runs_no_cell(cells: list[str], sign: str) -> None:
    text = table_csv({"place": f"{sign}cmd"}, ["What", "Value"], [[f"{sign}{cells[0]}", "-12.5"], [cells[1], "1,234"]])
    rows = list(csv.reader(StringIO(text, newline="")))
    assert rows[0] == ["place", "what", "value"]
    assert [r[-1] for r in rows[1:]] == ["-12.5", "1234"]
    for cell in (c for row in rows[1:] for c in row[:-1]):
        assert not cell.startswith(tuple(GUARDED)) or re.fullmatch(r"-\d[\d.]*", cell)


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=300), st.floats(40, 700))
def test_no_line_of_a_picture_is_too_wide_and_no_word_is_lost(text: str, room: float) -> None:
    lines = wrapped(text, 12, room)
    assert all(width(line, 12) <= room or len(line) == 1 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(st.text(max_size=80))
def test_any_name_can_stand_in_a_picture(name: str) -> None:
    styles = Styles(
        ":root{--ink:#111;--ink-soft:#222;--rule:#333;--notice-paper:#444;--notice-rule:#555;--notice-ink:#666}"
    )
    svg = standalone(Sheet(name, name, Markup(""), (), (name,), (name,), simulated="S"), styles)
    assert parsed(svg).tag == f"{SVG}svg"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        (f"/places/{ALBA}/nothing.svg", 404, "trend"),
        (f"/places/{ALBA}/trend.gif", 404, "svg, png, csv"),
        ("/places/1/trend.svg", 404, "no town of that number"),
        (f"/places/{ALBA}/trend.svg?category=crime", 400, "category that is not published"),
        ("/map.png?period=1999", 400, "period that is not published"),
        ("/compare.svg", 400, "names no town"),
        ("/compare.pdf?places=Birch", 404, "svg, png, csv"),
    ],
)
def test_what_is_not_there_is_said_in_words(site: httpx.Client, path: str, status: int, words: str) -> None:
    answer = site.get(path)
    assert answer.status_code == status
    assert words in answer.json()["message"]
    assert site.get(path, headers=PAGE).headers["content-type"].startswith("text/html")


def test_a_citation_leads_to_its_version_also_when_a_newer_one_is_in_force(tmp_path: Path) -> None:
    data = tmp_path / "data"
    publish_tiny(data, calls=180)
    with running(data / "public") as client:
        page = client.get(f"/places/{ALBA}", headers=PAGE).text
        cited = re.search(r"<strong>Cite</strong><br>([^<]+)<", page)
        assert cited is not None
        assert "(tiny-cr22), version 1," in cited[1]
        assert "Release 1." in cited[1]
        address = re.search(r"http\S+", cited[1].replace("&amp;", "&"))
        assert address is not None
        before = client.get(address[0], headers=PAGE)
        assert before.status_code == 200
        publish_tiny(data)
        after = client.get(address[0], headers=PAGE)
        assert "version 1</h1>" in after.text
        assert "This is version 1" in after.text
        assert re.search(r"<caption.*?</caption>", after.text, re.S) is not None
        rows = re.compile(r"<tbody>.*?</tbody>", re.S)
        assert rows.findall(after.text)[0] == rows.findall(before.text)[0]
        now = client.get(f"/places/{ALBA}", headers=PAGE).text
        assert "version 2," in now


def test_the_host_of_one_reader_is_not_shown_to_another(site: httpx.Client) -> None:
    path = f"/places/{ALBA}?category=theft"
    other = site.get(path, headers={**PAGE, "Host": "elsewhere.example"})
    assert "elsewhere.example" in other.text
    assert "elsewhere.example" not in site.get(path, headers=PAGE).text
    assert "elsewhere.example" in site.get("/compare.svg?places=Birch", headers={"Host": "elsewhere.example"}).text
    assert "elsewhere.example" not in site.get("/compare.svg?places=Birch").text


def test_a_town_that_nobody_covers_has_a_picture_that_says_so(held: Published, styles: Styles) -> None:
    elm = next(t for t in TOWNS if not t.agency)
    (town,) = asked(held, [elm.geoid]).towns
    for subject in place_subjects(held, town, chosen(held, {})):
        text = words_of(standalone(subject.sheet(held, "https://example.org"), styles))
        assert "the number is not known, and it is not zero" in text
