"""What the events of a town were about: each group with its kinds, beside the rest of the state."""

from __future__ import annotations

from urllib.parse import quote_plus

from candor.cards.model import CategoryLine, PlaceFigure
from candor.cards.town import TownView
from candor.graphics import charts
from candor.messages import words as words_words
from candor.messages.comparison import BESIDE, TIMES_THE_REST, comparison_cell, times
from candor.messages.drawings import kinds_sentence
from candor.messages.figures import count_words, rate_words
from candor.messages.told import number_words
from candor.messages.words import capital, number
from candor.published.model import ALL, Figure
from candor.vocabulary.comparison import ANSWERED

_SLUG = "its-slug"


def categories(view: TownView) -> PlaceFigure:
    """What the events were about: each kind with its figure, and with its link and mark for the page's own table."""
    period = view.kinds_period
    of_town = view.figures.kinds(view.town.geoid, period.key, view.selection.initiated_by)
    found = [(slug, label, level, of_town[slug]) for slug, label, level in view.kinds() if slug in of_town]
    found = [one for one in found if not _only_officers(view, one[0], one[3])]
    query = view.selection.query(category=_SLUG, period=period.key)
    address = f"/places/{view.town.geoid}?{query}"  # made once: there are many kinds
    lines = tuple(_line(view, address, *one) for one in found)
    title, parts = view.layer.words.kinds, view.layer.parts
    sentence = kinds_sentence(
        [(label, figure.comparison) for slug, label, level, figure in found if level == "category"], view.layer
    )
    drawn = [_row(label, figure) for slug, label, level, figure in found if _is_drawn(slug, level, figure, view)]
    reference = (1.0, f"The rest of {view.held.release.portal.jurisdiction}")
    return PlaceFigure(
        "categories",
        title,
        sentence,
        charts.rows(drawn, reference, "ratio", view.name("categories"), title, sentence) if drawn else charts.NOTHING,
        (
            *(("Category", False), (capital(view.layer.many), True)),
            *(((capital(parts.many), True),) if parts else ()),
            ("Rate", True),
            *(("95\N{NO-BREAK SPACE}% interval", True), (TIMES_THE_REST, True)),
            (BESIDE, False),
        ),
        tuple(
            (one.label, one.count, *((one.parts,) if parts else ()), one.rate, one.interval, one.times, one.compared)
            for one in lines
        ),
        note="Each point is how many times the rate of the rest of the state the town’s is." if drawn else "",
        legend=charts.rows_key("", "Times the rest, with its 95\N{NO-BREAK SPACE}% interval")
        if drawn
        else charts.NOTHING,
        period=period,
        lines=lines,
    )


def _line(view: TownView, address: str, slug: str, label: str, level: str, figure: Figure) -> CategoryLine:
    words = number_words(figure) if figure.rounded else ""
    count, rate = words or count_words(figure), rate_words(figure, view.layer)
    beside = figure.beside
    return CategoryLine(
        slug,
        label,
        level,
        count,
        "" if rate == count or not figure.count else rate,
        words_words.interval(figure),
        times(beside),
        comparison_cell(figure),
        charts.mark(beside.value, beside.low, beside.high),
        address.replace(_SLUG, quote_plus(slug)),
        number(figure.parts),
    )


def _row(label: str, figure: Figure) -> charts.Row:
    name, beside = label.removeprefix("All: "), figure.beside
    return charts.Row(capital(name), f"{times(beside)} times", beside.value, beside.low, beside.high)


def _is_drawn(slug: str, level: str, figure: Figure, view: TownView) -> bool:
    """Groups, and kinds that are alone in theirs, of which enough are expected."""
    if slug == ALL or figure.beside.value is None or figure.comparison not in ANSWERED:
        return False
    if level == "group":
        return True
    group = next(c.group for c in view.categories if c.slug == slug)
    return sum(c.group == group and c.slug in view.figures.categories for c in view.categories) == 1


def _only_officers(view: TownView, slug: str, figure: Figure) -> bool:
    """A zero that only says that officers were left out."""
    if view.selection.with_officers or figure.count != 0 or not view.layer.initiators:
        return False
    own = [c for c in view.categories if slug in (c.slug, c.group)]
    return bool(own) and all(c.initiated_by == "officer" for c in own)
