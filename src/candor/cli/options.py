"""What several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from candor.errors import UsageError

PortalOption = Annotated[Path, typer.Option("--portal", help="The portal's folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Give the summary to programs, as JSON.")]

HERE = Path()


def portal_folder(portal: Path) -> Path:
    """The folder, where it is a portal's. Raises UsageError where it is none."""
    if not (portal / "portal.toml").is_file():
        raise UsageError(
            f"{portal} is not a portal: it has no portal.toml",
            "a portal's folder",
            "Name it with --portal, or make one with `candor init`.",
        )
    return portal
