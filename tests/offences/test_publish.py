"""A small portal of counts alone, through `publish` and back from the public store."""

from __future__ import annotations

import json
import math
import shutil

import pytest
from tests.offences.conftest import DATASET, TOWNS, Offences, one

from candor.errors import DataError, UsageError
from candor.profiles.check import open_portal
from candor.publish.run import check
from candor.statistics.negative_binomial import mean_interval
from candor.store.public import PublicStore
from candor.store.store import Store

LINES = (
    "Birch,2019,4000,20,80,3,103",
    "Birch,2020,4000,12,40,1,53",
    "Cedar,2019,2000,11,n/a,0,11",
    "Alder city,2019,8000,40,160,9,209",
    "Alder city,2020,,41,161,0,202",
)


def test_every_town_year_and_category_has_one_of_the_states(portal: Offences) -> None:
    portal.write(*LINES)
    portal.publish()
    table = portal.public("offences-by-town")
    assert table.num_rows == len(TOWNS) * 2 * 3
    states = {
        (line["place"], line["year"], line["category"]): (line["coverage"], line["offences"])
        for line in table.to_pylist()
    }
    assert states["Birch", 2019, "burglary"] == ("reported", 20)
    assert states["Birch", 2019, "rape-revised"] == ("under 5", None)
    assert states["Alder city", 2019, "rape-revised"] == ("reported", 10)
    assert states["Alder city", 2020, "rape-revised"] == ("under 5", None)
    assert states["Alder city", 2020, "larceny-theft"] == ("reported", 161)
    assert states["Cedar", 2019, "larceny-theft"] == ("not reported", None)
    assert states["Cedar", 2020, "burglary"] == ("not covered", None)
    assert states["Dogwood", 2019, "burglary"] == ("not covered", None)


def test_a_year_without_a_line_is_not_reported_where_the_declaration_says_so(portal: Offences) -> None:
    portal.declare(DATASET.replace("[source]", 'absent = "not reported"\n\n[source]', 1))
    portal.write(*LINES)
    portal.publish()
    table = portal.public("offences-by-town")
    assert one(table, place="Cedar", year=2020, category="burglary")["coverage"] == "not reported"
    assert one(table, place="Dogwood", year=2020, category="burglary")["coverage"] == "not covered"


def test_residents_are_the_files_own_of_the_year_and_else_the_portals(portal: Offences) -> None:
    portal.write("Birch,2019,4200,20,80,0,100", "Birch,2020,,12,40,0,52", "Dogwood,2019,,5,5,0,10")
    portal.publish()
    counts = portal.public("offences-by-town")
    assert one(counts, place="Birch", year=2019, category="burglary")["residents"] == 4200
    assert one(counts, place="Birch", year=2020, category="burglary")["residents"] == 4000
    rates = portal.public("offence-rates-by-town")
    assert one(rates, place="Birch", period="2019", category="burglary")["rate"] == pytest.approx(20 / 4.2, rel=1e-5)
    none = one(rates, place="Dogwood", period="2019", category="burglary")
    assert (none["offences"], none["rate"], none["note"]) == (5, None, "no residents")


def test_a_total_is_of_open_categories_and_only_where_each_was_reported(portal: Offences) -> None:
    portal.write(*LINES)
    portal.publish()
    rates = portal.public("offence-rates-by-town")
    assert one(rates, place="Birch", period="2019", category="all")["offences"] == 100
    assert one(rates, place="Birch", period="2019", category="property")["offences"] == 100
    lacking = one(rates, place="Cedar", period="2019", category="all")
    assert (lacking["coverage"], lacking["offences"]) == ("not reported", None)
    assert one(rates, place="Cedar", period="2019", category="burglary")["offences"] == 11
    assert "sexual" not in rates["category"].to_pylist()
    # Cedar's burglaries are in no total: the state's is of the towns that reported all of it.
    state = one(rates, level="state", period="2019", category="all")
    assert (state["offences"], state["towns_reported"], state["coverage"]) == (300, 2, "partly reported")
    assert one(rates, level="state", period="2019", category="burglary")["offences"] == 71
    # No total of a sensitive kind is told.
    assert not [n for n in rates.to_pylist() if n["level"] == "state" and n["category"] == "rape-revised"]


