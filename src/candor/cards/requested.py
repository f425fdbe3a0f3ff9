"""The towns that an address asks to compare: by GEOID or by name, each once, five at most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Final

from candor.cards.choices import figures_of
from candor.cards.selection import Selection
from candor.messages import sharing
from candor.messages.sharing import MOST_TOWNS
from candor.published.errors import BadRequestError
from candor.published.figures import Figures
from candor.published.model import Place
from candor.published.release import Published
from candor.published.search import Match

_LONGEST: Final = 200
_OFFERS: Final = 6
_WHOLE: Final = ("reported", "zero")


@dataclass(frozen=True)
class Trouble:
    """A name that is not one town's: what to say, and the towns that may be meant."""

    message: str
    offers: tuple[Match, ...] = ()


@dataclass(frozen=True)
class Asked:
    """The towns found, and what stood in the way of others. `canonical`: the address names each by its GEOID."""

    towns: tuple[Place, ...]
    troubles: tuple[Trouble, ...]
    canonical: bool


def asked(held: Published, places: Sequence[str], add: str = "") -> Asked:
    """The towns of the parameters `places` (several, or with commas between) and the one to `add`.

    Raises `BadRequestError` for more than five in `places`; one more in `add` is a trouble, for it came from the form.
    """
    texts = list(dict.fromkeys(t for value in places for part in value.split(",") if (t := _plain(part))))
    if len(texts) > MOST_TOWNS:
        raise BadRequestError(
            f"{sharing.TOO_MANY}, and this address names {len(texts)}",
            f"one to {MOST_TOWNS} towns, each by its name or its GEOID",
            "Take some of them out of the address, or begin again at /compare",
        )
    figures = figures_of(held)
    found: dict[str, Place] = {}
    troubles: list[Trouble] = []
    for text in texts:
        town = _town(held, figures, text)
        if isinstance(town, Trouble):
            troubles.append(town)
        else:
            found[town.geoid] = town
    more = _plain(add)
    if more:
        town = _town(held, figures, more)
        if isinstance(town, Trouble):
            troubles.append(town)
        elif town.geoid in found:
            troubles.append(Trouble(sharing.already_there(town.full_name)))
        elif len(found) >= MOST_TOWNS:
            troubles.append(Trouble(f"{sharing.TOO_MANY}. Remove one first, then add {town.full_name}."))
        else:
            found[town.geoid] = town
    return Asked(tuple(found.values()), tuple(troubles), canonical=not more and texts == list(found))


def like(held: Published, town: Place, selection: Selection) -> tuple[Place, ...]:
    """The town, and up to four whose residents are most nearly as many, of those that reported the whole period."""
    figures = figures_of(held)
    column = figures.column(selection.period.key, selection.category, selection.initiated_by)
    known = [
        p
        for p, f in zip(figures.places, column, strict=True)
        if p.geoid != town.geoid and p.residents and f.coverage in _WHOLE and not f.provisional
    ]
    size = town.residents
    if not size:
        return (town,)
    known.sort(key=lambda p: (abs(log((p.residents or 1) / size)), p.geoid))
    return (town, *known[: MOST_TOWNS - 1])


def _plain(text: str) -> str:
    return " ".join(text[:_LONGEST].split())


def _town(held: Published, figures: Figures, text: str) -> Place | Trouble:
    by_number = figures.place(text)
    if by_number is not None:
        return by_number
    found = held.names.find(text, _OFFERS)
    if found.only is not None:
        return found.only.place
    if not found.matches:
        return Trouble(sharing.unknown_town(text))
    return Trouble(sharing.several_towns(text, near=found.near), found.matches)
