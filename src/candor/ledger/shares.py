"""The shares of rows that agencies mark in open kinds, and the kinds that this closes for good (METHODS, Protection 2).

A kind of which more than a fifth is marked says too much by its name. It is closed: none of its rows is published from
then on, and it is told as a sensitive kind is. A kind of few rows is decided by its group. Months that were published
before stay as they were, and a kind that was closed stays so, whatever later marks say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from candor.ledger.ledger import Ledger
from candor.ledger.share_model import MARKED, Share
from candor.profiles.profile import Kind
from candor.profiles.taxonomy import Category, Taxonomy

PARTS = 5
"""A kind is closed where more than one in so many of its rows is marked."""

FEW = 40
"""A kind of fewer rows is decided by its group."""

LEAST = 5
"""Of a group that has few rows too, so many must be marked: one call in three says nothing of a kind for good."""


@dataclass(frozen=True)
class KindMarks:
    """How many rows of an open kind a data set has, how many of them its agency marks, and what becomes of the kind.

    `by`: whose rows decide, and `share`: the share of those. `closed`: since when the kind is told in counts only; None
    where it is open.
    """

    dataset: str
    category: str
    label: str
    rows: int
    marked: int
    by: Literal["kind", "group"]
    share: float
    closed: date | None

    @property
    def own_share(self) -> float:
        """The share of the kind's own rows that are marked."""
        return self.marked / self.rows


def with_marks(ledger: Ledger, name: str, counts: pa.Table) -> Ledger:
    """The ledger with what a data set's source marks now (`month, category, rows, marked`), month by month.

    What earlier sources had of months of which this one has nothing stays.
    """
    own = counts.append_column("dataset", pa.array([name] * counts.num_rows, pa.string()))
    lines = ledger.marked
    again = pc.and_(
        pc.equal(lines["dataset"], name),
        pc.is_in(lines["month"], value_set=pa.array(counts["month"].to_pylist(), pa.date32())),
    )
    kept = lines.filter(pc.invert(again))
    return replace(ledger, marked=pa.concat_tables([kept, own.select(MARKED.names).cast(MARKED)]))


def decided(ledger: Ledger, kind: Kind, datasets: Collection[str], today: date) -> Ledger:
    """The ledger with what the marks of data sets say of the open kinds of a profile, where it was not decided yet.

    `kind`: the profile with its categories by the portal's rules, as they are without any that marks closed.
    """
    profile = kind.profile.name
    shares = list(ledger.state.shares)
    for name in sorted(datasets):
        done = {s.category for s in shares if s.profile == profile and s.closed}
        said = {s.category for s in shares if s.profile == profile and s.dataset == name}
        for category, by, rows, marked in _bases(_sums(ledger, name), kind.taxonomy):
            closes = marked * PARTS > rows and (rows >= FEW or marked >= LEAST)
            # Of an open kind the unmarked rows are public: by their number, and not by that of all, it is told or not.
            untold = category.slug in said or by == "group" or rows - marked < FEW
            if category.slug in done or (untold and not closes):
                continue
            tenths = min(marked * 10 // rows, 9 if closes else 1) if rows >= FEW else None
            shares.append(
                Share(profile=profile, dataset=name, category=category.slug, closed=closes, by=by, tenths=tenths,
                      on=today)
            )  # fmt: skip
    return ledger.with_state(shares=tuple(shares))


def closed_kinds(ledger: Ledger, profile: str) -> Mapping[str, Share]:
    """The kinds of a profile that marks closed, each with what closed it first."""
    return {s.category: s for s in reversed(ledger.state.shares) if s.profile == profile and s.closed}


def as_closed(kind: Kind, ledger: Ledger) -> Kind:
    """The profile in which the kinds that marks closed are sensitive, with their reason for the public."""
    closed = closed_kinds(ledger, kind.profile.name)
    if not closed:
        return kind
    categories = tuple(
        _closed(c, closed[c.slug], kind.profile.words.many) if c.slug in closed and c.sensitivity == "open" else c
        for c in kind.taxonomy.categories
    )
    return kind.model_copy(update={"taxonomy": Taxonomy(categories=categories)})


def marks_of(ledger: Ledger, kind: Kind, name: str) -> tuple[KindMarks, ...]:
    """What a data set's marks say of each open kind, the most marked first; nothing where it has no marks.

    `kind`: as for `decided`.
    """
    closed, sums = closed_kinds(ledger, kind.profile.name), _sums(ledger, name)
    lines = [
        KindMarks(name, category.slug, category.label, *sums[category.slug], by, marked / rows,
                  closed[category.slug].on if category.slug in closed else None)
        for category, by, rows, marked in _bases(sums, kind.taxonomy)
    ]  # fmt: skip
    return tuple(sorted(lines, key=lambda line: (-line.own_share, line.label)))


def _closed(category: Category, share: Share, many: str) -> Category:
    whose = f"these {many}" if share.by == "kind" else f"the {many} of its group"
    return category.model_copy(
        update={
            "sensitivity": "sensitive",
            "release": "aggregates" if category.release == "records" else category.release,
            "reason": f"Privacy of victims and patients: an agency marks {share.words} of {whose} as about mental "
            "health, violence at home or another sensitive matter, so that the kind alone can tell of one.",
        }
    )


def _sums(ledger: Ledger, name: str) -> dict[str, tuple[int, int]]:
    """By kind, the rows of a data set and how many of them are marked, over all months that were read."""
    own = ledger.marked.filter(pc.equal(ledger.marked["dataset"], name))
    sums = own.group_by("category").aggregate([("rows", "sum"), ("marked", "sum")])
    return {line["category"]: (line["rows_sum"], line["marked_sum"]) for line in sums.to_pylist()}  # one a kind


def _bases(
    sums: Mapping[str, tuple[int, int]], taxonomy: Taxonomy
) -> Iterator[tuple[Category, Literal["kind", "group"], int, int]]:
    """Of each open kind that has rows, whose rows decide: how many they are, and how many of them are marked."""
    open_ = [c for c in taxonomy.categories if c.sensitivity == "open" and sums.get(c.slug, (0, 0))[0]]
    for category in open_:
        rows, marked = sums[category.slug]
        if rows >= FEW:
            yield category, "kind", rows, marked
        else:
            group = [sums[c.slug] for c in open_ if c.group == category.group]
            yield category, "group", sum(r for r, _ in group), sum(m for _, m in group)
