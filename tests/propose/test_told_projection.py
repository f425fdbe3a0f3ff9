"""A file that tells its projection is believed, where that puts its points into the places."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from pyproj import Transformer

from candor.profiles.catalogue import standard_schemas
from candor.profiles.profile import standard_taxonomy
from candor.propose.coverage import Towns
from candor.propose.projections import Extent
from candor.propose.proposal import propose

WEST, SOUTH, SIDE, ROWS = -72.62, 44.21, 0.1, 60


def locate(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int32]:
    inside = (x > WEST) & (x < WEST + SIDE) & (y > SOUTH) & (y < SOUTH + SIDE)
    return np.where(inside, 0, -1).astype(np.int32)


# Of Web Mercator another projection that is defined for the world says nearly the same place, but not the same town.
@pytest.mark.parametrize(("wkid", "latest"), [(102100, 3857), (102684, 2233), (26918, 26918)])
def test_the_projection_of_esri_json_is_the_one_that_it_tells(wkid: int, latest: int, tmp_path: Path) -> None:
    # A zone that does not cover the places: what the file tells cannot be, and is not believed.
    given = 26918 if latest == 2233 else latest
    transform = Transformer.from_crs(4326, given, always_xy=True).transform
    points = [transform(WEST + 0.01 + i * 0.0013, SOUTH + 0.09 - i * 0.0012) for i in range(ROWS)]
    features = [
        {"attributes": {"N": f"C{i}", "Kind": "Alarm"}, "geometry": {"x": x, "y": y}} for i, (x, y) in enumerate(points)
    ]
    path = tmp_path / "export.json"
    path.write_text(json.dumps({"spatialReference": {"wkid": wkid, "latestWkid": latest}, "features": features}))
    towns = Towns(
        pa.table({"geoid": ["11"], "name": ["Aton"]}),
        locate,
        lambda _: (),
        Extent(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE),
    )
    proposal = propose(
        "calls", path, tmp_path, schema=standard_schemas()["calls_for_service"], taxonomy=standard_taxonomy("calls"),
        towns=towns, zone="America/New_York",
    )  # fmt: skip
    written = tomllib.loads(proposal.toml_text)
    assert written["source"]["epsg"] == given
    assert (written["columns"]["longitude"]["from"], written["columns"]["latitude"]["from"]) == ("x", "y")
    assert ("does not put its points into the places" in "".join(proposal.unsure)) == (latest != given)
