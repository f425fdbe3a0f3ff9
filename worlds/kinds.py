"""Every kind of world that the figures must survive: the table of METHODS, row by row."""

from __future__ import annotations

from typing import Final

import numpy as np

from candor.measures.periods import YEAR
from worlds.draw import BASE, MONTHS, Kind, Relative, Rng, always
from worlds.states import State, eighty, fourteen
from worlds.tally import Bools, Floats, Ints

NULL, DIFFER, PLANTED, CHANGED, OTHER = "null", "differ", "planted", "changed", "other"
"""The parts of the table: what is asked of a kind of world goes by its part."""

FIVE_PERCENT: Final = 0.05**2
FIFTEEN_PERCENT: Final = 0.15**2
PLANTED_TOWNS: Final = 10
PLANTED_RATE: Final = 2.0
BEFORE: Final = 100.0
"""The calls that a town whose calls grow by half had before."""

GROWTH, CITY_GROWTH = 1.5, 1.3

OWN_AGENCY: Final = 1_000
"""The residents from which a town has an agency of its own, which may begin late or miss months."""


def _differ(sigma: float) -> Relative:
    """Log rates with this standard deviation."""

    def relative(state: State, rng: Rng) -> Floats:
        return np.asarray(np.exp(sigma * rng.standard_normal(len(state.residents))))

    return relative


def _city(state: State, _rng: Rng) -> Floats:
    relative = np.full(len(state.residents), 0.7)
    relative[_largest(state)] = 3.0
    return relative


def _largest(state: State) -> int:
    return int(np.where(state.covered, state.residents, -1).argmax())


def _day(state: State, rng: Rng) -> Floats:
    """Persons by day over residents: one town in eight draws people in, from those around it."""
    centre = rng.random(len(state.residents)) < 1 / 8
    return np.where(centre, rng.uniform(1.5, 3.0, len(centre)), rng.uniform(0.65, 0.95, len(centre)))


def _day_persons(state: State, rng: Rng) -> Floats:
    return np.rint(state.residents * _day(state, rng))


def _neighbours(state: State, rng: Rng) -> Floats:
    """Log rates with standard deviation 0.3 and correlation exp(-d / 0.25 of the state's width)."""
    d = np.linalg.norm(state.at[:, None] - state.at[None], axis=-1)
    width = np.ptp(state.at[:, 0]) / 4
    root = np.linalg.cholesky(np.exp(-d / width) + 1e-6 * np.eye(len(d)))
    return np.asarray(np.exp(0.3 * root @ rng.standard_normal(len(d))))


def _villages(state: State, rng: Rng) -> Floats:
    """Of the smaller half of towns one in five has far more people in second homes than residents."""
    small = state.residents < np.median(state.residents[state.home])
    second = small & (rng.random(len(small)) < 0.2)
    return np.where(second, rng.uniform(2.5, 8.0, len(small)), np.exp(0.15 * rng.standard_normal(len(small))))


def _planted(state: State, rng: Rng) -> Floats:
    relative = np.ones(len(state.residents))
    relative[_lot(state, rng)] = PLANTED_RATE
    return relative


def _planted_among_others(state: State, rng: Rng) -> Floats:
    relative = np.exp(0.3 * rng.standard_normal(len(state.residents)))
    relative[_lot(state, rng)] = PLANTED_RATE
    return np.asarray(relative)


def _lot(state: State, rng: Rng) -> Ints:
    return np.asarray(rng.permutation(np.flatnonzero(state.home))[:PLANTED_TOWNS])


def _growth(state: State, relative: Floats, _rng: Rng) -> Floats:
    """Of each kind of call the ten towns nearest to 100 calls a year have 100, and half as many more in the last."""
    changed, before = np.ones(relative.shape), relative.copy()
    for c, base in enumerate(BASE):
        expected = np.where(state.home, base / 1000 * state.residents, np.inf)
        ten = np.argsort(np.abs(np.log(np.maximum(expected, 1e-9) / BEFORE)))[:PLANTED_TOWNS]
        before[c, ten] = BEFORE / expected[ten]
        changed[c, ten] = GROWTH
    return np.stack([before, changed])


def _one_city_grows(state: State, relative: Floats, _rng: Rng) -> Floats:
    changed = np.ones(relative.shape)
    changed[:, _largest(state)] = CITY_GROWTH
    return np.stack([relative, changed])


