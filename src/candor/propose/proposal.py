"""`dataset add`: a data set proposed from an export, for its owner to read, and what the proposal is unsure of."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from candor.errors import DataError
from candor.portal.schema_model import Role, Schema
from candor.portal.time_forms import finest
from candor.portal.write import new_id
from candor.privacy.people.file_names import file_names_somebody
from candor.profiles.catalogue import OFFENCES_BY_PLACE, standard_schemas
from candor.profiles.taxonomy import Taxonomy
from candor.propose import people
from candor.propose.coverage import Area, Towns, area
from candor.propose.crosswalk import Match, crosswalk_text, match_types, types_once
from candor.propose.flags import flags_of_own, with_flags
from candor.propose.hours import with_hours
from candor.propose.keys import with_key
from candor.propose.kind_of_file import KindOfFile, kind_of_file
from candor.propose.kinds import matched_by
from candor.propose.mapping import StandardMapping, map_columns
from candor.propose.own import own_schema
from candor.propose.place_column import with_place
from candor.propose.point_reading import Reading, points
from candor.propose.points import with_points
from candor.propose.profiling import Profile, profile
from candor.propose.result import Proposal
from candor.propose.selection import Selection, propose_selection
from candor.propose.time import WholeMonths, months_of_rows, whole_months
from candor.propose.toml import CoverageText, Head, own_toml, standard_toml
from candor.propose.type_column import with_type_column
from candor.sources.base import Landed
from candor.sources.registry import examine

__all__ = ["Proposal", "Towns", "propose", "title_of"]


def propose(
    name: str,
    file: Path,
    scratch: Path,
    *,
    schema: Schema | None,
    taxonomy: Taxonomy | None = None,
    towns: Towns | None,
    zone: str,
    agency: str = "",
    path: str = "",
    taken: Collection[str] = (),
    of_counts: Callable[[], Proposal] | None = None,
) -> Proposal:
    """Propose the data set `name` from the export `file`: with a standard `schema`, or with the one that fits.

    `taxonomy`: the categories, where they are not those of the schema's profile.
    Without a schema the file tells: one of the product's, one of its own, or, where `of_counts` proposes these, counts.

    `scratch` is a folder for what is read on the way; `zone` the portal's time zone; `path` what is written as the
    source's path; `taken` the ids of the portal's data sets. Raises what reading a source raises.
    """  # fmt: skip
    source, landed = examine(file, scratch / f"{name}.proposed.parquet")
    try:
        found = profile(landed.path, zone)
        if not any(c.values for c in found.columns):
            why = f" ({landed.unreadable[0].reason})" if landed.unreadable else ""
            raise DataError(
                f"{file.name}: nothing can be read of its {landed.read:,} rows{why}",
                "rows with as many cells as the header",
                "Look whether the export puts quotes around cells that hold its delimiter.",
            )
        source = source.model_copy(update={"path": path or str(file), "missing": ("", *found.missing)})
        head = Head(new_id(taken), title_of(name), file.name, landed.read, source)
        export = _Export(name, head, landed, found, towns, zone, agency)
        if schema is not None:
            return _standard(export, schema, taxonomy or matched_by(schema.name))
        kind = kind_of_file(found, file.name)
        if kind.schema == OFFENCES_BY_PLACE and of_counts:
            return _found_to_be(of_counts(), kind)
        declared = standard_schemas().get(kind.schema)
        return _found_to_be(_standard(export, declared, matched_by(declared.name)), kind) if declared else _own(export)
    finally:
        landed.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Export:
    """What is known of the export, and where it goes."""

    name: str
    head: Head
    landed: Landed
    profile: Profile
    towns: Towns | None
    zone: str
    agency: str

    def months(self, column: str, format_: str) -> WholeMonths:
        """The whole months of a column of dates; none where there is no such column."""
        if not column:
            return WholeMonths("", "", (), ())
        today = datetime.now(ZoneInfo(self.zone)).date()
        found = self.profile.column(column)
        days_known = finest(format_) != "month" and not found.moments.firsts
        return whole_months(months_of_rows(self.landed.path, column, format_, self.zone, today), days_known=days_known)

    def names(self, where: Area) -> str:
        """The names of the towns proposed."""
        return ", ".join(self.towns.name(g) for g in where.geoids) if self.towns else ""

    @property
    def place_names(self) -> frozenset[str]:
        """The names of the portal's places, in small letters."""
        named = self.towns.places["name"].to_pylist() if self.towns else []
        return frozenset(str(name).lower() for name in named)

    @property
    def doubts(self) -> list[str]:
        """What is odd about the file itself."""
        source, unreadable = self.head.source, self.landed.unreadable
        said = list(self.landed.notes)
        if file_names_somebody(self.head.file, self.place_names):
            said.append("The file's name reads like a person's: rename it. A release is refused until then.")
        said += [f"{u.rows:,} lines cannot be read ({u.reason}; the first is line {u.first_line})." for u in unreadable]
        if source.encoding != "utf-8":
            said.append(f"The file is not UTF-8; {source.encoding} is proposed: look whether accents are right.")
        if len(source.missing) > 1:
            said.append(f"{', '.join(map(repr, source.missing[1:]))} is taken to mean that a cell holds nothing.")
        return said


