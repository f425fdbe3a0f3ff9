"""`candor init`: a new portal."""

# ruff: noqa: PLC0415  # heavy rooms are imported by the command that needs them

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from candor.cli import report
from candor.cli.options import JsonOption
from candor.errors import UsageError


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new portal's folder.")],
    title: Annotated[str, typer.Option(help="The portal's title, such as 'Vermont public safety'.")],
    jurisdiction: Annotated[
        str, typer.Option(help="Whose portal it is; read from the title where a state is named.")
    ] = "",
    state: Annotated[str, typer.Option(help="FIPS code of the state.")] = "",
    time_zone: Annotated[str, typer.Option(help="IANA name of the zone that decides each row's day.")] = "",
    contact: Annotated[str, typer.Option(help="An address to which readers may write.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Make a new portal: portal.toml and the folders beside it."""
    from candor.portal.jurisdictions import jurisdiction_of
    from candor.portal.write import init_portal

    known = jurisdiction_of(title)
    zone = time_zone or (known.time_zone if known else "")
    if not zone:
        raise UsageError(
            f"The title {title!r} names no state, so the time zone is not known",
            "an IANA zone such as America/Chicago",
            "Add --time-zone.",
        )
    whose = jurisdiction or (known.name if known else title)
    fips = state or (known.fips if known else "")
    init_portal(folder, title=title, jurisdiction=whose, state=fips, time_zone=zone, contact=contact)
    if as_json:
        report.print_json({"portal": str(folder), "jurisdiction": whose, "state": fips, "time_zone": zone})
        return
    report.say(
        f"Made the portal {folder} for {whose}; days and months are those of {zone}.\n"
        f"Next: candor places import --portal {folder} --boundaries FILE --population FILE"
    )