def test_an_offence_has_no_caller_and_a_year_is_compared_with_the_one_before(portal: Offences) -> None:
    portal.write(*LINES)
    portal.publish()
    rates = portal.public("offence-rates-by-town")
    assert set(rates["initiated_by"].to_pylist()) == {"all"}
    assert set(rates["period"].to_pylist()) == {"2019", "2020"}
    theft = one(rates, place="Birch", period="2020", category="larceny-theft")
    assert (theft["year_change_ratio"], theft["year_change"], theft["year_change_months"]) == (0.5, "down", 12)
    # ln(40.5 / 80.5) -+ 1.96 sqrt(1/40.5 + 1/80.5 + 2 x 0.0025): of so few towns 5 % of wander is assumed.
    assert (theft["wander"], theft["wander_from"]) == (0.0025, "assumed")
    half = 1.959964 * (1 / 40.5 + 1 / 80.5 + 0.005) ** 0.5
    assert theft["year_change_low"] == pytest.approx(40.5 / 80.5 * math.exp(-half), rel=1e-4)
    assert theft["year_change_high"] == pytest.approx(40.5 / 80.5 * math.exp(half), rel=1e-4)
    assert one(rates, place="Birch", period="2019", category="larceny-theft")["year_change"] == ""
    # Of the state: the towns that reported both years, Birch and Alder city, and not Cedar.
    state = one(rates, level="state", period="2020", category="burglary")
    assert state["year_change_ratio"] == pytest.approx((12 + 41) / (20 + 40), rel=1e-5)
    assert state["year_change"] == "no change can be told"


def test_a_town_is_compared_with_the_other_towns_alone(portal: Offences) -> None:
    """Birch has 80 thefts of 4,000 residents, Alder city 160 of 8,000: each is beside the other's rate."""
    portal.write(*LINES)
    portal.publish()
    rates = portal.public("offence-rates-by-town")
    birch, alder = (one(rates, place=p, period="2019", category="larceny-theft") for p in ("Birch", "Alder city"))
    assert (birch["expected"], alder["expected"]) == (80, 160)
    assert (birch["relative_rate"], alder["relative_rate"]) == (1, 1)
    assert birch["comparison"] == "cannot be told apart"
    spread = 0.0025 + 1 / 160 + 0.0025
    assert birch["relative_low"] == pytest.approx(float(mean_interval(80, spread).lower) / 80, rel=1e-5)
    assert birch["compared_over"] == "2019"
    # Two towns are no benchmark of similar ones for a third of another size, and say so.
    cedar = one(rates, place="Cedar", period="2019", category="larceny-theft")
    assert (cedar["comparison"], cedar["expected"]) == ("", None)


def test_lines_are_published_as_rows_made_safe_with_their_account(portal: Offences) -> None:
    portal.write(*LINES, "Alder,2019,8000,1,1,1,3", "Birch,2020,4000,12,40,1,53")
    portal.publish()
    lines = portal.public("small-offences")
    assert one(lines, town="Birch", year=2019) == {
        "id": 2, "reported_as": "Birch", "geoid": "5000100003", "town": "Birch", "county": "Tree", "year": 2019,
        "residents": 4000, "burglary": 20, "larceny_theft": 80, "rape_revised": None, "under_5": "rape-revised",
    }  # fmt: skip
    city = one(lines, town="Alder city", year=2019)
    assert (city["rape_revised"], city["under_5"]) == (10, "")
    version = portal.release.dataset("small-offences")
    assert version is not None
    assert version.accounting is not None
    assert (version.accounting.published, version.accounting.duplicates, version.rows) == (5, 1, 5)
    assert {r.reason for r in version.accounting.reasons} == {
        "ambiguous place name", "an earlier line of the same place and year says the same",
    }  # fmt: skip
    assert [(c.name, c.reason) for c in version.withheld_columns] == [("total", "It holds a sensitive category.")]
    assert "Offences that were recorded." in version.description


