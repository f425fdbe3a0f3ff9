"""Writing a portal's text: a new portal, a new data set. No file is ever left half-written or overwritten."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Collection
from pathlib import Path

from pydantic import ValidationError

from candor.errors import DataError, UsageError
from candor.portal import mistakes
from candor.portal.config_model import PortalConfig
from candor.portal.jurisdictions import Jurisdiction, jurisdiction_of
from candor.portal.model import valid_name
from candor.portal.toml_text import toml_value

__all__ = ["Jurisdiction", "init_portal", "jurisdiction_of", "new_id", "require_new_dataset", "write_dataset"]

FOLDERS = ("datasets", "crosswalks", "places")
_LETTERS = "23456789abcdefghijkmnpqrstuvwxyz"  # without the look-alikes 0, 1, l, o

_PORTAL = """\
# The portal. Every day and month is decided in its time zone. Keep this folder in git: a change of what is
# published is a change of this text. `candor check` tells what is wrong with it.

title = {title}
jurisdiction = {jurisdiction}

# FIPS code of the state, for towns from the Census Bureau; empty where there is none.
state = {state}

# What the places are called, where they tell it wrongly: place = "ward", places = "wards", whole = "the city".

# IANA name. It also decides what belongs to a day when the clocks change.
time_zone = {time_zone}

# An address to which readers may write; shown on every page.
contact = {contact}

# What this portal is, in a sentence or two, for its first page.
about = ""

# "duckdb" runs in this process. "spark" runs the same work on an existing cluster, see [spark].
engine = "duckdb"

[privacy]
# So many rows, at least, say the same place and time.
k = 5

# When what is published for good, in days after the end of the month, the quarter and the year. `candor check`
# measures how long an agency's records keep changing, and `candor status` says what waits.
[settling]
days = 30
quarter_days = 90
year_days = 90

# [spark]
# master = "spark://host:7077"
"""


def init_portal(
    root: Path, *, title: str, jurisdiction: str, state: str = "", time_zone: str, contact: str = ""
) -> None:
    """Make a portal in the folder `root`: `portal.toml`, `.gitignore`, and its folders.

    Raises `UsageError` where there is one already, or where a value cannot stand in `portal.toml`.
    """
    if (root / "portal.toml").exists():
        raise UsageError(
            f"{root} is a portal already", "a new folder", "Name another folder, or change its portal.toml by hand."
        )
    if root.exists() and not root.is_dir():
        raise UsageError(f"{root} is a file", "a new folder", "Name another folder.")
    values = {
        "title": title, "jurisdiction": jurisdiction, "state": state, "time_zone": time_zone, "contact": contact,
    }  # fmt: skip
    try:
        PortalConfig.model_validate(values)
    except ValidationError as error:
        first = mistakes.problems_of(error, PortalConfig, lambda path: ".".join(map(str, path)))[0]
        option = "--" + first.where.replace("_", "-")
        raise UsageError(f"{option}: {first.found}", first.allowed, first.remedy) from error
    text = _PORTAL.format(**{key: toml_value(value) for key, value in values.items()})
    try:
        for folder in FOLDERS:
            (root / folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_write(root, error) from error
    if not (root / ".gitignore").exists():
        write_whole(root / ".gitignore", "# Managed by candor: published and internal data.\ndata/\n")
    # Last: a folder is a portal once this file is there.
    write_whole(root / "portal.toml", text)


def require_new_dataset(root: Path, name: str) -> None:
    """Raise `UsageError` where `name` cannot name a new data set of the portal in `root`."""
    if not (root / "portal.toml").is_file():
        raise UsageError(
            f"{root} is not a portal: it has no portal.toml", "the folder of a portal",
            "Make one with `candor init DIR`, or name its folder with --portal DIR.",
        )  # fmt: skip
    if not valid_name(name):
        raise UsageError(
            f"the name {name!r}", "small letters, digits and single hyphens, beginning with a letter",
            "Choose a name such as burlington-calls.",
        )  # fmt: skip
    for file in (f"datasets/{name}.toml", f"crosswalks/{name}.csv"):
        if (root / file).exists():
            raise UsageError(
                f"{file} is there already", "a new data set",
                "Change that file by hand, choose another name, or remove the file first.",
            )  # fmt: skip


def write_dataset(root: Path, name: str, toml_text: str, crosswalk_text: str | None = None) -> tuple[Path, ...]:
    """Write `datasets/<name>.toml` and, where there is one, `crosswalks/<name>.csv`; the files written.

    Raises `UsageError` where one is there already, `DataError` where the disk says no.
    """
    require_new_dataset(root, name)
    dataset, crosswalk = root / "datasets" / f"{name}.toml", root / "crosswalks" / f"{name}.csv"
    if crosswalk_text is None:
        write_whole(dataset, toml_text)
        return (dataset,)
    # The crosswalk first: a data set never names one that is not there.
    write_whole(crosswalk, crosswalk_text)
    try:
        write_whole(dataset, toml_text)
    except DataError:
        crosswalk.unlink()
        raise
    return dataset, crosswalk


def new_id(taken: Collection[str]) -> str:
    """A 4x4 for a new data set, by chance, unlike those in `taken`."""
    while True:
        drawn = "".join(secrets.choice(_LETTERS) for _ in range(8))
        identifier = f"{drawn[:4]}-{drawn[4:]}"
        if identifier not in taken:
            return identifier


def write_whole(path: Path, text: str) -> None:
    """Write a new text file whole: beside it first, then renamed. Raises `DataError` where the disk says no."""
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # A temporary file is for its owner's eyes only; the portal's text is not.
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink(missing_ok=True)
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> DataError:
    return DataError(
        f"{path} cannot be written ({error.strerror or error})", "a folder that may be written to, with space left",
        "Correct the permissions or make room; nothing was left half-written.",
    )  # fmt: skip
