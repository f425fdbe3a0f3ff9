"""Two portals that differ in secret counts alone are the same to everybody outside.

A world, and another in which some calls of a sensitive kind took place in other towns and months, so that every figure
that is told is told as before: a town's 1 or 3 is "under 5" in both, another's 9 or 11 is told as 10. Then the public
folders have to be the same byte by byte, and so has everything that the real site of each serves: pages, figures,
files, pictures, rows, searches, mistakes, headers. What is computed from a true count, wherever it is computed, would
differ. Beside this the numbers that could be computed from the true counts are searched for.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.stats import chi2
from tests.privacy import questions
from tests.privacy.crawler import Answer, Reader, serving
from tests.privacy.secret_portal import (
    CALLS,
    COVERED,
    FIRST_YEAR,
    MONTHS,
    SECRET,
    TOWNS,
    Call,
    World,
    build,
    draw,
    release,
)

from candor.statistics.negative_binomial import mean_interval
from candor.statistics.wander import ASSUMED
from candor.store.model import Release
from candor.store.public import PublicStore

pytestmark = pytest.mark.long

LONG = bool(os.environ.get("CANDOR_FUZZ"))
"""Follow many more links, and ask of every period: `make fuzz`."""

EARLIER = 36
"""Months in the first release; the second has all, and a call that was reported late."""

MOVED = 24
"""So many calls are elsewhere in the other world."""

Cell = tuple[tuple[int, ...], int, int]
"""The towns of a told count (of a county or the state all of theirs), its first and its last month."""


def publish_world(root: Path, world: World) -> Release:
    """Two releases of a world: the first years, then all of it."""
    late = max(c.number for c in world.calls if c.nature == "Noise" and c.month == EARLIER - 3)
    build(root, World(tuple(c for c in world.calls if c.number != late), world.offences), months=EARLIER)
    release(root)
    build(root, world, months=MONTHS)
    return release(root)


def table(root: Path, made: Release, name: str) -> pa.Table | None:
    """A published data set."""
    found = made.dataset(name)
    return found and pq.read_table([str(p) for p in PublicStore(root / "data" / "public").files(found)])


def told_cells(root: Path, made: Release) -> dict[Cell, int]:
    """What is told of the secret kind, of towns, counties and the state; 0 for under 5."""
    figures = table(root, made, "sensitive-calls")
    assert figures is not None
    towns = {t.geoid: (i,) for i, t in enumerate(TOWNS)}
    counties = {t.county: tuple(i for i in COVERED if TOWNS[i].county == t.county) for t in TOWNS}
    found = {}
    for line in figures.to_pylist():
        if line["category"] == SECRET and line["coverage"] in ("reported", "partly reported", "under 5"):
            level = line["level"]
            of = towns[line["geoid"]] if level == "town" else counties[line["county"]] if level == "county" else COVERED
            found[tuple(of), _month(line["first_month"]), _month(line["last_month"])] = line["calls"] or 0
    return found


def said(count: int) -> int:
    """A count as it is told, written out: 0 for under 5, else the nearest 5."""
    return 0 if count < 5 else 5 * round(count / 5)


def silent(made: Release) -> set[tuple[str, int]]:
    """Agencies and months of which nothing, or a part, was sent: what is in them is in no figure."""
    return {(c.agency, _month(m)) for c in made.coverage for m in (*c.gaps, *c.incomplete) if c.dataset == CALLS}


def counted(world: World, made: Release) -> list[Call]:
    """The calls of the secret kind that are in figures."""
    quiet = silent(made)
    return [c for c in world.secret() if (TOWNS[c.town].agency, c.month) not in quiet]


def count_in(calls: Iterable[Call], cell: Cell) -> int:
    return sum(_inside(c, cell) for c in calls)


def _month(day: object) -> int:
    year, month = str(day).split("-")[:2]
    return (int(year) - FIRST_YEAR) * 12 + int(month) - 1


@dataclass(frozen=True)
class Other:
    """A world that looks the same. `small`, `large`: a town's cells with other counts in it, under 5 and told."""

    world: World
    small: Cell
    large: Cell


