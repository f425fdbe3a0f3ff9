"""Times of a source as Spark expressions, read exactly as DuckDB's `try_strptime` reads them.

Java's date patterns mean other things than strptime's directives (two-digit years, digits that may be left out, what
stands around them), so a format becomes one regular expression, and the parts that it finds become a timestamp.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import ibis
import ibis.expr.types as ir

from candor.errors import UsageError

_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
# Possessive (`}+`): as DuckDB does, a number takes all the digits that it may, and gives none back to the next.
_FORMS: Final = {
    "Y": "[0-9]{1,4}+", "y": "[0-9]{1,2}+", "m": "[0-9]{1,2}+", "d": "[0-9]{1,2}+", "H": "[0-9]{1,2}+",
    "I": "[0-9]{1,2}+", "M": "[0-9]{1,2}+", "S": "[0-9]{1,2}+", "f": "[0-9]{1,6}+", "p": "[AaPp][Mm]",
    "b": "(?i:" + "|".join(m[:3] for m in _MONTHS) + ")", "B": "(?i:" + "|".join(_MONTHS) + ")",
}  # fmt: skip
# A two-digit year below this is in the 2000s. POSIX, strptime.
_PIVOT: Final = "69"


def form_of(format_: str) -> tuple[str, tuple[str, ...]]:
    """The regular expression of a strptime format, and the directive of each of its groups.

    Raises `UsageError` for a directive that is not read.
    """
    pattern, found = "", []
    for part in re.findall(r"%.?|\s+|[^%\s]+", format_):
        if part.startswith("%"):
            if part[1:] not in _FORMS:
                raise UsageError(f"The directive {part!r} of the format {format_!r} is not read on Spark",
                                 ", ".join(f"%{d}" for d in sorted(_FORMS)),
                                 "Correct `format` in the data set's file.")  # fmt: skip
            pattern += f"({_FORMS[part[1:]]})"
            found.append(part[1:])
        elif part.isspace():
            pattern += " +"
        else:
            pattern += "".join(f"[{c}]" if re.match(r"[^\w\\^\]]", c) else re.escape(c) for c in part)
    return rf"^ *{pattern} *\z", tuple(found)


def wall_time(text: ir.StringValue, format_: str) -> ir.TimestampValue:
    """The wall time that a text of a strptime format says, null where it is of another form or no time at all."""
    pattern, directives = form_of(format_)
    # The expression anchors the whole text: where it does not match, every part is empty.
    parts = {d: text.re_extract(pattern, at) for at, d in enumerate(directives, start=1)}
    whole = ibis.literal("").join(
        [_year(parts), "-", _month(parts), "-", _digits(parts, "d", "01"), " ", _hour(parts), ":",
         _digits(parts, "M", "00"), ":", _digits(parts, "S", "00"), ".", _decimals(parts)]
    )  # fmt: skip
    return ibis.ifelse(text.re_search(pattern), whole.try_cast("timestamp"), ibis.null("timestamp"))


Parts = Mapping[str, ir.StringValue]


def _digits(parts: Parts, directive: str, default: str) -> ir.StringValue:
    return parts[directive].lpad(len(default), "0") if directive in parts else ibis.literal(default)


def _decimals(parts: Parts) -> ir.StringValue:
    return parts["f"].rpad(6, "0") if "f" in parts else ibis.literal("0")


def _year(parts: Parts) -> ir.StringValue:
    if "y" not in parts:
        return _digits(parts, "Y", "1900")
    short = _digits(parts, "y", "00")
    return ibis.ifelse(short < _PIVOT, "20", "19") + short


def _month(parts: Parts) -> ir.StringValue:
    for directive, letters in (("b", 3), ("B", None)):
        if directive in parts:
            named = parts[directive].lower()
            return ibis.cases(*[(named == name[:letters], f"{n:02}") for n, name in enumerate(_MONTHS, start=1)])
    return _digits(parts, "m", "01")


def _hour(parts: Parts) -> ir.StringValue:
    hour = _digits(parts, "I" if "I" in parts else "H", "00")
    if "I" in parts:
        hour = ibis.ifelse(hour.between("01", "12"), hour, ibis.null("string"))
    if "p" in parts:
        hour = ibis.ifelse(hour <= "12", hour, ibis.null("string"))
        twelve = hour.try_cast("int32") % 12 + ibis.ifelse(parts["p"].upper() == "PM", 12, 0)
        hour = twelve.cast("string").lpad(2, "0")
    return hour
