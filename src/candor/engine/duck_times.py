"""Times of a source in DuckDB's SQL: each form of `portal.time_forms` as one expression on a text.

A proposal counts with them which form reads a column, and the intake reads with them: what is proposed is what is read.
"""

from __future__ import annotations

import re

from candor.engine.sql import literal
from candor.engine.texts import CLOCK_MARK, DOTNET, HALVES, NUMBER, OFFSET, UNUSUAL_BLANKS
from candor.portal.time_forms import EPOCHS, ZONES

# Words that strptime takes for a date whatever the format, and the date that it takes them for.
_SPECIAL = "'epoch', 'infinity', '-infinity'"


def time_sql(text: str, format_: str) -> str:
    """Wall time in the session's zone of a text (an SQL expression), null where it is not of the form.

    `format_` is a strptime format or a named form, but for `iso` and `iso-offset`, which are `texts.iso_time`.
    """
    if format_ in EPOCHS:
        number = f"CASE WHEN regexp_matches({text}, {literal(NUMBER)}) THEN try_cast({text} AS double) END"
        return _moment(f"({number} / {EPOCHS[format_]})")
    if format_ == "dotnet-json":
        return _moment(f"(try_cast(nullif(regexp_extract({text}, {literal(DOTNET)}, 1), '') AS double) / 1000)")
    if format_ == "excel-serial":
        return _serial(text)
    if format_ in ("hhmm", "hhmmss"):
        return _digits(text, len(format_), "%H%M" if format_ == "hhmm" else "%H%M%S")
    return _strptime(_plain(text, format_), format_)


def _moment(seconds: str) -> str:
    """Wall time of seconds since 1970 in UTC; null beyond the years 1 to 9999."""
    inside = f"CASE WHEN {seconds} BETWEEN -6.2e10 AND 2.5e11 THEN {seconds} END"
    return f"timezone('UTC', make_timestamp(round({inside} * 1e6)::bigint))::timestamp"


def _serial(text: str) -> str:
    # A day's fraction has no exact digits: to the nearest second, as Excel shows it.
    days = f"CASE WHEN regexp_matches({text}, {literal(NUMBER)}) THEN try_cast({text} AS double) END"
    inside = f"CASE WHEN {days} BETWEEN 0 AND 2958465 THEN {days} END"
    return f"TIMESTAMP '1899-12-30' + to_seconds(round({inside} * 86400)::bigint)"


def _digits(text: str, width: int, format_: str) -> str:
    """A clock in digits, of which the zeros in front may be missing; spreadsheets put `.0` behind."""
    whole = f"CASE WHEN ends_with({text}, '.0') THEN left({text}, -2) ELSE {text} END"
    fits = f"regexp_full_match({whole}, '[0-9]{{1,{width}}}')"
    return f"CASE WHEN {fits} THEN try_strptime(lpad({whole}, {width}, '0'), {literal(format_)}) END"


def _plain(text: str, format_: str) -> str:
    """The text with usual blanks, and with AM and PM as strptime reads them."""
    blanks = literal(" " * len(UNUSUAL_BLANKS))
    # More bytes than letters: few texts have any that is not ASCII.
    plain = (
        f"CASE WHEN strlen({text}) > length({text}) THEN translate({text}, {literal(UNUSUAL_BLANKS)}, {blanks}) "
        f"ELSE {text} END"
    )
    if "%p" in format_:
        plain = (
            f"CASE WHEN contains(lower({plain}), '.m') THEN regexp_replace({plain}, {literal(CLOCK_MARK)}, '\\1M') "
            f"WHEN regexp_matches({plain}, {literal(HALVES)}) THEN {plain} || 'M' ELSE {plain} END"
        )
    return plain


def _strptime(text: str, format_: str) -> str:
    zone = re.search(" ?%[zZ]", format_)
    if not zone:
        return _wall(text, format_)
    # DuckDB reads some of them too, but not as Spark does: the zone is taken out, and what it says is taken off.
    rest = format_.replace(zone[0], "", 1)
    before = "" if format_.startswith(zone[0]) else "[0-9 ]"
    pattern = f"^(.*{before}) ?{OFFSET}({_after(format_, zone.end())})$"
    first, zoned, last = (f"regexp_extract({text}, {literal(pattern)}, {group})" for group in (1, 2, 3))
    wall, said = _wall(f"({first} || {last})", rest), f"upper({zoned})"
    return f"timezone('UTC', {wall} - to_minutes({_minutes(said)}))::timestamp"


def _after(format_: str, end: int) -> str:
    return "" if end == len(format_) else " .*"


def _minutes(zone: str) -> str:
    named = " ".join(f"WHEN {literal(name)} THEN {minutes}" for name, minutes in ZONES.items())
    digits = f"replace({zone}, ':', '')"
    hours, minutes = (f"coalesce(try_cast(substr({digits}, {at}, 2) AS integer), 0)" for at in (2, 4))
    ahead = f"({hours} * 60 + {minutes})"
    offset = f"CASE left({zone}, 1) WHEN '+' THEN {ahead} WHEN '-' THEN -{ahead} END"
    return f"(CASE {zone} {named} ELSE {offset} END)"


def _wall(text: str, format_: str) -> str:
    # Seconds may have nine decimals: cut to microseconds.
    time = f"try_strptime({text}, {literal(format_.replace('%f', '%n'))})" + ("::timestamp" if "%f" in format_ else "")
    return f"CASE WHEN {time} = TIMESTAMP '1900-01-01' AND lower({text}) IN ({_SPECIAL}) THEN NULL ELSE {time} END"