def alike(world: World, root: Path, made: Release, seed: int = 1) -> Other:
    """A world in which secret calls took place elsewhere and every count that is told is told as it was.

    One call after another is put into another town of its county, or into another month of its year, where that leaves
    what is told as it is; and as many offences of a sensitive kind are in other towns.
    """
    rng, quiet, cells = np.random.default_rng(seed), silent(made), told_cells(root, made)
    now = {c.number: c for c in counted(world, made)}
    counts = {cell: count_in(now.values(), cell) for cell in cells}
    start = dict(counts)
    by_town = np.array([(t, o) for t, o in permutations(COVERED, 2) if TOWNS[t].county == TOWNS[o].county])
    moved = 0
    for number in rng.permutation(sorted(now)).tolist():
        call = now[number]
        towns = [int(o) for t, o in by_town if t == call.town]
        months = [_in_month(call, m) for m in rng.permutation(12)[:3]]
        places = [replace(call, town=int(o)) for o in rng.permutation(towns)] if moved % 3 else months
        for there in places:
            if (TOWNS[there.town].agency, there.month) in quiet:
                continue  # it would be in no figure
            changed = {c: n + _inside(there, c) - _inside(call, c) for c, n in counts.items()}
            if changed != counts and all(said(changed[c]) == said(n) for c, n in counts.items()):
                now[number], counts, moved = there, changed, moved + 1
                break
        of_towns = {c: (start[c], n) for c, n in counts.items() if len(c[0]) == 1 and start[c] != n}
        # Told figures have limits of their own: those of what is told, and of 2 more and less.
        small = [c for c, (was, _) in of_towns.items() if was < 5 and TOWNS[c[0][0]].residents]
        large = [c for c, (was, n) in of_towns.items() if was >= 5 and abs(was - said(was)) == abs(n - said(n)) == 1]
        if moved >= MOVED and small and large:
            most = max(small, key=lambda c: abs(start[c] - counts[c]))
            offences = next(other_offences(world)).offences
            return Other(replace(world.replaced(*now.values()), offences=offences), most, large[0])
    pytest.fail(f"only {moved} calls can be elsewhere, in {len(small)} small and {len(large)} large counts of towns")


def _in_month(call: Call, month: int) -> Call:
    return replace(call, when=call.when.replace(month=int(month) + 1, day=min(call.when.day, 28)))


def _inside(call: Call, cell: Cell) -> bool:
    return call.town in cell[0] and cell[1] <= call.month <= cell[2]


def other_offences(world: World) -> Iterator[World]:
    """Worlds in which a town had a sensitive offence less in a year and another one more, told as they are."""
    for one, other in permutations(COVERED, 2):
        less, more = world.offences[one, 2024][0], world.offences[other, 2024][0]
        if less > 0 and said(less - 1) == said(less) and said(more + 1) == said(more):
            yield world.with_offences((one, 2024, 0, -1), (other, 2024, 0, 1))


@pytest.fixture(scope="module")
def world() -> World:
    return draw()


@pytest.fixture(scope="module")
def true(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Release]:
    root = tmp_path_factory.mktemp("true") / "portal"
    return root, publish_world(root, world)


@pytest.fixture(scope="module")
def other(world: World, true: tuple[Path, Release], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Other]:
    """The portal of a world with other secret counts: of towns' years, of counties' months, of offences."""
    root, there = tmp_path_factory.mktemp("other") / "portal", alike(world, *true)
    publish_world(root, there.world)
    return root, there


def public_files(root: Path) -> dict[str, bytes]:
    """Every public file; of Delta's logs what does not come from the clock, the folder or chance."""
    public = root / "data" / "public"
    found = {str(p.relative_to(public)): p.read_bytes() for p in public.rglob("*") if p.is_file()}
    return {
        name: _log(body) if "_delta_log" in name and name.endswith(".json") else body for name, body in found.items()
    }


_OF_THE_RUN = frozenset(
    ("timestamp", "modificationTime", "createdTime", "deletionTimestamp", "id", "location", "metadata")
)


