"""Whose data a data set is: the agencies, their towns and their months, from `[coverage]` or its CSV file."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from pathlib import Path

from pydantic import ValidationError

from candor.errors import PortalError, Problem
from candor.portal.model import AgencyCoverage, CoverageConfig, DatasetConfig

COLUMNS = ["agency", "geoid", "first_month", "last_month", "gaps"]


def agencies(dataset: DatasetConfig, root: Path) -> tuple[AgencyCoverage, ...]:
    """The agencies of a data set. None where it declares no coverage.

    Raises `PortalError` where the coverage file is missing or wrong, with every mistake in it.
    """
    coverage = dataset.coverage
    if coverage is None:
        return ()
    if coverage.agency:
        return (
            AgencyCoverage(
                agency=coverage.agency,
                places=coverage.places,
                first_month=coverage.first_month,
                last_month=coverage.last_month,
                gaps=coverage.gaps,
            ),
        )
    return _read(coverage, root, f"datasets/{dataset.name}.toml: coverage.file")


def _read(coverage: CoverageConfig, root: Path, where: str) -> tuple[AgencyCoverage, ...]:
    path = root / coverage.file
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PortalError(
            [
                Problem(
                    where,
                    f"{coverage.file}, which cannot be read ({type(error).__name__})",
                    "a UTF-8 CSV file below the portal",
                    "Write the file or correct its name.",
                )
            ]
        ) from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if reader.fieldnames != COLUMNS:
        raise PortalError(
            [
                Problem(
                    f"{coverage.file}:1", f"the columns {reader.fieldnames}", ", ".join(COLUMNS), "Write the header so."
                )
            ]
        )
    places: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    first_line: dict[tuple[str, str, str, str], int] = {}
    for line, row in enumerate(reader, start=2):
        key = (row["agency"] or "", row["first_month"] or "", row["last_month"] or "", row["gaps"] or "")
        places[key].append(row["geoid"] or "")
        first_line.setdefault(key, line)
    problems: list[Problem] = []
    found: list[AgencyCoverage] = []
    for key, geoids in places.items():
        agency, first, last, gaps = key
        try:
            found.append(
                AgencyCoverage(
                    agency=agency,
                    places=tuple(geoids),
                    first_month=first or None,
                    last_month=last or None,
                    gaps=tuple(gaps.split()),
                )
            )
        except ValidationError as error:
            what = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['input']!r}" for e in error.errors())
            problems.append(
                Problem(
                    f"{coverage.file}:{first_line[key]}",
                    what or "a line out of order",
                    "an agency's name, months as 2024-05, first_month not after last_month",
                    "Correct the line.",
                )
            )
    if problems:
        raise PortalError(problems)
    return tuple(found)
