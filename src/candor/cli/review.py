"""`candor review`: texts that look like a person's, shown to whoever decides, and what they pass."""

# ruff: noqa: PLC0415  # heavy rooms are imported by the command that needs them

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from candor.cli import report
from candor.cli.options import HERE, JsonOption, PortalOption, portal_folder
from candor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from candor.portal.model import Portal
    from candor.publish.reviewing import Waiting

_SHOWN = 60
"""Texts on the screen; the file has all."""


def review(
    dataset: Annotated[str, typer.Argument(help="The data set; without it, the portal's own texts.")] = "",
    every: Annotated[
        bool, typer.Option("--pass", help="Pass all that was listed; without it what the list marks `pass`.")
    ] = False,
    column: Annotated[list[str] | None, typer.Option(help="Of these columns alone.")] = None,
    name: Annotated[str, typer.Option(help="Who read the texts and passes them. It is public.")] = "",
    reason: Annotated[str, typer.Option(help="Why they may be published, in words for the public.")] = "",
    portal: PortalOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show what the scan stops, on this screen and in a file for your eyes; then pass what is nobody's.

    A text that was passed stays so until it changes. What was not shown cannot be passed.
    """
    from candor.profiles.check import open_portal

    opened = open_portal(portal_folder(portal))
    if not (every or name or reason):
        _list(opened, dataset, column or [], portal, as_json=as_json)
        return
    if not (name.strip() and reason.strip()):
        raise UsageError(
            "Who passes the texts, or why, is not said", "--name and --reason, both of them public",
            'Such as: --name "A. Reader, Records" --reason "Numbers of the public desks."',
        )  # fmt: skip
    from candor.publish.reviewing import record

    passed = record(opened, dataset, name.strip(), reason.strip(), every=every, columns=column or ())
    texts = len(passed)
    if as_json:
        report.print_json({"passed": texts, "file": f"reviews/{dataset or '_portal'}.csv"})
        return
    report.say(
        f"Passed {texts:,} {'text' if texts == 1 else 'texts'} by {name.strip()}; kept in "
        f"reviews/{dataset or '_portal'}.csv by digests, which belong into git with the portal.\n"
        f"Next: candor check {dataset} --portal {portal}".replace("  ", " ")
    )


def _list(portal: Portal, dataset: str, columns: Sequence[str], folder: Path, *, as_json: bool) -> None:
    from candor.publish.reviewing import listing, waiting

    with report.working(quiet=as_json) as steps:
        found = [w for w in waiting(portal, dataset, steps) if not columns or w.column in columns]
    file = listing(portal, dataset)
    if as_json:
        # A program's output is kept, copied and mailed: the texts are in the file alone.
        lines = [{"column": w.column, "kind": w.kind, "rows": w.rows, "where": w.where, "value": w.value}
                 for w in found]  # fmt: skip
        report.print_json({"file": str(file), "waiting": lines})
    elif not found:
        report.say("Nothing waits for a review.")
    else:
        _say(found, file, " ".join(filter(None, ("candor review", dataset, f"--portal {folder}"))))


def _say(found: Sequence[Waiting], file: Path, command: str) -> None:
    seen = report.out.is_terminal
    if seen:
        rows = [[w.text, w.kind, w.column, f"{w.rows:,}", w.where] for w in found[:_SHOWN]]
        report.say_table("What looks like a person's", ["text", "as", "column", "rows", "first in"], rows, right={3})
    many = f"{len(found):,} {'text waits' if len(found) == 1 else 'texts wait'}"
    shown = " The first are above, all of them in" if seen and len(found) > _SHOWN else ""
    report.say(
        f"{many} for a review.{shown or ' They are in'} {file}, which only you may read"
        + ("." if seen else "; on a terminal they are shown as well.")
    )
    report.say(
        f"Write `pass` into its column `decision` beside each text that is nobody's, then: {command} --name .. "
        "--reason ..\nAre all of them nobody's: add --pass, and --column for one column. All others correct in the "
        "source, or withhold the column."
    )
