"""`candor dataset sign`: the name of who read a crosswalk, and the day, are written into the data set's text."""

from __future__ import annotations

import datetime
from pathlib import Path

import tomlkit

from candor.errors import UsageError
from candor.portal.model import Portal
from candor.portal.words import did_you_mean
from candor.portal.write import write_whole


def sign_crosswalk(portal: Portal, name: str, by: str, on: datetime.date) -> Path:
    """Write `[crosswalk_review]` of a data set; the file written. What else stands in it stays as it is.

    Raises `UsageError` where there is no such data set, it has no crosswalk, or `by` is empty.
    """
    dataset = portal.datasets.get(name)
    if dataset is None or not dataset.crosswalk:
        known = [n for n, d in portal.datasets.items() if d.crosswalk]
        raise UsageError(
            f"there is no data set {name!r} with a crosswalk", ", ".join(known) or "none here",
            did_you_mean(name, known) or "Name one of these.",
        )  # fmt: skip
    if not by.strip():
        raise UsageError(
            "no name", "the name and office of who read the crosswalk", 'Give it with --by "name, office".'
        )
    path = portal.root / "datasets" / f"{name}.toml"
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    table = tomlkit.table()
    table.add("reviewed_by", " ".join(by.split()))
    table.add("date", on)
    document["crosswalk_review"] = table
    write_whole(path, tomlkit.dumps(document))
    return path
