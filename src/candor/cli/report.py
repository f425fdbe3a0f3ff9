"""What a command says at its end: a table for people, JSON for programs."""

# ruff: noqa: PLC0415  # heavy rooms are imported by the command that needs them

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console

if TYPE_CHECKING:
    from candor.accounting.anonymity import Measured
    from candor.accounting.count_tables import AccountedCounts
    from candor.accounting.progress import Steps
    from candor.accounting.records import Accounted, Together
    from candor.errors import CandorError
    from candor.intake.outcomes import Outcome
    from candor.ledger.moves import Settled
    from candor.privacy.times import TimeReport
    from candor.store.model import AuditCertificate

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

_SUMS = ("read", "published", "duplicates", "quarantined", "withheld")


@contextmanager
def working(*, quiet: bool) -> Iterator[Steps]:
    """Steps whose words go to a progress line on the terminal; silent for programs."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from candor.accounting.progress import Steps

    if quiet:
        yield Steps()
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("Starting", total=None)
        yield Steps(lambda words: progress.update(task, description=words))


def say(words: str) -> None:
    """A line for people."""
    out.print(_said(words), highlight=False, markup=False)


def complain(words: str) -> None:
    """A line for people about what went wrong."""
    err.print(_said(words), highlight=False, markup=False)


def _said(words: str) -> str:
    """The words in the portal's nouns, with what nobody sees, or what moves the cursor, as its number."""
    from candor.cli.wording import said
    from candor.vocabulary.visible import shown

    return shown(said(words))


def say_refusals(refusals: Sequence[CandorError]) -> None:
    """Why publishing is refused, as `candor publish` would say it."""
    err.print("\nPublishing would be refused:", highlight=False, markup=False)
    for one in refusals:
        err.print(str(one), highlight=False, markup=False)


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
        "incidents": asdict(together) if (together := getattr(accounted, "together", None)) else None,
        "piles": [{"point": p.point, **asdict(p)} for p in accounted.piles],
        "new_types": dict(accounted.new_types),
        "incomplete_months": {agency: list(months) for agency, months in accounted.incomplete.items()},
        "source_notes": list(accounted.landed.notes),
    }


def say_accounted(accounted: Sequence[Accounted | AccountedCounts]) -> None:
    """The sums as a table, then reasons, places and what was odd, data set by data set."""
    ends = [*_SUMS, *dict.fromkeys(s for a in accounted for s in a.sums if s not in _SUMS)]
    rows = [[a.dataset.name, *(f"{a.sums.get(s, 0):,}" for s in ends)] for a in accounted]
    many = {4: "four", 5: "five"}[len(ends) - 1]
    say_table(
        f"Every row ends in one of {many}: read = {' + '.join(ends[1:])}",
        ["data set", *ends],
        rows,
        right=set(range(1, len(ends) + 1)),
    )
    for one in accounted:
        _say_details(one)


def say_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], right: set[int] | None = None) -> None:
    """A small table."""
    from rich.table import Table

    table = Table(title=_said(title), title_justify="left", title_style="bold")
    for position, name in enumerate(header):
        table.add_column(_said(name), justify="right" if right and position in right else "left")
    for row in rows:
        table.add_row(*map(_said, row))
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
    _say_together(one)
    _say_piles(one)
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


def _say_together(one: Accounted | AccountedCounts) -> None:
    together: Together | None = getattr(one, "together", None)
    if together is None:
        return
    say(f"\n{one.dataset.name}: several rows may be of one incident")
    say(f"  {together.rows:>9,}  rows that are counted, of {together.events:,} incidents")
    if together.by_month != together.events:
        say(f"  {together.by_month:>9,}  incidents by place and month: one that is in two of them counts in each")


def _say_piles(one: Accounted | AccountedCounts) -> None:
    piles = one.piles
    if not piles:
        return
    say(f"\n{one.dataset.name}: points that hold more than 1 % of a month's rows")
    for pile in piles:
        when = f" of {pile.month:%Y-%m}" if pile.month else ""
        kept = "; a true address, as [piles] says: its rows stay there" if pile.kept else ""
        say(f"  {pile.rows:>9,}  {pile.point}: {pile.share:.1%}{when}{kept}")
    if not all(p.kept for p in piles):
        say(
            "  Such a point is mostly where a geocoder puts what it does not find, or the station itself: its rows are "
            "placed by the name in the record, else by the agency's only place, else not. Where it is a true address, "
            f"such as a hospital, write it in datasets/{one.dataset.name}.toml: [piles] true = "
            f'["{next(p.point for p in piles if not p.kept)}"]'
        )


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


def say_times(times: Sequence[tuple[str, TimeReport]], settling: Sequence[Settled]) -> None:
    """How exactly rows say when, and how long an agency's records keep moving."""
    for name, found in times:
        say(f"\n{name}: how exactly rows say when")
        for line in found.lines():
            say(f"  {line}")
    for one in settling:
        say(f"\n{one.dataset}: when its months have settled ({one.days} days are declared)")
        for line in one.lines():
            say(f"  {line}")


def certificate_json(found: AuditCertificate) -> dict[str, Any]:
    """What an audit found, with its verdict."""
    return {"passed": found.passed, **found.model_dump()}


def say_certificate(release: int, found: AuditCertificate) -> None:
    """Print the certificate of an audit for people."""
    releases = f" of {found.versions} releases" if found.versions > 1 else ""
    say(
        f"Release {release}: {found.attacked:,} sensitive counts of {found.categories:,} kinds attacked with "
        f"{found.told:,} told figures{releases}, in {found.seconds:.1f} s ({found.programs:,} linear programs)."
    )
    if found.fewest is not None:
        more = " or more" if found.fewest >= 5 else ""
        say(f"The count that is known most closely has {found.fewest}{more} possible values: {found.fewest_of}.")
    say(f"Counts with fewer than three possible values: {found.narrow:,}; known exactly: {found.exact:,}.")
    if found.whole < found.attacked:
        say(f"For {found.attacked - found.whole:,} counts this is shown for real numbers only, not for whole ones.")
    if found.before:
        say(f"Given away by releases that told exact figures, and not to be taken back: {found.before:,}.")
    if found.apart:
        say(
            f"Years of kinds that their months contradict, for calls were reclassified in between: {found.apart:,}. "
            "They were read apart."
        )
    if found.insiders:
        misfits = f" (own counts that are not those told: {found.insider_misfits:,})" if found.insider_misfits else ""
        say(
            f"{found.insiders:,} agencies with their own counts known attacked {found.insider_attacked or 0:,} counts "
            f"of others{misfits}: exact at 1 to 4 {found.insider_exact:,}, exact at 0 {found.insider_zeros or 0:,}."
        )
    if found.found:
        rows = [[k.figure, f"{k.low:,}", "" if k.high is None else f"{k.high:,}"] for k in found.found]
        say_table("What was found", ["sensitive count", "at least", "at most"], rows)
