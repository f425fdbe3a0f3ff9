"""`candor check` and `candor publish`: a run, with what it did to each row."""

# ruff: noqa: PLC0415  # heavy rooms are imported by the command that needs them

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from candor.cli import report
from candor.cli.loading import leave_out_unneeded, loading
from candor.cli.options import HERE, JsonOption, PortalOption

if TYPE_CHECKING:
    from candor.publish.result import Run


def check(
    names: Annotated[list[str] | None, typer.Argument(help="Data sets; all where none is named.")] = None,
    portal: PortalOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Tell what publishing would do with each row, without publishing."""
    with loading():
        from candor.profiles.check import open_portal

        opened = open_portal(portal)
        leave_out_unneeded(opened.config)
        from candor.publish import checking

    with report.working(quiet=as_json) as steps:
        run = checking.check(opened, names or [], steps)
    say_run(run, as_json=as_json)
    if run.refusals:
        report.say_refusals(run.refusals)
        raise typer.Exit(1)


def publish(
    names: Annotated[list[str] | None, typer.Argument(help="Data sets; all where none is named.")] = None,
    portal: PortalOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Publish, as one release: all of it or nothing."""
    with loading():
        from candor.profiles.check import open_portal

        opened = open_portal(portal)
        leave_out_unneeded(opened.config)
        from candor.publish import run as release

    with report.working(quiet=as_json) as steps:
        run = release.publish(opened, names or [], steps)
    say_run(run, as_json=as_json)


def say_run(run: Run, *, as_json: bool) -> None:
    """What a run did, for people or for programs."""
    from candor.cli.findings import findings_json, say_findings
    from candor.cli.marks import marks_json, say_marks

    if as_json:
        value: dict[str, object] = {"datasets": [report.accounted_json(a) for a in run.all_accounted]}
        value["anonymity"] = {m.dataset: report.anonymity_json(m) for m in run.measured}
        value["marks"] = marks_json(run.marks)
        value |= findings_json(run)
        value["refused"] = [str(one) for one in run.refusals]
        if run.release:
            value["release"] = run.release.number
        value["seconds"] = {name: round(seconds, 3) for name, seconds in run.steps.seconds.items()}
        report.print_json(value)
        return
    report.say_accounted(run.all_accounted)
    say_marks(run.marks)
    report.say_measured(run.measured)
    report.say_times(run.times, run.settling)
    say_findings(run)
    if run.release:
        report.say(f"\nRelease {run.release.number} is in force.")
