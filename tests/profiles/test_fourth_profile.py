"""Rows that Candor has never heard of: service requests, as a folder of data files in a portal, beside calls."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.once.world import Portal, Size, draw, records
from tests.site.conftest import running

from candor.audit import Public, audit_release
from candor.errors import DataError, PortalError
from candor.profiles.check import open_portal
from candor.publish.run import check, publish
from candor.publish.withdrawing import figures_of
from candor.store.model import Release
from candor.store.public import PublicStore

PROFILE = Path(__file__).parent / "service-requests"
DATASET = """
id = "reqs-2345"
title = "Requests to the towns"
schema = "service_requests"
crosswalk = "requests.csv"
crosswalk_review = { reviewed_by = "A. Clerk, records office", date = 2024-01-02 }

[source]
path = "sources/requests.csv"

[coverage]
file = "coverage/requests.csv"

[columns.request_number]
from = "id"

[columns.agency]
from = "town hall"

[columns.requested_at]
from = "asked"
format = "iso"

[columns.request_type]
from = "kind"

[columns.place]
from = "town"
"""
PARTS = '[parts]\ncolumn = "lines"\none = "line"\nmany = "lines"\ntotal = "All."\nsaid = "Once."\nbeside = "Each."\n\n'
TOWNS, MONTHS = 6, 26
KINDS = ("Pothole", "Lamp", "Bin", "Odd")


def declare(root: Path) -> Portal:
    """A portal of calls that publishes requests too: Town 000 has four times as many potholes as the others."""
    made = Portal(root, draw(Size(towns=TOWNS, counties=2, agencies=3, months=MONTHS, calls=0.4, seed=11)))
    shutil.copytree(PROFILE, root / "profiles" / "service-requests")
    (root / "datasets" / "requests.toml").write_text(DATASET, encoding="utf-8")
    (root / "crosswalks" / "requests.csv").write_text(
        "call_type,category,initiated_by,sensitivity,note\n"
        "Pothole,pothole,,,\nLamp,street-light,,,\nBin,collection,,,\n",
        encoding="utf-8",
    )
    lines = ["agency,geoid,first_month,last_month,gaps"]
    lines += [f"Hall {t},{made.world.geoid(t)},2023-01,," for t in range(TOWNS - 1)]
    (root / "coverage" / "requests.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return made


def export(root: Path, until: date) -> Counter[tuple[str, str, str]]:
    """Write what the towns have on a day; the requests by town, month and kind."""
    lines, counts, number = ["id,town hall,asked,kind,town"], Counter[tuple[str, str, str]](), 0
    for index in range(MONTHS):
        year, month = 2023 + index // 12, index % 12 + 1
        for town in range(TOWNS - 1):
            for kind in KINDS:
                many = (48 if town == 0 else 12) if kind == "Pothole" else 6
                for n in range(many):
                    number += 1
                    asked = date(year, month, n * 28 // many + 1)
                    if asked < until:
                        lines.append(f"R{number},Hall {town},{asked}T{8 + n % 9:02d}:30,{kind},Town {town:03d}")
                        counts[f"Town {town:03d}", f"{asked:%Y-%m}", kind] += 1
    (root / "sources" / "requests.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return counts


def publish_on(root: Path, portal: Portal, day: date) -> Counter[tuple[str, str, str]]:
    """Publish what there is of calls and of requests on a day."""
    portal.write(records(portal.world, day), day)
    counts = export(root, day)
    publish(open_portal(root))
    return counts


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Counter[tuple[str, str, str]]]:
    """Two releases: in the autumn, and after the day of the year."""
    folder = tmp_path_factory.mktemp("fourth")
    portal = declare(folder)
    publish_on(folder, portal, date(2024, 11, 10))
    return folder, publish_on(folder, portal, date(2025, 4, 10))


@pytest.fixture(scope="module")
def root(published: tuple[Path, Counter[tuple[str, str, str]]]) -> Path:
    return published[0]


@pytest.fixture(scope="module")
def site(root: Path) -> Iterator[httpx.Client]:
    with running(root / "data" / "public") as client:
        yield client


def release(root: Path) -> Release:
    found = PublicStore(root / "data" / "public").current()
    assert found is not None
    return found


def table(root: Path, name: str, number: int = 0) -> pa.Table:
    """A data set of the release in force, or of another one."""
    store = PublicStore(root / "data" / "public")
    of = next((r for r in store.releases() if r.number == number), release(root))
    version = of.dataset(name)
    assert version is not None, name
    return pa.concat_tables([pq.read_table(path) for path in store.files(version)])


def test_its_counts_are_those_of_the_source_in_settled_months(
    published: tuple[Path, Counter[tuple[str, str, str]]],
) -> None:
    root, counts = published
    lines = table(root, "requests-by-town").to_pylist()
    words = {"pothole": "Pothole", "street-light": "Lamp", "collection": "Bin"}
    assert {line["category"] for line in lines} == set(words)
    assert {line["initiated_by"] for line in lines} == {"citizen"}
    known = [line for line in lines if line["coverage"] == "reported"]
    assert {f"{line['month']:%Y-%m}" for line in known} == {f"{2023 + i // 12}-{i % 12 + 1:02d}" for i in range(MONTHS)}
    for line in known:
        assert line["requests"] == counts[line["place"], f"{line['month']:%Y-%m}", words[line["category"]]]
    last = f"Town {TOWNS - 1:03d}"
    assert {line["coverage"] for line in lines if line["place"] == last} == {"not covered"}


def test_its_rows_figures_hours_and_early_figures_are_published(root: Path) -> None:
    rates = {
        (line["place"], line["period"], line["category"]): line
        for line in table(root, "request-rates-by-town").to_pylist()
    }
    town = rates["Town 000", "2024", "pothole"]
    assert (town["requests"], town["initiated_by"]) == (48 * 12, "all")
    assert town["rate_low"] < town["rate"] < town["rate_high"]
    assert town["relative_rate"] == pytest.approx(town["requests"] / town["expected"], rel=1e-3)
    assert (rates["State", "2024", "all"]["requests"] or 0) > 0
    rows = table(root, "requests")
    assert set(rows["category"].to_pylist()) == {"pothole", "street-light", "collection"}
    assert "request_number" not in rows.column_names
    assert set(table(root, "request-hours-by-town")["year"].to_pylist()) == {2023, 2024}
    early = table(root, "early-requests", 1).to_pylist()
    assert {(line["level"], line["month"]) for line in early} >= {("state", date(2024, 10, 1))}
    assert all(line["requests"] % 10 == 0 for line in early)


def test_nothing_tells_of_what_nobody_mapped(root: Path) -> None:
    names = ("requests-by-town", "request-rates-by-town", "requests", "early-requests", "sensitive-calls")
    for name in names:
        assert "unmapped" not in table(root, name, 1)["category"].cast(pa.string()).to_pylist(), name
    withheld = {c.slug: c.reason for c in release(root).portal.withheld_categories}
    assert withheld["unmapped"].startswith("Not yet classified")


def test_calls_are_as_without_it(root: Path, tmp_path: Path) -> None:
    alone = Portal(tmp_path, draw(Size(towns=TOWNS, counties=2, agencies=3, months=MONTHS, calls=0.4, seed=11)))
    for day in (date(2024, 11, 10), date(2025, 4, 10)):
        alone.publish(day)
    for version in release(tmp_path).datasets:
        if version.name != "row-time-levels":
            one, other = (table(folder, version.name).to_pylist() for folder in (tmp_path, root))
            assert sorted(map(repr, one)) == sorted(map(repr, other)), version.name
    assert release(tmp_path).withheld_rows == release(root).withheld_rows


def test_the_release_says_what_it_is_and_the_audit_looks_through_it(root: Path) -> None:
    found = release(root)
    assert [p.name for p in found.profiles] == ["calls", "service-requests"]
    assert [c.slug for c in found.kinds("service-requests")] == ["pothole", "street-light", "collection"]
    assert audit_release(Public.in_force(PublicStore(root / "data" / "public"))).passed


@pytest.mark.parametrize("category", ["streets", "all"])
def test_a_sum_that_is_none_is_no_release(root: Path, tmp_path: Path, category: str) -> None:
    folder = tmp_path / "public"
    shutil.copytree(root / "data" / "public", folder)
    version = release(root).dataset("request-rates-by-town")
    assert version is not None
    path = folder / version.files[0]
    lines = pq.read_table(path).to_pylist()
    for line in lines:
        if line["category"] == category and line["level"] == "town" and line["requests"] is not None:
            line["requests"] += 1
    pq.write_table(pa.Table.from_pylist(lines, pq.read_schema(path)), path)
    with pytest.raises(DataError, match="add up to something else"):
        audit_release(Public.in_force(PublicStore(folder)))


def test_what_counts_its_rows_is_withdrawn_with_them(root: Path) -> None:
    portal = open_portal(root)
    assert figures_of(portal, "requests") == ("requests-by-town", "request-rates-by-town", "request-hours-by-town")
    assert "verified-share-by-town" in figures_of(portal, "state-calls")


def test_check_goes_the_same_way(root: Path) -> None:
    found = {a.dataset.name: a.new_types for a in check(open_portal(root), []).accounted}
    assert [word for word, _ in found["requests"]] == ["Odd"]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/map?layer=service-requests", "Service requests"),
        ("/map?layer=service-requests&category=pothole", "othole"),
        ("/places/5000000000?layer=service-requests", "service requests"),
        ("/datasets/requests-by-town", "Service requests by town and month"),
        ("/datasets/requests", "Requests to the towns"),
        ("/privacy", "Not yet classified"),
    ],
)
def test_it_has_its_pages_in_its_own_words(site: httpx.Client, address: str, says: str) -> None:
    answer = site.get(address, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    assert says in answer.text


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("categories.csv", "sensitive,withheld", "sensitive,aggregates", "a sensitive category released as aggregates"),
        ("categories.csv", "unmapped,Not", "other,Not", "no category `unmapped`"),
        ("schema.toml", "counted = true", "counted = false", "no schema that is counted"),
        ("schema.toml", 'role = "time"', 'role = "none"', "no column of the role time"),
        ("schema.toml", 'role = "key"', 'role = "time"', "two columns of the role time"),
        ("schema.toml", 'name = "request_type"', 'name = "outcome"', "the column name outcome"),
        ("schema.toml", 'disclosure = "open"', 'disclosure = "sensitive"', "nobody has approved it"),
        ("profile.toml", 'early = "early', 'sensitive = "s"\nearly = "early', "no such table"),
        ("profile.toml", "[words]", f"{PARTS}[words]", "no column of the role case"),
    ],
)
def test_a_profile_that_is_not_sound_is_told(tmp_path: Path, file: str, old: str, new: str, says: str) -> None:
    portal, day = declare(tmp_path), date(2024, 11, 10)
    portal.write(records(portal.world, day), day)
    export(tmp_path, day)
    path = tmp_path / "profiles" / "service-requests" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(PortalError, match=says):
        open_portal(tmp_path)