def _log(body: bytes) -> bytes:
    def kept(value: object) -> object:
        if isinstance(value, dict):
            return {k: kept(v) for k, v in value.items() if k not in _OF_THE_RUN}
        return [kept(v) for v in value] if isinstance(value, list) else value

    return json.dumps([kept(json.loads(line)) for line in body.splitlines()], sort_keys=True).encode()


def different(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> list[str]:
    """What is not in both, or not the same."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def test_every_figure_that_is_told_is_the_known_count_rounded(world: World, true: tuple[Path, Release]) -> None:
    cells, secret = told_cells(*true), counted(world, true[1])
    assert {cell: said(count_in(secret, cell)) for cell in cells} == cells
    kinds = {(len(towns) == 1, last - first) for towns, first, last in cells}
    assert kinds >= {(True, 11), (True, 35), (False, 0), (False, 11)}


def test_the_public_folder_does_not_tell_a_secret_count(true: tuple[Path, Release], other: tuple[Path, Other]) -> None:
    assert different(public_files(true[0]), public_files(other[0])) == []


@pytest.mark.skipif(not LONG, reason="make fuzz: a minute and more")
@pytest.mark.parametrize("seed", range(2, 8))
def test_nor_do_those_of_many_other_worlds(seed: int, world: World, true: tuple[Path, Release], tmp_path: Path) -> None:
    publish_world(tmp_path, alike(world, *true, seed).world)
    assert different(public_files(true[0]), public_files(tmp_path)) == []


def test_a_count_that_is_told_does_tell(world: World, true: tuple[Path, Release], tmp_path: Path) -> None:
    """The method sees a difference where there is one: a call of an open kind in another town."""
    noise = next(c for c in world.calls if c.nature == "Noise" and not c.marked and c.town == COVERED[0])
    build(tmp_path / "portal", world.replaced(replace(noise, town=COVERED[1])), months=EARLIER)
    release(tmp_path / "portal")
    found = different(public_files(true[0]), public_files(tmp_path / "portal"))
    assert any(name.startswith("tables/calls-by-town/v1") for name in found)
    assert any(name.startswith("tables/tree-calls/v1") for name in found)


def periods_of(root: Path, made: Release, name: str, category: str) -> list[str]:
    """The periods of a kind in the figures."""
    figures = table(root, made, name)
    assert figures is not None
    lines = figures.select(["period", "category"]).to_pylist()
    return sorted({line["period"] for line in lines if line["category"] == category})


def asked(root: Path, made: Release, cell: Cell) -> list[str]:
    """Every question about the town and the kind of the cell, and about all."""
    (index,) = cell[0]
    town = TOWNS[index]
    neighbour = next(TOWNS[i] for i in COVERED if TOWNS[i].county == town.county and i != index)
    geoids = (town.geoid, neighbour.geoid)
    periods = periods_of(root, made, "call-rates-by-town", SECRET)
    of_years = [p for p in periods if LONG or not re.fullmatch(r"\d{4}-(\d\d|Q\d)", p)]
    found = [*questions.everywhere(made), *questions.of_place(made, town.geoid, town.name)]
    found += questions.of_choice(geoids, SECRET, [*of_years, _name(cell)])
    year = next((p for p in periods if p == str(FIRST_YEAR + cell[1] // 12)), periods[0])
    found += questions.drawn(geoids, SECRET, year)
    found += questions.drawn(geoids, "rape-revised", "2024", "offences") if LONG else ()
    for dataset in made.datasets:
        found += questions.of_rows(dataset, geoids, SECRET, every_order=LONG)
    return list(dict.fromkeys(found))


def _name(cell: Cell) -> str:
    return f"{FIRST_YEAR + cell[1] // 12}-{cell[1] % 12 + 1:02d}"


def read_all(public: Path, addresses: list[str]) -> dict[str, Answer]:
    """What the real site of a folder serves: at the addresses, and along its links."""
    with serving(public) as site, Reader(site) as reader:
        for address in addresses:
            reader.ask(address)
        reader.walk(["/"], each=400 if LONG else 2, most=len(reader.answers) + (6_000 if LONG else 150))
        return reader.answers


@pytest.fixture(scope="module")
def served(true: tuple[Path, Release], other: tuple[Path, Other]) -> tuple[dict[str, Answer], dict[str, Answer]]:
    """All that the sites of the two worlds serve, by address."""
    addresses = list(dict.fromkeys([*asked(*true, other[1].small), *asked(*true, other[1].large)]))
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(read_all, [root / "data" / "public" for root in (true[0], other[0])], [addresses] * 2)
    return one, two


def test_the_sites_of_both_worlds_serve_the_same(served: tuple[dict[str, Answer], dict[str, Answer]]) -> None:
    one, two = served
    assert one.keys() == two.keys()
    assert [address for address in one if one[address] != two[address]] == []


def test_all_kinds_of_answers_were_compared(served: tuple[dict[str, Answer], dict[str, Answer]]) -> None:
    kinds = {dict(a.headers).get("content-type", "").partition(";")[0] for a in served[0].values()}
    assert kinds >= {"text/html", "application/json", "text/csv", "application/geo+json", "image/svg+xml", "image/png"}
    assert "application/vnd.apache.parquet" in kinds
    assert {a.status for a in served[0].values()} >= {200, 303, 400, 404, 405}
    assert not [address for address, a in served[0].items() if a.status >= 500]
    assert len(served[0]) > 400


def derived(world: World, cell: Cell) -> dict[str, float]:
    """What could be computed from the true count of a cell, by the formulas of METHODS and by simpler ones."""
    (town,), first, last = cell
    months = range(first, last + 1)
    secret = world.secret()
    n = sum(c.town == town and c.month in months for c in secret)
    earlier = sum(c.town == town and first - len(months) <= c.month < first for c in secret)
    of_state = sum(c.month in months for c in secret)
    own = sum(c.town == town and c.month in months for c in world.calls)
    open_ = sum(
        c.town == town and c.month in months and c.nature in ("Noise", "Theft", "Fight") and not c.marked
        for c in world.calls
    )
    persons, years = TOWNS[town].residents, len(months) / 12
    visitors = persons + sum(40 * (m % 12 + 1) for m in months) / len(months)
    everybody = sum(TOWNS[t].residents for t in COVERED)
    low, high = chi2.ppf(0.025, 2 * n) / 2, chi2.ppf(0.975, 2 * n + 2) / 2
    wandering = mean_interval(n, ASSUMED / years)
    expected = of_state * persons / everybody
    of_the_rest = (of_state - n) * persons / (everybody - persons)
    found = {
        "expected": expected,
        "expected at the rate of the rest": of_the_rest,
        "ratio to what is expected": n / expected if expected else math.nan,
        "ratio to the rate of the rest": n / of_the_rest if of_the_rest else math.nan,
        "what is expected less the count": expected - n,
        "share of own calls": n / own,
        "share of open calls": n / open_,
        "share of the state's": n / of_state if of_state else math.nan,
        "ratio to the period before": n / earlier if earlier else math.nan,
        "persons for each call": persons / n if persons else math.nan,
        **{f"{what} of the ratio": bound / (expected or math.nan) for what, bound in (("low", low), ("high", high))},
    }
    for by, size in (("residents", persons), ("visitors", visitors)):
        ends = {
            "low": low,
            "high": high,
            "low, wandering": float(wandering.lower),
            "high, wandering": float(wandering.upper),
        }
        for what, count in {"rate": n, **ends}.items():
            found |= {f"{what} by {by}, each {k}": count / (size or math.nan) / years * k for k in (100, 1_000, 10_000)}
    return {what: value for what, value in found.items() if math.isfinite(value)}


def written(value: float) -> set[bytes]:
    """The ways in which the site, its files and its charts write a number, where four digits or more tell it apart."""
    texts = {f"{value:.{digits}g}" for digits in (4, 5, 6, 7)} | {f"{value:.{digits}f}" for digits in (1, 2, 3, 4)}
    texts |= {f"{100 * value:.{digits}f}" for digits in (1, 2)} | {f"{value:,.{digits}f}" for digits in (0, 1, 2)}
    return {t.encode() for t in texts if "." in t and len(t.strip("0.,").replace(".", "").lstrip("0")) >= 4}


_PLACED = re.compile(rb' (?:[xyr]|[cxyr][xy12]|d|points|width|height|transform|viewBox)="[^"]*"')
"""Where things stand in a picture: pixels."""

_TOKEN = re.compile(rb"\d[\d,]*\.\d+")


def numbers_about(town: bytes, geoid: bytes, address: str, answer: Answer) -> set[bytes]:
    """The decimal numbers in the lines that speak of a town and of the secret kind; in all lines of their own pages."""
    about_kind = f"category={SECRET}" in address
    about_town = geoid.decode() in address
    lines = re.split(rb"\n|\},\{|</tr>|<p>|<li>|</text>|<title>", _PLACED.sub(b"", answer.body))
    kind = re.compile(rb"overdose", re.IGNORECASE)
    found: set[bytes] = set()
    for line in lines:
        speaks_of_town = about_town or town in line or geoid in line
        if speaks_of_town and (about_kind or kind.search(line)):
            found.update(_TOKEN.findall(line))
    return found


@pytest.mark.parametrize("which", ["small", "large"])
def test_nothing_that_is_served_says_what_can_be_computed_from_the_count(
    which: str, world: World, other: tuple[Path, Other], served: tuple[dict[str, Answer], dict[str, Answer]]
) -> None:
    cell, worlds = getattr(other[1], which), (world, other[1].world)
    town = TOWNS[cell[0][0]]
    # What both worlds have does not depend on the secret, such as what is expected by the state's figure.
    secret, same = (derived(w, cell) for w in worlds)
    told = {what: value for what, value in secret.items() if value != same[what]}
    assert len(told) > 25
    forms = {form: what for what, value in told.items() for form in written(value)}
    hits = {
        (address, forms[number])
        for address, answer in served[0].items()
        if dict(answer.headers)
        .get("content-type", "")
        .startswith(("text/", "application/json", "application/geo+json", "image/svg"))
        for number in numbers_about(town.name.encode(), town.geoid.encode(), address, answer) & forms.keys()
    }
    assert hits == set()
    # Six digits say for themselves what they are: these stand nowhere, of whatever the page speaks. (Not the plain
    # rates: that of one call for each 10,000 is that of ten for each 1,000; nor the ratio of two small numbers.)
    exact = {
        f"{value:.6g}".encode(): what
        for what, value in told.items()
        if len(f"{value:.6g}") >= 7 and not what.startswith(("rate by", "ratio to the period"))
    }
    assert len(exact) > 10
    anywhere = {
        (address, what)
        for address, answer in served[0].items()
        for form, what in exact.items()
        if form in answer.body and re.search(rb"(?<![\d.])" + re.escape(form) + rb"(?!\d)", answer.body)
    }
    assert anywhere == set()


def test_a_row_of_the_cell_has_no_figure(
    true: tuple[Path, Release], other: tuple[Path, Other], served: tuple[dict[str, Answer], dict[str, Answer]]
) -> None:
    (town,), first, last = other[1].small
    span = f"{FIRST_YEAR + first // 12}-{first % 12 + 1:02d}-01", f"{FIRST_YEAR + last // 12}-{last % 12 + 1:02d}-01"
    may = {"residents", "persons", "months_reported", "towns_reported", "longitude", "latitude", "id"}
    may |= {"wander", "wander_pairs"}  # of all towns, learned from what is told
    rows = 0
    for dataset in true[1].datasets:
        numbers = {c.name for c in dataset.columns if c.type in ("integer", "number")} - may
        answer = served[0].get(f"/resource/{dataset.id}.json?$limit={questions.EVERY_ROW}")
        if answer is None or not {"geoid", "category", "first_month"} <= {c.name for c in dataset.columns}:
            continue
        for row in json.loads(answer.body):
            if (row.get("geoid"), row["category"]) != (TOWNS[town].geoid, SECRET):
                continue
            if (row["first_month"][:10], row["last_month"][:10]) == span:
                rows += 1
                assert row["coverage"] == "under 5", (dataset.name, row)
                assert {k: v for k, v in row.items() if k in numbers} == {}, dataset.name
    assert rows >= 2
