"""A city's crime file from the file to the counts: corrections, unfounded reports, several offences of an incident."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.signing import add_signed as add_dataset

from candor.errors import PortalError, UsageError
from candor.intake.cases import FILLER
from candor.intake.selection import CORRECTION, FILTERED, NOTHING, TAKEN_BACK, UNMATCHED
from candor.places.builder.importer import import_files
from candor.portal.write import init_portal
from candor.profiles.check import open_portal
from candor.propose.again import propose_again
from candor.publish.run import check, publish
from candor.store.public import PublicStore

KINDS = {"LARCENY": "theft", "BURGLARY": "burglary", "VANDALISM": "vandalism", "ROBBERY": "robbery"}


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A portal of one place, whose clock stands long after the reports."""
    root = tmp_path / "city"
    init_portal(root, title="Maple", jurisdiction="Maple", time_zone="America/New_York")
    settings = root / "portal.toml"
    settings.write_text("clock = 2026-03-01\n" + settings.read_text(encoding="utf-8"), encoding="utf-8")
    square = [[-78.6, 38.0], [-78.4, 38.0], [-78.4, 38.2], [-78.6, 38.2], [-78.6, 38.0]]
    properties = {"GEOID": "5154000001", "NAME": "Maple", "county": "Maple", "POP2020": 40_000}
    feature = {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [square]}}
    boundaries = tmp_path / "place.geojson"
    boundaries.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    import_files(root / "places", boundaries)
    return root


def write(root: Path, header: str, rows: Sequence[Sequence[object]]) -> Path:
    path = root / "export.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(","), *rows])
    return path


def months(root: Path, count: str = "incidents") -> Counter[tuple[str, str]]:
    """The published counts of the place by kind and month."""
    store = PublicStore(root / "data" / "public")
    release = store.current()
    version = release.dataset("incidents-by-town") if release else None
    assert version
    lines = [line for path in store.files(version) for line in pq.read_table(path).to_pylist()]
    found: Counter[tuple[str, str]] = Counter()
    for line in lines:
        found[line["category"], f"{line['month']:%Y-%m}"] += line[count] or 0
    return +found


def test_the_net_of_corrections_is_the_agencys_own_sum(city: Path) -> None:
    rng = np.random.default_rng(7)
    rows: list[list[object]] = []
    for n in range(700):
        day = date(2025, 1, 1) + timedelta(days=n % 151)
        when = f"{day:%m/%d/%Y} {rng.integers(24):02d}:{rng.integers(60):02d}"
        rows.append([f"25-{n:05d}", when, rng.choice(list(KINDS)), 1, ""])
        if rng.random() < 0.1:  # taken back under its own number
            rows.append([*rows[-1][:3], -1, "U"])
    for n in range(30):  # taken back without a number
        month = rng.integers(1, 6)
        rows.append(["", f"{month:02d}/{n % 28 + 1:02d}/2025 10:00", rng.choice(list(KINDS)), -1, "U"])
    rows += [["25-99998", "02/03/2025 10:00", "LARCENY", 0, ""], ["25-99999", "02/03/2025 10:00", "ARSON", -1, "U"]]
    rows = [rows[i] for i in rng.permutation(len(rows))]
    source = write(city, "File Key,Offense Start,Offense,Adj,Unfounded Mark", rows)
    proposal = add_dataset(city, "crime", source)
    assert 'schema = "incident_reports"' in proposal.toml_text
    assert 'weight = "Adj"' in proposal.toml_text
    assert '[where."Unfounded Mark"]\nleave_out = ["U"]' in proposal.toml_text
    assert any("-1 in" in words for words in proposal.unsure)
    (accounted,) = check(open_portal(city), []).accounted
    assert accounted.sums["read"] == len(rows) == sum(n for end, n in accounted.sums.items() if end != "read")
    reasons = {o.reason: o.rows for o in accounted.outcomes if o.outcome == "left out"}
    assert reasons[UNMATCHED] == 1
    assert reasons[NOTHING] == 1
    assert reasons[TAKEN_BACK] == reasons[CORRECTION] == sum(row[3] == -1 for row in rows) - 1
    publish(open_portal(city))
    net: Counter[tuple[str, str]] = Counter()
    for _, at, kind, weight, _ in rows:
        if kind != "ARSON":
            net[KINDS[str(kind)], f"2025-{str(at)[:2]}"] += int(str(weight))
    assert months(city) == +net


