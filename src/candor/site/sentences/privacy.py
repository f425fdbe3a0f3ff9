"""What is withheld, and what the audit found, in words."""

from __future__ import annotations

from collections.abc import Sequence

from candor.site.sentences.words import number
from candor.store.model import AuditCertificate, DatasetVersion


def audit_words(audit: AuditCertificate | None) -> dict[str, str] | None:
    """The figures of an audit as the page of privacy writes them; None where there was none."""
    if audit is None:
        return None
    low, high = audit.narrowest_low, audit.narrowest_high
    between = "" if low is None else f"{number(low)} or more" if high is None else f"{number(low)} to {number(high)}"
    return {
        "told_words": number(audit.told),
        "attacked_words": number(audit.attacked),
        "recovered_words": number(audit.recovered),
        "narrow_words": number(audit.narrow),
        "range_words": between,
    }


def withheld_words(datasets: Sequence[DatasetVersion]) -> list[dict[str, str]]:
    """Of each data set of rows, how many rows and columns are not published; no accounting, no line."""
    return [
        {
            "title": d.title,
            "read": number(d.accounting.read),
            "published": number(d.accounting.published),
            "withheld": number(d.accounting.withheld),
            "quarantined": number(d.accounting.quarantined),
            "columns": number(len(d.withheld_columns)),
        }
        for d in datasets
        if d.accounting is not None
    ]
