"""What a town's page says first: the state's context, the town's figure, how it compares, what changed; how we know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from candor.cards.model import KnowHow
from candor.cards.town import TownView
from candor.messages import change as change_words
from candor.messages import figures
from candor.messages import words as words_words
from candor.messages.change import CHANGE_METHOD, CHANGE_WORDS, previous, state_change, year_before
from candor.messages.comparison import COMPARISON_METHOD, COMPARISON_WORDS, comparison, smoothed
from candor.messages.coverage import COVERAGE_NOTE, UNDER
from candor.messages.drawings import share_sentence
from candor.messages.figures import counted, denominator, interval_method, no_residents, state_headline
from candor.messages.layers import layer_of
from candor.messages.release import citation, release_sentence
from candor.messages.told import range_words
from candor.messages.vanished import vanished_sentence
from candor.messages.words import capital, decimal, interval, lower_first, number, span
from candor.profiles.profile import Profile
from candor.published.model import Change, Figure, Period
from candor.published.release import Published
from candor.published.tables import SCAN


@dataclass(frozen=True)
class Glance:
    """A figure of the row "at a glance": the name, the figure, and what belongs to it in small print."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Opening:
    """The first card of a town: sentences in the order in which they are read."""

    state: tuple[str, ...]
    headline: str
    standing: tuple[str, ...]
    glance: tuple[Glance, ...]


def opening(view: TownView) -> Opening:
    """The state first, then the town, then how it compares and what changed."""
    now, selection = view.now, view.selection
    headline = figures.headline(
        now, selection.period, view.town.full_name, selection.label, officer=selection.officer, layer=view.layer
    )
    standing = (
        _instead(view),
        _longer(view, now),
        comparison(now, view.layer),
        smoothed(now) if now.comparison else "",
        *_changes(view, now),
        _vanished(view),
    )
    return Opening(_of_the_state(view), headline, tuple(filter(None, standing)), _glance(view, now))


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
    change, earlier = _compared_with(selection.period, state)
    if earlier is not None:
        said.append(state_change(change, earlier))
    return tuple(filter(None, said))


def _compared_with(period: Period, figure: Figure) -> tuple[Change, Period | None]:
    """The change that matters most: a season back where there is one, else the period before."""
    year = year_before(period)
    return (figure.year_change, year) if year else (figure.change, previous(period))


def _changes(view: TownView, now: Figure) -> list[str]:
    """Against the same time a year before, and against the period before, where they are two."""
    period = view.selection.period
    said = []
    for change, earlier in (
        (now.year_change, year_before(period)),
        (now.change, previous(period)),
    ):
        if earlier is not None:
            same = view.same_span(earlier)
            before = view.at(same) if same else None
            said.append(change_words.change(change, now, period, earlier, before, view.layer))
    return said


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
    if now.rate is not None:
        found.append(
            Glance(
                "Per 1,000 residents and year",
                decimal(now.rate),
                f"{interval(now)} (95\N{NO-BREAK SPACE}%)",
            )
        )
    if now.expected is not None:
        found.append(Glance("Expected for its size", words_words.about(now.expected)))
    if now.comparison:
        found.append(Glance("Compared with the state", COMPARISON_WORDS[now.comparison]))
    change, earlier = _compared_with(view.selection.period, now)
    if change.verdict and earlier is not None:
        words = CHANGE_WORDS[change.verdict]
        found.append(Glance(f"Since {span(earlier)}", words))
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
            denominator(view.town.residents if residents is None else residents, portal.population_source),
        ),
        ("Interval", interval_method(layer)),
        ("Expected", COMPARISON_METHOD),
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
