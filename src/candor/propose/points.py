"""Where a source says where things were: which columns hold coordinates, and how they are written.

What is taken is what puts nearly all points into the portal's places. What does not is asked, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from candor.engine.base import Locate
from candor.portal.point_forms import PLAIN, POINT_FORMS, WEST
from candor.portal.schema_model import Schema
from candor.propose.coverage import Towns
from candor.propose.mapping import LeftOut, Mapped, StandardMapping
from candor.propose.point_columns import Pair, forms_of, is_whole, pairs, text_readings
from candor.propose.point_reading import Reading, points
from candor.propose.profiling import Column, Profile
from candor.propose.projections import Extent, Found, projection_of

Floats = npt.NDArray[np.float64]

_NEARLY_ALL = 0.9
_SOME = 0.1
_MOST_POINTS = 2_000
_TRIED_POINTS = 300
_NAMED_MOST = 4
_FACTORS = tuple(name for name, form in POINT_FORMS.items() if form.factor != 1)
_SMALL_PARTS = (PLAIN, "hundredths", "thousandths")
"""How the numbers of a projection are written: whole units, or whole parts of them."""


@dataclass(frozen=True)
class Proposed:
    """The mapping with its coordinates, how they are read (None where there are none), and what is unsure."""

    mapping: StandardMapping
    reading: Reading | None
    unsure: tuple[str, ...] = ()


def with_points(
    mapping: StandardMapping,
    profile: Profile,
    schema: Schema,
    landed: Path,
    towns: Towns | None,
    epsg: int | None = None,
) -> Proposed:
    """The mapping with the coordinates of the source. `towns` are the portal's places, if it has any; `epsg` is the
    projection where the file itself tells it.

    Coordinates that the mapping has already stay, where they put some of their points into the places.
    """
    latitude, longitude = schema.with_role("latitude"), schema.with_role("longitude")
    if latitude is None or longitude is None:
        return Proposed(mapping, None)
    search = _Search(profile, landed, towns.locate if towns else None, towns.extent if towns else None, epsg)
    x, y = mapping.source_of(longitude.name), mapping.source_of(latitude.name)
    named = Reading(x, y) if x and y else None
    if named and search.share(named) >= _NEARLY_ALL:
        return Proposed(mapping, named)
    found = search.best(named)
    if found is None:
        asked = search.question(named)
        return Proposed(mapping, named, (asked,) if asked else ())
    if found == named:
        return Proposed(mapping, named)
    share = search.share(found)
    unsure = [] if found.sure else [f"{found.said}: look whether that is so."]
    if found.epsg is not None and found.sure and towns and epsg is None:
        unsure.append(f"{found.said}: {share:.0%} of the points lie in the portal's places by it.")
    if epsg not in (None, found.epsg):
        unsure.append(f"The file tells EPSG:{epsg}, which does not put its points into the places. {found.said}.")
    if towns and share < _NEARLY_ALL:
        unsure.append(f"{found.said}; only {share:.0%} of the points lie in the portal's places.")
    return Proposed(_with(mapping, schema, found, (latitude.name, longitude.name)), found, tuple(unsure))


class _Search:
    """Ways to read the points of a source, tried one after another."""

    def __init__(
        self, profile: Profile, landed: Path, locate: Locate | None, extent: Extent | None, epsg: int | None
    ) -> None:
        self._profile, self._landed, self._locate, self._extent = profile, landed, locate, extent
        self._epsg = epsg
        self._shares: dict[Reading, float] = {}
        self._pairs = pairs(profile)
        self._several: tuple[Reading, Found] | None = None

    def share(self, reading: Reading) -> float:
        """The share of the different points that lie in the places; without places, of those that are on the globe."""
        key = replace(reading, said="", sure=True)
        if key not in self._shares:
            x, y = points(self._landed, reading, most=_MOST_POINTS)
            self._shares[key] = self._inside(x, y)
        return self._shares[key]

    def _inside(self, x: Floats, y: Floats) -> float:
        if not len(x):
            return 0.0
        here = self._locate(x, y) >= 0 if self._locate else (np.abs(x) <= 180) & (np.abs(y) <= 90)
        return float(np.mean(here))

    def best(self, named: Reading | None) -> Reading | None:
        """The reading that puts most points into the places: the evident ones first, each kind only where none before
        it puts nearly all there.
        """
        evident = [*([named] if named else []), *text_readings(self._landed, self._profile), *self._degrees()]
        first = max(evident, key=self._rows, default=None)
        if first and self.share(first) >= _NEARLY_ALL:
            return first
        others = (self._told(), self._otherwise(), self._parts(), self._projected())
        kinds = others if self._locate else others[:2]
        for tried in kinds:
            found = next((r for r in tried if self.share(r) >= _NEARLY_ALL), None)
            if found:
                return found
        return first if first and self.share(first) >= _SOME else None

    def _rows(self, reading: Reading) -> float:
        """How many rows it places, about; fewer for what is no better than what stands before it."""
        values = min(self._profile.column(c).values for c in reading.columns)
        return self.share(reading) * values

    def question(self, named: Reading | None) -> str:
        """What is asked where coordinates seem to be there and nothing puts them into the places; empty where not."""
        if self._several:
            reading, found = self._several
            fits = [(found.epsg, found.name), *found.others]
            few = ", ".join(f"{code} ({name})" for code, name in fits[:_NAMED_MOST])
            more = f" and {len(fits) - _NAMED_MOST} more" if len(fits) > _NAMED_MOST else ""
            return (
                f"{' and '.join(reading.columns)} hold coordinates that lie in the portal's places by several "
                f"projections, each elsewhere: {few}{more}. Ask the agency which it is, map the columns and write its "
                "number as [source] epsg."
            )
        likely = next((p for p in self._pairs if p.named), None)
        if named or likely is None:
            return ""
        why = "neither as degrees nor in any projection that is used here do they lie in the portal's places"
        if self._locate is None:
            why = "they are no degrees; once the portal has places, another `candor dataset add` finds the projection"
        return (
            f"{likely.longitude.name} and {likely.latitude.name} seem to hold coordinates, and {why}. Or ask the "
            "agency for the projection, map the columns and write its number as [source] epsg."
        )

    def _degrees(self) -> Iterator[Reading]:
        """Pairs of columns as degrees, as they are written."""
        for pair in self._pairs:
            for x, y in _orders(pair) if not pair.named else [(pair.longitude, pair.latitude)]:
                for form in forms_of(x):
                    other = form if form in forms_of(y) else forms_of(y)[0]
                    said = f"{x.name} and {y.name} hold degrees"
                    written = f", written like {POINT_FORMS[form].example}" if form != PLAIN else ""
                    yield Reading(x.name, y.name, (form, other), said=said + written, sure=pair.named)

    def _told(self) -> Iterator[Reading]:
        """Coordinates in the projection that the file tells."""
        if self._epsg is None:
            return
        for pair in self._pairs:
            for x, y in _orders(pair):
                said = (
                    f"{x.name} and {y.name} hold coordinates in the projection that the file tells (EPSG:{self._epsg})"
                )
                yield Reading(x.name, y.name, epsg=self._epsg, said=said)

    def _otherwise(self) -> Iterator[Reading]:
        """Columns that are exchanged, and degrees west without their sign."""
        for pair in self._pairs:
            if not pair.named:
                continue
            x, y = pair.longitude.name, pair.latitude.name
            for form in forms_of(pair.longitude):
                exchanged = f"Longitude and latitude are exchanged: {y} holds the longitude, {x} the latitude"
                yield Reading(y, x, (form, form), said=exchanged, sure=False)
            for a, b in ((x, y), (y, x)) if self._locate else ():
                said = f"{a} holds the longitude without the sign of what lies west of Greenwich"
                yield Reading(a, b, (WEST, PLAIN), said=said, sure=False)

    def _parts(self) -> Iterator[Reading]:
        """Whole numbers for parts of a degree."""
        for pair in self._pairs:
            if not (is_whole(pair.longitude) and is_whole(pair.latitude)):
                continue
            for x, y in _orders(pair):
                for form in _FACTORS:
                    said = f"{x.name} and {y.name} hold {form} of a degree"
                    yield Reading(x.name, y.name, (form, form), said=said, sure=pair.named)

    def _projected(self) -> Iterator[Reading]:
        """Eastings and northings of a projection."""
        if self._extent is None or self._locate is None:
            return
        texts = list(text_readings(self._landed, self._profile))
        numbers = [
            Reading(x.name, y.name, (form, form))
            for pair in self._pairs
            for x, y in _orders(pair)
            for form in (*_SMALL_PARTS, *forms_of(pair.longitude)[1:])
        ]
        for reading in [*texts, *numbers]:
            x, y = points(self._landed, reading, most=_TRIED_POINTS)
            if not len(x) or np.median(np.abs(x) + np.abs(y)) < 1_000:
                continue
            found = projection_of(x, y, self._extent, self._locate)
            if found is None:
                continue
            if found.others:
                self._several = self._several or (reading, found)
                continue
            among = " and ".join(reading.columns)
            said = f"{among} hold coordinates in the projection {found.name} (EPSG:{found.epsg})"
            yield replace(reading, epsg=found.epsg, said=said)


def _orders(pair: Pair) -> list[tuple[Column, Column]]:
    return [(pair.longitude, pair.latitude), (pair.latitude, pair.longitude)]


def _with(mapping: StandardMapping, schema: Schema, found: Reading, names: tuple[str, str]) -> StandardMapping:
    """The mapping with the coordinates, in the schema's order; what else was read from their columns is not."""
    latitude, longitude = names
    remark = f"{found.said}."
    new = [
        Mapped(latitude, found.latitude, found.forms[1], remarks=(remark,)),
        Mapped(longitude, found.longitude, found.forms[0]),
    ]
    kept = [m for m in mapping.columns if m.name not in names and not set(m.sources) & set(found.columns)]
    order = {c.name: position for position, c in enumerate(schema.columns)}
    columns = sorted([*kept, *new], key=lambda m: order[m.name])
    sources = {name for m in columns for name in m.sources}
    before = {name: m.name for m in mapping.columns for name in m.sources}
    left = [c for c in mapping.left_out if c.source not in sources]
    left += [LeftOut(s, "others are read as the coordinates") for s in before if s not in sources]
    wrong = tuple(f"{source} has the name of" for source in found.columns)
    return StandardMapping(tuple(columns), tuple(left), tuple(u for u in mapping.unsure if not u.startswith(wrong)))
