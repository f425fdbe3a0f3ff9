"""Persons of several sorts by any code, from one CSV file: they become denominators that the portal declares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import tomlkit

from candor.errors import Problem, UsageError
from candor.places import columns
from candor.places.builder.codes import Codes
from candor.places.builder.importer import PlacesError
from candor.places.builder.population_file import code_column
from candor.places.pack import load_pack
from candor.places.table_file import Lines, read_text_csv, whole_number

FOLDER: Final = "denominators"
_PRESENT: Final = re.compile(r"daytime|ambient|present|de ?facto|service population|workday|night ?time", re.IGNORECASE)
"""All who are there at a time, residents among them."""
_BESIDE: Final = re.compile(
    r"visitor|commuter|tourist|worker|employee|\bjobs?\b|student|seasonal|second home", re.IGNORECASE
)
"""Those who are there beside the residents."""


@dataclass(frozen=True)
class _Sort:
    """A column of persons: its title, and those beyond the residents by place, null where not known."""

    name: str
    title: str
    description: str
    added: pa.ChunkedArray


def residents_in(file: Path) -> bool:
    """Whether a file has residents too. Raises `UsageError` where there is no such file."""
    if not file.is_file():
        raise UsageError(f"no file {file}", "a CSV file of persons by the code of their place", "Correct the path.")
    try:
        names = read_text_csv(file).column_names
    except pa.ArrowInvalid:
        return True  # the reader of residents says what is wrong with it
    return columns.find_column(names, columns.RESIDENTS) is not None


def declare_denominators(root: Path, file: Path) -> list[str]:
    """Write the persons of `file` as tables below the portal `root` and declare them in its portal.toml.

    Sentences for the publisher. What is declared under a name already is left as it is. Rates stay by residents until
    `denominator` says another name. Raises `PlacesError` with every mistake in the file.
    """
    problems: list[Problem] = []
    pack = load_pack(root / "places")
    codes = Codes(pack.places)
    try:
        text = read_text_csv(file)
    except pa.ArrowInvalid as error:
        allowed = "a CSV file in UTF-8 with a header, as many cells as columns"
        raise PlacesError([Problem(file.name, str(error), allowed, "Export it again.")]) from error
    code = code_column(text, codes)
    if code is None:
        found = f"no column with codes or names of the places; its columns are {', '.join(text.column_names)}"
        raise PlacesError([Problem(file.name, found, "codes as in the boundary file", "Add or correct the column.")])
    geoid = codes.found(text[code])
    here = pc.is_in(geoid, value_set=pack.places["geoid"].combine_chunks())
    lines = Lines(file.name, problems)
    lines.report_twice(geoid.filter(here), "place")
    residents = pack.places["residents"].take(pc.index_in(geoid, value_set=pack.places["geoid"].combine_chunks()))
    sorts = list(_sorts(text, code, residents, lines))
    if problems:
        raise PlacesError(problems)
    notes = [_write(root, file, one, geoid, pc.and_(here, pc.is_valid(one.added))) for one in sorts]
    gone = len(geoid) - (pc.sum(here).as_py() or 0)
    if gone:
        notes.append(f"lines of {file.name} that are of no place of the portal, and are left out: {gone}")
    left = [n for n in text.column_names if n != code and n not in {s.title for s in sorts} and not _known(n)]
    if left:
        notes.append(f"columns of {file.name} that are not taken for persons: {', '.join(left)}")
    return notes


def _sorts(text: pa.Table, code: str, residents: pa.ChunkedArray, lines: Lines) -> Iterator[_Sort]:
    for name in text.column_names:
        words = re.sub(r"[_\W]+", " ", name).strip()
        present, beside = bool(_PRESENT.search(words)), bool(_BESIDE.search(words))
        slug = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
        if name == code or _known(name) or not (present or beside) or not slug[:1].isalpha():
            continue
        number = whole_number(name).check(pc.replace_substring_regex(text[name], r"\.0+$", ""), lines)
        added = pc.subtract(number, residents) if present else number
        described = "all who are there" if present else "those beside the residents"
        yield _Sort(slug, name, f"Residents, and {words.lower()}: {described}.", added)


def _known(name: str) -> bool:
    return columns.find_column([name], (*columns.RESIDENTS, *columns.HOUSING, *columns.NAME, *columns.YEAR)) is not None


def _write(root: Path, file: Path, one: _Sort, geoid: pa.ChunkedArray, kept: pa.ChunkedArray) -> str:
    """The table, and its declaration where there is none of that name; what was done, in words."""
    (root / FOLDER).mkdir(exist_ok=True)
    path = root / FOLDER / f"{one.name}.csv"
    table = pa.table({"geoid": geoid, "month": pa.repeat("", len(geoid)), "added": one.added}).filter(kept)
    options = pa_csv.WriteOptions(quoting_style="none")
    pa_csv.write_csv(table, path, options)
    config = root / "portal.toml"
    declared = tomlkit.parse(config.read_text(encoding="utf-8"))
    names = [str(d.get("name")) for d in declared.get("denominators", ())]
    if one.name in names:
        return f"{FOLDER}/{one.name}.csv is renewed from the column {one.title}"
    if not names and "denominator" not in declared:
        declared["denominator"] = "residents"
    tables = declared.setdefault("denominators", tomlkit.aot())
    tables.append(
        tomlkit.item(
            {
                "name": one.name,
                "title": f"residents and {one.title.replace('_', ' ').lower()}",
                "description": one.description,
                "file": f"{FOLDER}/{one.name}.csv",
                "source": f"Imported from {file.name}",
            }
        )
    )
    config.write_text(tomlkit.dumps(declared), encoding="utf-8")
    return (
        f"{one.title} became the denominator {one.name} for {table.num_rows:,} places; rates stay by residents until "
        f'portal.toml says denominator = "{one.name}"'
    )
