"""A review: what stops a release is shown to a person, and what they pass is kept by its digest (docs/privacy-scan.md).

What is shown are values. They go to the person's screen and to a file of the internal folder, and nowhere else.
"""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from candor.accounting.anonymity import PUBLISHED, made_safe
from candor.accounting.context import Context
from candor.accounting.declared_texts import TEXTS, waiting_texts
from candor.accounting.opening import opened
from candor.accounting.progress import Steps
from candor.accounting.records import Accounted
from candor.accounting.reviews import DIGEST
from candor.accounting.scanned import anchors_of, names_of, texts_of_rows, waiting_in
from candor.errors import DataError, UsageError
from candor.portal.model import Portal
from candor.portal.reviews import FOLDER, PORTAL, ReviewedValue, as_csv
from candor.publish.reading import read_counts, read_rows
from candor.sources.base import ROW
from candor.store.durable import make_folder, write_atomically
from candor.store.review_store import ReviewStore
from candor.store.store import Store
from candor.vocabulary.visible import INVISIBLE, shown

PASSED: Final = "pass"
"""What a person writes beside a text that is nobody's."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With one of these a cell begins that a spreadsheet would compute."""


@dataclass(frozen=True)
class Waiting:
    """A text that waits for a reviewer: in which column, what it looks like, in how many rows, and where it stands.

    `value` is its digest, which decides; the text is for the reader alone. `decision`: empty, or `pass`.
    """

    decision: str
    text: str
    kind: str
    column: str
    rows: int
    where: str
    value: str


def waiting(portal: Portal, name: str, steps: Steps | None = None) -> tuple[Waiting, ...]:
    """The texts of a data set that stop its release, or of the portal's own files where `name` is empty.

    They are written to a file as well (`listing`), where decisions of before stay. Raises `UsageError` for a name that
    no data set has.
    """
    if name and name not in portal.declared:
        raise UsageError(f"There is no data set {name}", ", ".join(sorted(portal.declared)) or "none yet")
    steps = steps or Steps()
    store = Store(portal.data)
    store.prepare()
    with opened(portal, store.internal / f"review-{secrets.token_hex(8)}", steps) as context:
        found = [
            Waiting("", text, kind, TEXTS, 1, where, value) for where, text, kind, value in waiting_texts(context, name)
        ]
        with steps.step("Scanning texts", name):
            found += _of_dataset(context, name) if name else []
    before = {w.value for w in _listed(portal, name) if w.decision == PASSED}
    decided = tuple(Waiting(**{**asdict(w), "decision": PASSED if w.value in before else ""}) for w in found)
    _write(portal, name, decided)
    return decided


def listing(portal: Portal, name: str) -> Path:
    """The file for the reviewer's eyes."""
    return ReviewStore(Store(portal.data).internal).listing(name or PORTAL)


def record(
    portal: Portal, name: str, who: str, reason: str, *, every: bool = False, columns: Collection[str] = ()
) -> tuple[ReviewedValue, ...]:
    """Keep what a person passes: what is marked so in the listing, or, with `every`, all of it; of `columns` alone
    where some are named.

    Only what was shown can be passed: a text that came since is not in the listing. Raises `UsageError` where there is
    nothing to pass.
    """
    listed = _listed(portal, name)
    chosen = [w for w in listed if (every or w.decision == PASSED) and (not columns or w.column in columns)]
    if not chosen:
        raise UsageError(
            "Nothing is passed: no text of the list is marked so" if listed else "No text waits for a review",
            f"`{PASSED}` in the column `decision` of {listing(portal, name)}, or --pass for all that is listed",
            f"`candor review{f' {name}' if name else ''}` lists what waits. What was not shown cannot be passed",
        )
    day = portal.config.now().date()
    try:
        new = [ReviewedValue(column=w.column, kind=w.kind, value=w.value, name=who, date=day, reason=reason)
               for w in chosen]  # fmt: skip
    except ValidationError as error:
        raise DataError(
            f"{listing(portal, name)} holds a line that was not written by Candor", "changes in `decision` alone",
            "List the texts again with `candor review`",
        ) from error  # fmt: skip
    known = {line.value: line for line in (*portal.reviews.get(name or PORTAL, ()), *new)}
    make_folder(portal.root / FOLDER)
    write_atomically(portal.root / FOLDER / f"{name or PORTAL}.csv", as_csv(known.values()))
    passed = {w.value for w in chosen}
    _write(portal, name, [w for w in listed if w.value not in passed])
    return tuple(new)


