"""What is done with data sets of each form, as lists of steps: from their sources to what is put in the release.

A step takes what the steps before it made (`State`) and gives it on with what it adds. It is given the data sets that
it is for (`Part`): those of one profile, or the rows that no profile counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from candor.accounting.context import Context
from candor.profiles.profile import MONTHLY, YEARLY, Form, Kind
from candor.publish.figures import put_figures_by_month
from candor.publish.row_steps import put_hours, put_rows, settle, tell_early
from candor.publish.state import UNCOUNTED, Part, State, Work
from candor.publish.yearly import put_figures_by_year, put_lines, read_lines

Step = Callable[[Work, Part, State], State]

STEPS: Mapping[Form | Literal["rows"], Sequence[Step]] = {
    MONTHLY: (settle, tell_early, put_figures_by_month, put_rows, put_hours),
    YEARLY: (read_lines, put_figures_by_year, put_lines),
    UNCOUNTED: (settle, put_rows),
}


def parts_of(context: Context, names: Sequence[str] = ()) -> tuple[Part, ...]:
    """The data sets of a portal: by profile, in the order in which profiles are offered, then those that none counts.

    `names`: the data sets that are read; all where none is named.
    """
    declared = context.portal.declared
    owners = {name: context.kind_of(name) for name in declared}

    def part(form: Form | Literal["rows"], kind: Kind | None) -> Part:
        own = tuple(name for name in declared if owners[name] is kind)
        return Part(form, own, tuple(name for name in own if not names or name in names), kind)

    counted = (part(kind.profile.form, kind) for kind in context.kinds.values())
    return (*counted, part(UNCOUNTED, None))


def publish_part(work: Work, part: Part, state: State) -> State:
    """Take the data sets of a part through all the steps of their form."""
    for step in STEPS[part.form]:
        state = step(work, part, state)
    return state