def _zeros(state: State, rng: Rng) -> Floats:
    """One in three of the smaller half of towns has a fifth of the others' rate, so that whole months are zero."""
    small = state.residents < np.median(state.residents[state.home])
    return np.where(small & (rng.random(len(small)) < 1 / 3), 0.2, 1.0)


def _joining(state: State, rng: Rng) -> Bools:
    """A third of the towns that have an agency of their own begin in the course of the first three years."""
    late = (rng.random(len(state.residents)) < 1 / 3) & (state.residents >= OWN_AGENCY)
    begin = np.where(late, rng.integers(1, MONTHS - YEAR, len(state.residents)), 0)
    return np.asarray(always(state, rng) & (np.arange(MONTHS) >= begin[:, None]))


def _gaps(state: State, rng: Rng) -> Bools:
    """Of towns with an agency of their own one month in fifty is missing, and half a year of one in ten."""
    number = len(state.residents)
    missing = rng.random((number, MONTHS)) < 0.02
    begin = np.where(rng.random(number) < 0.1, rng.integers(0, MONTHS - 6, number), MONTHS)
    month = np.arange(MONTHS)
    missing |= (month >= begin[:, None]) & (month < begin[:, None] + 6)
    return np.asarray(always(state, rng) & ~(missing & (state.residents >= OWN_AGENCY)[:, None]))


def _uneven(state: State, rng: Rng) -> Floats:
    """A town's own wander, between 2 % and 20 % a year."""
    return np.asarray(rng.uniform(0.02, 0.2, len(state.residents)) ** 2)


def _kinds() -> tuple[Kind, ...]:
    five, fifteen = FIVE_PERCENT, FIFTEEN_PERCENT
    return (
        Kind("null", "null: all towns alike, chance alone", NULL),
        Kind("wander", "null, and each town’s own count wanders by 5 % a year", NULL, wander=five),
        Kind("season", "null, and a season of 15 %", NULL, season=0.15),
        Kind("noise", "null, and noise of 15 % by town and month", NULL, noise=fifteen),
        Kind("fourteen", "null, 14 places, wander 5 %", NULL, wander=five, among=fourteen),
        Kind("day-declared", "null by persons present, whom the portal declares; wander 5 %", NULL, wander=five,
             persons=_day_persons),
        Kind("differ", "towns differ (0.3 in log), wander 5 %", DIFFER, _differ(0.3), five),
        Kind("differ-still", "towns differ (0.3), no wander", DIFFER, _differ(0.3)),
        Kind("differ-restless", "towns differ (0.3), wander 15 %", DIFFER, _differ(0.3), fifteen),
        Kind("heavy", "towns differ much (0.55), wander 5 %", DIFFER, _differ(0.55), five),
        Kind("heavy-restless", "towns differ much (0.55), wander 15 %", DIFFER, _differ(0.55), fifteen),
        Kind("city", "one large city at 3 times, all others 0.7; wander 5 %", DIFFER, _city, five),
        Kind("day", "day population that nobody declares, wander 5 %", DIFFER, _day, five),
        Kind("neighbours", "neighbouring towns alike (0.3), wander 5 %", DIFFER, _neighbours, five),
        Kind("villages", "second-home villages, wander 5 %", DIFFER, _villages, five),
        Kind("eighty", "80 neighbourhoods (0.3), wander 5 %", DIFFER, _differ(0.3), five, among=eighty),
        Kind("joining", "agencies that join over time (0.3), wander 5 %", DIFFER, _differ(0.3), five,
             coverage=_joining),
        Kind("planted", "ten towns at twice the rate of all others", PLANTED, _planted),
        Kind("planted-differ", "ten towns at twice the rate, the others differ (0.3); wander 5 %", PLANTED,
             _planted_among_others, five),
        Kind("growth", "ten towns with 100 calls grow by half", CHANGED, last_year=_growth),
        Kind("growth-wander", "ten towns with 100 calls grow by half, wander 5 %", CHANGED, wander=five,
             last_year=_growth),
        Kind("zeros", "small true zeros", OTHER, _zeros),
        Kind("gaps", "gaps in what towns report, wander 5 %", OTHER, wander=five, coverage=_gaps),
        Kind("city-grows", "the largest city grows by 30 %, wander 5 %", OTHER, wander=five, last_year=_one_city_grows),
        Kind("uneven", "towns wander unevenly (2 to 20 % a year), differ by 0.3", OTHER, _differ(0.3), _uneven),
    )  # fmt: skip


KINDS: Final = {kind.name: kind for kind in _kinds()}
"""By name, in the order of the report."""
