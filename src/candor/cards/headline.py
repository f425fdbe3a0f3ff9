"""What a town's page says first: its counts and rate, how it compares, what changed; how we know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from candor.cards.model import KnowHow
from candor.cards.town import TownView
from candor.messages import change as change_words
from candor.messages import figures
from candor.messages.change import CHANGE_METHOD, CHANGE_SHORT, state_change, year_before
from candor.messages.comparison import (
    AMONG_WORDS,
    BESIDE,
    COMPARISON_METHOD,
    among,
    comparison,
    comparison_cell,
    counted_people,
    similar,
    times,
    wander_words,
)
from candor.messages.coverage import COVERAGE_NOTE, UNDER
from candor.messages.drawings import share_sentence
from candor.messages.figures import counted, denominator, interval_method, no_residents, state_headline
from candor.messages.layers import layer_of
from candor.messages.release import citation, release_sentence
from candor.messages.told import range_words
from candor.messages.vanished import vanished_sentence
from candor.messages.words import capital, decimal, interval, lower_first, number, span
from candor.profiles.profile import Profile
from candor.published.model import Figure, Period
from candor.published.release import Published
from candor.published.tables import SCAN
from candor.vocabulary.comparison import ANSWERED

NOT_COVERED = "not covered"
_YEARS_BEFORE = 2


@dataclass(frozen=True)
class Glance:
    """A figure of the row "at a glance": the name, the figure, and what belongs to it in small print."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Opening:
    """The first card of a town, in the order in which it is read: counts and rate, the answers; the state beside."""

    headline: str
    standing: tuple[str, ...]
    state: tuple[str, ...]
    glance: tuple[Glance, ...]


def opening(view: TownView) -> Opening:
    """The counts themselves with their rate, the two answers, what changed; and the state's own figure."""
    now = view.now
    standing = (
        _instead(view),
        comparison(now, view.layer),
        among(now),
        counted_people(now) if now.beside.label in ANSWERED else "",
        similar(now),
        _change(view, now),
        _longer(view, now),
        _vanished(view),
    )
    return Opening(first_line(view), tuple(filter(None, standing)), _of_the_state(view), _glance(view, now))


def first_line(view: TownView) -> str:
    """The counts of the chosen time and of the same time in earlier years, and the rate."""
    now, selection = view.now, view.selection
    return figures.headline(
        now,
        selection.period,
        view.town.full_name,
        selection.label,
        officer=selection.officer,
        layer=view.layer,
        before=_earlier(view),
    )


def _earlier(view: TownView) -> tuple[tuple[Period, Figure], ...]:
    """The same time in the years before, the last first, as far as it is published."""
    found: list[tuple[Period, Figure]] = []
    earlier = year_before(view.selection.period)
    while earlier is not None and len(found) < _YEARS_BEFORE:
        one = view.of_same_span(earlier)
        if one is None or one[1].coverage == NOT_COVERED:
            break
        found.append(one)
        earlier = year_before(one[0])
    return tuple(found)


def _of_the_state(view: TownView) -> tuple[str, ...]:
    """The state's own rate and what changed in it."""
    state, selection, portal = view.state, view.selection, view.held.release.portal
    said = [
        state_headline(
            state,
            selection.period,
            portal.jurisdiction,
            selection.label,
            officer=selection.officer,
            layer=view.layer,
        )
    ]
    earlier = year_before(selection.period)
    if earlier is not None:
        said.append(state_change(state.change, earlier))
    return tuple(filter(None, said))


def _change(view: TownView, now: Figure) -> str:
    """Against the same time a year before."""
    period = view.selection.period
    earlier = year_before(period)
    if earlier is None:
        return ""
    same = view.of_same_span(earlier)
    return change_words.change(now.change, now, period, earlier, same[1] if same else None, view.layer)


def _instead(view: TownView) -> str:
    """The figure of years that are told, where those that were asked for are not."""
    if view.instead is None:
        return ""
    figure, period = view.instead
    return figures.headline(
        figure,
        period,
        view.town.full_name,
        view.selection.label,
        officer=view.selection.officer,
        layer=view.layer,
    )


