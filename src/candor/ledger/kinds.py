"""Which kinds there are figures of, and which of them are told as sensitive ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from candor.accounting.context import Context
from candor.ledger.counted import Counted
from candor.ledger.ledger import Ledger
from candor.profiles.profile import Kind


def used_kinds(context: Context, kind: Kind, datasets: Iterable[str], ledger: Ledger) -> list[str]:
    """The kinds that the crosswalks of data sets lead to and those that were published, in their usual order."""
    slugs = {
        e.category or kind.taxonomy.unmapped.slug
        for name in datasets
        for e in context.portal.crosswalks.get(context.portal.datasets[name].crosswalk, ())
    }
    for table in (ledger.open, ledger.sensitive, ledger.told.filter(pc.equal(ledger.told["layer"], kind.profile.name))):
        slugs |= set(pc.unique(table["category"]).to_pylist())
    # What is withheld altogether is in no count: a line of it would say that there was none.
    return [c.slug for c in kind.taxonomy.categories if c.slug in slugs and c.release != "withheld"]


def once_sensitive(ledger: Ledger) -> set[str]:
    """The kinds that were sensitive in a month that was published: they stay so in it."""
    return {slug for block in ledger.state.blocks for slug in block.sensitive}


def of_kinds(counted: Counted, kinds: Collection[str]) -> Counted:
    """The counts of some kinds alone, in the order that they had."""
    at = [i for i, slug in enumerate(counted.categories) if slug in kinds]
    names, groups = (tuple(texts[i] for i in at) for texts in (counted.categories, counted.groups))
    return replace(counted, categories=names, groups=groups, counts=counted.counts[at], used=counted.used[at])


def still_told(figures: pa.Table, is_sensitive: Collection[str]) -> pa.Table:
    """The figures, of kinds that are open now those alone that were told while they were not."""
    category, coverage = (figures[name].cast(pa.string()) for name in ("category", "coverage"))
    closed = pc.is_in(category, value_set=pa.array(sorted(is_sensitive), pa.string()))
    told = pc.is_in(coverage, value_set=pa.array(["reported", "partly reported", "under 5"]))
    return figures.filter(pc.or_(closed, told))
