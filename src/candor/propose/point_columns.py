"""Which columns of a source may hold coordinates: by what their cells look like and by their headers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from candor.engine.sql import identifier, literal
from candor.portal.point_forms import (
    COMPASS,
    DECIMAL_COMMA,
    GEOJSON,
    LAT_LON,
    LON_LAT,
    NAMED,
    PARTS_OF_CIRCLE,
    PLAIN,
    POINT_FORMS,
    SEXAGESIMAL,
    WKT,
    Axis,
)
from candor.portal.words import header_words
from candor.propose.point_reading import Reading
from candor.propose.profiling import Column, Profile

_MOST = 0.9
_PART = 0.05
"""Of the cells of a column of points as many hold one at least: beside an address there may be none."""
_SEEN = 2_000
_FEWEST_LETTERS = 5
_LONG_WORDS: Mapping[Axis, frozenset[str]] = {
    "latitude": frozenset({"latitude", "lat", "northing", "latitud"}),
    "longitude": frozenset({"longitude", "long", "lon", "lng", "easting", "longitud"}),
}
_WORDS: Mapping[Axis, frozenset[str]] = {
    "latitude": frozenset({"y", "north", "ycoord", "ycoordinate", "geoy", "pointy", "mapy"}),
    "longitude": frozenset({"x", "east", "xcoord", "xcoordinate", "geox", "pointx", "mapx"}),
}
_AXES = frozenset().union(*_LONG_WORDS.values(), *_WORDS.values())
_AXIS_IN_WORD = re.compile(
    r"^(?:(?:geo|point|map|coord|coordinate|gps|sp|utm|loc|pos|inc|addr|state|plane)*([xy])"
    r"|([xy])(?:geo|point|map|coord|coordinate|coords|gps|sp|utm|loc|pos|ft|feet|m|val|value)*)$"
)
_OTHER_NUMBER = re.compile(f"{PARTS_OF_CIRCLE}|^[+-]?[0-9]{{1,3}}([.][0-9]{{3}})*(,[0-9]+)?$")
_IN_NUMBERS: tuple[tuple[str, str], ...] = (
    # Two numbers with decimals, or a parenthesis around them: dates, ranges and phone numbers are none.
    (WKT, "[Pp][Oo][Ii][Nn][Tt][^(]*[(] *[+-]?[0-9.]+[ ,]+[+-]?[0-9.]+"),
    (GEOJSON, "coordinates[^0-9+-]*[+-]?[0-9.]+[ ,]+[+-]?[0-9.]+"),
    (NAMED, "(?:^|[\"'{ ])(?:lat|LAT|Lat|y|Y)[A-Za-z]*[\"' ]*[:=][\"' ]*[+-]?[0-9]"),
    (COMPASS, "^ *[0-9]{1,2}[^NSEWnsew]*[NSns][ ,;/]*[0-9]{1,3}[^NSEWnsew]*[EWew] *$"),
    (LAT_LON, "[+-]?[0-9]{1,8}[.,][0-9]{2,}°?[ ,;:|/]+[+-]?[0-9]{1,8}[.,][0-9]{2,}[^0-9]*$"),
)


@dataclass(frozen=True)
class Pair:
    """A column that may hold longitudes (or eastings) and one that may hold latitudes; `named`: by their headers."""

    longitude: Column
    latitude: Column
    named: bool


def axis_of(header: str) -> Axis | None:
    """The coordinate that a header names."""
    words = header_words(header)
    for known in (_LONG_WORDS, _WORDS):
        axes: set[Axis] = {axis for axis, names in known.items() if names & set(words)}
        if len(axes) == 1:
            return axes.pop()
    joined = "".join(words)
    found = _AXIS_IN_WORD.match(joined)
    if found:
        return "longitude" if "x" in (found[1], found[2]) else "latitude"
    # INTPTLAT, CENTLON: one word of capitals.
    if ("latitude" in joined) != ("longitude" in joined):
        return "latitude" if "latitude" in joined else "longitude"
    if joined.endswith("lat"):
        return "latitude"
    return "longitude" if joined.endswith(("lon", "long", "lng")) else None


def text_readings(landed: Path, profile: Profile) -> Iterator[Reading]:
    """Columns whose cells hold both coordinates, with each order that two plain numbers may have."""
    columns = [c for c in profile.columns if c.values and c.share("number") < _MOST and c.longest > _FEWEST_LETTERS]
    for column, counts in zip(columns, _matching(landed, columns, [p for _, p in _IN_NUMBERS]), strict=True):
        seen, *matching = counts
        form = next((f for (f, _), n in zip(_IN_NUMBERS, matching, strict=True) if seen and n >= _PART * seen), None)
        if form is None:
            continue
        # What calls itself POINT and has the latitude first is read as two numbers.
        for one in (form, *(f for f in (LAT_LON, LON_LAT) if f != form and form in (LAT_LON, WKT))):
            said = f"{column.name} holds points as {POINT_FORMS[one].example}"
            yield Reading(column.name, column.name, (one, one), said=said)


def pairs(profile: Profile) -> list[Pair]:
    """Pairs of columns of numbers, those that are named for it first, those with the most alike names first."""
    numbers = [c for c in profile.columns if c.values and c.share("number") >= _MOST * _MOST]
    texts = [c for c in profile.columns if c.values and c not in numbers and axis_of(c.name) and _may_be(c)]
    able = [*numbers, *texts]
    order = {c.name: position for position, c in enumerate(profile.columns)}
    x = [c for c in able if axis_of(c.name) == "longitude"]
    y = [c for c in able if axis_of(c.name) == "latitude"]
    named = [Pair(a, b, named=True) for a in x for b in y]
    named.sort(key=lambda p: (_unlike(p), abs(order[p.longitude.name] - order[p.latitude.name])))
    free = [c for c in numbers if c.distinct > 1 and (c.share("integer") < _MOST or _large(c))]
    known = [{p.longitude.name, p.latitude.name} for p in named]
    others = [
        Pair(a, b, named=False)
        for position, a in enumerate(free[:12])
        for b in free[position + 1 : position + 3]
        if {a.name, b.name} not in known
    ]
    return [*named[:12], *others]


def forms_of(column: Column) -> tuple[str, ...]:
    """The forms that a coordinate in a column of its own may have, before what its size tells."""
    if column.share("number") < _MOST * _MOST:
        return (SEXAGESIMAL, DECIMAL_COMMA)
    return (PLAIN, DECIMAL_COMMA) if any("," in v for v in _some(column)) or not column.labels else (PLAIN,)


def is_whole(column: Column) -> bool:
    """Whether a column holds whole numbers."""
    return column.share("integer") >= _MOST * column.share("number")


def _some(column: Column) -> Sequence[str]:
    return [label for label, _ in column.labels[:200]]


def _may_be(column: Column) -> bool:
    values = _some(column)
    return not values or sum(bool(_OTHER_NUMBER.match(v)) for v in values) >= _MOST * len(values)


def _large(column: Column) -> bool:
    return max(abs(column.low or 0), abs(column.high or 0)) >= 1_000


def _unlike(pair: Pair) -> int:
    """How many words of the two headers differ, beside those that name the axis."""
    rest = [set(header_words(c.name)) - _AXES for c in (pair.longitude, pair.latitude)]
    return len(rest[0] ^ rest[1])


def _matching(landed: Path, columns: Sequence[Column], patterns: Sequence[str]) -> list[list[int]]:
    """For each column how many values were looked at, and how many of them match each pattern."""
    found = []
    with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
        for column in columns:
            name = identifier(column.name)
            counted = ", ".join(f"count(*) FILTER (regexp_matches(v, {literal(p)}))" for p in patterns)
            row = connection.execute(
                f"SELECT count(*), {counted} FROM (SELECT trim({name}) AS v FROM read_parquet({literal(str(landed))}) "
                f"WHERE length(trim({name})) > {_FEWEST_LETTERS} LIMIT {_SEEN})"
            ).fetchone()
            found.append([int(str(n)) for n in row or (0, *(0 for _ in patterns))])
    return found
