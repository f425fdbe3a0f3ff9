"""The audit of real releases: it passes what is published, and finds what must not be."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.privacy import secret_portal
from tests.privacy.secret_portal import TOWNS, Call, World

from candor.auditing import Public, attacked, audit_release, primary_only, require_passed
from candor.portal.problems import DataError, UsageError
from candor.store.model import Release
from candor.store.public import PublicStore

CUBE, FIGURES, RATES = "calls-by-town", "sensitive-calls", "call-rates-by-town"
MONTHS = 14


@pytest.fixture(scope="module")
def world() -> World:
    return secret_portal.draw()


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, world: World) -> Path:
    root = tmp_path_factory.mktemp("audited") / "portal"
    secret_portal.build(root, world, months=MONTHS)
    secret_portal.release(root)
    return root


@pytest.fixture
def copy(portal: Path, tmp_path: Path) -> Public:
    """What the public has, in a folder of its own, to be spoiled."""
    shutil.copytree(portal / "data" / "public", tmp_path / "public")
    return Public.in_force(PublicStore(tmp_path / "public"))


def path_of(public: Public, name: str) -> Path:
    found = public.newest.dataset(name)
    assert found is not None
    return public.folder / found.files[0]


def sensitive(public: Public) -> list[str]:
    return [c.slug for c in public.newest.sensitive()]


def put(public: Public, name: str, column: str, lines: np.ndarray, value: object) -> None:
    """Publish something else in some lines."""
    path = path_of(public, name)
    table = pq.read_table(path)
    values = table[column].to_pylist()
    for line in lines:
        values[int(line)] = value
    at = table.column_names.index(column)
    pq.write_table(table.set_column(at, column, pa.array(values, table.schema.field(column).type)), path)


def lines_of(public: Public, name: str, **wanted: str) -> np.ndarray:
    """The numbers of the lines that have these values, in sensitive categories where no other is named."""
    table = pq.read_table(path_of(public, name))
    mask = pc.is_in(table["category"].cast(pa.string()), value_set=pa.array(sensitive(public)))
    if "category" in wanted or "category_level" in wanted:
        mask = pc.is_valid(table["category"])
    for column, value in wanted.items():
        mask = pc.and_(mask, pc.equal(table[column].cast(pa.string()), value))
    return np.flatnonzero(mask.to_numpy())


def true_count(world: World, nature: str, town: int, year: int) -> int:
    own = [c for c in world.calls if c.nature == nature and not c.marked and (c.town, c.when.year) == (town, year)]
    return len(own)


def test_a_release_carries_the_certificate_of_its_audit(portal: Path) -> None:
    release = PublicStore(portal / "data" / "public").current()
    assert release is not None
    found = release.audit
    assert found is not None
    assert found.attacked > 100
    assert (found.recovered, found.narrow, found.led_to_small, found.changes_found) == (0, 0, 0, 0)
    assert (found.versions, found.categories) == (
        1,
        len([c for c in release.categories if c.sensitivity == "sensitive"]),
    )
    assert len(found.narrowest) == 5
    assert (found.narrowest_low, found.narrowest_high) == (found.narrowest[0].low, found.narrowest[0].high)
    assert Release.model_validate_json(release.model_dump_json()) == release


def test_every_withheld_figure_is_attacked(copy: Public) -> None:
    withheld = len(lines_of(copy, FIGURES, coverage="suppressed"))
    offences = lines_of(copy, "offences-by-town", category="rape-revised", coverage="suppressed")
    found = audit_release(copy)
    table = pq.read_table(path_of(copy, FIGURES))
    # A county of which one town reported a month has the town's figure: one set of counts, attacked once.
    assert 0 <= withheld + len(offences) - found.attacked < 0.05 * withheld
    assert found.told >= pc.sum(pc.is_valid(table["calls"])).as_py()


def test_what_only_primary_suppression_would_leave_open_is_shown(portal: Path, copy: Public) -> None:
    kept = portal / "data" / "internal" / "sensitive"
    found = primary_only(copy, kept)
    published = audit_release(copy)
    assert found.recovered > 0
    assert not found.passed
    assert found.attacked < published.attacked
    with pytest.raises(DataError, match="withheld counts more closely"):
        require_passed(found)
    with pytest.raises(UsageError, match="not at hand"):
        primary_only(copy, kept.parent / "elsewhere")
    told = lines_of(copy, FIGURES, level="county", coverage="reported")
    assert len(told)
    put(copy, FIGURES, "calls", told[:1], 77)
    with pytest.raises(DataError, match="are not those that release 1 was made of"):
        primary_only(copy, kept)


@pytest.mark.parametrize("where", [FIGURES, RATES])
def test_a_withheld_year_of_a_town_that_is_told_is_found(copy: Public, world: World, where: str) -> None:
    line = lines_of(copy, where, level="town", category="overdose", period="2023", coverage="suppressed")[0]
    geoid = pq.read_table(path_of(copy, where))["geoid"][int(line)].as_py()
    value = true_count(world, "Overdose", [t.geoid for t in TOWNS].index(geoid), 2023)
    put(copy, where, "calls", np.array([line]), value)
    found = audit_release(copy)
    assert found.recovered >= 1
    assert f"overdose, {_name(geoid)} ({geoid}), 2023" in [
        k.figure for k in found.narrowest if k.low == k.high == value
    ]
    with pytest.raises(DataError, match=r"overdose, .*: it is "):
        attacked(copy)


def _name(geoid: str) -> str:
    return next(t.name for t in TOWNS if t.geoid == geoid)


def test_a_month_of_a_county_that_is_told_is_found(copy: Public) -> None:
    """Where it was withheld, and where it gives the others away that were withheld beside it."""
    lines = lines_of(copy, FIGURES, level="county", period_kind="month", coverage="suppressed")
    put(copy, FIGURES, "calls", lines[:1], 3)
    put(copy, FIGURES, "coverage", lines[:1], "reported")
    assert audit_release(copy).narrow >= 1


@pytest.mark.parametrize(
    ("table", "column", "wanted", "value", "said"),
    [
        (RATES, "rate", {"level": "state", "coverage": "suppressed"}, 3.0, "gives rate in 1 lines"),
        (RATES, "smoothed", {"level": "town", "coverage": "suppressed"}, 1.1, "gives smoothed in 1 lines"),
        (RATES, "comparison", {"level": "town", "coverage": "suppressed"}, "lower", "gives comparison in 1 lines"),
        (RATES, "change", {"level": "state", "coverage": "suppressed"}, "up", "gives change in 1 lines"),
        (FIGURES, "rate_high", {"level": "county", "coverage": "suppressed"}, 3.0, "gives rate_high in 1 lines"),
        (RATES, "initiated_by", {"level": "town"}, "citizen", "by who began the call"),
        (RATES, "calls", {"level": "town", "category_level": "all", "coverage": "reported"}, 1, "add up to"),
        (RATES, "calls", {"level": "state", "category_level": "group", "coverage": "reported"}, 1, "add up to"),
        (FIGURES, "months_reported", {"level": "town"}, 7, "counts 7 reported months"),
        (CUBE, "category", {"category": "noise"}, "overdose", "1 lines of sensitive categories"),
        (secret_portal.CALLS, "category", {"category": "noise"}, "overdose", "1 rows of sensitive categories"),
    ],
)
def test_what_must_not_be_in_a_table_is_a_fault(
    copy: Public, table: str, column: str, wanted: dict[str, str], value: object, said: str
) -> None:
    put(copy, table, column, lines_of(copy, table, **wanted)[:1], value)
    with pytest.raises(DataError, match=said) as error:
        audit_release(copy)
    assert "Nothing was published" in str(error.value)


def test_a_change_since_a_withheld_figure_tells_of_it(copy: Public) -> None:
    lines = lines_of(copy, RATES, level="state", category="suicide")
    told = {line["period"]: line for line in pq.read_table(path_of(copy, RATES)).take(pa.array(lines)).to_pylist()}
    month = next(
        m for m in np.datetime64("2023-02") + np.arange(MONTHS - 1)
        if told[str(m)]["coverage"] == "reported" and told[str(m - 1)]["coverage"] == "suppressed"
    )  # fmt: skip
    assert told[str(month)]["change_ratio"] is None
    put(copy, RATES, "change_ratio", lines_of(copy, RATES, level="state", category="suicide", period=str(month)), 2.5)
    with pytest.raises(DataError, match="gives change_ratio in 1 lines"):
        audit_release(copy)


def test_a_withheld_offence_that_its_rates_tell_is_found(copy: Public) -> None:
    line = lines_of(copy, "offences-by-town", category="rape-revised", coverage="suppressed")[0]
    about = pq.read_table(path_of(copy, "offences-by-town")).slice(int(line), 1).to_pylist()[0]
    of_year = {"geoid": about["geoid"], "category": "rape-revised", "period": str(about["year"])}
    put(copy, "offence-rates-by-town", "offences", lines_of(copy, "offence-rates-by-town", **of_year), 2)
    found = audit_release(copy)
    assert found.recovered == 1
    assert (found.narrowest[0].low, found.narrowest[0].high) == (2, 2)


def test_the_command_says_what_it_found(portal: Path) -> None:
    command = [sys.executable, "-m", "candor", "audit", "--portal", str(portal)]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["passed"] is True
    assert (found["recovered"], found["versions"]) == (0, 1)
    assert found["attacked"] > 100
    words = subprocess.run([*command, "--primary-only"], capture_output=True, text=True, check=True).stdout
    assert "could be recovered exactly by subtraction" in words


def test_releases_of_corrected_data_pass_together(portal: Path, tmp_path: Path, world: World) -> None:
    """A late report and a new month, a corrected row, a call of another kind, a month published again, a way back."""
    root = tmp_path / "portal"
    shutil.copytree(portal, root)

    def publish(changed: World, months: int = MONTHS) -> Release:
        secret_portal.build(root, changed, months=months)
        return secret_portal.release(root)

    def each(change: dict[int, Call]) -> World:
        nonlocal world
        world = replace(world, calls=tuple(change.get(c.number, c) for c in world.calls))
        return world

    some = [c for c in world.calls if c.nature == "Overdose" and c.month < MONTHS]
    first = some[3]
    neighbour = next(i for i, t in enumerate(TOWNS) if t.county == TOWNS[first.town].county and i != first.town)
    assert publish(world, MONTHS + 1).revised == ()  # a month more
    moved = publish(each({first.number: replace(first, town=neighbour)}), MONTHS + 1)
    assert f"{first.when:%Y-%m}" in moved.revised
    other = some[10]
    recoded = publish(each({other.number: replace(other, nature="Suicidal person")}), MONTHS + 1)
    assert f"{other.when:%Y-%m}" in recoded.revised
    month = some[20].month
    again = {c.number: replace(c, town=(c.town + 1) % 5) for c in world.calls if c.month == month and c.town < 5}
    republished = publish(each(again), MONTHS + 1)
    last = republished.audit
    assert last is not None
    assert (last.versions, last.recovered, last.narrow, last.led_to_small, last.changes_found) == (5, 0, 0, 0, 0)
    assert last.changes > 0

    command = [sys.executable, "-m", "candor", "rollback", "--portal", str(root)]
    subprocess.run([*command, "2"], check=True, capture_output=True)
    back = PublicStore(root / "data" / "public").current()
    assert back is not None
    assert set(back.revised) == {*moved.revised, *recoded.revised, *republished.revised}
    assert back.audit is not None
    assert back.audit.versions == 6
    # Figures that were counted together come back together, or not at all.
    refused = subprocess.run([*command, FIGURES, "4"], check=False, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "bring the whole release back" in " ".join(refused.stderr.split())
    assert PublicStore(root / "data" / "public").number() == 6
