"""A portal with Vermont's places, and the two real data sets added to it as their owner would."""

from __future__ import annotations

from pathlib import Path

import pytest

from candor.places.builder.importer import import_files
from candor.portal.write import init_portal
from candor.propose.add import add_dataset
from candor.propose.proposal import Proposal


@pytest.fixture(scope="session")
def vermont(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    root = tmp_path_factory.mktemp("vt")
    init_portal(root, title="Vermont", jurisdiction="Vermont", state="50", time_zone="America/New_York")
    places = shared_data / "vermont_places"
    import_files(root / "places", places / "town_boundaries_2020.geojson", places / "town_population_2020.csv",
                 places / "town_aliases.json")  # fmt: skip
    return root


@pytest.fixture(scope="session")
def burlington(vermont: Path, shared_data: Path) -> Proposal:
    source = shared_data / "burlington_calls" / "calls_2022_h1.csv"
    return add_dataset(vermont, "burlington-calls", source, schema="calls_for_service")


@pytest.fixture(scope="session")
def rutland(vermont: Path, shared_data: Path) -> Proposal:
    return add_dataset(vermont, "rutland-force", shared_data / "rutland" / "use_of_force_2015_2017.csv")
