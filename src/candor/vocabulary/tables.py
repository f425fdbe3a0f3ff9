"""The columns of published tables that profiles have alike, each under the profile's own name of the count."""

from __future__ import annotations

_CHANGE = ("change_ratio", "change_low", "change_high", "change")


def yearly_columns(count: str) -> tuple[str, ...]:
    """Those of a table of counts by place and year, a line for each place, year and category."""
    place = ("geoid", "place", "county", "year", "category", "category_group", "coverage")
    return (*place, count, "residents", "source", "reported_as")


def figure_columns(count: str) -> tuple[str, ...]:
    """Those of a table of figures: counts, rates, comparison and change of a place and period."""
    return (
        *("level", "geoid", "place", "county", "period", "first_month", "last_month"),
        *("category", "category_level", "initiated_by", "coverage", "provisional"),
        *("months_reported", "towns_reported", count, "residents", "rate", "rate_low", "rate_high", "note"),
        *("expected", "relative_rate", "smoothed", "smoothed_low", "smoothed_high", "p_higher", "comparison"),
        *_CHANGE,
        *(f"year_{name}" for name in _CHANGE),
    )
