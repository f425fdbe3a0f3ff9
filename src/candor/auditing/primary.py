"""What a release would leave open in which only small numbers were withheld, and nothing to cover them.

The public files do not say: it takes the true counts, which the publisher's machine keeps in `data/internal/sensitive`,
one file a release: a line for each count that is not 0 (`category`, `geoid`, `month`, `calls`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from candor.auditing.calls import called_of, least_of
from candor.auditing.certificates import NOTHING, named, together
from candor.auditing.public import FIGURES, Floats, Public, month_numbers, positions, words
from candor.auditing.said import said, sets, town_names
from candor.portal.problems import DataError, UsageError
from candor.privacy.audit_system import Certificate, audit, structure
from candor.privacy.linear import Deadline
from candor.privacy.statements import Statements


def primary_only(public: Public, kept: Path, seconds: float = 600.0) -> Certificate:
    """The attack on the newest release as it would be with primary suppression only; earlier releases are left out.

    `kept` is the folder of true counts. Raises `UsageError` where those of the release are not at hand, `DataError`
    where they are of other figures, `UnfinishedError` after `seconds`.
    """
    deadline, newest = Deadline(seconds), public.newest
    categories = [c.slug for c in newest.sensitive()]
    found = said(newest, categories)
    own = found.reporting
    months = own.reported.shape[1]
    matrix = sets(found, own.geoids, own.first, months)
    counts = _counts(public, kept, categories, own.geoids, own.first, months)
    least, towns, result = least_of(public), town_names(newest), NOTHING
    for column, slug in enumerate(categories):
        spoken = np.isfinite(found.high[:, column]) | found.withheld[:, column]
        rows = np.flatnonzero(spoken & (np.diff(matrix.indptr) > 0))
        value = matrix[rows] @ counts[column]
        if (value != found.low[rows, column])[found.told[rows, column]].any():
            raise DataError(
                f"The counts in {kept} are not those that release {newest.release.number} was made of",
                "the counts kept with the release",
                "Put the folder back from your backup of data/internal.",
            )
        small = (value >= least[slug]) & (value < newest.threshold)
        statements = Statements(
            found.name[rows],
            matrix[rows],
            np.where(small, np.nan, value),
            np.full(rows.size, float(least[slug])),
            np.full(rows.size, np.inf),
            found.level[rows] == 0,
        )
        # The same figures are published of nearly every kind; a kind has a few hundred of them, so folding is cheap.
        known = structure(statements.sets, statements.narrow)
        one = audit(statements, newest.threshold, least=least[slug], known=known, seconds=deadline.left())
        result = together(result, named(one, called_of(slug, towns)))
    return replace(result, threshold=newest.threshold)


def _counts(
    public: Public, kept: Path, categories: Sequence[str], geoids: Sequence[str], first: int, months: int
) -> Floats:
    """The true counts, (categories, towns x months)."""
    newest = public.newest.release
    figures = newest.dataset(FIGURES)
    # A release that brought an older one back has that one's counts.
    same = [r.number for r in public.releases if figures and (d := r.dataset(FIGURES)) and d.files == figures.files]
    path = next((p for number in same if (p := kept / f"{number}.parquet").is_file()), None)
    if path is None:
        raise UsageError(
            f"The true counts of release {newest.number} are not at hand",
            f"{kept}, which only the publisher's machine has",
            "Run this where the release was published. The audit itself needs public files only: leave out "
            "--primary-only.",
        )
    lines = pq.read_table(path, columns=["category", "geoid", "month", "calls"])
    lines = lines.filter(pc.greater(lines["calls"], 0))
    at = (positions(words(lines["category"]), categories), positions(words(lines["geoid"]), geoids))
    month = month_numbers(lines["month"]) - first
    counts = np.zeros((len(categories), len(geoids), months))
    inside = (at[0] >= 0) & (at[1] >= 0) & (month >= 0) & (month < months)
    np.add.at(counts, (at[0][inside], at[1][inside], month[inside]), lines["calls"].to_numpy()[inside])
    return counts.reshape(len(categories), -1)
