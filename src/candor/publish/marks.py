"""The first stage of every run: all rows accounted for, and the kinds that their agencies' marks close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from candor.accounting.anonymity import without_alone
from candor.accounting.context import Context
from candor.accounting.marked import marks, without_kinds
from candor.accounting.records import Accounted
from candor.ledger.ledger import Ledger
from candor.ledger.shares import KindMarks, as_closed, closed_kinds, decided, marks_of, with_marks
from candor.publish.reading import account_rows


@dataclass(frozen=True)
class Read:
    """What was read: the context in which kinds are closed, the ledger with what closed them, the data sets of rows.

    `marks`: what the marks of each say of its open kinds.
    """

    context: Context
    ledger: Ledger
    accounted: Mapping[str, Accounted]
    marks: tuple[KindMarks, ...]


def read_all(context: Context, names: Sequence[str], ledger: Ledger) -> Read:
    """Account for every row of data sets of rows; decide by their marks, and by those before, which kinds are open.

    What one data set's marks say of a kind holds in all of its profile: an agency that cannot mark has such calls too.
    """
    accounted = {name: account_rows(context, name) for name in names}
    said: list[KindMarks] = []
    kinds = dict(context.kinds)
    for key, kind in context.kinds.items():
        own = [name for name in names if context.kind_of(name) is kind]
        for name in own:
            counts = marks(accounted[name], context.engine)
            if counts is not None:
                ledger = with_marks(ledger, name, counts)
        ledger = decided(ledger, kind, own, context.today)
        kinds[key] = as_closed(kind, ledger)
        said += [line for name in own for line in marks_of(ledger, kind, name)]
        closed = closed_kinds(ledger, kind.profile.name)
        accounted |= {name: without_kinds(context, accounted[name], closed) for name in own}
    accounted = {name: without_alone(context, one) for name, one in accounted.items()}
    return Read(replace(context, kinds=kinds), ledger, accounted, tuple(said))
