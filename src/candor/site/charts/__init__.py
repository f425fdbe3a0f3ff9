"""Small charts drawn on the server as SVG, without script. The table stands next to each and says the same."""

from __future__ import annotations

from candor.site.charts.trend import trend, trend_key

__all__ = ["trend", "trend_key"]
