"""The Census Bureau's files for county subdivisions: where they are, whether they came whole, what is in them.

Layouts, as of the 2020 files: cartographic boundary file (a zipped shapefile, 1:500,000, with GEOID, NAMELSAD and
NAMELSADCO); gazetteer (text parted by tabs, GEOID and NAME); population estimates of cities and towns (`sub-est`, CSV
in Latin-1, a line with SUMLEV 061 for each county subdivision and 050 for each county).
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

BASE_URL: Final = "https://www2.census.gov"
FIRST_YEAR: Final = 2020
# The population estimates come out each year anew for all years since the census.
VINTAGE: Final = 2023


@dataclass(frozen=True)
class CensusUrls:
    """Where each file may be; of several the first that exists."""

    boundaries: tuple[str, ...]
    gazetteer: tuple[str, ...]
    population: tuple[str, ...]


def census_urls(state: str, year: int, base_url: str = BASE_URL) -> CensusUrls:
    """The addresses on the Census Bureau's site, or on a mirror that keeps its paths."""
    base = base_url.rstrip("/")
    gazetteer = f"{base}/geo/docs/maps-data/data/gazetteer/{year}_Gazetteer/{year}"
    return CensusUrls(
        boundaries=(f"{base}/geo/tiger/GENZ{year}/shp/cb_{year}_{state}_cousub_500k.zip",),
        # The spelling has varied from year to year.
        gazetteer=(
            f"{gazetteer}_gaz_cousubs_{state}.txt",
            f"{gazetteer}_Gaz_cousubs_{state}.txt",
            f"{gazetteer}_Gaz_cousubs_national.zip",
        ),
        population=(
            f"{base}/programs-surveys/popest/datasets/{FIRST_YEAR}-{VINTAGE}/cities/totals/sub-est{VINTAGE}_{state}.csv",
        ),
    )


def population_column(year: int) -> str:
    """The residents of a year: of the census on 1 April 2020, or the estimate for 1 July."""
    return f"ESTIMATESBASE{year}" if year == FIRST_YEAR else f"POPESTIMATE{year}"


def wrong_boundaries(path: Path) -> str:
    """What is wrong with a boundary zip, or nothing."""
    wrong = _wrong_zip(path)
    if wrong:
        return wrong
    with zipfile.ZipFile(path) as archive:
        endings = {Path(name).suffix.lower() for name in archive.namelist()}
    missing = {".shp", ".shx", ".dbf"} - endings
    return f"a zip file without {', '.join(sorted(missing))}" if missing else ""


def wrong_gazetteer(path: Path) -> str:
    """What is wrong with a gazetteer, as text or zipped, or nothing."""
    if zipfile.is_zipfile(path):
        return _wrong_zip(path)
    return _wrong_header(path, ("GEOID", "NAME"))


def wrong_population(path: Path) -> str:
    """What is wrong with a file of population estimates, or nothing."""
    return _wrong_header(path, ("SUMLEV", "STATE", "COUNTY", "COUSUB", "NAME"))


def read_gazetteer(path: Path, state: str) -> pa.Table:
    """`geoid, name` of the state's county subdivisions."""
    table = _parse(_text(path))
    here = table.filter(pc.starts_with(table["GEOID"], state))
    return pa.table({"geoid": here["GEOID"], "name": here["NAME"]})


def read_estimates(path: Path, column: str) -> tuple[pa.Table, pa.Table]:
    """`geoid, name, residents` (text) of county subdivisions, and `code, county` of counties.

    Raises KeyError where there is no such column.
    """
    table = _parse(_text(path))
    level = pc.utf8_lpad(table["SUMLEV"], 3, "0")
    county = pc.binary_join_element_wise(
        pc.utf8_lpad(table["STATE"], 2, "0"), pc.utf8_lpad(table["COUNTY"], 3, "0"), ""
    )
    geoid = pc.binary_join_element_wise(county, pc.utf8_lpad(table["COUSUB"], 5, "0"), "")
    everything = pa.table({"geoid": geoid, "code": county, "name": table["NAME"], "residents": table[column]})
    towns = everything.filter(pc.equal(level, "061")).select(["geoid", "name", "residents"])
    counties = everything.filter(pc.equal(level, "050")).select(["code", "name"]).rename_columns(["code", "county"])
    return towns, counties


def _wrong_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            if not archive.namelist():
                return "a zip file without a file in it"
            broken = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError):
        return f"not a whole zip file ({_kind(path)})"
    return f"{broken} in the zip file is damaged" if broken else ""


def _wrong_header(path: Path, wanted: tuple[str, ...]) -> str:
    first = _text(path).split("\n", 1)[0]
    columns = {cell.strip() for cell in first.replace("|", "\t").replace(",", "\t").split("\t")}
    missing = [name for name in wanted if name not in columns]
    return f"no column {', '.join(missing)} ({_kind(path)})" if missing else ""


def _kind(path: Path) -> str:
    start = path.read_bytes()[:512].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html")):
        return "it is a web page"
    return "it is empty" if not start else f"{path.stat().st_size} bytes"


def _text(path: Path) -> str:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            inner = next((n for n in archive.namelist() if n.lower().endswith(".txt")), archive.namelist()[0])
            raw = archive.read(inner)
    else:
        raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _parse(text: str) -> pa.Table:
    first = text.split("\n", 1)[0]
    delimiter = next((d for d in "\t|" if d in first), ",")
    # Headers and cells of the gazetteer are padded with blanks.
    names = [name.strip() for name in first.rstrip("\r").split(delimiter)]
    body = io.BytesIO(text.encode())
    return pa_csv.read_csv(
        body,
        read_options=pa_csv.ReadOptions(column_names=names, skip_rows=1),
        parse_options=pa_csv.ParseOptions(delimiter=delimiter),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
