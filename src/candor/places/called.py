"""What a portal calls its places: as it declares, else as its pack of places says, else towns of a state."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pyarrow.compute as pc

from candor.places.pack import PlacesPack
from candor.portal.config_model import PortalConfig
from candor.vocabulary.nouns import Nouns, is_parts, nouns_of


def portal_nouns(config: PortalConfig, pack: PlacesPack | None) -> Nouns:
    """The nouns of a portal with these places."""
    declared = Nouns(config.place, config.places, config.whole, config.group, config.groups)
    parts = (pack.noun or "place", pack.nouns or "places") if pack and pack.of_parts else None
    grouped = pack is not None and bool(pc.any(pc.not_equal(pack.places["county"], "")).as_py())
    return nouns_of(declared, parts, grouped=grouped)


def nouns_in(portal: Path) -> Nouns:
    """The same, read from the folder of a portal as far as it is there, before anything is checked.

    Raises OSError, ValueError or KeyError where its files are not what they should be.
    """
    declared = _toml(portal / "portal.toml")
    pack, places = _toml(portal / "places" / "pack.toml"), list(_places(portal))
    noun = str(pack.get("place", ""))
    parts = is_parts(noun, (p["geoid"] for p in places))
    said = Nouns(*(str(declared.get(key, "")) for key in ("place", "places", "whole", "group", "groups")))
    called = (noun or "place", str(pack.get("places", "")) or "places")
    return nouns_of(said, called if parts else None, grouped=any(p["county"] for p in places))


def own_names(portal: Path) -> Iterator[str]:
    """The names in a portal's folder that are nobody's nouns: its own, and those of its places."""
    declared = _toml(portal / "portal.toml")
    yield from (str(declared.get(key, "")) for key in ("title", "jurisdiction"))
    for place in _places(portal):
        yield from (place["name"], place["full_name"], place["county"])


def _toml(path: Path) -> dict[str, object]:
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _places(portal: Path) -> Iterator[dict[str, str]]:
    path = portal / "places" / "places.csv"
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)
