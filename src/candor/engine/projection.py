"""Coordinates of a projection become degrees, many at a time; which projections there are, says PROJ's own list."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from candor.errors import DataError

if TYPE_CHECKING:
    from pyproj import CRS, Transformer

Floats = npt.NDArray[np.float64]
Project = Callable[[Floats, Floats], tuple[Floats, Floats]]
"""Eastings and northings -> longitudes and latitudes, NaN where there are none. Can be pickled."""

DEGREES: Final = 4326
"""WGS 84, in which every point of this program is."""
_OTHER_LIST: Final = 100_000
"""Numbers from here on are Esri's, which map programs write in the same place."""


def reference_system(code: int | str) -> CRS:
    """The coordinate reference system of a number of EPSG's (or Esri's) list, or of a text that describes one.

    Raises `DataError` where there is none, or where it has no place on the earth.
    """
    from pyproj import CRS  # noqa: PLC0415  # takes as long as reading a small file; only projected sources need it
    from pyproj.exceptions import CRSError  # noqa: PLC0415  # as above

    try:
        found = CRS.from_user_input(_name(code))
    except CRSError as error:
        raise _unknown(code) from error
    flat = found.to_2d()
    if not (flat.is_projected or flat.is_geographic):
        raise _unknown(code)
    return flat


def _name(code: int | str) -> str:
    if isinstance(code, str):
        return code
    return f"{'EPSG' if code < _OTHER_LIST else 'ESRI'}:{code}"


def _unknown(code: int | str) -> DataError:
    named = f"EPSG:{code}" if isinstance(code, int) else "a text"
    return DataError(
        f"{named} is no map projection that is known",
        "the number of a projected or geographic coordinate reference system, such as 32145 (Vermont, metres)",
        "Look the number up at epsg.io, or in the description of the map layer that the coordinates come from.",
    )


class ToDegrees:
    """The way from a reference system to longitude and latitude. Can be pickled; made anew where it arrives."""

    def __init__(self, code: int | str) -> None:
        self.code = code
        # A number that is none is found out now.
        _thread(os.getpid()).submit(_transformer, code).result()

    def __call__(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Longitudes and latitudes of eastings and northings; NaN where there are none. From any thread."""
        return _thread(os.getpid()).submit(self._degrees, x, y).result()

    def _degrees(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        known = np.isfinite(x) & np.isfinite(y)
        longitude, latitude = _transformer(self.code).transform(np.where(known, x, 0.0), np.where(known, y, 0.0))
        good = known & np.isfinite(longitude) & np.isfinite(latitude)
        return np.where(good, longitude, np.nan), np.where(good, latitude, np.nan)


def roughly(code: int, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """As `ToDegrees`, to some 200 metres: the datum is left as it is, which takes a tenth of the time to set up."""
    return _thread(os.getpid()).submit(_roughly, code, x, y).result()


def _roughly(code: int, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    from pyproj import Proj  # noqa: PLC0415  # as above
    from pyproj.exceptions import ProjError  # noqa: PLC0415  # as above

    try:
        longitude, latitude = Proj(reference_system(code))(x, y, inverse=True)
    except ProjError as error:
        raise _unknown(code) from error
    good = np.isfinite(longitude) & np.isfinite(latitude)
    return np.where(good, longitude, np.nan), np.where(good, latitude, np.nan)


def fitting(west: float, south: float, east: float, north: float) -> list[tuple[int, str]]:
    """Numbers and names of the usual projections in whose own area those eastings and northings lie."""
    x, y = np.array([west, east, west, east]), np.array([south, north, north, south])
    found = []
    for code, name, area in _usual():
        longitude, latitude = roughly(code, x, y)
        across = area.west <= longitude.min() and longitude.max() <= area.east
        if across and area.south <= latitude.min() and latitude.max() <= area.north:
            found.append((code, name))
    return found


def _usual() -> Iterator[tuple[int, str, Any]]:
    from pyproj.database import query_crs_info  # noqa: PLC0415  # as above
    from pyproj.enums import PJType  # noqa: PLC0415  # as above

    for one in query_crs_info(auth_name="EPSG", pj_types=[PJType.PROJECTED_CRS]):
        if one.area_of_use and one.name.split(" / ", maxsplit=1)[0] in ("NAD83", "OSGB36"):
            yield int(one.code), one.name, one.area_of_use


@cache
def _thread(_process: int) -> ThreadPoolExecutor:
    """The only thread of a process that asks PROJ: from threads that Python did not start, such as an engine's, it
    crashes.
    """
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="projection")


@lru_cache(maxsize=512)
def _transformer(code: int | str) -> Transformer:
    from pyproj import Transformer  # noqa: PLC0415  # as above
    from pyproj.exceptions import ProjError  # noqa: PLC0415  # as above

    system: Any = reference_system(code)
    try:
        return Transformer.from_crs(system, DEGREES, always_xy=True)
    except ProjError as error:  # a system of another planet, or one that only computes
        raise _unknown(code) from error
