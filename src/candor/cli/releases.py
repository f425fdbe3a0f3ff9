"""`candor versions`, `candor audit`, `candor rollback`: what has been published, attacked, and brought back."""

# ruff: noqa: PLC0415  # heavy rooms are imported by the command that needs them

from __future__ import annotations

from typing import Annotated

import typer

from candor.cli import report
from candor.cli.options import HERE, JsonOption, PortalOption, portal_folder
from candor.errors import UsageError


def versions(
    name: Annotated[str, typer.Argument(help="The data set; without it, the releases.")] = "",
    portal: PortalOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """List the versions of a data set, or the releases."""
    from candor.store.public import PublicStore

    store = PublicStore(portal_folder(portal) / "data" / "public")
    if not name:
        found = [
            {"release": r.number, "at": r.created_at, "datasets": len(r.datasets), "note": r.note}
            for r in store.releases()
        ]
    else:
        found = [
            {"version": v.version, "at": v.published_at, "rows": v.rows, "changes": v.changes}
            for v in store.versions(name)
        ]
    if as_json:
        report.print_json(found)
    elif found:
        report.say_table(name or "Releases", list(found[0]), [[str(v) for v in row.values()] for row in found])
    else:
        report.say("Nothing has been published yet.")


def audit(portal: PortalOption = HERE, as_json: JsonOption = False) -> None:
    """Attack the release in force: what everything that was ever told leaves open of each sensitive count.

    As an outsider, and, where the publisher's own ledger is there, as each agency that knows its own counts.
    """
    from candor import audit as auditing
    from candor.ledger.ledger import LedgerFolder
    from candor.publish.metadata import insiders
    from candor.store.public import PublicStore

    data = portal_folder(portal) / "data"
    public = auditing.Public.in_force(PublicStore(data / "public"))
    number = public.newest.release.number
    ledgers = LedgerFolder(data / "internal" / "ledger")
    with report.working(quiet=as_json) as steps, steps.step("Attacking what is told"):
        known = insiders(ledgers.read(public.releases)) if ledgers.exists() else None
        found = auditing.audit_release(public, insiders=known)
    if as_json:
        report.print_json({"release": number, **report.certificate_json(found)})
    else:
        report.say_certificate(number, found)
    auditing.require_passed(found)


def rollback(
    target: Annotated[str, typer.Argument(metavar="[NAME] V", help="A data set's name, or a release's number.")],
    version_: Annotated[int | None, typer.Argument(metavar="", help="The version of the data set.")] = None,
    portal: PortalOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Bring back old content, as a new version: `rollback NAME V` one data set, `rollback N` a whole release."""
    from candor.audit import rollback_gate
    from candor.store.store import Store

    store = Store(portal_folder(portal) / "data")
    folder = store.public.folder
    if version_ is not None:
        made = store.rollback_dataset(target, version_, rollback_gate(folder, whole=False))
    elif target.isdigit():
        made = store.rollback(int(target), rollback_gate(folder, whole=True))
    else:
        raise UsageError(
            f"{target!r} names no version", "NAME VERSION, or a release's number", f"See `candor versions {target}`."
        )
    if as_json:
        report.print_json({"release": made.number, "note": made.note})
    else:
        report.say(f"Release {made.number} is in force. {made.note}")
