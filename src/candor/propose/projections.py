"""Which map projection numbers are in, told by where it would put them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candor.engine.base import Locate
from candor.engine.projection import roughly
from candor.errors import DataError

Floats = npt.NDArray[np.float64]

_NEARLY_ALL = 0.9
_ALIKE = 0.03
_APART = 0.01
"""Degrees, about a kilometre: projections that differ by less say the same town of nearly all points."""
# Of projections that put points within metres of each other, the one that agencies use.
_DATUMS = ("NAD83", "WGS 84", "OSGB36", "ETRS89", "NAD83(2011)", "NAD83(NSRS2007)", "NAD83(HARN)", "NAD83(CSRS)")
_WEB_MERCATOR = 3857
_SKIPPED = ("BLM", "EASE-Grid", "Geocentric")


@dataclass(frozen=True)
class Extent:
    """Degrees that enclose the portal's places."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class Found:
    """A projection that puts nearly all points into the places; `share` of them. `others`: names of those that do so
    as well, and put them elsewhere.
    """

    epsg: int
    name: str
    share: float
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Tried:
    epsg: int
    name: str
    share: float
    longitude: Floats
    latitude: Floats

    @property
    def rank(self) -> tuple[int, bool, int]:
        datum = self.name.split(" / ", maxsplit=1)[0]
        return (_DATUMS.index(datum) if datum in _DATUMS else len(_DATUMS), self.epsg != _WEB_MERCATOR, self.epsg)


def projection_of(x: Floats, y: Floats, extent: Extent, locate: Locate) -> Found | None:
    """The projection of eastings and northings, of all that are used where the places lie; None where none fits."""
    tried = [t for code, name in _used_in(extent) if (t := _tried(code, name, x, y, locate)) is not None]
    good = [t for t in tried if t.share >= _NEARLY_ALL]
    if not good:
        return None
    most = max(t.share for t in good)
    best = min((t for t in good if t.share >= most - _ALIKE), key=lambda t: t.rank)
    others = [t for t in good if _apart(best, t) and t.share >= most - _ALIKE]
    return Found(best.epsg, best.name, best.share, tuple(t.name for t in sorted(others, key=lambda t: t.rank)))


def _used_in(extent: Extent) -> list[tuple[int, str]]:
    from pyproj.aoi import AreaOfInterest  # noqa: PLC0415  # takes as long as reading a small file
    from pyproj.database import query_crs_info  # noqa: PLC0415  # as above
    from pyproj.enums import PJType  # noqa: PLC0415  # as above

    here = AreaOfInterest(extent.west, extent.south, extent.east, extent.north)
    found = query_crs_info(auth_name="EPSG", pj_types=[PJType.PROJECTED_CRS], area_of_interest=here, contains=False)
    return [(int(f.code), str(f.name)) for f in found if not any(word in f.name for word in _SKIPPED)]


def _tried(code: int, name: str, x: Floats, y: Floats, locate: Locate) -> _Tried | None:
    try:
        longitude, latitude = roughly(code, x, y)
    except DataError:
        return None
    return _Tried(code, name, float(np.mean(locate(longitude, latitude) >= 0)), longitude, latitude)


def _apart(one: _Tried, other: _Tried) -> bool:
    distance = np.hypot(one.longitude - other.longitude, one.latitude - other.latitude)
    return bool(np.nanmedian(distance) > _APART)
