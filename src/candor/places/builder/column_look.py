"""What a column of a boundary file looks like: whether it may hold codes or names of places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from candor.places import columns
from candor.vocabulary.nouns import kind_in

FEWEST: Final = 0.5
"""Of the features of a file, the share that has to differ in what tells places apart: a place may be drawn in parts."""

_HOUSEKEEPING: Final = re.compile(
    r"ogcfid|fid\d*|objectid\d*|oid\d*|gid|globalid|(created|edited|last|modified|updated).*|shape.*|stshape.*|geom.*"
    r"|.*(length|len|acres|perimeter|sqmi|sqkm|sqft|miles|date|user|url|link|web|color|colour|latitude|longitude)"
    r"|lat|lon|lng|long|x|y"
    r"|.*(commander|captain|sergeant|lieutenant|officer|contact|email|phone|fax|address|alder|member|councill?or"
    r"|supervisor|trustee|commissioner|manager|chief|mayor|represent).*|rep(name)?|.*rep(name)?\d?$"
)
"""What a map program keeps for itself, measures of a shape, and who answers for a place: lower case, without signs."""
_NO_TEXT: Final = r"(?i)^\{?[0-9a-f]{8}-[0-9a-f]{4}-|^\d{4}-\d\d-\d\d|^\d{1,2}/\d{1,2}/\d|://|@"
_CODE_NAME: Final = re.compile(r"code|cd$|^cd|cd\d\d$|num|^no$|nbr|^id$|id$|key$")
_NAME_NAME: Final = re.compile(r"name|nm$|label|title|desc")
_LONGEST_CODE: Final = 24
_MOST: Final = 0.8


@dataclass(frozen=True)
class Look:
    """A column by its values, as shares of those that are not blank; `different` is a share of all features.

    `serial`: the values are the numbers of the rows.
    """

    name: str
    different: float
    words: float
    digits: float
    mixed: float
    length: float
    serial: bool

    @property
    def tells_kind(self) -> bool:
        """Whether the column is called after a kind of place: `BEAT`, `nhood`."""
        return bool(kind_in(self.name))

    @property
    def may_be_code(self) -> bool:
        """Whether the values are short and differ, and a code by how they look or by what the column is called."""
        if self.different < FEWEST or self.length > _LONGEST_CODE or (self.serial and not self.tells_kind):
            return False
        called = self.tells_kind or bool(_CODE_NAME.search(_plain(self.name)))
        looks = self.mixed >= FEWEST or (called and self.digits >= FEWEST)
        return looks or (called and self.words < _MOST) or bool(_CODE_NAME.search(_plain(self.name)))

    @property
    def may_be_name(self) -> bool:
        """Whether nearly all values have words, and differ."""
        return self.words >= _MOST and self.different >= FEWEST

    @property
    def called_name(self) -> bool:
        """Whether the column is called a name or a kind of place."""
        return self.tells_kind or bool(_NAME_NAME.search(_plain(self.name)))

    @property
    def like_code(self) -> float:
        """How much its name and its values say that it is a code: `BEAT` more than `ID`, 7C20 more than 20."""
        plain = _plain(self.name)
        called = 0.5 if plain.endswith("id") else 1.0 if _CODE_NAME.search(plain) else 0.0
        return 2 * self.tells_kind + called + 1.5 * (self.mixed >= FEWEST)


def look(name: str, column: pa.ChunkedArray) -> Look | None:
    """Look at a column; None where it cannot tell places apart: housekeeping, measures, dates, addresses of the web."""
    floating = pa.types.is_floating(column.type) or pa.types.is_decimal(column.type)
    known = floating or pa.types.is_integer(column.type) or pa.types.is_string(column.type)
    counts = columns.find_column([name], (*columns.RESIDENTS, *columns.HOUSING))
    if not known or counts or _HOUSEKEEPING.fullmatch(_plain(name)):
        return None
    text = columns.as_code(column)
    written = text.filter(pc.not_equal(text, ""))
    if not len(written) or _share(written, _NO_TEXT) or (floating and _share(written, r"\.")):
        return None
    different = pc.count_distinct(written).as_py()
    return Look(
        name,
        different=different / len(column) if different > 1 or len(column) == 1 else 0.0,
        words=_share(written, "[A-Za-z]{3}"),
        digits=_share(written, "[0-9]"),
        mixed=_share(written, r"^([A-Za-z]+[-_.]?[0-9]|[0-9]+[-_.]?[A-Za-z])[A-Za-z0-9._-]*$"),
        length=float(pc.mean(pc.utf8_length(written)).as_py()),
        serial=_is_serial(written.to_pylist()),
    )


def best_name(seen: list[Look], *, only_called: bool) -> Look | None:
    """The likeliest column of names; with `only_called` only one whose own name says so."""
    able = [s for s in seen if s.may_be_name and (s.called_name or not only_called)]
    return min(able, key=lambda s: (not s.called_name, -s.different, -s.length), default=None)


def best_code(seen: list[Look]) -> Look | None:
    """The likeliest column of codes."""
    able = [s for s in seen if s.may_be_code]
    return min(able, key=lambda s: (-s.different, -s.like_code, s.length), default=None)


def any_number(seen: list[Look]) -> Look | None:
    """A number that is another for each feature: better than no place at all, where nothing looks like a code."""
    able = [s for s in seen if s.different == 1 and not s.serial and s.digits == 1 and s.length <= _LONGEST_CODE]
    return min(able, key=lambda s: s.length, default=None)


def _is_serial(values: list[str]) -> bool:
    numbers = [int(v) for v in values if v.isascii() and v.isdigit()]
    return len(values) > 1 and len(numbers) == len(values) and sorted(numbers) in _counts(len(numbers))


def _counts(size: int) -> tuple[list[int], list[int]]:
    return list(range(size)), list(range(1, size + 1))


def _share(column: pa.ChunkedArray, pattern: str) -> float:
    return float(pc.mean(pc.match_substring_regex(column, pattern).cast(pa.float64())).as_py())


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
