"""The one entry to a portal on disk: its text read, and held against the schemas, the categories and the places."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from candor.errors import PortalError, Problem
from candor.portal.coverage import agencies
from candor.portal.load import Reading, read_portal
from candor.portal.model import DatasetConfig, Portal
from candor.portal.point_forms import is_coordinate
from candor.portal.schema_model import OwnSchema, Schema
from candor.portal.words import did_you_mean
from candor.profiles.benchmarks import check_benchmarks
from candor.profiles.catalogue import RESERVED, schema_of, standard_schemas, unknown_schema
from candor.profiles.check_counts import check_counts, unknown_place
from candor.profiles.check_declared import check_categories, check_columns
from candor.profiles.check_points import check_point_form
from candor.profiles.check_rows import check_key, check_rows
from candor.profiles.check_selection import check_selection
from candor.profiles.check_settling import check_settling
from candor.profiles.check_texts import check_texts
from candor.profiles.check_times import check_times
from candor.profiles.own import kinds_of
from candor.profiles.profile import Kind, standard_kinds
from candor.profiles.taxonomy import Taxonomy


def open_portal(root: Path) -> Portal:
    """The portal in the folder `root`, checked.

    Raises one `PortalError` with every mistake in `portal.toml`, `datasets/*.toml`, `crosswalks/*.csv`, and in what
    they say of each other, of the standard schemas and categories, and of the places in `places/places.csv`.
    """
    reading = read_portal(root)
    geoids = _geoids(root)
    kinds = _kinds(reading, root)
    by_schema = check_categories(reading, kinds)
    taxonomies = _with_own_profiles(reading, kinds) | {
        d.crosswalk: by_schema[d.schema_]
        for d in reading.datasets.values()
        if isinstance(d.schema_, str) and d.schema_ in by_schema
    }
    usual = next(iter(by_schema.values()))
    for name in reading.crosswalks:
        _check_crosswalk(reading, name, taxonomies.get(name, usual))
    schemas = {}
    for dataset in reading.datasets.values():
        schema = _schema(reading, dataset)
        if schema:
            schemas[dataset.name] = schema
            _check_mapping(reading, dataset, schema)
            _check_counted(reading, dataset, schema)
            check_rows(reading, dataset, schema)
            check_settling(reading, dataset, schema)
            check_selection(reading, dataset, schema)
        _check_coverage(reading, dataset, geoids)
    check_key(reading, schemas)
    for counts in reading.counts.values():
        check_counts(reading, counts, kinds, geoids)
    check_texts(reading, kinds)
    if reading.config is not None:
        reading.problems += check_benchmarks(reading.config, kinds)
    if reading.problems or reading.config is None:
        raise PortalError(sorted(reading.problems, key=_position))
    return Portal(
        root=root,
        config=reading.config,
        declared=reading.declared,
        crosswalks=reading.crosswalks,
        reviews=reading.reviews,
    )


def _with_own_profiles(reading: Reading, kinds: Mapping[str, Kind]) -> dict[str, Taxonomy]:
    """Give the data sets of the portal's own profiles of rows their schema; by crosswalk, the categories of these."""
    taxonomies = {}
    for kind in kinds.values():
        if kind.own and kind.rows:
            for dataset in reading.datasets.values():
                if dataset.schema_ == kind.rows.name:
                    reading.declared[dataset.name] = dataset.with_profile(kind.rows)
                    taxonomies[dataset.crosswalk] = kind.taxonomy
    return taxonomies


def _kinds(reading: Reading, root: Path) -> Mapping[str, Kind]:
    try:
        return kinds_of(root)
    except PortalError as error:
        reading.problems += error.problems
        return standard_kinds()


def _position(problem: Problem) -> tuple[bool, str, int]:
    file, _, rest = problem.where.partition(":")
    line = re.match(r"\d+", rest)
    return file != "portal.toml", file, int(line[0]) if line else 0


