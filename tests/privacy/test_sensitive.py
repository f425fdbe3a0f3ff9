"""Sensitive kinds over several releases: what is withheld holds against everything that was ever published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from numpy.typing import NDArray
from scipy import sparse

from candor.counts_kept import Kept, KeptCounts, revised
from candor.measures.dense import DenseCube
from candor.measures.sensitive_figures import table
from candor.privacy.audit_system import Certificate, audit, strict_needs
from candor.privacy.linear import UnfinishedError
from candor.privacy.statements import Version, over_time
from candor.privacy.suppression import Rule
from candor.sensitive import Earlier, protect

TOWNS, COUNTIES = 12, 3
KINDS = ("overdose", "suicide")
RULES = dict.fromkeys(KINDS, Rule(5))
FIRST = np.datetime64("2023-01")
Counts = NDArray[np.int64]
Bools = NDArray[np.bool_]


def cube(calls: Counts, reported: Bools) -> DenseCube:
    """Counts (kinds, towns, months) of calls that the public began."""
    kinds, towns, months = calls.shape
    return DenseCube(
        geoids=tuple(f"99{t:08d}" for t in range(towns)),
        names=tuple(f"Town {t}" for t in range(towns)),
        counties=tuple(f"County {t % COUNTIES}" for t in range(towns)),
        residents=np.full((towns, months), 1000.0),
        months=FIRST + np.arange(months),
        categories=KINDS[:kinds],
        groups=("health",) * kinds,
        calls=np.stack([np.where(reported, calls, 0), np.zeros_like(calls)], axis=1),
        suppressed=np.zeros((kinds, 2, towns, months), np.bool_),
        reported=reported,
        covered=np.ones_like(reported),
    )


def kept(cells: DenseCube) -> Kept:
    return Kept(cells.categories, cells.geoids, cells.counties, cells.months, cells.calls.sum(axis=1), cells.reported)


def lines(cells: DenseCube, earlier: list[Earlier], rules: dict[str, Rule] | None = None) -> pa.Table:
    found = protect(cells, kept(cells), rules or RULES, earlier, 60)
    return table(found.figures, dict.fromkeys(KINDS, "health"), "Testland", "99")


def history(*releases: DenseCube) -> list[Earlier]:
    """The releases one after another, each with those before it in view."""
    found: list[Earlier] = []
    for cells in releases:
        found.append(Earlier(kept(cells), lines(cells, found)))
    return found


def world(seed: int, months: int, mean: float = 0.35) -> Counts:
    return np.random.default_rng(seed).poisson(mean, (len(KINDS), TOWNS, months)).astype(np.int64)


def version(
    one: Earlier, before: Earlier | None, category: str, months: NDArray[np.datetime64]
) -> tuple[Version, np.ndarray]:
    """What a release says of a kind, line by line from its table, and the true values behind it."""
    own = one.lines.filter(pc.equal(one.lines["category"].cast(pa.string()), category)).to_pylist()
    counts, where = one.kept.of(category), []
    names, value, true, sets = [], [], [], []
    for line in own:
        if line["calls"] is None and line["coverage"] != "suppressed":
            continue
        first, last = (np.datetime64(line[n], "M") for n in ("first_month", "last_month"))
        towns = np.array(
            [
                line["level"] == "state" or (g == line["geoid"] if line["level"] == "town" else c == line["place"])
                for g, c in zip(one.kept.geoids, one.kept.counties, strict=True)
            ]
        )
        inside = (one.kept.months >= first) & (one.kept.months <= last)
        cells = np.outer(towns, inside) & one.kept.reported
        spread = np.zeros((TOWNS, months.size), np.bool_)
        spread[:, np.searchsorted(months, one.kept.months)] = cells
        names.append(f"{line['level']} {line['geoid']} {line['place']} {line['period']}")
        value.append(np.nan if line["calls"] is None else line["calls"])
        true.append(counts[cells].sum())
        sets.append(spread.ravel())
        where.append(line["level"] == "town")
    again = np.isin(months, revised(before.kept, one.kept)) if before else np.zeros(months.size, np.bool_)
    found = Version(
        np.array(names), sparse.csr_matrix(np.array(sets, float)), np.array(value, float), np.ones(len(names)),
        np.array(where), np.tile(again, TOWNS),
    )  # fmt: skip
    return found, np.array(true, float)


def attacked(releases: list[Earlier], category: str) -> Certificate:
    months = releases[-1].kept.months
    pairs = zip(releases, [None, *releases], strict=False)
    versions, true = zip(*(version(one, before, category, months) for one, before in pairs), strict=True)
    together = over_time(versions)
    needs = strict_needs(together.statements, np.concatenate(true))
    return audit(together.statements, needs=needs, changes=together.changes)


@pytest.mark.parametrize("seed", range(2))
def test_what_is_withheld_stays_open_over_releases_of_every_sort(seed: int) -> None:
    """A month comes, a town reports late, a row is corrected, a call changes its kind, a month is published again."""
    calls, reported = world(seed, 38), np.ones((TOWNS, 38), np.bool_)
    reported[3, 20:24] = False
    first = cube(calls[:, :, :37], reported[:, :37])
    late = reported.copy()
    late[3] = True
    corrected = calls.copy()
    corrected[0, 5, 14] += 1
    moved = corrected.copy()
    at = np.argwhere(moved[0] > 0)[7]
    moved[0, *at] -= 1
    moved[1, *at] += 1
    releases = history(first, cube(calls, reported), cube(calls, late), cube(corrected, late), cube(moved, late))
    for kind in KINDS:
        found = attacked(releases, kind)
        assert found.passed
        assert found.attacked > 50
        assert found.recovered == 0


def test_without_the_earlier_releases_in_view_corrections_give_counts_away() -> None:
    """What the memory is for: the same releases, each made as if it were the first, are found out."""
    recovered = 0
    for seed in range(2):
        calls, reported = world(seed, 36), np.ones((TOWNS, 36), np.bool_)
        reported[3, 20:24] = False
        late = np.ones_like(reported)
        one, other = (Earlier(kept(c), lines(c, [])) for c in (cube(calls, reported), cube(calls, late)))
        found = [attacked([one, other], kind) for kind in KINDS]
        recovered += sum(f.narrow + f.led_to_small for f in found)
        careful = history(cube(calls, reported), cube(calls, late))
        assert all(attacked(careful, kind).passed for kind in KINDS)
    assert recovered > 0


def test_what_was_told_stays_told_and_what_was_withheld_stays_withheld() -> None:
    calls, reported = world(9, 48), np.ones((TOWNS, 48), np.bool_)
    before, after = history(cube(calls[:, :, :36], reported[:, :36]), cube(calls, reported))
    keys = ("level", "geoid", "place", "period", "category")
    old = {tuple(x[k] for k in keys): x for x in before.lines.to_pylist()}
    new = {tuple(x[k] for k in keys): x for x in after.lines.to_pylist()}
    both = old.keys() & new.keys()
    assert len(both) > 300
    assert all(old[k]["calls"] == new[k]["calls"] and old[k]["coverage"] == new[k]["coverage"] for k in both)


def test_what_did_not_change_in_a_month_published_again_is_the_last_resort(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody takes it to be what it was: told before and withheld now, it covers little."""

    def covers() -> int:
        found = 0
        for seed in range(3):
            calls, reported = world(seed, 38), np.ones((TOWNS, 38), np.bool_)
            again = calls.copy()
            again[:, :4, 20] = np.random.default_rng(seed).poisson(0.5, (2, 4))
            releases = history(cube(calls, reported), cube(again, reported))
            assert revised(releases[0].kept, releases[1].kept) == [FIRST + 20]
            for kind in KINDS:
                assert attacked(releases, kind).passed
                (old, was), (new, now) = (version(r, None, kind, releases[1].kept.months) for r in releases)
                at = {str(name): i for i, name in enumerate(new.figure)}
                same = [
                    at[n]
                    for n, v, w in zip(old.figure, old.value, was, strict=True)
                    if n in at and v == w == now[at[n]]
                ]
                assert len(same) > 50
                found += int(np.isnan(new.value[same]).sum())
        return found

    careful = covers()
    monkeypatch.setattr("candor.sensitive._as_before", lambda *given: np.zeros(given[2].size, np.bool_))
    assert careful < covers() / 4


