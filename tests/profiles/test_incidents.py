"""Incident reports: a file of a city's offences becomes a portal of its own, or one beside calls."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from candor.profiles.catalogue import standard_schemas
from candor.profiles.profile import standard_taxonomy
from candor.propose.crosswalk import match_types
from candor.propose.kinds import matched_by
from candor.propose.words import tokens

INCIDENTS, CALLS = standard_taxonomy("incidents"), standard_taxonomy("calls")

# The groups of the FBI's NIBRS user manual, as records systems write them.
NIBRS = """
Murder & Nonnegligent Manslaughter|homicide
Negligent Manslaughter|homicide
Kidnapping/Abduction|kidnapping
Rape|sexual-assault
Sodomy|sexual-assault
Sexual Assault With An Object|sexual-assault
Fondling|sexual-assault
Incest|sexual-assault
Statutory Rape|sexual-assault
Robbery|robbery
Aggravated Assault|aggravated-assault
Simple Assault|simple-assault
Intimidation|intimidation
Arson|arson
Extortion/Blackmail|intimidation
Burglary/Breaking & Entering|burglary
Pocket-picking|theft
Purse-snatching|theft
Shoplifting|shoplifting
Theft From Building|theft
Theft From Coin-Operated Machine or Device|theft
Theft From Motor Vehicle|theft-from-vehicle
Theft of Motor Vehicle Parts or Accessories|theft-from-vehicle
All Other Larceny|theft
Motor Vehicle Theft|motor-vehicle-theft
Counterfeiting/Forgery|fraud
False Pretenses/Swindle/Confidence Game|fraud
Credit Card/Automated Teller Machine Fraud|fraud
Impersonation|fraud
Wire Fraud|fraud
Identity Theft|fraud
Embezzlement|fraud
Bribery|fraud
Stolen Property Offenses|stolen-property
Destruction/Damage/Vandalism of Property|vandalism
Drug/Narcotic Violations|drug-offence
Drug Equipment Violations|drug-offence
Betting/Wagering|gambling
Gambling Equipment Violation|gambling
Pornography/Obscene Material|sexual-exploitation
Prostitution|sexual-exploitation
Human Trafficking, Commercial Sex Acts|sexual-exploitation
Weapon Law Violations|weapon-offence
Animal Cruelty|animal-cruelty
Driving Under the Influence|impaired-driving
Disorderly Conduct|disorderly-conduct
Drunkenness|liquor-offence
Liquor Law Violations|liquor-offence
Trespass of Real Property|trespass
Family Offenses, Nonviolent|domestic-violence
Peeping Tom|indecency
Runaway|runaway
All Other Offenses|other-offence
""".strip().splitlines()


@pytest.mark.parametrize("line", NIBRS)
def test_the_groups_of_nibrs_are_found_by_their_names(line: str) -> None:
    name, _, category = line.partition("|")
    found = [match_types([(written, 1)], matched_by("incident_reports"))[0] for written in (name, name.upper())]
    assert [m.category for m in found] == [category, category], found


def test_every_kind_of_call_has_its_kind_of_report() -> None:
    """So that what is known of the words of calls is known of those of reports: each kind once, as open as there."""
    of = [slug for c in INCIDENTS.categories for slug in c.call_categories]
    assert sorted(of) == sorted(set(CALLS.slugs) - {"unmapped", "marked-sensitive"})
    for category in INCIDENTS.categories:
        assert {CALLS[slug].sensitivity for slug in category.call_categories} <= {category.sensitivity}, category.slug


def test_sensitive_kinds_are_withheld_with_their_reason() -> None:
    kept = [c for c in INCIDENTS.categories if c.sensitivity == "sensitive"]
    assert all(c.release == "withheld" and c.reason for c in kept)
    by_group: dict[str, set[str]] = {}
    for category in INCIDENTS.categories:
        by_group.setdefault(category.group, set()).add(category.sensitivity)
    assert all(len(kinds) == 1 for kinds in by_group.values())


def test_a_phrase_belongs_to_one_kind() -> None:
    owners: dict[frozenset[str], set[str]] = {}
    for category in INCIDENTS.categories:
        for phrase in category.words:
            owners.setdefault(frozenset(tokens(phrase)), set()).add(category.slug)
    assert {" ".join(sorted(p)): sorted(o) for p, o in owners.items() if len(o) > 1} == {}


def test_what_is_published_of_a_row_is_the_allow_list() -> None:
    schema = standard_schemas()["incident_reports"]
    assert [c.name for c in schema.public_columns] == [
        "occurred_at", "offence_type", "month", "category", "category_group", "agency", "geoid", "town", "county",
        "placed_by", "area",
    ]  # fmt: skip
    assert [c.name for c in schema.columns if not c.publish and not c.reason] == []
    synonyms = [s for c in schema.columns for s in c.synonyms]
    assert len(set(synonyms)) == len(synonyms)


def write(path: Path, header: list[str], rows: list[list[object]]) -> Path:
    """A CSV file of these rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path
