"""Which column of a boundary file has the code of a place, and which its name: as said, by their names, by values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from candor.errors import Problem
from candor.places import columns
from candor.places.builder.column_look import FEWEST, Look, any_number, best_code, best_name, look
from candor.portal.words import did_you_mean
from candor.vocabulary.nouns import kind_in


@dataclass(frozen=True)
class Chosen:
    """The columns, None where there is none. `notes` say which were taken, where their names alone do not tell.

    `census`: the column of codes is called as that of the Census Bureau is. `within`: a column that tells places of
    the same code apart, such as the district in which zones are A and B.
    """

    code: str | None
    name: str | None
    full: str | None = None
    census: bool = False
    notes: tuple[str, ...] = ()
    within: str = ""


def choose(where: str, properties: pa.Table, code: str, name: str, problems: list[Problem]) -> Chosen | None:
    """The columns of a boundary file. `code` and `name`: what the publisher says, empty where the file is to tell.

    None where a column that was said is not there, or where nothing tells the places apart; why is added to `problems`.
    """
    names = [n for n in properties.column_names if n != "OGC_FID"]
    if not properties.num_rows:
        problems.append(Problem(where, "no feature", "a polygon for each place", "Give the boundary file."))
        return None
    said_code, said_name = _said(where, names, "--code", code, problems), _said(where, names, "--name", name, problems)
    if said_code is None or said_name is None:
        return None
    census = "" if code else columns.find_column(names, columns.GEOID) or ""
    full = "" if name else columns.find_column(names, columns.FULL_NAME) or ""
    found_code, found_name = said_code or census, said_name or full or _named(properties, names, whatever=bool(census))
    notes: list[str] = []
    others = [n for n in names if n not in (found_code, found_name)]
    seen = [found for n in others if (found := look(n, properties[n])) is not None]
    if not found_code and (by_values := best_code(seen)):
        found_code = by_values.name
        notes.append(f"the codes of the places are those of the column {found_code} (--code takes another)")
        seen.remove(by_values)
    if not found_name and (worded := best_name(seen, only_called=bool(found_code))):
        found_name = worded.name
        notes.append(f"the names of the places are those of the column {found_name} (--name takes another)")
    if not found_code and not found_name and (number := any_number(seen)):
        found_code = number.name
        notes.append(f"nothing is called a code or a name: {found_code} was taken (--code and --name take others)")
    if not found_code and not found_name:
        there = f"no column that tells the places apart; its columns are {', '.join(names) or 'none'}"
        allowed = "a column with a code, or one with a name, of each place"
        problems.append(Problem(where, there, allowed, "Say which with --code COLUMN or --name COLUMN."))
        return None
    if census and not found_name:
        there = f"no column with the name; its columns are {', '.join(names)}"
        problems.append(Problem(where, there, "NAMELSAD, NAME, TOWNNAME", "Say which with --name COLUMN."))
        return None
    short = None if said_name else columns.find_column(names, columns.NAME)
    return Chosen(
        found_code or None,
        short if full else found_name or None,
        full or None,
        bool(census),
        tuple(notes),
        "" if said_code or found_name or census else _within(properties, found_code, seen),
    )


def kind_of(stem: str, chosen: Chosen, names: Sequence[str]) -> str:
    """What a place of the file is called: by its columns, by the name of the file, by the word its names begin with.

    Empty where nothing tells it.
    """
    firsts = {name.split()[0] for name in names if name.split()}
    said = (chosen.code or "", chosen.name or "", stem, firsts.pop() if len(firsts) == 1 else "")
    return next((kind for text in said if (kind := kind_in(text))), "")


def _within(properties: pa.Table, code: str, seen: Sequence[Look]) -> str:
    """A column called after a kind of place, with which codes that stand on several features differ on each."""
    codes = columns.as_code(properties[code])
    if pc.count_distinct(codes).as_py() == len(codes):
        return ""
    for other in (s.name for s in seen if s.tells_kind):
        pairs = pc.binary_join_element_wise(columns.as_code(properties[other]), codes, "\0")
        if pc.count_distinct(pairs).as_py() == len(codes):
            return other
    return ""


def _said(where: str, names: Sequence[str], option: str, wanted: str, problems: list[Problem]) -> str | None:
    """The column that the publisher means; empty where nothing was said, None where there is none of that name."""
    found = next((n for n in names if n.casefold() == wanted.casefold()), "")
    if wanted and not found:
        hint = did_you_mean(wanted, names) or f"Give the right name with {option}."
        problems.append(Problem(where, f"no column {wanted}", ", ".join(names) or "none", hint))
        return None
    return found


def _named(properties: pa.Table, names: Sequence[str], *, whatever: bool) -> str:
    """The column that is called a name; of files that are not the Census Bureau's only where its values differ."""
    found = columns.find_column(names, columns.NAME) or ""
    if not found or whatever:
        return found
    seen = look(found, properties[found])
    return found if seen is not None and seen.different >= FEWEST else ""
