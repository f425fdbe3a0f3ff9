"""What the public is told of rows that agencies mark: that they are withheld, and their share of which kinds."""

from __future__ import annotations

from collections.abc import Iterator

from candor.accounting.context import Context
from candor.accounting.records import Accounted
from candor.ledger.ledger import Ledger
from candor.ledger.share_model import Share
from candor.ledger.shares import closed_kinds


def about_marks(context: Context, accounted: Accounted, ledger: Ledger) -> tuple[str, ...]:
    """Sentences for the readers of a data set; none where its agency cannot mark rows and no kind is closed."""
    return (*_marked(accounted), *_kinds(context, accounted, ledger))


def _marked(accounted: Accounted) -> Iterator[str]:
    """That rows are withheld by marks, and of what."""
    dataset = accounted.dataset
    flags = [c for c in accounted.schema.columns if c.role == "sensitive_flag" and c.name in dataset.columns]
    about = [c.label.lower().removeprefix("related to ") for c in flags]
    about += [rule.about.lower() for rule in dataset.flags.values()]
    if about:
        yield (
            f"Its agency marks records ({'; '.join(dict.fromkeys(about))}). A record that is marked is in no row of "
            "this data set, and in no figure of its kind."
        )


def _kinds(context: Context, accounted: Accounted, ledger: Ledger) -> Iterator[str]:
    """The kinds that marks closed, and of the others the share that was told."""
    kind = context.kind_of(accounted.dataset.name)
    if kind is None:
        return
    closed = closed_kinds(ledger, kind.profile.name)
    labels = {c.slug: c.label for c in kind.taxonomy.categories}
    if closed:
        yield (
            "More than 20 % of the records of these kinds were marked when that was decided, so that they are told in "
            f"counts only since then: {'; '.join(_named(labels, share) for share in closed.values())}."
        )
    told = [
        s for s in ledger.state.shares
        if s.profile == kind.profile.name and s.dataset == accounted.dataset.name and s.category not in closed
    ]  # fmt: skip
    some = [labels.get(s.category, s.category) for s in told if s.tenths]
    few = [s for s in told if not s.tenths]
    if some:
        yield f"Of these kinds 10 to 20 % of the records were marked when that was first told: {'; '.join(some)}."
    if few:
        yield f"Under 10 % of the records were marked of {len(few)} {'other kinds' if some else 'kinds'}."


def _named(labels: dict[str, str], share: Share) -> str:
    of_group = ", of its group" if share.by == "group" else ""
    return f"{labels.get(share.category, share.category)} ({share.words}{of_group})"
