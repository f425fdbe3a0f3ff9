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
_APART = 0.01
"""Degrees, about a kilometre: projections that differ by less say the same town of nearly all points."""
# Of projections that put points within metres of each other, the one that agencies use.
_DATUMS = ("NAD83", "WGS 84", "OSGB36", "ETRS89", "NAD83(2011)", "NAD83(NSRS2007)", "NAD83(HARN)", "NAD83(CSRS)")
_SKIPPED = ("BLM", "NECCS")
_WEB_MERCATOR = 3857
_WIDEST = 90
"""Degrees: of projections for half the world and more only Web Mercator is what agencies publish in."""
_OLD = "NAD27"


@dataclass(frozen=True)
class Extent:
    """Degrees that enclose the portal's places."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class Found:
    """A projection that puts nearly all points into the places. `others` do so as well, and put them elsewhere."""

    epsg: int
    name: str
    others: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class _Used:
    """A projection, and the degrees of where it is used."""

    epsg: int
    name: str
    area: Extent

    def has(self, longitude: Floats, latitude: Floats) -> bool:
        """Whether nearly all of the points lie where it is used. Across the date line, none does."""
        across = (longitude >= self.area.west) & (longitude <= self.area.east)
        return float(np.mean(across & (latitude >= self.area.south) & (latitude <= self.area.north))) >= _NEARLY_ALL


@dataclass(frozen=True)
class _Tried:
    used: _Used
    share: float
    longitude: Floats
    latitude: Floats

    @property
    def rank(self) -> tuple[int, int]:
        datum = self.used.name.split(" / ", maxsplit=1)[0]
        return (_DATUMS.index(datum) if datum in _DATUMS else len(_DATUMS), self.used.epsg)

    @property
    def old(self) -> bool:
        """Of the survey of 1927, whose grid lies some 200 metres beside that of today."""
        return self.used.name.startswith(_OLD)


def projection_of(x: Floats, y: Floats, extent: Extent, locate: Locate) -> Found | None:
    """The projection of eastings and northings, of all that are used where the places lie; None where none fits."""
    tried = [t for used in _used_in(extent) if (t := _tried(used, x, y, locate)) is not None]
    good = [t for t in tried if t.share >= _NEARLY_ALL]
    good = [t for t in good if not t.old] or good
    if not good:
        return None
    best = min(good, key=lambda t: t.rank)
    others = sorted((t for t in good if _apart(best, t)), key=lambda t: t.rank)
    return Found(best.used.epsg, best.used.name, tuple((t.used.epsg, t.used.name) for t in others))


def _used_in(extent: Extent) -> list[_Used]:
    from pyproj.aoi import AreaOfInterest  # noqa: PLC0415  # takes as long as reading a small file
    from pyproj.database import query_crs_info  # noqa: PLC0415  # as above
    from pyproj.enums import PJType  # noqa: PLC0415  # as above

    here = AreaOfInterest(extent.west, extent.south, extent.east, extent.north)
    found = query_crs_info(auth_name="EPSG", pj_types=[PJType.PROJECTED_CRS], area_of_interest=here, contains=False)
    return [
        _Used(int(f.code), str(f.name), Extent(*f.area_of_use.bounds))
        for f in found
        if f.area_of_use
        and not any(word in f.name for word in _SKIPPED)
        and (f.area_of_use.east - f.area_of_use.west < _WIDEST or int(f.code) == _WEB_MERCATOR)
    ]


def _tried(used: _Used, x: Floats, y: Floats, locate: Locate) -> _Tried | None:
    """What a projection makes of the points; None where it is none, or is not used where it puts them."""
    try:
        longitude, latitude = roughly(used.epsg, x, y)
    except DataError:
        return None
    if not used.has(longitude, latitude):
        return None
    return _Tried(used, float(np.mean(locate(longitude, latitude) >= 0)), longitude, latitude)


def _apart(one: _Tried, other: _Tried) -> bool:
    distance = np.hypot(one.longitude - other.longitude, one.latitude - other.latitude)
    return bool(np.nanmedian(distance) > _APART)
