"""How a source may write its times: what `format` may say, and how exactly each form says when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final, Literal, get_args

Precision = Literal["second", "minute", "hour", "day", "month"]

PRECISIONS: Final[tuple[Precision, ...]] = get_args(Precision)
"""From the finest to the coarsest."""

DAY_ALONE: Final = timedelta(microseconds=1)
"""What stands behind midnight in a time of which the day alone is known. It is never said as an hour."""

DIRECTIVES: Final = frozenset("YymdHIMSpbBfaAzZ")
"""The directives of strptime that both engines read. `%z` and `%Z` are an offset or a zone's letters, once at most."""


@dataclass(frozen=True)
class TimeForm:
    """A form with a name of its own, which no strptime format says.

    `zoned`: the text itself says which moment it is, whatever the source's zone. `clock`: a time of day without a day.
    """

    name: str
    says: str
    zoned: bool = False
    clock: bool = False


_FORMS = (
    TimeForm("iso", "2024-01-31, 2024-01-31T17:05:00, with an offset or without"),
    TimeForm("iso-offset", "2024-01-31T17:05:00-05:00 or 2024-01-31T22:05:00Z", zoned=True),
    TimeForm("epoch-seconds", "seconds since 1970 in UTC: 1706738700", zoned=True),
    TimeForm("epoch-milliseconds", "thousandths of a second since 1970 in UTC: 1706738700000", zoned=True),
    TimeForm("epoch-microseconds", "millionths of a second since 1970 in UTC", zoned=True),
    TimeForm("epoch-nanoseconds", "billionths of a second since 1970 in UTC", zoned=True),
    TimeForm("dotnet-json", "/Date(1706738700000)/, as .NET writes it", zoned=True),
    TimeForm("excel-serial", "days since the end of 1899, as Excel counts them: 45322.7118"),
    TimeForm("hhmm", "a time of day in digits, zeros in front left out: 1705, 930, 22 for 00:22", clock=True),
    TimeForm("hhmmss", "the same with seconds: 170500, 22 for 00:00:22", clock=True),
)

FORMS: Final[Mapping[str, TimeForm]] = MappingProxyType({form.name: form for form in _FORMS})

EPOCHS: Final[Mapping[str, int]] = MappingProxyType(
    {"epoch-seconds": 1, "epoch-milliseconds": 10**3, "epoch-microseconds": 10**6, "epoch-nanoseconds": 10**9}
)
"""How many of its units a second has."""

ZONES: Final[Mapping[str, int]] = MappingProxyType(
    {
        **dict.fromkeys(("Z", "UTC", "GMT", "UT", "WET"), 0),
        **{"EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420},
        **{"AKST": -540, "AKDT": -480, "HST": -600, "AST": -240, "ADT": -180, "NST": -210, "NDT": -150},
        **{"BST": 60, "WEST": 60, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180},
        **{"AWST": 480, "ACST": 570, "ACDT": 630, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780},
    }
)
"""What `%Z` reads beside an offset: letters, and the minutes that they are ahead of UTC."""


def is_form(format_: str) -> bool:
    """Whether both engines read a format."""
    directives = re.findall(r"%(.?)", format_)
    zones = sum(d in "zZ" for d in directives)
    return format_ in FORMS or (bool(directives) and all(d in DIRECTIVES for d in directives) and zones <= 1)


def is_zoned(format_: str) -> bool:
    """Whether every text of a format says which moment it is, whatever the source's zone."""
    return FORMS[format_].zoned if format_ in FORMS else bool(re.search("%[zZ]", format_))


def tells_clock(format_: str) -> bool:
    """Whether a format tells the time of day. Some texts of `iso` and `excel-serial` do."""
    return format_ in FORMS or bool(re.search("%[HI]", format_))


def tells_day(format_: str) -> bool:
    """Whether a format tells the day."""
    return not FORMS[format_].clock if format_ in FORMS else "%d" in format_


def tells_date(format_: str) -> bool:
    """Whether a format tells a year and a month, at least: a clock tells neither."""
    if format_ in FORMS:
        return not FORMS[format_].clock
    return bool(re.search("%[Yy]", format_) and re.search("%[mbB]", format_))


def finest(format_: str) -> Precision:
    """How exactly a format says when, at most."""
    if format_ in FORMS or re.search("%[Sf]", format_):
        return "second"
    if "%M" in format_:
        return "minute"
    if tells_clock(format_):
        return "hour"
    return "day" if tells_day(format_) else "month"


def coarsest(one: Precision, other: Precision) -> Precision:
    """The coarser of two."""
    return max(one, other, key=PRECISIONS.index)
