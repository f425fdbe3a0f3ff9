"""How the columns of a data set's rows are generalised and hashed, and how alike its rows have to be: does it hold?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from candor.errors import DataError, Problem
from candor.portal import lines
from candor.portal.generalisations import BY_PLACE, PLACE_COLUMNS, WIDTHS, allowed_for, bands, placed_columns
from candor.portal.keys import key_path, read_key
from candor.portal.load import Reading
from candor.portal.model import DatasetConfig
from candor.portal.schema_model import OwnSchema, Schema, SchemaColumn
from candor.portal.words import did_you_mean

_BANDS = ("band", *WIDTHS)
_KEY = ("privacy", "key_file")

_Report = Callable[[str, str, str, str], None]
"""Of a column: the key, what was found, what is allowed, what to do."""


def check_rows(reading: Reading, dataset: DatasetConfig, schema: Schema) -> None:
    """Report every way of publishing a column that its type, or the rest of the file, does not allow."""
    for column in schema.columns:
        at = _path(dataset, column.name)
        if at is not None:
            _check_column(column, _reporting(reading, dataset, at))
    _check_placed(reading, dataset, schema)
    _check_anonymity(reading, dataset, schema)


def check_key(reading: Reading, schemas: Mapping[str, Schema]) -> None:
    """Report what is wrong with the key of keyed hashes, where a data set publishes one. `schemas` are by data set."""
    hashing = [name for name, schema in schemas.items() if any(map(_hashed, schema.public_columns))]
    if not hashing or reading.config is None:
        return
    where, who = reading.where("portal.toml", *_KEY), " and ".join(hashing)
    named = reading.config.privacy.key_file
    if not named:
        reading.problems.append(
            Problem(where, f"no key_file, and keyed hashes in {who}", "a file outside the portal's folder",
                    "Make one with `candor key new FILE`, and name it under [privacy]: docs/keys.md.")
        )  # fmt: skip
        return
    try:
        read_key(key_path(named, reading.root), reading.root)
    except DataError as error:
        reading.problems.append(Problem(where, error.found, error.allowed, error.remedy.removesuffix(".") + "."))


def _hashed(column: SchemaColumn) -> bool:
    return column.generalise == "hash" and "hash" in allowed_for(column.type)


def _path(dataset: DatasetConfig, name: str) -> lines.Path | None:
    """Where the file says how the column is published; None where a standard schema alone does."""
    if isinstance(dataset.schema_, OwnSchema):
        return ("schema", "columns", [c.name for c in dataset.schema_.columns].index(name))
    return ("disclosure", name) if name in dataset.disclosure else None


def _reporting(reading: Reading, dataset: DatasetConfig, at: lines.Path) -> _Report:
    def report(key: str, found: str, allowed: str, remedy: str) -> None:
        reading.report(f"datasets/{dataset.name}.toml", (*at, key), found, allowed, remedy)

    return report


def _check_column(column: SchemaColumn, report: _Report) -> None:
    how, name = column.generalise, column.name
    if how not in allowed_for(column.type):
        allowed = f"for that type: {', '.join(allowed_for(column.type))}"
        report("generalise", f"{how!r} for {name!r}, a column of type {column.type}", allowed,
               "Use one of these, or correct the type.")  # fmt: skip
        return
    if (how == "band") != (column.band is not None):
        found = "no `band`" if how == "band" else f"`band` with generalise = {how!r}"
        report("band", f"{found} in {name!r}", 'generalise = "band" and its width together, such as band = 5',
               "Write both, or neither.")  # fmt: skip
        return
    if how == "top" and column.top is None:
        report("top", f"no `top` in {name!r}", 'with generalise = "top" a number, such as top = 90',
               "Write it: it stands for itself and everything above.")  # fmt: skip
    elif column.top is not None and how not in ("top", *_BANDS):
        report("top", f"`top` with generalise = {how!r} in {name!r}", f"`top` with {', '.join(('top', *_BANDS))}",
               "Remove the key, or change `generalise`.")  # fmt: skip
    width_and_top = bands(column)
    if width_and_top and width_and_top[1] % width_and_top[0]:
        report("top", f"a last band from {width_and_top[1]} in {name!r}", f"a multiple of {width_and_top[0]}",
               "Let the last band begin where a band begins.")  # fmt: skip
    if how == "parent" and not column.parents:
        report("parents", f"no parent categories for {name!r}", "value = parent category, under `parents`",
               "Write them; a value that is not named is published as `other`.")  # fmt: skip
    if column.context and how != "hash":
        report("context", f"`context` with generalise = {how!r} in {name!r}", "`context` for keyed hashes only",
               "Remove the key.")  # fmt: skip


def _check_placed(reading: Reading, dataset: DatasetConfig, schema: Schema) -> None:
    if schema.counted:
        return
    roles = {c.role for c in schema.columns if c.name in dataset.columns}
    if "place" in roles or {"latitude", "longitude"} <= roles or dataset.coverage is not None:
        return
    for column in placed_columns(schema.columns):
        at = _path(dataset, column.name)
        if at is not None:
            what = column.name if column.derived and column.name in PLACE_COLUMNS else column.generalise
            reading.report(
                f"datasets/{dataset.name}.toml", (*at, "generalise" if column.generalise in BY_PLACE else "name"),
                f"the {what} of each row, and nothing that says where a row is",
                'a column with `role = "place"` (the name of a town), two with the roles latitude and longitude, or '
                "[coverage] of an agency for one town",
                "Declare one of them: the town is found by it, and it is not published itself.",
            )  # fmt: skip


def _check_anonymity(reading: Reading, dataset: DatasetConfig, schema: Schema) -> None:
    declared = dataset.anonymity
    if declared is None:
        return
    file = f"datasets/{dataset.name}.toml"
    names = [c.name for c in schema.columns]
    for key, listed in (("quasi", declared.quasi), ("sensitive", declared.sensitive)):
        for index, name in _unknown(listed, names):
            reading.report(
                file, ("anonymity", key, index), f"the column {name!r}", ", ".join(names),
                did_you_mean(name, names) or "Name columns of the schema.",
            )  # fmt: skip
    both = sorted(set(declared.quasi) & set(declared.sensitive))
    if both:
        reading.report(
            file, ("anonymity", "sensitive"), f"{' and '.join(both)} among both quasi and sensitive", "one of the two",
            "A column that others know of a person is quasi; one that they are not to learn is sensitive.",
        )  # fmt: skip
    if declared.withhold and schema.counted:
        reading.report(
            file, ("anonymity", "withhold"), f"withhold = {declared.withhold} for rows that are counted as well",
            "withhold in data sets that are not counted: from a count, the rows that are missing could be had",
            "Remove the key, and say the columns more coarsely.",
        )  # fmt: skip
    if declared.l > 1 and not declared.sensitive:
        reading.report(
            file, ("anonymity", "l"), f"l = {declared.l} and no sensitive column", "l with `sensitive = [...]`",
            "Name the columns that are to be diverse among rows alike, or remove l.",
        )  # fmt: skip


def _unknown(listed: Iterable[str], names: list[str]) -> list[tuple[int, str]]:
    return [(index, name) for index, name in enumerate(listed) if name not in names]