def _schema(reading: Reading, dataset: DatasetConfig) -> Schema | None:
    file, declared = f"datasets/{dataset.name}.toml", dataset.schema_
    if isinstance(declared, str):
        if dataset.of_profile is None and declared not in standard_schemas():
            reading.problems.append(unknown_schema(reading.where(file, "schema"), declared))
            return None
        return check_columns(reading, dataset, schema_of(dataset))
    own = _own_schema(reading, file, dataset, declared)
    return check_columns(reading, dataset, own) if own else None


def _own_schema(reading: Reading, file: str, dataset: DatasetConfig, declared: OwnSchema) -> Schema | None:
    names = [c.name for c in declared.columns]
    right = True
    for index, column in enumerate(declared.columns):
        at = ("schema", "columns", index, "name")
        if column.name in names[:index]:
            right = False
            reading.report(
                file, at, f"a second column {column.name!r}", "each column name once", "Rename one of the two."
            )
        if column.name in RESERVED and not column.derived:
            reading.report(
                file, at, f"the column name {column.name!r}", "any name but " + ", ".join(sorted(RESERVED)),
                f"Every row gets a column of that name on its way. Call yours {column.name}_recorded, for example.",
            )  # fmt: skip
        once = column.role not in ("none", "sensitive_flag")
        if once and column.role in [c.role for c in declared.columns[:index]]:
            reading.report(
                file, (*at[:-1], "role"), f"a second column with the role {column.role!r}", "each role once",
                "Keep it on the column that the rows are about.",
            )  # fmt: skip
        if column.publish and not column.derived and column.name not in dataset.columns and dataset.columns:
            reading.report(
                file, at, f"no mapping of {column.name!r}, which is published", "every published column mapped",
                f'Write [columns.{column.name}] with `from = "..."`, or take the column out.',
            )  # fmt: skip
    if not any(c.name in dataset.columns for c in declared.columns):
        reading.report(
            file, ("columns",), "a schema of which no column is mapped",
            'at least one [columns.<name>] with `from = "..."`',
            "Say which column of the source each column of the schema is read from.",
        )  # fmt: skip
    return schema_of(dataset) if right else None


def _check_mapping(reading: Reading, dataset: DatasetConfig, schema: Schema) -> None:
    file = f"datasets/{dataset.name}.toml"
    many = bool(dataset.coverage and dataset.coverage.file)
    readable = [c.name for c in schema.columns if not c.derived or (many and c.name == "agency")]
    for name, mapping in dataset.columns.items():
        column = schema.column(name)
        if column is None or name not in readable:
            hint = did_you_mean(name, readable) or "Remove the mapping, or correct its name."
            why = " (made on the way, not read)" if column else ""
            reading.report(file, ("columns", name), f"a mapping of {name!r}{why}", ", ".join(readable), hint)
            continue
        for source in mapping.sources if dataset.source.columns else ():
            if source not in dataset.source.columns:
                reading.report(
                    file, ("columns", name, "from"), f"the source column {source!r}",
                    ", ".join(dataset.source.columns),
                    did_you_mean(source, dataset.source.columns)
                    or "Name a column of [source] columns, or correct that list where the file's header has changed.",
                )  # fmt: skip
        if is_coordinate(column.type):
            check_point_form(reading, dataset, name, mapping)
        elif mapping.format and column.type not in ("date", "timestamp"):
            reading.report(
                file, ("columns", name, "format"), f"a format for a column of type {column.type}",
                "a format for dates, times and coordinates only", "Remove the key.",
            )  # fmt: skip
        else:
            check_times(reading, dataset, column, mapping)
        if mapping.officer and column.role != "initiated_by":
            reading.report(
                file, ("columns", name, "officer"), "labels that mean: the officer began it",
                "such labels in a column of the role initiated_by", "Move them, or remove the key.",
            )  # fmt: skip
    for column in schema.columns:
        needed = column.required and not column.derived
        if (needed or (many and column.name == "agency")) and column.name not in dataset.columns:
            reading.report(
                file, ("columns",), f"no mapping of {column.name!r}",
                f"{column.name} mapped: {column.description.removesuffix('.')}",
                f'Write [columns.{column.name}] with `from = "..."`.',
            )  # fmt: skip


