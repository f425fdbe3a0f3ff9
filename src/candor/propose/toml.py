"""A proposal as `datasets/<name>.toml`: text that its owner reads, with a comment on every decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from candor.portal.declared import SourceConfig
from candor.portal.toml_text import comment, toml_list, toml_table, toml_value
from candor.propose.flags import Flags
from candor.propose.mapping import LeftOut, Mapped
from candor.propose.own import OwnColumn
from candor.propose.selection import Selection
from candor.sources.registry import title_of_format

_RULE = "# " + "-" * 74 + "\n"


@dataclass(frozen=True)
class Head:
    """What stands above the columns."""

    id: str
    title: str
    file: str
    rows: int
    source: SourceConfig

    def in_projection(self, epsg: int | None) -> Head:
        """The same, of a source whose coordinates are in that projection."""
        return replace(self, source=self.source.model_copy(update={"epsg": epsg}))


@dataclass(frozen=True)
class CoverageText:
    """`[coverage]` as proposed. Without an agency it is written as a comment."""

    agency: str
    places: Sequence[str] = ()
    place_names: str = ""
    first_month: str = ""
    last_month: str = ""
    gaps: Sequence[str] = ()
    remarks: Sequence[str] = ()


def standard_toml(
    head: Head,
    names: tuple[str, str],
    columns: Iterable[Mapped],
    left: Sequence[LeftOut],
    coverage: CoverageText,
    selection: Selection | None = None,
    flags: Flags | None = None,
) -> str:
    """The text of a data set with a standard schema. `names` are those of the schema and of the crosswalk, if any.

    `selection`: which rows count. `flags`: in which columns the agency marks rows.
    """
    selection = selection or Selection()
    schema, crosswalk = names
    parts = [
        opening(head),
        comment("A standard schema: it says which columns there are and which of them are published."),
        f"schema = {toml_value(schema)}\n",
    ]
    if crosswalk:
        parts += [
            comment("The file under crosswalks/ that says which standard category each call type stands for."),
            f"crosswalk = {toml_value(crosswalk)}\n",
            comment("Who read every line of it signs it before the first release: candor dataset sign, or here:"),
            '# crosswalk_review = { reviewed_by = "name, office", date = 2025-01-31 }\n',
        ]
    parts += [selection.weight_text, about(), source_text(head.source)]
    parts.append(section("Which column of the source is which"))
    for column in columns:
        parts += ["\n", *map(comment, column.remarks)]
        forms = (column.format, column.clock_format) if column.clock_format else (column.format,)
        parts.append(_mapping(column.name, column.sources, forms, column.labels, column.officer, column.precision))
    parts += [_left_out(left), selection.where_text, flags.text if flags else "", _coverage(coverage)]
    return "".join(parts)


def own_toml(
    head: Head,
    columns: Iterable[OwnColumn],
    left: Sequence[LeftOut],
    coverage: CoverageText,
    flags: Flags | None = None,
) -> str:
    """The text of a data set that declares its own schema. `flags`: in which columns the agency marks rows."""
    parts = [opening(head), about(), source_text(head.source)]
    parts += [
        section("The columns. `publish = true` is the allow list: everything else stays inside."),
        comment(
            "disclosure: identifier (never leaves but as a keyed hash), quasi (generalised), sensitive, open. "
            "generalise: hour, date, month, year; band10, band20, band, top; parent; town, county; hash: docs/rows.md. "
            "A column that is not published gives its reason to the public. Blanks at the ends of a cell, and doubled "
            "ones, are taken off when the file is read."
        ),
        '\n[schema]\n# What one row is.\nunit = "row"\nunit_plural = "rows"\n',
    ]
    proposed = list(columns)
    for own in proposed:
        c = own.column
        parts += ["\n", *map(comment, own.remarks), "[[schema.columns]]\n"]
        parts.append(f"name = {toml_value(c.name)}\nlabel = {toml_value(c.label)}\ntype = {toml_value(c.type)}\n")
        if c.role != "none":
            parts.append(f"role = {toml_value(c.role)}\n")
        parts.append(f"disclosure = {toml_value(c.disclosure)}\npublish = {toml_value(c.publish)}\n")
        if c.generalise != "none":
            parts.append(f"generalise = {toml_value(c.generalise)}\n")
        if c.reason:
            parts.append(f"reason = {toml_value(c.reason)}\n")
        parts += ["\n", _mapping(c.name, own.sources, own.formats, own.labels, (), own.precision)]
    # What stays inside and could be opened is named too: it is measured as soon as it is published.
    quasi = [c.name for c in (own.column for own in proposed)
             if c.disclosure == "quasi" and (c.publish or c.type in ("integer", "category"))]  # fmt: skip
    parts += [_left_out(left), flags.text if flags else "", _anonymity(quasi), _coverage(coverage)]
    return "".join(parts)


def opening(head: Head, unit: str = "rows") -> str:
    """The comment above, the id, the title, the description."""
    return (
        comment(
            f"{head.title}: proposed by `candor dataset add` from {head.file} ({head.rows:,} {unit}). Read it through, "
            "change what is wrong, then run `candor check`. A `#` begins a comment."
        )
        + "\n"
        + comment("The data set's number in the API. Made once; never change it after publishing.")
        + f"id = {toml_value(head.id)}\n\ntitle = {toml_value(head.title)}\n"
        + comment("What the data are, for readers who do not know them.")
        + 'description = ""\n'
    )


def about() -> str:
    """Licence and caveats."""
    return (
        comment("Under which terms readers may use the data.")
        + 'licence = ""\n'
        + comment("What readers must know before they draw conclusions, one sentence each.")
        + "caveats = []\n"
    )


def source_text(source: SourceConfig, kind: str = "") -> str:
    """`[source]`; `kind` is its first line, where it is not the usual one."""
    return (
        section("The file")
        + f"\n[source]\n{kind}"
        + comment("Relative to the portal's folder, or absolute.")
        + f"path = {toml_value(source.path)}\n"
        + _written(source)
        + _projection(source)
        + comment("Cells that hold nothing.")
        + f"missing = {toml_list(source.missing)}\n"
        + comment("The header when the data set was added: what is new or gone is told.")
        + f"columns = {toml_list(source.columns)}\n"
    )


def _written(source: SourceConfig) -> str:
    """How the file is written, where its content does not say that by itself."""
    if source.format:
        lines = comment(f"Its content is recognised at each reading ({title_of_format(source.format)}).")
        lines += f"sheet = {toml_value(source.sheet)}\n" if source.sheet else ""
        return lines + (f"records = {toml_value(source.records)}\n" if source.records else "")
    return (
        f"encoding = {toml_value(source.encoding)}\n"
        f"delimiter = {toml_value(source.delimiter)}\nquote = {toml_value(source.quote)}\n" + _lies(source)
    )


def _projection(source: SourceConfig) -> str:
    if source.epsg is None:
        return ""
    return comment("The map projection that the coordinates are in (EPSG's number).") + f"epsg = {source.epsg}\n"


def _lies(source: SourceConfig) -> str:
    """Where the table lies in the file, where it does not begin with a header."""
    above = comment("Lines above the header, or above the first row.") + f"skip = {source.skip}\n"
    unnamed = comment("No line names the columns: `columns` does.") + "header = false\n"
    return (above if source.skip else "") + ("" if source.header else unnamed)


def _mapping(
    name: str,
    sources: Sequence[str],
    forms: Sequence[str],
    labels: dict[str, str],
    officer: Sequence[str],
    precision: str = "",
) -> str:
    read = toml_value(sources[0]) if len(sources) == 1 else toml_list(sources)
    text = f"[columns.{name}]\nfrom = {read}\n"
    if any(forms):
        text += f"format = {toml_value(forms[0]) if len(forms) == 1 else toml_list(forms)}\n"
    if precision:
        text += comment("How exactly the source knows the time: no row says more.")
        text += f"precision = {toml_value(precision)}\n"
    if officer:
        text += comment("Labels that mean: the officer began the call.") + f"officer = {toml_list(officer)}\n"
    if labels:
        text += f"\n# Found label = the one that is kept.\n[columns.{name}.labels]\n{toml_table(labels)}"
    return text


def _left_out(left: Sequence[LeftOut]) -> str:
    if not left:
        return ""
    lines = "".join(comment(f"{' '.join(c.source.split())}: {c.reason}.", indent="  ") for c in left)
    return "\n" + comment("Left out; nothing of these columns is read:") + lines


def _anonymity(quasi: Sequence[str]) -> str:
    if not quasi:
        return ""
    return (
        section("How alike the rows have to be")
        + comment(
            "Who knows these facts of a person, and that the person is here, finds as many rows as are alike in them. "
            "Where a row is about a person, take the `#` away: then nothing is published while fewer than k rows are "
            "alike. `candor check` says how alike they are, and what to change."
        )
        + f"\n# [anonymity]\n# k = 5\n# quasi = {toml_list(quasi)}\n".replace("\n  ", "\n#   ").replace("\n]", "\n# ]")
    )


def _coverage(coverage: CoverageText) -> str:
    text = section("Whose data, for which towns, for which months")
    text += comment(
        "A town and month that is covered and has no row is a zero; one that is not covered is not. Months in which "
        "the agency sent nothing belong in gaps."
    )
    lines = "[coverage]\n"
    lines += f"agency = {toml_value(coverage.agency or 'Name of the agency')}\n"
    if coverage.place_names:
        lines += comment(coverage.place_names)
    lines += f"places = {toml_list(coverage.places)}\n"
    if coverage.first_month:
        lines += f"first_month = {toml_value(coverage.first_month)}\nlast_month = {toml_value(coverage.last_month)}\n"
    lines += f"gaps = {toml_list(coverage.gaps)}\n"
    if not coverage.agency:
        lines = "".join(line if line.startswith("#") else f"# {line}" for line in lines.splitlines(keepends=True))
    return text + "".join(map(comment, coverage.remarks)) + "\n" + lines


def section(title: str) -> str:
    """A line across, and what follows."""
    return "\n" + _RULE + comment(title)
