"""Places to test with: Vermont's real files, and a small state of squares."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from candor.places.builder.importer import ImportSummary, import_files
from candor.places.pack import PlacesPack, load_pack

ROOT = Path(__file__).resolve().parents[2]


def square(x: float, y: float, size: float = 0.1) -> list[list[list[float]]]:
    """The coordinates of a square polygon from its lower left corner."""
    return [[[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]]


def feature(coordinates: list[Any], **properties: object) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": coordinates},
    }


@pytest.fixture
def write_boundaries(tmp_path: Path) -> Callable[..., Path]:
    """Writes features as a GeoJSON file and says where."""

    def write(*features: dict[str, Any], name: str = "boundaries.geojson") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), encoding="utf-8")
        return path

    return write


@pytest.fixture
def four_squares(write_boundaries: Callable[..., Path]) -> Path:
    """Milton, Avery's gore, Rutland city, Rutland town: four squares that share edges."""
    return write_boundaries(
        feature(square(-73.0, 44.0), GEOID="5000100003", NAMELSAD="Rutland city", COUNTY="ALPHA COUNTY"),
        feature(square(-72.9, 44.0), GEOID="5000100001", NAMELSAD="Milton town", COUNTY="ALPHA COUNTY"),
        feature(square(-73.0, 44.1), GEOID="5000100004", NAMELSAD="Rutland town", COUNTY="ALPHA COUNTY"),
        feature(square(-72.9, 44.1), GEOID="5000300002", NAMELSAD="Avery's gore", COUNTY="GRAND ISLE COUNTY"),
    )


@pytest.fixture(scope="session")
def vermont(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ImportSummary]:
    """The pack of Vermont's 2020 towns from the real files, and what the import said."""
    folder = tmp_path_factory.mktemp("vermont") / "places"
    real = shared_data / "vermont_places"
    summary = import_files(
        folder,
        real / "town_boundaries_2020.geojson",
        real / "town_population_2020.csv",
        real / "town_aliases.json",
    )
    return folder, summary


@pytest.fixture(scope="session")
def vermont_pack(vermont: tuple[Path, ImportSummary]) -> PlacesPack:
    return load_pack(vermont[0])


@pytest.fixture(scope="session")
def counties_topojson() -> Path:
    """us-atlas' counties: where the front end's build puts them, or where npm has them for it."""
    places = (
        ROOT / "src/candor/site/static/atlas/counties-10m.json",
        ROOT / "frontend/node_modules/us-atlas/counties-10m.json",
    )
    found = next((p for p in places if p.is_file()), None)
    if found is None:
        reason = "us-atlas is missing: run `make frontend`"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found
