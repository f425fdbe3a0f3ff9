"""The release files as they are after a withdrawal: what they say of what is gone, and of what changed by it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from candor.store.changes import describe
from candor.store.dataset_model import Accounting, DatasetVersion
from candor.store.model import Release
from candor.store.rows_gone import Fresh
from candor.store.tombstones import Withdrawal

Key = tuple[str, int]
"""A data set's name and the number of a version."""

_ROLLBACK = re.compile(r"^Rollback to version \d+\. ")


def restated(
    releases: Sequence[Release],
    gone: Mapping[Key, Withdrawal],
    whole: set[str],
    fresh: Mapping[Key, Fresh],
    logs: Mapping[Key, int],
) -> list[Release]:
    """All releases, without the versions `gone`, and with the others as they are without rows that went.

    `whole` are the data sets that went with all versions, `logs` where versions are in the tables' new logs.
    """
    new: dict[Key, DatasetVersion] = {}
    for version in (v for r in releases for v in (*r.datasets, *r.withdrawn)):
        key = (version.name, version.version)
        new.setdefault(key, _version(version, gone.get(key), fresh.get(key), logs.get(key)))
    said = {key: _changes(version, new, gone, fresh) for key, version in new.items()}
    return [_release(r, gone, whole, fresh, logs, said) for r in releases]


def _release(
    release: Release,
    gone: Mapping[Key, Withdrawal],
    whole: set[str],
    fresh: Mapping[Key, Fresh],
    logs: Mapping[Key, int],
    said: Mapping[Key, str],
) -> Release:
    here = [(d, (d.name, d.version)) for d in release.datasets]
    kept = [_version(d, None, fresh.get(k), logs.get(k)) for d, k in here if k not in gone]
    taken = [_version(d, gone[k], None, None) for d, k in here if k in gone]
    # What the audit knew most closely is named there, figure by figure.
    audit = release.audit.model_copy(update={"narrowest": ()}) if release.audit and taken else release.audit
    return release.model_copy(
        update={
            "datasets": tuple(d.model_copy(update={"changes": said[d.name, d.version]}) for d in kept),
            "withdrawn": (*release.withdrawn, *taken),
            "coverage": tuple(c for c in release.coverage if c.dataset not in whole),
            "audit": audit,
        }
    )


def _version(
    version: DatasetVersion, withdrawn: Withdrawal | None, fresh: Fresh | None, at: int | None
) -> DatasetVersion:
    if version.withdrawn:
        return version
    if withdrawn:
        return DatasetVersion(
            name=version.name, id=version.id, kind=version.kind, title=version.name, columns=(),
            version=version.version, delta_version=-1, files=(), rows=0, published_at=version.published_at,
            withdrawn=withdrawn,
        )  # fmt: skip
    update: dict[str, object] = {} if at is None else {"delta_version": at}
    if fresh:
        update |= {
            "files": fresh.files, "rows": fresh.rows, "file_rows": fresh.file_rows, "file_sha256": fresh.file_sha256,
            "content_sha256": fresh.content_sha256, "accounting": _less(version.accounting, fresh.lost),
        }  # fmt: skip
        if fresh.lost:
            # Whoever withdraws may measure it anew; the old measure is of rows that are gone.
            update["anonymity"] = None
        if version.first_date and (fresh.first or not fresh.rows):
            update |= {"first_date": fresh.first, "last_date": fresh.last}
    return version.model_copy(update=update)


def _less(accounting: Accounting | None, lost: int) -> Accounting | None:
    """As if the rows had never been in the source."""
    if accounting is None or not lost:
        return accounting
    return accounting.model_copy(
        update={
            "published": accounting.published - lost,
        }
    )


def _changes(
    version: DatasetVersion,
    versions: Mapping[Key, DatasetVersion],
    gone: Mapping[Key, Withdrawal],
    fresh: Mapping[Key, Fresh],
) -> str:
    """What is different from the version before, said anew where either of the two has changed."""
    key, earlier = (version.name, version.version), (version.name, version.version - 1)
    if version.withdrawn or not {key, earlier} & (gone.keys() | fresh.keys()):
        return version.changes
    rollback = _ROLLBACK.match(version.changes)
    words = describe(version, version.rows, version.content_sha256, versions.get(earlier))
    return (rollback[0] if rollback else "") + words
