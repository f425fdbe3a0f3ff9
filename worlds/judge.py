"""What the figures say of a world, held against what is true of it: shares, counted town by town."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from candor.measures.changes import Changes
from candor.measures.standing import Standing
from candor.vocabulary.comparison import ANSWERED, CHANGES, DIFFERENCES, PLACES, USUAL
from worlds.draw import BASE, World
from worlds.fast import Figures, members
from worlds.kinds import CHANGED, CITY_GROWTH, DIFFER, NULL, PLANTED, PLANTED_RATE
from worlds.naive import side_by_side
from worlds.tally import Bools, Floats, Tallies

HIGH_FROM, HIGH_EXPECTED = 1.5, 150
LOW_TO, LOW_EXPECTED = 0.67, 300
"""A town whose true rate is so far from the others', and of which so much is expected, is to be told so."""

PLANTED_EXPECTED: Final = 30
INTERVALS: Final = (20, 500)
"""The expected events from which the coverage of intervals is counted."""

RATED_FROM: Final = 20
"""The expected events from which a rate is printed whatever chance does, so that its mean is not one of the higher."""

FAMILIES: Final = {
    "totals of a year": ("all", 12), "groups of a year": ("group", 12), "kinds of a year": ("category", 12),
    "kinds of a quarter": ("category", 3), "kinds of a month": ("category", 1),
}  # fmt: skip
"""The five families of changes that a reader meets first: level, and months of the last period of that length."""


MAPPED: Final = ("null", "planted")
"""The kinds of worlds that are drawn as other maps draw them, too."""


def judge(world: World) -> Tallies:
    """Everything that is counted in one world."""
    found, figures = Tallies(), Figures(world)
    stands = figures.standing(figures.learned)
    changes = figures.changes(figures.learned)
    part = world.kind.part
    _labels(found, figures, stands)
    _intervals(found, figures, stands)
    _families(found, figures, changes)
    if part in (DIFFER, PLANTED):
        truly = figures.standing(figures.truly)
        _power(found, figures, stands, truly)
    if part == PLANTED:
        _planted(found, figures, stands)
    if part == CHANGED:
        _growth(found, figures, changes, figures.changes(figures.truly))
    if part == NULL:
        _usual(found, figures)
    if world.changed[:, world.state.home].max() == CITY_GROWTH:
        _moved(found, figures, stands)
    if world.kind.name in MAPPED:
        side_by_side(found, figures, stands, changes)
    _learned(found, figures)
    return found


def is_(stands: Standing, *words: str) -> Bools:
    """Where the label is one of these."""
    return np.isin(stands.difference.label, [DIFFERENCES.index(word) for word in words])


def base_rates(figures: Figures) -> Floats:
    """Of each series: (L,)."""
    s = figures.series
    return np.array([np.array(BASE)[members(*key)].sum() for key in zip(s.levels, s.names, strict=True)])


def _labels(found: Tallies, figures: Figures, stands: Standing) -> None:
    """How many of the towns that are compared get which label; on which side of it they truly are."""
    compared = is_(stands, *ANSWERED)
    truth = figures.true_ratio
    high, low = is_(stands, "higher"), is_(stands, "lower")
    high_or_so, low_or_so = is_(stands, "higher", "probably higher"), is_(stands, "lower", "probably lower")
    sure, probable = high | low, (high_or_so | low_or_so) & ~high & ~low
    for length in {p.months for p in figures.periods}:
        of_length = np.asarray(np.array([p.months == length for p in figures.periods])[:, None] & compared)
        found.count(("sure", str(length)), sure, of_length)
        found.count(("probable", str(length)), probable, of_length)
    for word in ANSWERED:
        found.count(("label", word), is_(stands, word), compared)
    found.count(("wrong side",), (high & (truth <= 1)) | (low & (truth >= 1)), compared)
    found.count(("wrong side, probably",), (high_or_so & (truth <= 1)) | (low_or_so & (truth >= 1)), compared)
    unusual = stands.place > 0
    found.count(("among the tenth",), unusual, compared)
    found.count(("true of among the tenth",), _truly_among_the_tenth(truth, compared, stands.place), unusual)


