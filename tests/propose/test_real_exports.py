"""Two real exports, added with nothing edited by hand."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from candor.portal.keys import write_key
from candor.portal.model import Portal
from candor.portal.schema_model import Schema
from candor.profiles.catalogue import schema_of
from candor.profiles.check import open_portal
from candor.profiles.profile import standard_taxonomy
from candor.propose.proposal import Proposal
from candor.publish.checking import check

pytestmark = pytest.mark.long

TAXONOMY = standard_taxonomy("calls")


@pytest.fixture(scope="module")
def portal(vermont: Path, burlington: Proposal, rutland: Proposal) -> Portal:
    assert burlington.files == ("datasets/burlington-calls.toml", "crosswalks/burlington-calls.csv")
    assert rutland.files == ("datasets/rutland-force.toml",)
    return open_portal(vermont)


def test_each_column_of_burlington_is_what_it_is(portal: Portal) -> None:
    dataset = portal.datasets["burlington-calls"]
    assert {name: mapping.source for name, mapping in dataset.columns.items()} == {
        "incident_number": "incident_number",
        "called_at": "call_time",
        "call_type": "call_type",
        "call_origin": "call_origin",
        "priority": "priority",
        "street": "Street",
        "latitude": "Latitude",
        "longitude": "Longitude",
        "mental_health_related": "mental_health",
        "domestic_related": "dv_related",
    }
    assert dataset.columns["called_at"].format == "iso-offset"
    assert dataset.columns["call_origin"].officer == ("Officer/Radio",)
    assert set(dataset.source.missing) == {"", "NA"}
    assert len(dataset.source.columns) == 21


def test_the_columns_made_from_utc_are_left_out_and_said_to_be(burlington: Proposal) -> None:
    assert {"Hour", "DayOfWeek", "Month", "year"} <= set(burlington.left_out)
    (said,) = [words for words in burlington.unsure if "Hour" in words]
    assert "in UTC (100%), not in local time (0%)" in said
    assert "Hour: called_at decides" in burlington.toml_text


def test_burlington_covers_its_town_and_its_whole_months(portal: Portal, burlington: Proposal) -> None:
    coverage = portal.datasets["burlington-calls"].coverage
    assert coverage is not None
    assert coverage.places == ("5000710675",)
    assert (coverage.first_month, coverage.last_month, coverage.gaps) == ("2022-01", "2022-06", ())
    said = "\n".join(burlington.unsure)
    assert "2021-12, before 2022-01, has few rows beside the other months (13)" in said
    assert "169 of 9,920 points lie outside Burlington" in said


def test_every_call_type_of_burlington_is_in_the_crosswalk_most_common_first(vermont: Path, portal: Portal) -> None:
    entries = portal.crosswalks["burlington-calls.csv"]
    assert len(entries) == 101
    assert "na" not in {e.call_type.lower() for e in entries}
    with (vermont / "crosswalks" / "burlington-calls.csv").open(encoding="utf-8", newline="") as file:
        rows = [int(line["rows"]) for line in csv.DictReader(file)]
    assert rows == sorted(rows, reverse=True)
    assert sum(rows) == 10_830 - 12


@pytest.mark.parametrize(
    ("call_type", "group"),
    [
        ("Domestic Disturbance", "domestic"), ("Domestic Assault - Felony", "domestic"),
        ("Domestic Assault - Misd", "domestic"), ("TRO/FRO Violation", "domestic"), ("TRO/FRO Service", "domestic"),
        ("Stalking", "domestic"), ("Mental Health Issue", "mental-health"), ("Suicide - Attempted", "mental-health"),
        ("Overdose", "overdose"), ("Sexual Assault", "sexual"), ("Voyeurism", "sexual"),
        ("Lewd and Lascivious Conduct", "sexual"), ("Sex Offender Registry Violation", "sexual"),
        ("Juvenile Problem", "juvenile"), ("Runaway", "juvenile"), ("CHINS", "juvenile"),
        ("Cruelty to a Child", "juvenile"), ("Custodial Interference", "juvenile"), ("Untimely Death", "health"),
    ],
)  # fmt: skip
def test_what_is_sensitive_is_proposed_as_sensitive(portal: Portal, call_type: str, group: str) -> None:
    (entry,) = [e for e in portal.crosswalks["burlington-calls.csv"] if e.call_type == call_type]
    category = TAXONOMY[entry.category]
    assert (category.group, category.sensitivity, category.release) == (group, "sensitive", "aggregates")


def test_what_officers_begin_is_proposed_so(portal: Portal) -> None:
    officer = {
        e.call_type
        for e in portal.crosswalks["burlington-calls.csv"]
        if e.category and TAXONOMY[e.category].initiated_by == "officer"
    }
    assert {"Foot Patrol", "Operations", "Background Investigation", "Search Warrant", "Arrest on Warrant"} <= officer
    assert not officer & {"Welfare Check", "Noise", "Alarm", "Assist - Public", "Overdose", "DUI", "Traffic"}


def test_a_type_that_its_words_do_not_tell_is_plainly_unmapped(portal: Portal, burlington: Proposal) -> None:
    unmapped = [e.call_type for e in portal.crosswalks["burlington-calls.csv"] if not e.category]
    assert unmapped == list(burlington.unmapped_types) == ["Prohibited Acts"]
    assert any("Prohibited Acts" in words for words in burlington.unsure)


def test_the_summary_counts(burlington: Proposal) -> None:
    assert "10,830 rows; 10 columns mapped, 11 left out" in burlington.summary
    assert "101 types: 100 mapped to a standard category, 1 not mapped" in burlington.summary
    assert burlington.as_json()["mapped"]["called_at"] == "call_time"


@pytest.fixture(scope="module")
def force(portal: Portal) -> Schema:
    return schema_of(portal.datasets["rutland-force"])


def test_rutlands_columns_have_names_and_types(portal: Portal, force: Schema) -> None:
    sources = {m.source: name for name, m in portal.datasets["rutland-force"].columns.items()}
    assert sources["CASE #"] == "case_number"
    assert sources["Subject  Injured"] == "subject_injured"
    assert sources["Suspected Drug/Alcohol Use"] == "suspected_drug_alcohol_use"
    assert "Unnamed: 21" not in sources
    assert len(sources) == 21
    types = {c.name: c.type for c in force.columns}
    assert types["date"] == "date"
    assert types["officer_age"] == types["subject_age"] == "integer"
    assert types["officer_rank"] == types["force_utilized"] == "category"
    assert force.with_role("key") is None


def test_what_rutland_publishes_is_an_allow_list_with_reasons(force: Schema) -> None:
    assert [c.name for c in force.public_columns] == [
        "officer_rank", "primary_assisting_officer", "date", "force_utilized", "disposition",
    ]  # fmt: skip
    assert [c.name for c in force.columns if not c.publish and not c.reason] == []
    generalised = {c.name: c.generalise for c in force.columns if c.generalise != "none"}
    assert generalised == {"officer_age": "band10", "date": "date", "subject_age": "band10"}


def test_rutlands_labels_that_differ_by_typing_are_one(portal: Portal) -> None:
    labels = portal.datasets["rutland-force"].columns["force_utilized"].labels
    assert labels["Firearm display"] == labels["Firearm Display"] == "Firearms Display"
    assert labels["Empty Hand Control"] == labels["Empty hand controls"] == "Empty Hand Controls"
    assert "Taser Display" not in labels
    assert set(labels) & set(labels.values()) == set()


def test_rutlands_owner_is_told_what_to_look_at(rutland: Proposal) -> None:
    said = "\n".join(rutland.unsure)
    assert "Subject Age: 10 rows are about people under 18" in said
    assert "'Unnamed: 21' is left out" in said
    assert "case_number is not published" in said
    assert rutland.crosswalk_text is None


def test_the_owner_can_publish_the_case_number_as_a_keyed_hash(
    vermont: Path, rutland: Proposal, tmp_path: Path
) -> None:
    assert 'publish = true and generalise = "hash"' in " ".join(rutland.toml_text.replace("# ", "").split())
    portal = tmp_path / "portal"
    (portal / "datasets").mkdir(parents=True)
    write_key(tmp_path / "key")
    config = (vermont / "portal.toml").read_text(encoding="utf-8")
    config = config.replace("[privacy]\n", '[privacy]\nkey_file = "../key"\n')
    (portal / "portal.toml").write_text(config, encoding="utf-8")
    before, _, after = rutland.toml_text.partition('name = "case_number"')
    text = before + 'name = "case_number"' + after.replace("publish = false", 'publish = true\ngeneralise = "hash"', 1)
    (portal / "datasets" / "rutland-force.toml").write_text(text, encoding="utf-8")
    schema = schema_of(open_portal(portal).datasets["rutland-force"])
    assert "case_number" in [c.name for c in schema.public_columns]


def test_check_says_of_each_open_kind_of_burlington_how_much_is_marked(portal: Portal, shared_data: Path) -> None:
    file = shared_data / "burlington_calls" / "calls_2022_h1.csv"
    category = {e.call_type.lower(): e.category for e in portal.crosswalks["burlington-calls.csv"]}
    rows, marked = Counter[str](), Counter[str]()
    with file.open(encoding="utf-8", newline="") as lines:
        for call in csv.DictReader(lines):
            kind = category.get(call["call_type"].lower(), "")
            rows[kind] += 1
            marked[kind] += "1" in (call["mental_health"], call["dv_related"])
    found = check(portal, ["burlington-calls"]).marks
    assert len(found) > 30
    assert sum(line.marked for line in found) > 300
    for line in found:
        assert (line.rows, line.marked) == (rows[line.category], marked[line.category]), line.category
        if line.by == "kind":
            assert (line.closed is not None) is (marked[line.category] > 0.2 * rows[line.category])
    few = [line for line in found if line.by == "group"]
    assert few
    assert all(line.rows < 40 for line in few)
