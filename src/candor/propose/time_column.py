"""Which column says when a row was, in which form, and whether another holds its time of day."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from candor.portal.time_forms import FORMS, finest, is_zoned
from candor.portal.words import header_words
from candor.propose import formats
from candor.propose.profiling import Column, Profile

_CLOCK_WORDS = frozenset(
    {"time", "date", "hour", "of", "the", "day", "hhmm", "clock", "military", "tm", "dt", "local", "hr"}
)
_LENGTHS = frozenset(
    {"elapsed", "duration", "response", "total", "travel", "spent", "worked", "handling", "length", "wait", "minute"}
    | {"minutes", "seconds", "hours", "scene", "taken", "queue", "delay"}
)
_LATER = frozenset(
    {"dispatch", "dispatched", "disp", "arrive", "arrived", "arrival", "enroute", "onscene", "clear", "cleared"}
    | {"close", "closed", "end", "ended", "stop", "depart", "transport", "update", "updated", "modified", "edit"}
    | {"edited", "load", "loaded", "export", "exported", "printed", "run", "last", "to", "court", "hire", "hired"}
    | {"birth", "dob", "entered", "approved", "disposition", "closure", "upload", "extract", "release", "released"}
    | {"expiration", "expires", "due"}
)
_FIRST = (
    {"call", "called", "receive", "received", "report", "reported", "rptd", "incident", "create", "created"},
    {"occur", "occurred", "occ", "occurrence", "offense", "offence", "event", "crime", "from", "start", "begin"},
    {"open", "opened", "entry", "date", "time", "datetime", "timestamp", "when", "month"},
)
_NEAR = 3


def only_moment(profile: Profile, taken: Collection[str], name: str) -> tuple[Column, str] | None:
    """The column of dates that the rows are likely about, where no header told it, and what is to be said of that.

    `name` is that of the schema's column.
    """
    free = [c for c in profile.columns if c.time_format and c.name not in taken]
    likely = [c for c in free if not _LATER & set(header_words(c.name))] or free
    if not likely:
        return None
    chosen = max(likely, key=_likeness)
    if len(free) == 1:
        return chosen, f"{chosen.name} is taken for {name} because no other column holds dates."
    others = ", ".join(c.name for c in free if c is not chosen)
    return chosen, f"{chosen.name} is taken for {name}; {others} hold dates too. Is it the right one?"


def _likeness(column: Column) -> int:
    words = set(header_words(column.name))
    return next((len(_FIRST) - n for n, some in enumerate(_FIRST) if some & words), 0)


def is_later(header: str) -> bool:
    """Whether a header speaks of what comes after the beginning: of an end, an arrival, an update."""
    return bool(_LATER & set(header_words(header)))


def clock_beside(profile: Profile, day: Column, taken: Collection[str]) -> Column | None:
    """The column that holds the time of day of a column of days: by its header and its place; None where none does."""
    names = [c.name for c in profile.columns]
    about = set(header_words(day.name)) - _CLOCK_WORDS
    best: tuple[float, Column] | None = None
    for position, column in enumerate(profile.columns):
        words = set(header_words(column.name))
        if column.name in (day.name, *taken) or not column.clock_format or words & _LENGTHS:
            continue
        own = words - _CLOCK_WORDS
        distance = abs(position - names.index(day.name))
        if own == about:
            score = 3.0
        elif own & about or not own or not about:
            score = 2.0
        else:
            score = 1.0 if distance <= _NEAR else 0.0
        score -= 2.0 * bool((own & _LATER) - about) + min(distance, 20) / 40
        if score > 0 and (best is None or score > best[0]):
            best = score, column
    return best[1] if best else None


def precision(column: Column, clock: Column | None) -> str:
    """What is to be declared of how exactly a column says when, where its form says more than its values."""
    if clock:
        return ""
    told = finest(column.time_format)
    if column.moments.firsts and told != "month":
        return "month"
    # Of an ISO date the form does not say whether there is a time of day.
    return "day" if column.moments.midnight and told not in ("day", "month") else ""


def remarks(column: Column, clock: Column | None) -> Iterator[str]:
    """What is said beside the proposal of a column of times."""
    format_ = column.time_format
    if clock:
        yield f"The day of {column.name} and the time of day of {clock.name}, as local time in the portal's time zone."
    elif is_zoned(format_) and not column.moments.midnight:
        said = FORMS[format_].says if format_ in FORMS and format_ != formats.ISO_OFFSET else "Times with their offset"
        yield f"{said}: they become local time in the portal's time zone."
    elif precision(column, clock) == "month" or finest(format_) == "month":
        yield "Months alone: rows are published by month, without a day or an hour."
    elif not column.tells_clock:
        yield "Days alone: rows are published without an hour."
    else:
        yield "Taken as local time in the portal's time zone; `zone` under [source] names another."


def doubts(column: Column, clock: Column | None) -> Iterator[str]:
    """What is unsure of the time of the rows."""
    format_, found = column.time_format, column.moments
    if column.day_or_month_first:
        yield f"{column.name}: no date tells whether the day or the month comes first; {format_} is proposed."
    declared = precision(column, clock)
    if declared == "month" or finest(format_) == "month":
        yield f"{column.name} tells the month and not the day: rows are published by month."
    elif not clock and not column.tells_clock:
        yield f"{column.name} tells the day and not the time: rows are published without an hour."
    elif not clock and found.at_midnight > 0.03 * found.dated and found.at_midnight > _NEAR:
        yield (
            f"{column.name}: {found.at_midnight:,} of {found.dated:,} times are midnight exactly. Is that their time, "
            "or does it stand for none?"
        )
    if clock:
        yield f"{column.name} tells the day, {clock.name} the time of day (as {clock.clock_format}): they are joined."
        missing = column.values - clock.counts.get(clock.clock_format, clock.values)
        if missing > 0:
            yield f"{clock.name}: about {missing:,} rows have no time of day that can be read."
    if found.nothing:
        yield f"{column.name}: {found.nothing:,} values stand for no date, such as 1900-01-01: they are missing."
    about = "about " if column.sampled else ""
    unread = column.values - column.counts.get(format_, column.values)
    if unread:
        yield f"{column.name}: {about}{unread:,} values are not dates of this form; their rows will be quarantined."


def lost_minutes(columns: Sequence[Column]) -> Iterator[str]:
    """What is said of columns of which a spreadsheet left the minutes alone."""
    for column in columns:
        if column.share(formats.EXCEL_MINUTES) >= 0.9:
            yield (
                f"{column.name} holds minutes and seconds alone, such as 01:00.0, which a spreadsheet shows of a time: "
                "the day and the hour are gone from the file. Open the original, give the column the format yyyy-mm-dd "
                "hh:mm:ss, and export again."
            )
