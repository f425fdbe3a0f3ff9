"""`dataset add` for counts without rows: a data set proposed from a file with a line a place and year.

Columns are found by the words of their header, totals by arithmetic: a column that is in every line the sum of others
is no category. Names that several towns share are told apart by what else the file names, and by its residents.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from candor.errors import DataError
from candor.intake.count_lines import APART
from candor.portal.counts_model import COUNTS
from candor.portal.toml_text import comment, toml_table, toml_value
from candor.portal.write import new_id
from candor.profiles.profile import standard_taxonomy
from candor.propose.proposal import Proposal, Towns, title_of
from candor.propose.toml import Head, about, opening, section, source_text
from candor.propose.words import tokens
from candor.sources.registry import examine

_PLACE = ("city", "town", "municipality", "place", "jurisdiction", "place name", "town name", "city town", "agency")
_PERIOD = ("year", "calendar year", "report year", "data year", "period")
_RESIDENTS = ("population", "resident", "residents", "pop")
_BESIDE = frozenset({"total", "count", "number", "offense", "known", "reported", "crime"})
_MARKS = frozenset({"na", "n/a", "#n/a", "null", "none", "nan", "-", "--", ".", "*", "nr", "not reported", "unknown"})
_RAPE = "rape"
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Found:
    """What each column of the file is taken for."""

    columns: dict[str, str]
    categories: dict[str, str]
    withheld: dict[str, str]
    unsure: tuple[str, ...]


def propose_counts(
    name: str,
    file: Path,
    scratch: Path,
    *,
    schema: str,
    towns: Towns | None,
    path: str = "",
    taken: Collection[str] = (),
) -> Proposal:
    """Propose the data set `name` of counts from the file `file`; parameters as of `propose.propose`.

    Raises what reading a source raises, and `DataError` where no column can be taken for the place, the year, or a
    category of offences.
    """
    source, landed = examine(file, scratch / f"{name}.proposed.parquet")
    try:
        raw = pq.read_table(landed.path)
    finally:
        landed.path.unlink(missing_ok=True)
    source = source.model_copy(update={"kind": COUNTS, "path": path or str(file), "missing": ("", *_marks(raw))})
    text = {n: _texts(raw[n], source.missing) for n in raw.column_names}
    found = _columns(file.name, text)
    places, unsure = _places(text[found.columns["place"]], text.get(found.columns.get("residents", "")), towns)
    unsure = [
        *found.unsure,
        *unsure,
        "Who counted is not in the file: `origin` says so far how the file is called.",
        "What the source counts (its `definition`) is not in the file either: write it for the public.",
    ]
    head = Head(new_id(taken), title_of(name), file.name, landed.read, source)
    used = {*found.columns.values(), *found.categories.values(), *found.withheld}
    return Proposal(
        name=name,
        toml_text=_toml(head, schema, found, places),
        crosswalk_text=None,
        rows=landed.read,
        mapped={**found.columns, **found.categories},
        left_out=(*found.withheld, *(n for n in raw.column_names if n not in used)),
        call_types=0,
        unmapped_types=(),
        unsure=tuple(unsure),
    )


def _marks(raw: pa.Table) -> list[str]:
    """What the file writes where it knows nothing."""
    found = {v for n in raw.column_names for v in pc.unique(pc.utf8_trim_whitespace(raw[n])).to_pylist() if v}
    return sorted(v for v in found if v.casefold() in _MARKS)


def _texts(column: pa.ChunkedArray, missing: Sequence[str]) -> pa.Array:
    text = pc.utf8_trim_whitespace(column.cast(pa.string())).combine_chunks()
    return pc.if_else(pc.is_in(text, value_set=pa.array(missing)), pa.scalar(None, pa.string()), text)


def _columns(file: str, text: Mapping[str, pa.Array]) -> _Found:
    words = {name: _words(name) for name in text}
    columns: dict[str, str] = {}
    for key, known in (("place", _PLACE), ("period", _PERIOD), ("residents", _RESIDENTS)):
        match = next((n for k in known for n in text if words[n] == k and n not in columns.values()), None)
        if match:
            columns[key] = match
        elif key != "residents":
            raise DataError(
                f"{file} has no column that says the {key if key == 'place' else 'year'}; it has {', '.join(text)}",
                f"a header such as {', '.join(known[:3])}",
                "Rename the column in the file, or write the data set's file by hand: docs/reference/configuration.md.",
            )
    numbers = {n: v for n, t in text.items() if n not in columns.values() and (v := _numbers(t)) is not None}
    categories: dict[str, str] = {}
    phrases = {_words(w): c.slug for c in standard_taxonomy("offences").categories for w in (*c.words, c.label, c.slug)}
    for name in numbers:
        plain = " ".join(w for w in words[name].split() if w not in _BESIDE)
        slug = phrases.get(words[name]) or phrases.get(plain)
        if slug:
            categories.setdefault(slug, name)
    if not categories:
        raise DataError(
            f"{file} has no column that counts a standard category of offences; it has {', '.join(text)}",
            "headers such as burglary, robbery, larceny_theft",
            "Write the data set's file by hand: the categories are in docs/reference/categories.md.",
        )
    rest = {n: v for n, v in numbers.items() if n not in categories.values()}
    withheld = {n: _why(parts) for n, v in rest.items() if (parts := _parts_of(v, categories, numbers))}
    unsure = [
        f"The column {n!r} counts something that is no standard category: it is left out."
        for n in rest
        if n not in withheld
    ]
    if any(words[n] == _RAPE for n in categories.values()):
        unsure.append(
            "The file does not say which definition of rape it counts: it is taken for the one from 2013 on; "
            "rape-legacy is the one before."
        )
    return _Found(columns, categories, withheld, tuple(unsure))


def _words(text: str) -> str:
    return " ".join("offense" if word == "offence" else word for word in tokens(text))


def _numbers(text: pa.Array) -> Floats | None:
    """A column's counts, NaN where a cell is empty; None where something in it is no whole number."""
    right = pc.match_substring_regex(text, r"^[0-9]{1,3}(,[0-9]{3})+$|^[0-9]+(\.0+)?$")
    if not pc.all(right.drop_null(), min_count=0).as_py():
        return None
    plain = pc.replace_substring(text, ",", "").cast(pa.float64())
    return np.asarray(plain.to_numpy(zero_copy_only=False), dtype=np.float64)


