"""The addresses by which areas are measured: points, and how many live there. They stay inside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from candor.errors import Problem
from candor.places.table_file import LATITUDE, LONGITUDE, Column, TableFile

_RESIDENTS: Final = Column(
    "residents", "residents: a whole number from 0", "Correct the number.", "^[0-9]{1,6}$", type=pa.int64()
)
ADDRESSES: Final = TableFile(
    (LATITUDE, LONGITUDE, _RESIDENTS),
    "Write the file, or correct its name under [points].",
    rows="addresses",
    others=True,
    # An address is nobody's business.
    private=True,
)
_DECIMALS: Final = 5
"""Addresses that lie within about a metre are at the same point: doors of one building."""


@dataclass(frozen=True)
class Addresses:
    """Points at which there are addresses, each once: degrees, and the residents of all addresses there."""

    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    residents: NDArray[np.int64]


def read_addresses(path: Path, file: str, *, residents: bool, problems: list[Problem]) -> Addresses | None:
    """Read `latitude`, `longitude` and, where they count, `residents`; other columns are not read.

    None where the file is wrong; why is added to `problems`, which name it `file` and quote at most a few lines.
    """
    own: list[Problem] = []
    declared = ADDRESSES if residents else replace(ADDRESSES, columns=(LATITUDE, LONGITUDE))
    table = declared.read(path, own, file=file)
    if own:
        problems += own
        return None
    y, x = table["latitude"].to_numpy(), table["longitude"].to_numpy()
    number = table["residents"].to_numpy() if residents else np.ones(len(x), dtype=np.int64)
    rounded = np.round(np.column_stack([x, y]), _DECIMALS).astype(np.float64)
    points, which = np.unique(rounded, axis=0, return_inverse=True)
    people = np.bincount(which.ravel(), weights=number, minlength=len(points)).astype(np.int64)
    return Addresses(points[:, 0], points[:, 1], people)