def test_no_small_count_of_a_sensitive_category_is_in_anything_public(portal: Offences) -> None:
    """Worlds that differ only in what is told as the same publish the same data."""
    tables = []
    for small, large in ((0, 8), (3, 12)):
        shutil.rmtree(portal.root / "data", ignore_errors=True)
        portal.write(
            f"Birch,2019,4000,20,80,{small},{100 + small}", f"Birch,2020,4000,12,40,{large},{52 + large}",
            f"Cedar,2020,2000,11,70,{10 + small // 3},91",
        )  # fmt: skip
        portal.publish()
        names = [d.name for d in portal.release.datasets]
        tables.append({name: portal.public(name) for name in names})
    assert tables[0].keys() == tables[1].keys()
    assert all(tables[0][name].equals(tables[1][name]) for name in tables[0])


def test_what_is_told_of_a_sensitive_kind_stays_and_a_year_is_told_on_its_day(portal: Offences) -> None:
    portal.clock("2021-03-30")  # a day before that of 2020
    portal.write(*LINES)
    portal.publish()
    counts = portal.public("offences-by-town")
    assert one(counts, place="Alder city", year=2019, category="rape-revised")["offences"] == 10
    assert one(counts, place="Birch", year=2020, category="rape-revised")["coverage"] == "not yet"
    assert one(counts, place="Birch", year=2020, category="burglary")["offences"] == 12
    line = one(portal.public("small-offences"), town="Birch", year=2020)
    assert (line["rape_revised"], line["under_5"], line["burglary"]) == (None, "", 12)
    # The source is revised: open kinds follow, and so does what was not told yet.
    portal.clock("2021-03-31")
    portal.write(
        "Birch,2019,4000,20,80,30,130", "Birch,2020,4000,13,40,7,60", "Alder city,2019,8000,44,160,90,294",
        "Cedar,2019,2000,11,n/a,6,17",
    )  # fmt: skip
    portal.publish()
    counts = portal.public("offences-by-town")
    told = {
        (n["place"], n["year"]): (n["coverage"], n["offences"])
        for n in counts.to_pylist()
        if n["category"] == "rape-revised" and n["coverage"] != "not covered"
    }
    assert told == {
        ("Birch", 2019): ("under 5", None), ("Alder city", 2019): ("reported", 10), ("Cedar", 2019): ("under 5", None),
        ("Birch", 2020): ("reported", 5),
    }  # fmt: skip
    assert one(counts, place="Alder city", year=2019, category="burglary")["offences"] == 44
    assert one(portal.public("small-offences"), town="Alder city", year=2019)["rape_revised"] == 10
    assert (
        one(portal.public("offence-rates-by-town"), place="Birch", period="2020", category="rape-revised")["coverage"]
        == "reported"
    )


def test_the_release_names_its_categories_of_offences_apart_from_those_of_calls(portal: Offences) -> None:
    portal.write(*LINES)
    portal.publish()
    release = portal.release
    assert release.kinds() == ()
    assert [c.slug for c in release.kinds("offences")] == ["rape-revised", "burglary", "larceny-theft"]
    theft = release.kinds("offences")[2]
    assert theft.call_categories == ("theft", "theft-from-vehicle", "retail-theft")
    assert (theft.sensitivity, release.kinds("offences")[0].sensitivity) == ("open", "sensitive")
    assert [p.name for p in release.profiles] == ["calls", "offences"]
    # A release of before has them in a list of their own, and names no profile.
    old = json.loads(release.model_dump_json())
    del old["profiles"]
    second = [{k: v for k, v in c.items() if k not in ("profile", "initiated_by")} for c in old["categories"]]
    old |= {"categories": [], "offence_categories": second}
    read = type(release).model_validate(old)
    assert (read.categories, [p.name for p in read.profiles]) == (release.categories, ["calls", "offences"])


SECOND = DATASET.replace("ab2d-9xyz", "ab2d-9xyw").replace("offences.csv", "other.csv")


