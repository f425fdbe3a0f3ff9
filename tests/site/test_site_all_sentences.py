"""Every sentence that is made from figures, over a whole simulated release: no word is taken for another.

Towns, categories and initiators are all of them; periods are those of each sort. The figures have gone
the whole way, from simulated exports to published tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import pytest

from candor.cards.area import Area, area_months, area_years
from candor.cards.choices import label_of
from candor.cards.headline import opening, shares_of_calls
from candor.cards.model import PlaceFigure
from candor.cards.town import TownView, select_for_town
from candor.cards.town_cards import place_figures
from candor.demo.portal import build_demo_portal
from candor.messages import change as change_words
from candor.messages import release as release_words
from candor.messages.change import CHANGE_METHOD, state_change, year_before
from candor.messages.comparison import (
    COMPARISON_METHOD,
    among,
    comparison,
    counted_people,
    similar,
    wander_words,
)
from candor.messages.coverage import COVERAGE_NOTE
from candor.messages.drawings import SIMILAR_RULE, USUAL_METHOD
from candor.messages.figures import counted, headline, interval_method, map_sentence, rate_words, short, state_headline
from candor.messages.layers import CALLS, Layer, layer_of
from candor.messages.sensitive import area_sentence
from candor.messages.words import capital, lower_first, span
from candor.profiles.check import open_portal
from candor.profiles.profile import standard_kinds
from candor.publish import run as release
from candor.published.counties import counties, sensitive_categories
from candor.published.figures import Figures
from candor.published.model import ALL, STATE, UNTOLD, Figure, Period
from candor.published.release import Catalogue, Published

pytestmark = pytest.mark.long

OFFENCES = layer_of(standard_kinds()["offences"].profile)

PLACE, STATE_NAME = "Elm town", "Vermont"

FOREIGN = {
    "calls": re.compile(r"offen[cs]e|crim", re.IGNORECASE),
    "offences": re.compile(r"\bcall|crim", re.IGNORECASE),
}
"""What a sentence of a layer never says."""

NEVER = {
    "a value that is none": re.compile(r"\b(?:nan|NaN|None|inf)\b"),
    "a negative number, but for a limit of a change": re.compile(
        r"(?:^|(?<!: between)(?<!\N{NO-BREAK SPACE}% and)[\s(])[-\N{MINUS SIGN}]\d"
    ),
    "two blanks": re.compile(r"[ \N{NO-BREAK SPACE}]{2}"),
    "a blank before a stop": re.compile(r" [.,;:]"),
    "two stops": re.compile(r"\.\.|,\.|;\.|:\."),
    "no stop at the end": re.compile(r"[^.]$", re.MULTILINE),
    "a small letter at the beginning": re.compile(r"(?:^|\. )[a-z]", re.MULTILINE),
    "a judgement": re.compile(r"\b(?:safer|safest|worse|worst|danger\w*|hot ?spot|victims?)\b", re.IGNORECASE),
}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A release of 39 simulated months: three whole years that are told and one that is not over, in both layers."""
    root = tmp_path_factory.mktemp("sentences") / "vermont"
    build_demo_portal(root, calls=150_000, months=39, seed=4)
    release.publish(open_portal(root))
    held = Catalogue(root / "data" / "public").current()
    assert set(held.layers) == {"calls", "offences"}
    return held


def periods_of(figures: Figures) -> list[Period]:
    """All years, each sort of pool, a quarter that is not over, a month with a year before it and one without."""
    months = sorted(p for p in figures.periods if figures.periods[p].kind == "month")
    quarters = sorted(p for p in figures.periods if figures.periods[p].kind == "quarter")
    chosen = {*months[:1], *months[-1:], *quarters[-1:], "last-12-months", ALL}
    return [p for p in figures.periods.values() if p.kind in ("year", "years") or p.key in chosen]


Sentences = Callable[[Figure, Period, str, Layer, bool], str]
ABOUT: dict[str, Sentences] = {
    "headline": lambda f, p, label, layer, officer: headline(f, p, PLACE, label, officer=officer, layer=layer),
    "comparison": lambda f, _p, _label, layer, _officer: comparison(f, layer),
    "among": lambda f, *_: among(f),
    "similar": lambda f, *_: similar(f),
    "people": lambda f, *_: counted_people(f),
    "wander": lambda f, *_: wander_words(f),
    "short": lambda f, _p, _label, layer, _officer: f"{capital(short(f, layer))}.",
    "rate": lambda f, _p, _label, layer, _officer: f"{capital(rate_words(f, layer))}.",
}


