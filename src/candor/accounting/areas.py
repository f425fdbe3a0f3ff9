"""The areas of data sets that publish them instead of points: read, divided, joined, held against earlier ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from candor.accounting.withholding import published_schema
from candor.errors import DataError, PortalError, Problem
from candor.places.address_file import Addresses, read_addresses
from candor.places.anchor_file import read_anchors
from candor.places.areas import AREA, SNAP_SCHEMA, AreaIndex, Areas
from candor.places.cells import Cells, grid_cells, nearest_cells, neighbours, square_km, union
from candor.places.locate import TownIndex
from candor.places.pack import PlacesPack
from candor.portal.coverage import agencies
from candor.portal.model import DatasetConfig, Portal
from candor.portal.points_model import PointsConfig
from candor.privacy.areas.points import FEWEST_POINTS, AreaMap, Borders, Held, joined, nested, together, too_close
from candor.store.public import PublicStore

CATCHMENTS: Final = "catchments"
SCHEMA: Final = pa.schema(
    [
        ("dataset", pa.string()),
        ("area", pa.string()),
        ("parts", pa.string()),
        ("geoid", pa.string()),
        ("town", pa.string()),
        ("county", pa.string()),
        ("agency", pa.string()),
        ("addresses_at_least", pa.int64()),
        ("residents_at_least", pa.int64()),
        ("square_km", pa.float64()),
        ("geometry", pa.string()),
    ]
)
_TOWN: Final = ("geoid", "town", "county")
_BANDS: Final = (8, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Catchments:
    """The areas of a data set: for its rows, and as the lines of data set `catchments` (`SCHEMA`)."""

    areas: Areas
    lines: pa.Table


@dataclass(frozen=True)
class _Declared:
    """What a data set declares: its cells, whose rows they are for by town (empty: everybody's), and the addresses."""

    name: str
    points: PointsConfig
    towns_of: Mapping[str, frozenset[str]]
    cells: Cells
    agency: Mapping[int, str]
    addresses: Addresses


def catchments(portal: Portal, pack: PlacesPack, towns: TownIndex) -> dict[str, Catchments]:
    """The areas of each data set with `[points]`, by its name.

    Areas that were published before are kept, joined further where addresses have gone. Raises `PortalError` with every
    mistake in what is declared, `DataError` where areas would, together with others that are or were published, tell
    more of a row than that it is one of `minimum` addresses.
    """
    problems: list[Problem] = []
    read = [_declared(portal, d, pack, towns, problems) for d in portal.datasets.values() if d.points]
    declared = [d for d in read if d is not None]
    if problems:
        raise PortalError(problems)
    if not declared:
        return {}
    geoids = np.asarray(pack.places["geoid"].to_pylist(), dtype=object)
    earlier = _earlier(PublicStore(portal.data / "public"))
    known = [m for _, m in earlier]
    result: dict[str, Catchments] = {}
    for one in declared:
        before = [m for name, m in earlier if name == one.name][-1:] or known[-1:]
        areas, group = _divided(one, towns, _start(one.cells, geoids, before))
        drawn = AreaMap(geoids[areas.town], areas.shape)
        _require_apart(one, pack, known, drawn)
        known.append(drawn)
        result[one.name] = _catchments(one, pack, towns, areas, group)
    return result


def published_lines(catchments: Mapping[str, Catchments], kept: pa.Table | None, names: Sequence[str]) -> pa.Table:
    """The lines of data set `catchments`: those of the data sets `names` as they are now, the others' as `kept`."""
    parts = [areas.lines for name, areas in sorted(catchments.items()) if name in names]
    if kept is not None:
        parts.append(kept.filter(pc.invert(pc.is_in(kept["dataset"], value_set=pa.array(names, pa.string())))))
    lines = pa.concat_tables([p.select(SCHEMA.names).cast(SCHEMA) for p in parts]) if parts else SCHEMA.empty_table()
    return lines.sort_by([("dataset", "ascending"), ("geoid", "ascending"), ("area", "ascending")])


def _declared(
    portal: Portal, dataset: DatasetConfig, pack: PlacesPack, towns: TownIndex, problems: list[Problem]
) -> _Declared | None:
    points, where, before = dataset.points, f"datasets/{dataset.name}.toml: points", len(problems)
    area = published_schema(dataset).column(AREA)
    if points is None or (area and not area.publish):
        return None
    towns_of: dict[str, frozenset[str]] = {}
    for agency in agencies(dataset, portal.root):
        towns_of[agency.agency] = towns_of.get(agency.agency, frozenset()) | set(agency.places)
    _check_dataset(dataset, where, towns_of, problems)
    residents = points.counted == "residents"
    addresses = read_addresses(portal.root / points.addresses, points.addresses, residents=residents, problems=problems)
    covered = frozenset[str]().union(*towns_of.values())
    numbers = [i for i, g in enumerate(pack.places["geoid"].to_pylist()) if g in covered]
    agency_of: dict[int, str] = {}
    cells: Cells | None = None
    if points.anchors:
        path = portal.root / points.anchors
        anchors = read_anchors(path, points.anchors, pack, towns, towns_of, problems)
        if anchors:
            agency_of = dict(zip(anchors.town.tolist(), anchors.agency, strict=True))
            cells = nearest_cells(pack.boundaries, anchors.town, anchors.name, anchors.longitude, anchors.latitude)
    elif points.cells is not None and len(problems) == before:
        cells = grid_cells(pack.boundaries, numbers, points.cells)
    if addresses is None or cells is None or len(problems) > before:
        return None
    if not np.isin(towns.locate(addresses.longitude, addresses.latitude), numbers).any():
        said = f"{len(addresses.longitude):,} addresses, none of them in a town of the data set"
        problems.append(
            Problem(points.addresses, said, "addresses of these towns, in degrees", "Check the file and its columns.")
        )
        return None
    return _Declared(dataset.name, points, towns_of, cells, agency_of, addresses)


def _check_dataset(
    dataset: DatasetConfig, where: str, towns_of: Mapping[str, frozenset[str]], problems: list[Problem]
) -> None:
    schema = published_schema(dataset)
    longitude, latitude = schema.with_role("longitude"), schema.with_role("latitude")
    if not schema.counted or not longitude or not latitude:
        said, allowed = f"areas for the schema {schema.name!r}", "areas where rows are placed by their coordinates"
        problems.append(Problem(where, said, allowed, "Remove [points]."))
        return
    missing = [c.name for c in (latitude, longitude) if c.name not in dataset.columns]
    if missing:
        said = f"areas without a mapping of {', '.join(missing)}"
        problems.append(Problem(where, said, "both coordinates mapped", "Map the columns, or remove [points]."))
    coarse = [c.name for c in schema.columns if c.name in _TOWN and not (c.publish and c.generalise == "none")]
    if coarse:
        said = f"areas beside {', '.join(coarse)}, which is withheld or generalised: an area tells its town"
        allowed = "the town published as it is, or no area"
        problems.append(Problem(where, said, allowed, "Remove [points], or the rule of that column."))
    if not any(towns_of.values()):
        said = "areas where no agency declares a town"
        problems.append(Problem(where, said, "the agency's towns under [coverage]", "Name them, or remove [points]."))


def _divided(one: _Declared, towns: TownIndex, start: Ints) -> tuple[Cells, Ints]:
    """The areas of a data set, and for each of its cells the area that it is in, -1 where its town has none."""
    areas, group = one.cells, np.arange(len(one.cells.town))
    while True:
        contents = _held(one, AreaIndex(towns, areas.town, areas.shape), len(areas.town))
        if contents.enough(one.points.minimum).all() and len(np.unique(start)) == len(start):
            return areas, group
        near = neighbours(areas)
        label = joined(contents, Borders(near.first, near.second, near.length), one.points.minimum, start)
        first, compact = np.unique(label, return_inverse=True)
        number = compact.ravel() - int(len(first) > 0 and first[0] < 0)
        group = np.where(group >= 0, number[group], -1)
        roots = first[first >= 0]
        # Counted again as they are drawn: an address on a border may have changed its area.
        areas, start = Cells(areas.town[roots], areas.name[roots], union(areas, label)), np.arange(len(roots))


def _held(one: _Declared, index: AreaIndex, size: int) -> Held:
    area = index.locate(one.addresses.longitude, one.addresses.latitude)
    inside = area >= 0
    points = np.bincount(area[inside], minlength=size)
    if one.points.counted == "addresses":
        return Held(points, points)
    people = np.zeros(size, dtype=np.int64)
    np.add.at(people, area[inside], one.addresses.residents[inside])
    return Held(people, points)


def _start(cells: Cells, geoids: NDArray[np.object_], before: Sequence[AreaMap]) -> Ints:
    """Cells of an area that was published already stay together; the others begin alone."""
    alone = np.arange(len(cells.town))
    if not before or not len(alone):
        return alone
    area = nested(AreaMap(geoids[cells.town], cells.shape), before[0])
    return np.where(area >= 0, area, len(before[0].shape) + alone)


def _earlier(public: PublicStore) -> list[tuple[str, AreaMap]]:
    """Every map of areas that was ever published, with its data set, the oldest first; the same map once."""
    maps: list[tuple[str, AreaMap]] = []
    seen: set[tuple[object, ...]] = set()
    for release in sorted(public.releases(), key=lambda r: r.number):
        version = release.dataset(CATCHMENTS)
        if version is None or version.files in seen:
            continue
        seen.add(version.files)
        table = pq.read_table([str(p) for p in public.files(version)])
        for name in sorted(set(table["dataset"].to_pylist())):
            lines = table.filter(pc.equal(table["dataset"], name))
            key = (name, tuple(lines["geometry"].to_pylist()))
            if key not in seen:
                seen.add(key)
                maps.append((name, _map_of(lines)))
    return maps


def _map_of(lines: pa.Table) -> AreaMap:
    shapes = np.asarray(shapely.from_geojson(lines["geometry"].to_pylist()), dtype=object)
    return AreaMap(np.asarray(lines["geoid"].to_pylist(), dtype=object), shapes)


def _require_apart(one: _Declared, pack: PlacesPack, known: Sequence[AreaMap], drawn: AreaMap) -> None:
    if not known or not len(drawn.shape):
        return
    at, minimum = one.addresses, one.points.minimum
    close = too_close(reduce(together, known), drawn, at.longitude, at.latitude, minimum)
    if len(close):
        names = dict(zip(pack.places["geoid"].to_pylist(), pack.places["name"].to_pylist(), strict=True))
        which = sorted({names[g] for g in drawn.geoid[close].tolist()})
        more = f" and {len(which) - 5} more towns" if len(which) > 5 else ""
        raise DataError(
            f"{one.name}: the areas of {', '.join(which[:5])}{more} overlap with other areas of the same towns, which "
            f"are published or were: a row in both would be known to lie where they meet, at fewer than {minimum} "
            "addresses",
            "the same areas as before and in the portal's other data sets, or such that join or divide them",
            "Bring back the anchors, cells and minimum of before, give all data sets the same [points], or remove it.",
        )


def _catchments(one: _Declared, pack: PlacesPack, towns: TownIndex, areas: Cells, group: Ints) -> Catchments:
    size = len(areas.town)
    contents = _held(one, AreaIndex(towns, areas.town, areas.shape), size)
    order = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[order], np.arange(size + 1))
    parts = [sorted(one.cells.name[order[edges[i] : edges[i + 1]]].tolist()) for i in range(size)]
    names = [p[0] if len(p) == 1 else f"{p[0]} and {len(p) - 1} more" for p in parts]
    place = pack.places.take(pa.array(areas.town))
    agency = [one.agency.get(int(t), "") for t in areas.town]
    people, minimum = one.points.counted == "residents", one.points.minimum
    addresses = _band(contents.points, FEWEST_POINTS if people else minimum)
    residents = _band(contents.number, minimum) if people else [None] * size
    geometry = shapely.to_geojson(shapely.orient_polygons(areas.shape)).tolist() if size else []
    lines = pa.table(
        [
            pa.array([one.name] * size, pa.string()), pa.array(names, pa.string()),
            pa.array(["; ".join(p) for p in parts], pa.string()),
            place["geoid"], place["name"], place["county"], pa.array(agency, pa.string()),
            pa.array(addresses, pa.int64()), pa.array(residents, pa.int64()),
            pa.array(np.round(square_km(areas.shape), 2)), pa.array(geometry, pa.string()),
        ],
        schema=SCHEMA,
    )  # fmt: skip
    whose = [
        (index, name, geoid, other)
        for index, (name, geoid, only) in enumerate(zip(names, place["geoid"].to_pylist(), agency, strict=True))
        for other, covered in sorted(one.towns_of.items())
        if geoid in covered and only in ("", other)
    ]
    columns: list[tuple[object, ...]] = list(zip(*whose, strict=True)) or [()] * len(SNAP_SCHEMA)
    snap = pa.table([pa.array(c, f.type) for c, f in zip(columns, SNAP_SCHEMA, strict=True)], schema=SNAP_SCHEMA)
    return Catchments(Areas(snap, AreaIndex(towns, areas.town, areas.shape).locate), lines)


def _band(number: Ints, lowest: int) -> list[int]:
    """The lower end of the band that each number lies in; the lowest band begins with `lowest`."""
    bands = np.asarray([lowest, *[b for b in _BANDS if b > lowest]])
    low: list[int] = bands[np.maximum(np.searchsorted(bands, number, side="right") - 1, 0)].tolist()
    return low
