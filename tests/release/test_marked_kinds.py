"""Kinds of which an agency marks more than a fifth: closed from then on and for good; what was told stays as it is."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Sequence
from itertools import count

import pytest
from fastapi.testclient import TestClient
from tests.release.conftest import SmallPortal, call

from candor.ledger.ledger import Ledger, LedgerFolder
from candor.ledger.shares import KindMarks
from candor.site.app import create_app
from candor.store.model import PublicCategory
from candor.store.store import Store

NUMBERS = count(1)


@pytest.fixture
def months(portal: SmallPortal) -> SmallPortal:
    """Months from March on, and kinds of two groups."""
    crosswalk = portal.root / "crosswalks" / "alder-calls.csv"
    crosswalk.write_text(
        crosswalk.read_text() + "Fight,disturbance,,,\nPrank,noise,,,\nSmoke,fire,,,\n", encoding="utf-8"
    )
    portal.replace('last_month = "2024-04"', 'last_month = "2024-06"')
    return portal


def rows(month: str, nature: str, every: int, marked: int) -> list[str]:
    """So many calls of a kind in a month, some of them marked."""
    days = monthrange(2024, int(month))[1]
    return [
        call(next(NUMBERS), f"2024-{month}-{n % days + 1:02d}T10:15:00-05:00", nature, marked=str(int(n < marked)))
        for n in range(every)
    ]


def kinds(portal: SmallPortal) -> dict[str, PublicCategory]:
    release = Store(portal.root / "data").current()
    assert release is not None
    return {c.slug: c for c in release.kinds()}


def published(portal: SmallPortal) -> Counter[tuple[str, str]]:
    """The rows in force, by month and kind."""
    lines = portal.public("alder-calls").to_pylist()
    return Counter((f"{line['called_at']:%m}", line["category"]) for line in lines)


def counted(portal: SmallPortal) -> dict[tuple[str, str], int]:
    """The counts of open kinds, by month and kind."""
    lines = portal.public("calls-by-town").to_pylist()
    return {(f"{x['month']:%m}", x["category"]): x["calls"] for x in lines if x["calls"] and x["geoid"] == "5000100001"}


def said(portal: SmallPortal) -> list[str]:
    """What readers of the rows are told of marks."""
    release = Store(portal.root / "data").current()
    version = release.dataset("alder-calls") if release else None
    return [words for words in version.caveats if "mark" in words] if version else []


def ledger(portal: SmallPortal) -> Ledger:
    store = Store(portal.root / "data")
    return LedgerFolder(store.internal / "ledger").read(store.releases())


def write(portal: SmallPortal, *parts: Sequence[str]) -> None:
    portal.write([line for part in parts for line in part])


def of_kind(portal: SmallPortal, kind: str) -> KindMarks:
    return next(line for line in portal.check().marks if line.category == kind)


@pytest.mark.parametrize(("marked", "closed"), [(11, True), (10, False)])
def test_more_than_a_fifth_closes_a_kind(months: SmallPortal, *, marked: int, closed: bool) -> None:
    write(months, rows("03", "Noise", 50, marked), rows("03", "Alarm", 50, 0), rows("03", "Smoke", 40, 0))
    run = months.check()
    line = next(x for x in run.marks if x.category == "noise")
    assert (line.rows, line.marked, line.by, line.closed is not None) == (50, marked, "kind", closed)
    assert run.accounted[0].rows("published") == 90 + (0 if closed else 40)


@pytest.mark.parametrize(("of_group", "closed"), [(20, True), (2, False)])
def test_a_kind_of_few_rows_goes_with_its_group(months: SmallPortal, *, of_group: int, closed: bool) -> None:
    write(months, rows("03", "Noise", 30, 9), rows("03", "Fight", 70, of_group), rows("03", "Alarm", 30, 0))
    line = of_kind(months, "noise")
    assert (line.by, line.closed is not None) == ("group", closed)
    assert line.share == pytest.approx((9 + of_group) / 100)
    assert line.own_share == pytest.approx(0.3)


def test_one_call_in_three_decides_nothing(months: SmallPortal) -> None:
    write(months, rows("03", "Noise", 3, 1), rows("03", "Alarm", 60, 0))
    assert of_kind(months, "noise").closed is None


def test_a_type_that_the_crosswalk_has_as_sensitive_closes_no_kind(months: SmallPortal) -> None:
    months.replace("Prank,noise,,,", "Prank,noise,,sensitive,", "crosswalks/alder-calls.csv")
    write(months, rows("03", "Noise", 50, 0), rows("03", "Prank", 50, 50))
    line = of_kind(months, "noise")
    assert (line.rows, line.marked, line.closed) == (50, 0, None)


def test_a_kind_is_closed_forward_and_stays_so(months: SmallPortal) -> None:
    march = [*rows("03", "Noise", 50, 4), *rows("03", "Alarm", 50, 0), *rows("03", "Smoke", 40, 0)]
    months.clock("2024-05-05")
    write(months, march)
    months.publish()
    first, of_march = published(months), counted(months)
    assert first["03", "noise"] == 46
    told = ledger(months).state.shares
    assert {s.category: s.words for s in told} == {"noise": "under 10 %", "alarm": "under 10 %", "fire": "under 10 %"}

    april = [*rows("04", "Noise", 50, 30), *rows("04", "Alarm", 50, 0), *rows("04", "Smoke", 40, 0)]
    months.clock("2024-06-05")
    write(months, march, april)
    months.publish()
    assert published(months)["03", "noise"] == 46
    assert published(months)["04", "noise"] == 0
    assert published(months)["04", "alarm"] == 50
    assert {k: v for k, v in counted(months).items() if k[0] == "03"} == of_march
    noise = kinds(months)["noise"]
    assert (noise.sensitivity, noise.release) == ("sensitive", "aggregates")
    assert "30 to 40 %" in noise.reason

    # The page of the data set, where the same stands for every reader.
    assert said(months) == [
        "Its agency marks records (domestic violence). A record that is marked is in no row of this data set, and in "
        "no figure of its kind.",
        "More than 20 % of the records of these kinds were marked when that was decided, so that they are told in "
        "counts only since then: Noise and fireworks (30 to 40 %).",
        "Under 10 % of the records were marked of 2 kinds.",
    ]

    with TestClient(create_app(months.root / "data" / "public")) as site:
        privacy, page = site.get("/privacy").text, site.get("/datasets/alder-calls").text
    assert "an agency marks 30 to 40 % of these calls as about" in privacy
    assert "Noise and fireworks (30 to 40 %)" in page

    may = [*rows("05", "Noise", 500, 0), *rows("05", "Alarm", 50, 0), *rows("05", "Smoke", 40, 0)]
    months.clock("2024-07-05")
    write(months, march, april, may)
    months.publish()
    assert published(months)["05", "noise"] == 0
    assert published(months)["03", "noise"] == 46
    # Said once: the share of then, whatever it is now.
    assert "30 to 40 %" in kinds(months)["noise"].reason
    assert len([s for s in ledger(months).state.shares if s.category == "noise"]) == 2


def test_what_earlier_exports_marked_is_not_forgotten(months: SmallPortal) -> None:
    """An export of the last month alone: shares are of all months that were read."""
    months.clock("2024-05-05")
    write(months, rows("03", "Noise", 200, 0), rows("03", "Alarm", 50, 0))
    months.publish()
    months.clock("2024-06-05")
    write(months, rows("04", "Noise", 40, 12), rows("04", "Alarm", 240, 0))
    line = of_kind(months, "noise")
    assert (line.rows, line.marked, line.closed) == (240, 12, None)
