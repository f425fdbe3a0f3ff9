"""The commands, in the order of `candor --help`; what they do stands by subject in the modules beside this one.

Heavy rooms are imported by the command that needs them, so that `--help` and `serve` start at once.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from candor import __version__
from candor.cli import dataset, key, places, report
from candor.cli.portal import init
from candor.cli.publish import check, publish
from candor.cli.releases import audit, rollback, versions
from candor.cli.review import review
from candor.cli.serve import demo, serve
from candor.cli.status import status
from candor.cli.upgrade import upgrade
from candor.cli.withdraw import withdraw
from candor.errors import CandorError, PortalError

FAULT = 70
"""What a command ends with where the program itself failed, as sysexits.h calls it: neither the data nor the call."""

app = typer.Typer(
    name="candor",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Open data on public safety that people can trust.",
)
for _command in (init, check, review, publish, versions, status, upgrade, audit, rollback, withdraw, serve, demo):
    app.command()(_command)
app.add_typer(places.app, name="places")
app.add_typer(dataset.app, name="dataset")
app.add_typer(key.app, name="key")


@app.callback(invoke_without_command=True)
def version(*, show: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Say which version this is."""
    if show:
        report.say(f"candor {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command; a mistake that the user can mend is told in plain words, without a traceback."""
    try:
        app()
    except PortalError as error:
        for problem in error.problems:
            report.complain(str(problem))
        many = len(error.problems)
        report.complain(f"{many} mistake{'s' if many > 1 else ''}. Nothing was changed.")
        sys.exit(error.exit_code)
    except CandorError as error:
        report.complain(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001  # the last resort: no traceback ever reaches a user
        from candor.cli.last_resort import words_for  # noqa: PLC0415  # only a fault needs it

        report.complain(words_for(error, sys.argv[1:]))
        sys.exit(FAULT)
