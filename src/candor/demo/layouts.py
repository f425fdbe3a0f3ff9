"""The two layouts in which the simulated agencies export their calls: rows of a month to a table of text columns.

Municipal: a CAD export with commas, ISO time with its offset, words for call types, `NA` where nothing is known.
State: an RMS export with semicolons, US 12-hour time without zone, codes, capitals, remarks with quotes and newlines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from candor.demo.agencies import Agencies
from candor.demo.calls import Ints
from candor.demo.clerk import Rows
from candor.demo.hours import Hours
from candor.demo.names import Layout

TREES = ("Maple", "Elm", "Oak", "Birch", "Cedar", "Pine", "Spruce", "Willow", "Beech", "Ash")
NAMES = ("Main", "Church", "School", "Mill", "River", "Pleasant", "Summer", "Winter", "North", "South", "Park",
         "Prospect", "Union", "Railroad", "Depot", "Bridge", "Water", "Center", "High", "Spring")  # fmt: skip
STREETS = tuple(f"{n} {kind}" for kind in ("St", "Rd", "Ave") for n in (*NAMES, *TREES)) + tuple(
    f"VT Route {n}" for n in (5, 7, 9, 11, 12, 14, 15, 16, 22, 30, 44, 58, 64, 78, 100, 103, 105, 110, 116, 125)
)
# Where a citizen's call came in: nine parts in fourteen by telephone.
MUNICIPAL_ORIGINS = ("Officer/Radio", *["Phone"] * 9, *["911"] * 4, "Walk-in")
STATE_ORIGINS = ("SELF-INITIATED", *["PHONE"] * 9, *["911"] * 4, "IN PERSON")
PRIORITIES = ("Priority 1", "Priority 2", "Priority 2", "Priority 3")
DISPOSITIONS = ("CLEARED", "REPORT TAKEN", "UNFOUNDED", "GONE ON ARRIVAL", "REFERRED", "ADVISED")
# The telephone numbers are of the range that is kept for fiction.
REMARKS = (
    'Caller reports "shouting" next door.\nCall back 802-555-0142.',
    "Second call from same address; see earlier case.",
    'RP states: "it has been going on all week".\r\nNo further action.',
    "Vehicle; no plate seen.\nLast seen northbound.",
    "Message left at 802-555-0117.\n\nWill try again, day shift.",
    'Spoke with both parties, "settled for tonight".',
)
UNPARSABLE = {"municipal": ("2023-13-45T99:99:99", "pending"), "state": ("00/00/0000 00:00 AM", "SEE NARRATIVE")}


@dataclass(frozen=True)
class Writing:
    """How a layout writes a CSV file."""

    delimiter: str
    missing: str
    quoting: str

    def options(self) -> csv.WriteOptions:
        """The options with which pyarrow writes such a file."""
        return csv.WriteOptions(
            delimiter=self.delimiter, null_string=self.missing, quoting_style=self.quoting, quoting_header=self.quoting
        )


WRITING = {"municipal": Writing(",", "NA", "none"), "state": Writing(";", "NULL", "needed")}


@dataclass(frozen=True)
class Words:
    """What the codes of a layout's rows stand for: agencies, call types, places; and the share that has a remark."""

    layout: Layout
    agencies: Agencies
    types: pa.Array
    places: pa.Array
    remarks: float


def table(rows: Rows, hours: Hours, words: Words) -> pa.Table:
    """A month's rows as the layout writes them."""
    return (_municipal if words.layout == "municipal" else _state)(rows, hours, words)


def _municipal(rows: Rows, hours: Hours, words: Words) -> pa.Table:
    begin = [f"{hour:%Y-%m-%dT%H}" for hour in hours.wall]
    return pa.table(
        {
            "IncidentNumber": _numbers(rows, words.agencies, f"SIM-%s-{hours.wall[0]:%y}-"),
            "Agency": _pick(words.agencies.name, rows.agency),
            "CallType": words.types.take(pa.array(rows.local_type)),
            "CallTime": _times(rows, begin, [f":{s // 60:02d}:{s % 60:02d}" for s in range(3600)], hours.offset,
                               UNPARSABLE["municipal"]),
            "Town": words.places.take(pa.array(rows.place)),
            "Street": _pick((*STREETS, None), rows.detail % (len(STREETS) + 1)),
            "Origin": _pick(MUNICIPAL_ORIGINS, _origin(rows)),
            "Priority": _pick(PRIORITIES, rows.detail >> 16 & 3),
            "Latitude": pa.array(rows.latitude, from_pandas=True),
            "Longitude": pa.array(rows.longitude, from_pandas=True),
        }
    )  # fmt: skip


def _state(rows: Rows, hours: Hours, words: Words) -> pa.Table:
    begin = [f"{hour:%m/%d/%Y %I}" for hour in hours.wall]
    house = _pick([f"{n} " for n in range(1, 1000)], rows.detail >> 8 & 511)
    street = _pick([street.upper() for street in STREETS], rows.detail % len(STREETS))
    remarked = (rows.detail >> 20 & 0xFFFF) < words.remarks * 0x10000
    return pa.table(
        {
            "Case No": _numbers(rows, words.agencies, f"SIM{hours.wall[0]:%y}%s"),
            "Department": _pick(words.agencies.name, rows.agency),
            "Reported": _times(rows, begin, [f":{s // 60:02d}" for s in range(3600)],
                               [f" {hour:%p}" for hour in hours.wall], UNPARSABLE["state"]),
            "Nature": words.types.take(pa.array(rows.local_type)),
            "Municipality": words.places.take(pa.array(rows.place)),
            "Location": pc.binary_join_element_wise(house, street, ""),
            "X Coord": pa.array(rows.longitude, from_pandas=True),
            "Y Coord": pa.array(rows.latitude, from_pandas=True),
            "Call Source": _pick(STATE_ORIGINS, _origin(rows)),
            "Disposition": _pick(DISPOSITIONS, rows.detail % 7 % len(DISPOSITIONS)),
            "Remarks": _pick((*REMARKS, None), np.where(remarked, rows.detail % len(REMARKS), len(REMARKS))),
        }
    )  # fmt: skip


def _pick(words: Sequence[str | None], index: Ints) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(index))


def _origin(rows: Rows) -> Ints:
    return np.where(rows.officer, 0, 1 + (rows.detail >> 32) % (len(MUNICIPAL_ORIGINS) - 1))


def _numbers(rows: Rows, agencies: Agencies, form: str) -> pa.Array:
    begin = _pick([form % code for code in agencies.code], rows.agency)
    return pc.binary_join_element_wise(begin, pc.utf8_lpad(pa.array(rows.number).cast(pa.string()), 6, "0"), "")


def _times(rows: Rows, begin: list[str], clock: list[str], end: Sequence[str], unparsable: tuple[str, ...]) -> pa.Array:
    """The hour's text, the clock's inside it and what follows; a mistyped year, or no time at all, where declared."""
    mistyped = [re.sub(r"\b20(?=\d\d[-/ ])", "21", text) for text in begin]
    hour = _pick(begin + mistyped, rows.hour + len(begin) * rows.future)
    written = pc.binary_join_element_wise(hour, _pick(clock, rows.second), _pick(end, rows.hour), "")
    none = _pick(unparsable, rows.detail[rows.unparsable] % len(unparsable))
    return pc.replace_with_mask(written, pa.array(rows.unparsable), none)
