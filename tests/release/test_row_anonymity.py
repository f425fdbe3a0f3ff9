"""Rows published end to end: as alike as promised, refused where they are not, and published as proposed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.release.conftest import SmallPortal
from tests.release.own_rows import (
    PEOPLE,
    PERSON,
    add,
    agrees_with_pycanon,
    column,
    nothing_published,
    opened,
    patched,
    version,
    with_key,
)
from tests.release.test_newcomer import candor

from candor.errors import DataError, PortalError


def test_below_the_declared_k_nothing_is_published_and_the_proposal_mends_it(portal: SmallPortal) -> None:
    promise = '\n# Our promise.\n[anonymity]\nk = 5\nsensitive = ["force"]\nl = 2\n'
    add(portal, "people", PERSON, PEOPLE, rest=promise)
    with pytest.raises(DataError) as raised:
        portal.publish()
    assert nothing_published(portal)
    said = str(raised.value)
    assert re.search(r"people: k = 1: \d+ rows are like fewer than 4 others", said)
    assert "k = 5 and l = 2, as datasets/people.toml declares" in said
    assert "Nothing was published" in said
    file = portal.root / "datasets" / "people.toml"
    file.write_text(patched(file.read_text(encoding="utf-8"), said), encoding="utf-8")
    assert "# Our promise." in file.read_text(encoding="utf-8")
    portal.publish()
    kept = version(portal, "people").anonymity
    assert kept is not None
    assert kept.promised
    assert kept.holds
    assert (kept.asked_k, kept.asked_l, kept.rows, kept.below, kept.share_below) == (5, 2, 60, 0, 0.0)
    assert kept.k >= 5
    assert kept.l["force"] == 2
    agrees_with_pycanon(portal, "people")


def test_without_a_promise_rows_are_measured_and_published(portal: SmallPortal) -> None:
    add(portal, "people", PERSON, PEOPLE, rest=opened("age", "sex"))
    (found,) = portal.check().measured
    assert nothing_published(portal)
    assert (found.refusal, found.anonymity.promised, found.anonymity.k) == (None, False, 1)
    portal.publish()
    # A check measures the rows as they are; published, they say their time as coarsely as their number asks for.
    published = version(portal, "people").anonymity
    assert published is not None
    assert published.quasi == found.anonymity.quasi
    assert {r["day_precision"] for r in portal.public("people").to_pylist()} <= {"date", "week", "month"}
    agrees_with_pycanon(portal, "people")


def test_only_the_named_columns_are_measured_and_what_is_left_out_is_said(portal: SmallPortal) -> None:
    add(portal, "people", PERSON, PEOPLE, rest='\n[anonymity]\nk = 10\nquasi = ["sex"]\n' + opened("age"))
    portal.publish()
    kept = version(portal, "people").anonymity
    assert kept is not None
    assert (kept.quasi, kept.not_measured, kept.k) == (("sex",), ("age", "day"), 15)
    agrees_with_pycanon(portal, "people")


def test_rows_without_quasi_identifiers_are_not_measured(portal: SmallPortal) -> None:
    add(portal, "people", [column("force", "category", "none", disclosure="open")], PEOPLE)
    assert portal.publish().measured == []
    assert version(portal, "people").anonymity is None


def test_few_rows_that_stand_alone_are_withheld_where_the_file_allows_it(portal: SmallPortal) -> None:
    csv = "sex,force\n" + "M,hands\nM,taser\n" * 30 + "F,hands\n" * 2 + ",taser\n"
    columns = [column("sex", "category", "none"), column("force", "category", "none", disclosure="open")]
    add(portal, "people", columns, csv, rest="\n[anonymity]\nk = 5\nwithhold = 0.04\n")
    with pytest.raises(DataError, match=r"k = 1: 3 rows are like fewer than 4 others.*sex not published"):
        portal.publish()
    assert nothing_published(portal)
    portal.replace("withhold = 0.04", "withhold = 0.05", "datasets/people.toml")
    (accounted,) = portal.publish().accounted
    assert accounted.sums == {"read": 63, "published": 60, "duplicates": 0, "quarantined": 0, "withheld": 3}
    published = version(portal, "people")
    assert published.rows == 60
    assert published.accounting is not None
    # Inside it is said why, and how many; in public how many rows are withheld is told of all years, rounded.
    assert [(o.reason, o.rows) for o in accounted.outcomes if o.outcome == "withheld"] == [
        ("too few other rows are like it: a person could be found by it", 3)
    ]
    assert published.accounting.reasons == ()
    assert set(portal.public("people")["sex"].to_pylist()) == {"M"}
    agrees_with_pycanon(portal, "people")
    # Groups that say all the same go as well, where l asks for it.
    csv += "X,hands\n" * 5
    rest = '\n[anonymity]\nk = 5\nsensitive = ["force"]\nl = 2\nwithhold = 0.2\n'
    add(portal, "people", columns, csv, rest=rest)
    (accounted,) = portal.publish().accounted
    assert accounted.sums["withheld"] == 8


def test_rows_that_are_counted_are_not_withheld_for_standing_alone(portal: SmallPortal) -> None:
    file = portal.root / "datasets" / "alder-calls.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n[anonymity]\nwithhold = 0.1\n", encoding="utf-8")
    with pytest.raises(PortalError, match=r"withhold = 0\.1 for rows that are counted as well"):
        portal.open()


def test_a_k_that_no_change_reaches_is_told(portal: SmallPortal) -> None:
    add(portal, "people", [p for p in PERSON if '"day"' not in p and "'day'" not in p], PEOPLE,
        rest="\n[anonymity]\nk = 61\n")  # fmt: skip
    (found,) = portal.check().measured
    assert "No generalisation of age, sex reaches k = 61: there are 60 rows" in str(found.refusal)
    with pytest.raises(DataError, match="publish counts"):
        portal.publish()
    assert nothing_published(portal)


@pytest.mark.parametrize(
    ("declared", "where", "told"),
    [
        ('quasi = ["ages"]', "anonymity.quasi.0", "the column 'ages'"),
        ('sensitive = ["forces"]', "anonymity.sensitive.0", "the column 'forces'"),
        ('quasi = ["sex"]\nsensitive = ["sex"]', "anonymity.sensitive", "sex among both quasi and sensitive"),
        ("l = 2", "anonymity.l", "l = 2 and no sensitive column"),
        ("k = 1", "anonymity.k", "the number 1"),
        ("withhold = 0.6", "anonymity.withhold", "the number 0.6"),
    ],
)
def test_a_wrong_promise_is_one_problem(portal: SmallPortal, declared: str, where: str, told: str) -> None:
    add(portal, "people", PERSON, PEOPLE, rest=f"\n[anonymity]\n{declared}\n")
    with pytest.raises(PortalError) as raised:
        portal.open()
    (problem,) = raised.value.problems
    assert problem.where.endswith(where)
    assert told in problem.found


def test_a_town_becomes_its_county_where_that_reaches_k(portal: SmallPortal) -> None:
    towns = ["Birch"] * 2 + ["Cedar"] * 3 + ["Alder"] * 6
    csv = "town,sex\n" + "".join(f"{t},M\n" for t in towns)
    place = column("place", "category", "town", "town", role="place")
    add(portal, "stops", [place, column("sex", "category", "none")], csv, rest="\n[anonymity]\nk = 5\n")
    with pytest.raises(DataError, match="place: its county instead of its town") as raised:
        portal.publish()
    file = portal.root / "datasets" / "stops.toml"
    file.write_text(patched(file.read_text(encoding="utf-8"), str(raised.value)), encoding="utf-8")
    portal.publish()
    assert set(portal.public("stops")["place"].to_pylist()) == {"Tree"}


def test_a_check_tells_every_refusal(portal: SmallPortal) -> None:
    for name in ("people", "persons"):
        add(portal, name, PERSON, PEOPLE, rest="\n[anonymity]\n")
    refused = candor("check", "--portal", "portal", cwd=portal.root.parent)
    assert refused.returncode == 1
    assert "+++ b/datasets/people.toml" in refused.stderr
    assert "+++ b/datasets/persons.toml" in refused.stderr


def test_the_commands_tell_how_alike_the_rows_are(portal: SmallPortal) -> None:
    home = portal.root.parent
    add(portal, "people", PERSON, PEOPLE, rest=opened("age", "sex"))
    told = candor("check", "--portal", "portal", cwd=home)
    assert told.returncode == 0, told.stderr
    assert "people: how alike public rows are in age, sex, day" in told.stdout
    assert "k = 1: rows in the smallest of" in told.stdout
    assert "declared: nothing" in told.stdout
    add(portal, "people", PERSON, PEOPLE, rest="\n[anonymity]\nk = 5\n")
    for command in ("check", "publish"):
        refused = candor(command, "--portal", "portal", cwd=home)
        assert refused.returncode == 1
        assert "Traceback" not in refused.stderr
        assert "+generalise" in refused.stderr
    assert nothing_published(portal)
    file = portal.root / "datasets" / "people.toml"
    file.write_text(patched(file.read_text(encoding="utf-8"), refused.stderr), encoding="utf-8")
    published = candor("publish", "--portal", "portal", "--json", cwd=home)
    assert published.returncode == 0, published.stderr
    found = json.loads(published.stdout)["anonymity"]["people"]
    assert found["k"] >= 5
    assert found["refused"] == ""
    # What was published is said again of a data set that is kept as it is.
    kept = version(portal, "people").anonymity
    assert kept is not None
    assert kept.model_dump() == {key: value for key, value in found.items() if key != "refused"} | {
        "quasi": kept.quasi,
        "not_measured": (),
    }


@pytest.fixture
def rutland(portal: SmallPortal, shared_data: Path) -> Callable[[str], SmallPortal]:
    """Real use of force, read in place, each row an officer and a subject; `rest` is the promise."""

    def made(rest: str) -> SmallPortal:
        add(portal, "force", [
            column("case_number", "text", "hash", "CASE #"),
            column("date", "date", "date", "Date", role="time"),
            column("subject_age", "integer", "band10", "Subject Age"),
            column("subject_race", "category", "none", "Subject Race"),
            column("subject_sex", "category", "none", "Subject Sex"),
            column("force", "category", "none", "Force Utilized", disclosure="open"),
        ], "", rest=rest)  # fmt: skip
        source = shared_data / "rutland" / "use_of_force_2015_2017.csv"
        portal.replace('path = "force.csv"', f'path = "{source}"', "datasets/force.toml")
        with_key(portal)
        return portal

    return made


def test_rutlands_use_of_force(rutland: Callable[[str], SmallPortal]) -> None:
    """Measured as pycanon measures it, refused at k = 5 as it is, published after the proposed change."""
    portal = rutland(opened("subject_age", "subject_race", "subject_sex"))
    portal.publish()
    agrees_with_pycanon(portal, "force")
    first = version(portal, "force").anonymity
    assert first is not None
    assert (first.rows, first.k, first.promised) == (221, 1, False)
    rutland('\n[anonymity]\nk = 5\nsensitive = ["force"]\n')
    with pytest.raises(DataError) as raised:
        portal.publish()
    file = portal.root / "datasets" / "force.toml"
    file.write_text(patched(file.read_text(encoding="utf-8"), str(raised.value)), encoding="utf-8")
    portal.publish()
    agrees_with_pycanon(portal, "force")
    kept: Any = version(portal, "force").anonymity
    assert kept.holds
    assert kept.k >= 5
    assert kept.rows == 221
