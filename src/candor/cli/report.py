"""What a command says at its end: a table for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from candor.accounting import Accounted, Outcome
from candor.count_accounting import AccountedCounts
from candor.privacy.audit_system import Certificate
from candor.progress import Steps
from candor.protected_rows import Measured

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

_SUMS = ("read", "published", "duplicates", "quarantined", "withheld")


@contextmanager
def working(*, quiet: bool) -> Iterator[Steps]:
    """Steps whose words go to a progress line on the terminal; silent for programs."""
    if quiet:
        yield Steps()
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("Starting", total=None)
        yield Steps(lambda words: progress.update(task, description=words))


def say(words: str) -> None:
    """A line for people."""
    out.print(words, highlight=False, markup=False)


def print_json(value: object) -> None:
    """The summary for programs: one JSON document on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))  # noqa: T201  # rich would wrap and colour it


def accounted_json(accounted: Accounted | AccountedCounts) -> dict[str, Any]:
    """One data set's sums, with reasons."""
    return {
        "name": accounted.dataset.name,
        **accounted.sums,
        "reasons": [_json(o) for o in accounted.outcomes if o.reason],
        "placed_by": {o.outcome: o.rows for o in accounted.placed_by},
        "notes": {o.outcome: o.rows for o in accounted.notes},
        "new_types": dict(accounted.new_types),
        "incomplete_months": {agency: list(months) for agency, months in accounted.incomplete.items()},
        "source_notes": list(accounted.landed.notes),
    }


def say_accounted(accounted: Sequence[Accounted | AccountedCounts]) -> None:
    """The sums as a table, then reasons, places and what was odd, data set by data set."""
    rows = [[a.dataset.name, *(f"{a.sums[s]:,}" for s in _SUMS)] for a in accounted]
    say_table(
        "Every row ends in one of four: read = published + duplicates + quarantined + withheld",
        ["data set", *_SUMS],
        rows,
        right=set(range(1, 6)),
    )
    for one in accounted:
        _say_details(one)


def say_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], right: set[int] | None = None) -> None:
    """A small table."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for position, name in enumerate(header):
        table.add_column(name, justify="right" if right and position in right else "left")
    for row in rows:
        table.add_row(*row)
    out.print(table)


def say_pairs(title: str, pairs: Mapping[str, int]) -> None:
    """Words and their numbers."""
    if pairs:
        say(f"\n{title}")
        for words, number in pairs.items():
            say(f"  {number:>9,}  {words}")


def _say_details(one: Accounted | AccountedCounts) -> None:
    say_pairs(
        f"{one.dataset.name}: why rows are not published",
        {f"{o.outcome}: {o.reason}": o.rows for o in one.outcomes if o.reason},
    )
    say_pairs(f"{one.dataset.name}: how rows were placed", {o.outcome: o.rows for o in one.placed_by})
    say_pairs(f"{one.dataset.name}: what was odd", {o.outcome: o.rows for o in one.notes})
    say_pairs(
        f"{one.dataset.name}: call types that the crosswalk does not name (not published; add them there)",
        dict(one.new_types),
    )
    for agency, months in one.incomplete.items():
        say(
            f"\n{one.dataset.name}: {agency} sent only part of {', '.join(months)}: days without a row that chance "
            "does not explain. These months are treated as not reported; their rows are counted outside the coverage."
        )
    for note in one.landed.notes:
        say(f"\n{one.dataset.name}: {note}")


def _json(outcome: Outcome) -> dict[str, Any]:
    return {"outcome": outcome.outcome, "reason": outcome.reason, "rows": outcome.rows}


def anonymity_json(found: Measured) -> dict[str, Any]:
    """How alike the public rows of a data set are, and why they are refused, if they are."""
    return {**found.anonymity.model_dump(), "refused": str(found.refusal) if found.refusal else ""}


def say_measured(measured: Sequence[Measured]) -> None:
    """The same for people, data set by data set."""
    for one in measured:
        a = one.anonymity
        say(f"\n{one.dataset}: how alike public rows are in {', '.join(a.quasi)}")
        say(f"  k = {a.k:,}: rows in the smallest of {a.groups:,} groups of rows that are alike, of {a.rows:,} rows")
        for name, values in a.l.items():
            say(f"  l = {values:,}: different values of {name} in the least diverse group")
        say(f"  {a.below:,} rows ({a.share_below:.1%}) in groups of under {a.asked_k}")
        say(f"  risk that a person known to be here is found: {a.risk_max:.1%} at most, {a.risk_mean:.1%} on average")
        if a.not_measured:
            say(f"  published and left out by [anonymity] quasi: {', '.join(a.not_measured)}")
        if a.promised:
            say(f"  declared: k = {a.asked_k}{f' and l = {a.asked_l}' if a.asked_l > 1 else ''}")
        else:
            say(
                "  declared: nothing, so nothing is refused. Where a row is about a person, declare [anonymity] "
                "(docs/rows.md)"
            )


def certificate_json(found: Certificate) -> dict[str, Any]:
    """What an audit found, with the counts that are known most closely."""
    figures = {name: value for name, value in vars(found).items() if name != "narrowest"}
    return {**figures, "narrowest": [known._asdict() for known in found.narrowest]}


def say_certificate(release: int, versions: int, found: Certificate) -> None:
    """The same for people."""
    with_ = f"{found.told:,} published figures" + (f" of {versions} releases" if versions > 1 else "")
    say(
        f"Release {release}: {found.attacked:,} withheld counts attacked with {with_}, in "
        f"{found.seconds:.1f} s ({found.programs:,} linear programs).\n"
        f"Recovered exactly: {found.recovered:,}. Known more closely than they may be: {found.narrow:,}."
    )
    if found.led_to:
        small = f"known to be small: {found.led_to_small:,}"
        say(f"Counts that only differences of figures lead to: {found.led_to:,}, {small}.")
    if found.changes:
        say(f"Differences between releases: {found.changes:,}, known too closely: {found.changes_found:,}.")
    _say_narrowest(found)


def say_primary_only(release: int, found: Certificate) -> None:
    """What a release would leave open that withholds small numbers and nothing to cover them."""
    say(
        f"Release {release}, if only its {found.attacked:,} small figures were withheld: {found.recovered:,} of them "
        f"could be recovered exactly by subtraction, and {found.narrow:,} be known more closely than they may "
        f"({found.seconds:.1f} s, {found.programs:,} linear programs). What is published withholds others beside them."
    )
    _say_narrowest(found)


def _say_narrowest(found: Certificate) -> None:
    if found.narrowest:
        rows = [[k.figure, f"{k.low:,.0f}", f"{k.high:,.0f}"] for k in found.narrowest[:10]]
        say_table("The narrowest intervals", ["withheld count", "at least", "at most"], rows)
