"""Whose towns the rows are about: by where the points lie, by the data set's name, by the towns as typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from candor.engine.base import Locate
from candor.intake.piles import FEWEST, SHARE
from candor.propose.profiling import Column
from candor.propose.projections import Extent

Floats = npt.NDArray[np.float64]

_MOST = 0.9
_AROUND = 1.0
_HALF = 0.5
_FEW = 0.002
"""Of the rows, what a part of a city has to hold where only a few parts are covered: less are strays."""


@dataclass(frozen=True)
class Towns:
    """The portal's places, as far as a proposal needs them.

    `places` has `geoid` and `name`, in the order of the index that `locate` gives; `named` gives the GEOIDs that a name
    as typed may mean: one, several (ambiguous) or none. `extent`: the degrees that enclose them.
    `parts`: what one and several of them are called, where they are parts of one place, such as a city's beats.
    """

    places: pa.Table
    locate: Locate
    named: Callable[[str], tuple[str, ...]]
    extent: Extent | None = None
    parts: tuple[str, str] | None = None

    def name(self, geoid: str) -> str:
        """The name of a town."""
        names = dict(zip(self.places["geoid"].to_pylist(), self.places["name"].to_pylist(), strict=True))
        return str(names.get(geoid, geoid))


@dataclass(frozen=True)
class Area:
    """The towns proposed, how they were found, and what is unsure."""

    geoids: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


def town_in_name(dataset: str, towns: Towns) -> tuple[str, ...]:
    """The GEOIDs that the words of a data set's name may mean, the longest name first: south-burlington-calls."""
    words = dataset.split("-")
    for size in range(len(words), 0, -1):
        for start in range(len(words) - size + 1):
            found = towns.named(" ".join(words[start : start + size]))
            if found:
                return found
    return ()


def area(
    dataset: str, towns: Towns, *, points: tuple[Floats, Floats] | None = None, typed: Column | None = None
) -> Area:
    """The declared area that is proposed: the town with nine in ten points, or that the name or the rows name.

    `points` are longitudes and latitudes of the rows that have a point, `typed` is the column of town names, where the
    source has them.
    """
    by_name = town_in_name(dataset, towns)
    if points is not None:
        by_point = _points(*points, towns)
        if by_point.geoids:
            if by_name and by_point.geoids[0] not in by_name:
                named = ", ".join(map(towns.name, by_name))
                pointed = towns.name(by_point.geoids[0])
                doubt = f"The data set's name says {named}, its points {pointed}: the points were taken."
                return Area(by_point.geoids, by_point.remarks, (*by_point.unsure, doubt))
            return by_point
        unsure = by_point.unsure
    else:
        unsure = ()
    if len(by_name) == 1:
        return Area(by_name, (f"{towns.name(by_name[0])}, by the data set's name.",), unsure)
    if typed and typed.labels and (by_typed := _typed(typed, towns)).geoids:
        return by_typed
    if by_name:
        several = ", ".join(f"{towns.name(g)} ({g})" for g in by_name)
        return Area(
            (), (), (*unsure, f"The data set's name could mean {several}: write the right one under [coverage] places.")
        )
    return Area(unsure=unsure) if unsure else _only(towns)


def _only(towns: Towns) -> Area:
    """The portal's only place, where it has no other and no column says where rows are."""
    if towns.places.num_rows > 1:
        return Area(unsure=("The agency's towns are not known: write their GEOIDs under [coverage] places.",))
    only = towns.places["geoid"].to_pylist()[0]
    return Area((only,), (f"{towns.name(only)}, the portal's only place: no column says another.",))