def columns(figures: Figures, categories: Iterable[str] = ()) -> Iterator[tuple[Period, str, str, list[Figure]]]:
    """The towns' figures of every chosen period, category (all, where none is named) and initiator.

    Where officers begin no call of a kind, its figures with theirs are those without, and are read once.
    """
    for period in periods_of(figures):
        for category in categories or figures.categories:
            before: list[Figure] = []
            for initiator in figures.initiators(category) if period.key in figures.offered(category) else ():
                column = figures.column(period.key, category, initiator)
                if column != before:
                    yield period, category, initiator, column
                before = column


def broken(lines: Iterable[str], layer: Layer) -> dict[str, str]:
    """The rules that some lines break, each with the line."""
    text = "\n".join(sorted({line for line in lines if line}))
    rules = {**NEVER, "a word of the other layer": FOREIGN[layer.key]}
    found = {}
    for rule, pattern in rules.items():
        match = pattern.search(text)
        if match:
            start, end = text.rfind("\n", 0, match.start()) + 1, text.find("\n", match.end())
            found[rule] = text[start : end if end >= 0 else None]
    return found


@pytest.mark.parametrize("layer", [CALLS, OFFENCES], ids=["calls", "offences"])
def test_the_sentences_of_every_figure(simulated: Published, layer: Layer) -> None:
    figures = simulated.layers[layer.key]
    said = 0
    for period, category, initiator, column in columns(figures):
        label = label_of(simulated, category, layer.key)
        for make in ABOUT.values():
            lines = [make(f, period, label, layer, initiator == "all") for f in column]
            said += len(lines)
            assert not broken(lines, layer)
    assert said > (800_000 if layer is CALLS else 50_000)


@pytest.mark.parametrize("layer", [CALLS, OFFENCES], ids=["calls", "offences"])
def test_the_changes_of_every_figure(simulated: Published, layer: Layer) -> None:
    """No percentage stands where the earlier count was under 10, and none without its interval."""
    figures = simulated.layers[layer.key]
    told = {"too few to tell": 0, "can be told: between": 0, "one town in 20": 0, "months that both": 0}
    for period, category, initiator, column in columns(figures):
        earlier = year_before(period)
        if earlier is None:
            continue
        known = earlier.key in figures.offered(category)
        befores = figures.column(earlier.key, category, initiator) if known else [None] * len(column)
        lines = []
        for now, before in zip(column, befores, strict=True):
            line = change_words.change(now.change, now, period, earlier, before, layer)
            lines.append(line)
            if "%" in line or "times" in line:
                assert now.count is not None
                assert before is None or (before.count or 0) >= 10
            if "can be told: between" in line:
                assert now.change.low is not None and now.change.high is not None
                assert now.change.low <= 1 <= now.change.high
            if now.count is None:
                assert not line
        assert not broken(lines, layer)
        told = {words: n + sum(words in line for line in lines) for words, n in told.items()}
    assert told["too few to tell"] > 1000
    assert told["can be told: between"] > 100
    if layer is CALLS:
        assert all(told.values()), told


@pytest.mark.parametrize("layer", [CALLS, OFFENCES], ids=["calls", "offences"])
def test_the_state_s_sentences(simulated: Published, layer: Layer) -> None:
    figures = simulated.layers[layer.key]
    lines = []
    for category in figures.categories:
        for period in figures.periods.values():
            label = label_of(simulated, category, layer.key)
            for officer in (False, True) if layer is CALLS else (True,):
                state = figures.get(STATE, period.key, category, "all" if officer else "citizen")
                lines.append(state_headline(state, period, STATE_NAME, label, officer=officer, layer=layer))
                lines.append(map_sentence(period, label, STATE_NAME, officer=officer, layer=layer))
                earlier = year_before(period)
                lines.append(state_change(state.change, earlier) if earlier else "")
    assert not broken(lines, layer)
    assert any("in the towns that reported both" in line.lower() for line in lines)


def test_what_has_no_number_shows_none(simulated: Published) -> None:
    """Once the words of the period, of the kind and of the state are taken out, nothing but words is left."""
    figures, seen = simulated.layers["calls"], 0
    sensitive = [c.slug for c in simulated.release.kinds() if c.sensitivity == "sensitive"]
    assert not any(f.rounded for f in figures.column("2024", "all", "citizen"))
    fixed = ("under 5", "0 to 4", "31 March 2027", "29 June 2026")
    for period, category, initiator, column in columns(figures, sensitive):
        label = label_of(simulated, category)
        when = (span(period), lower_first(label) if label else "")
        for figure in column:
            assert figure.coverage not in ("zero", "not reported") or figure.count is None
            if figure.coverage not in UNTOLD:
                assert figure.count is not None
                assert figure.count % 5 == 0 and figure.count >= 5
                continue
            seen += 1
            for what, make in ABOUT.items():
                if what == "wander":  # it is the kind's, and the same for all towns
                    continue
                line = make(figure, period, label, CALLS, initiator == "all")
                line = re.sub(r"Only \d+ of the \d+ months (?:was|were) reported", "", line)
                for words in filter(None, (*when, *fixed)):
                    line = re.sub(re.escape(words), "", line, flags=re.IGNORECASE)
                assert not re.search(r"\d", line), line
            assert figure.count is None
            assert not comparison(figure)
            assert not among(figure)
            assert not similar(figure)
    assert seen > 100


