"""Call types and the categories proposed for them; `call_types.csv` holds the cases."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.errors import Problem
from candor.portal.crosswalks import read_crosswalk
from candor.profiles.profile import standard_taxonomy
from candor.propose.crosswalk import crosswalk_text, match_types
from candor.propose.words import tokens

TAXONOMY = standard_taxonomy("calls")
with (Path(__file__).parent / "call_types.csv").open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))
# What METHODS.md calls sensitive, in single words that no open category is about.
SENSITIVE = ["overdose", "suicide", "sexual", "juvenile", "domestic", "mental", "child", "runaway"]
OPEN = [w for c in TAXONOMY.categories if c.sensitivity == "open" for w in c.words]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["call_type"]))
def test_a_call_type_is_matched(case: dict[str, str]) -> None:
    (match,) = match_types([(case["call_type"], 1)], TAXONOMY)
    assert match.category == case["category"], match.note
    assert match.category or match.note, "what is not mapped says why"


@given(st.sampled_from(OPEN), st.sampled_from(SENSITIVE), st.booleans())
def test_a_type_with_a_sensitive_word_is_never_proposed_as_open(phrase: str, word: str, first: bool) -> None:
    call_type = f"{word} - {phrase}" if first else f"{phrase}, {word}"
    (match,) = match_types([(call_type, 1)], TAXONOMY)
    known = any(word in tokens(w) and set(tokens(w)) <= set(tokens(call_type)) for w in OPEN)
    assert known or not match.category or TAXONOMY[match.category].sensitivity == "sensitive"


def test_no_phrase_of_an_open_category_has_such_a_word() -> None:
    assert [w for w in OPEN if set(tokens(w)) & set(SENSITIVE)] == ["child support"]


@given(st.lists(st.text(min_size=1, max_size=40), max_size=8))
def test_any_text_can_be_a_call_type(types: list[str]) -> None:
    matches = match_types(((t, 1) for t in types), TAXONOMY)
    assert [m.call_type for m in matches] == types
    assert {m.category for m in matches} <= {*TAXONOMY.slugs, ""}


def test_the_crosswalk_that_is_written_is_read_again(tmp_path: Path) -> None:
    types = [('Crash, with "quotes"', 7), ("Noise", 3), ("=HYPERLINK(1)", 1)]
    text = crosswalk_text(match_types(types, TAXONOMY))
    assert [int(row["rows"]) for row in csv.DictReader(io.StringIO(text))] == [7, 3, 1]
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    entries = read_crosswalk(path, "crosswalks/a.csv", problems)
    assert problems == []
    assert [e.call_type for e in entries] == [t for t, _ in types]