def test_a_declared_filter_leaves_rows_out_and_nothing_else(city: Path) -> None:
    status = ["Open", "Cleared by arrest", "UNFOUNDED", "Unfounded (false report)", "Founded"]
    rows = [[f"R{n}", f"2025-0{n % 3 + 1}-{n % 28 + 1:02d} 11:30", "BURGLARY", status[n % 5]] for n in range(300)]
    source = write(city, "Report,Occurred,Crime,Case Disposition", rows)
    proposal = add_dataset(city, "crime", source)
    assert 'leave_out = ["UNFOUNDED", "Unfounded (false report)"]' in proposal.toml_text
    publish(open_portal(city))
    assert sum(months(city).values()) == 180
    file = city / "datasets" / "crime.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace('leave_out = ["UNFOUNDED", "Unfounded (false report)"]', 'keep = ["open", "founded"]'), "utf-8"
    )
    (accounted,) = check(open_portal(city), []).accounted
    assert {o.reason: o.rows for o in accounted.outcomes if o.outcome == "left out"} == {FILTERED: 180}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('weight = "Adj"', 'weight = "Adjj"', "the source column 'Adjj'"),
        ('[where."Flag"]', '[where."Flagg"]', "the source column 'Flagg'"),
        ("leave_out", 'keep = ["N"]\nleave_out', "either `keep` or `leave_out`"),
    ],
)
def test_what_cannot_be_selected_is_told(city: Path, old: str, new: str, says: str) -> None:
    rows = [
        [f"R{n}", f"2025-01-{n % 28 + 1:02d} 11:30", "BURGLARY", (1, -1)[n % 9 == 0], "NY"[n % 5 == 0]]
        for n in range(99)
    ]
    add_dataset(city, "crime", write(city, "Report,Occurred,Crime,Adj,Unfounded Flag", rows))
    file = city / "datasets" / "crime.toml"
    text = file.read_text(encoding="utf-8").replace('[where."Unfounded Flag"]', '[where."Flag"]')
    text = text.replace('"Unfounded Flag"', '"Flag"')
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(PortalError, match=says):
        open_portal(city)


@pytest.mark.parametrize(
    ("header", "also"),
    [
        ("Inc,Occ Start,Crime,Line", '["Inc", "Crime"]'),
        ("Inc,Occ Start,Crime,Offense Seq", '["Inc", "Offense Seq"]'),
        ("Inc,Occ Start,Crime,Offense ID", '"Offense ID"'),
        ("Inc,Occ Start,Crime,Record Number", '"Record Number"'),
    ],
)
def test_incidents_are_counted_and_their_offences_whatever_tells_these_apart(
    city: Path, header: str, also: str
) -> None:
    rng = np.random.default_rng(3)
    rows: list[list[object]] = []
    for n in range(400):
        when = f"2025-0{n % 4 + 1}-{n % 28 + 1:02d} 12:{n % 60:02d}"
        repeated = "Line" not in header  # one kind twice in an incident: only their number tells them apart
        kinds = (
            rng.choice(list(KINDS), rng.choice([1, 1, 2, 3]))
            if repeated
            else rng.choice(list(KINDS), n % 3 + 1, replace=False)
        )
        own = "ID" in header or "Record" in header
        rows += [[f"I{n:04d}", when, kind, len(rows) + 70_001 + i if own else i + 1] for i, kind in enumerate(kinds)]
    proposal = add_dataset(city, "crime", write(city, header, rows))
    assert f"from = {also}" in proposal.toml_text
    assert '[columns.incident_number]\nfrom = "Inc"' in proposal.toml_text
    (accounted,) = check(open_portal(city), []).accounted
    assert accounted.sums["quarantined"] == accounted.sums["duplicates"] == 0
    publish(open_portal(city))
    assert months(city, "reported_offences") == Counter((KINDS[str(kind)], str(when)[:7]) for _, when, kind, _ in rows)
    incidents = {(KINDS[str(kind)], str(when)[:7], number) for number, when, kind, _ in rows}
    assert months(city) == Counter((kind, month) for kind, month, _ in incidents)


def test_a_filler_in_place_of_a_number_makes_no_incident_of_many(city: Path) -> None:
    rows = [
        ["PENDING" if n % 4 == 0 else f"I{n // 2:04d}", f"2025-0{n % 5 + 1}-{n % 28 + 1:02d} 12:30", "ROBBERY", n]
        for n in range(400)
    ]
    add_dataset(city, "crime", write(city, "Inc,Occ Start,Crime,Offense Seq", rows))
    (accounted,) = check(open_portal(city), []).accounted
    assert accounted.together is not None
    alone = {number for number, *_ in rows if number != "PENDING"}
    assert (accounted.together.rows, accounted.together.events) == (400, 100 + len(alone))
    assert {o.outcome: o.rows for o in accounted.notes}[FILLER] == 100


