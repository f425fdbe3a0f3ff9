"""Boundaries in a map projection become degrees: by the number that is given, or as the file itself says."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from candor.engine.projection import ToDegrees, fitting, reference_system
from candor.errors import Problem
from candor.places.builder.spatial import declared_system

_ALLOWED: Final = "degrees of longitude and latitude, or a projection that the file or --epsg names"
_FEW: Final = 6
_NEAR: Final = 2.0


def in_degrees(
    path: Path, shapes: NDArray[np.object_], epsg: int | None, problems: list[Problem], notes: list[str]
) -> NDArray[np.object_]:
    """The shapes of a file in degrees; what was done is added to `notes`, what cannot be to `problems`.

    `epsg` is the projection that the publisher says; without it the file's own counts. Shapes that are in degrees stay
    as they are, whatever is said of them.
    """
    bounds = shapely.total_bounds(shapes) if len(shapes) else np.full(4, np.nan)
    drawn = bool(np.isfinite(bounds).all())
    if not drawn or _are_degrees(bounds):
        if drawn and epsg is not None and reference_system(epsg).is_projected:
            notes.append(f"the boundaries are in degrees already: --epsg {epsg} was not needed")
        return shapes
    if _are_degrees(bounds[[1, 0, 3, 2]]):
        notes.append("longitude and latitude were exchanged in the boundaries: they were read so")
        return np.asarray(shapely.transform(shapes, lambda points: points[:, ::-1]), dtype=object)
    system: int | str = epsg if epsg is not None else declared_system(path)
    corner = f"{bounds[0]:.0f}, {bounds[1]:.0f}"
    if system == "" or not reference_system(system).is_projected:
        fits = [f"{code} ({name})" for code, name in fitting(*bounds)]
        # Numbers as of half the country's zones tell nothing.
        like = f" The numbers would fit {', '.join(fits)}." if 0 < len(fits) <= _FEW else ""
        remedy = f"Say which projection they are in, such as --epsg 32145; the map's publisher knows the number.{like}"
        problems.append(Problem(path.name, f"coordinates such as {corner}, which are no degrees", _ALLOWED, remedy))
        return shapes
    way = ToDegrees(system)
    made = np.asarray(shapely.transform(shapes, lambda p: np.column_stack(way(p[:, 0], p[:, 1]))), dtype=object)
    name = reference_system(system).name
    if not np.isfinite(shapely.get_coordinates(made)).all() or not _used_there(system, shapely.total_bounds(made)):
        problems.append(
            Problem(path.name, f"coordinates such as {corner}, with which {name} is not used", _ALLOWED,
                    "Look the number of the projection up again, and give it as --epsg.")
        )  # fmt: skip
        return shapes
    notes.append(f"the boundaries were in the projection {name} and became degrees")
    return made


def _are_degrees(bounds: NDArray[np.float64]) -> bool:
    return bool((np.abs(bounds[::2]) <= 180).all() and (np.abs(bounds[1::2]) <= 90).all())


def _used_there(system: int | str, bounds: NDArray[np.float64]) -> bool:
    """Whether a projection is used there, or in the neighbourhood; where nobody says where it is used, it is."""
    area = reference_system(system).area_of_use
    if area is None or area.west > area.east:  # across the date line
        return True
    across = bounds[0] <= area.east + _NEAR and bounds[2] >= area.west - _NEAR
    return bool(across and bounds[1] <= area.north + _NEAR and bounds[3] >= area.south - _NEAR)
