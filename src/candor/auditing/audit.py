"""One release attacked with all that was ever published."""

from __future__ import annotations

import time
from dataclasses import replace

from candor.auditing.calls import attack_calls
from candor.auditing.certificates import together
from candor.auditing.checks import check_tables
from candor.auditing.offences import attack_offences
from candor.auditing.public import Public
from candor.auditing.reporting import reporting
from candor.privacy.audit_system import Certificate
from candor.privacy.linear import Deadline, UnfinishedError

TIME_LIMIT = 180.0


def audit_release(public: Public, seconds: float = TIME_LIMIT) -> Certificate:
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