def _check_counted(reading: Reading, dataset: DatasetConfig, schema: Schema) -> None:
    file = f"datasets/{dataset.name}.toml"
    if schema.counted and dataset.coverage is None:
        reading.report(
            file, ("coverage",), "no [coverage]", "the agency, the towns that it covers and its months",
            "Write [coverage] with agency, places, first_month, last_month: without them a zero cannot be told from "
            "nothing sent.",
        )  # fmt: skip
    if schema.counted and not dataset.crosswalk:
        reading.report(
            file, ("crosswalk",), "no crosswalk", "the name of a CSV file under crosswalks/",
            "Write `crosswalk = \"...\"`: it says which standard category each call type stands for.",
        )  # fmt: skip
    elif dataset.crosswalk and not schema.with_role("category"):
        reading.report(
            file, ("crosswalk",), f"the crosswalk {dataset.crosswalk!r}",
            "a crosswalk where a column has the role category",
            "Remove the key.",
        )  # fmt: skip
    elif dataset.crosswalk and dataset.crosswalk not in reading.crosswalks:
        known = list(reading.crosswalks)
        reading.report(
            file, ("crosswalk",), f"the crosswalk {dataset.crosswalk!r}",
            "a CSV file under crosswalks/" + (f": {', '.join(known)}" if known else ""),
            did_you_mean(dataset.crosswalk, known) or "Write the file, or correct its name.",
        )  # fmt: skip


def _check_crosswalk(reading: Reading, name: str, taxonomy: Taxonomy) -> None:
    where = f"crosswalks/{name}"
    for entry in reading.crosswalks[name]:
        category = taxonomy.get(entry.category) if entry.category else taxonomy.unmapped
        if category is None:
            reading.problems.append(
                Problem(
                    f"{where}:{entry.line}: category", f"the category {entry.category!r}",
                    "a slug of the standard categories, or nothing where it is not known",
                    did_you_mean(entry.category, taxonomy.slugs) or f"The categories are: {', '.join(taxonomy.slugs)}.",
                )
            )  # fmt: skip
        elif entry.sensitivity == "open" and category.sensitivity == "sensitive":
            of = f"of the category {category.slug}" if entry.category else "of what is not mapped"
            reading.problems.append(
                Problem(
                    f"{where}:{entry.line}: sensitivity", f"'open' for a call type {of}, which is sensitive",
                    "sensitive, or nothing: a portal may tighten the sensitivity of a category, never loosen it",
                    "Leave it empty, or map the call type to the open category that it belongs to.",
                )
            )  # fmt: skip


def _check_coverage(reading: Reading, dataset: DatasetConfig, geoids: frozenset[str] | None) -> None:
    file, coverage = f"datasets/{dataset.name}.toml", dataset.coverage
    if coverage is None:
        return
    try:
        covered = agencies(dataset, reading.root)
    except PortalError as error:
        reading.problems += error.problems
        return
    if geoids is None:
        return
    for index, geoid in enumerate(coverage.places):
        if geoid not in geoids:
            reading.report(file, ("coverage", "places", index), *unknown_place(geoid, geoids))
    if coverage.file:
        reading.problems += [
            Problem(f"{coverage.file}: {agency.agency}", *unknown_place(geoid, geoids))
            for agency in covered
            for geoid in agency.places
            if geoid and geoid not in geoids
        ]


def _geoids(root: Path) -> frozenset[str] | None:
    """The GEOIDs of the places pack; None where there is none, or where it cannot be read (its own reader says why)."""
    try:
        with (root / "places" / "places.csv").open(encoding="utf-8", newline="") as file:
            return frozenset(row.get("geoid") or "" for row in csv.DictReader(file)) - {""}
    except (OSError, UnicodeDecodeError):
        return None
