"""What a person has read and passed, held against what a scan finds: by the text, else once by a count."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from candor.portal.declared import Review
from candor.portal.model import Portal
from candor.privacy.texts.digests import Digests
from candor.privacy.texts.scan import Hit
from candor.store.review_store import ReviewStore
from candor.store.store import Store

DIGEST = "value"
"""The column of the digests of found texts."""


@dataclass(frozen=True)
class Passes:
    """What was passed of a data set: the digests of texts, and the counts that stand for themselves still.

    `[reviewed.<column>]` with counts passes so many texts once. When a release with them comes into force, these texts
    are known by their digests, and from then on the review is of them and of no other.
    """

    digests: Digests | None = None
    values: frozenset[str] = frozenset()
    counts: Mapping[str, Review] = field(default_factory=dict)

    @property
    def nothing(self) -> bool:
        """Whether nobody has passed anything."""
        return not (self.values or any(review.hits for review in self.counts.values()))

    def left(self, hits: Sequence[Hit], found: pa.Table) -> tuple[Hit, ...]:
        """Of the hits what no review passes; `found` are their texts with digests, or as many as were looked at.

        Of texts beyond those nobody can have passed any.
        """
        passed = found.filter(pc.is_in(found[DIGEST], value_set=pa.array(sorted(self.values), pa.string())))
        return tuple(h for hit in hits if (h := _without(hit, passed)) and not self._counted(h))

    def by_counts(self, hits: Sequence[Hit], found: pa.Table) -> dict[str, tuple[str, ...]]:
        """By review (`review_id`), the digests of the texts that counts alone have passed."""
        made: dict[str, tuple[str, ...]] = {}
        for column, review in self.counts.items():
            rules = [h.rule for h in hits if h.column == column and review.hits.get(h.rule)]
            own = found.filter(pc.and_(pc.equal(found["column"], column),
                                       pc.is_in(found["rule"], value_set=pa.array(rules, pa.string()))))  # fmt: skip
            made[review_id(column, review)] = tuple(sorted({*own[DIGEST].to_pylist()} - self.values))
        return {review: values for review, values in made.items() if values}

    def _counted(self, hit: Hit) -> bool:
        return hit.column in self.counts and hit.texts <= self.counts[hit.column].hits.get(hit.rule, 0)


def _without(hit: Hit, passed: pa.Table) -> Hit | None:
    """The hit without the texts that were passed; None where none is left."""
    own = passed.filter(pc.and_(pc.equal(passed["column"], hit.column), pc.equal(passed["rule"], hit.rule)))
    if not own.num_rows:
        return hit
    texts, rows = hit.texts - own.num_rows, hit.rows - (pc.sum(own["rows"]).as_py() or 0)
    # Which of the examples are left is not known; none is better than one of what was passed.
    return replace(hit, texts=texts, rows=rows, examples=()) if texts > 0 else None


def passes_of(portal: Portal, name: str) -> Passes:
    """What was passed of a data set (of the portal's own texts: `portal.reviews.PORTAL`)."""
    store = ReviewStore(Store(portal.data).internal)
    reviewed = portal.declared[name].reviewed if name in portal.declared else {}
    secret = store.secret()
    if secret is None:
        return Passes(counts=reviewed)
    lines = {line.value for line in portal.reviews.get(name, ())}
    counted = store.counted(name)
    settled = {column: counted[i] for column, r in reviewed.items() if (i := review_id(column, r)) in counted}
    values = lines.union(*settled.values())
    counts = {column: review for column, review in reviewed.items() if column not in settled}
    return Passes(Digests(secret, name), frozenset(values), counts)


def digests_of(portal: Portal, name: str) -> Digests:
    """Those of the texts of a data set, made with the secret of the portal's reviews, which is made if need be."""
    return Digests(ReviewStore(Store(portal.data).internal).made_secret(), name)


def digested(found: pa.Table, digests: Digests) -> pa.Table:
    """Found texts (`privacy.texts.values.FOUND`) with their digests."""
    keys = ("column", "kind", "text")
    values = [digests.of(*line) for line in zip(*(found[k].to_pylist() for k in keys), strict=True)]
    return found.append_column(DIGEST, pa.array(values, pa.string()))


def settle_reviews(portal: Portal, counted: Iterable[tuple[str, Mapping[str, tuple[str, ...]]]]) -> None:
    """Keep what reviews with counts have passed in a release that came into force, by data set and review."""
    every: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, of in counted:
        every.setdefault(name, {}).update(of)
    ReviewStore(Store(portal.data).internal).settle(every)


def review_id(column: str, review: Review) -> str:
    """A review with counts as it is declared: another day, reader or number makes another review of it."""
    return hashlib.sha256(f"{column}\0{review.model_dump_json()}".encode()).hexdigest()[:32]