def test_a_mark_on_one_row_without_a_number_is_on_no_other(city: Path) -> None:
    rows = [["PENDING", f"2025-0{n % 5 + 1}-{n % 28 + 1:02d} 12:30", "ROBBERY", n, "NY"[n == 7]] for n in range(200)]
    rows += [[f"I{n:04d}", f"2025-0{n % 5 + 1}-{n % 28 + 1:02d} 12:30", "ROBBERY", n, "N"] for n in range(200, 900)]
    add_dataset(city, "crime", write(city, "Inc,Occ Start,Crime,Offense Seq,Domestic", rows))
    (accounted,) = check(open_portal(city), []).accounted
    marked = {o.reason: o.rows for o in accounted.outcomes if "marks" in o.reason}
    assert marked == {"its agency marks it: related to domestic violence": 1}


def test_the_number_of_the_incident_is_proposed_to_a_data_set_that_has_it_in_its_key_alone(city: Path) -> None:
    rows = [[f"I{n // 2:04d}", f"2025-0{n // 2 % 4 + 1}-{n // 2 % 28 + 1:02d} 12:30", "ROBBERY", n] for n in range(200)]
    add_dataset(city, "crime", write(city, "Inc,Occ Start,Crime,Offense Seq", rows))
    file = city / "datasets" / "crime.toml"
    whole = file.read_text(encoding="utf-8")
    named = '[columns.incident_number]\nfrom = "Inc"\n'
    file.write_text(whole.replace(named, ""), encoding="utf-8")
    assert "incident_number is read from 'Inc'." in propose_again(city, "crime", write=True).said
    assert open_portal(city).datasets["crime"].columns["incident_number"].sources == ("Inc",)
    assert propose_again(city, "crime").said == ()


def test_rows_that_are_people_of_an_incident_are_told(city: Path) -> None:
    rows = [[f"I{n // 2:04d}", f"2025-01-{n // 2 % 28 + 1:02d} 12:30", "ROBBERY", n % 2 + 1] for n in range(200)]
    proposal = add_dataset(city, "crime", write(city, "Inc,Occ Start,Crime,Party No", rows))
    assert "Party No counts people" in " ".join(proposal.unsure)
    publish(open_portal(city))
    assert months(city) == {("robbery", "2025-01"): 100}


def test_the_portals_only_place_is_where_rows_without_a_place_are(city: Path) -> None:
    rows = [[f"R{n}", f"2025-01-{n % 28 + 1:02d} 11:30", "BURGLARY"] for n in range(60)]
    proposal = add_dataset(city, "crime", write(city, "Report,Occurred,Crime", rows))
    assert '"5154000001"' in proposal.toml_text
    assert {o.outcome for o in check(open_portal(city), []).accounted[0].placed_by} == {"agency area"}


def test_columns_are_proposed_again_and_what_a_person_decided_stays(city: Path) -> None:
    rows = [[f"R{n}", f"2025-01-{n % 28 + 1:02d} 11:30", "BURGLARY", "NY"[n % 9 == 0], 1, "5 ELM"] for n in range(90)]
    write(city, "Report,Occurred,Crime", [row[:3] for row in rows])
    add_dataset(city, "crime", city / "export.csv")
    file = city / "datasets" / "crime.toml"
    mine = file.read_text(encoding="utf-8").replace('title = "Crime"', 'title = "Reports"  # as the chief calls them')
    file.write_text(
        mine.replace('[columns.occurred_at]\nfrom = "Occurred"', '[columns.occurred_at]\nfrom = "Occurred" # mine')
    )
    assert propose_again(city, "crime").said == ()
    rows[3][4] = -1
    write(city, "Report,Occurred,Offence,Unfounded,Count,Block Address", rows)
    made = propose_again(city, "crime")
    assert "as the chief calls them" in made.text
    assert file.read_text(encoding="utf-8") != made.text
    said = " ".join(made.said)
    assert "offence_type is read from 'Offence', for Crime is gone." in said
    assert "street is read from 'Block Address'" in said
    propose_again(city, "crime", write=True)
    dataset = open_portal(city).datasets["crime"]
    assert (dataset.title, dataset.weight, list(dataset.where)) == ("Reports", "Count", ["Unfounded"])
    assert dataset.columns["offence_type"].sources == ("Offence",)
    assert "# mine" in file.read_text(encoding="utf-8")
    assert propose_again(city, "crime").said == ()
    with pytest.raises(UsageError, match="no data set 'crimes'"):
        propose_again(city, "crimes")
