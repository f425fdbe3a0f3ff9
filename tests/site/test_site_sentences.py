"""The generated sentences: cases as data, and rules that all of them keep."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.messages.change import change, state_change, year_before
from candor.messages.comparison import (
    among,
    comparison,
    comparison_cell,
    counted_people,
    limits,
    ratio,
    similar,
    wander_words,
)
from candor.messages.coverage import COVERAGE_MEANING, COVERAGE_WORDS, agency_sentences, coverage_counts
from candor.messages.drawings import trend_sentence
from candor.messages.figures import headline, map_sentence, rate_words, short, state_headline, what
from candor.messages.layers import layer_of
from candor.messages.release import accounting_sentence
from candor.messages.words import during, lower_first, period_label, span
from candor.profiles.profile import standard_kinds
from candor.published.model import COVERAGES, UNTOLD, Change, Figure, Period, Ratio
from candor.store.dataset_model import Accounting
from candor.store.model import PublicCoverage

OFFENCES = layer_of(standard_kinds()["offences"].profile)


def cases(name: str) -> list[Any]:
    """The cases of a file, each under its name."""
    found = json.loads((Path(__file__).parent / "cases" / f"{name}.json").read_text("utf-8"))
    return [pytest.param(case, id=case["case"]) for case in found]


YEAR = Period("2025", date(2025, 1, 1), date(2025, 12, 1))
JULY = Period("2025-07", date(2025, 7, 1), date(2025, 7, 1))


def figure(**values: object) -> Figure:
    known = {
        "count": None,
        "residents": 1000,
        "months_reported": 12,
        "rate": None,
        "low": None,
        "high": None,
        "note": "",
    }
    return Figure(**{**known, **values})  # type: ignore[arg-type]  # the cases say what each is


@pytest.mark.parametrize("case", cases("headlines"))
def test_headline(case: dict[str, Any]) -> None:
    now = figure(
        coverage=case["coverage"],
        count=case["calls"],
        residents=case["residents"],
        months_reported=case["months"],
        rate=case.get("rate"),
        low=case.get("low"),
        high=case.get("high"),
        note=case.get("note", ""),
        denominator=case.get("denominator", "residents"),
    )
    period = JULY if case.get("period") else YEAR
    before = [
        (Period(str(year), date(year, 1, 1), date(year, 12, 1)), figure(coverage=coverage, count=count))
        for year, coverage, count in case.get("before", ())
    ]
    said = headline(now, period, "Rutland city", case["label"], officer=case.get("officer", False), before=before)
    assert said == case["says"]


def compared(case: dict[str, Any]) -> Figure:
    """The figure of a case: `beside` and `similar` are label, value, low, high, as far as there are any."""
    ratios = {}
    for name in ("beside", "similar"):
        label, *numbers = case.get(name, [""])
        value, low, high = numbers or (None, None, None)
        ratios[name] = Ratio(value, low, high, label)
    most = case.get("most_towns")
    values = {"coverage": "reported", **case["figure"], "most_towns": tuple(most) if most else None}
    return figure(**values, **ratios)


@pytest.mark.parametrize("case", cases("comparisons"))
def test_comparison(case: dict[str, Any]) -> None:
    now = compared(case)
    assert comparison(now, layer_of(standard_kinds()[case.get("layer", "calls")].profile)) == case["says"]
    assert comparison_cell(now) == case["cell"]


@pytest.mark.parametrize("case", cases("among"))
def test_among_towns_and_beside_similar_ones(case: dict[str, Any]) -> None:
    now = compared(case)
    assert among(now) == case["says"]
    assert similar(now) == case.get("similar_says", "")


@given(st.floats(1e-3, 50))
def test_a_ratio_is_never_printed_on_the_other_side_of_one(value: float) -> None:
    said = ratio(value)
    number = said if said[0].isdigit() else {"just over 1": "1.0001", "just under 1": "0.9999"}[said]
    shown = float(number.replace(",", ""))
    assert (shown > 1, shown < 1) == (value > 1, value < 1)
    assert shown == pytest.approx(value, rel=0.06, abs=0.006)


def test_the_two_ends_of_an_interval_are_said() -> None:
    assert limits(0.9961, 1.0004) == "0.996 to just over 1"
    assert limits(2.21, 12.36) == "2.2 to 12.4"


def test_whom_a_comparison_counts() -> None:
    def of(denominator: str) -> str:
        return counted_people(figure(coverage="reported", count=12, denominator=denominator))

    assert of("residents") == of("") == "The comparison counts residents, not people who work, study or visit there."
    assert of("residents and seasonal visitors") == "The comparison counts residents and seasonal visitors."


@pytest.mark.parametrize(
    ("source", "how"),
    [
        ("own", "learned from these counts themselves"),
        ("group", "learned from the group of kinds that this one is in"),
        ("all", "learned from all open kinds together"),
        ("assumed", "assumed, for too little is known to learn it"),
    ],
)
def test_how_much_counts_move_says_how_it_is_known(source: str, how: str) -> None:
    said = wander_words(figure(coverage="reported", count=12, wander=0.0025, wander_from=source))
    assert said == (
        "A town’s own count moves by about 5\N{NO-BREAK SPACE}% from one such period to the next, chance not counted:"
        f" {how}. One number stands for all towns."
    )
    assert wander_words(figure(coverage="reported", count=12)) == ""


@pytest.mark.parametrize("case", cases("changes"))
def test_change(case: dict[str, Any]) -> None:
    now = figure(coverage=case.get("coverage", "reported"), count=case["count"])
    before = None
    if "before" in case or "before_coverage" in case:
        before = figure(coverage=case.get("before_coverage", "reported"), count=case.get("before"))
    found = Change(case.get("ratio"), case.get("low"), case.get("high"), case["verdict"], case.get("months", 12))
    earlier = year_before(YEAR)
    assert earlier is not None
    layer = layer_of(standard_kinds()[case.get("layer", "calls")].profile)
    assert change(found, now, YEAR, earlier, before, layer) == case["says"]


@pytest.mark.parametrize(
    ("key", "first", "last", "before"),
    [
        ("2025", (2025, 1), (2025, 12), "2024"),
        ("2025-Q1", (2025, 1), (2025, 3), "2024-Q1"),
        ("2025-01", (2025, 1), (2025, 1), "2024-01"),
        ("last-12-months", (2024, 7), (2025, 6), "last-12-months-before"),
        ("last-36-months", (2022, 7), (2025, 6), None),
        ("2023-2025", (2023, 1), (2025, 12), None),
        ("all", (2025, 1), (2025, 6), None),
    ],
)
def test_a_period_is_compared_with_the_same_months_a_year_before_and_with_no_other(
    key: str, first: tuple[int, int], last: tuple[int, int], before: str | None
) -> None:
    period = Period(key, date(*first, 1), date(*last, 1))
    found = year_before(period)
    assert (found.key if found else None) == before
    if found:
        assert (found.months, found.kind) == (period.months, period.kind)
        assert found.first_month == date(first[0] - 1, first[1], 1)
        again = year_before(found)
        assert again is not None
        assert (again.kind, again.first_month) == (period.kind, date(first[0] - 2, first[1], 1))


def test_the_state_s_change_is_of_towns_that_reported_both_times() -> None:
    earlier = year_before(YEAR)
    assert earlier is not None
    both = "In the towns that reported both times"
    assert state_change(Change(1.05, 1.02, 1.08, "up"), earlier) == (
        f"{both}, the rate is 5\N{NO-BREAK SPACE}% higher than in 2024 (2\N{NO-BREAK SPACE}% to 8\N{NO-BREAK SPACE}%)."
    )
    assert state_change(Change(1.05, 1.001, 1.1, "perhaps up"), earlier) == (
        f"{both}, the rate is perhaps 5\N{NO-BREAK SPACE}% higher than in 2024 (0.1\N{NO-BREAK SPACE}% to"
        " 10\N{NO-BREAK SPACE}%); one town in 20 shows as much by chance."
    )
    assert state_change(Change(1.01, 0.997, 1.12, "no change can be told"), earlier) == (
        f"{both}, no change from 2024 can be told: between \N{MINUS SIGN}0.3\N{NO-BREAK SPACE}% and"
        " +12\N{NO-BREAK SPACE}%."
    )
    for verdict in ("", "too few to tell"):
        assert state_change(Change(None, None, None, verdict), earlier) == ""


@pytest.mark.parametrize(
    ("label", "count", "said"),
    [
        ("Burglary", 12, "12 verified offences of burglary"),
        ("Burglary", 1, "1 verified offence of burglary"),
        ("Drug offence", 12, "12 verified drug offences"),
        ("Property offences", 1, "1 verified property offence"),
        ("Violent offences other than sexual", None, "verified violent offences other than sexual"),
        ("Offences against society", 3, "3 verified offences against society"),
        ("", 3, "3 verified offences in open categories"),
    ],
)
def test_offences_are_said_once(label: str, count: int | None, said: str) -> None:
    assert what(label, count, layer=OFFENCES, officer=True) == said


figures = st.builds(
    Figure,
    coverage=st.sampled_from(COVERAGES),
    count=st.none() | st.integers(0, 10**6),
    residents=st.none() | st.integers(0, 10**6),
    months_reported=st.integers(0, 12),
    rate=st.none() | st.floats(0, 1e6),
    low=st.just(1.0),
    high=st.just(2.0),
    note=st.sampled_from(["", "too few to rate", "no residents", "under 5", "partly reported"]),
)


@given(now=figures, officer=st.booleans(), label=st.sampled_from(["", "Noise", "Theft, damage and fraud"]))
def test_a_call_never_becomes_another_word_and_a_sentence_ends(now: Figure, officer: bool, label: str) -> None:
    said = [
        headline(now, YEAR, "Elm", label, officer=officer),
        map_sentence(YEAR, label, "Vermont", officer=officer),
        state_headline(now, YEAR, "Vermont"),
        trend_sentence([(JULY, now)], "Elm", label, officer=officer),
    ]
    for sentence in said:
        assert sentence.endswith(".")
        assert "  " not in sentence
        assert "None" not in sentence
        assert "crime" not in sentence.lower()
        assert "incident" not in sentence.lower()
    assert short(now)
    assert rate_words(now)


@given(now=figures)
def test_what_is_not_known_never_reads_as_a_number(now: Figure) -> None:
    if now.coverage in ("not covered", "not reported"):
        said = headline(now, YEAR, "Elm")
        assert "That is not zero." in said
        assert "answered" not in said
    if now.coverage in ("not yet", "by county only"):
        said = headline(now, YEAR, "Elm")
        assert "answered" not in said
        assert "is not told" in said
    if now.coverage == "under 5":
        said = headline(now, YEAR, "Elm")
        assert "under 5" in said
        assert "0 to 4, and it is not told which" in said
        assert short(now) == "under 5 calls (0 to 4)"


def test_the_states_are_said_differently() -> None:
    said = {
        state: headline(figure(coverage=state, count=0 if state == "zero" else None), YEAR, "Elm")
        for state in ("zero", *UNTOLD)
    }
    assert len(set(said.values())) == 6
    assert len({COVERAGE_WORDS[s] for s in said}) == 6
    assert len({COVERAGE_MEANING[s] for s in said}) == 6


def test_spans_of_months() -> None:
    assert span(JULY) == "July 2025"
    assert span(YEAR) == "2025"
    across = Period("last-12-months", date(2024, 7, 1), date(2025, 6, 1))
    assert span(across) == "July 2024 to June 2025"
    assert during(across) == "From July 2024 to June 2025"
    assert period_label(across) == "Last 12 months, to June 2025"
    assert period_label(YEAR) == "2025"


@pytest.mark.parametrize(
    ("label", "inside"),
    [("Noise", "noise"), ("DUI", "DUI"), ("K-9 use", "K-9 use"), ("911 hang-up", "911 hang-up"), ("A word", "a word")],
)
def test_a_label_inside_a_sentence(label: str, inside: str) -> None:
    assert lower_first(label) == inside


def test_who_covers_a_town() -> None:
    police = PublicCoverage(
        dataset="d", agency="Elm Police", places=("1",), first_month="2024-01", last_month="2025-12"
    )
    sheriff = police.model_copy(update={"agency": "The Sheriff", "gaps": ("2025-03", "2025-05")})
    assert agency_sentences([police, sheriff], "1", "Elm") == (
        "Elm Police covers Elm in these data from January 2024 to December 2025, without a gap.",
        "The Sheriff covers Elm in these data from January 2024 to December 2025, except for March 2025 and May 2025,"
        " when it sent nothing.",
    )
    assert agency_sentences([police], "2", "Oak") == ("No agency in these data covers Oak.",)


def test_coverage_of_all_towns() -> None:
    said = coverage_counts(["reported", *["not covered"] * 254])
    assert said == ("Of 255 towns, 1 reported calls and 254 are covered by no agency in these data, which is not zero.")
    assert coverage_counts([]) == ""


def test_the_accounting_says_what_is_exact() -> None:
    said = accounting_sentence(Accounting(published=7_123, duplicates=10, quarantined=20))
    assert said.startswith("7,123 rows are published. About 10 were duplicates and about 20 were quarantined")
