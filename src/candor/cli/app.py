"""The commands. Heavy rooms are imported by the command that needs them, so that `--help` and `serve` start at once."""

# ruff: noqa: PLC0415  # see above

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from candor import __version__
from candor.cli import report
from candor.cli.loading import leave_out_unneeded, loading
from candor.cli.options import HERE, JsonOption, PortalOption
from candor.cli.options import portal_folder as _portal_folder
from candor.cli.status import status
from candor.cli.upgrade import upgrade
from candor.cli.withdraw import withdraw
from candor.errors import CandorError, PortalError, UsageError

if TYPE_CHECKING:
    from candor.places.builder.importer import ImportSummary
    from candor.publish.result import Run

app = typer.Typer(
    name="candor",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Open data on public safety that people can trust.",
)
places_app = typer.Typer(no_args_is_help=True, help="The towns that figures stand for.")
dataset_app = typer.Typer(no_args_is_help=True, help="The portal's data sets.")
key_app = typer.Typer(no_args_is_help=True, help="The secret key of keyed hashes.")
app.add_typer(places_app, name="places")
app.add_typer(dataset_app, name="dataset")
app.add_typer(key_app, name="key")

HostOption = Annotated[str, typer.Option("--host", help="The address to serve on.")]
PortOption = Annotated[int, typer.Option("--port", help="The port to serve on.", min=1, max=65535)]

LOOPBACK = "127.0.0.1"


