"""A town's counts over time: by month with what is usual, or by year and as dots where they are small."""

from __future__ import annotations

from collections.abc import Sequence

from candor.cards.model import PlaceFigure
from candor.cards.town import TownView
from candor.graphics import charts
from candor.messages.change import CHANGE_WORDS, change
from candor.messages.drawings import USUAL_METHOD, dots_sentence, trend_sentence, usual_sentence
from candor.messages.sensitive import BY_YEAR
from candor.messages.told import ROUNDED_MEANS, heading, state_of
from candor.messages.words import capital, number, span
from candor.published.model import TOLD, Figure, Period

_KNOWN = ("reported", "zero", "partly reported")
CHARTED_FROM = 5
"""The mean count of a month from which months are drawn; below, years are."""

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
    sentence = " ".join(filter(None, [_in_words(view, months), usual_sentence(months)]))
    rows = [(*_line(p, f), _usual(f), capital(f.usual) if f.usual else "") for p, f in months]
    return PlaceFigure(
        "trend",
        title,
        sentence,
        charts.trend(months, view.name("trend"), title, sentence),
        (*_columns(view, "Month"), ("Usual for the month", True), ("Against earlier years", False)),
        tuple(reversed(rows)),
        note=USUAL_METHOD if any(f.usual for _, f in months) else "",
        legend=charts.trend_key(months),
    )


def _usual(figure: Figure) -> str:
    return "" if figure.usual_counts is None else f"{figure.usual_counts[0]:,} to {figure.usual_counts[1]:,}"


def _by_year(view: TownView, years: Series) -> PlaceFigure:
    title = f"{capital(view.events)} by year"
    sentence = " ".join(filter(None, [_in_words(view, years), _last_change(view, years)]))
    limits = [_counts(f) for _, f in years]
    rows = [
        (*_line(p, f), f"{low:,.0f} to {high:,.0f}" if f.rate is not None else "", CHANGE_WORDS[f.change.verdict])
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


def _counts(figure: Figure) -> tuple[float, float]:
    """The interval of a count: that of its rate, for as many people; the count itself where it has none."""
    count = float(figure.count or 0)
    if figure.rate is None or figure.low is None or figure.high is None:
        return count, count
    return figure.low / figure.rate * count, figure.high / figure.rate * count


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


def _mean(months: Series) -> float:
    known = [f.count for _, f in months if f.coverage in _KNOWN and f.count is not None]
    return sum(known) / len(known) if known else 0.0


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
