"""What the FBI printed of Vermont's places, 2013 to 2015, end to end: real file, real towns."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats
from tests.offences.conftest import one, public_table
from typer.testing import CliRunner

from candor.cli.app import app
from candor.places.builder.importer import import_files
from candor.profiles.check import open_portal
from candor.publish.run import publish
from candor.store.public import PublicStore

pytestmark = pytest.mark.long

PORTAL = 'title = "Vermont"\njurisdiction = "Vermont"\nstate = "50"\ntime_zone = "America/New_York"\n'
DATASET = """
id = "fb22-vt22"
title = "Offences known to police, by place"
schema = "offences_by_place"
origin = "FBI, Crime in the United States, table 8"

[source]
kind = "counts"
path = {path}

[columns]
place = "city"
period = "year"
residents = "population"

[categories]
murder = "murder"
rape-revised = "rape_revised"
rape-legacy = "rape_legacy"
robbery = "robbery"
aggravated-assault = "aggravated_assault"
burglary = "burglary"
larceny-theft = "larceny_theft"
motor-vehicle-theft = "motor_vehicle_theft"
arson = "arson"

[withheld]
violent_crime = "It holds rape: with it and its other parts, a withheld number could be computed."
property_crime = "A total, made here from its parts."

[places]
"Barre" = "5002303175"
"Newport" = "5001948850"
"Rutland" = "5002161225"
"St. Albans" = "5001161675"
"""
TABLE = "fbi_tables/vermont_offenses_known_by_place_2013_2015.csv"


@dataclass(frozen=True)
class Fbi:
    root: Path
    file: list[dict[str, str]]
    counts: pa.Table
    rates: pa.Table
    lines: pa.Table


@pytest.fixture(scope="module")
def fbi(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Fbi:
    root = tmp_path_factory.mktemp("fbi")
    (root / "datasets").mkdir()
    (root / "portal.toml").write_text(PORTAL, encoding="utf-8")
    source = shared_data / TABLE
    text = DATASET.format(path=json.dumps(str(source)))
    (root / "datasets" / "fbi-offences.toml").write_text(text, encoding="utf-8")
    places = shared_data / "vermont_places"
    import_files(
        root / "places", places / "town_boundaries_2020.geojson", places / "town_population_2020.csv",
        places / "town_aliases.json",
    )  # fmt: skip
    publish(open_portal(root))
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    tables = (public_table(root, n) for n in ("offences-by-town", "offence-rates-by-town", "fbi-offences"))
    return Fbi(root, rows, *tables)


def test_every_town_has_a_line_for_every_year_and_category(fbi: Fbi) -> None:
    assert fbi.counts.num_rows == 255 * 3 * 9
    assert set(fbi.counts["source"].to_pylist()) == {"", "FBI, Crime in the United States, table 8"}


def test_benningtons_burglaries_are_those_of_the_file(fbi: Fbi) -> None:
    """128 burglaries among 15,492 residents in 2013, 68 among 15,465 in 2014: checked against the table by hand."""
    line = one(fbi.counts, place="Bennington", year=2013, category="burglary")
    assert (line["offences"], line["residents"], line["coverage"]) == (128, 15492, "reported")
    rate = one(fbi.rates, place="Bennington", period="2013", category="burglary")
    assert rate["rate"] == pytest.approx(128 / 15.492, rel=1e-5)
    # The limits are where a tail of scipy's negative binomial law has 2.5 %.
    c = float(str(rate["wander"]))
    assert rate["wander_from"] == "own"
    of = {(row["city"], row["year"]): int(row["burglary"]) for row in fbi.file if row["city"] != "Bellows Falls"}
    both = [(a, of[city, str(int(year) + 1)]) for (city, year), a in of.items() if (city, str(int(year) + 1)) in of]
    assert rate["wander_pairs"] == sum(a + b >= 40 for a, b in both) == 26
    assert 0.0004 <= c < 0.2
    low, high = (float(str(rate[name])) * 15.492 for name in ("rate_low", "rate_high"))
    assert stats.nbinom.sf(127, 1 / c, 1 / (1 + c * low)) == pytest.approx(0.025, rel=1e-3)
    assert stats.nbinom.cdf(128, 1 / c, 1 / (1 + c * high)) == pytest.approx(0.025, rel=1e-3)
    after = one(fbi.rates, place="Bennington", period="2014", category="burglary")
    assert after["year_change_ratio"] == pytest.approx((68 / 15465) / (128 / 15492), rel=1e-5)
    s = (1 / 68.5 + 1 / 128.5 + 2 * c) ** 0.5
    middle = math.log(68.5 / 128.5 * 15492 / 15465)
    assert after["year_change_low"] == pytest.approx(math.exp(middle - 1.959964 * s), rel=1e-4)
    assert after["year_change_high"] == pytest.approx(math.exp(middle + 1.959964 * s), rel=1e-4)
    assert after["year_change"] in ("down", "perhaps down", "no change can be told")
    assert (after["year_change"] == "no change can be told") == (float(str(after["year_change_high"])) >= 1)
    # What the rate of the other places would bring; of whole years together where counts wander by over 10 %.
    years = ("2013", "2014", "2015") if c > 0.01 else ("2013",)
    people = {y: int(_line(fbi, "Bennington", y)["population"]) for y in years}
    own = {y: int(_line(fbi, "Bennington", y)["burglary"]) for y in years}
    expected = sum(
        (_sum(fbi, y, "burglary") - own[y]) / (_sum(fbi, y, "population") - people[y]) * people[y] for y in years
    )
    assert rate["expected"] == pytest.approx(expected, rel=1e-5)
    assert rate["compared_over"] == ("2013-2015" if c > 0.01 else "2013")
    assert rate["relative_rate"] == pytest.approx(sum(own.values()) / expected, rel=1e-5)


def _line(fbi: Fbi, city: str, year: str) -> dict[str, str]:
    (found,) = [row for row in fbi.file if (row["city"], row["year"]) == (city, year)]
    return found


def _sum(fbi: Fbi, year: str, column: str) -> int:
    """Over the file's lines of a year, without the village that is a part of a town."""
    return sum(int(row[column]) for row in fbi.file if row["year"] == year and row["city"] != "Bellows Falls")


