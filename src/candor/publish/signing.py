"""Whether the crosswalks of a release are signed, and with what they went out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from candor.accounting.context import Context
from candor.profiles.crosswalk_review import Unsigned, signatures, unsigned
from candor.store.crosswalk_reviews import CrosswalkReviews, Published
from candor.store.model import Release


def look_for_signatures(
    context: Context, names: Sequence[str], internal: Path, releases: Sequence[Release]
) -> list[Unsigned]:
    """What is to be signed of the data sets named, of all where none is."""
    released = {dataset.name for release in releases for dataset in release.datasets}
    before = {name: (p.by, p.date, p.opened) for name, p in CrosswalkReviews(internal).known.items()}
    return list(unsigned(signatures(context.portal, context.kinds, names), released, before))


def keep_signatures(context: Context, names: Sequence[str], internal: Path, release: int) -> None:
    """Keep what was open, and who had signed, as a release came into force."""
    signed = signatures(context.portal, context.kinds, names)
    CrosswalkReviews(internal).settle({s.dataset: Published(release, s.by, s.date, s.opened) for s in signed})
