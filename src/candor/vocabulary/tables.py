"""The columns of published tables that profiles have alike, each under the profile's own name of the count."""

from __future__ import annotations


def yearly_columns(count: str) -> tuple[str, ...]:
    """Those of a table of counts by place and year, a line for each place, year and category."""
    place = ("geoid", "place", "county", "year", "category", "category_group", "coverage")
    return (*place, count, "residents", "source", "reported_as")


def figure_columns(count: str) -> tuple[str, ...]:
    """Those of a table of figures: counts, rates, comparison and change of a place and period."""
    return (
        *("level", "geoid", "place", "county", "period", "first_month", "last_month"),
        *("category", "category_level", "initiated_by", "coverage", "provisional"),
        *("months_reported", "towns_reported", count, "residents", "denominator", "persons"),
        *("rate", "rate_low", "rate_high", "note", "wander", "wander_pairs", "wander_from"),
        *("expected", "relative_rate", "relative_low", "relative_high", "comparison", "compared_over"),
        *("among_towns", "towns_low", "towns_high", "smoothed", "smoothed_low", "smoothed_high"),
        *("similar_to", "similar_rate", "similar_low", "similar_high", "similar_comparison"),
        *("year_change_ratio", "year_change_low", "year_change_high", "year_change", "year_change_months"),
        *("usual_low", "usual_high", "usual"),
    )
