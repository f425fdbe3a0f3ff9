"""Whose data a data set is: the agencies, their towns and their months, from `[coverage]` or its CSV file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from pydantic import ValidationError

from candor.errors import PortalError, Problem
from candor.portal.model import AgencyCoverage, DatasetConfig

COLUMNS = ["agency", "geoid", "first_month", "last_month", "gaps"]


def agencies(dataset: DatasetConfig, root: Path) -> tuple[AgencyCoverage, ...]:
    """The agencies of a data set. None where it declares no coverage.

    Raises `PortalError` where the coverage file is missing or wrong, with every mistake in it.
    """
    coverage = dataset.coverage
    if coverage is None:
        return ()
    if coverage.agency:
        return (AgencyCoverage(**coverage.model_dump(exclude={"file"})),)
    return _read(coverage.file, root, f"datasets/{dataset.name}.toml: coverage.file")


def _read(file: str, root: Path, where: str) -> tuple[AgencyCoverage, ...]:
    try:
        text = (root / file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem(
            where, f"{file}, which cannot be read ({type(error).__name__})", "a UTF-8 CSV file below the portal",
            "Write the file or correct its name.",
        )  # fmt: skip
        raise PortalError([problem]) from error
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    if reader.fieldnames != COLUMNS:
        what = f"the columns {reader.fieldnames}"
        raise PortalError([Problem(f"{file}:1", what, ", ".join(COLUMNS), "Write the header so.")])
    places: dict[tuple[str, str, str, str], tuple[int, list[str]]] = {}
    for row in reader:
        key = (row["agency"], row["first_month"], row["last_month"], row["gaps"])
        places.setdefault(key, (reader.line_num, []))[1].append(row["geoid"])
    problems: list[Problem] = []
    found: list[AgencyCoverage] = []
    for (agency, first, last, gaps), (line, geoids) in places.items():
        try:
            found.append(
                AgencyCoverage(agency=agency, places=tuple(geoids), first_month=first or None, last_month=last or None,
                               gaps=tuple(gaps.split()))
            )  # fmt: skip
        except ValidationError as error:
            what = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['input']!r}" for e in error.errors())
            problems.append(
                Problem(f"{file}:{line}", what or "a line out of order",
                        "an agency's name, months as 2024-05, first_month not after last_month", "Correct the line.")
            )  # fmt: skip
    if problems:
        raise PortalError(problems)
    return tuple(found)
