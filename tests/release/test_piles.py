"""A point that holds a pile of rows: told to the publisher and to readers, and placed by other means."""

from __future__ import annotations

from tests.release.conftest import SmallPortal, call

from candor.cli import report

DEFAULT = {"lat": "44.25", "lon": "-71.5"}  # in Birch
POINT = "44.250000, -71.500000"


def rows(town: str = "") -> list[str]:
    """Two hundred calls all over Alder, and forty on one point in Birch."""
    spread = [
        call(n, f"2024-03-{n % 28 + 1:02d}T10:15:00-05:00", lat=f"44.{100 + n}", lon=f"-72.{100 + n}")
        for n in range(200)
    ]
    return spread + [
        call(1000 + n, f"2024-03-{n % 28 + 1:02d}T11:15:00-05:00", **DEFAULT, town=town) for n in range(40)
    ]


def test_a_pile_goes_to_the_only_place_of_its_agency(portal: SmallPortal) -> None:
    portal.write(rows())
    (accounted,) = portal.check().accounted
    assert {o.outcome: o.rows for o in accounted.placed_by} == {"point": 200, "agency area": 40}
    assert {o.outcome: o.rows for o in accounted.notes} == {"its point holds more than 1 % of a month's rows": 40}
    assert [(p.point, p.rows) for p in accounted.piles] == [(POINT, 40)]


def test_a_pile_goes_to_the_town_that_its_rows_name_or_nowhere(portal: SmallPortal) -> None:
    portal.replace('places = ["5000100001"]', 'places = ["5000100001", "5000100002"]')
    portal.write([*rows(town="Cedar town")[:220], *rows()[220:]])
    (accounted,) = portal.check().accounted
    assert {o.outcome: o.rows for o in accounted.placed_by} == {"point": 200, "declared town": 20, "not placed": 20}


def test_a_true_address_stays_where_it_is(portal: SmallPortal) -> None:
    portal.replace("[coverage]", f'[piles]\ntrue = ["{POINT}"]\n\n[coverage]')
    portal.write(rows())
    (accounted,) = portal.check().accounted
    assert {o.outcome: o.rows for o in accounted.placed_by} == {"point": 240}
    assert [p.kept for p in accounted.piles] == [True]


def test_publisher_and_readers_are_told(portal: SmallPortal) -> None:
    portal.write(rows())
    run = portal.publish()
    with report.out.capture() as said:
        report.say_accounted(run.accounted)
    assert f"40  {POINT}: 16.7% of 2024-03" in said.get()
    assert f'[piles] true = ["{POINT}"]' in said.get()
    assert run.release is not None
    version = run.release.dataset("alder-calls")
    assert version is not None
    assert any(c.startswith("About 40 rows of the source lie on one point") for c in version.caveats)
    # Where it is, stays inside.
    assert "44.25" not in version.model_dump_json()
    assert "-71.5" not in version.model_dump_json()
