"""`candor upgrade`: a portal that published exact figures again and again goes on by telling them once."""

# ruff: noqa: PLC0415  # heavy rooms are imported by the command that needs them

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from candor.cli import report
from candor.cli.options import HERE, JsonOption, PortalOption, portal_folder

if TYPE_CHECKING:
    from candor.portal.model import Portal
    from candor.publish.upgrade import History


def upgrade(
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Withdraw the old versions of the data sets that give something away.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Only say what the old releases give away.")] = False,
    portal: PortalOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Look through the releases of an earlier Candor, say what they give away, and go on by telling figures once.

    What was told stays told, and its months are not told again. Who kept the old files can go on subtracting them.
    """
    from candor.profiles.check import open_portal
    from candor.publish.upgrade import begin, history

    opened = open_portal(portal_folder(portal))
    with report.working(quiet=as_json) as steps, steps.step("Looking through the releases"):
        found = history(opened)
    if not check:
        begin(opened)
        if withdraw and found.leaking:
            _withdraw(opened, found)
    if as_json:
        report.print_json({**asdict(found), "leaking": found.leaking, "withdrawn": withdraw and not check})
    else:
        _say(found, withdrawn=withdraw and not check, checked=check)


def _withdraw(portal: Portal, found: History) -> None:
    from candor.publish import withdrawing
    from candor.store.tombstones import WithdrawalReason
    from candor.store.withdrawals import Request

    waiting = withdrawing.withdrawals(portal)
    today: date = withdrawing.today(portal)
    for name in found.leaking:
        for version in sorted({v for leak in found.leaks if leak.dataset == name for v in (leak.before, leak.after)}):
            waiting.request(Request(dataset=name, reason=WithdrawalReason.PERSONAL, version=version, asked=today), None)
    waiting.carry_out(today, now=True)


def _say(found: History, *, withdrawn: bool, checked: bool) -> None:
    report.say(
        f"{found.releases} releases; {found.told:,} exact figures of sensitive kinds were told"
        + (f", the last of {found.closed_until}." if found.closed_until else ".")
    )
    if found.leaks:
        rows = [[k.dataset, f"{k.before} to {k.after}", k.what, f"{k.number:,}"] for k in found.leaks]
        report.say_table("What somebody who kept them can subtract", ["data set", "versions", "what", "how many"], rows)
    else:
        report.say("Nothing was found that can be subtracted.")
    if checked:
        report.say("Nothing was changed. Next: candor upgrade, with --withdraw to take these versions out.")
        return
    if found.leaks:
        report.say(
            "These versions were withdrawn."
            if withdrawn
            else "They are still public: candor upgrade --withdraw, or "
            "candor withdraw DATASET --version N --reason personal."
        )
    report.say("From now on figures are told once. Next: candor publish")
