"""`candor places`: the places that figures stand for, from files or from the Census Bureau."""

# ruff: noqa: PLC0415  # heavy rooms are imported by the command that needs them

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from candor.cli import report
from candor.cli.options import HERE, JsonOption, PortalOption, portal_folder

if TYPE_CHECKING:
    from candor.places.builder.importer import ImportSummary

app = typer.Typer(no_args_is_help=True, help="The places that figures stand for.")


@app.command("import")
def places_import(
    boundaries: Annotated[Path, typer.Option(help="GeoJSON, shapefile or GeoPackage of the places.")],
    code: Annotated[str, typer.Option(help="Column of the boundary file with the code of a place.")] = "",
    name: Annotated[str, typer.Option(help="Column of the boundary file with the name of a place.")] = "",
    place: Annotated[str, typer.Option(help="What a place is called: neighborhood, beat, ward.")] = "",
    epsg: Annotated[
        int | None, typer.Option(help="Number of the projection of the boundaries, where they are not in degrees.")
    ] = None,
    population: Annotated[Path | None, typer.Option(help="CSV of residents by code, or by code and year.")] = None,
    populations: Annotated[Path | None, typer.Option(help="CSV of residents by code and year.")] = None,
    denominators: Annotated[
        Path | None, typer.Option(help="CSV of residents and of others who are there (daytime, visitors), by code.")
    ] = None,
    changes: Annotated[
        Path | None, typer.Option(help="CSV of places that were part of another: geoid, from_month, before, note.")
    ] = None,
    aliases: Annotated[Path | None, typer.Option(help="JSON or CSV of village names and other spellings.")] = None,
    portal: PortalOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Build the places pack from files."""
    from candor.places.builder.denominators import declare_denominators, residents_in
    from candor.places.builder.importer import import_files

    root = portal_folder(portal)
    with report.working(quiet=as_json) as steps, steps.step("Importing places"):
        summary = import_files(
            root / "places",
            boundaries,
            population or (denominators if denominators and residents_in(denominators) else None),
            aliases,
            populations=populations,
            changes=changes,
            code=code,
            name=name,
            kind=place,
            epsg=epsg,
        )
        if denominators:
            summary = replace(summary, notes=(*summary.notes, *declare_denominators(root, denominators)))
    _say_places(summary, as_json=as_json)


@app.command("fetch")
def places_fetch(
    state: Annotated[str, typer.Option(help="FIPS code of the state: 50 is Vermont.")],
    base_url: Annotated[str, typer.Option(help="Where the Census Bureau's files are, or a mirror of them.")] = "",
    portal: PortalOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Build the places pack from the Census Bureau's boundary, gazetteer and population files."""
    from candor.places.builder.census import BASE_URL
    from candor.places.builder.fetch import fetch

    root = portal_folder(portal)
    with report.working(quiet=as_json) as steps, steps.step("Fetching places"):
        summary = fetch(
            root / "places",
            state,
            base_url=base_url or BASE_URL,
            progress=lambda name, got, of: steps.tell(f"Fetching {name}: {got:,} of {of or 0:,} bytes"),
            keep=root / "data" / "internal" / "fetched-places",
        )
    _say_places(summary, as_json=as_json)


def _say_places(summary: ImportSummary, *, as_json: bool) -> None:
    if as_json:
        report.print_json(asdict(summary))
        return
    people = "residents not known" if summary.residents is None else f"{summary.residents:,} residents"
    report.say(
        f"{summary.places:,} {'place' if summary.places == 1 else 'places'}, {people}, "
        f"{summary.aliases:,} other names, {summary.ambiguous} of them ambiguous (they place no call)."
    )
    for note in summary.notes:
        report.say(f"  note: {note}")
