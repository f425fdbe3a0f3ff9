"""The audit of a release: what can be worked out of each withheld count from its public files and all earlier ones.

A published figure is the sum of counts of towns and months, known or withheld. Every figure of every release there is
makes an equation about them (`said`, `calls`, `offences`), and linear programs give the least and the greatest value
that each withheld figure can have (`privacy.audit_system`). What is known more closely than it may stops a release.

Nothing of the suppression is imported: categories come from the release files, counts and sums from their tables.
"""

from __future__ import annotations

import time
from dataclasses import replace

from candor.auditing.calls import attack_calls
from candor.auditing.certificates import public_certificate, require_passed, together
from candor.auditing.checks import check_tables
from candor.auditing.offences import attack_offences
from candor.auditing.public import CUBE, FIGURES, RATES, Public
from candor.auditing.reporting import reporting
from candor.privacy.audit_system import Certificate
from candor.privacy.linear import Deadline, UnfinishedError
from candor.store.model import AuditCertificate

__all__ = ["CUBE", "FIGURES", "RATES", "Public", "attacked", "audit_release", "public_certificate", "require_passed"]

_TIME_LIMIT = 180.0


def attacked(public: Public, seconds: float = _TIME_LIMIT) -> AuditCertificate:
    """The certificate of the newest release, where it may have one: the gate that every release goes through.

    Raises `DataError` where something is known better than it may be, and all that `audit_release` raises.
    """
    found = audit_release(public, seconds)
    require_passed(found)
    return public_certificate(found, public)


def audit_release(public: Public, seconds: float = _TIME_LIMIT) -> Certificate:
    """Attack every withheld count of the calls and of the verified offences, with all that was ever published.

    Raises `DataError` where the newest release has something in its tables that must not be there, or where figures
    contradict each other; `UnfinishedError` where the time is over before the end: then nothing is known to be safe.
    """
    newest = public.newest
    deadline, begun = Deadline(seconds), time.monotonic()
    try:
        check_tables(newest, reporting(newest))
        found = together(attack_calls(public, deadline), attack_offences(public, deadline))
    except UnfinishedError as error:
        raise UnfinishedError(seconds) from error
    return replace(found, threshold=newest.threshold, seconds=time.monotonic() - begun)