def test_a_zero_is_told_and_one_that_is_protected_is_not() -> None:
    calls, reported = world(2, 36, 0.1), np.ones((TOWNS, 36), np.bool_)
    cells = cube(calls, reported)
    found = lines(cells, [], RULES | {"suicide": Rule(5, "protected")}).to_pylist()
    town_years = [x for x in found if x["level"] == "town" and len(x["period"]) == 4]
    by_kind = {kind: {x["coverage"] for x in town_years if x["category"] == kind} for kind in KINDS}
    assert "zero" in by_kind["overdose"]
    assert "zero" not in by_kind["suicide"]
    year = calls[1, :, :12].sum(axis=1)
    zeros = {f"99{t:08d}" for t in np.flatnonzero(year == 0)}
    assert zeros
    assert zeros <= {x["geoid"] for x in town_years if x["category"] == "suicide" and x["coverage"] == "suppressed"}


def test_a_withheld_figure_has_nothing_beside_it() -> None:
    found = lines(cube(world(4, 36), np.ones((TOWNS, 36), np.bool_)), []).to_pylist()
    hidden = [x for x in found if x["coverage"] == "suppressed"]
    assert hidden
    for line in hidden:
        assert line["note"] == "suppressed"
        assert all(line[name] is None for name in ("calls", "rate", "rate_low", "rate_high"))


