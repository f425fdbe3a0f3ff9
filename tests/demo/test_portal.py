"""The portal that the simulator writes is one that a publisher could have written, and says that it is simulated."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import pytest
from tests.demo.conftest import MONTHS, Built

from candor.demo.portal import DATASETS, build_demo_portal
from candor.errors import UsageError
from candor.portal.coverage import agencies
from candor.portal.load import read_portal
from candor.profiles.catalogue import schema_of
from candor.profiles.profile import standard_taxonomy


def test_its_text_is_without_a_mistake(built: Built) -> None:
    reading = read_portal(built.root)
    assert reading.problems == []
    assert reading.config is not None
    assert reading.config.simulated
    assert set(reading.datasets) == {*DATASETS.values(), "community-events"}
    assert sum(len(agencies(d, built.root)) for d in reading.datasets.values()) == built.summary.agencies


def test_every_mapped_column_is_in_the_schema_and_in_the_file(built: Built) -> None:
    for dataset in read_portal(built.root).datasets.values():
        with (built.root / dataset.source.path).open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file, delimiter=dataset.source.delimiter))
        assert tuple(header) == dataset.source.columns
        for name, mapping in dataset.columns.items():
            assert mapping.source in header
            assert schema_of(dataset).column(name) is not None, name


def test_crosswalks_name_standard_categories_and_leave_some_unmapped(built: Built) -> None:
    reading, taxonomy = read_portal(built.root), standard_taxonomy("calls")
    for name in DATASETS.values():
        entries = reading.crosswalks[f"{name}.csv"]
        assert {entry.category for entry in entries if taxonomy.get(entry.category) is None} == {""}
        assert len(entries) > 60


def test_everything_says_that_it_is_simulated(built: Built) -> None:
    for export in built.summary.exports.values():
        assert "SIMULATED" in export.path.name
    for table, number, agency in (
        (built.municipal, "IncidentNumber", "Agency"),
        (built.state, "Case No", "Department"),
    ):
        assert all(n.startswith("SIM") for n in table[number].to_pylist())
        assert all(a.endswith(" (simulated)") for a in table[agency].unique().to_pylist())
    for dataset in read_portal(built.root).datasets.values():
        assert "SIMULATED" in dataset.title
        assert "SIMULATED" in dataset.description


def test_the_summary_counts_the_files(built: Built) -> None:
    assert built.summary.rows == built.municipal.num_rows + built.state.num_rows
    assert built.summary.rows > built.summary.calls
    assert (built.summary.towns, built.summary.covered, built.summary.months) == (255, 245, MONTHS)
    assert all(export.bytes == export.path.stat().st_size for export in built.summary.exports.values())


def test_the_state_layout_is_what_any_csv_reader_takes(built: Built) -> None:
    path = built.summary.exports["state-and-sheriff-calls"].path
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file, delimiter=";"))
    assert {len(row) for row in rows} == {len(header)}
    assert len(rows) == built.summary.exports["state-and-sheriff-calls"].rows
    remarks = [row[header.index("Remarks")] for row in rows]
    assert any("\n" in remark and '"' in remark for remark in remarks)
    # More lines than rows: newlines are inside quoted cells.
    assert len(path.read_text(encoding="utf-8").splitlines()) > len(rows) + 1


def test_progress_is_told_by_month(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    build_demo_portal(tmp_path / "p", calls=2_000, months=3, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    def hashes(name: str, seed: int) -> dict[str, str]:
        root = tmp_path / name
        build_demo_portal(root, calls=3_000, months=2, seed=seed)
        files = sorted(path for path in root.rglob("*") if path.is_file())
        return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    first, second, other = hashes("first", 1), hashes("second", 1), hashes("other", 2)
    assert first == second
    assert first.keys() == other.keys()
    assert {name for name in first if first[name] != other[name]} >= {n for n in first if n.startswith("sources/")}


def test_a_portal_that_is_there_is_never_written_over(built: Built) -> None:
    before = (built.root / "portal.toml").read_bytes()
    with pytest.raises(UsageError, match="a portal in"):
        build_demo_portal(built.root, calls=10)
    assert (built.root / "portal.toml").read_bytes() == before


def test_a_parameter_out_of_range_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="calls"):
        build_demo_portal(tmp_path / "p", calls=0)
    assert not (tmp_path / "p").exists()
