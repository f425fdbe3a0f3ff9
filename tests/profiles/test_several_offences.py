"""A file that lists every offence of an incident as a row: incidents are counted, and offences beside them."""

from __future__ import annotations

import csv
import html
import json
import random
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.site.conftest import running
from typer.testing import CliRunner

from candor.audit import Public, audit_release
from candor.cli.app import app
from candor.errors import CandorError, DataError
from candor.store.public import PublicStore

TOWNS = {"Ashby": "Upper", "Birchdale": "Upper", "Corvin": "Lower"}
KINDS = {
    "Burglary": ("burglary", "property"),
    "Vandalism": ("vandalism", "property"),
    "Shoplifting": ("shoplifting", "property"),
    "Simple Assault": ("simple-assault", "person"),
    "Trespassing": ("trespass", "public-order"),
    "Rape": ("sexual-assault", "sexual"),
}
OPEN = {slug: group for slug, group in KINDS.values() if group != "sexual"}
FIRST, LAST = date(2023, 1, 1), date(2024, 12, 31)

_NAMED = '[columns.incident_number]\nfrom = "Case No"\n'

Offence = tuple[str, str, date, str]
"""The incident, the town, the day, the type as written."""


def offences(seed: int) -> Iterator[Offence]:
    """Incidents of one to four offences; some stretch into another month or town, as a series of thefts does."""
    lot, number = random.Random(seed), 0  # noqa: S311 - drawn, not secret
    for n in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(n)
        for _ in range(lot.randint(1, 4)):
            number += 1
            town, then = lot.choice(list(TOWNS)), day
            for _ in range(lot.choice([1, 1, 1, 2, 2, 3, 4])):
                yield f"{day:%y}-{number:05d}", town, then, lot.choice(list(KINDS))
                if lot.random() < 0.05:
                    town, then = lot.choice(list(TOWNS)), min(day + timedelta(lot.randint(1, 40)), LAST)


def write(path: Path, rows: list[Offence]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["Case No", "Offense Seq", "Date Occurred", "Offense Description", "Municipality"])
        seen: dict[str, int] = defaultdict(int)
        for case, town, day, kind in rows:
            seen[case] += 1
            lines.writerow([case, seen[case], f"{day:%m/%d/%Y} 13:05", kind, town])


def command(*words: str | Path) -> str:
    done = CliRunner().invoke(app, [str(w) for w in words], env={"COLUMNS": "300"})
    told = str(done.exception) if isinstance(done.exception, CandorError) else ""
    assert done.exit_code == 0, f"{done.output} {told} {done.exc_info}"
    return re.sub(r"\s+", " ", done.output)


def set_clock(root: Path, clock: str) -> None:
    file = root / "portal.toml"
    text = re.sub(r"^clock = .*\n", "", file.read_text(encoding="utf-8"))
    file.write_text((f"clock = {clock}\n" if clock else "") + text, encoding="utf-8")


def portal(root: Path, rows: list[Offence], clock: str = "", *, unnamed: bool = False) -> str:
    """A portal of three towns in two counties, published; what `dataset add` and `check` said.

    `unnamed`: nothing says which rows are of one incident.
    """
    shapes: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "properties": {"GEOID": f"99001{i + 100:05d}", "NAME": town, "COUNTY": county, "POP": 900 * (i + 73)},
            "geometry": {"type": "Polygon", "coordinates": [[[i, 44], [i + 1, 44], [i + 1, 45], [i, 45], [i, 44]]]},
        }
        for i, (town, county) in enumerate(TOWNS.items(), start=-72)
    ]
    boundaries, source = root.parent / "towns.geojson", root.parent / "offences.csv"
    boundaries.write_text(json.dumps({"type": "FeatureCollection", "features": shapes}), encoding="utf-8")
    write(source, rows)
    command("init", root, "--title", "Small", "--jurisdiction", "Small State", "--time-zone", "America/New_York")
    command("places", "import", "--boundaries", boundaries, "--portal", root)
    set_clock(root, clock)
    said = command("dataset", "add", "offences", "--from", source, "--agency", "Small Police", "--portal", root)
    declared = root / "datasets" / "offences.toml"
    places = ", ".join(f'"{shape["properties"]["GEOID"]}"' for shape in shapes)
    text = declared.read_text(encoding="utf-8").replace("places = []", f"places = [{places}]")
    declared.write_text(text.replace(_NAMED, "") if unnamed else text, encoding="utf-8")
    said += command("dataset", "sign", "offences", "--by", "A. Clerk, records office", "--portal", root)
    said += command("check", "offences", "--portal", root)
    command("publish", "--portal", root)
    return said