def test_cities_and_towns_of_one_name_are_told_apart(fbi: Fbi) -> None:
    assert one(fbi.counts, place="Rutland city", year=2014, category="robbery")["offences"] == 13
    assert one(fbi.counts, geoid="5002161300", year=2014, category="robbery")["coverage"] == "not covered"
    assert one(fbi.counts, geoid="5002161300", year=2015, category="robbery")["coverage"] == "zero"
    assert one(fbi.counts, geoid="5002303250", year=2014, category="burglary")["offences"] == 21
    assert one(fbi.counts, geoid="5002303175", year=2014, category="burglary")["offences"] == 25
    assert one(fbi.counts, place="Essex", year=2013, category="larceny-theft")["offences"] == 361


def test_a_village_is_not_passed_off_as_its_town(fbi: Fbi) -> None:
    line = one(fbi.counts, place="Rockingham", year=2015, category="burglary")
    assert (line["coverage"], line["offences"]) == ("not covered", None)


def test_a_place_without_a_department_is_not_covered_and_a_missing_cell_not_reported(fbi: Fbi) -> None:
    assert one(fbi.counts, place="Burlington", year=2013, category="burglary")["coverage"] == "not covered"
    assert one(fbi.counts, place="Burlington", year=2015, category="rape-legacy")["coverage"] == "not reported"
    assert one(fbi.counts, place="Burlington", year=2015, category="burglary")["coverage"] == "reported"


def test_property_and_violent_totals_are_the_files_without_what_is_not_theirs(fbi: Fbi) -> None:
    """The file's own totals, an independent sum: its property total leaves arson out, its violent total holds rape."""
    by_name = {(line["reported_as"], line["year"]): line["geoid"] for line in fbi.lines.to_pylist()}
    totals = {
        (line["geoid"], line["period"], line["category"]): line["offences"]
        for line in fbi.rates.to_pylist()
        if line["category_level"] != "category"
    }
    for row in fbi.file:
        geoid = by_name.get((row["city"], int(row["year"])))
        if geoid is None:
            assert row["city"] == "Bellows Falls"
            continue
        wanted = int(row["property_crime"]) + int(row["arson"])
        assert totals[geoid, row["year"], "property"] == wanted, row["city"]
        open_violent = int(row["violent_crime"]) - int(row["rape_revised"])
        assert totals[geoid, row["year"], "violent"] == open_violent, row["city"]
        assert totals[geoid, row["year"], "all"] == wanted + open_violent


