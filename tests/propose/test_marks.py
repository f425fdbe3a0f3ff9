"""The forms that are not tried on a column could not have read it."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from candor.propose.formats import STRPTIME
from candor.propose.marks import possible


@given(st.sampled_from(STRPTIME), st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)))
def test_a_form_is_tried_on_what_is_written_in_it(form: str, moment: datetime) -> None:
    assert form in possible(STRPTIME, [moment.strftime(form)])


def test_numbers_and_addresses_have_no_form() -> None:
    assert possible(STRPTIME, ["24-000017", "38.04936", "12 Main St", "-78.45"]) == []
