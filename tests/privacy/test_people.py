"""What a column tells of persons, by its header and by its values."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from candor.privacy.people.columns import tells_of_persons
from candor.privacy.people.names import address, full_name, person
from candor.privacy.people.values import Values, young

CASES: dict[str, Any] = tomllib.loads((Path(__file__).parent / "cases" / "people.toml").read_text(encoding="utf-8"))


def parts(text: str) -> list[str]:
    return text.replace("\n", "").split("|")


def values(labels: list[str], rows: int = 3) -> Values:
    return Values([(label, rows) for label in labels], rows * len(labels), len(labels))


@pytest.mark.parametrize("text", parts(CASES["persons"]))
def test_names_of_persons(text: str) -> None:
    assert person(text) == "sure"


@pytest.mark.parametrize("text", parts(CASES["nobody"]))
def test_labels_that_name_nobody(text: str) -> None:
    assert not full_name(text)
    assert person(text) != "sure"


def test_addresses() -> None:
    assert [text for text in parts(CASES["addresses"]) if not address(text)] == []
    assert [text for text in parts(CASES["no_addresses"]) if address(text)] == []


@pytest.mark.parametrize(
    ("told", "header"), [(told, one) for told, some in CASES["headers"].items() for one in parts(some)]
)
def test_headers_tell(told: str, header: str) -> None:
    found = tells_of_persons([header], None)
    assert found is not None
    assert (found.fact.name, found.by) == (told, "header")


@pytest.mark.parametrize("header", parts(CASES["plain_headers"]))
def test_headers_that_tell_nothing(header: str) -> None:
    assert tells_of_persons([header], None) is None


@pytest.mark.parametrize(("told", "labels"), [(told, one) for told, some in CASES["values"].items() for one in some])
def test_values_tell_whatever_the_header_says(told: str, labels: str) -> None:
    found = tells_of_persons(["Col 7"], values(parts(labels)))
    assert found is not None
    assert (found.fact.name, found.by) == (told, "values")


@pytest.mark.parametrize(
    ("told", "labels"),
    [
        ("age", [str(n) for n in range(14, 70)]),
        ("record", [f"24-{n:06}" for n in range(3100, 3140)]),
        ("record", [f"{'ABCDEFGH'[n % 8]}KX{n * 7 % 900 + 100}" for n in range(30)]),
    ],
)
def test_numbers_of_persons_and_of_records_tell_themselves(told: str, labels: list[str]) -> None:
    found = tells_of_persons(["Col 7"], values(labels, rows=1))
    assert found is not None
    assert (found.fact.name, found.by) == (told, "values")


@pytest.mark.parametrize("labels", CASES["plain_values"])
def test_values_that_tell_nothing(labels: str) -> None:
    assert tells_of_persons(["Col 7"], values(parts(labels))) is None


def test_what_a_header_says_of_staff_is_weighed_by_the_values() -> None:
    assert tells_of_persons(["Primary/Assisting Officer"], values(["Primary", "Assisting"])) is None
    assert tells_of_persons(["Officers on scene"], values(["1", "2", "3", "4"])) is None
    assert tells_of_persons(["Unit"], values(["Patrol", "Detectives", "Traffic"])) is None
    named = tells_of_persons(["Unit"], values(["BENOIT", "KOWALSKI", "REYES"]))
    assert named is not None
    assert (named.fact.name, named.by) == ("staff", "values")


def test_places_are_nobody() -> None:
    towns = values(["Brandon", "Fletcher", "Barton", "Benson", "Kowalski"])
    assert tells_of_persons(["Community"], towns) is None
    assert tells_of_persons(["Col 7"], towns, {"brandon", "fletcher", "barton", "benson"}) is None
    assert tells_of_persons(["Col 7"], towns) is not None


def test_the_young_are_counted() -> None:
    ages = [("12", 2), ("17", 1), ("18", 5), ("44", 1)]
    assert (young(ages, numbers=True), young(ages, numbers=False)) == (3, 0)
    groups = [("Juvenile", 4), ("Under 18", 2), ("18-25", 3), ("65 and over", 1), ("10-17", 1), ("Minor injury", 7)]
    assert young(groups, numbers=False) == 7
