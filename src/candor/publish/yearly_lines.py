"""The lines of a data set of counts as they are published: one a place and year, a column a category, made safe."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor import __version__
from candor.accounting.count_tables import AccountedCounts
from candor.accounting.withholding import public_reviews
from candor.intake.count_lines import WRITTEN
from candor.portal.model import Portal
from candor.profiles.published import ROW_ID, SIMULATED
from candor.profiles.taxonomy import Taxonomy
from candor.publish import drafts
from candor.store.dataset_model import Accounting, DatasetDraft, Provenance, PublicColumn, Reason, WithheldColumn

_NOT_STANDARD = "It is none of the standard categories, or a total of them."
_COLUMNS = (
    PublicColumn(
        name="reported_as", label="Reported as", type="category", description="The place's name in the source."
    ),
    PublicColumn(name="geoid", label="Town code", type="text", description="The Census Bureau's GEOID of the town."),
    PublicColumn(name="town", label="Town", type="category", description="The town."),
    PublicColumn(name="county", label="County", type="category", description="The county of the town."),
    PublicColumn(name="year", label="Year", type="integer", description="The calendar year."),
    PublicColumn(
        name="residents", label="Residents", type="integer", description="Residents, as the source gives them."
    ),
)
_UNDER_5 = PublicColumn(
    name="under_5",
    label="Under 5",
    type="text",
    description="The sensitive categories whose count in this line is told as under 5 (0 to 4). Other counts of "
    "sensitive categories are to the nearest 5. A count that is empty and not named here was not reported, or is told "
    "later.",
)


def column_name(slug: str) -> str:
    """The published column of a category."""
    return slug.replace("-", "_")


def public_lines(
    accounted: AccountedCounts,
    places: pa.Table,
    sensitive: Collection[str],
    told: Mapping[tuple[str, str, str], int | None],
    *,
    simulated: bool,
) -> pa.Table:
    """The sound lines, by year and place: `id, reported_as, geoid, town, county, year, residents`, the categories,
    `under_5`.

    Counts of `sensitive` categories are as they were `told` (by category, town, year), and empty where they were not.
    """
    lines = accounted.counted.published.sort_by([("year", "ascending"), ("geoid", "ascending")]).combine_chunks()
    place = pc.index_in(lines["geoid"], value_set=places["geoid"].combine_chunks())
    columns = {
        ROW_ID: pa.array(np.arange(1, lines.num_rows + 1), pa.int64()),
        "reported_as": lines[WRITTEN],
        "geoid": lines["geoid"],
        "town": places["name"].combine_chunks().take(place.combine_chunks()),
        "county": places["county"].combine_chunks().take(place.combine_chunks()),
        "year": lines["year"],
        "residents": lines["residents"],
    }
    under = []
    for slug in accounted.counted.categories:
        counts = lines[slug]
        if slug in sensitive:
            key = [
                (slug, g, str(y)) for g, y in zip(lines["geoid"].to_pylist(), lines["year"].to_pylist(), strict=True)
            ]
            counts = pa.array([told.get(k) for k in key], pa.int64())  # places x years
            under.append(pa.array([slug if k in told and told[k] is None else None for k in key], pa.string()))
        columns[column_name(slug)] = counts
    said = pc.binary_join_element_wise("", *under, " ", null_handling="skip") if under else None
    columns["under_5"] = pc.utf8_trim(said, " ") if said is not None else pa.array([""] * lines.num_rows)
    if simulated:
        columns[SIMULATED] = pa.array(np.ones(lines.num_rows, dtype=bool))
    return pa.table(columns)


def lines_draft(
    portal: Portal,
    taxonomy: Taxonomy,
    accounted: AccountedCounts,
    columns: Sequence[str],
    dates: tuple[date | None, date | None],
) -> DatasetDraft:
    """What the release says of the data set."""
    dataset = accounted.dataset
    known = {c.name: c for c in (drafts.ID_COLUMN, *_COLUMNS, _UNDER_5, drafts.SIMULATED_COLUMN)}
    for slug in dataset.categories:
        category = taxonomy.get(slug)
        if category is not None:
            name = column_name(slug)
            known[name] = PublicColumn(
                name=name, label=category.label, type="integer", description=f"{category.definition} Empty: not known."
            )
    words = (dataset.description, dataset.definition, f"Source: {dataset.origin}.")
    return DatasetDraft(
        name=dataset.name,
        id=dataset.id,
        kind="rows",
        title=dataset.title,
        description=" ".join(w for w in words if w),
        unit="line",
        unit_plural="lines",
        licence=dataset.licence,
        caveats=dataset.caveats,
        columns=tuple(known[name] for name in columns),
        withheld_columns=_withheld(accounted),
        reviews=public_reviews(portal, dataset.name, {}),
        accepted=accounted.accepted,
        accounting=_accounting(accounted),
        provenance=Provenance(
            configuration_sha256=drafts.configuration_hash(portal, dataset.name),
            program=f"candor {__version__}",
        ),
        first_date=dates[0],
        last_date=dates[1],
    )


def _withheld(accounted: AccountedCounts) -> tuple[WithheldColumn, ...]:
    """Every column of the source that is not published, with the declared reason."""
    dataset = accounted.dataset
    used = {dataset.columns.place, dataset.columns.period, dataset.columns.residents, *dataset.categories.values()}
    return tuple(
        WithheldColumn(name=name, label=name, reason=dataset.withheld.get(name, _NOT_STANDARD))
        for name in accounted.landed.header
        if name not in used
    )


def _accounting(accounted: AccountedCounts) -> Accounting:
    """The sums and their reasons, without what a line holds: the names of places stay inside."""
    merged: dict[tuple[str, str], int] = {}
    for outcome in accounted.outcomes:
        parts = [part.partition(": ")[0].partition(" (first")[0] for part in outcome.reason.split("; ")]
        key = (outcome.outcome, "; ".join(parts))
        merged[key] = merged.get(key, 0) + outcome.rows
    reasons = tuple(
        Reason(outcome=o, reason=r, rows=n) for (o, r), n in merged.items() if r and o in ("duplicate", "quarantined")
    )
    sums = accounted.sums
    return Accounting(
        published=sums["published"], duplicates=sums["duplicates"], quarantined=sums["quarantined"], reasons=reasons
    )
