"""The reference pages, written from the code: `python -m scripts.reference docs/reference`.

A test compares the files with what this writes, so that the pages cannot lag behind.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Protocol, cast

import typer
from pydantic import BaseModel

from candor.cli.app import app
from candor.portal import config_model, counts_model, declared, model, schema_model, selection_model
from candor.privacy.records.hierarchies import says
from candor.profiles.catalogue import standard_schemas
from candor.profiles.parts import counted_in
from candor.profiles.profile import standard_kinds, standard_taxonomy
from candor.profiles.published import made_by_portal

_WRITTEN = "<!-- Written by `make docs` from the code. Change the code, not this file. -->\n\n"


class Parameter(Protocol):
    """What is read of an option or an argument of a command."""

    name: str | None
    opts: Sequence[str]
    metavar: str | None
    param_type_name: str
    required: bool
    default: object


class Command(Protocol):
    """What is read of a command."""

    name: str | None
    help: str | None
    params: Sequence[Parameter]


def pages() -> dict[str, str]:
    """File name -> text of every reference page."""
    return {
        "commands.md": _WRITTEN + _commands(),
        "configuration.md": _WRITTEN + _configuration(),
        "schemas.md": _WRITTEN + _schemas(),
        "categories.md": _WRITTEN + _categories(),
        "published.md": _WRITTEN + _published(),
    }


def _commands() -> str:
    lines = ["# Commands", "", "Exit codes: 0 well, 1 the data or the gate says no, 2 the call was wrong.", ""]
    for name, command in _walk(cast("Command", typer.main.get_command(app)), "candor"):
        lines += [f"## `{name}`", "", command.help or "", ""]
        parameters = [p for p in command.params if p.name != "help"]
        if parameters:
            lines += ["| | | default |", "|---|---|---|"]
            lines += [_parameter(p) for p in parameters]
            lines.append("")
    return "\n".join(lines)


def _walk(command: Command, name: str) -> Iterator[tuple[str, Command]]:
    children = getattr(command, "commands", None)
    if children:
        for child in children.values():
            yield from _walk(child, f"{name} {child.name}")
    else:
        yield name, command


def _parameter(parameter: Parameter) -> str:
    is_option = parameter.param_type_name == "option"
    shown = ", ".join(parameter.opts) if is_option else (parameter.metavar or (parameter.name or "").upper())
    default = (
        "required"
        if parameter.required
        else ("" if parameter.default in (None, "", False) else f"`{parameter.default}`")
    )
    return f"| `{shown}` | {getattr(parameter, 'help', None) or ''} | {default} |"


def _configuration() -> str:
    parts = (
        ("`portal.toml`", config_model.PortalConfig), ("`[privacy]`", config_model.PrivacyConfig),
        ("`[spark]`", config_model.SparkConfig),
        ("`[withdrawal]`", config_model.WithdrawalConfig), ("`[[denominators]]`", config_model.DenominatorConfig),
        ("`datasets/<name>.toml`", model.DatasetConfig), ("`[source]`", declared.SourceConfig),
        ("`[disclosure.<column>]`", model.ColumnRule), ("`[categories.<slug>]`", model.CategoryRule),
        ("`[reviewed.<column>]`", declared.Review),
        ("`[accepted.<guard>]`", declared.Acceptance),
        ("`[columns.<name>]`", model.ColumnMapping), ("`[coverage]`", model.CoverageConfig),
        ("`[where.<source column>]`", selection_model.WhereRule),
        ("`[flags.<source column>]`", selection_model.FlagRule),
        ("`[anonymity]`", model.AnonymityConfig),
        ("`[schema]` of a data set's own", schema_model.OwnSchema), ("`[[schema.columns]]`", schema_model.SchemaColumn),
        ("`crosswalks/<name>.csv`", model.CrosswalkEntry),
        ("`datasets/<name>.toml` of counts without rows", counts_model.CountsConfig),
        ("`[columns]` of counts without rows", counts_model.CountsColumns),
    )  # fmt: skip
    lines = ["# Configuration", "", "A key that is not listed here is a mistake, and is told.", ""]
    for title, part in parts:
        lines += [
            f"## {title}",
            "",
            (part.__doc__ or "").strip().splitlines()[0],
            "",
            "| key | type | default | |",
            "|---|---|---|---|",
        ]
        lines += list(_fields(part))
        lines.append("")
    return "\n".join(lines)


def _fields(part: type[BaseModel]) -> Iterator[str]:
    for name, info in part.model_fields.items():
        if part is model.CrosswalkEntry and name == "line":
            continue
        default = "required" if info.is_required() else f"`{info.get_default(call_default_factory=True)!r}`"
        if isinstance(info.default, BaseModel):
            default = "see its section"
        kind = (
            str(info.annotation)
            .replace("typing.", "")
            .replace("candor.portal.model.", "")
            .replace("candor.portal.config_model.", "")
            .replace("candor.portal.schema_model.", "")
            .replace("candor.portal.selection_model.", "")
            .replace("candor.portal.declared.", "")
            .replace("datetime.", "")
        )
        kind = kind.removeprefix("<class '").removesuffix("'>").replace("|", "\\|")
        yield f"| `{info.alias or name}` | `{kind}` | {default} | {info.description or ''} |"


def _schemas() -> str:
    lines = ["# Standard schemas", "", "Public columns are an allow list. Everything else stays inside.", ""]
    for schema in standard_schemas().values():
        lines += [
            f"## `{schema.name}`",
            "",
            schema.description,
            "",
            "| column | type | class | published | |",
            "|---|---|---|---|---|",
        ]
        for column in schema.columns:
            exact = "" if column.generalise == "none" else f": {says(column)}"
            published = f"yes{exact}" if column.publish else "no"
            words = column.description if column.publish else f"{column.description} {column.reason}"
            lines.append(f"| `{column.name}` | {column.type} | {column.disclosure} | {published} | {words.strip()} |")
        lines.append("")
    return "\n".join(lines)


def _categories() -> str:
    lines = [
        "# Standard categories of calls",
        "",
        "| group | category | | begun by | sensitive | released as |",
        "|---|---|---|---|---|---|",
    ]
    for c in standard_taxonomy("calls").categories:
        sensitive = f"yes: {c.reason}" if c.sensitivity == "sensitive" else f"no. {c.reason}".removesuffix(". ")
        lines.append(
            f"| {c.group_label} | `{c.slug}` {c.label} | {c.definition} | {c.initiated_by} "
            f"| {sensitive} | {c.release} |"
        )
    lines += [
        "",
        "# Standard categories of verified offences",
        "",
        "A list of its own: an offence is what the police recorded after looking into it, never a call.",
        "",
        "| group | category | | calls of the same kind | sensitive |",
        "|---|---|---|---|---|",
    ]
    for o in standard_taxonomy("offences").categories:
        sensitive = f"yes: {o.reason}" if o.sensitivity == "sensitive" else "no"
        calls = ", ".join(f"`{c}`" for c in o.call_categories)
        lines.append(f"| {o.group_label} | `{o.slug}` {o.label} | {o.definition} | {calls} | {sensitive} |")
    return "\n".join(lines) + "\n"


def _published() -> str:
    lines = ["# Data sets that the portal makes itself", ""]
    for name, words in made_by_portal().items():
        lines += [f"## `{name}`", "", words["description"], "", "| column | type | |", "|---|---|---|"]
        lines += [f"| `{c['name']}` | {c['type']} | {c['description']} |" for c in words["columns"]]
        lines += _of_parts(name, {c["name"] for c in words["columns"]})
        lines.append("")
    return "\n".join(lines)


def _of_parts(name: str, known: Collection[str]) -> list[str]:
    """The columns of a table that are there where several rows may be of one event."""
    tables = (counted_in(k, several=True).tables.get(name, {}) for k in standard_kinds().values() if k.profile.parts)
    more = [c for words in tables for c in words.get("columns", ()) if c["name"] not in known]
    where = "Only where a data set says which rows are of one event."
    return [f"| `{c['name']}` | {c['type']} | {c['description']} {where} |" for c in more]


def main(folder: Path) -> None:
    """Write every page into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