def _longer(view: TownView, now: Figure) -> str:
    """A longer period where the chosen one is too short for a rate."""
    if now.rate is not None or not now.count or no_residents(now):
        return ""
    offered = view.figures.offered(view.selection.category).values()
    longer = [p for p in offered if p.kind in ("months", "years") and p.months > view.selection.period.months]
    for period in sorted(longer, key=lambda p: p.months):
        figure = view.at(period)
        if figure.rate is not None:
            return figures.headline(
                figure,
                period,
                view.town.full_name,
                view.selection.label,
                officer=view.selection.officer,
                layer=view.layer,
            )
    return ""


def _vanished(view: TownView) -> str:
    """That a kind of call stopped, where it did."""
    if not view.layer.monthly or not view.selection.label:
        return ""
    return vanished_sentence(view.months, view.selection.label)


def _glance(view: TownView, now: Figure) -> tuple[Glance, ...]:
    """The figures alone, for those who have read the sentences before."""
    events = capital(view.layer.many)
    if now.coverage == UNDER:
        return (Glance(events, UNDER, range_words(now)),)
    if now.count is None:
        return ()
    about = "about " if now.rounded else ""
    found = [Glance(events, f"{about}{number(now.count)}", range_words(now))]
    if view.layer.parts is not None and now.parts is not None:
        found.append(Glance(capital(view.layer.parts.many), number(now.parts)))
    if now.rate is not None:
        found.append(
            Glance(
                f"Per 1,000 {figures.people(now)} and year",
                decimal(now.rate),
                f"{interval(now)} (95\N{NO-BREAK SPACE}%)",
            )
        )
    if now.comparison:
        note = f"{times(now.beside)} times" if now.beside.value is not None else ""
        found.append(Glance(BESIDE, comparison_cell(now), note))
    if now.among:
        found.append(Glance("Among towns", AMONG_WORDS[now.among]))
    earlier = year_before(view.selection.period)
    if now.change.verdict and earlier is not None:
        found.append(Glance(f"Since {span(earlier)}", CHANGE_SHORT[now.change.verdict]))
    return tuple(found)


def shares_of_calls(view: TownView) -> tuple[str, ...]:
    """Beside the calls of the chosen kind what another profile counts of it, in the last year that both tell."""
    return tuple(said for p in view.held.release.profiles if p.tables.beside_calls for said in _shares(view, p))


def _shares(view: TownView, profile: Profile) -> Iterator[str]:
    release, chosen = view.held.release, view.selection.category
    dataset, own = release.dataset(profile.tables.beside_calls), view.layer.key == profile.name
    kinds = {
        c.slug: c.label for c in release.kinds(profile.name) if chosen in ((c.slug,) if own else c.call_categories)
    }
    if dataset is None or not kinds:
        return
    count = profile.count
    rows = view.held.tables.rows(
        f"SELECT year, category, {count}, calls, share, share_low, share_high, note FROM {SCAN}"
        f" WHERE geoid = ? AND list_contains(?, category) AND {count} IS NOT NULL AND calls IS NOT NULL"
        " QUALIFY year = max(year) OVER (PARTITION BY category) ORDER BY category",
        [view.held.tables.files(dataset), view.town.geoid, sorted(kinds)],
    )
    for year, kind, events, calls, share, low, high, note in rows:
        told = None if share is None else (share, low, high)
        yield share_sentence(layer_of(profile), events, calls, told, lower_first(kinds[kind]), year, note)


def know(held: Published, view: TownView) -> KnowHow:
    """How the first card's figures were made, from what, and how to cite them."""
    portal, selection, layer = held.release.portal, view.selection, view.layer
    facts = [("Counted", selection.definition or counted(layer))]
    if layer.initiators:
        by = "the public and officers" if selection.with_officers else "the public; officers’ own activity is left out"
        facts.append(("Begun by", by))
    residents = view.now.residents
    facts += [
        (
            "Denominator",
            denominator(view.now, view.town.residents if residents is None else residents, portal.population_source),
        ),
        ("Interval", interval_method(layer)),
        *([("Movement", wander_words(view.now))] if view.now.wander is not None else []),
        (BESIDE, COMPARISON_METHOD),
        ("Change", CHANGE_METHOD),
        ("Coverage", COVERAGE_NOTE),
    ]
    links = [("Methods", "/methods")]
    rates = held.release.dataset(view.profile.tables.figures)
    if rates is not None:
        release = release_sentence(held.release)
        facts.append(("Version", f"{rates.title}, version {rates.version}; {release}."))
        facts.append(("Cite as", citation(held.release, rates)))
        links.append((f"Data set: {rates.title}", f"/datasets/{rates.name}"))
    return KnowHow(tuple(facts), tuple(links))
