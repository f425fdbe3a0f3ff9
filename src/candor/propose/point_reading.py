"""One way to read a source's points, and the points as it reads them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from candor.engine.projection import ToDegrees
from candor.engine.sql import identifier, literal
from candor.portal.point_forms import PARTS_OF_CIRCLE, PLAIN, POINT_FORMS, Axis

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Reading:
    """The column and the form of each coordinate, and the projection that both are in (None: degrees).

    `said` is how it is read, in words; `sure` whether the owner need not look.
    """

    longitude: str
    latitude: str
    forms: tuple[str, str] = (PLAIN, PLAIN)
    epsg: int | None = None
    said: str = ""
    sure: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads, each once."""
        return tuple(dict.fromkeys((self.longitude, self.latitude)))


def coordinate_sql(column: str, axis: Axis, form: str) -> str:
    """What `intake.points.coordinate` says, as DuckDB's SQL: a proposal is made without starting an engine."""
    text = f"trim({identifier(column)})"
    read = POINT_FORMS[form]
    if read.found:
        pattern, group = read.found[axis]
        text = f"regexp_extract({text}, {literal(pattern)}, {group})"
    if read.circle:
        return _of_circle(text)
    match read.decimals:
        case "point":
            text = f"replace({text}, ',', '')"
        case "either":
            text = f"replace({text}, ',', '.')"
        case "comma":
            text = f"CASE WHEN contains({text}, ',') THEN replace(replace({text}, '.', ''), ',', '.') ELSE {text} END"
    value = f"try_cast({text} AS double)"
    return f"({f'-abs({value})' if read.west else value} * {read.factor!r})"


def _of_circle(text: str) -> str:
    def part(group: int) -> str:
        return f"try_cast(regexp_extract({text}, {literal(PARTS_OF_CIRCLE)}, {group}) AS double)"

    def letter(group: int) -> str:
        return f"upper(regexp_extract({text}, {literal(PARTS_OF_CIRCLE)}, {group}))"

    side = f"(CASE WHEN {letter(1)} IN ('S', 'W', '-', '−') OR {letter(5)} IN ('S', 'W') THEN -1 ELSE 1 END)"
    return f"({side} * ({part(2)} + coalesce({part(3)}, 0) / 60 + coalesce({part(4)}, 0) / 3600))"


def points(landed: Path, reading: Reading, *, most: int = 0) -> tuple[Floats, Floats]:
    """Longitudes and latitudes of the rows that have a point; of `most` different points where that is not 0.

    The point 0, 0 is none. With a projection NaN stands for what it does not reach.
    """
    x = coordinate_sql(reading.longitude, "longitude", reading.forms[0])
    y = coordinate_sql(reading.latitude, "latitude", reading.forms[1])
    found = f"SELECT {x} AS x, {y} AS y FROM read_parquet({literal(str(landed))})"
    wanted = f"SELECT x, y FROM ({found}) WHERE isfinite(x) AND isfinite(y) AND NOT (x = 0 AND y = 0)"
    if most:
        # In an order of chance, and the same one each time.
        wanted = f"SELECT x, y FROM ({wanted}) GROUP BY x, y ORDER BY hash(x, y), x, y LIMIT {most}"
    with duckdb.connect(config={"memory_limit": "1GB", "temp_directory": str(landed.parent)}) as connection:
        columns = connection.execute(wanted).fetchnumpy()
    east, north = (np.asarray(columns[axis], dtype=np.float64) for axis in ("x", "y"))
    return ToDegrees(reading.epsg)(east, north) if reading.epsg is not None else (east, north)
