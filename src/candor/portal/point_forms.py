"""How a source may write where something was: the forms of a coordinate, by the name that `format` gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from candor.portal.schema_model import ColumnType

Axis = Literal["latitude", "longitude"]
Decimals = Literal["point", "comma", "either"]

# No backslash: RE2 and java.util.regex differ on classes beyond ASCII, SQL dialects on escapes.
_POINTED: Final = "([+-]?[0-9]+(?:[.][0-9]+)?)"
_EITHER: Final = "([+-]?[0-9]+(?:[.,][0-9]+)?)"
# The last two numbers: an address may stand before them.
_PAIR: Final = f"{_EITHER} ?[°]?[ ,;:|/]+{_EITHER}[^0-9]*$"
_OF_WKT: Final = f"[Pp][Oo][Ii][Nn][Tt][^(]*[(] *{_POINTED}[ ,]+{_POINTED}"
_OF_GEOJSON: Final = f"coordinates[^0-9+-]*{_POINTED}[ ,]+{_POINTED}"
_KEY: Final = "[\"' ]*[:=][\"' ]*"
_PART: Final = "([0-9]+(?:[.][0-9]+)?)"
_SIDE: Final = "NSEWnsew"
_TO_SIDE: Final = f"[0-9][^{_SIDE}]*"
PARTS_OF_CIRCLE: Final = (
    f"^([{_SIDE}+−-]?) *{_PART}(?:[^0-9.{_SIDE}]+{_PART})?(?:[^0-9.{_SIDE}]+{_PART})?[^0-9.{_SIDE}]*([{_SIDE}]?)$"
)
"""Side, degrees, minutes, seconds, side: the groups of a coordinate in parts of a circle."""


@dataclass(frozen=True)
class PointForm:
    """A form: an example for people, and how a cell is read.

    `found`: by axis the pattern and its group that hold the number, where it does not fill the cell; then one cell
    holds both coordinates. `decimals`: the decimal sign; a comma is a thousands separator where it is a point. What is
    read is multiplied by `factor`; `west` makes it negative whatever its sign. `circle`: it is in parts of a circle.
    """

    example: str
    found: Mapping[Axis, tuple[str, int]] | None = None
    decimals: Decimals = "point"
    factor: float = 1.0
    west: bool = False
    circle: bool = False

    @property
    def both(self) -> bool:
        """Whether latitude and longitude are mapped from one column."""
        return self.found is not None


def _in_order(pattern: str, first: Axis) -> dict[Axis, tuple[str, int]]:
    second: Axis = "longitude" if first == "latitude" else "latitude"
    return {first: (pattern, 1), second: (pattern, 2)}


def _parts_of_degrees(factor: float) -> PointForm:
    return PointForm(f"{38.0477 / factor:.0f}", factor=factor)


PLAIN: Final = ""
"""A number with a decimal point: degrees or, with `[source] epsg`, the units of that projection."""
DECIMAL_COMMA: Final = "decimal comma"
LAT_LON: Final = "(lat, lon)"
LON_LAT: Final = "(lon, lat)"
WKT: Final = "POINT (lon lat)"
GEOJSON: Final = "GeoJSON"
NAMED: Final = "{lat: .., lon: ..}"
SEXAGESIMAL: Final = "degrees minutes seconds"
COMPASS: Final = "lat N lon W"
WEST: Final = "degrees west"

POINT_FORMS: Final[Mapping[str, PointForm]] = {
    PLAIN: PointForm("38.0477"),
    DECIMAL_COMMA: PointForm("38,0477", decimals="comma"),
    LAT_LON: PointForm("(38.0477, -78.4889), also behind an address", _in_order(_PAIR, "latitude"), "either"),
    LON_LAT: PointForm("-78.4889 38.0477", _in_order(_PAIR, "longitude"), "either"),
    WKT: PointForm("POINT (-78.4889 38.0477)", _in_order(_OF_WKT, "longitude")),
    GEOJSON: PointForm('{"type": "Point", "coordinates": [-78.4889, 38.0477]}', _in_order(_OF_GEOJSON, "longitude")),
    NAMED: PointForm(
        "{'latitude': '38.0477', 'longitude': '-78.4889'}",
        {
            "latitude": (f"(?:[Ll][Aa][Tt][A-Za-z]*|[Yy]){_KEY}{_POINTED}", 1),
            "longitude": (f"(?:[Ll](?:[Oo][Nn]|[Nn])[Gg]?[A-Za-z]*|[Xx]){_KEY}{_POINTED}", 1),
        },
    ),
    SEXAGESIMAL: PointForm("38°02'51.8\" N, 78 29 20 W, 38.0477 N", circle=True),
    COMPASS: PointForm(
        "38.0477° N, 78.4889° W; 38°02'51.8\"N 78°29'20\"W",
        {"latitude": (f"^ *({_TO_SIDE}[NSns])", 1), "longitude": (f"[NSns][ ,;/]*({_TO_SIDE}[EWew])", 1)},
        circle=True,
    ),
    WEST: PointForm("78.4889 for what lies west of Greenwich", west=True),
    "hundredths": _parts_of_degrees(1e-2),
    "thousandths": _parts_of_degrees(1e-3),
    "ten-thousandths": _parts_of_degrees(1e-4),
    "hundred-thousandths": _parts_of_degrees(1e-5),
    "millionths": _parts_of_degrees(1e-6),
    "ten-millionths": _parts_of_degrees(1e-7),
}
"""By the name that `format` gives them, what is plain first. Whole numbers may be parts of a degree, or of a foot."""


def is_coordinate(type_: ColumnType) -> bool:
    """Whether a column of that type has forms of its own."""
    return type_ in ("latitude", "longitude")
