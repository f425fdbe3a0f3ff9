"""One rule for names, the same in Python and in the engine; and what the rule may join and may not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candor.places.names import alias_table, normalise_name, normalised, plain_name, search_names
from candor.places.pack import ALIASES_SCHEMA, PLACES_SCHEMA, PlacesPack


def _engine(names: list[str | None]) -> list[str | None]:
    backend = ibis.duckdb.connect()
    table = ibis.memtable(pa.table({"row": list(range(len(names))), "name": pa.array(names, pa.string())}))
    expression = table.select("row", alias=normalised(table["name"])).order_by("row")
    found: list[str | None] = backend.to_pyarrow(expression)["alias"].to_pylist()
    backend.disconnect()
    return found


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("St. Albans", "SAINT ALBANS"),
        ("SAINT  ALBANS", "SAINT ALBANS"),
        ("St.Johnsbury", "SAINT JOHNSBURY"),
        ("E. St. Johnsbury", "EAST SAINT JOHNSBURY"),
        ("Mt. Tabor", "MOUNT TABOR"),
        ("No. Hero", "NORTH HERO"),
        ("N. Bennington", "NORTH BENNINGTON"),
        ("so burlington", "SOUTH BURLINGTON"),
        ("W Rutland", "WEST RUTLAND"),
        ("Avery's Gore", "AVERYS GORE"),
        ("Avery’s Gore", "AVERYS GORE"),
        ("Essex Jct.", "ESSEX JUNCTION"),
        ("Waterbury Ctr", "WATERBURY CENTER"),
        ("Burlington 05401", "BURLINGTON"),
        ("Burlington 05401-1234", "BURLINGTON"),
        ("Montréal", "MONTREAL"),
        ("\tStowe\r\n", "STOWE"),
        ("Main St", "MAIN ST"),
        ("  ", ""),
        ("---", ""),
        ("東京", ""),
    ],
)
def test_the_rule(written: str, compared: str) -> None:
    assert normalise_name(written) == compared
    assert _engine([written]) == [compared]


def test_city_and_town_stay_two() -> None:
    assert normalise_name("Rutland City") != normalise_name("Rutland Town")


def test_nothing_stays_nothing() -> None:
    assert _engine([None, ""]) == [None, ""]


words = st.sampled_from(["ST", "St.", "MT", "NO", "N", "S.", "E", "JCT", "CTR", "05401", "-1234", "'", "Rutland", "VT"])
written = st.one_of(st.text(st.characters(max_codepoint=127), max_size=30), st.lists(words, max_size=6).map(" ".join))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(written, st.text(max_size=12)), min_size=1, max_size=40))
def test_python_and_engine_agree(names: list[str]) -> None:
    # A character without a meaning of its own (half a surrogate pair) is in no file that was read as text.
    names = [n.encode("utf-8", "ignore").decode() for n in names]
    assert _engine(list(names)) == [normalise_name(n) for n in names]


@settings(deadline=None)
@given(written)
def test_the_rule_leaves_only_plain_words(name: str) -> None:
    compared = normalise_name(name)
    assert compared == " ".join(compared.split())
    assert all(c.isascii() and (c.isupper() or c.isdigit() or c == " ") for c in compared)


def test_all_names_of_vermont_agree(shared_data: Path) -> None:
    file = json.loads((shared_data / "vermont_places/town_aliases.json").read_text(encoding="utf-8"))
    names = [*file["towns"], *file["aliases"]]
    assert len(names) > 5000
    assert _engine(list(names)) == [normalise_name(n) for n in names]


@pytest.mark.parametrize("dialect", ["duckdb", "pyspark"])
def test_the_rule_can_be_said_in_both_engines(dialect: str) -> None:
    table = ibis.table({"name": "string"}, name="t")
    text = str(ibis.to_sql(table.select(alias=normalised(table["name"])), dialect=dialect))
    # A backslash is read differently by the two: as an escape in the text, in the pattern, or in both.
    assert "\\" not in text.replace("\\'", "")
    assert "REGEXP_REPLACE" in text


@pytest.mark.parametrize(
    ("full", "plain"),
    [
        ("Milton town", "Milton"),
        ("Rutland city", "Rutland"),
        ("Avery's gore", "Avery's gore"),
        ("Jersey City city", "Jersey City"),
        ("Oklahoma City", "Oklahoma City"),
        ("Essex Junction", "Essex Junction"),
    ],
)
def test_plain_names(full: str, plain: str) -> None:
    assert plain_name(full) == plain


def _pack(places: Iterable[tuple[str, str, str]], aliases: Iterable[tuple[str, str]]) -> PlacesPack:
    rows = [
        dict(zip(PLACES_SCHEMA.names, (geoid, name, full, "Alpha", 1, 1, 0.0, 0.0), strict=True))
        for geoid, name, full in places
    ]
    return PlacesPack(
        title="", source="", year=2020, schematic=False, note="", boundaries=[],
        places=pa.Table.from_pylist(rows, schema=PLACES_SCHEMA),
        aliases=pa.Table.from_pylist([{"alias": a, "geoid": g} for a, g in aliases], schema=ALIASES_SCHEMA),
    )  # fmt: skip


PLACES = (
    ("5000100001", "Rutland city", "Rutland city"),
    ("5000100002", "Rutland town", "Rutland town"),
    ("5000100003", "Milton", "Milton town"),
    ("5000100004", "Windham", "Windham town"),
)


def _lookup(pack: PlacesPack) -> dict[str, tuple[str | None, bool]]:
    table = alias_table(pack).to_pylist()
    assert len({row["alias"] for row in table}) == len(table), "a join on the alias may not multiply rows"
    return {row["alias"]: (row["geoid"], row["ambiguous"]) for row in table}


def test_official_names_without_any_alias() -> None:
    found = _lookup(_pack(PLACES, []))
    assert found["RUTLAND CITY"] == found["CITY OF RUTLAND"] == ("5000100001", False)
    assert found["RUTLAND TOWN"] == ("5000100002", False)
    assert found["RUTLAND"] == (None, True)
    assert found["MILTON"] == found["MILTON VT"] == found["MILTON VERMONT"] == ("5000100003", False)
    assert "MILTON CITY" not in found
    assert "MILTON NY" not in found


def test_an_official_name_beats_an_alias() -> None:
    found = _lookup(_pack(PLACES, [("Windham", "5000100003"), ("Old Milton", "5000100003")]))
    assert found["WINDHAM"] == ("5000100004", False)
    assert found["OLD MILTON"] == ("5000100003", False)


def test_what_the_file_calls_ambiguous_is_so_even_for_an_official_name() -> None:
    found = _lookup(_pack(PLACES, [("WINDHAM", "5000100003"), ("WINDHAM", "5000100004")]))
    assert found["WINDHAM"] == found["WINDHAM VT"] == (None, True)


def test_a_meaning_outside_the_pack_makes_a_name_ambiguous() -> None:
    found = _lookup(_pack(PLACES, [("MILL VILLAGE", ""), ("MILL VILLAGE", "5000100004"), ("AFAR", "")]))
    assert found["MILL VILLAGE"] == (None, True)
    assert found["AFAR"] == (None, True)


def test_a_name_with_the_state_that_is_a_name_of_its_own() -> None:
    found = _lookup(_pack(PLACES, [("FORKS", "5000100003"), ("FORKS VT", "5000100004")]))
    assert found["FORKS VT"] == ("5000100004", False)
    assert found["FORKS VERMONT"] == ("5000100003", False)


def test_names_for_the_search() -> None:
    pack = _pack(PLACES, [("THE FORKS", "5000100003"), ("THE FORKS", "5000100004"), ("AFAR", "")])
    found = [(r["name"], r["geoid"]) for r in search_names(pack).to_pylist()]
    assert ("The Forks", "5000100003") in found
    assert ("The Forks", "5000100004") in found
    assert ("Milton town", "5000100003") in found
    assert len(found) == len(set(found))
    assert "Afar" not in {name for name, _ in found}
