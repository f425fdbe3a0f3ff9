"""One release attacked with all that was ever published."""

from __future__ import annotations

import time

import pyarrow as pa

from candor.audit.certificates import certificate
from candor.audit.checks import check_tables
from candor.audit.insiders import attack_insiders
from candor.audit.outsider import Case, attack_all
from candor.audit.public import Public
from candor.solver.linear import Deadline, UnfinishedError
from candor.store.model import AuditCertificate

TIME_LIMIT = 180.0


def audit_release(public: Public, seconds: float = TIME_LIMIT, insiders: pa.Table | None = None) -> AuditCertificate:
    """Attack every sensitive count with all that was ever published, and with what agencies know where that is given.

    `insiders`: the true counts (`agency, geoid, month, category, calls`), of the publisher's machine.

    Raises `DataError` where a release has something in its tables that must not be there, or tells one figure twice;
    `UnfinishedError` where the time is over before the end: then nothing is known to be safe.
    """
    deadline, begun = Deadline(seconds), time.monotonic()
    try:
        check_tables(public)
        case = Case(public, deadline)
        found = attack_all(case)
        inside = None
        if insiders is not None and not found.narrow:  # what an outsider finds, every agency finds
            inside = attack_insiders(case, public.newest.release.coverage, insiders)
    except UnfinishedError as error:
        raise UnfinishedError(seconds) from error
    return certificate(case, found, inside, len(public.releases), time.monotonic() - begun)
