"""Names of places made comparable: one rule, applied in Python and in the engine, and the table that it joins on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from candor.places.columns import mixed_case
from candor.places.pack import PlacesPack
from candor.portal.jurisdictions import by_fips

if TYPE_CHECKING:
    import ibis.expr.types as ir

# The rule, once. Only steps that mean the same in Python, in DuckDB (RE2) and in Spark (java.util.regex): no backslash,
# no look-around, no back-reference; letters beyond ASCII are folded or blanked before `upper`, on which engines differ.
Step = tuple[Literal["fold", "upper", "replace", "regex", "pad"], str, str]
_ACCENTS: Final = (
    "ÀÁÂÃÄÅàáâãäåÇçÈÉÊËèéêëÌÍÎÏìíîïÑñÒÓÔÕÖòóôõöÙÚÛÜùúûüÝýÿ",
    "AAAAAAaaaaaaCcEEEEeeeeIIIIiiiiNnOOOOOoooooUUUUuuuuYyy",
)
_STEPS: Final[tuple[Step, ...]] = (
    ("fold", _ACCENTS[0] + "’‘`´", _ACCENTS[1] + "''''"),
    ("regex", "[^ -~]+", " "),
    ("upper", "", ""),
    ("replace", "'", ""),  # Avery's Gore, Averys Gore
    ("regex", "[^A-Z0-9]+", " "),
    ("regex", "^ | $", ""),
    ("regex", " [0-9]{5}( [0-9]{4})?$", ""),  # a ZIP code behind the name
    ("regex", "^(N|NO) ", "NORTH "),
    ("regex", "^(S|SO) ", "SOUTH "),
    ("regex", "^E ", "EAST "),
    ("regex", "^W ", "WEST "),
    # Words are whole where blanks stand around them. Behind ST and MT another word must follow: Main St is a street.
    ("pad", " ", ""),
    ("replace", " ST ", " SAINT "),
    ("replace", " MT ", " MOUNT "),
    ("pad", "", " "),
    ("replace", " CTR ", " CENTER "),
    ("replace", " CENTRE ", " CENTER "),
    ("replace", " JCT ", " JUNCTION "),
    ("regex", "^ | $", ""),
)

# What the Census Bureau writes behind a name to say what the place legally is. In lower case: "Jersey City city".
_CENSUS: Final = r"^[0-9]{10}$"
"""A code of a county subdivision: nobody writes it for a name."""
_LEGAL: Final = r" (town|city|township|charter township|borough|plantation)$"


def normalise_name(text: str) -> str:
    """A name as it is compared: upper case, no punctuation, single blanks; ST. is SAINT, MT. MOUNT, NO. NORTH.

    "Rutland City" and "Rutland Town" stay different. A name that says nothing becomes the empty text.
    """
    for kind, found, put in _STEPS:
        if kind == "fold":
            text = text.translate(str.maketrans(found, put))
        elif kind == "upper":
            text = text.upper()
        elif kind == "replace":
            text = text.replace(found, put)
        elif kind == "pad":
            text = found + text + put
        else:
            text = re.sub(found, put, text)
    return text


def normalised(column: ir.StringValue) -> ir.StringValue:
    """`normalise_name` as an expression for the engine. Null stays null."""
    for kind, found, put in _STEPS:
        if kind == "fold":
            column = column.translate(found, put)
        elif kind == "upper":
            column = column.upper()
        elif kind == "replace":
            column = column.replace(found, put)
        elif kind == "pad":
            column = found + column + put
        else:
            column = column.re_replace(found, put)
    return column


def plain_name(full_name: str) -> str:
    """A legal name without its kind: "Milton town" is Milton; "Avery's gore" stays what it is."""
    return re.sub(_LEGAL, "", full_name)


def official_names(places: pa.Table, noun: str = "") -> pa.Table:
    """Every way to write the official name of a place: `alias` (normalised), `geoid`.

    A legal name gives its plain form too: "Milton town" is also MILTON, TOWN OF MILTON, MILTON TOWN OF.
    A code that is not of the Census Bureau is written like a name, also behind the `noun` of a place: 01, 1, WARD 1.
    """
    found: dict[tuple[str, str], None] = {}
    for geoid, name, full in zip(*(places.column(c).to_pylist() for c in ("geoid", "name", "full_name")), strict=True):
        plain = plain_name(full)
        kind = full[len(plain) + 1 :]
        spellings = [name, full, plain]
        if kind:
            spellings += [f"{kind} of {plain}", f"{plain} {kind} of"]
        found.update({(normalise_name(s), geoid): None for s in spellings})
    names = {alias for alias, _ in found}
    found.update({pair: None for pair in _codes_as_names(places, noun) if pair[0] not in names})
    return _pairs(list(found))


def _codes_as_names(places: pa.Table, noun: str) -> list[tuple[str, str]]:
    """Codes as rows may write them instead of a name; without the zeros before it where no other code is so."""
    codes = [(normalise_name(g), g) for g in places["geoid"].to_pylist() if not re.search(_CENSUS, g)]
    written = {code for code, _ in codes}
    short = [(code.lstrip("0"), geoid) for code, geoid in codes if code.startswith("0")]
    alone = [*codes, *((code, geoid) for code, geoid in short if code and code not in written)]
    # A program that takes a code for a number writes 11.0.
    alone += [(f"{code} 0", geoid) for code, geoid in alone if code.isdigit()]
    return [*alone, *((normalise_name(f"{noun} {code}"), geoid) for code, geoid in alone if noun)]


def alias_table(pack: PlacesPack) -> pa.Table:
    """The names that rows are placed by: `alias` (normalised, each once), `geoid` (null where ambiguous), `ambiguous`.

    - A name that `aliases.csv` has on several lines is ambiguous, be it an official name or not.
    - Otherwise an official name beats an alias of the same spelling.
    - An official name that two places share (Rutland, of the city and of the town) is ambiguous.
    - Every name stands there also with the state behind it, unless that is a name of its own.
    """
    aliases = pack.aliases
    given = _pairs(
        list(
            zip(
                (normalise_name(a) for a in aliases.column("alias").to_pylist()),
                aliases.column("geoid").to_pylist(),
                strict=True,
            )
        )
    )
    declared = given.group_by("alias").aggregate([("geoid", "min"), ("geoid", "count")])
    # Lines are counted, not places: a line without a GEOID is a meaning that lies outside the pack.
    said_ambiguous = declared.filter(pc.greater(declared["geoid_count"], 1)).column("alias")
    official = official_names(pack.places, pack.noun)
    official = official.filter(pc.invert(pc.is_in(official["alias"], value_set=said_ambiguous)))
    others = given.filter(pc.invert(pc.is_in(given["alias"], value_set=official["alias"])))
    known = pa.concat_tables([official, others]).group_by("alias").aggregate([("geoid", "min"), ("geoid", "count")])
    known = known.filter(pc.not_equal(known["alias"], ""))
    known = pa.concat_tables([known, *_with_state(known, pack.places)])
    ambiguous = pc.or_(pc.greater(known["geoid_count"], 1), pc.equal(known["geoid_min"], ""))
    geoid = pc.if_else(ambiguous, pa.scalar(None, pa.string()), known["geoid_min"])
    table = pa.table({"alias": known["alias"], "geoid": geoid, "ambiguous": ambiguous})
    return table.sort_by("alias").combine_chunks()


def search_names(pack: PlacesPack) -> pa.Table:
    """Every name that a reader may look for, as people write it: `name`, `geoid`; an ambiguous one on several lines."""
    names = pack.places.select(["name", "geoid"])
    full = pack.places.select(["full_name", "geoid"]).rename_columns(["name", "geoid"])
    aliases = pack.aliases.filter(pc.not_equal(pack.aliases["geoid"], ""))
    written = [mixed_case(a) for a in aliases.column("alias").to_pylist()]
    others = pa.table({"name": pa.array(written, pa.string()), "geoid": aliases["geoid"]})
    together = pa.concat_tables([names, full, others]).group_by(["name", "geoid"]).aggregate([])
    return together.select(["name", "geoid"]).sort_by([("name", "ascending"), ("geoid", "ascending")])


def _with_state(known: pa.Table, places: pa.Table) -> list[pa.Table]:
    """The same names with the state's abbreviation and with its name behind them, where these are not names already."""
    geoids = places.column("geoid").to_pylist()
    state = by_fips().get(geoids[0][:2]) if geoids else None
    if state is None or any(g[:2] != geoids[0][:2] for g in geoids):
        return []
    tables = []
    for suffix in (state.usps, state.name):
        longer = pc.binary_join_element_wise(known["alias"], normalise_name(suffix), " ")
        own = pc.is_in(longer, value_set=known["alias"])
        tables.append(known.set_column(known.schema.get_field_index("alias"), "alias", longer).filter(pc.invert(own)))
    return tables


def _pairs(pairs: list[tuple[str, str]]) -> pa.Table:
    alias = pa.array([a for a, _ in pairs], pa.string())
    return pa.table({"alias": alias, "geoid": pa.array([g for _, g in pairs], pa.string())})
