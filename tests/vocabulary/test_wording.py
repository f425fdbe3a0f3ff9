"""What is written of towns of a state is said of any other places: whole sentences, articles, and no name touched."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import candor
from candor.vocabulary.nouns import TOWNS, Nouns, nouns_of
from candor.vocabulary.wording import Wording, phrases

BEATS = Nouns("beat", "beats", "the city", "", "")
AREAS = Nouns("area", "areas", "London", "borough", "boroughs")

SAID = {
    "A town beside the rest of the state.": (
        "A beat beside the rest of the city.",
        "An area beside the rest of London.",
    ),
    "The state’s figure is of the towns that reported; Towns are drawn.": (
        "The city’s figure is of the beats that reported; Beats are drawn.",
        "London’s figure is of the areas that reported; Areas are drawn.",
    ),
    "in the whole state, by\ncounty": ("in the whole city, by\ngroup", "in all of London, by\nborough"),
    "for counties and the\nstate alone": ("for the city alone", "for boroughs and London alone"),
    "Find a town or village": ("Find a beat", "Find an area"),
    "calls-by-town, towns_low, /places/town.csv, `town`": (
        "calls-by-town, towns_low, /places/town.csv, `town`",
        "calls-by-town, towns_low, /places/town.csv, `town`",
    ),
    "Downtown and the United States": ("Downtown and the United States", "Downtown and the United States"),
    "'TOWN ORDINANCE' (3 rows)": ("'TOWN ORDINANCE' (3 rows)", "'TOWN ORDINANCE' (3 rows)"),
}


@pytest.mark.parametrize("written", SAID)
def test_sentences_in_other_nouns(written: str) -> None:
    assert (Wording(BEATS).say(written), Wording(AREAS).say(written)) == SAID[written]
    assert Wording(TOWNS).say(written) == written


def test_names_are_nobodys_nouns() -> None:
    wording = Wording(BEATS, ["Old town", "State Street", "County Line", "Old town hill"])
    text = "Old town hill and Old town: a town beside State Street, County Line and the state. Cold town."
    said = "Old town hill and Old town: a beat beside State Street, County Line and the city. Cold beat."
    assert wording.say(text) == said


@given(st.lists(st.sampled_from([*SAID, "Old town", "the state", "a town", "x"]), max_size=5).map(" ".join))
def test_what_is_said_once_is_said(text: str) -> None:
    wording = Wording(BEATS, ["Old town"])
    assert wording.say(wording.say(text)) == wording.say(text)


@pytest.mark.parametrize(
    ("declared", "pack", "grouped", "found"),
    [
        (Nouns("", "", "", "", ""), None, True, TOWNS),
        (Nouns("", "", "", "", ""), None, False, TOWNS),
        (Nouns("", "", "", "", ""), ("ward", "wards"), False, Nouns("ward", "wards", "the city", "", "")),
        (Nouns("parish", "", "", "", ""), None, True, Nouns("parish", "parishes", "the city", "county", "counties")),
        (
            Nouns("", "", "Leeds", "borough", ""),
            ("ward", "wards"),
            True,
            Nouns("ward", "wards", "Leeds", "borough", "boroughs"),
        ),
    ],
)
def test_whose_word_counts(declared: Nouns, pack: tuple[str, str] | None, grouped: bool, found: Nouns) -> None:
    assert nouns_of(declared, pack, grouped=grouped) == found


def test_every_phrase_of_the_catalogue_is_written_somewhere() -> None:
    root = Path(candor.__file__).parent
    files = chain.from_iterable(root.rglob(f"*.{end}") for end in ("py", "html", "md", "toml"))
    texts = [p.read_text(encoding="utf-8") for p in files if p.name != "wording.toml"]
    # Python joins texts that stand on lines of their own.
    all_of_it = re.sub(r"\s+", " ", " ".join(re.sub(r"\"\s*\n\s*f?\"", "", text) for text in texts))
    gone = [p for p in phrases() if p.strip() not in all_of_it and not p.startswith(("Level is", "A town or"))]
    assert not gone, "no text of the product says this any more: " + "; ".join(gone)