def _parts_of(total: Floats, categories: Mapping[str, str], numbers: Mapping[str, Floats]) -> tuple[str, ...]:
    """The categories whose sum a column is in every line that is filled; none where it is no such sum.

    Least squares give each category's weight; those of a sum are 0 or 1, and then the sum is checked exactly.
    """
    known = {slug: numbers[column] for slug, column in categories.items() if not np.isnan(numbers[column]).all()}
    counts = np.stack(list(known.values()), axis=1)
    whole = ~np.isnan(counts).any(axis=1) & ~np.isnan(total)
    counts, total = counts[whole], total[whole]
    if not total.any():
        return ()
    weights = np.rint(np.linalg.lstsq(counts, total, rcond=None)[0])
    if not np.isin(weights, (0, 1)).all() or not np.array_equal(counts @ weights, total):
        return ()
    parts = tuple(slug for slug, weight in zip(known, weights, strict=True) if weight)
    return parts if len(parts) > 1 else ()


def _why(parts: Sequence[str]) -> str:
    known = {c.slug: c for c in standard_taxonomy("offences").categories}
    sensitive = [known[slug].label for slug in parts if known[slug].sensitivity == "sensitive"]
    of = f"It is the sum of: {'; '.join(known[slug].label for slug in parts)}"
    if sensitive:
        return f"{of}. With it and its other parts, a withheld number of {'; '.join(sensitive)} could be computed."
    return f"{of}. Totals are made here, of open categories."


def _places(names: pa.Array, residents: pa.Array | None, towns: Towns | None) -> tuple[dict[str, str], list[str]]:
    """What stands under [places]: names that several towns share, told apart by residents; and what stays unsure."""
    if towns is None:
        return {}, ["The portal has no places yet: names of places are not looked up."]
    people = dict(zip(towns.places["geoid"].to_pylist(), towns.places["residents"].to_pylist(), strict=True))
    meant = {name: towns.named(name) for name in pc.unique(names.drop_null()).to_pylist()}  # each name once
    taken = {geoids[0] for geoids in meant.values() if len(geoids) == 1}
    places, unsure = {}, []
    for name, geoids in meant.items():
        if not geoids:
            unsure.append(f"{name!r} is none of the portal's towns: say under [places] which it is.")
        if len(geoids) < 2:
            continue
        several = " or ".join(towns.name(g) for g in geoids)
        size = _size(names, residents, name)
        left = [g for g in geoids if g not in taken]
        close = [g for g in left if size and people.get(g) and abs(people[g] - size) <= APART * people[g]]
        if len(close) == 1:
            places[name] = close[0]
            why = "by its residents, and the names that are there beside it,"
            unsure.append(f"{name!r} may be {several}: {why} it is {towns.name(close[0])}.")
        else:
            unsure.append(f"{name!r} may be {several}: say under [places] which.")
    return places, unsure


def _size(names: pa.Array, residents: pa.Array | None, name: str) -> float:
    if residents is None:
        return 0.0
    numbers = _numbers(residents.filter(pc.equal(names, name)).drop_null())
    return float(np.median(numbers)) if numbers is not None and len(numbers) else 0.0


def _toml(head: Head, schema: str, found: _Found, places: Mapping[str, str]) -> str:
    parts = [
        opening(head, "lines"),
        comment("Counts by place and year, and no rows."),
        f"schema = {toml_value(schema)}\n",
        comment("Who counted, in a few words: it stands beside every published count."),
        f"origin = {toml_value(head.file)}\n",
        comment("What the source counts, in words for the public."),
        'definition = ""\n',
        comment("What a year is in which a place has no line that has one in another: not covered, or not reported."),
        'absent = "not covered"\n',
        about(),
        source_text(head.source, f"kind = {toml_value(head.source.kind)}\n"),
        section("Which column of the source is which"),
        "\n[columns]\n",
        *(f"{key} = {toml_value(column)}\n" for key, column in found.columns.items()),
        "\n" + comment("Standard category of offences = the column that counts it."),
        "[categories]\n",
        *(f"{slug} = {toml_value(column)}\n" for slug, column in found.categories.items()),
    ]
    if found.withheld:
        parts += [
            "\n" + comment("Columns that are not published, and why."),
            "[withheld]\n",
            toml_table(found.withheld),
        ]
    parts += [
        "\n" + comment("The source's name of a place = GEOID, where the name alone does not tell; empty: no town."),
        "[places]\n",
        toml_table(places),
    ]
    return "".join(parts)