def _found_to_be(proposal: Proposal, kind: KindOfFile) -> Proposal:
    """The proposal, beginning with what the file was taken for and why."""
    said = f"Taken for {kind.schema.replace('_', ' ')} because {kind.why}. Is it something else, --schema says so."
    return replace(proposal, unsure=(said, *proposal.unsure))


def _standard(export: _Export, schema: Schema, taxonomy: Taxonomy) -> Proposal:
    mapping = with_type_column(map_columns(export.profile, schema), export.profile, schema, taxonomy)
    mapping = with_hours(mapping, export.landed, export.zone)
    where = with_points(mapping, export.profile, schema, export.landed.path, export.towns, export.head.source.epsg)
    mapping, head = where.mapping, export.head.in_projection(where.reading.epsg if where.reading else None)
    mapping = with_place(mapping, export.profile, schema, export.towns)
    mapping, selection, counting = _counting(mapping, export, schema)
    mapping, flags = with_flags(mapping, export.profile, schema, selection.columns)
    matches = _matches(mapping, export.profile, schema, taxonomy)
    crosswalk = f"{export.name}.csv" if matches is not None else ""
    coverage, unsure = _coverage(export, schema, mapping, where.reading)
    types = matches or ()
    said = [
        *export.doubts,
        *counting,
        *flags.said,
        *mapping.unsure,
        *where.unsure,
        *_about_agencies(export.profile, schema),
        *unsure,
    ]
    said += [f"{m.call_type!r} ({m.rows:,} rows): {m.note}." for m in types if m.note and m.why != people.NAMED]
    if named := sum(m.why == people.NAMED for m in types):
        said.append(
            f"{named:,} call types read like persons' names or addresses: they are not mapped, and their rows are not "
            f'published. The column "why" of crosswalks/{crosswalk} marks them.'
        )
    return Proposal(
        name=export.name,
        toml_text=standard_toml(
            head, (schema.name, crosswalk), mapping.columns, mapping.left_out, coverage, selection, flags
        ),
        crosswalk_text=crosswalk_text(types) if crosswalk else None,
        rows=export.landed.read,
        mapped={m.name: " + ".join(m.sources) for m in mapping.columns},
        left_out=tuple(c.source for c in mapping.left_out),
        call_types=len(types),
        unmapped_types=tuple(m.call_type for m in types if not m.category),
        unsure=tuple(said),
    )


def _counting(
    mapping: StandardMapping, export: _Export, schema: Schema
) -> tuple[StandardMapping, Selection, list[str]]:
    """The mapping with a key that tells rows apart, which rows count, and what is said of both."""
    deciding = {name for m in mapping.columns for name in m.sources
                if (column := schema.column(m.name)) and column.role != "none"}  # fmt: skip
    selection = propose_selection(export.profile, deciding, reports=schema.with_role("case") is not None)
    keyed = with_key(mapping, export.profile, schema, export.landed.path, selection)
    left = tuple(c for c in keyed.mapping.left_out if c.source not in selection.columns)
    return replace(keyed.mapping, left_out=left), selection, [*selection.said, *keyed.said]


