"""The shape of a text that may be a time, and the formats that texts of such a shape may have.

A shape is the text with every digit as `0` and every word of a calendar as a mark: `B00, 0000 0:00` for `March 05, 2024
9:30`. A column has few shapes, however many values; from each follow a handful of formats, and values decide which.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import product

from candor.engine.sql import literal
from candor.engine.texts import UNUSUAL_BLANKS
from candor.portal.time_forms import ZONES

_MONTHS = "january|february|march|april|june|july|august|september|october|november|december"
_SHORT_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_SHORT_DAYS = "mon|tue|wed|thu|fri|sat|sun"
# Letters that no source has.
_B, _M, _A, _D, _P, _Z = "\ue001\ue002\ue003\ue004\ue005\ue006"
_WORDS = {_B: "%B", _M: "%b", _A: "%A", _D: "%a"}

_MARKED = (
    (f"(?i)({_DAYS})", _A),
    (f"(?i)({_MONTHS})", _B),
    (f"(?i)({_SHORT_DAYS})", _D),
    (f"(?i)({_SHORT_MONTHS})", _M),
    (r"(?i)([0-9] ?)[ap]\.? ?m\b\.?", rf"\1{_P}"),
    (r"(?i)([0-9] ?)[ap]$", rf"\1{_P}"),
    (rf"(?i)([0-9{_P}] ?)({'|'.join(ZONES)})\b", rf"\1{_Z}"),
    ("[0-9]", "0"),
)


def shape_sql(text: str) -> str:
    """The shape of a text (an SQL expression in DuckDB)."""
    shape = f"translate({text}, {literal(UNUSUAL_BLANKS)}, {literal(' ' * len(UNUSUAL_BLANKS))})"
    for pattern, mark in _MARKED:
        shape = f"regexp_replace({shape}, {literal(pattern)}, {literal(mark)}, 'g')"
    return shape


# Of two formats that read the same values the first is taken: month before day, as in the United States.
_DATES = (
    ("0000(?P<s>[-/. ])00?(?P<t>[-/. ])00?", ("%Y{s}%m{t}%d",)),
    (r"00?(?P<s>[-/. ]|\. )00?(?P<t>[-/. ]|\. )0000", ("%m{s}%d{t}%Y", "%d{s}%m{t}%Y")),
    (r"00?(?P<s>[-/. ]|\. )00?(?P<t>[-/. ]|\. )00", ("%m{s}%d{t}%y", "%d{s}%m{t}%y", "%y{s}%m{t}%d")),
    (f"00?(?P<s>[-/. ]?)(?P<m>[{_B}{_M}])(?P<t>[-/., ]{{0,2}})0000", ("%d{s}{m}{t}%Y",)),
    (f"00?(?P<s>[-/. ]?)(?P<m>[{_B}{_M}])(?P<t>[-/., ]{{0,2}})00", ("%d{s}{m}{t}%y",)),
    (f"(?P<m>[{_B}{_M}])(?P<s>[-/., ]{{0,2}})00?(?P<t>[-/., ]{{1,2}})0000", ("{m}{s}%d{t}%Y",)),
    (f"(?P<m>[{_B}{_M}])(?P<s>[-/., ]{{0,2}})00?(?P<t>[-/., ]{{1,2}})00", ("{m}{s}%d{t}%y",)),
    (f"0000(?P<s>[-/. ]?)(?P<m>[{_B}{_M}])(?P<t>[-/. ]?)00?", ("%Y{s}{m}{t}%d",)),
    ("00000000", ("%Y%m%d", "%m%d%Y", "%d%m%Y")),
    ("000000", ("%y%m%d", "%m%d%y", "%d%m%y")),
)
_MONTHS_ALONE = (
    ("0000(?P<s>[-/. ])00?", ("%Y{s}%m",)),
    ("00?(?P<s>[-/. ])0000", ("%m{s}%Y",)),
    (f"(?P<m>[{_B}{_M}])(?P<s>[-/., ']{{0,2}})0000", ("{m}{s}%Y",)),
    (f"(?P<m>[{_B}{_M}])(?P<s>[-/., ']{{1,2}})00", ("{m}{s}%y",)),
    (f"0000(?P<s>[-/., ]{{0,2}})(?P<m>[{_B}{_M}])", ("%Y{s}{m}",)),
    ("000000", ("%Y%m", "%m%Y")),
)
_CLOCKS = (
    (r"00?(?P<c>[:.])00(?P=c)00(?P<f>[.,:])0{1,9}", "{h}{c}%M{c}%S{f}%f"),
    (r"00?(?P<c>[:.])00(?P=c)00", "{h}{c}%M{c}%S"),
    ("00?(?P<c>[:.h])00", "{h}{c}%M"),
    ("000000", "{h}%M%S"),
    ("0000", "{h}%M"),
    ("00?", "{h}"),
)
_HALF = f"(?P<q> ?){_P}"
_LATER = re.compile(f"(?P<o> ?)(?:{_Z}|[+-]00(?::?00)?)(?P<rest>.*)")
_BETWEEN = re.compile(r"(?P<b>,? ?T|,? at | ?- |[,;_:@-] ?|  ?|)")
_WEEKDAY = re.compile(f"(?P<w>[{_A}{_D}])(?P<x>[,.]? ?)")
_BEHIND = re.compile(r"(?P<hrs> ?(?:hrs?|hours|h|uhr)\.?)$", re.IGNORECASE)


def date_formats(shape: str) -> tuple[str, ...]:
    """The strptime formats that texts of a shape may have, of dates with a time of day or without, of months."""
    found = [*_dated(shape, _DATES), *_clock_first(shape), *_year_last(shape)]
    found += [
        f for pattern, formats in _MONTHS_ALONE if (m := re.fullmatch(pattern, shape)) for f in _filled(m, formats)
    ]
    return tuple(dict.fromkeys(found))


def clock_formats(shape: str) -> tuple[str, ...]:
    """The formats that texts of a shape may have which are a time of day alone."""
    if re.fullmatch("0{1,6}([.]0)?", shape):
        return ("hhmm", "hhmmss")
    return tuple(dict.fromkeys(f for f, rest in _clocks(shape) if not rest or _is_behind(rest)))


def is_excel_minutes(shape: str) -> bool:
    """Whether a text is what a spreadsheet shows of a time by default: minutes, seconds and a tenth (`01:00.0`)."""
    return bool(re.fullmatch("00?:00[.]0", shape))


def _dated(shape: str, dates: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    """Formats of a date in front, with a time of day behind it or without."""
    weekday = _WEEKDAY.match(shape)
    before = f"{_WORDS[weekday['w']]}{weekday['x']}" if weekday else ""
    rest = shape[weekday.end() :] if weekday else shape
    for pattern, formats in dates:
        found = re.match(pattern, rest)
        if not found:
            continue
        behind = rest[found.end() :]
        ends = [""] if not behind else list(_timed(behind))
        yield from (f"{before}{date}{end}" for date, end in product(_filled(found, formats), ends))


def _timed(rest: str) -> Iterator[str]:
    """Formats of what stands behind a date: a time of day, in a zone or not."""
    between = _BETWEEN.match(rest)
    separator = between["b"] if between else ""
    for clock, behind in _clocks(rest[len(separator) :]):
        if not behind or _is_behind(behind):
            yield f"{separator}{clock}{behind}"
        elif (zone := _LATER.fullmatch(behind)) and not zone["rest"]:
            yield f"{separator}{clock}{zone['o']}{'%Z' if _Z in behind else '%z'}"


def _clocks(rest: str) -> Iterator[tuple[str, str]]:
    """Formats of a time of day in front, and what stands behind it."""
    for pattern, clock in _CLOCKS:
        found = re.match(pattern, rest)
        if not found or rest[found.end() : found.end() + 1] == "0":
            continue
        behind, parts = rest[found.end() :], found.groupdict()
        half = re.match(_HALF, behind)
        if half:
            yield clock.format(h="%I", **parts) + half["q"] + "%p", behind[half.end() :]
        elif clock != "{h}":
            yield clock.format(h="%H", **parts), behind


def _clock_first(shape: str) -> Iterator[str]:
    """Formats of a time of day with a date behind it."""
    for clock, behind in _clocks(shape):
        between = _BETWEEN.match(behind)
        separator = between["b"] if between else ""
        if separator:
            yield from (
                f"{clock}{separator}{date}" for date in _dated(behind[len(separator) :], _DATES) if "%H" not in date
            )


def _year_last(shape: str) -> Iterator[str]:
    """Formats as of Java and C: weekday, month, day, time of day, zone, year."""
    pattern = f"(?P<w>[{_A}{_D}]),? (?P<m>[{_B}{_M}]) 00? 00?:00:00(?P<z> {_Z}| [+-]0000)? 0000"
    if found := re.fullmatch(pattern, shape.replace("  ", " ")):
        zone = "" if not found["z"] else " %Z" if _Z in found["z"] else " %z"
        yield f"{_WORDS[found['w']]} {_WORDS[found['m']]} %d %H:%M:%S{zone} %Y"


def _filled(found: re.Match[str], formats: Iterable[str]) -> list[str]:
    parts = {"s": "", "t": "", **found.groupdict()}
    parts["m"] = _WORDS.get(parts.get("m") or "", "")
    return [format_.format(**parts) for format_ in formats]


def _is_behind(rest: str) -> bool:
    return bool(_BEHIND.fullmatch(rest))
