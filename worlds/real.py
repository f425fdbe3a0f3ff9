"""The same rules on real data, which are read where they lie and of which nothing is kept but these shares.

The functions are those that a release calls (`candor.statistics`); the data have their own forms, so that they are
counts of events, persons or expected events, by place and year or month.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from candor.statistics.comparison import Difference, difference, others
from candor.statistics.rate_ratio import false_discovery, rate_change
from candor.statistics.variety import fit, place
from candor.statistics.wander import ASSUMED, Pairs, estimate
from candor.vocabulary.comparison import ANSWERED, DIFFERENCES
from worlds.tables import percent
from worlds.tally import Floats

SHARED: Final = Path(__file__).resolve().parents[2] / "shared"

FBI = "data/fbi_tables/vermont_offenses_known_by_place_2013_2015.csv"
MONTGOMERY = "data/montgomery_911/calls.zip"
SIDS, LIP, MEDPAR = (
    f"reference/{name}.csv" for name in ("nc_sids", "scotland_lip", "medpar_provider_observed_expected")
)


@dataclass(frozen=True)
class Place:
    """What is said of the places of one set of data; `missing` says why there is none."""

    what: str
    missing: str = ""
    towns: str = ""
    shares: Mapping[str, float] = field(default_factory=dict)
    exact: str = ""
    wander: str = ""
    unusual: str = ""
    change: str = ""


def real(shared: Path = SHARED) -> list[Place]:
    """All real data, in the order of the report."""
    found = []
    for what, path, of in (
        ("Offences known to Vermont’s police, FBI", FBI, _fbi),
        ("Calls about traffic, fire and illness, Montgomery County, Pennsylvania", MONTGOMERY, _montgomery),
        ("Sudden infant deaths, North Carolina’s counties, 1974 and 1979", SIDS, _sids),
        ("Lip cancer, Scotland’s districts", LIP, _lip),
        ("Admissions by provider, Medicare", MEDPAR, _medpar),
    ):
        file = shared / path
        found += of(file) if file.exists() else [Place(what, missing=f"{Path(path).name} is not here")]
    return found


def compared(what: str, x: Floats, persons: Floats, c: float, learned: str, change: str = "–") -> Place:
    """Places by their counts and persons; c is that of the whole period."""
    rest = others(x, persons, np.array([c]))
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = rest.events / rest.persons * persons
    found = difference(x, expected, c + rest.variance, own=c)
    return _place(what, x, expected, found, c, learned, change)


def _place(what: str, x: Floats, e: Floats, found: Difference, c: float, learned: str, change: str = "–") -> Place:
    answered = np.isin(found.label, [DIFFERENCES.index(word) for word in ANSWERED])
    number = int(answered.sum())
    chance = difference(x, e, 0.0).label
    apart = np.isin(chance, [DIFFERENCES.index(word) for word in ("higher", "lower")])
    said = place(x, e, np.float64(c), fit(x, e, np.float64(c)), found.label)
    return Place(
        what,
        towns=f"{number} of {len(x)}",
        shares={word: float((found.label == DIFFERENCES.index(word)).sum() / max(number, 1)) for word in ANSWERED},
        exact=percent(float(apart[answered].mean())) if number else "–",
        wander=learned,
        unusual=str(int((said > 0).sum())),
        change=change,
    )


def wander_of(counts: Floats, back: int) -> tuple[float, str]:
    """c of counts (places, periods) from each period and the one `back` before it, and in words; NaN: not reported."""
    later, earlier = counts[:, back:], counts[:, :-back]
    town, of = np.nonzero(np.isfinite(later) & np.isfinite(earlier))
    found = estimate(Pairs(later[town, of], earlier[town, of], of.astype(np.int64)))
    if found is None:
        return ASSUMED, f"{ASSUMED**0.5:.0%} assumed".replace("%", " %")
    return found.c, f"{found.c**0.5 * 100:.1f} % from {found.pairs} pairs"


def changes_of(x1: Floats, n1: Floats, x2: Floats, n2: Floats, c: float) -> str:
    """How many changes are told up or down, and perhaps, of those that can be tested."""
    found = rate_change(x1, n1, x2, n2, c)
    p = np.where(x1 + x2 >= 6, found.p, np.nan)
    told = false_discovery(p) < 0.05
    perhaps = np.isfinite(p) & ((found.lower > 1) | (found.upper < 1)) & ~told
    return f"{int(told.sum())} told and {int(perhaps.sum())} perhaps, of {int(np.isfinite(p).sum())}"


def _fbi(file: Path) -> list[Place]:
    """Property and violent crime by place: the last year, and the three years of the places that have all."""
    rows = _rows(file)
    years = sorted({row["year"] for row in rows})
    cities = sorted({row["city"] for row in rows})
    found = []
    for column, word in (("property_crime", "property offences"), ("violent_crime", "violent offences")):
        counts, people = (np.full((len(cities), len(years)), np.nan) for _ in range(2))
        for row in rows:
            at = cities.index(row["city"]), years.index(row["year"])
            counts[at], people[at] = _number(row[column]), _number(row["population"])
        known = np.isfinite(counts) & (people > 0)
        counts, people = np.where(known, counts, np.nan), np.where(known, people, np.nan)
        c, learned = wander_of(counts, 1)
        one, all_years = known[:, -1], known.all(axis=1)
        both = known[:, -1] & known[:, -2]
        change = changes_of(counts[both, -2], people[both, -2], counts[both, -1], people[both, -1], c)
        what = f"Vermont, verified {word}"
        found.append(compared(f"{what}, {years[-1]}", counts[one, -1], people[one, -1], c, learned, change))
        pooled, persons = counts[all_years].sum(axis=1), people[all_years].sum(axis=1)
        found.append(compared(f"{what}, {years[0]} to {years[-1]}", pooled, persons, c / len(years), learned))
    return found


def _montgomery(file: Path) -> list[Place]:
    """Calls by township; of eight months no pair is a year apart, so neighbouring months show how much counts wander.

    No residents are known: each township's later half is held against its share of the first.
    """
    with zipfile.ZipFile(file) as archive, archive.open(archive.namelist()[0]) as raw:
        rows = list(csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8", errors="replace")))
    found = []
    for kind in ("EMS", "Fire", "Traffic"):
        calls = [
            (row["twp"], row["timeStamp"][:7]) for row in rows if row["title"].startswith(f"{kind}:") and row["twp"]
        ]
        towns, months = sorted({town for town, _ in calls}), sorted({month for _, month in calls})[1:-1]
        counts = np.zeros((len(towns), len(months)))
        index = {town: i for i, town in enumerate(towns)}
        for town, month in calls:
            if month in months:
                counts[index[town], months.index(month)] += 1
        half = len(months) // 2
        first, second = counts[:, :half].sum(axis=1), counts[:, half : 2 * half].sum(axis=1)
        by_block = []
        for length in (1, 2, half):
            blocks = counts[:, : len(months) // length * length].reshape(len(towns), -1, length).sum(axis=2)
            c, _ = wander_of(blocks, 1)
            by_block.append(
                f"{c**0.5 * 100:.0f} % by {length} months" if length > 1 else f"{c**0.5 * 100:.0f} % by month"
            )
        c, _ = wander_of(np.stack([first, second], axis=1), 1)
        found.append(
            compared(
                f"Montgomery County, {kind}: {half} months, by the {half} before them",
                second[first > 0], first[first > 0], c + float(np.median(1 / first[first > 0])), ", ".join(by_block),
            )
        )  # fmt: skip
    return found


def _sids(file: Path) -> list[Place]:
    rows = _rows(file)
    x1, n1, x2, n2 = (np.array([_number(row[name]) for row in rows]) for name in ("SID74", "BIR74", "SID79", "BIR79"))
    c, learned = wander_of(np.stack([x1, x2], axis=1), 1)
    change = changes_of(x1, n1, x2, n2, c)
    what = "Sudden infant deaths, North Carolina"
    return [
        compared(f"{what}, 1974 to 1978", x1, n1, c, learned),
        compared(f"{what}, 1979 to 1984", x2, n2, c, learned, change),
    ]


def _lip(file: Path) -> list[Place]:
    rows = _rows(file)
    x, e = (np.array([_number(row[name]) for row in rows]) for name in ("cases", "expected"))
    return [compared("Lip cancer, Scotland’s districts (by expected cases)", x, e, ASSUMED, "5 % assumed")]


def _medpar(file: Path) -> list[Place]:
    rows = _rows(file)
    x, e = (np.array([_number(row[name]) for row in rows]) for name in ("O", "E"))
    return [compared("Medicare’s providers (by expected events)", x, e, ASSUMED, "5 % assumed")]


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _number(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return float("nan")