def _own(export: _Export) -> Proposal:
    proposed, flags = flags_of_own(export.profile, own_schema(export.profile, export.place_names))
    time = next((c for c in proposed.columns if c.column.role == "time"), None)
    months = export.months(time.source, time.format) if time else export.months("", "")
    where = area(export.name, export.towns) if export.towns else Area()
    optional = "Optional for rows that are not counted: written as a comment until the agency is known."
    coverage = CoverageText(
        agency=export.agency,
        places=where.geoids,
        place_names=export.names(where),
        first_month=months.first,
        last_month=months.last,
        remarks=[] if export.agency else [optional],
    )
    said = [*export.doubts, *flags.said, *proposed.unsure]
    said.append(
        "One row is called a row: say what it is under [schema] unit. No key is declared: no row is a duplicate."
    )
    return Proposal(
        name=export.name,
        toml_text=own_toml(export.head, proposed.columns, proposed.left_out, coverage, flags),
        crosswalk_text=None,
        rows=export.landed.read,
        mapped={c.column.name: " + ".join(c.sources) for c in proposed.columns},
        left_out=tuple(c.source for c in proposed.left_out),
        call_types=0,
        unmapped_types=(),
        unsure=tuple(said),
    )


def _matches(mapping: StandardMapping, found: Profile, schema: Schema, taxonomy: Taxonomy) -> tuple[Match, ...] | None:
    """The crosswalk's lines; None where the schema has no categories."""
    category = schema.with_role("category")
    if not (schema.counted and category):
        return None
    source = mapping.source_of(category.name)
    if not source:
        return ()
    return people.naming_nobody(match_types(types_once(found.column(source).labels), taxonomy))


def _coverage(
    export: _Export, schema: Schema, mapping: StandardMapping, reading: Reading | None
) -> tuple[CoverageText, list[str]]:
    def source_of(role: Role) -> str:
        column = schema.with_role(role)
        return mapping.source_of(column.name) if column else ""

    time = next((m for m in mapping.columns if m.source == source_of("time")), None)
    months = export.months(time.source, time.format) if time else export.months("", "")
    unsure = list(months.remarks)
    if months.gaps:
        unsure.append(f"No rows in {', '.join(months.gaps)}: written as gaps. Was nothing sent, or was there nothing?")
    if export.towns:
        typed = export.profile.column(source_of("place")) if source_of("place") else None
        found = points(export.landed.path, reading) if reading else None
        where = area(export.name, export.towns, points=found, typed=typed)
    else:
        where = Area(unsure=("The portal has no places yet: write the GEOIDs of the agency's towns under [coverage].",))
    agency = export.agency
    if not agency:
        agency = f"{title_of(export.name).removesuffix(' calls')} police"
        unsure.append(
            f"The agency is called {agency!r}, after the data set's name: --agency or [coverage] agency says better."
        )
    text = CoverageText(
        agency=agency,
        places=where.geoids,
        place_names=export.names(where),
        first_month=months.first,
        last_month=months.last,
        gaps=months.gaps,
        remarks=[*where.remarks, *months.remarks],
    )
    return text, [*unsure, *where.unsure]


def _about_agencies(found: Profile, schema: Schema) -> list[str]:
    """Whether the file seems to be that of many agencies."""
    declared = schema.column("agency")
    synonyms = {s.replace(" ", "") for s in declared.synonyms} if declared else set()
    return [
        f"{column.name} names {column.distinct} agencies: for a file that agencies share, write [coverage] file and "
        "map `agency`."
        for column in found.columns
        if column.distinct > 1 and "".join(c for c in column.name.lower() if c.isalnum()) in synonyms
    ]


def title_of(name: str) -> str:
    """A data set's name as a title."""
    words = name.replace("-", " ")
    return words[:1].upper() + words[1:]
