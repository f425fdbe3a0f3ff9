"""What must not be in the tables of a release."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.audit.folder import KIND, OPEN, Said, and_then, day, geoid, public

from candor.audit.checks import check_tables
from candor.errors import DataError
from candor.store.model import PublicCategory

SAID = Said(np.ones((2, 12), np.bool_), ("East", "East"))


def rates(**line: object) -> pa.Table:
    usual = {
        "level": "town", "geoid": geoid(0), "place": "Town 0", "first_month": day(0), "last_month": day(11),
        "category": KIND, "category_level": "category", "initiated_by": "all", "coverage": "reported",
        "months_reported": 12, "calls": 10, "rate": None, "year_change": "", "year_change_ratio": None,
        "comparison": "", "among_towns": "", "similar_rate": None, "usual": "",
    }  # fmt: skip
    schema = pa.schema(
        [
            (n, pa.string())
            for n in ("level", "geoid", "place", "category", "category_level", "initiated_by", "coverage")
        ]
        + [("first_month", pa.date32()), ("last_month", pa.date32()), ("months_reported", pa.int64())]
        + [("calls", pa.int64()), ("rate", pa.float64()), ("year_change", pa.string())]
        + [("year_change_ratio", pa.float64()), ("comparison", pa.string()), ("among_towns", pa.string())]
        + [("similar_rate", pa.float64()), ("usual", pa.string())]
    )
    return pa.Table.from_pylist([{**usual, **line}], schema)


def checked(tmp_path: Path, said: Said) -> None:
    check_tables(public(tmp_path, said))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"coverage": "under 5", "calls": None, "rate": 1.0}, "gives rate"),
        ({"coverage": "not yet", "calls": None, "comparison": "higher"}, "gives comparison"),
        (
            {"coverage": "not yet", "calls": None, "among_towns": "among the tenth with the highest rates"},
            "among_towns",
        ),
        ({"year_change": "up"}, "gives year_change"),
        ({"year_change_ratio": 1.5}, "gives year_change_ratio"),
        ({"similar_rate": 1.5}, "gives similar_rate"),
        ({"usual": "as usual"}, "gives usual"),
        ({"initiated_by": "citizen"}, "by who began the call"),
        ({"category_level": "group", "category": OPEN, "calls": 13}, "add up to something else"),
    ],
)
def test_rates_are_of_what_is_told(tmp_path: Path, line: dict[str, object], words: str) -> None:
    with pytest.raises(DataError, match=words):
        checked(tmp_path, and_then(SAID, more={"call-rates-by-town": rates(**line)}))


@pytest.mark.parametrize(
    "line",
    [
        {"rate": 2.0},
        {"coverage": "under 5", "calls": None, "comparison": "too few to compare"},
        {"coverage": "not yet", "calls": None, "change": None, "comparison": None},
        {"category_level": "group", "category": OPEN, "calls": 12},
        {"category_level": "all", "category": "all", "calls": 14, "months_reported": 13},  # a month came late
    ],
)
def test_what_is_told_may_be_computed_with(tmp_path: Path, line: dict[str, object]) -> None:
    checked(tmp_path, and_then(SAID, more={"call-rates-by-town": rates(**line)}))


@pytest.mark.parametrize(("offences", "passes"), [(3, False), (0, False), (12, False), (10, True), (None, True)])
def test_sensitive_offences_are_rounded(tmp_path: Path, offences: int | None, *, passes: bool) -> None:
    table = pa.table({"category": ["rape"], "geoid": [geoid(0)], "offences": pa.array([offences], pa.int64())})
    made = public(tmp_path, and_then(SAID, more={"offences-by-town": table}))
    kind = PublicCategory(
        slug="rape",
        label="Rape",
        group="sexual",
        group_label="Sexual",
        definition="",
        sensitivity="sensitive",
        profile="offences",
    )
    made = type(made)(
        made.folder, (made.releases[0].model_copy(update={"categories": (*made.releases[0].categories, kind)}),)
    )
    if passes:
        check_tables(made)
    else:
        with pytest.raises(DataError, match="sensitive kind"):
            check_tables(made)
