"""A column that is read from several of the source: a date and a time, a key in parts."""

from __future__ import annotations

from tests.release.conftest import SmallPortal

HEADER = "incident,offence,day,clock,nature,lat,lon,town,marked"
ROWS = [
    "C1,1,03/05/2024,10:15,Noise,44.5,-72.5,,0",
    "C1,2,03/05/2024,10:15,Alarm,44.5,-72.5,,0",
    "C2,1,03/06/2024,23:59,Noise,44.5,-72.5,,0",
    "C2,1,03/06/2024,23:59,Noise,44.5,-72.5,,0",
    "C3,,03/07/2024,08:00,Noise,44.5,-72.5,,0",
    "C4,1,03/08/2024,,Alarm,44.5,-72.5,,0",
]


def test_a_date_and_a_time_and_the_parts_of_a_key_are_joined(portal: SmallPortal) -> None:
    columns = ", ".join(f'"{name}"' for name in HEADER.split(","))
    portal.replace('columns = ["incident", "when", "nature", "lat", "lon", "town", "marked"]', f"columns = [{columns}]")
    portal.replace('{ from = "incident" }', '{ from = ["incident", "offence"] }')
    portal.replace('{ from = "when", format = "iso-offset" }', '{ from = ["day", "clock"], format = "%m/%d/%Y %H:%M" }')
    portal.write(ROWS, HEADER)
    (accounted,) = portal.check().accounted
    reasons = {o.reason: o.rows for o in accounted.outcomes if o.reason}
    # A key without one of its parts is no key: its row is nobody's duplicate.
    assert accounted.sums == {"read": 6, "published": 4, "duplicates": 1, "quarantined": 1, "withheld": 0}, reasons
    assert reasons["called_at is empty"] == 1
    days = {row["day"].day: row["calls"] for row in accounted.days.to_pylist()}
    assert days == {5: 2, 6: 1, 7: 1}