def of_figure(figure: PlaceFigure) -> list[str]:
    """All that a reader of a figure reads or hears, as sentences."""
    marks = re.findall(r"<title>([^<]*)</title>", str(figure.svg))
    cells = [cell for row in figure.rows for cell in row]
    words = [figure.title, *marks, *cells, *re.findall(r"</svg>([^<]+)</li>", str(figure.legend))]
    sayings = [figure.sentence, figure.note, *(f"{capital(w)}." for w in words if w)]
    return [line for line in sayings if line]


QUERIES: tuple[dict[str, str], ...] = (
    {},
    {"category": "noise"},
    {"category": "burglary", "period": "2023"},
    {"category": "domestic-violence"},
    {"category": "domestic-violence", "period": "2023"},
    {"category": "suicide", "period": "2023-2025"},
    {"period": "2025-01", "initiated_by": "all"},
    {"period": "2024-Q1"},
    {"layer": "offences"},
    {"layer": "offences", "category": "burglary"},
    {"layer": "offences", "category": "property"},
)


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_what_the_pages_of_towns_say(simulated: Published, query: dict[str, str]) -> None:
    """Towns of every size, and those that reported in part or not at all."""
    figures = simulated.layers["calls"]
    by_size = sorted(figures.places, key=lambda p: p.residents or 0)
    partly = [p for p, f in zip(figures.places, figures.column("2024", "all", "citizen"), strict=True) if f.provisional]
    keys = set()
    for town in {*by_size[::16], by_size[-1], *partly[:2]}:
        selection = select_for_town(simulated, town, query)
        view = TownView(simulated, town, selection)
        first = opening(view)
        found = place_figures(view)
        keys |= {f.key for f in found}
        assert len({f.key for f in found}) == len(found)
        lines = [*first.state, first.headline, *first.standing]
        lines += [f"{capital(g.name)}." for g in first.glance]
        lines += [line for figure in found for line in of_figure(figure)]
        assert not broken(lines, view.layer)
    # One year of a sensitive kind is told of few towns, and has none of similar size.
    alone = query.get("category") in view.separate and query.get("period") == "2023"
    assert {"trend", "categories", *([] if alone else ["similar"])} <= keys


def test_what_the_pages_of_counties_say(simulated: Published) -> None:
    """Every sensitive kind in every county and the state: its years, its months, its charts."""
    kinds = sensitive_categories(simulated)
    said, coverages = 0, set()
    for county in (*counties(simulated), None):
        for kind in kinds:
            area = Area(simulated, county, kind, kinds)
            lines = [
                area_sentence(figure, period, area.name, kind.label)
                for period, figure in area.of_kind("quarter", "year", "years")
            ]
            coverages |= {figure.coverage for _, figure in area.of_kind()}
            for figure in (area_months(area), area_years(area)):
                assert figure is not None
                lines += of_figure(figure)
            assert not broken(lines, CALLS)
            said += len(lines)
    assert said > 10_000
    assert coverages == {"reported", "partly reported", "under 5", "not yet", "by county only"}


def test_the_one_sentence_of_both_layers_keeps_them_apart(simulated: Published) -> None:
    """Offences stand beside calls, and are never said to be among them."""
    rutland = next(p for p in simulated.layers["calls"].places if p.full_name == "Rutland city")
    lines = [
        line
        for kind in ("burglary", "theft", "robbery", "drugs")
        for line in shares_of_calls(
            TownView(simulated, rutland, select_for_town(simulated, rutland, {"category": kind}))
        )
    ]
    assert lines
    for line in lines:
        assert re.match(r"In \d{4}, (?:\d[\d,]*|no) calls? about ", line)
        assert "verified offence" in line
        assert "crim" not in line


def test_the_word_crime_stands_in_one_fixed_sentence() -> None:
    for layer in (CALLS, OFFENCES):
        limits = release_words.limits(counted=True, layer=layer)
        assert [line for line in limits if "crime" in line] == [limits[0]]
        assert limits[0].startswith("How much crime there is.")
    fixed = [counted(CALLS), interval_method(CALLS), COMPARISON_METHOD]
    fixed += [CHANGE_METHOD, COVERAGE_NOTE, USUAL_METHOD, SIMILAR_RULE]
    assert not any("crim" in line.lower() for line in fixed)
    assert not FOREIGN["offences"].search(
        " ".join(
            [
                counted(OFFENCES),
                interval_method(OFFENCES),
                *release_words.limits(counted=True, layer=OFFENCES)[1:],
            ]
        )
    )
