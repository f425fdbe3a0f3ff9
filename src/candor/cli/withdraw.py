"""`candor withdraw`: data sets, versions and rows that are taken out of the public files for good."""

# ruff: noqa: PLC0415  # heavy rooms are imported where they are needed, as in app.py

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from candor.cli import report
from candor.cli.options import HERE, JsonOption, PortalOption, portal_folder
from candor.errors import UsageError

if TYPE_CHECKING:
    from candor.portal.model import Portal
    from candor.store.tombstones import Tombstone
    from candor.store.withdrawals import Pending, Request


def withdraw(
    name: Annotated[
        str, typer.Argument(metavar="[DATASET]", help="The data set; without it, what waits goes out where it is due.")
    ] = "",
    version: Annotated[int | None, typer.Option("--version", help="One version of it, and not the data set.")] = None,
    rows: Annotated[
        Path | None, typer.Option("--rows", help="CSV file with the source's key of each row that goes.")
    ] = None,
    reason: Annotated[
        str, typer.Option("--reason", help="Its class, which is public: sealed, mistake, personal or agency.")
    ] = "",
    now: Annotated[
        bool, typer.Option("--now", help="Do not wait for the declared day. The date then tells more.")
    ] = False,
    inside: Annotated[bool, typer.Option("--inside", help="Remove the internal copies too.")] = False,
    portal: PortalOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Take a data set, a version of it or rows out of every public file, for good, on the next declared day."""
    from candor.profiles.check import open_portal
    from candor.publish import withdrawing

    opened = open_portal(portal_folder(portal))
    waiting, clock = withdrawing.withdrawals(opened), withdrawing.today(opened)
    rows_of, copies = partial(withdrawing.rows_of, opened), withdrawing.copies_inside(opened)
    if inside and not copies:
        raise UsageError("Nothing in this portal can remove internal copies by itself", "the command without --inside")
    if name:
        waiting.request(_request(opened, name, version, rows, reason, clock, inside=inside), rows_of)
    elif version is not None or rows or reason or inside:
        raise UsageError("Nothing says which data set", "a data set's name", "Name it before the options.")
    if now or waiting.due(clock):
        withdrawing.remember_rows(opened, waiting.pending())
    with report.working(quiet=as_json) as steps, steps.step("Withdrawing"):
        made = waiting.carry_out(
            clock, now=now, rows_of=rows_of, figures_of=partial(withdrawing.figures_of, opened), inside=copies
        )
    _say(made, waiting.pending(), waiting.next_day(clock), as_json=as_json)


def _request(
    portal: Portal, name: str, version: int | None, rows: Path | None, reason: str, clock: date, *, inside: bool
) -> Request:
    from candor.publish import withdrawing
    from candor.store.withdrawals import Request

    if version is not None and rows:
        raise UsageError("Both --version and --rows are given", "one of them: rows go out of every version")
    return Request(
        dataset=name,
        reason=withdrawing.reason_of(reason),
        version=version,
        keys=withdrawing.keys_of(portal, name, rows) if rows else None,
        inside=inside,
        asked=clock,
    )


def _say(made: Sequence[Tombstone], waiting: Sequence[Pending], day: date, *, as_json: bool) -> None:
    if as_json:
        left = [p.request.model_dump(mode="json", exclude={"keys"}) for p in waiting]
        report.print_json(
            {"withdrawn": [t.model_dump(mode="json") for t in made], "waiting": left, "next_day": day if left else None}
        )
        return
    for stone in made:
        what = {"data set": "Data set", "rows": "Rows of", "version": f"Version {stone.version} of"}[stone.what]
        were = "were" if stone.what == "rows" else "was"
        report.say(f"{what} {stone.dataset} {were} withdrawn ({stone.reason}).")
    if any(stone.what == "rows" for stone in made):
        report.say("The figures that counted these rows are withdrawn with them. Next: candor publish")
    if waiting:
        report.say(f"{len(waiting)} waiting for {day:%Y-%m-%d}, when `candor withdraw` takes them out together.")
    elif not made:
        report.say("Nothing waits to be withdrawn.")
