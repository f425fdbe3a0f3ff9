"""The columns of JSON records: the leaves of their structure, each with where it is found in a record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from candor.engine.sql import literal
from candor.sources.json_structure import ARRAY, Tree, escaped, structure
from candor.sources.names import distinct

_FIRST = 200
"""Records whose order of keys is that of the columns; keys that come later follow by name."""


@dataclass(frozen=True)
class Shape:
    """How the records of a document are read.

    `below` is the key of the object that holds a record's columns (`properties` of GeoJSON, `attributes` of Esri's), if
    any. `names` are the columns' where records are arrays, with their places in the array (`places`).
    The first `header` lines are no rows but those names.

    `geometry` is `geojson`, `esri`, or empty; `degrees` whether its numbers are degrees.
    """

    below: str = ""
    names: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    header: int = 0
    geometry: str = ""
    degrees: bool = True


@dataclass(frozen=True)
class Leaf:
    """A column: its name, and the JSON pointers under which its value may be."""

    name: str
    pointer: str
    point_type: str = ""
    """The pointer to the type of a geometry: the value counts only where that is `Point`."""


def leaves(connection: duckdb.DuckDBPyConnection, records: str, shape: Shape) -> tuple[Leaf, ...]:
    """The columns of the records in the table `records`, whose column `line` holds valid JSON.

    A geometry that is a point in no record has none.
    """
    if shape.names:
        return _named(distinct(shape.names), [Leaf("", place) for place in shape.places])
    first = [
        json.loads(line) for (line,) in connection.execute(f"SELECT line FROM {records} LIMIT {_FIRST}").fetchall()
    ]
    order = _order(iter(first))
    if first and isinstance(first[0], list):
        width = _width(connection, records)
        return _named([f"column_{i + 1}" for i in range(width)], [Leaf("", f"/{i}") for i in range(width)])
    found = list(_columns(structure(connection, records), order, shape))
    types = {leaf.point_type for leaf in found if leaf.point_type}
    points = {
        t
        for t in types
        if connection.execute(
            f"SELECT count(*) FROM {records} WHERE json_extract_string(line, {literal(t)}) = 'Point'"
        ).fetchone()
        != (0,)
    }
    found = [leaf for leaf in found if not leaf.point_type or leaf.point_type in points]
    return _named(distinct(leaf.name for leaf in found), found)


def _columns(tree: Tree, order: Sequence[str], shape: Shape) -> Iterator[Leaf]:
    top = tree.get(shape.below) if shape.below else tree
    base = f"/{escaped(shape.below)}" if shape.below else ""
    found = list(_within(top, "", base)) if isinstance(top, Mapping) else []
    places = {pointer: place for place, pointer in enumerate(order)}
    found.sort(key=lambda leaf: places.get(_parent(leaf.pointer, places), len(places)))
    points = sum(leaf.point_type != "" for leaf in found)
    taken = {leaf.name.casefold() for leaf in found}
    for leaf in found:
        plain = leaf.name.rpartition(".")[2]
        # One point in a record is its place: its degrees are called what they are.
        alone = leaf.point_type and points == 2 and plain not in taken and not shape.geometry
        yield Leaf(plain, leaf.pointer, leaf.point_type) if alone else leaf
    if shape.below and "id" in tree and "id" not in taken and not isinstance(tree["id"], Mapping):
        yield Leaf("id", "/id")
    geometry = tree.get("geometry")
    if shape.geometry and isinstance(geometry, Mapping):
        x, y = ("longitude", "latitude") if shape.degrees else ("x", "y")
        x, y = (f"geometry.{n}" if {x, y} & taken else n for n in (x, y))
        if shape.geometry == "esri" and "x" in geometry:
            yield from (Leaf(x, "/geometry/x"), Leaf(y, "/geometry/y"))
        elif "coordinates" in geometry:
            yield Leaf(x, "/geometry/coordinates/0", "/geometry/type")
            yield Leaf(y, "/geometry/coordinates/1", "/geometry/type")


def _within(tree: Tree, name: str, pointer: str) -> Iterator[Leaf]:
    for key, below in tree.items():
        own, place = (f"{name}.{key}" if name else key), f"{pointer}/{escaped(key)}"
        if not isinstance(below, Mapping):
            yield Leaf(own, place)
        elif {"type", "coordinates"} <= below.keys() and below["coordinates"] == ARRAY:
            yield Leaf(f"{own}.longitude", f"{place}/coordinates/0", f"{place}/type")
            yield Leaf(f"{own}.latitude", f"{place}/coordinates/1", f"{place}/type")
        else:
            yield from _within(below, own, place)


def _order(records: Iterator[object]) -> list[str]:
    """The pointers in the first records, in the order in which they come."""
    pointers: dict[str, None] = {}

    def walk(value: object, pointer: str) -> None:
        if isinstance(value, dict):
            for key, below in value.items():
                place = f"{pointer}/{escaped(key)}"
                pointers.setdefault(place)
                walk(below, place)

    for record in records:
        walk(record, "")
    return list(pointers)


def _parent(pointer: str, places: Mapping[str, int]) -> str:
    """The pointer itself, or the nearest above it that is known."""
    while pointer and pointer not in places:
        pointer = pointer.rpartition("/")[0]
    return pointer


def _width(connection: duckdb.DuckDBPyConnection, records: str) -> int:
    (width,) = connection.execute(f"SELECT max(json_array_length(line::JSON)) FROM {records}").fetchone() or (0,)
    return int(width or 0)


def _named(names: Sequence[str], found: Sequence[Leaf]) -> tuple[Leaf, ...]:
    return tuple(Leaf(n, f.pointer, f.point_type) for n, f in zip(names, found, strict=True))


def pointers_sql(found: Sequence[Leaf]) -> tuple[str, dict[str, int]]:
    """All pointers as an SQL list, and each with its place in it, from 1."""
    all_of = dict.fromkeys(p for leaf in found for p in (leaf.pointer, leaf.point_type) if p)
    return "[" + ", ".join(map(literal, all_of)) + "]", {p: i for i, p in enumerate(all_of, start=1)}
