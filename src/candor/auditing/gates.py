"""The gate before the store: nothing comes into force that the audit can work out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from candor.auditing.audit import TIME_LIMIT, audit_release
from candor.auditing.certificates import public_certificate, require_passed
from candor.auditing.public import Public
from candor.portal.problems import DataError
from candor.store.model import AuditCertificate, Release

_WHOLE = (
    "Nothing was changed. What is withheld now is not told again by going back: publish the data as they should be "
    "instead."
)
_ONE = (
    "Nothing was changed. Figures that were counted together belong together: bring the whole release back (candor "
    "versions lists them), or publish again."
)


def admitted(public: Public, seconds: float = TIME_LIMIT) -> Release:
    """The newest release as it may come into force, with its certificate: the gate of what was never published.

    Where something can be worked out and the number of rows that are not published is told, the release is attacked
    once more without that number, and loses it if that helps. Raises what `attacked` raises.
    """
    release = public.releases[-1]
    found = audit_release(public, seconds)
    if not found.passed and (silent := _without_sums(release)) != release:
        public = Public(public.folder, (*public.releases[:-1], silent))
        found = audit_release(public, seconds)
    require_passed(found)
    return public.releases[-1].model_copy(update={"audit": public_certificate(found, public)})


def _without_sums(release: Release) -> Release:
    """The release without the sums of rows of its calls."""
    calls = release.of_calls
    datasets = (d.model_copy(update={"accounting": None}) if d in calls else d for d in release.datasets)
    return release.model_copy(update={"datasets": tuple(datasets), "accounting": None})


def attacked(public: Public, seconds: float = TIME_LIMIT) -> AuditCertificate:
    """The certificate of the newest release as it is, where it may have one.

    Raises `DataError` where something is known better than it may be, and all that `audit_release` raises.
    """
    found = audit_release(public, seconds)
    require_passed(found)
    return public_certificate(found, public)


def rollback_gate(folder: Path, *, whole: bool) -> Callable[[tuple[Release, ...]], AuditCertificate]:
    """The same for a release that brings old content back, a `whole` one or one data set; for the store."""

    def gate(releases: tuple[Release, ...]) -> AuditCertificate:
        try:
            _stays_closed(releases)
            return attacked(Public(folder, releases))
        except DataError as error:
            raise DataError(error.found, error.allowed, _WHOLE if whole else _ONE) from error

    return gate


def _stays_closed(releases: tuple[Release, ...]) -> None:
    """Nobody approves a rollback by name, so it opens no category that has become sensitive since."""
    *_, now, proposed = releases
    again: list[str] = []
    for before, after in (
        (now.categories, proposed.categories),
        (now.offence_categories, proposed.offence_categories),
    ):
        sensitive = {c.slug for c in before if c.sensitivity == "sensitive"}
        again += [c.label for c in after if c.sensitivity != "sensitive" and c.slug in sensitive]
    if again:
        raise DataError(
            f"The old content tells of {', '.join(again)} openly", "what is sensitive in the release in force stays so"
        )
