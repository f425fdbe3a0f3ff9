"""Rows that can be read no more: more of them than is usual, or all of one cause, a date in another form."""

from __future__ import annotations

from candor.publish.guards.base import Finding, Guard, Looked, jumped, usual

_MORE = 0.02
"""How much larger than usual the share of rows that cannot be read may be."""

_AT_FIRST = 0.5
"""Of a first delivery, of which nothing is usual, the share that may be unreadable."""


def _undated(looked: Looked) -> Finding | None:
    now = looked.now
    before = [(d.undated, d.read) for d in looked.before if d.undated is not None]
    if now.undated is None or not jumped(now.undated, now.read, before, _MORE if before else _AT_FIRST):
        return None
    shape = looked.shape()
    form = f"; most look like {shape}" if shape else ""
    declared = f", and the declared form is {looked.form}" if looked.form else ""
    many = "every row" if now.undated == now.read else f"{now.undated:,} of {now.read:,} rows"
    then = _before(usual(before)) if before else ""
    return Finding(
        f"{now.undated} of {now.read} times",
        f"the time of {many} cannot be read{form}{declared}{then}: the form of the dates "
        + ("has changed" if before else "is another"),
        "times in the form that is declared",
        f"Write the new form into datasets/{looked.name}.toml, as `format` of the column of the time, or run the "
        "export again in the form that it had.",
    )


def _unreadable(looked: Looked) -> Finding | None:
    now = looked.now
    before = [(d.quarantined, d.read) for d in looked.before]
    if not jumped(now.quarantined, now.read, before, _MORE if before else _AT_FIRST):
        return None
    return Finding(
        f"{now.quarantined} of {now.read} rows quarantined",
        f"{now.quarantined:,} of {now.read:,} rows ({now.quarantined / now.read:.1%}) cannot be read as declared"
        + (_before(usual(before)) if before else ""),
        "about as many as is usual",
        "`candor check` says why, and data/quarantine holds the rows after a release: correct the export, or what the "
        "data set says of its columns.",
    )


def _before(share: float) -> str:
    return f" ({share:.1%} at most before)"


DATES = Guard(
    "dates",
    "more times than usual cannot be read",
    _undated,
    explains=("quarantine", "empty", "fewer-rows", "categories", "places"),
)
QUARANTINE = Guard("quarantine", "more rows than usual cannot be read", _unreadable, explains=("fewer-rows",))
