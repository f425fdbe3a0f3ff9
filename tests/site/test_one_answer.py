"""A cell has one answer, the same wherever it is said, and none is surer than its interval. Over whole releases."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from io import StringIO
from pathlib import Path

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.conftest import beside
from tests.site.conftest import PAGE, running
from tests.site.one_answer import NEVER, PHRASES, PRESENT, Walked, built, printed, texts_of, with_number

import candor
from candor.cards.map import shown
from candor.cards.selection import select_for_map
from candor.graphics.palette import RATIOS
from candor.messages.change import change, year_before
from candor.messages.comparison import AMONG_WORDS, COMPARISON_WORDS, REST, answer, comparison
from candor.messages.figures import short
from candor.messages.maps import coverage_cell, town_text
from candor.published.figures import Figures
from candor.published.model import Change, Figure, Period, Ratio
from candor.vocabulary.comparison import ANSWERED

RELEASES = (
    *("calls", "two-releases", "calls-and-offences", "own-schema", "areas", "differing"),
    *(pytest.param(name, marks=pytest.mark.long) for name in ("simulated", "fbi")),
)
HIGHER, LOWER = ("higher", "probably higher"), ("lower", "probably lower")
NUMBERS = ("relative_rate", "relative_low", "relative_high")
SIMILAR = ("similar_rate", "similar_low", "similar_high")
CHANGE = ("year_change_ratio", "year_change_low", "year_change_high")
AMONG = {"among the tenth with the highest rates": "higher", "among the tenth with the lowest rates": "lower"}


@pytest.fixture(scope="session", params=RELEASES)
def walked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """A release that is walked; each is built once."""
    name = str(request.param)
    shared = beside("data", "real data") if name == "fbi" else None
    return built(name, tmp_path_factory.mktemp("one-answer"), shared)


@pytest.fixture(scope="session")
def site(walked: Walked) -> Iterator[httpx.Client]:
    with running(walked.public) as client:
        yield client


def figures(walked: Walked) -> Iterator[tuple[str, pa.Table]]:
    """The published figures of each layer."""
    for layer in walked.held.layers:
        yield walked.held.release.profile(layer).count, walked.table(layer)


def column(table: pa.Table, name: str) -> np.ndarray:
    values = table[name]
    if pa.types.is_dictionary(values.type) or pa.types.is_string(values.type):
        return np.array(values.to_pylist(), object)
    return np.asarray(pc.fill_null(pc.cast(values, pa.float64()), np.nan).to_numpy())


def require(table: pa.Table, where: np.ndarray, what: str) -> None:
    """Fail with the first lines that are not so."""
    if where.any():
        first = table.take(np.flatnonzero(where)[:3]).to_pylist()
        raise AssertionError(f"{what}: {int(where.sum()):,} lines, such as {first}")


def test_no_label_says_more_than_its_interval(walked: Walked) -> None:
    answered = 0
    for _, table in figures(walked):
        for label_name, names in (("comparison", NUMBERS), ("similar_comparison", SIMILAR)):
            label = column(table, label_name)
            value, low, high = (column(table, name) for name in names)
            numbered = np.isfinite(value)
            answered += int(np.isin(label, ANSWERED).sum())
            require(table, numbered & ~np.isin(label, ANSWERED), "a number without an answer")
            require(table, numbered & ~((low <= value) & (value <= high)), "limits that do not hold the ratio")
            same = label == "about the same rate"
            require(table, same & ~((low >= 1 / 1.25) & (high <= 1.25)), "about the same, and the interval is wider")
            require(table, same & ~((value <= 1.1 + 1e-5) & (value >= 1 / 1.1 - 1e-5)), "about the same, and is not")
            alike = label == "cannot be told apart"
            require(table, alike & numbered & ((low > 1) | (high < 1)), "cannot be told apart, and the interval can")
            require(table, np.isin(label, HIGHER) & numbered & ~(low > 1), "higher, and the interval does not say so")
            require(table, np.isin(label, LOWER) & numbered & ~(high < 1), "lower, and the interval does not say so")
            require(table, (label == "higher") & (value <= 1.1), "higher by less than a tenth")
            require(table, (label == "lower") & (value >= 1 / 1.1), "lower by less than a tenth")
    assert answered > 100 or walked.name in ("own-schema", "areas"), "nothing was compared"


def test_what_is_unusual_among_towns_is_surely_higher_or_lower(walked: Walked) -> None:
    said = 0
    for _, table in figures(walked):
        label, among = column(table, "comparison"), column(table, "among_towns")
        said += int((among != "").sum())
        for words, needs in AMONG.items():
            require(table, (among == words) & (label != needs), f"{words} beside another answer")
        low, high = column(table, "towns_low"), column(table, "towns_high")
        require(table, (among != "") & ~(low <= high), "among the tenth where towns do not clearly differ")
    assert said or walked.name not in ("differing", "simulated", "fbi"), "no town is unusual where towns differ"


def test_no_number_stands_under_ten_events(walked: Walked) -> None:
    for count, table in figures(walked):
        events, own = column(table, count), column(table, "compared_over") == column(table, "period")
        ratio, expected = column(table, "relative_rate"), column(table, "expected")
        require(table, own & np.isfinite(ratio) & ~(events >= 10), "a relative rate under 10 events")
        require(table, ~own & np.isfinite(ratio) & ~(ratio * expected >= 9.99), "one of years under 10 events")
        for name in ("rate", "rate_low", "rate_high", *SIMILAR):
            require(table, np.isfinite(column(table, name)) & ~(events >= 10), f"{name} under 10 events")
        for name in ("relative_low", "relative_high"):
            require(table, np.isfinite(column(table, name)) & ~np.isfinite(ratio), f"{name} without its ratio")


def test_no_change_is_said_beyond_its_interval(walked: Walked) -> None:
    for _, table in figures(walked):
        verdict = column(table, "year_change")
        ratio, low, high = (column(table, name) for name in CHANGE)
        numbered = np.isfinite(low)
        require(table, numbered & ~np.isfinite(ratio), "limits of a change without its ratio")
        none = verdict == "no change can be told"
        require(table, none & ~numbered, "no change can be told, and nobody knows between what")
        require(table, none & ((low > 1) | (high < 1)), "no change can be told, and the interval tells one")
        require(table, np.isin(verdict, ("up", "perhaps up")) & numbered & ~(low > 1), "up, and the interval holds 1")
        require(table, np.isin(verdict, ("down", "perhaps down")) & numbered & ~(high < 1), "down, and it holds 1")


def test_what_is_not_known_has_no_answer(walked: Walked) -> None:
    for count, table in figures(walked):
        unknown = ~np.isfinite(column(table, count)) & (column(table, "coverage") != "under 5")
        for name in ("comparison", "among_towns", "similar_comparison", "year_change", "usual", "note"):
            require(table, unknown & (column(table, name) != ""), f"{name} of a figure that is not known")


def answers(table: pa.Table, label: str, names: tuple[str, ...]) -> set[tuple[str, float, float, float]]:
    """Every different answer of a table that has a number."""
    some = table.filter(pc.is_valid(table[names[0]])).select([label, *names])
    return set(zip(*(some[name].to_pylist() for name in (label, *names)), strict=True))


def test_no_printed_word_is_surer_than_the_printed_interval(walked: Walked) -> None:
    for _, table in figures(walked):
        for label_name, names in (("comparison", NUMBERS), ("similar_comparison", SIMILAR)):
            for label, *numbers in answers(table, label_name, names):
                said = answer(Ratio(numbers[0], numbers[1], numbers[2], label), REST)
                found = with_number(said)
                assert found is not None, said
                value, low, high = found
                assert low <= value <= high, said
                assert said[0].lower() + said[1:] == f"{PHRASES[label][0]}: {said.partition(': ')[2]}"
                assert label not in HIGHER or low > 1, said
                assert label not in LOWER or high < 1, said
                assert label != "higher" or value >= 1.1, said
                assert label != "lower" or value <= 0.91, said
                assert label != "cannot be told apart" or low <= 1 <= high, said
                assert label != "about the same rate" or 0.8 <= low <= high <= 1.25, said


def test_no_printed_change_is_surer_than_its_printed_interval(walked: Walked) -> None:
    year, now = Period("2025", date(2025, 1, 1), date(2025, 12, 1)), Figure("reported", 90, 1, 12, None, None, None, "")
    earlier = year_before(year)
    assert earlier is not None
    for _, table in figures(walked):
        for verdict, ratio, low, high in answers(table, "year_change", CHANGE):
            said = change(Change(ratio, low, high, verdict, 12), now, year, earlier)
            if verdict == "no change can be told":
                found = re.fullmatch(r"No change from 2024 can be told: between (.+) and (.+)\.", said)
                assert found is not None, said
                assert printed(found[1]) <= 1 <= printed(found[2]), said
                continue
            found = re.search(r"(higher|lower|times that).*\((.+?) to (.+?)(?: times)?\)", said)
            assert found is not None, said
            times = found[1] == "times that"
            ends = [printed(end) - (0 if times else 1) for end in found.groups()[1:]]
            assert min(ends) > (1 if times else 0), said
            assert ("one town in 20 shows as much by chance" in said) == verdict.startswith("perhaps"), said
            assert (found[1] == "lower") == verdict.endswith("down"), said


def choices(walked: Walked) -> Iterator[tuple[str, dict[str, str]]]:
    """Layers and queries: every kind that has them, over the years, the pools, a quarter and a month."""
    for layer, of in walked.held.layers.items():
        for category in of.categories:
            offered = [p for p in of.offered(category).values() if p.kind in ("year", "years", "months")]
            offered += [p for p in of.offered(category).values() if p.kind in ("quarter", "month")][-2:]
            for period in offered:
                for initiator in of.initiators(category):
                    query = {"layer": layer, "category": category, "period": period.key, "initiated_by": initiator}
                    yield layer, {**query, "show": "compared"}


def test_a_colour_is_on_the_side_of_the_words(walked: Walked) -> None:
    met: set[str] = set()
    for layer, query in choices(walked):
        selection = select_for_map(walked.held, query)
        if selection.view != "compared":
            continue
        drawn = shown(walked.held.layers[layer], selection)
        for line, town in zip(drawn.lines, drawn.towns, strict=True):
            label, key = line.figure.comparison, line.key
            met.add(label)
            assert (town.verdict == "higher", town.verdict == "lower") == tuple(
                line.figure.among == words for words in AMONG
            )
            found = re.fullmatch(r"c(\d)-(\d)", key)
            if label not in ANSWERED:
                assert found is None, (label, key)
                continue
            if found is None:  # not told apart, and too few events for a rate
                assert (key, label) in (("too-few", "cannot be told apart"), ("too-few", "about the same rate"))
                continue
            level, step = int(found[1]) - 1, int(found[2]) - 1
            middle = len(RATIOS[level]) // 2
            away = (label in HIGHER) - (label in LOWER) if RATIOS[level] else 0
            assert np.sign(step - middle) == away, (label, key)
    assert met >= {"higher", "lower"} or walked.name != "differing", met


def test_not_covered_is_never_said_as_too_few(walked: Walked) -> None:
    for layer, of in walked.held.layers.items():
        period = next(iter(of.offered(of.categories[0]).values()))
        for figure in of.column(period.key, of.categories[0], of.initiators(of.categories[0])[0]):
            if figure.coverage == "not covered":
                words = walked.held.release.profile(layer)
                said = [short(figure), comparison(figure), coverage_cell(figure), town_text(figure, period, "Elm")]
                assert not any("too few" in line.lower() for line in said), words
                assert "not covered" in said[0]


def page(site: httpx.Client, path: str, **query: str) -> str:
    found = site.get(path, headers=PAGE, params=query, follow_redirects=True)
    assert found.status_code == 200, found.text
    return unescape(found.text)


def read(html: str) -> str:
    """What a page says, without its controls."""
    main = html[html.index("<main") : html.index("</main")] if "<main" in html else html
    main = re.sub(r"<(script|select|style|pre)\b.*?</\1>", " ", main, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def cells(html: str, table: str) -> list[list[str]]:
    body = html[html.index(f'id="{table}"') :]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", body[: body.index("</table>")], re.DOTALL)
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[" ".join(unescape(re.sub(r"<[^>]+>", "", c)).split()) for c in row] for row in found]


def test_a_cell_has_the_same_words_wherever_it_is_said(walked: Walked, site: httpx.Client) -> None:
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
        html = page(site, "/map", **query)
        tooltips = dict(re.findall(r'<a href="/places/(\d+)" aria-label="([^"]*)"', html))
        heads = [head.replace("\N{NO-BREAK SPACE}", " ") for head in cells(html, "towns")[0]]
        rows = {row[0]: row for row in cells(html, "towns")[1:]}
        files = {one["geoid"]: one for one in csv.DictReader(StringIO(page(site, "/map.csv", **query)))}
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
            town = read(page(site, f"/places/{place.geoid}", **query))
            frame = read(page(site, f"/embed/places/{place.geoid}", **query))
            for text in (town, frame):
                assert phrase.lower() in re.sub(r" \([\d.,]+\): ", ": ", text).lower(), (cell, text)
                assert not number or times in text, (cell, text)
                assert not line["among_towns"] or line["among_towns"].replace("tenth", "tenth of towns") in text
            assert f"Beside the rest of the state {cell}" in town
            compared = {
                row[0]: row[1] for row in cells(page(site, "/compare", places=place.geoid, **query), "compared")
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


def asked(walked: Walked) -> Iterator[tuple[str, str]]:
    """Some kinds of each layer that have years."""
    for layer, of in walked.held.layers.items():
        having = [c for c in of.categories if any(p.kind == "year" for p in of.offered(c).values())]
        preferred = [c for c in ("all", "noise", "burglary", "overdose", "larceny-theft") if c in having]
        yield from ((layer, category) for category in preferred[:3])


def test_no_page_says_what_is_not_so(walked: Walked, site: httpx.Client) -> None:
    towns = next(iter(walked.held.layers.values())).places
    several = ",".join(p.geoid for p in towns[:4])
    paths = ["/", "/map", "/map?show=rate", "/map?show=counts", "/places", f"/compare?places={several}", "/counties"]
    paths += ["/methods", "/glossary", "/about", "/privacy", "/embed/map", "/map.svg"]
    paths += [f"/map?layer={layer}&category={category}" for layer, category in asked(walked)]
    for place in towns[:6]:
        paths += [f"/places/{place.geoid}", f"/embed/places/{place.geoid}", f"/places/{place.geoid}/funnel.svg"]
    for path in paths:
        answered = site.get(path, headers=PAGE)
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


def test_persons_present_are_said_where_they_are_counted(walked: Walked, site: httpx.Client) -> None:
    """Rates by residents and visitors are never said to be by residents; and the other way round."""
    declared = walked.name == "differing"
    of = walked.held.layers["calls"] if "calls" in walked.held.layers else next(iter(walked.held.layers.values()))
    period = last_compared(of, of.categories[0])
    initiator = of.initiators(of.categories[0])[0]
    column_ = of.column(period, of.categories[0], initiator)
    rated = [p for p, f in zip(of.places, column_, strict=True) if f.comparison in ANSWERED and f.rate is not None][:4]
    assert rated or walked.name not in ("calls", "differing", "simulated", "fbi")
    layer = of.profile.name
    for place in rated:
        said = read(page(site, f"/places/{place.geoid}", period=period, layer=layer, category=of.categories[0]))
        frame = read(page(site, f"/embed/places/{place.geoid}", period=period, layer=layer, category=of.categories[0]))
        assert (f"for every 1,000 {PRESENT} (95" in said) == declared
        assert ("for every 1,000 residents (95" in said) == (not declared) == ("for every 1,000 residents (95" in frame)
        assert (f"The comparison counts {PRESENT}." in said) == declared
        assert ("The comparison counts residents, not people who work, study or visit there." in said) != declared
        assert ("Rates count residents only" in frame) != declared
    for path in ("/", "/map", "/map?show=rate", "/embed/map", "/map.svg", "/compare"):
        text = read(site.get(path, headers=PAGE).text)
        assert not declared or not re.search(r"1,000 (?:of their )?residents(?! and seasonal)", text), path
        assert not declared or "residents only" not in text, path
