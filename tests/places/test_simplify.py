"""Towns drawn with fewer points: small, valid, without gaps."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely
from tests.places.conftest import feature, square

from candor.places.builder.importer import import_files
from candor.places.pack import PlacesPack, load_pack
from candor.places.simplify import public_geometries, simplified


def test_vermont_is_small_enough_for_a_page(vermont_pack: PlacesPack) -> None:
    texts = public_geometries(vermont_pack)
    raw = "\n".join(texts).encode()
    assert len(texts) == 255
    assert len(raw) < 120_000
    assert len(gzip.compress(raw)) < 35_000


def test_vermont_keeps_its_shape_and_its_shared_edges(vermont_pack: PlacesPack) -> None:
    drawn = simplified(vermont_pack)
    shapes = shapely.from_geojson(drawn.geometries)
    assert (drawn.shared_edges, drawn.reason) == (True, "")
    assert shapely.is_valid(shapes).all()
    assert not shapely.is_empty(shapes).any()
    assert shapely.coverage_is_valid(shapes)
    moved = shapely.area(shapely.symmetric_difference(shapes, vermont_pack.boundaries))
    assert moved.sum() < 0.003 * shapely.area(vermont_pack.boundaries).sum()
    assert (moved / shapely.area(vermont_pack.boundaries)).max() < 0.1
    coordinates = shapely.get_coordinates(shapes)
    assert np.array_equal(coordinates, np.round(coordinates, 4))
    # GeoJSON (RFC 7946) winds outer rings counterclockwise.
    assert shapely.is_ccw(shapely.get_exterior_ring(shapely.get_parts(shapes))).all()


def test_overlapping_boundaries_are_still_drawn(write_boundaries: Callable[..., Path], tmp_path: Path) -> None:
    file = write_boundaries(
        feature(square(0, 0, 0.5), GEOID="5000100001", NAME="A"),
        feature(square(0.3, 0.3, 0.5), GEOID="5000100002", NAME="B"),
    )
    import_files(tmp_path / "places", file)
    drawn = simplified(load_pack(tmp_path / "places"))
    assert not drawn.shared_edges
    assert "overlap" in drawn.reason
    assert "A" in drawn.reason
    assert [shapely.from_geojson(t).area for t in drawn.geometries] == pytest.approx([0.25, 0.25])


@pytest.mark.parametrize("size", [0.3, 0.0002, 0.00001, 0.0000003])
def test_no_town_vanishes(write_boundaries: Callable[..., Path], tmp_path: Path, size: float) -> None:
    file = write_boundaries(
        feature(square(-72.00003, 44.00003, size), GEOID="5000100001", NAME="Small"),
        feature(square(-71, 44, 0.5), GEOID="5000100002", NAME="Large"),
    )
    import_files(tmp_path / "places", file)
    drawn = [shapely.from_geojson(t) for t in public_geometries(load_pack(tmp_path / "places"))]
    assert all(shape.is_valid and shape.area > 0 for shape in drawn)
    assert json.loads(public_geometries(load_pack(tmp_path / "places"))[0])["type"] == "Polygon"
