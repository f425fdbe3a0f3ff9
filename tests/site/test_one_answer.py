"""A cell has one answer, the same wherever it is said, and none is surer than its interval. Over whole releases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from tests.site.one_answer import PHRASES, Walked, printed, with_number

from candor.cards.map import shown
from candor.cards.selection import select_for_map
from candor.graphics.palette import RATIOS
from candor.messages.change import change, year_before
from candor.messages.comparison import REST, answer, comparison
from candor.messages.figures import short
from candor.messages.maps import coverage_cell, town_text
from candor.published.model import Change, Figure, Period, Ratio
from candor.vocabulary.comparison import ANSWERED

HIGHER, LOWER = ("higher", "probably higher"), ("lower", "probably lower")
NUMBERS = ("relative_rate", "relative_low", "relative_high")
SIMILAR = ("similar_rate", "similar_low", "similar_high")
CHANGE = ("year_change_ratio", "year_change_low", "year_change_high")
AMONG = {"among the tenth with the highest rates": "higher", "among the tenth with the lowest rates": "lower"}


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
    assert said or walked.name not in ("differing", "simulated"), "no town is unusual where towns differ"


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
    some = table.filter(pc.is_valid(table[names[0]]))
    value, low, high = (some[name].to_pylist() for name in names)
    return set(zip(some[label].to_pylist(), value, low, high, strict=True))


def test_no_printed_word_is_surer_than_the_printed_interval(walked: Walked) -> None:
    for _, table in figures(walked):
        for label_name, names in (("comparison", NUMBERS), ("similar_comparison", SIMILAR)):
            for label, ratio, least, most in answers(table, label_name, names):
                said = answer(Ratio(ratio, least, most, label), REST)
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