def test_only_whole_years_of_towns_are_published() -> None:
    calls = world(1, 42)
    found = lines(cube(calls, np.ones((TOWNS, 42), np.bool_)), []).to_pylist()
    assert {x["period"] for x in found if x["level"] == "town"} == {"2023", "2024", "2025", "2023-2025"}
    assert {x["period"] for x in found if x["level"] == "county" and x["period_kind"] != "month"} == {
        "2023", "2024", "2025", "2023-2025",
    }  # fmt: skip
    assert "2026-06" in {x["period"] for x in found if x["level"] == "county"}
    assert "2026-Q2" in {x["period"] for x in found if x["level"] == "state"}


def test_the_time_limit_is_an_error() -> None:
    cells = cube(world(1, 36), np.ones((TOWNS, 36), np.bool_))
    with pytest.raises(UnfinishedError):
        protect(cells, kept(cells), RULES, [], 1e-6)


def test_revised_months_are_those_in_which_a_town_that_had_reported_says_something_else() -> None:
    calls, reported = world(1, 24), np.ones((TOWNS, 24), np.bool_)
    reported[2, 5] = False
    one = kept(cube(calls, reported))
    assert revised(one, one) == []
    assert revised(one, kept(cube(calls, np.ones_like(reported)))) == []
    other = calls.copy()
    other[1, 4, 7] += 1
    other[0, 2, 5] += 1
    assert revised(one, kept(cube(other, reported))) == [FIRST + 7]
    assert revised(one, kept(cube(calls[:, :, :20], reported[:, :20]))) == []


def test_counts_are_kept_as_they_were(tmp_path: Path) -> None:
    cells = cube(world(3, 24), np.random.default_rng(1).random((TOWNS, 24)) < 0.9)
    rows = [
        {
            "geoid": cells.geoids[t], "county": cells.counties[t], "month": str(cells.months[m]) + "-01",
            "category": kind, "initiated_by": who,
            "coverage": "not reported"
            if not cells.reported[t, m] else ("reported" if cells.calls[k, w, t, m] else "zero"),
            "calls": int(cells.calls[k, w, t, m]) if cells.reported[t, m] else None,
        }
        for k, kind in enumerate(KINDS) for w, who in enumerate(("citizen", "officer"))
        for t in range(TOWNS) for m in range(24)
    ]  # fmt: skip
    lines = pa.Table.from_pylist(rows)
    lines = lines.set_column(2, "month", pc.cast(lines["month"], pa.date32()))
    found = KeptCounts(tmp_path / "sensitive").save(1, lines)
    expected = kept(cells)
    assert found.geoids == expected.geoids
    assert found.counties == expected.counties
    assert (found.reported == expected.reported).all()
    assert all((found.of(kind) == expected.of(kind)).all() for kind in KINDS)
    assert (found.of("never") == 0).all()
