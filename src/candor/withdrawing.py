"""Withdrawing from a portal: which public rows a file of keys means, which figures hang on them, and on which day.

The store takes them out of the public files (`candor.store.withdrawals`); here it is told where they are.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from candor.disclosures import published_schema
from candor.portal.model import Portal
from candor.portal.problems import DataError, UsageError
from candor.store.rewriting import RowTest
from candor.store.store import Store
from candor.store.tombstones import WithdrawalReason
from candor.store.withdrawals import Inside, Keys, Withdrawals


def withdrawals(portal: Portal) -> Withdrawals:
    """The requests of the portal, with its declared days."""
    return Withdrawals(Store(portal.root / "data"), portal.config.withdrawal.days)


def today(portal: Portal) -> date:
    """The day that a withdrawal is told to be of."""
    return datetime.now(portal.config.zone).date()


def reason_of(text: str) -> WithdrawalReason:
    """The class of a reason, by its one word or in full. Raises UsageError."""
    found = next((r for r in WithdrawalReason if text.strip().lower() in (r.slug, r.value)), None)
    if found is None:
        allowed = ", ".join(f"{r.slug} ({r})" for r in WithdrawalReason)
        raise UsageError(f"{text!r} is no class of reasons", allowed, "Name one with --reason.")
    return found


def keys_of(portal: Portal, name: str, file: Path) -> Keys:
    """The keys in a CSV file, from the column that the data set's source calls its key; nothing else is kept of it.

    Raises UsageError where the data set has no key or the file no such column, and DataError where it has no key.
    """
    column = _key_column(portal, name)
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            if column not in (reader.fieldnames or ()):
                raise UsageError(f"{file} has no column {column!r}", ", ".join(reader.fieldnames or ()) or "a header")
            values = dict.fromkeys(line[column] for line in reader if line[column])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            f"{file} cannot be read: {error}", f"a CSV file in UTF-8 with the column {column!r}"
        ) from error
    if not values:
        raise DataError(f"{file} names no row", f"a key in the column {column!r}", "Nothing was withdrawn.")
    return Keys(column=column, values=tuple(values))


def rows_of(portal: Portal, name: str, file: Path) -> Mapping[str, RowTest]:  # noqa: ARG001  no archive yet
    """Which public rows of a data set a file of keys means, for `Withdrawals.request` and `.carry_out`.

    `file` is a CSV file with one column, the source's key (`keys_of`); it is there only during the call.

    The answer: for each public file of any version that holds such a row (`tables/<name>/..`, as the releases name
    it), a test that is given some rows of that file with all their columns and says of each whether it goes; and
    nothing, an empty mapping, where no public row is meant. The test must be the same whenever it is asked, and must
    tell rows apart by what is public: their number (`id`) in that file. The store's lock may be held: nothing here may
    publish.
    """
    raise DataError(
        f"Where the rows of {name} with the keys in {file.name} are published is not known",
        "a data set, or --version",
        "This portal keeps no archive of published rows yet.",
    )


def copies_inside(portal: Portal) -> Sequence[Inside]:  # noqa: ARG001  no archive yet
    """What removes the internal copies of a request that asks for it; each is called with it, and with its keys' file.

    It is called after the public files are without it, and again where an earlier call was cut short.
    """
    return ()


def figures_of(portal: Portal, name: str) -> Sequence[str]:
    """The data sets counted from the rows of a data set: their versions are withdrawn with rows of it."""
    dataset = portal.datasets.get(name)
    if dataset is None or not published_schema(dataset).counted:
        return ()
    return COUNTED


COUNTED = ("calls-by-town", "call-rates-by-town", "call-denominators-by-town")
"""Figures that count published rows of calls."""


def _key_column(portal: Portal, name: str) -> str:
    dataset = portal.datasets.get(name)
    if dataset is None:
        raise UsageError(f"No data set of rows is declared as {name}", ", ".join(portal.datasets) or "none is declared")
    key = published_schema(dataset).with_role("key")
    if key is None or key.name not in dataset.columns:
        raise UsageError(
            f"Data set {name} has no key, so that no row of it can be named",
            "a data set with a key column",
            "Withdraw a version, or the data set.",
        )
    return dataset.columns[key.name].source
