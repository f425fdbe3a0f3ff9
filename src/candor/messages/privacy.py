"""What is withheld, why, who approved what, and what the audit found, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from candor.messages.words import day_name, listed, number, percent
from candor.store.dataset_model import DatasetVersion, PublicAcceptance, PublicApproval, PublicChange, PublicReview
from candor.store.model import AuditCertificate, PublicCategory, Release

_CLASSES = {
    "identifier": "names or leads to a person",
    "sensitive": "is theirs to tell",
    "quasi": "could help to tell who a person is",
    "open": "tells nothing of a person",
}
_EXACTNESS = {
    "none": "exactly", "hour": "to the hour", "date": "to the day", "month": "to the month", "year": "to the year",
    "band": "in bands", "band10": "in bands of ten", "band20": "in bands of twenty", "top": "up to a highest number",
    "parent": "as a wider category", "town": "as its town", "county": "as its county", "hash": "as a keyed hash",
}  # fmt: skip
_RELEASES = {"records": "as records and counts", "aggregates": "as counts only", "withheld": "not at all"}


def audit_words(audit: AuditCertificate | None) -> list[tuple[str, str]]:
    """What an audit found, as lines of a table: what, and how much. A certificate of an older form has fewer."""
    if audit is None:
        return []
    found = [
        (words, number(value))
        for name, words in _AUDITED.items()
        if isinstance(value := getattr(audit, name, None), int)
    ]
    seconds = getattr(audit, "seconds", 0.0)
    of = getattr(audit, "fewest_of", "")
    found += [("The figure that has fewest", of)] if of else []
    return [*found, *([("Seconds that it took", f"{seconds:,.1f}")] if seconds else [])]


_AUDITED = {
    "versions": "Releases attacked together",
    "told": "Published figures used",
    "attacked": "Counts attacked: of every sensitive kind, town and period, told or not",
    "exact": "Worked out exactly",
    "narrow": "With fewer than three possible values",
    "fewest": "The fewest values that any of them may still have",
    "insiders": "Agencies that were tried as attackers, each with its own counts known",
    "insider_exact": "Counts of 1 to 4 of others that an agency works out exactly",
    "insider_zeros": "Counts of others that an agency knows to be 0",
}
"""What is read of a certificate, where it has it, and how it is said."""


def withheld_words(release: Release) -> list[dict[str, str]]:
    """Of each data set of rows, how many rows and columns are not published."""
    return [
        {
            "title": d.title,
            "published": number(d.accounting.published),
            "duplicates": f"about {number(d.accounting.duplicates)}",
            "quarantined": f"about {number(d.accounting.quarantined)}",
            "columns": number(len(d.withheld_columns)),
        }
        for d in release.datasets
        if d.accounting is not None
    ]


def protected_words(categories: Iterable[PublicCategory], besides: Mapping[str, str]) -> list[dict[str, str]]:
    """Which kinds are sensitive or not published as records: those of one reason together, in their order.

    `besides`: the words of profiles whose kinds are named with them.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for c in categories:
        if c.sensitivity == "sensitive" or c.release != "records":
            how = _RELEASES[c.release] + (", rounded" if c.sensitivity == "sensitive" else "")
            label = f"{c.label} ({besides[c.profile]})" if c.profile in besides else c.label
            groups.setdefault((how, c.reason), []).append(label)
    return [{"kinds": "; ".join(labels), "how": how, "reason": reason} for (how, reason), labels in groups.items()]


def columns_withheld_words(datasets: Sequence[DatasetVersion]) -> list[dict[str, str]]:
    """Which columns are withheld and why: a column of the same name and reason once, with its data sets."""
    found: dict[tuple[str, str], list[str]] = {}
    for d in datasets:
        for column in d.withheld_columns:
            found.setdefault((column.label or column.name, column.reason), []).append(d.title)
    return [{"column": c, "reason": reason, "titles": "; ".join(titles)} for (c, reason), titles in found.items()]


def under_sentence(numbers: int, under: int) -> str:
    """How many figures of sensitive kinds are told as under 5, of how many."""
    every = numbers + under
    if not every:
        return "No figure of a sensitive kind is told yet."
    verb = "is" if under == 1 else "are"
    return (
        f"Of {number(every)} figures that are told, {number(under)} {verb} under 5 ({percent(under / every)}); the"
        " others have a number, to the nearest 5."
    )


def approval_words(datasets: Sequence[DatasetVersion]) -> list[dict[str, str]]:
    """What is published beyond the standard: one line for each approval, with the data sets that it is for."""
    found: dict[PublicApproval, list[str]] = {}
    for d in datasets:
        for approval in d.approvals:
            found.setdefault(approval, []).append(d.title)
    return [{**approval_line(a), "titles": "; ".join(titles)} for a, titles in found.items()]


def approval_line(approval: PublicApproval) -> dict[str, str]:
    """What is published, how the standard has it, who approved it and why."""
    what = "Column" if approval.subject == "column" else "Kind of call"
    return {
        "what": f"{what}: {approval.label}",
        "change": f"{listed([_change(c) for c in approval.changes]).capitalize()}.",
        "who": f"{approval.approved_by}, {day_name(approval.approved_on)}",
        "reason": approval.reason,
    }


def _change(change: PublicChange) -> str:
    match change.key:
        case "publish":
            return "published, where the standard withholds it"
        case "class":
            return f"held to be what {_CLASSES[change.now]}, where the standard says that it {_CLASSES[change.was]}"
        case "generalise":
            return f"published {_EXACTNESS[change.now]}, where the standard has it {_EXACTNESS[change.was]}"
        case "sensitivity":
            return "numbers published as they are, where the standard rounds them"
        case _:
            return f"published {_RELEASES[change.now]}, where the standard has it {_RELEASES[change.was]}"


def review_words(release: Release) -> list[dict[str, str]]:
    """Which texts a person has read and passed: of the portal itself, then data set by data set."""
    own = [{**review_line(r), "title": release.portal.title} for r in release.portal.reviews]
    return own + [{**review_line(r), "title": d.title} for d in release.datasets for r in d.reviews]


def review_line(review: PublicReview) -> dict[str, str]:
    """The column, who read it, why it is published, and what only looked like a person's."""
    passed = f" Looked like it and is not: {listed(list(review.passed))}." if review.passed else ""
    return {
        "column": review.label,
        "who": f"{review.name}, {day_name(review.reviewed_on)}",
        "reason": f"{review.reason}{passed}",
    }


def unchecked_sentence(datasets: Sequence[DatasetVersion]) -> str:
    """What the scan of texts left unchecked, and in which data sets; nothing where all was checked."""
    titles = [d.title for d in datasets if d.unchecked]
    if not titles:
        return ""
    left = next(d.unchecked for d in datasets if d.unchecked)
    return f"Unchecked in the texts of {listed(titles)}: {left}."


def accepted_words(datasets: Sequence[DatasetVersion]) -> list[dict[str, str]]:
    """What was unlike the deliveries before and is right all the same, as a person says, data set by data set."""
    return [{**accepted_line(a), "title": d.title} for d in datasets for a in d.accepted]


def accepted_line(accepted: PublicAcceptance) -> dict[str, str]:
    """What was found of the delivery, who says that it is so, and why."""
    return {
        "what": f"{accepted.says[:1].upper()}{accepted.says[1:]}",
        "who": f"{accepted.name}, {day_name(accepted.accepted_on)}",
        "reason": accepted.reason,
    }