@app.callback(invoke_without_command=True)
def version(*, show: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Say which version this is."""
    if show:
        report.say(f"candor {__version__}")
        raise typer.Exit


@app.command()
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


@places_app.command("import")
def places_import(
    boundaries: Annotated[Path, typer.Option(help="GeoJSON or shapefile of the towns.")],
    population: Annotated[Path | None, typer.Option(help="CSV of residents by GEOID, or by GEOID and year.")] = None,
    populations: Annotated[Path | None, typer.Option(help="CSV of residents by GEOID and year.")] = None,
    changes: Annotated[
        Path | None, typer.Option(help="CSV of places that were part of another: geoid, from_month, before, note.")
    ] = None,
    aliases: Annotated[Path | None, typer.Option(help="JSON or CSV of village names and other spellings.")] = None,
    portal: PortalOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Build the places pack from files."""
    from candor.places.builder.importer import import_files

    with report.working(quiet=as_json) as steps, steps.step("Importing places"):
        summary = import_files(
            _portal_folder(portal) / "places", boundaries, population, aliases, populations=populations, changes=changes
        )
    _say_places(summary, as_json=as_json)


@places_app.command("fetch")
def places_fetch(
    state: Annotated[str, typer.Option(help="FIPS code of the state: 50 is Vermont.")],
    base_url: Annotated[str, typer.Option(help="Where the Census Bureau's files are, or a mirror of them.")] = "",
    portal: PortalOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Build the places pack from the Census Bureau's boundary, gazetteer and population files."""
    from candor.places.builder.census import BASE_URL
    from candor.places.builder.fetch import fetch

    with report.working(quiet=as_json) as steps, steps.step("Fetching places"):
        summary = fetch(
            _portal_folder(portal) / "places",
            state,
            base_url=base_url or BASE_URL,
            progress=lambda name, got, of: steps.tell(f"Fetching {name}: {got:,} of {of or 0:,} bytes"),
        )
    _say_places(summary, as_json=as_json)


@dataset_app.command("add")
def dataset_add(
    name: Annotated[str, typer.Argument(help="The data set's name: small letters, digits, hyphens.")],
    source: Annotated[Path, typer.Option("--from", help="The export.")],
    schema: Annotated[
        str, typer.Option(help="A standard schema, or offences_by_place; without it the data set declares its own.")
    ] = "",
    agency: Annotated[str, typer.Option(help="The agency whose data it is.")] = "",
    portal: PortalOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Propose a data set from an export: its mapping, its crosswalk, and what is unsure."""
    from candor.propose.add import add_dataset

    with report.working(quiet=as_json) as steps, steps.step("Reading the export", source.name):
        proposal = add_dataset(_portal_folder(portal), name, source, schema=schema, agency=agency)
    if as_json:
        report.print_json(proposal.as_json())
        return
    report.say(proposal.summary)
    for words in proposal.unsure:
        report.say(f"  unsure: {words}")
    report.say(f"Next: candor check {name} --portal {portal}")


@key_app.callback()
def key() -> None:
    """The secret key of keyed hashes."""


@key_app.command("new")
def key_new(
    file: Annotated[Path, typer.Argument(help="A new file, outside of every portal's folder.")],
    as_json: JsonOption = False,
) -> None:
    """Make a new secret key in a new file that only you may read, for columns that are published as keyed hashes."""
    from candor.portal.keys import write_key

    made = write_key(file)
    if as_json:
        report.print_json({"file": str(file), "fingerprint": made.fingerprint})
        return
    report.say(
        f"Made a new key in {file}, which only you may read. Releases name it by its fingerprint, {made.fingerprint}.\n"
        "Keep a copy as safe as the file: a lost key cannot be had back.\n"
        f'Next: name it under [privacy] in portal.toml: key_file = "{file.resolve()}"'
    )


@app.command()
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
        from candor.accounting.anonymity import require_all_promised
        from candor.publish import run as release

    with report.working(quiet=as_json) as steps:
        run = release.check(opened, names or [], steps)
    _say_run(run, as_json=as_json)
    require_all_promised(run.measured)


@app.command()
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
    _say_run(run, as_json=as_json)


@app.command()
def versions(
    name: Annotated[str, typer.Argument(help="The data set; without it, the releases.")] = "",
    portal: PortalOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """List the versions of a data set, or the releases."""
    from candor.store.public import PublicStore

    store = PublicStore(_portal_folder(portal) / "data" / "public")
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


app.command()(status)
app.command()(upgrade)


@app.command()
def audit(portal: PortalOption = HERE, as_json: JsonOption = False) -> None:
    """Attack the release in force: what everything that was ever told leaves open of each sensitive count.

    As an outsider, and, where the publisher's own ledger is there, as each agency that knows its own counts.
    """
    from candor import audit as auditing
    from candor.ledger.ledger import LedgerFolder
    from candor.publish.metadata import insiders
    from candor.store.public import PublicStore

    data = _portal_folder(portal) / "data"
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


@app.command()
def rollback(
    target: Annotated[str, typer.Argument(metavar="[NAME] V", help="A data set's name, or a release's number.")],
    version_: Annotated[int | None, typer.Argument(metavar="", help="The version of the data set.")] = None,
    portal: PortalOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Bring back old content, as a new version: `rollback NAME V` one data set, `rollback N` a whole release."""
    from candor.audit import rollback_gate
    from candor.store.store import Store

    store = Store(_portal_folder(portal) / "data")
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


app.command()(withdraw)


@app.command()
def serve(
    portal: PortalOption = HERE,
    host: HostOption = LOOPBACK,
    port: PortOption = 8000,
    public: Annotated[
        Path | None,
        typer.Option(help="Serve this public folder, without a portal: for a machine or an account that has no more."),
    ] = None,
) -> None:
    """Serve the public site. It opens data/public and nothing else."""
    gc.disable()  # until it serves: to look for garbage while modules load takes a tenth of a second
    from candor.site.http.serve import serve as run

    public = public or _portal_folder(portal) / "data" / "public"
    report.say(f"Serving on http://{host}:{port} (stop with Ctrl+C)")
    run(public, host, port)


@app.command()
def demo(
    portal: PortalOption = Path("candor-demo"),
    host: HostOption = LOOPBACK,
    port: PortOption = 8000,
    calls: Annotated[int, typer.Option(help="About how many calls to simulate.", min=1000)] = 600_000,
    only_build: Annotated[bool, typer.Option("--build", help="Simulate and publish; do not serve.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Simulate Vermont's police calls, publish them, and serve them. Nothing in it is real, and every page says so."""
    from candor.store.public import PublicStore

    if PublicStore(portal / "data" / "public").current() is None:
        _build_demo(portal, calls, as_json=as_json)
    elif as_json:
        report.print_json({"portal": str(portal), "built": False})
    if not only_build:
        serve(portal, host, port)


def _build_demo(portal: Path, calls: int, *, as_json: bool) -> None:
    from candor.demo.portal import build_demo_portal
    from candor.profiles.check import open_portal
    from candor.publish import run as release

    with report.working(quiet=as_json) as steps:
        with steps.step("Simulating Vermont"):
            build_demo_portal(portal, calls=calls)
        run = release.publish(open_portal(portal), [], steps)
    _say_run(run, as_json=as_json)


def _say_places(summary: ImportSummary, *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        report.print_json(asdict(summary))
        return
    report.say(
        f"{summary.places} places, {summary.residents or 0:,} residents, {summary.aliases:,} other names, "
        f"{summary.ambiguous} of them ambiguous (they place no call)."
    )
    for note in summary.notes:
        report.say(f"  note: {note}")


def _say_run(run: Run, *, as_json: bool) -> None:
    from candor.cli.findings import findings_json, say_findings

    if as_json:
        value: dict[str, object] = {"datasets": [report.accounted_json(a) for a in run.all_accounted]}
        value["anonymity"] = {m.dataset: report.anonymity_json(m) for m in run.measured}
        value |= findings_json(run)
        if run.release:
            value["release"] = run.release.number
        value["seconds"] = {name: round(seconds, 3) for name, seconds in run.steps.seconds.items()}
        report.print_json(value)
        return
    report.say_accounted(run.all_accounted)
    report.say_measured(run.measured)
    report.say_times(run.times, run.settling)
    say_findings(run)
    if run.release:
        report.say(f"\nRelease {run.release.number} is in force.")


def main() -> None:
    """Run the command; a mistake that the user can mend is told in plain words, without a traceback."""
    try:
        app()
    except PortalError as error:
        for problem in error.problems:
            report.err.print(str(problem), highlight=False, markup=False)
        many = len(error.problems)
        report.err.print(
            f"{many} mistake{'s' if many > 1 else ''}. Nothing was changed.", highlight=False, markup=False
        )
        sys.exit(error.exit_code)
    except CandorError as error:
        report.err.print(str(error), highlight=False, markup=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
