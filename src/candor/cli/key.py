"""`candor key`: the secret key of keyed hashes."""

# ruff: noqa: PLC0415  # heavy rooms are imported by the command that needs them

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from candor.cli import report
from candor.cli.options import JsonOption

app = typer.Typer(no_args_is_help=True, help="The secret key of keyed hashes.")


@app.callback()
def key() -> None:
    """The secret key of keyed hashes."""


@app.command("new")
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