@pytest.fixture(scope="module")
def rows() -> list[Offence]:
    return list(offences(4))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, rows: list[Offence]) -> Path:
    root = tmp_path_factory.mktemp("several") / "portal"
    (root.parent / "said.txt").write_text(portal(root, rows), encoding="utf-8")
    return root


def table(root: Path, name: str) -> list[dict[str, Any]]:
    store = PublicStore(root / "data" / "public")
    release = store.current()
    assert release is not None
    version = release.dataset(name)
    assert version is not None, name
    found: list[dict[str, Any]] = pa.concat_tables([pq.read_table(path) for path in store.files(version)]).to_pylist()
    return found


Cells = dict[tuple[str, str], list[tuple[str, str]]]
"""By town and month, the incident and the kind of each offence that is open."""


@pytest.fixture(scope="module")
def cells(rows: list[Offence]) -> Cells:
    found: Cells = defaultdict(list)
    for case, town, day, kind in rows:
        if KINDS[kind][0] in OPEN:
            found[town, f"{day:%Y-%m}"].append((case, KINDS[kind][0]))
    return found


def count(cells: Cells, town: str, months: list[str], kinds: set[str]) -> tuple[int, int]:
    """Incidents, once in each town and month, and offences of some kinds, as a clerk would count them."""
    chosen = [
        [case for case, kind in cells.get((name, month), ()) if kind in kinds]
        for name in TOWNS if name == (town or name) for month in months
    ]  # fmt: skip
    return sum(len(set(one)) for one in chosen), sum(map(len, chosen))


def test_counts_by_town_and_month_are_of_incidents_and_of_offences(root: Path, cells: Cells) -> None:
    lines = table(root, "incidents-by-town")
    assert len(lines) == len(TOWNS) * 24 * len(OPEN)
    for line in lines:
        wanted = count(cells, line["place"], [f"{line['month']:%Y-%m}"], {line["category"]})
        assert (line["incidents"], line["reported_offences"]) == wanted, line
    assert sum(line["reported_offences"] for line in lines) > sum(line["incidents"] for line in lines)


def test_totals_count_an_incident_of_several_kinds_once(root: Path, cells: Cells) -> None:
    compared = 0
    for line in table(root, "incident-rates-by-town"):
        if line["coverage"] not in ("reported", "zero"):
            continue
        what, level = line["category"], line["category_level"]
        kinds = {slug for slug, group in OPEN.items() if level == "all" or what in (group, slug)}
        first, last = line["first_month"], line["last_month"]
        months = [f"{y}-{m:02d}" for y in (2023, 2024) for m in range(1, 13) if first <= date(y, m, 1) <= last]
        town = line["place"] if line["level"] == "town" else ""
        wanted = count(cells, town, months, kinds)
        assert (line["incidents"], line["reported_offences"]) == wanted, line
        compared += level != "category"
    assert compared > 4 * len(TOWNS) * 24


def test_the_audit_passes(root: Path) -> None:
    assert audit_release(Public.in_force(PublicStore(root / "data" / "public"))).passed


