"""Small charts drawn on the server as SVG, without script. The table stands next to each and says the same."""

from __future__ import annotations

from markupsafe import Markup

from candor.graphics.charts.funnel import COMPARED_FROM, LEAST, Marked, Ranges, funnel, funnel_key, limits_at
from candor.graphics.charts.rows import Row, Scale, mark, rows, rows_key
from candor.graphics.charts.trend import dots, trend, trend_key, years, years_key

NOTHING = Markup("")
"""Where there is nothing to draw."""

__all__ = [
    "COMPARED_FROM",
    "LEAST",
    "NOTHING",
    "Marked",
    "Ranges",
    "Row",
    "Scale",
    "dots",
    "funnel",
    "funnel_key",
    "limits_at",
    "mark",
    "rows",
    "rows_key",
    "trend",
    "trend_key",
    "years",
    "years_key",
]
