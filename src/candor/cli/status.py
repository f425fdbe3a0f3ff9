"""`candor status`: what is published for good, what waits and why, when what appears next."""

# ruff: noqa: PLC0415  # heavy rooms are imported by the command that needs them

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from candor.cli import report
from candor.cli.options import HERE, JsonOption, PortalOption, portal_folder

if TYPE_CHECKING:
    from candor.ledger.status import AgencyStatus, DatasetStatus, Status


def status(
    portal: PortalOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Tell which months are published for good, which wait and why, and what appears when."""
    from candor.ledger.status import status as status_of
    from candor.profiles.check import open_portal

    found = status_of(open_portal(portal_folder(portal)))
    if as_json:
        report.print_json(asdict(found))
    else:
        _say(found)


def _say(found: Status) -> None:
    if not found.release:
        report.say(f"{found.today}: nothing has been published yet.")
        return
    report.say(
        f"{found.today}, release {found.release} is in force; {found.told:,} figures of sensitive kinds are told."
    )
    rows = [
        [d.name, d.through or "-", d.next_month or "-", str(d.settles_on or "-")] for d in found.datasets if d.waits
    ]
    if rows:
        report.say_table("Months", ["data set", "published through", "next", "settles on"], rows)
    for dataset in found.datasets:
        if not dataset.waits:
            report.say(f"{dataset.name}: nothing waits; rows are published as they are.")
        for agency in dataset.agencies:
            _say_agency(dataset, agency)
    for month in found.early:
        report.say(f"{month}: counties and the state have early figures, open kinds, to the nearest 10.")
    for line in found.coming:
        report.say(f"{line.on}: {line.what}")


def _say_agency(dataset: DatasetStatus, agency: AgencyStatus) -> None:
    if agency.late:
        report.say(
            f"{dataset.name}: {agency.agency} sent {', '.join(agency.late)} after the month was published: "
            "out of the month, counted in its year"
        )
    if agency.missing:
        report.say(f"{dataset.name}: {agency.agency} had not sent all of {', '.join(agency.missing)}: not reported")
