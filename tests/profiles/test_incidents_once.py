"""Incidents of several offences are published once: corrected with their rows, and by none that come late."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.profiles.test_several_offences import (
    KINDS,
    OPEN,
    Offence,
    command,
    offences,
    portal,
    set_clock,
    table,
    write,
)

from candor.audit import Public, audit_release
from candor.ledger.ledger import LedgerFolder
from candor.measures.dense import DenseCube
from candor.measures.several import counted_again
from candor.store.public import PublicStore

Found = Mapping[tuple[str, str, str], tuple[int, int]]


def told(root: Path, rows: bool = True) -> Found:
    """By town, month and kind or `all`, the incidents and offences told; without `rows`, incidents twice."""
    lines = [(x["place"], f"{x['month']:%Y-%m}", x["category"], x) for x in table(root, "incidents-by-town")]
    lines += [
        (x["place"], x["period"], x["category"], x) for x in table(root, "incident-rates-by-town")
        if x["category"] == "all" and x["level"] == "town" and re.fullmatch(r"\d{4}-\d\d", x["period"])
    ]  # fmt: skip
    return {
        (place, month, kind): (x["incidents"], x["reported_offences" if rows else "incidents"])
        for place, month, kind, x in lines
        if x["coverage"] in ("reported", "zero")
    }  # fmt: skip


def wanted(rows: list[Offence]) -> Found:
    """The same, as a clerk would count these rows."""
    cells: dict[tuple[str, str, str], list[str]] = {}
    for case, town, day, kind in rows:
        if KINDS[kind][0] in OPEN:
            for of in (KINDS[kind][0], "all"):
                cells.setdefault((town, f"{day:%Y-%m}", of), []).append(case)
    return {key: (len(set(cases)), len(cases)) for key, cases in cells.items()}


def agree(found: Found, rows: list[Offence], first: str, last: str) -> int:
    """How many cells were compared; those without a row are zero."""
    expected, compared = wanted(rows), 0
    for key, number in found.items():
        if first <= key[1] <= last:
            assert number == expected.get(key, (0, 0)), key
            compared += 1
    return compared


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[Offence], list[Offence], Found]]:
    """Releases of May 2024 and of April 2025; in between kinds were corrected, and offences of old incidents came."""
    root, lot = tmp_path_factory.mktemp("once") / "portal", random.Random(5)  # noqa: S311 - drawn, not secret
    every = [row for row in offences(8) if row[2] >= date(2024, 1, 1)]
    early = [row for row in every if row[2] < date(2024, 5, 1)]
    portal(root, early, "2024-05-15")
    before = told(root)
    declared = root / "datasets" / "offences.toml"
    declared.write_text(re.sub(r'\nlast_month = ".*"', "", declared.read_text(encoding="utf-8")), encoding="utf-8")
    opened = [kind for kind, (slug, _) in KINDS.items() if slug in OPEN]
    now = [
        (case, town, day, lot.choice(opened) if kind != "Rape" and lot.random() < 0.2 else kind)
        for case, town, day, kind in every
    ]
    # An offence more of some incidents of months that were published: its rows come too late. It is listed last.
    late = [(case, town, day, "Trespassing") for case, town, day, _ in now if day < date(2024, 4, 1)][::7]
    write(root.parent / "offences.csv", [*now, *late])
    set_clock(root, "2025-04-10")
    command("publish", "--portal", root)
    yield root, early, now, before


def test_a_month_has_the_incidents_of_its_rows(
    published: tuple[Path, list[Offence], list[Offence], Found],
) -> None:
    _, early, _, before = published
    assert agree(before, early, "2024-01", "2024-03") == 3 * 3 * (len(OPEN) + 1)
    assert not [key for key in before if key[1] > "2024-03"]


def test_a_correction_counts_incidents_anew_and_what_comes_late_does_not(
    published: tuple[Path, list[Offence], list[Offence], Found],
) -> None:
    root, _, now, before = published
    found = told(root)
    assert agree(found, now, "2024-01", "2024-12") == 3 * 12 * (len(OPEN) + 1)
    assert {key: found[key] for key in before} != before
    assert audit_release(Public.in_force(PublicStore(root / "data" / "public"))).passed


def test_what_is_kept_of_incidents_has_no_number_of_one(
    published: tuple[Path, list[Offence], list[Offence], Found],
) -> None:
    """The ledger keeps which open kinds came together, and how often."""
    root, *_ = published
    ledger = LedgerFolder(root / "data" / "internal" / "ledger").read(PublicStore(root / "data" / "public").releases())
    assert ledger.several == {"incidents"}
    kinds = {kind for line in ledger.sets["kinds"].to_pylist() for kind in line.split(" ")}
    assert kinds == set(OPEN)
    assert not any("24-" in text for name in ("kinds", "geoid", "agency") for text in ledger.sets[name].to_pylist())


def test_months_that_counted_rows_stay_so_though_incidents_are_named_later(tmp_path: Path) -> None:
    root, lot = tmp_path / "portal", random.Random(6)  # noqa: S311 - drawn, not secret
    every = [row for row in offences(9) if row[2] >= date(2024, 1, 1)]
    portal(root, [row for row in every if row[2] < date(2024, 5, 1)], "2024-05-15", unnamed=True)
    before = told(root, rows=False)
    assert agree(before, [(f"{i}", *row[1:]) for i, row in enumerate(every)], "2024-01", "2024-03")
    declared = root / "datasets" / "offences.toml"
    text = re.sub(r'\nlast_month = ".*"', "", declared.read_text(encoding="utf-8"))
    named = '[columns.incident_number]\nfrom = "Case No"\n\n[columns.occurred_at]'
    declared.write_text(text.replace("[columns.occurred_at]", named), encoding="utf-8")
    opened = [kind for kind, (slug, _) in KINDS.items() if slug in OPEN]
    now = [(*row[:3], lot.choice(opened) if row[3] != "Rape" and lot.random() < 0.2 else row[3]) for row in every]
    write(root.parent / "offences.csv", now)
    set_clock(root, "2025-04-10")
    command("publish", "--portal", root)
    alone = [(f"{i}", *row[1:]) if row[2] < date(2024, 4, 1) else row for i, row in enumerate(now)]
    assert agree(told(root), alone, "2024-01", "2024-12") == 3 * 12 * (len(OPEN) + 1)
    assert audit_release(Public.in_force(PublicStore(root / "data" / "public"))).passed


GROUPS = {"a": "g", "b": "g", "c": "h", "d": "h", "e": "i"}


def cube(counts: np.ndarray) -> DenseCube:
    """Two towns and three months."""
    empty = np.ones((2, 3), np.bool_)
    return DenseCube(
        geoids=("1", "2"), names=("One", "Two"), counties=("", ""), residents=np.ones((2, 3)),
        months=np.arange(np.datetime64("2024-01"), np.datetime64("2024-04")), categories=tuple(GROUPS),
        groups=tuple(GROUPS.values()), calls=counts, untold=np.zeros(counts.shape, np.bool_), reported=empty,
        covered=empty,
    )  # fmt: skip


@given(
    st.lists(
        st.tuples(st.sampled_from("12"), st.integers(0, 2), st.sets(st.sampled_from([*GROUPS, "gone"]), min_size=1)),
        max_size=30,
    ),
    st.sets(st.tuples(st.sampled_from(list(GROUPS)), st.integers(0, 2)), max_size=3),
)
def test_sums_over_kinds_less_what_they_count_again_are_incidents(
    incidents: list[tuple[str, int, set[str]]], apart: set[tuple[str, int]]
) -> None:
    """Whatever kinds are not told, of a month or at all: what is left of each incident counts once."""
    told_of = [(town, month, {k for k in kinds if k in GROUPS and (k, month) not in apart})
               for town, month, kinds in incidents]  # fmt: skip
    counts = np.zeros((len(GROUPS), 2, 2, 3), np.int64)
    for town, month, kinds in told_of:
        for kind in kinds:
            counts[list(GROUPS).index(kind), 0, int(town) - 1, month] += 1
    sets = pa.table(
        {
            "geoid": pa.array([town for town, _, _ in incidents], pa.string()),
            "month": pa.array([date(2024, month + 1, 1) for _, month, _ in incidents], pa.date32()),
            "initiated_by": pa.array(["citizen"] * len(incidents), pa.string()),
            "kinds": pa.array([" ".join(sorted(kinds)) for *_, kinds in incidents], pa.string()),
            "calls": pa.array([1] * len(incidents), pa.int64()),
        }
    )
    cells = cube(counts)
    again = counted_again(sets, cells, {(kind, f"2024-{month + 1:02d}") for kind, month in apart})
    for index, group in enumerate([*sorted(set(GROUPS.values())), ""]):
        members = [i for i, own in enumerate(GROUPS.values()) if own == (group or own)]
        total = counts[members].sum(axis=0) - again[index]
        once = np.zeros_like(total)
        for town, month, kinds in told_of:
            once[0, int(town) - 1, month] += bool({k for k in kinds if GROUPS[k] == (group or GROUPS[k])})
        assert (total == once).all()
    assert (counted_again(sets.slice(0, 0), replace(cells), ()) == 0).all()