@pytest.mark.parametrize(
    ("column", "by"),
    [("reported_offences", 1), ("incidents", 40), ("incidents", -40)],
    ids=["offences", "more", "fewer"],
)
def test_a_total_that_cannot_be_is_no_release(root: Path, tmp_path: Path, column: str, by: int) -> None:
    """Offences of kinds add up; of incidents a total lies between its largest kind and the sum of all kinds."""
    folder = tmp_path / "public"
    shutil.copytree(root / "data" / "public", folder)
    release = PublicStore(folder).current()
    assert release is not None
    version = release.dataset("incident-rates-by-town")
    assert version is not None
    (path,) = PublicStore(folder).files(version)
    lines = pq.read_table(path).to_pylist()
    line = next(x for x in lines if x["category"] == "all" and x["level"] == "town" and x["period"] == "2024-03")
    line[column] = max(0, line[column] + by)
    pq.write_table(pa.Table.from_pylist(lines, pq.read_schema(path)), path)
    with pytest.raises(DataError, match="add up to something else"):
        audit_release(Public.in_force(PublicStore(folder)))


@pytest.fixture(scope="module")
def site(root: Path) -> Iterator[httpx.Client]:
    with running(root / "data" / "public") as client:
        yield client


def said(site: httpx.Client, address: str) -> str:
    answer = site.get(address)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html.unescape(answer.text)))


def test_a_towns_page_names_incidents_and_offences(site: httpx.Client, cells: Cells) -> None:
    months = [f"2024-{m:02d}" for m in range(1, 13)]
    text = said(site, "/places/9900100028?period=2024")
    incidents, listed = count(cells, "Ashby", months, set(OPEN))
    assert f"These {incidents:,} incident reports have {listed:,} reported offences in open categories." in text
    assert "One of several kinds counts once in it and once in each kind, so kinds add up to more." in text
    kind = count(cells, "Ashby", months, {"burglary"})
    assert f"Burglary {kind[0]:,} {kind[1]:,} " in text
    of_kind = said(site, "/places/9900100028?period=2024&category=burglary")
    assert f"These {kind[0]:,} incident reports have {kind[1]:,} reported offences of that kind." in of_kind
    assert "An incident counts once here, however many offences it has" in text


def test_the_map_and_its_file_have_both(site: httpx.Client, cells: Cells) -> None:
    incidents, listed = count(cells, "Birchdale", [f"2024-{m:02d}" for m in range(1, 13)], set(OPEN))
    text = said(site, "/map?period=2024&view=counts")
    assert "Incident reports" in text
    assert "Reported offences" in text
    assert f" {incidents:,} {listed:,} " in text[text.index("The same figures, town by town") :]
    lines = list(csv.DictReader(site.get("/map.csv?period=2024&view=counts").text.splitlines()))
    line = next(x for x in lines if x["place"].startswith("Birchdale"))
    assert (line["incidents"], line["reported_offences"]) == (str(incidents), str(listed))


def test_what_is_published_says_which_is_which(site: httpx.Client) -> None:
    for name in ("incidents-by-town", "incident-rates-by-town"):
        text = said(site, f"/datasets/{name}")
        assert "Reported offences of these incidents" in text
        assert "so kinds add up to more than their total" in text
    rows = said(site, "/datasets/offences")
    assert "A row is one reported offence; several may be of one incident report, and no row says of which." in rows
    assert "reported offences" in rows


def test_a_check_says_how_many_incidents_the_rows_are(root: Path, rows: list[Offence]) -> None:
    text = (root.parent / "said.txt").read_text(encoding="utf-8")
    kept = [(case, town, f"{day:%Y-%m}") for case, town, day, kind in rows if KINDS[kind][0] in OPEN]
    assert f"{len(kept):,} rows that are counted, of {len({case for case, *_ in kept}):,} incidents" in text
    assert f"{len(set(kept)):,} incidents by place and month: one that is in two of them counts in each" in text
    assert "Case No repeats: several rows, such as the offences of an incident, are of one." in text