def test_two_data_sets_stand_side_by_side_and_one_is_published_alone(portal: Offences) -> None:
    portal.write(*LINES)
    portal.declare(SECOND, "other-offences")
    portal.write("Dogwood,2021,900,15,n/a,0,15", file="other.csv")
    portal.publish()
    counts = portal.public("offences-by-town")
    assert sorted(set(counts["year"].to_pylist())) == [2019, 2020, 2021]
    assert one(counts, place="Dogwood", year=2021, category="burglary")["offences"] == 15
    portal.write("Dogwood,2021,900,16,n/a,0,16", file="other.csv")
    portal.write("Birch,2019,4000,999,80,3,103")
    run = portal.publish("other-offences")
    assert [a.dataset.name for a in run.counted_by_others] == ["other-offences"]
    counts = portal.public("offences-by-town")
    assert one(counts, place="Dogwood", year=2021, category="burglary")["offences"] == 16
    assert one(counts, place="Birch", year=2019, category="burglary")["offences"] == 20
    kept, made = portal.release.dataset("small-offences"), portal.release.dataset("other-offences")
    assert kept is not None
    assert made is not None
    assert (kept.version, made.version) == (1, 2)


def test_two_data_sets_that_count_the_same_are_no_release(portal: Offences) -> None:
    portal.write(*LINES)
    portal.publish()
    portal.declare(SECOND, "other-offences")
    portal.write("Birch,2019,4000,21,80,3,104", file="other.csv")
    with pytest.raises(DataError, match=r"other-offences and small-offences both count burglary of 5000100003 in 2019"):
        portal.publish()
    assert portal.release.number == 1


def test_a_count_stands_before_the_other_data_sets_missing_one(portal: Offences) -> None:
    portal.write(*LINES)
    portal.declare(
        SECOND.replace('burglary = "burglary"\n', "").replace('rape-revised = "rape"\n', ""), "other-offences"
    )
    portal.write("Cedar,2019,2000,0,7,0,7", file="other.csv")
    portal.publish()
    assert one(portal.public("offences-by-town"), place="Cedar", year=2019, category="larceny-theft")["offences"] == 7


def test_a_rollback_takes_the_layer_back_and_the_next_publication_reads_again(portal: Offences) -> None:
    portal.write(*LINES)
    portal.declare(SECOND, "other-offences")
    portal.write("Dogwood,2021,900,15,n/a,0,15", file="other.csv")
    portal.publish()
    portal.write("Dogwood,2021,900,16,n/a,0,16", file="other.csv")
    portal.publish()
    Store(portal.root / "data").rollback(1)
    assert portal.release.kinds("offences")
    counts = portal.public("offences-by-town")
    assert one(counts, place="Dogwood", year=2021, category="burglary")["offences"] == 15
    run = portal.publish("small-offences")
    assert {a.dataset.name for a in run.counted_by_others} == {"small-offences", "other-offences"}
    counts = portal.public("offences-by-town")
    assert one(counts, place="Dogwood", year=2021, category="burglary")["offences"] == 16


def test_a_data_set_that_is_no_longer_declared_leaves_the_release(portal: Offences) -> None:
    portal.write(*LINES)
    portal.declare(SECOND, "other-offences")
    portal.write("Dogwood,2021,900,15,n/a,0,15", file="other.csv")
    portal.publish()
    (portal.root / "datasets" / "small-offences.toml").unlink()
    portal.publish()
    names = {d.name for d in portal.release.datasets}
    assert "small-offences" not in names
    assert set(portal.public("offences-by-town")["year"].to_pylist()) == {2021}


def test_a_file_in_which_no_line_stands_publishes_no_figure(portal: Offences) -> None:
    portal.write("Elsewhere,2019,4000,20,80,3,103")
    with pytest.raises(DataError, match="none of 1 rows may be published") as refused:
        portal.publish()
    yes = str(refused.value).partition(".toml.\n")[2]  # what it says to write
    portal.declare(f"{DATASET}\n{yes}")
    portal.publish()
    assert {d.name for d in portal.release.datasets} == {"small-offences", "towns", "town-names"}
    assert portal.release.kinds("offences") == ()


def test_a_check_says_the_same_and_stores_nothing(portal: Offences) -> None:
    portal.write(*LINES, "Alder,2019,8000,1,1,1,3")
    run = check(open_portal(portal.root), [])
    (found,) = run.all_accounted
    assert found.sums == {"read": 6, "published": 5, "duplicates": 0, "quarantined": 1, "withheld": 0}
    assert PublicStore(portal.root / "data" / "public").current() is None


def test_a_name_that_no_data_set_has_is_told_with_those_that_there_are(portal: Offences) -> None:
    portal.write(*LINES)
    with pytest.raises(UsageError, match="small-offences"):
        portal.publish("smal-offences")
