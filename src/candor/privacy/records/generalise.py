"""A value said more coarsely: times, numbers, categories and places. What is nothing stays nothing.

Every function is from a column to a column and runs on both engines. Which one a published column goes through is
declared with it (`generalise`), and `generaliser` finds it. Keyed hashes are made in `pseudonyms`, and a row's town and
county are found in `places`: these need more than the column.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import ibis

from candor.errors import DataError
from candor.portal.generalisations import BY_PLACE, bands
from candor.portal.schema_model import Generalisation, SchemaColumn
from candor.portal.time_forms import DAY_ALONE

OTHER = "other"
"""What a category becomes that has no parent in the mapping."""

Coarsen = Callable[[ibis.Value], ibis.Value]


def to_hour(value: ibis.Value) -> ibis.Value:
    """A timestamp (wall time) cut to its hour; nothing where the day alone is known."""
    midnight = value.cast("date").cast("timestamp")
    day_alone = value == midnight + ibis.interval(microseconds=DAY_ALONE.microseconds)
    # Spark's date_trunc makes an instant of a wall time, and moves hours that the change to summer time skips.
    hour = midnight + ibis.interval(hours=1) * value.hour()
    return ibis.ifelse(day_alone, ibis.null("timestamp"), hour)


def to_date(value: ibis.Value) -> ibis.Value:
    """A timestamp or a date as a date."""
    return value.cast("date")


def to_month(value: ibis.Value) -> ibis.Value:
    """A timestamp or a date as the first day of its month."""
    return value.cast("timestamp").truncate("M").cast("date")


def to_year(value: ibis.Value) -> ibis.Value:
    """A timestamp or a date as the first day of its year."""
    return value.cast("timestamp").truncate("Y").cast("date")


def band(value: ibis.Value, width: int, top: int) -> ibis.Value:
    """A number as text: `under 10`, `10 to 19`, .., `80 and over` with a width of 10 and a top of 80.

    `20 to 39` holds 39.9. A negative number becomes nothing: no age and no count is negative. Raises `ValueError` for
    a width under 1, or a top that is no multiple of it.
    """
    if width < 1 or top < width or top % width:
        raise ValueError(f"a top that is a multiple of the width, found {top} and {width}")
    low = (value / width).floor().cast("int64") * width
    text = low.cast("string").concat(" to ", (low + (width - 1)).cast("string"))
    return ibis.cases(
        (value < 0, ibis.null("string")),
        (value < width, f"under {width}"),
        (value >= top, f"{top} and over"),
        (value.notnull(), text),
    )


def top_coded(value: ibis.Value, top: int) -> ibis.Value:
    """A number of the same type, where `top` stands for itself and everything above: the label has to say so."""
    return ibis.ifelse(value > top, ibis.literal(top).cast(value.type()), value)


def parent(value: ibis.Value, parents: Mapping[str, str], other: str | None = OTHER) -> ibis.Value:
    """A category as its parent category; `other` for one that the mapping does not know, so that none comes through."""
    known = value.substitute(dict(parents), else_=ibis.literal(other, "string")) if parents else ibis.literal(other)
    return ibis.ifelse(value.isnull(), ibis.null("string"), known)


def place_to_county(value: ibis.Value, counties: Mapping[str, str]) -> ibis.Value:
    """A place, by its name or GEOID as the mapping has it, as its county; nothing for a place that it does not know."""
    return parent(value, counties, other=None)


def dropped(value: ibis.Value) -> ibis.Value:
    """Nothing, whatever the value."""
    return ibis.null(value.type())


def as_it_is(value: ibis.Value) -> ibis.Value:
    """The value."""
    return value


TIMES: Mapping[Generalisation, Coarsen] = {"hour": to_hour, "date": to_date, "month": to_month, "year": to_year}
"""From the finest to the coarsest."""


def generaliser(column: SchemaColumn) -> Coarsen:
    """What makes of the column's exact values those that are published, as the column declares.

    A town or county is there already (`BY_PLACE`), and a keyed hash is made after: both are left as they are. Raises
    `DataError` where what is declared lacks its number: nothing is published more exactly than was asked for.
    """
    declared = column.generalise
    width_and_top = bands(column)
    if declared in ("none", "hash", *BY_PLACE):
        return as_it_is
    if declared in TIMES:
        return TIMES[declared]
    if declared == "parent":
        return partial(parent, parents=column.parents)
    if width_and_top:
        return partial(band, width=width_and_top[0], top=width_and_top[1])
    if declared == "top" and column.top:
        return partial(top_coded, top=column.top)
    raise DataError(
        f'{column.name} is to be generalised to "{declared}", without a number', "band = 5, or top = 90", "Write it"
    )
