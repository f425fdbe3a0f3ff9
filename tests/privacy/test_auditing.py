"""The audit of a release: it passes what is published, and finds what must not be."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from candor.auditing import CUBE, Public, audit_release, require_passed
from candor.demo.portal import build_demo_portal
from candor.portal.problems import DataError
from candor.release import publish
from candor.schemas.check import open_portal
from candor.store.public import PublicStore

RATES = "call-rates-by-town"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("audited") / "portal"
    build_demo_portal(root, calls=9_000, months=13)
    publish(open_portal(root))
    return root


@pytest.fixture
def copy(portal: Path, tmp_path: Path) -> Public:
    """What the public has, in a folder of its own, to be spoiled."""
    shutil.copytree(portal / "data" / "public", tmp_path / "public")
    store = PublicStore(tmp_path / "public")
    release = store.current()
    assert release is not None
    return Public(store.folder, release.datasets, release.categories, release.offence_categories)


def path_of(public: Public, name: str) -> Path:
    (found,) = [d for d in public.datasets if d.name == name]
    (file,) = found.files
    return public.folder / file


def sensitive(public: Public) -> list[str]:
    return [c.slug for c in public.categories if c.sensitivity == "sensitive"]


def tell(public: Public, name: str, column: str, line: int, value: int) -> None:
    """Publish a number in a line where there was another or none."""
    path = path_of(public, name)
    table = pq.read_table(path)
    values = table[column].to_pylist()
    values[line] = value
    at = table.column_names.index(column)
    pq.write_table(table.set_column(at, column, pa.array(values, table.schema.field(column).type)), path)


def lines_of(public: Public, name: str, **wanted: str) -> np.ndarray:
    """The numbers of the lines that have these values in sensitive categories."""
    table = pq.read_table(path_of(public, name))
    mask = pc.is_in(table["category"].cast(pa.string()), value_set=pa.array(sensitive(public)))
    for column, value in wanted.items():
        mask = pc.and_(mask, pc.equal(table[column].cast(pa.string()), value))
    return np.flatnonzero(mask.to_numpy())


def test_a_release_carries_the_certificate_of_its_audit(portal: Path) -> None:
    release = PublicStore(portal / "data" / "public").current()
    assert release is not None
    assert release.audit is not None
    assert release.audit.attacked > 100
    assert (release.audit.recovered, release.audit.narrow) == (0, 0)
    assert (release.audit.narrowest_low, release.audit.narrowest_high) == (1, 4)


def test_every_withheld_count_is_attacked(copy: Public) -> None:
    withheld = len(lines_of(copy, CUBE, coverage="suppressed"))
    offences = len(lines_of_offences(copy))
    assert audit_release(copy, 5).attacked == withheld + offences


def lines_of_offences(public: Public) -> np.ndarray:
    table = pq.read_table(path_of(public, "offences-by-town"))
    return np.flatnonzero(pc.equal(table["coverage"].cast(pa.string()), "suppressed").to_numpy())


def test_a_year_that_is_told_gives_its_one_withheld_month_away(copy: Public) -> None:
    cube = pq.read_table(
        path_of(copy, CUBE), columns=["geoid", "category", "initiated_by", "month", "coverage", "calls"]
    )
    hidden = cube.filter(pc.equal(cube["coverage"].cast(pa.string()), "suppressed"))
    hidden = hidden.filter(pc.equal(hidden["initiated_by"].cast(pa.string()), "citizen"))
    hidden = hidden.filter(pc.not_equal(hidden["geoid"].cast(pa.string()), ""))
    keys = hidden.select(["geoid", "category"]).cast(pa.schema([("geoid", pa.string()), ("category", pa.string())]))
    alone = keys.group_by(["geoid", "category"]).aggregate([([], "count_all")])
    alone = alone.filter(pc.equal(alone["count_all"], 1)).to_pylist()[0]
    line = lines_of(copy, RATES, geoid=alone["geoid"], category=alone["category"], period="all", initiated_by="citizen")
    own = cube.filter(
        pc.and_(
            pc.and_(
                pc.equal(cube["geoid"].cast(pa.string()), alone["geoid"]),
                pc.equal(cube["category"].cast(pa.string()), alone["category"]),
            ),
            pc.equal(cube["initiated_by"].cast(pa.string()), "citizen"),
        )
    )
    tell(copy, RATES, "calls", int(line[0]), (pc.sum(own["calls"]).as_py() or 0) + 3)
    found = audit_release(copy, 5)
    assert found.recovered == 1
    assert (found.narrowest[0].low, found.narrowest[0].high) == (3, 3)
    with pytest.raises(DataError, match=r"1 of .* withheld counts"):
        require_passed(found)


def test_the_states_total_of_a_kind_narrows_its_withheld_counts(copy: Public) -> None:
    """All at their least: a total that only ones can make up tells each of them."""
    line = lines_of(copy, RATES, level="state", period="all", initiated_by="all", coverage="suppressed")[0]
    table = pq.read_table(path_of(copy, RATES), columns=["category"])
    category = table["category"].cast(pa.string())[int(line)].as_py()
    cube = pq.read_table(path_of(copy, CUBE), columns=["geoid", "category", "coverage", "calls"])
    cube = cube.filter(
        pc.and_(
            pc.equal(cube["category"].cast(pa.string()), category), pc.not_equal(cube["geoid"].cast(pa.string()), "")
        )
    )
    hidden = pc.sum(pc.equal(cube["coverage"].cast(pa.string()), "suppressed")).as_py()
    tell(copy, RATES, "calls", int(line), (pc.sum(cube["calls"]).as_py() or 0) + hidden)
    assert audit_release(copy, 5).recovered == hidden


def test_figures_that_contradict_each_other_are_refused(copy: Public) -> None:
    line = int(lines_of(copy, RATES, level="town", coverage="zero", category_level="category")[0])
    tell(copy, RATES, "calls", line, 1)
    with pytest.raises(DataError, match="add up to 0"):
        audit_release(copy, 5)


def test_a_row_of_a_sensitive_kind_is_refused(copy: Public) -> None:
    path = path_of(copy, "municipal-calls")
    table = pq.read_table(path)
    values = table["category"].to_pylist()
    values[0] = sensitive(copy)[0]
    at = table.column_names.index("category")
    pq.write_table(table.set_column(at, "category", pa.array(values, table.schema.field("category").type)), path)
    with pytest.raises(DataError, match="1 rows of sensitive categories"):
        audit_release(copy, 5)


def test_the_command_says_what_it_found(portal: Path) -> None:
    command = [sys.executable, "-m", "candor", "audit", "--portal", str(portal)]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["passed"] is True
    assert found["recovered"] == 0
    assert found["attacked"] > 100
    words = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Recovered exactly: 0" in words
