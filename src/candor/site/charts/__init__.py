"""Small charts drawn on the server as SVG, without script. The table stands next to each and says the same."""

from __future__ import annotations

from candor.site.charts.funnel import Marked, few_shown, funnel, funnel_key, limits_at
from candor.site.charts.rows import Row, rows, rows_key
from candor.site.charts.trend import Usual, dots, trend, trend_key, years, years_key

__all__ = [
    "Marked",
    "Row",
    "Usual",
    "dots",
    "few_shown",
    "funnel",
    "funnel_key",
    "limits_at",
    "rows",
    "rows_key",
    "trend",
    "trend_key",
    "years",
    "years_key",
]
