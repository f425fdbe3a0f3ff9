"""The gate before the store: nothing comes into force of which too much can be worked out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from candor.audit.audit import TIME_LIMIT, Attack, audit_release
from candor.audit.certificates import require_passed
from candor.audit.public import Public
from candor.errors import DataError
from candor.store.model import AuditCertificate, Release

_WHOLE = (
    "Nothing was changed. What is not told now is not told again by going back: publish the data as they should be "
    "instead."
)
_ONE = (
    "Nothing was changed. Figures that were counted together belong together: bring the whole release back (candor "
    "versions lists them), or publish again."
)


def admitted(
    public: Public, seconds: float = TIME_LIMIT, insiders: pa.Table | None = None, before: Attack | None = None
) -> Release:
    """The newest release as it may come into force, with its certificate: the gate of what was never published.

    `before`: see `audit_release`. Raises `DataError` where something is known better than it may be, and all that
    `audit_release` raises.
    """
    audited = audit_release(public, seconds, insiders, before)
    require_passed(audited)
    return public.releases[-1].model_copy(update={"audit": audited})


def rollback_gate(folder: Path, *, whole: bool) -> Callable[[tuple[Release, ...]], AuditCertificate]:
    """The same for a release that brings old content back, a `whole` one or one data set; for the store."""

    def gate(releases: tuple[Release, ...]) -> AuditCertificate:
        try:
            _stays_closed(releases)
            audited = audit_release(Public(folder, releases))
            require_passed(audited)
        except DataError as error:
            raise DataError(error.found, error.allowed, _WHOLE if whole else _ONE) from error
        return audited

    return gate


def _stays_closed(releases: tuple[Release, ...]) -> None:
    """Nobody approves a rollback by name, so it opens no category that has become sensitive since."""
    *_, now, proposed = releases
    again: list[str] = []
    sensitive = {(c.profile, c.slug) for c in now.categories if c.sensitivity == "sensitive"}
    again += [c.label for c in proposed.categories if c.sensitivity != "sensitive" and (c.profile, c.slug) in sensitive]
    if again:
        raise DataError(
            f"The old content tells of {', '.join(again)} openly", "what is sensitive in the release in force stays so"
        )