def test_a_sensitive_category_is_told_as_under_5_or_to_the_nearest_5(fbi: Fbi) -> None:
    small = {(r["city"], int(r["year"])) for r in fbi.file if int(r["rape_revised"]) <= 4}
    lines = {(n["reported_as"], n["year"]): n for n in fbi.lines.to_pylist()}
    known = {key for key in small if key in lines}
    assert len(known) == 104
    assert all(lines[key]["rape_revised"] is None and lines[key]["under_5"] == "rape-revised" for key in known)
    large = {(r["city"], int(r["year"])): int(r["rape_revised"]) for r in fbi.file if int(r["rape_revised"]) > 4}
    assert {key: lines[key]["rape_revised"] for key in large} == {k: 5 * round(n / 5) for k, n in large.items()}
    said = [n for n in fbi.counts.to_pylist() if n["category"] == "rape-revised" and n["offences"] is not None]
    assert len(said) == len(large) == 11
    rates = [n for n in fbi.rates.to_pylist() if n["category"] == "rape-revised"]
    assert {n["level"] for n in rates} == {"town"}, "no total of it is told"
    figures = ("offences", "rate", "expected", "relative_rate", "year_change_ratio")
    assert all(n[f] is None for n in rates if n["coverage"] == "under 5" for f in figures)
    assert not {"violent_crime", "property_crime"} & set(fbi.lines.column_names)


def test_the_reasons_for_withheld_columns_are_public(fbi: Fbi) -> None:
    release = PublicStore(fbi.root / "data" / "public").current()
    assert release is not None
    version = release.dataset("fbi-offences")
    assert version is not None
    assert {c.name for c in version.withheld_columns} == {"violent_crime", "property_crime"}
    assert all(c.reason for c in version.withheld_columns)
    assert version.accounting is not None
    assert (version.accounting.published, version.accounting.quarantined) == (115, 1)
    assert {c.slug for c in release.kinds("offences") if c.sensitivity == "sensitive"} == {
        "rape-revised",
        "rape-legacy",
    }


def test_the_state_is_the_places_that_reported_and_says_how_many(fbi: Fbi) -> None:
    state = one(fbi.rates, level="state", period="2013", category="burglary")
    assert (state["offences"], state["towns_reported"]) == (_sum(fbi, "2013", "burglary"), 35)
    assert state["residents"] == _sum(fbi, "2013", "population")
    # 2015 has other places than 2014; the change is of those that reported both.
    both = {row["city"] for row in fbi.file if row["year"] == "2014"} & {
        row["city"] for row in fbi.file if row["year"] == "2015"
    }
    rate = {}
    for year in ("2014", "2015"):
        lines = [r for r in fbi.file if r["year"] == year and r["city"] in both]
        rate[year] = sum(int(r["burglary"]) for r in lines) / sum(int(r["population"]) for r in lines)
    line = one(fbi.rates, level="state", period="2015", category="burglary")
    assert line["year_change_ratio"] == pytest.approx(rate["2015"] / rate["2014"], rel=1e-5)


def test_figures_are_numbers_or_empty_and_never_negative(fbi: Fbi) -> None:
    for name in ("rate", "rate_low", "rate_high", "expected", "relative_rate", "smoothed", "smoothed_low", "wander"):
        values = fbi.rates[name].drop_null().to_numpy()
        assert len(values)
        assert np.isfinite(values).all()
        assert (values >= 0).all()


def test_the_command_says_the_sums_and_what_to_do_with_names(fbi: Fbi) -> None:
    said = CliRunner().invoke(app, ["check", "--portal", str(fbi.root), "--json"])
    assert said.exit_code == 0, said.output
    (dataset,) = json.loads(said.stdout)["datasets"]
    assert (dataset["read"], dataset["published"], dataset["quarantined"]) == (116, 115, 1)
    assert any("Bellows Falls" in note for note in dataset["source_notes"])
    assert dataset["notes"]["residents more than 20% off the portal's own: Dover"] == 2
