"""`candor serve` and `candor demo`: the public site of a portal, or of a simulated one."""

# ruff: noqa: PLC0415  # heavy rooms are imported by the command that needs them

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from candor.cli import report
from candor.cli.options import HERE, JsonOption, PortalOption, portal_folder
from candor.cli.publish import say_run

HostOption = Annotated[str, typer.Option("--host", help="The address to serve on.")]
PortOption = Annotated[int, typer.Option("--port", help="The port to serve on.", min=1, max=65535)]

LOOPBACK = "127.0.0.1"


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

    public = public or portal_folder(portal) / "data" / "public"
    report.say(f"Serving on http://{host}:{port} (stop with Ctrl+C)")
    run(public, host, port)


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
    say_run(run, as_json=as_json)
