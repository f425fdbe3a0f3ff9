"""What a data set's file says of disclosure, put to use: the schema as published, reviews and approvals in public."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from candor.portal.model import DatasetConfig, Portal
from candor.portal.schema_model import Schema
from candor.privacy.records.columns import NOT_DECLARED, withheld_columns
from candor.privacy.texts.by_model import MODEL_RULES
from candor.privacy.texts.scan_rules import rules
from candor.profiles.catalogue import schema_of
from candor.profiles.declared import approvals, effective_schema
from candor.profiles.profile import standard_taxonomy
from candor.store.dataset_model import PublicApproval, PublicChange, PublicReview, WithheldColumn
from candor.vocabulary.visible import stripped

_FLAG = (
    "A mark of the agency's own ({about}): what a record is marked as is not published, and neither is the row of one "
    "that is."
)

_LABELS = {"texts": "Title, description and other words", "reported_as": "Reported as", "area": "Area",
           "withheld_columns": "Columns withheld"}  # fmt: skip
_KINDS = {
    "name": "names", "phone": "telephone numbers", "email": "e-mail addresses", "plate": "licence plates",
    "ssn": "social security numbers", "birth": "dates of birth", "address": "addresses",
    "record": "numbers of records", "handle": "handles", "medical": "medical facts", "badge": "badge numbers",
    "vehicle": "vehicles", "place": "coordinates", "coordinates": "coordinates", "school": "schools",
}  # fmt: skip
"""What looked like somebody's, by the kind that a scan finds."""


def published_schema(dataset: DatasetConfig) -> Schema:
    """The schema of a data set with the rules of its `[disclosure]` in it: what every step of a release goes by."""
    return effective_schema(dataset, schema_of(dataset))


def withheld(dataset: DatasetConfig, schema: Schema) -> tuple[WithheldColumn, ...]:
    """Every column of the declared source that is not published, with its reason; those that nobody declared too."""
    used = {name for m in dataset.columns.values() for name in m.sources} | set(dataset.flags)
    return (
        *(
            WithheldColumn(name=name, label=label, reason=reason)
            for name, label, reason in withheld_columns(schema)
            if name in dataset.columns
        ),
        *(
            WithheldColumn(name=stripped(name), label=stripped(name), reason=_FLAG.format(about=rule.about.lower()))
            for name, rule in dataset.flags.items()
        ),
        *(
            WithheldColumn(name=stripped(name), label=stripped(name), reason=NOT_DECLARED)
            for name in dataset.source.columns
            if name not in used
        ),
    )


def public_approvals(dataset: DatasetConfig) -> tuple[PublicApproval, ...]:
    """What the data set's file approves that is less strict than the standard."""
    return tuple(
        PublicApproval(
            subject=a.subject, name=a.name, label=a.label, approved_by=a.approved_by, approved_on=a.date,
            reason=a.reason, changes=tuple(PublicChange(key=c.key, was=c.was, now=c.now) for c in a.changes),
        )
        for a in approvals(dataset, schema_of(dataset), standard_taxonomy("calls"))
    )  # fmt: skip


def public_reviews(portal: Portal, name: str, labels: Mapping[str, str]) -> tuple[PublicReview, ...]:
    """Who read and passed what of a data set, or of the portal's own texts; `labels` of columns by name."""
    says = {rule.name: rule.says for rule in rules()} | {name: what for name, (_, what) in MODEL_RULES.items()}
    labels = {**_LABELS, **labels}
    whole = tuple(
        PublicReview(
            column=column, label=labels.get(column, column), name=review.name, reviewed_on=review.date,
            reason=review.reason, passed=tuple(says.get(rule, rule) for rule in review.hits),
        )
        for column, review in (portal.declared[name].reviewed.items() if name in portal.declared else ())
    )  # fmt: skip
    kinds: dict[tuple[str, str, date, str], list[str]] = {}
    for line in portal.reviews.get(name, ()):
        kinds.setdefault((line.column, line.name, line.date, line.reason), []).append(_KINDS.get(line.kind, line.kind))
    return whole + tuple(
        PublicReview(
            column=column, label=labels.get(column, column), name=who, reviewed_on=day, reason=reason,
            passed=tuple(dict.fromkeys(passed)),
        )
        for (column, who, day, reason), passed in kinds.items()
    )  # fmt: skip
