"""`candor dataset`: the portal's data sets."""

# ruff: noqa: PLC0415  # heavy rooms are imported by the command that needs them

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from candor.cli import report
from candor.cli.loading import leave_out_pandas, loading
from candor.cli.options import HERE, JsonOption, PortalOption, portal_folder

if TYPE_CHECKING:
    from candor.propose.crosswalk_again import Again
    from candor.propose.result import Proposal

app = typer.Typer(no_args_is_help=True, help="The portal's data sets.")


@app.command("add")
def dataset_add(
    name: Annotated[str, typer.Argument(help="The data set's name: small letters, digits, hyphens.")],
    source: Annotated[Path, typer.Option("--from", help="The export.")],
    schema: Annotated[
        str,
        typer.Option(help="A standard schema, or offences_by_place; without it the file tells, or has its own."),
    ] = "",
    agency: Annotated[str, typer.Option(help="The agency whose data it is.")] = "",
    portal: PortalOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Propose a data set from an export: its mapping, its crosswalk, and what is unsure."""
    with loading():
        leave_out_pandas()  # a proposal is made by DuckDB, whatever engine the portal has
        from candor.propose.add import add_dataset

    with report.working(quiet=as_json) as steps, steps.step("Reading the export", source.name):
        proposal = add_dataset(portal_folder(portal), name, source, schema=schema, agency=agency)
    _say(proposal, name, portal, as_json=as_json)


@app.command("propose")
def dataset_propose(
    name: Annotated[str, typer.Argument(help="The data set.")],
    write: Annotated[
        bool, typer.Option("--write", help="Change the file so; without it the changes are shown.")
    ] = False,
    portal: PortalOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Propose columns again, from the source as it is now; what a person decided stays."""
    from candor.propose.again import propose_again

    with report.working(quiet=as_json) as steps, steps.step("Reading the export", name):
        made = propose_again(portal_folder(portal), name, write=write)
    if as_json:
        report.print_json({"file": made.file, "said": made.said, "unsure": made.unsure, "text": made.text})
        return
    if not made.said:
        report.say(f"{made.file} says all that can be proposed.")
    for words in made.said:
        report.say(words)
    if made.changes and not write:
        report.say(f"\n{made.changes}\n\nNothing was changed: --write changes the file so.")
    elif made.changes:
        report.say(f"Changed {made.file}. Next: candor check {name} --portal {portal}")
    for words in made.unsure:
        report.say(f"  unsure: {words}")


@app.command("crosswalk")
def dataset_crosswalk(
    name: Annotated[str, typer.Argument(help="The data set's name.")],
    portal: PortalOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Match a data set's call types again: new ones, and those not mapped; what a person decided stays."""
    from candor.propose.crosswalk_again import crosswalk_again

    with report.working(quiet=as_json) as steps, steps.step("Reading the call types", name):
        again = crosswalk_again(portal_folder(portal), name)
    _say(again, name, portal, as_json=as_json)


@app.command("sign")
def dataset_sign(
    name: Annotated[str, typer.Argument(help="The data set's name.")],
    by: Annotated[str, typer.Option("--by", help='Who read the crosswalk: "name, office".')],
    portal: PortalOption = HERE,
) -> None:
    """Sign a data set's crosswalk: a person has read every line of it, and answers for what it makes public."""
    from candor.portal.sign import sign_crosswalk
    from candor.profiles.check import open_portal

    opened = open_portal(portal_folder(portal))
    path = sign_crosswalk(opened, name, by, opened.config.now().date())
    report.say(f"{path.relative_to(opened.root)}: signed by {by}. Next: candor check {name} --portal {portal}")


def _say(proposed: Proposal | Again, name: str, portal: Path, *, as_json: bool) -> None:
    """What was proposed, what is unsure of it, and what comes next."""
    if as_json:
        report.print_json(proposed.as_json())
        return
    report.say(proposed.summary)
    for words in proposed.unsure:
        report.say(f"  unsure: {words}")
    crosswalk = Path("crosswalks") / f"{name}.csv"
    if (portal_folder(portal) / crosswalk).is_file():
        report.say(
            f"Next: read {crosswalk}, mend what is wrong, and sign it: "
            f'candor dataset sign {name} --by "name, office" --portal {portal}'
        )
    report.say(f"Next: candor check {name} --portal {portal}")
