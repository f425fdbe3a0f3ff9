"""A portal of which no kind is sensitive has the data set of sensitive kinds all the same, and it is empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from candor.measures.dense import DenseCube
from candor.measures.sensitive_blocks import blocks, learned
from candor.measures.sensitive_pools import ToldFigures
from candor.measures.sensitive_table import COLUMNS, table

Kinds = Mapping[str, Mapping[str, Sequence[tuple[np.datetime64, np.datetime64]]]]


def test_no_sensitive_kind_gives_an_empty_table_and_no_line_of_rates() -> None:
    months = np.arange(np.datetime64("2023-01"), np.datetime64("2025-01"))
    none, there = np.zeros((0, 2, 2, 24), np.int64), np.ones((2, 24), np.bool_)
    residents = np.full((2, 24), 1000.0)
    cells = DenseCube(
        ("1", "2"), ("One", "Two"), ("", ""), residents, months, (), (), none, none.astype(np.bool_), there, there
    )
    year = (months[0], months[11]), (months[12], months[23])
    kinds: Kinds = {"state": {"month": [(m, m) for m in months]}, "county": {}, "town": {"year": year}}
    figures = ToldFigures(cells, cells, {}, kinds)
    wander = learned(figures, None)
    found = table(figures, {}, "Testland", "99", wander)
    assert (found.num_rows, found.column_names) == (0, list(COLUMNS))
    assert blocks(figures, "Testland", "99", wander) == []