def _of_dataset(context: Context, name: str) -> list[Waiting]:
    portal = context.portal
    if name in portal.counts:
        counts = read_counts(context, portal.counts[name])
        return _lines(waiting_in(context, name, names_of(context, counts)))
    accounted = read_rows(context, name)
    safe = made_safe(context, accounted)
    found = waiting_in(context, name, texts_of_rows(safe.schema, safe.rows))
    lines = _lines(found, _first_rows(context, accounted, found))
    if areas := (context.places.catchments if context.places else {}).get(name):
        dataset = portal.datasets[name]
        lines += _lines(waiting_in(context, name, anchors_of(context, dataset, areas.lines)))
    return lines


def _first_rows(context: Context, accounted: Accounted, found: pa.Table) -> dict[tuple[str, str], int]:
    """By column and text, the first row of the source that has it."""
    table = context.engine.read(accounted.path)
    table = table.filter(table.outcome == PUBLISHED)
    first: dict[tuple[str, str], int] = {}
    for column in dict.fromkeys(found["column"].to_pylist()):
        asked = context.engine.table(found.filter(pc.equal(found["column"], column)).select(["text"]))
        said = table.select(text=table[column].re_replace(INVISIBLE, ""), row=table[ROW])
        rows = said.semi_join(asked, "text").group_by("text").aggregate(row=ibis._.row.min())
        for line in context.engine.arrow(rows).to_pylist():  # texts that a person reads, and no rows
            first[column, line["text"]] = line["row"]
    return first


def _lines(found: pa.Table, first: dict[tuple[str, str], int] | None = None) -> list[Waiting]:
    """Each text once for each kind of what was found in it."""
    lines: dict[str, Waiting] = {}
    for line in found.to_pylist():  # texts that a person reads, and no rows
        row = (first or {}).get((line["column"], line["text"]))
        where = f"row {row:,} of the source" if row else "the source"
        lines.setdefault(
            line[DIGEST],
            Waiting("", line["text"], line["kind"], line["column"], line["rows"], where, line[DIGEST]),
        )
    return list(lines.values())


def _write(portal: Portal, name: str, lines: Iterable[Waiting]) -> None:
    out = io.StringIO()
    writer = csv.DictWriter(out, [f.name for f in fields(Waiting)], lineterminator="\n")
    writer.writeheader()
    writer.writerows({**asdict(w), "text": _cell(w.text)} for w in lines)
    ReviewStore(Store(portal.data).internal).write_listing(name or PORTAL, out.getvalue())


def _cell(text: str) -> str:
    """The text as a cell that shows what it holds, and that no spreadsheet computes."""
    seen = shown(text)
    return f"'{seen}" if seen.startswith(_FORMULA) else seen


def _listed(portal: Portal, name: str) -> Sequence[Waiting]:
    """What was listed before, with what was decided of it since. Raises `UsageError` for a file that is not as it was
    written.
    """
    path = listing(portal, name)
    if not path.is_file():
        return ()
    try:
        lines = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))
        return [_read({key: line[key] or "" for key in (f.name for f in fields(Waiting))}) for line in lines]
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, ValueError) as error:
        raise UsageError(
            f"{path} cannot be read as it was written", "CSV in UTF-8, with changes in `decision` alone",
            f"Save it so, or remove it and list the texts again: candor review {name}".rstrip(),
        ) from error  # fmt: skip


def _read(line: dict[str, str]) -> Waiting:
    return Waiting(
        line["decision"].strip().lower(), line["text"], line["kind"], line["column"], int(line["rows"]), line["where"],
        line["value"],
    )  # fmt: skip
