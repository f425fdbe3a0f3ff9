"""A data set before it is published: what its guards find, and what of that a person has accepted by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis

from candor.accounting.context import Context
from candor.accounting.count_tables import AccountedCounts
from candor.accounting.records import Accounted
from candor.errors import DataError
from candor.portal.crosswalks import folded
from candor.portal.declared import Acceptance, GuardName
from candor.portal.toml_text import toml_value
from candor.publish.guards.base import Finding, Guard, Looked
from candor.publish.guards.delivery import Delivery, delivered, delivered_counts
from candor.publish.guards.history import Deliveries
from candor.publish.guards.registry import GUARDS
from candor.sources.base import ROW
from candor.store.dataset_model import PublicAcceptance


class DeliveryRefusedError(DataError):
    """A delivery is not like those before it, and nobody has said that it is right."""

    def __init__(self, found: str, allowed: str, remedy: str, block: str) -> None:
        super().__init__(found, allowed, remedy)
        self.block = block

    def __str__(self) -> str:
        """The words, and below them what to write where it is right as it is."""
        return f"{super().__str__()}\n{self.block}"


@dataclass(frozen=True)
class Judged:
    """What was delivered of a data set, why it is refused, if it is, and what of it is accepted."""

    name: str
    delivery: Delivery
    refusals: tuple[DataError, ...] = ()
    accepted: tuple[PublicAcceptance, ...] = ()


def judged(context: Context, accounted: Accounted, known: Deliveries) -> Judged:
    """Hold a data set of rows against its deliveries before."""
    name, dataset = accounted.dataset.name, accounted.dataset
    time = accounted.schema.with_role("time")
    mapping = dataset.columns.get(time.name) if time else None
    taxonomy = context.taxonomy_of(name)
    entries = context.portal.crosswalks.get(dataset.crosswalk, ())
    labels = {folded(e.call_type): c.label for e in entries if e.category and (c := taxonomy.get(e.category))}
    looked = Looked(
        name,
        delivered(accounted, context.engine, context.today),
        known.of(name),
        labels,
        mapping.form if mapping else "",
        lambda: _shape(context, accounted, mapping.sources if mapping else ()),
    )
    return _judged(looked, dataset.accepted)


def judged_counts(context: Context, accounted: AccountedCounts, known: Deliveries) -> Judged:
    """The same of a data set of counts."""
    name = accounted.dataset.name
    return _judged(Looked(name, delivered_counts(accounted, context.today), known.of(name)), accounted.dataset.accepted)


def _judged(looked: Looked, accepted: Mapping[GuardName, Acceptance]) -> Judged:
    refusals: list[DataError] = []
    passed: list[PublicAcceptance] = []
    silent: set[str] = set()
    for guard in GUARDS:
        found = None if guard.name in silent else guard.find(looked)
        if found is None:
            continue
        silent.update(guard.explains)
        yes = accepted.get(guard.name)
        if yes is None or yes.found != found.found:
            refusals.append(_refusal(looked, guard, found, yes))
        else:
            passed.append(
                PublicAcceptance(
                    guard=guard.name, says=guard.says, name=yes.name, accepted_on=yes.date, reason=yes.reason
                )
            )
    return Judged(looked.name, looked.now, tuple(refusals), tuple(passed))


def _refusal(looked: Looked, guard: Guard, found: Finding, yes: Acceptance | None) -> DataError:
    other = f" {yes.name} accepted something else on {yes.date}: {yes.found}." if yes else ""
    lines = (
        f"[accepted.{guard.name}]",
        'name = "your name and office"',
        f"date = {looked.now.on:%Y-%m-%d}",
        'reason = "why it is so, in words for the public"',
        f"found = {toml_value(found.found)}",
    )
    block = "\n".join(f"    {line}" for line in lines)
    return DeliveryRefusedError(
        f"{looked.name}: {found.words}.{other}",
        found.allowed,
        f"{found.remedy} Until then what was published stays. Where it is right as it is, write into "
        f"datasets/{looked.name}.toml{', in place of what is there' if yes else ''}.",
        block,
    )


def require_accepted(judgements: Sequence[Judged]) -> None:
    """Raises one `DataError` of all that the guards refuse."""
    refusals = [r for one in judgements for r in one.refusals]
    if len(refusals) == 1:
        raise refusals[0]
    if refusals:
        raise DataError("\n\n".join(str(r) for r in refusals))


def _shape(context: Context, accounted: Accounted, columns: Sequence[str]) -> str:
    """The form of most quarantined times: digits as 9, letters as A, so that nothing of a row is told."""
    rows = context.engine.read(accounted.quarantined_path)
    if not columns or any(c not in rows.columns for c in columns):
        return ""
    text = ibis.literal(" ").join([rows[c].fill_null("") for c in columns]).strip()
    shape = text.re_replace(r"[0-9]", "9").re_replace(r"\p{L}", "A")
    counts = rows.group_by(_shape=shape).agg(rows=rows[ROW].count())
    found = context.engine.arrow(counts.order_by(ibis.desc("rows"), "_shape").limit(1))["_shape"].to_pylist()
    return str(found[0])[:40] if found else ""
