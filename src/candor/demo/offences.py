"""Simulated verified offences by place and year: a share of the calls of the same kind that the model expects.

Expected offences of kind k in town t and year y are share[k] x the expected calls of its kinds there, whoever began
them, summed over the year's months; the count is negative binomial, as that of calls is. Only towns with a police
department of their own report, all of their years but one: a department that begins to export its calls late has
offences of the time before, and one department misses a year.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from importlib.resources import files

import numpy as np
import pyarrow as pa

from candor.demo.agencies import Agencies
from candor.demo.model import Expectation, Floats, SimulationModel
from candor.demo.towns import Towns

MISSING = "n/a"


@dataclass(frozen=True)
class Kind:
    """A kind of offence: its standard category, its column in the file, the calls of the kind, the share of them."""

    offence: str
    column: str
    calls: tuple[str, ...]
    share: float


def kinds() -> tuple[Kind, ...]:
    """`offence_shares.csv`, in its order."""
    with files("candor.demo").joinpath("offence_shares.csv").open(encoding="utf-8") as file:
        return tuple(
            Kind(row["offence"], row["column"], tuple(row["calls"].split()), float(row["share"]))
            for row in csv.DictReader(file)
        )


def whole_years(model: SimulationModel) -> tuple[int, ...]:
    """The calendar years of which every month is simulated."""
    months = [model.month(index) for index in range(model.months)]
    return tuple(m.year for m in months if m.month == 12 and m.replace(month=1) in months)


def expected_offences(expectation: Expectation, agencies: Agencies) -> Floats:
    """What the model expects: whole years x towns x kinds; 0 where a town has no police department of its own."""
    model, mix = expectation.model, expectation.mix
    own = (agencies.of_town >= 0) & agencies.municipal[agencies.of_town]
    everywhere = replace(expectation, reported=np.repeat(own[:, None], model.months, axis=1))
    shares = np.array([[k.share * (c in k.calls) for k in kinds()] for c in mix.categories])
    years = whole_years(model)
    expected = np.zeros((len(years), len(own), shares.shape[1]))
    for index in range(model.months):
        if (year := model.month(index).year) in years:
            expected[years.index(year)] += everywhere.month(index).sum(axis=2) @ shares
    return expected


def offences(expectation: Expectation, towns: Towns, agencies: Agencies) -> pa.Table | None:
    """The file, a line for each town and year that reported; None where no whole year is simulated.

    One department does not know its arsons in the first year: not every cell of such a file is filled.
    """
    model, years = expectation.model, whole_years(expectation.model)
    if not years:
        return None
    expected = expected_offences(expectation, agencies)
    rng = np.random.default_rng([model.seed, 6])
    counts = rng.poisson(expected * rng.gamma(model.cell_shape, 1 / model.cell_shape, expected.shape))
    own = np.flatnonzero((agencies.of_town >= 0) & agencies.municipal[agencies.of_town])
    gap = np.flatnonzero(agencies.of_town == model.offence_gap_agency - 1)
    year, place = (i.ravel() for i in np.meshgrid(np.arange(len(years)), own, indexing="ij"))
    sent = ~(np.isin(place, gap) & (year == (len(years) - 1) // 2))
    year, place = year[sent], place[sent]
    unknown = (agencies.of_town[place] == model.offence_gap_agency) & (year == 0)

    def cells(k: Kind, column: np.ndarray) -> pa.Array:
        missing = unknown if k.offence == "arson" else np.zeros(len(place), bool)
        return pa.array(np.where(missing, MISSING, column.astype(str)).tolist())

    written = counts[year, place]
    return pa.table(
        {
            "Municipality": pa.array([towns.name[p] for p in place]),
            "Year": pa.array(np.array(years)[year].astype(str).tolist()),
            **{k.column: cells(k, written[:, n]) for n, k in enumerate(kinds())},
            "All offences": pa.array(written.sum(axis=1).astype(str).tolist()),
        }
    )
