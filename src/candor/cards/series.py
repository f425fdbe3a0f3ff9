"""A town's counts over time: by month with what is usual, or by year and as dots where they are small."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from candor.cards.model import PlaceFigure
from candor.cards.town import TownView
from candor.graphics import charts
from candor.messages.change import CHANGE_WORDS, change
from candor.messages.drawings import USUAL_METHOD, dots_sentence, runs_sentence, usual_sentence
from candor.messages.figures import trend_sentence
from candor.messages.sensitive import BY_YEAR
from candor.messages.told import ROUNDED_MEANS, heading, state_of
from candor.messages.words import capital, number, span
from candor.published.model import TOLD, Figure, Period
from candor.statistics.intervals import poisson_interval
from candor.statistics.series import CHARTED_FROM, signals, xmr_limits

_KNOWN = ("reported", "zero", "partly reported")
_RUNS = {
    "shift": "one of seven or more in a row on one side of the mean",
    "trend": "one of seven or more that rise or fall in a row",
    "near_limit": "one of two in three near a limit",
}
_MOST_DOTS = 40
"""The count of a month up to which dots can be told apart."""

Series = Sequence[tuple[Period, Figure]]


def trend(view: TownView) -> PlaceFigure | None:
    """Months with what is usual of them where there are 5 a month or more, else years with exact intervals."""
    months = view.months
    if _mean(months) >= CHARTED_FROM:
        return _by_month(view, months)
    years = view.series("year")
    if view.selection.category in view.separate and not any(f.coverage in TOLD for _, f in years):
        return None  # told for years together alone
    if years:
        return _by_year(view, years)
    return _by_month(view, months) if months else None


def small_counts(view: TownView) -> PlaceFigure | None:
    """Each event a dot, where a month has fewer than 5 of them; None where it has more, or nothing is known."""
    months = view.months
    most = max((f.count or 0 for _, f in months), default=0)
    known = any(f.count is not None for _, f in months)
    if not known or _mean(months) >= CHARTED_FROM or most > _MOST_DOTS:
        return None
    title = f"{capital(view.events)}, one dot each"
    sentence = dots_sentence(months, view.layer)
    return PlaceFigure(
        "small-counts",
        title,
        sentence,
        charts.dots(months, view.name("small-counts"), title, sentence),
        _columns(view, "Month"),
        tuple(_line(p, f) for p, f in reversed(months)),
        legend=charts.trend_key(months, dots_of=f"One {view.layer.one}"),
    )


def _by_month(view: TownView, months: Series) -> PlaceFigure:
    title = f"{capital(view.events)} by month"
    usual = _usual(months)
    parts = [_in_words(view, months)]
    if usual:
        outside = [months[i] for i in sorted(usual.beyond)]
        parts.append(usual_sentence(usual.mean, usual.lower, usual.upper, outside))
        parts.append(runs_sentence(len(usual.runs)))
    sentence = " ".join(filter(None, parts))
    said = {**usual.runs, **usual.beyond} if usual else {}
    rows = [(*_line(p, f), said.get(i, "")) for i, (p, f) in enumerate(months)]
    return PlaceFigure(
        "trend",
        title,
        sentence,
        charts.trend(months, view.name("trend"), title, sentence, usual),
        (*_columns(view, "Month"), ("Against what is usual", False)),
        tuple(reversed(rows)),
        note=USUAL_METHOD if usual else "",
        legend=charts.trend_key(months, usual),
    )


def _by_year(view: TownView, years: Series) -> PlaceFigure:
    title = f"{capital(view.events)} by year"
    least, most = (np.array(ends, np.float64) for ends in zip(*(_ends(f) for _, f in years), strict=True))
    lower, upper = poisson_interval(least)[0], poisson_interval(most)[1]
    sentence = " ".join(filter(None, [_in_words(view, years), _last_change(view, years)]))
    limits = list(zip(lower.tolist(), upper.tolist(), strict=True))
    rows = [
        (
            *_line(p, f),
            "" if f.count is None else f"{low:,.1f} to {high:,.1f}",
            CHANGE_WORDS[f.change.verdict],
        )
        for (p, f), (low, high) in zip(years, limits, strict=True)
    ]
    return PlaceFigure(
        "trend",
        title,
        sentence,
        charts.years(years, limits, view.name("trend"), title, sentence),
        (*_columns(view, "Year"), ("95\N{NO-BREAK SPACE}% interval", True), ("Change from the year before", False)),
        tuple(reversed(rows)),
        note=_why_years(view),
        legend=charts.years_key(years),
    )


def _ends(figure: Figure) -> tuple[float, float]:
    """The smallest and the greatest count that a figure may be: an interval holds them all."""
    if figure.count is None:
        return np.nan, np.nan
    exact = figure.least is None or figure.most is None
    return (figure.count, figure.count) if exact else (figure.least or 0, figure.most or 0)


def _why_years(view: TownView) -> str:
    months = view.months
    if view.selection.category in view.separate:
        return f"{BY_YEAR} {ROUNDED_MEANS}"
    if any(f.rounded for _, f in view.series("year")):
        return ROUNDED_MEANS
    if not months:
        return ""
    return f"The mean is under 5 {view.layer.many} a month, so years are compared and months are not."


def _last_change(view: TownView, years: Series) -> str:
    """What changed in the last year that was reported as a whole."""
    whole = [i for i, (_, f) in enumerate(years) if f.count is not None and not f.provisional]
    if not whole or whole[-1] == 0:
        return ""
    (earlier, before), (period, now) = years[whole[-1] - 1], years[whole[-1]]
    return change(now.change, now, period, earlier, before, view.layer)


def _usual(months: Series) -> charts.Usual | None:
    """The limits of a series of exact numbers; None where its mean is under 5 a month."""
    if any(f.rounded for _, f in months) or _mean(months) < CHARTED_FROM:
        return None
    values = _values(months)
    limits = xmr_limits(values, floor=0)
    if not np.isfinite(limits.upper):
        return None
    found = signals(values, limits)
    beyond = {int(i): "outside the limits" for i in np.flatnonzero(found.beyond)}
    runs = {
        int(i): words
        for which, words in reversed(_RUNS.items())
        for i in np.flatnonzero(getattr(found, which))
        if int(i) not in beyond
    }
    return charts.Usual(float(limits.mean), float(limits.lower), float(limits.upper), beyond, runs)


def _mean(months: Series) -> float:
    values = _values(months)
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else 0.0


def _values(months: Series) -> np.ndarray:
    return np.array(
        [f.count if f.coverage in _KNOWN and f.count is not None else np.nan for _, f in months], np.float64
    )


def _in_words(view: TownView, series: Series) -> str:
    selection = view.selection
    return trend_sentence(series, view.town.full_name, selection.label, officer=selection.officer, layer=view.layer)


def _columns(view: TownView, step: str) -> tuple[tuple[str, bool], ...]:
    rounded = any(f.rounded for _, f in view.series("year"))
    return (
        (step, False),
        (heading(capital(view.layer.many), rounded=rounded), True),
        ("Coverage", False),
    )


def _line(period: Period, figure: Figure) -> tuple[str, ...]:
    return span(period), number(figure.count), capital(state_of(figure))
