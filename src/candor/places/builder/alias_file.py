"""A file of other names for towns: villages, misspellings, and names that mean more than one town.

Two shapes are read. JSON as the `vt-town-name-cleaner` of Vermont's geodata office writes it: `towns` with the official
name, GEOID, county and a point of each, and `aliases` from a name to an official name or to
`{"type": "ambiguous", "options": [..]}`. Or CSV with `alias` and `geoid`, an ambiguous name on several lines.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely

from candor.errors import Problem, UsageError
from candor.places.builder.codes import Codes
from candor.places.names import normalise_name, official_names
from candor.places.pack import ALIASES_SCHEMA, PlacesPack
from candor.places.table_file import read_text_csv


@dataclass(frozen=True)
class AliasFile:
    """`aliases` as in the pack. `read` and `ambiguous` count the names in the file as they were written there."""

    aliases: pa.Table
    read: int
    ambiguous: int
    notes: tuple[str, ...]


def read_aliases(path: Path, pack: PlacesPack, problems: list[Problem]) -> AliasFile | None:
    """Read other names for the places of `pack` (whose own aliases do not matter). None where there are problems."""
    if not path.is_file():
        raise UsageError(f"no file {path}", "a JSON or CSV file of other names", "Correct the path.")
    if path.suffix.lower() == ".csv":
        return _read_csv(path, pack, problems)
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
        towns, names = dict(found["towns"]), dict(found["aliases"])
        options = {name: _options(meaning) for name, meaning in names.items()}
        known = {name: dict(town) for name, town in towns.items()}
    except (ValueError, KeyError, TypeError) as error:
        allowed = 'JSON with "towns" and "aliases", or a CSV file with alias and geoid'
        problems.append(Problem(path.name, f"{type(error).__name__}: {error}", allowed, "Bring the file again."))
        return None
    ambiguous = {name for name, meaning in names.items() if not isinstance(meaning, str)}
    resolver = _Towns(known, pack)
    return _resolve(options, ambiguous, resolver, pack)


def _options(meaning: str | dict[str, list[str]]) -> list[str]:
    return [meaning] if isinstance(meaning, str) else [str(option) for option in meaning["options"]]


class _Towns:
    """The alias file's towns as places of the pack.

    Name and county decide before the GEOID: a code can be copied to the wrong town, as for two towns of one code.
    A town that the pack does not have (a village that became a city later) is the place that its point lies in.
    """

    def __init__(self, towns: dict[str, dict[str, Any]], pack: PlacesPack) -> None:
        self.notes: list[str] = []
        self._towns = towns
        self._pack = pack
        places = pack.places.select(["geoid", "name", "county"]).to_pylist()
        self._name = {p["geoid"]: p["name"] for p in places}
        county = {p["geoid"]: normalise_name(p["county"]) for p in places}
        self._named: dict[tuple[str, str], set[str]] = {}
        for row in official_names(pack.places).to_pylist():
            self._named.setdefault((row["alias"], county[row["geoid"]]), set()).add(row["geoid"])
        self._claims = Counter(str(t.get("geoid", "")) for t in towns.values())
        self.geoid = {normalise_name(name): self._find(name, town) for name, town in towns.items()}

    def _find(self, name: str, town: dict[str, Any]) -> str:
        code = str(town.get("geoid", ""))
        county = normalise_name(str(town.get("county", "")))
        named = self._named.get((normalise_name(name), county.removesuffix(" COUNTY")), set())
        if len(named) == 1:
            (geoid,) = named
            if code and code != geoid:
                shared = f", which {self._claims[code]} towns of the file carry" if self._claims[code] > 1 else ""
                whose = f" (that of {self._name[code]})" if code in self._name else ""
                self.notes.append(
                    f"{name.title()}: the alias file gives it GEOID {code}{whose}{shared}; by name and county it is "
                    f"{self._name[geoid]}, {geoid}, and is taken as that"
                )
            return geoid
        if code in self._name and self._claims[code] == 1:
            return code
        place = self._around(town)
        if place:
            self.notes.append(
                f"{name.title()} is no place of these boundaries; its point lies in {self._name[place]}, where its "
                "names lead"
            )
        else:
            self.notes.append(f"{name.title()} is no place of these boundaries; its names are left out")
        return place

    def _around(self, town: dict[str, Any]) -> str:
        try:
            point = shapely.Point(float(town["longitude"]), float(town["latitude"]))
        except (KeyError, TypeError, ValueError):
            return ""
        around = [
            geoid
            for geoid, shape in zip(self._name, self._pack.boundaries, strict=True)
            if shapely.intersects(shape, point)
        ]
        return around[0] if len(around) == 1 else ""

    def of_option(self, option: str) -> list[str]:
        """The places that an option names: "Vershire and Randolph" are two. Empty text: none of the pack."""
        name = normalise_name(option)
        if name in self.geoid:
            return [self.geoid[name]]
        parts = name.split(" AND ")
        return [self.geoid.get(part, "") for part in parts]


def _resolve(options: dict[str, list[str]], ambiguous: set[str], towns: _Towns, pack: PlacesPack) -> AliasFile:
    sure: dict[str, set[str]] = {}
    unsure: dict[str, set[str]] = {}
    left_out = 0
    for name, meanings in options.items():
        alias = normalise_name(name)
        found = {geoid for meaning in meanings for geoid in towns.of_option(meaning)}
        if not alias or (name not in ambiguous and found <= {""}):
            left_out += 1
            continue
        # What the file calls ambiguous stays so, even where only one of its towns is in the pack.
        (unsure if name in ambiguous else sure).setdefault(alias, set()).update(found)
    official: dict[str, set[str]] = {}
    for row in official_names(pack.places).to_pylist():
        official.setdefault(row["alias"], set()).add(row["geoid"])
    overruled = sorted(a for a, geoids in sure.items() if len(official.get(a, ())) == 1 and geoids != official[a])
    for alias in overruled:
        del sure[alias]
    lines = {alias: geoids for alias, geoids in sure.items() if alias not in unsure}
    for alias, geoids in unsure.items():
        together = geoids | sure.get(alias, set())
        lines[alias] = together if len(together) > 1 else together | {""}
    merged = sorted(alias for alias, geoids in lines.items() if len(geoids) > 1 and alias not in unsure)
    notes = list(towns.notes)
    if overruled:
        notes.append(f"official names that the alias file gives to another town stay official: {', '.join(overruled)}")
    if merged:
        notes.append(f"names that mean different towns once written alike are ambiguous: {', '.join(merged)}")
    if left_out:
        notes.append(f"names left out because they lead to no place of these boundaries: {left_out}")
    pairs = [(alias, geoid) for alias, geoids in sorted(lines.items()) for geoid in sorted(geoids)]
    table = pa.table([[a for a, _ in pairs], [g for _, g in pairs]], schema=ALIASES_SCHEMA)
    return AliasFile(table, read=len(options), ambiguous=len(ambiguous), notes=tuple(notes))


def _read_csv(path: Path, pack: PlacesPack, problems: list[Problem]) -> AliasFile | None:
    try:
        text = read_text_csv(path)
        code = next((c for c in ("geoid", "code") if c in text.column_names), "geoid")
        table = pa.table({"alias": text["alias"], "geoid": text[code]})
    except (pa.ArrowInvalid, KeyError) as error:
        problems.append(Problem(path.name, str(error), "a CSV file with the columns alias and geoid", "Write it so."))
        return None
    names = [normalise_name(a) for a in table.column("alias").to_pylist()]
    codes = Codes(pack.places).found(table["geoid"]).to_pylist()
    known = set(pack.places.column("geoid").to_pylist()) | {""}
    problems.extend(
        Problem(f"{path.name}:{line}", f"the geoid {code!r}", "one of the boundary file", "Correct or remove the line.")
        for line, code in enumerate(codes, start=2)
        if code not in known
    )
    lines = sorted({(name, code) for name, code in zip(names, codes, strict=True) if name})
    double = [name for name, count in Counter(name for name, _ in lines).items() if count > 1]
    aliases = pa.table([[n for n, _ in lines], [c for _, c in lines]], schema=ALIASES_SCHEMA)
    return AliasFile(aliases, read=len(set(names)), ambiguous=len(double), notes=())
