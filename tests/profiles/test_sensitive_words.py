"""Call types that sound sensitive: found as dispatch systems write them, and open ones left alone."""

from __future__ import annotations

import csv
import io
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest

from candor.profiles.profile import standard_taxonomy
from candor.profiles.sensitive_words import sensitive_word
from candor.propose.crosswalk import match_types

TAXONOMY = standard_taxonomy("calls")
FOUND = {
    "Overdose": "overdose", "OD": "overdose", "10-52 O.D. / OD-FATAL": "overdose", "NARCAN ADMIN": "overdose",
    "Suicidal female": "suicide", "SUICIDE-ATT": "suicide", "Threat to self harm": "suicide",
    "Jumper on bridge": "suicide",
    "SexualAssault": "sexual", "SEX OFF REG": "sexual", "Rapes": "sexual", "LEWD CONDUCT": "sexual",
    "SEXASLT": "sexual", "Human Trafficking": "sexual", "JUVENILE PROB": "child", "Juv Comp": "child",
    "JUVPROB": "child", "CHINS": "child", "Missing Child": "child", "Minor in possession": "child", "Runaways": "child",
    "Domestic - verbal": "home", "DV": "home", "DV_ASSAULT": "home", "DOM DIST": "home", "Family Fight": "home",
    "TRO/FRO Violation": "home", "Stalking": "home", "Girlfriend's threats": "home", "PSYCH": "mental",
    "MHU co-response": "mental", "EDP": "mental", "Mental Health Issue": "mental", "5150 eval": "mental",
    "Emotionally Disturbed Person": "mental", "Mentally ill": "mental",
}  # fmt: skip
LEFT = [
    "Noise", "Child support", "Minor accident", "MINOR CRASH - NO INJ", "Essex Rd traffic stop", "Middlesex detail",
    "Oddity", "Modem found", "Kidnapping", "Domestic animal at large", "Jumper cables stolen", "Condominium alarm",
    "Fundamental misuse", "Department assist", "Grapevine damage", "Dvorak Lane noise", "Custody arrest",
    "Carbon Monoxide poisoning", "Environmental hazard", "Departmental vehicle", "School patrol", "Drug trafficking",
]  # fmt: skip


@pytest.mark.parametrize(("call_type", "of"), FOUND.items(), ids=lambda value: value)
def test_a_sensitive_call_type_is_found(call_type: str, of: str) -> None:
    found = sensitive_word(call_type)
    assert found is not None
    assert of in found[1]


@pytest.mark.parametrize("call_type", LEFT)
def test_what_only_looks_like_it_is_left_alone(call_type: str) -> None:
    assert sensitive_word(call_type) is None


def test_no_phrase_of_an_open_category_is_found_and_most_of_the_sensitive_ones_are() -> None:
    guarded = ("domestic", "sexual", "juvenile", "mental-health", "overdose")
    opened = [w for c in TAXONOMY.categories if c.sensitivity == "open" for w in c.words]
    sensitive = [w for c in TAXONOMY.categories if c.group in guarded for w in c.words]
    assert len(opened) > 1_000
    assert [w for w in opened if sensitive_word(w)] == []
    assert sum(sensitive_word(w) is not None for w in sensitive) > 0.85 * len(sensitive)


def stopped(types: set[str]) -> list[str]:
    """Types that their words alone would have put into an open category, and that a proposal takes for sensitive."""
    matches = match_types(((t, 1) for t in sorted(types)), TAXONOMY)
    return [m.call_type for m in matches if "sounds like" in m.why]


def test_a_proposal_is_never_one_that_a_release_is_refused_for() -> None:
    types = [f"{phrase} {word}" for c in TAXONOMY.categories if c.sensitivity == "open" for phrase in c.words[:6]
             for word in ("OD", "psych", "JUV", "poison", "rapist", "MHU")]  # fmt: skip
    for match in match_types(((t, 1) for t in types), TAXONOMY):
        if match.category and TAXONOMY[match.category].sensitivity == "open":
            assert sensitive_word(match.call_type) is None, match
    (heard,) = match_types([("Traffic hazard rapist", 1)], TAXONOMY)
    assert (heard.category, heard.certainty) == ("sexual-assault", "unsure")


def test_no_open_call_type_of_the_demo_or_of_the_cases_is_stopped() -> None:
    text = files("candor.demo").joinpath("local_types.csv").read_text(encoding="utf-8")
    lines = [(r["local_type"], r["category"]) for r in csv.DictReader(text.splitlines())]
    with (Path(__file__).parents[1] / "propose" / "call_types.csv").open(encoding="utf-8", newline="") as file:
        lines += [(r["call_type"], r["category"]) for r in csv.DictReader(file)]
    found = [t for t, slug in lines if slug and TAXONOMY[slug].sensitivity == "open" and sensitive_word(t)]
    assert found == []


def test_no_real_call_type_is_stopped_that_is_open(shared_data: Path) -> None:
    with (shared_data / "burlington_calls" / "calls_2022_h1.csv").open(encoding="utf-8", newline="") as file:
        burlington = {r["call_type"] for r in csv.DictReader(file)}
    with zipfile.ZipFile(shared_data / "montgomery_911" / "calls.zip") as archive:
        name = next(n for n in archive.namelist() if n.endswith(".csv"))
        montgomery = {r["title"] for r in csv.DictReader(io.TextIOWrapper(archive.open(name), "utf-8"))}
    apco = shared_data / "call_types" / "apco_common_incident_types_2.103.2-2019.csv"
    with apco.open(encoding="utf-8-sig", newline="") as file:
        standard = {r["description"] for r in csv.DictReader(file)}
    assert min(len(burlington), len(montgomery), len(standard)) > 90
    assert stopped(burlington | montgomery | standard) == []
    assert {"Overdose", "Domestic Disturbance", "Mental Health Issue", "CHINS"} <= {
        t for t in burlington if sensitive_word(t)
    }