def _points(x: Floats, y: Floats, towns: Towns) -> Area:
    if not len(x):
        return Area()
    usual = _near(x, y, towns) & ~_piled(x, y)
    if usual.any():
        x, y = x[usual], y[usual]
    index = towns.locate(x, y)
    inside = index[index >= 0]
    if not len(inside):
        return Area(unsure=("No point lies in any town of the portal: are longitude and latitude right?",))
    count = np.bincount(inside, minlength=towns.places.num_rows)
    order = np.argsort(-count, kind="stable")
    geoids = towns.places["geoid"].to_pylist()
    best = int(order[0])
    share = count[best] / len(x)
    if share >= _MOST:
        said = f"{towns.name(geoids[best])}: {count[best]:,} of {len(x):,} points lie there ({share:.1%})."
        outside = len(x) - int(count[best])
        doubts = (
            f"{outside:,} of {len(x):,} points lie outside {towns.name(geoids[best])}: they count where they lie.",
        )
        return Area((geoids[best],), (said,), doubts if outside else ())
    if towns.parts:
        return _parts(dict(zip(geoids, count.tolist(), strict=True)), len(x), towns, towns.parts)
    first = ", ".join(f"{towns.name(geoids[i])} ({geoids[i]}) {count[i] / len(x):.0%}" for i in order[:5] if count[i])
    return Area(
        unsure=(f"No town holds nine in ten points; most lie in {first}. Write the agency's towns under places.",)
    )


def _near(x: Floats, y: Floats, towns: Towns) -> npt.NDArray[np.bool_]:
    """Which points lie in the places or around them: -1, -1 and the like say that there is none."""
    at = towns.extent
    if at is None:
        return np.ones(len(x), dtype=np.bool_)
    across = (x >= at.west - _AROUND) & (x <= at.east + _AROUND)
    return across & (y >= at.south - _AROUND) & (y <= at.north + _AROUND)


def _piled(x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
    """Which points lie where so many do that nothing happened there (`intake.piles`): they say nothing of an agency."""
    _, which, count = np.unique(x + 1j * y, return_inverse=True, return_counts=True)
    usual = (len(x) - count) / max(len(count) - 1, 1)
    large = (count > SHARE * len(x)) & (count >= FEWEST * np.maximum(usual, 1))
    return np.asarray(large[which], dtype=np.bool_)


def _typed(typed: Column, towns: Towns) -> Area:
    counted: Counter[str] = Counter()
    for label, rows in typed.labels:
        meant = towns.named(label)
        if len(meant) == 1:
            counted[meant[0]] += rows
    if not counted:
        return Area()
    (geoid, rows), total = counted.most_common(1)[0], sum(rows for _, rows in typed.labels)
    if rows < _MOST * total:
        return _parts(counted, total, towns, towns.parts) if towns.parts else Area()
    said = f"{towns.name(geoid)}: {rows:,} of {total:,} rows name it in {typed.name}."
    return Area((geoid,), (said,))


def _parts(count: Mapping[str, int], total: int, towns: Towns, nouns: tuple[str, str]) -> Area:
    """The parts of a city that its agency covers: all of them where rows lie in most, else those with rows."""
    one, many = nouns
    geoids = towns.places["geoid"].to_pylist()
    inside = sum(count.values())
    held = [g for g in geoids if count.get(g, 0) >= _FEW * inside]
    said = f"Rows lie in {len(held)} of {len(geoids)} {many} ({inside:,} of {total:,} rows)."
    if inside < _HALF * total:
        most = f"Only {inside:,} of {total:,} rows lie in a {one} of the portal: are these its places?"
        return Area(unsure=(f"{most} Write the codes of those that the agency covers under [coverage] places.",))
    if len(held) < _HALF * len(geoids):
        doubt = f"The agency is taken to cover the {len(held)} {many} with rows: add the others that it covers."
        return Area(tuple(held), (said,), (doubt,))
    empty = [g for g in geoids if not count.get(g, 0)]
    names = ", ".join(map(towns.name, empty[:5])) + (f" and {len(empty) - 5} more" if len(empty) > 5 else "")
    doubt = (
        f"No row lies in {names}: covered, it has zero; take out of [coverage] places what the agency does not serve."
    )
    return Area(tuple(geoids), (said,), (doubt,) if empty else ())


def listed(geoids: Sequence[str], towns: Towns | None) -> str:
    """Towns in words."""
    return ", ".join(towns.name(g) if towns else g for g in geoids)
