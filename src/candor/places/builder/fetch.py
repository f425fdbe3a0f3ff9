"""`candor places fetch`: the towns of a state from the Census Bureau's files."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx
import pyarrow as pa
import pyarrow.csv as pa_csv

from candor.errors import DataError, UsageError
from candor.places.builder import census
from candor.places.builder.download import WAITS, Progress, download
from candor.places.builder.importer import ImportSummary, import_files
from candor.portal.jurisdictions import by_fips

_SECONDS: Final = 60.0


def fetch(
    folder: Path,
    state: str = "50",
    base_url: str = census.BASE_URL,
    *,
    year: int = census.FIRST_YEAR,
    urls: census.CensusUrls | None = None,
    aliases: Path | None = None,
    waits: Sequence[float] = WAITS,
    progress: Progress | None = None,
    keep: Path | None = None,
) -> ImportSummary:
    """Download boundaries, gazetteer and population of a state's county subdivisions and write the places pack.

    `state` is its FIPS code. `base_url` is the Census Bureau's site or a mirror with the same paths; `urls` names each
    file instead. `year`: of the boundaries and of the residents. `aliases` as in `import_files`. `waits`: seconds
    between tries. `keep`: a folder for files that came whole, from which a later run goes on where this one ends early.
    Raises `UsageError` for a state or year that is none, `DataError` where a file cannot be had whole; the pack that
    was there then stands as it was.
    """
    if state not in by_fips():
        raise UsageError(f"the state {state!r}", "a two-digit FIPS code, such as 50 for Vermont")
    if not census.FIRST_YEAR <= year <= census.VINTAGE:
        raise UsageError(f"the year {year}", f"{census.FIRST_YEAR} to {census.VINTAGE}")
    if not re.match(r"^https?://", base_url):
        raise UsageError(f"the address {base_url!r}", "one that begins with https:// or http://")
    where = urls or census.census_urls(state, year, base_url)
    with _home(keep, where) as home, httpx.Client(follow_redirects=True, timeout=_SECONDS) as client:
        boundaries, gazetteer, estimates = home / "boundaries.zip", home / "gazetteer", home / "estimates.csv"
        wanted = (
            (where.boundaries, boundaries, census.wrong_boundaries),
            (where.gazetteer, gazetteer, census.wrong_gazetteer),
            (where.population, estimates, census.wrong_population),
        )
        fetched = [
            download(client, places, target, check=check, waits=waits, progress=progress)
            for places, target, check in wanted
        ]
        population = home / f"population_{year}.csv"
        _write_population(population, gazetteer, estimates, state, year)
        counted = "2020 census base" if year == census.FIRST_YEAR else f"estimates for July {year}"
        summary = import_files(
            folder,
            boundaries,
            population,
            aliases,
            title=f"Towns of {by_fips()[state].name}",
            source=f"U.S. Census Bureau: cartographic boundaries {year} (1:500,000), gazetteer {year}, "
            f"residents: {counted}, vintage {census.VINTAGE}",
            year=year,
        )
    if keep:
        shutil.rmtree(keep, ignore_errors=True)
    return replace(summary, notes=(*(one.sentence for one in fetched), *summary.notes))


@contextmanager
def _home(keep: Path | None, where: census.CensusUrls) -> Iterator[Path]:
    """Where files come to: a folder of their own in `keep`, for no other address; else one that goes with the run."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="candor-places-") as temporary:
            yield Path(temporary)
        return
    home = keep / hashlib.sha256(repr(where).encode()).hexdigest()[:12]
    home.mkdir(parents=True, exist_ok=True)
    yield home


def _write_population(target: Path, gazetteer: Path, estimates: Path, state: str, year: int) -> None:
    """A CSV as `candor places import` reads it: the gazetteer's legal names, the estimates' residents and counties."""
    try:
        names = census.read_gazetteer(gazetteer, state)
        towns, counties = census.read_estimates(estimates, census.population_column(year))
    except (KeyError, pa.ArrowInvalid) as error:
        allowed = f"the Census Bureau's layout, with {census.population_column(year)}"
        raise DataError(f"a downloaded file cannot be read ({error})", allowed) from error
    if names.num_rows == 0 or towns.num_rows == 0:
        empty = "gazetteer" if names.num_rows == 0 else "file of population estimates"
        raise DataError(f"the {empty} has no county subdivision of state {state}", "files of that state")
    towns = towns.rename_columns(["geoid", "estimated_name", "residents"])
    rows = names.join(towns, "geoid", join_type="full outer").sort_by("geoid").to_pylist()
    # "County subdivisions not defined": water.
    rows = [r for r in rows if not r["geoid"].endswith("00000") or int(r["residents"] or 0) > 0]
    county = dict(zip(counties["code"].to_pylist(), counties["county"].to_pylist(), strict=True))
    table = pa.table(
        {
            "GEOID": [r["geoid"] for r in rows],
            "NAME": [r["name"] or r["estimated_name"] for r in rows],
            "COUNTY": [county.get(r["geoid"][:5], "") for r in rows],
            f"population_{year}": [r["residents"] or "" for r in rows],
        }
    )
    pa_csv.write_csv(table, target)
