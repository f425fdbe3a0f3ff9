"""A small simulated portal, made once for the room's tests, and its exports as tables of text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import csv

from candor.demo.portal import DATASETS, Summary, build_demo_portal

CALLS, MONTHS, SEED = 60_000, 12, 7


@dataclass(frozen=True)
class Built:
    """A portal of the simulator, and its two exports as text, under the layout's own header."""

    root: Path
    summary: Summary
    municipal: pa.Table
    state: pa.Table


def read_export(path: Path, delimiter: str, missing: tuple[str, ...]) -> pa.Table:
    with path.open(encoding="utf-8") as file:
        header = [name.strip('"') for name in file.readline().rstrip("\n").split(delimiter)]
    return csv.read_csv(
        path,
        parse_options=csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(header, pa.string()),
            null_values=list(missing),
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    root = tmp_path_factory.mktemp("demo") / "vermont"
    summary = build_demo_portal(root, calls=CALLS, months=MONTHS, seed=SEED)
    municipal, state = (summary.exports[name].path for name in DATASETS.values())
    return Built(
        root, summary, read_export(municipal, ",", ("", "NA")), read_export(state, ";", ("", "NULL", "UNK", "-"))
    )