def _truly_among_the_tenth(truth: Floats, compared: Bools, place: np.ndarray) -> Bools:
    """Whether at most a tenth of the towns is further out, and the town is on that side of the middle."""
    rates = np.where(compared, truth, np.nan)
    number = compared.sum(axis=-1, keepdims=True)
    order = np.sort(rates, axis=-1)
    tenth = np.maximum(np.ceil(number / 10).astype(np.int64), 1)
    count = np.maximum(number, 1)
    top = np.take_along_axis(order, np.clip(count - tenth, 0, None), axis=-1)
    bottom = np.take_along_axis(order, np.clip(tenth - 1, 0, None), axis=-1)
    middle = np.take_along_axis(order, np.clip(count // 2, 0, order.shape[-1] - 1), axis=-1)
    high = np.asarray((rates >= top) & (rates > middle))
    low = np.asarray((rates <= bottom) & (rates < middle))
    return np.where(place == PLACES.index("among the tenth with the highest rates"), high, low)


def _intervals(found: Tallies, figures: Figures, stands: Standing) -> None:
    """95 % intervals of rates and of relative rates; and whether rates are right on average."""
    mean, truth = figures.mean, figures.true_ratio
    persons = np.broadcast_to(figures.now.person_years, mean.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        true_rate = np.where(persons > 0, mean / persons * 1000, np.nan)
    rate, low, high = figures.rates()
    difference = stands.difference
    # Of several years together the truth is that of the years, which is the same in worlds that do not change.
    for name, lower, value, upper in (
        ("rate", low, true_rate, high),
        ("relative", difference.lower, truth, difference.upper),
    ):
        known = np.isfinite(lower) & np.isfinite(value)
        holds = np.asarray((lower <= value) & (value <= upper))
        for least in INTERVALS:
            found.count(("interval", name, str(least)), holds, known & (mean >= least))
    for start, below in ((RATED_FROM, 100.0), (100.0, np.inf)):
        cells = np.isfinite(rate) & (mean >= start) & (mean < below)
        found.add(("rate over truth", f"{start:g}"), float((rate[cells] / true_rate[cells]).sum()), int(cells.sum()))


def _families(found: Tallies, figures: Figures, changes: Changes) -> None:
    """Whether any town's change is told, in each of five families, and in any of them."""
    told = np.isin(changes.verdict, [CHANGES.index("up"), CHANGES.index("down")])
    perhaps = np.isin(changes.verdict, [CHANGES.index("perhaps up"), CHANGES.index("perhaps down")])
    tested = changes.verdict >= CHANGES.index("no change can be told")
    # What truly changed is not a false change.
    truly = np.zeros(told.shape, np.bool_)
    for i, key in enumerate(zip(figures.series.levels, figures.series.names, strict=True)):
        truly[i] = (figures.world.changed[members(*key)] != 1).any(axis=0)
    false = told & ~truly
    any_of = False
    for name, (level, length) in FAMILIES.items():
        rows = [i for i, own in enumerate(figures.series.levels) if own == level]
        period = max(i for i, p in enumerate(figures.periods) if p.months == length)
        here = bool(false[rows, :, period].any())
        found.add(("false change", name), int(here), 1)
        any_of |= here
    found.add(("any false change",), int(any_of), 1)
    found.count(("false change of a town",), false, tested & ~truly)
    found.count(("perhaps a change",), perhaps & ~truly, tested & ~truly)


def _power(found: Tallies, figures: Figures, stands: Standing, truly: Standing) -> None:
    """Of the towns that clearly differ, and of which enough is expected, how many are told so; beside the true c."""
    for name, side, expected, word in (
        ("high", figures.true_ratio >= HIGH_FROM, HIGH_EXPECTED, "higher"),
        ("low", figures.true_ratio <= LOW_TO, LOW_EXPECTED, "lower"),
    ):
        of = side & is_(truly, *ANSWERED)
        for measure, stand in (("found", stands), ("found by the true c", truly)):
            found.count((measure, name), is_(stand, word), np.asarray(of & (truly.expected >= expected)))


def _planted(found: Tallies, figures: Figures, stands: Standing) -> None:
    """The planted towns, by base rate."""
    planted = np.broadcast_to(figures.world.relative[0] == PLANTED_RATE, stands.expected.shape)
    enough = planted & (stands.expected >= PLANTED_EXPECTED) & is_(stands, *ANSWERED)
    bases = base_rates(figures)
    for base in np.unique(bases):
        rows = (bases == base)[:, None, None, None]
        found.count(("planted found", f"{base:g}"), is_(stands, "higher"), enough & rows)
        found.count(("planted found or probably", f"{base:g}"), is_(stands, "higher", "probably higher"), enough & rows)


def _growth(found: Tallies, figures: Figures, changes: Changes, truly: Changes) -> None:
    """The towns whose calls truly grew, in the last year."""
    period = figures.last_year
    for i, base in enumerate(base_rates(figures)):
        level, name = figures.series.levels[i], figures.series.names[i]
        if level == "category":
            grown = figures.world.changed[members(level, name)][0] > 1
            for measure, which in (("growth found", changes), ("growth found by the true c", truly)):
                verdict = which.verdict[i, 0, period]
                found.count((measure, f"{base:g}"), verdict == CHANGES.index("up"), grown)
                perhaps = np.isin(verdict, [CHANGES.index("up"), CHANGES.index("perhaps up")])
                found.count((f"{measure}, or perhaps", f"{base:g}"), perhaps, grown)


def _usual(found: Tallies, figures: Figures) -> None:
    """Months of the total and of one kind that are told to be other than usual; series of a town that have one."""
    levels = figures.series.levels
    marks = figures.usual([levels.index("all"), levels.index("category")]).mark
    told, marked = marks > 0, marks > USUAL.index("as usual")
    found.count(("month marked",), marked, told)
    found.count(("series with a month marked",), np.any(marked, axis=2), np.any(told, axis=2))


def _moved(found: Tallies, figures: Figures, stands: Standing) -> None:
    """Of the towns beside a city that grows, how many have another label than if it had not."""
    quiet = Figures(World(replace(figures.world.kind, last_year=None), figures.world.state, figures.world.seed))
    others = quiet.standing(quiet.learned)
    same_town = (figures.world.changed == 1).all(axis=0)
    period = figures.last_year
    of = is_(others, *ANSWERED)[:, :, period] & same_town
    before, after = others.difference.label[:, :, period], stands.difference.label[:, :, period]
    sure = [DIFFERENCES.index("higher"), DIFFERENCES.index("lower")]
    found.count(("other label beside a growing city",), before != after, of)
    moved = np.isin(before, sure) != np.isin(after, sure)
    found.count(("another sure label beside a growing city",), np.asarray(moved), of)


def _learned(found: Tallies, figures: Figures) -> None:
    """c as it is learned, beside the true one: sums, so that their ratio is that of the means."""
    for length, learned in figures.learned.by_length.items():
        for i, base in enumerate(base_rates(figures)):
            true = float(figures.truly.by_length[length].c[i, 0])
            found.add(("c", str(length), f"{base:g}"), float(learned.c[i, 0]), 1)
            found.add(("true c", str(length), f"{base:g}"), true, 1)
            found.add(("pairs", str(length), f"{base:g}"), int(learned.pairs[i, 0]), 1)
