"""What bounds kinds beside their own figures: months in which a kind was open, and how many rows are not published."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.audit.public import CUBE, Bools, Floats, Ints, Public, is_one_of, month_numbers, positions, words
from candor.audit.told import STATE, STEP, Figures, Told
from candor.audit.world import YEAR, World
from candor.store.model import Release


class Caps(NamedTuple):
    """Sums over all kinds that are at most so much: `figure` is the state's over the same months."""

    figure: Ints
    most: Floats


def open_months(public: Public, told: Told, of: World) -> dict[int, Floats]:
    """By kind, the counts (towns, months) that were told while the kind was open; NaN where it was not."""
    counts: dict[int, Floats] = {}
    seen = set()
    for tables in public.tables:
        content = tables.content((CUBE,))
        if content in seen:
            continue
        seen.add(content)
        columns = ["geoid", "month", "category", "calls"]
        lines = tables.read(CUBE, columns, is_one_of("category", told.kinds) & pc.field("calls").is_valid())
        if lines is None or not lines.num_rows:
            continue
        plain = pa.table(
            {
                "kind": positions(lines["category"], told.kinds),
                "town": positions(words(lines["geoid"]), of.geoids),
                "month": month_numbers(lines["month"]) - of.first,
                "calls": lines["calls"].cast(pa.float64()),
            }
        )
        both = plain.group_by(["kind", "town", "month"]).aggregate([("calls", "sum")])
        kind, town, month = (both[n].to_numpy() for n in ("kind", "town", "month"))
        calls = both["calls_sum"].to_numpy()
        for one in np.unique(kind[town >= 0]).tolist():
            at = (kind == one) & (town >= 0)
            table = counts.setdefault(one, np.full(of.reported.shape, np.nan))
            table[town[at], month[at]] = calls[at]
    return counts


def with_caps(public: Public, told: Told) -> tuple[Told, Caps]:
    """The numbers of rows that are not published, of all releases, with the state's figures that they bound.

    Rows of towns that nobody counts, or without a town, are among them: so they are an upper bound.
    """
    most: dict[tuple[int, int], float] = {}
    for release in public.releases:
        for span, told_rows in _rows(release):
            most[span] = min(most.get(span, np.inf), told_rows)
    if not most or not told.kinds:
        return told, Caps(np.zeros(0, np.int64), np.zeros(0))
    at = {k: i for i, k in enumerate(told.figures.key)}
    new = [span for span in most if f"state||{span[0]}|{span[1]}" not in at]
    more = Figures(
        np.full(len(new), STATE), np.full(len(new), "", np.str_), np.array([s[0] for s in new], np.int64),
        np.array([s[1] for s in new], np.int64),
    )  # fmt: skip
    figures = Figures(*(np.concatenate([a, b]) for a, b in zip(told.figures, more, strict=True)))
    low, high = np.zeros((len(new), len(told.kinds))), np.full((len(new), len(told.kinds)), np.inf)
    wider = Told(
        told.kinds, figures, np.concatenate([told.low, low]), np.concatenate([told.high, high]),
        np.concatenate([told.judged, np.zeros_like(low, np.bool_)]), np.concatenate([told.before_low, low]),
        np.concatenate([told.before_high, high]),
    )  # fmt: skip
    at = {k: i for i, k in enumerate(figures.key)}
    rows = np.array([at[f"state||{first}|{last}"] for first, last in most], np.int64)
    return wider, Caps(rows, np.array(list(most.values())))


def _rows(release: Release) -> list[tuple[tuple[int, int], float]]:
    caps = []
    for one in release.withheld_rows:
        rows, first = one.rows, (one.year - 1970) * YEAR
        most = STEP - 1.0 if rows is None else 7.0 if rows == STEP else rows + 2.0
        caps.append(((first, first + YEAR - 1), most))
    return caps


def capped(told: Told, caps: Caps, least: Floats, kind: int) -> tuple[Ints, Floats]:
    """Figures of a kind and the most that they can be: the cap, less the `least` (caps, kinds) of all other kinds."""
    others = least.sum(axis=1) - least[:, kind]
    most = caps.most - others
    use: Bools = (most < told.high[caps.figure, kind]) & (most >= told.low[caps.figure, kind])
    return caps.figure[use], most[use]


def binding(told: Told, caps: Caps) -> Ints:
    """Which caps can tell anything: those below the most that all kinds can be by their own figures."""
    return np.flatnonzero(told.high[caps.figure].sum(axis=1) > caps.most)
