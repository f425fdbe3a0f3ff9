"""One release attacked with all that was ever published."""

from __future__ import annotations

import hashlib
import time
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.audit.case import Case
from candor.audit.certificates import certificate
from candor.audit.checks import check_tables
from candor.audit.insiders import Insiders, attack_insiders
from candor.audit.outsider import Narrow, Outcome, attack_all
from candor.audit.public import CUBE, FIGURES, Public
from candor.audit.remembered import Remembered
from candor.audit.told import told
from candor.solver.linear import Deadline, UnfinishedError
from candor.store.model import AuditCertificate

TIME_LIMIT = 180.0


class Attack(NamedTuple):
    """What an attack found: the certificate, and every cell that is known too closely, of outsiders and of agencies.

    `attacked` is what it depends on: an attack of the same finds the same.
    """

    certificate: AuditCertificate
    narrow: tuple[Narrow, ...]
    attacked: str


def attack(
    public: Public,
    seconds: float = TIME_LIMIT,
    insiders: pa.Table | None = None,
    remembered: Remembered | None = None,
) -> Attack:
    """Attack every sensitive count with all that was ever published, and with what agencies know where that is given.

    `insiders`: the true counts (`agency, geoid, month, category, calls`), of the publisher's machine. `remembered`:
    what attacks of nearly the same found.

    Raises `DataError` where one figure is told twice; `UnfinishedError` where the time is over before the end: then
    nothing is known to be safe.
    """
    deadline, begun, remembered = Deadline(seconds), time.monotonic(), remembered or Remembered()
    try:
        case, outcome, inside = _attacked(public, insiders, deadline, remembered)
        learnt = inside.exact if inside else []
        if (outcome.narrow or learnt) and len(public.releases) > 1:
            _set_apart(public, insiders, deadline, outcome, inside, remembered)
    except UnfinishedError as error:
        raise UnfinishedError(seconds) from error
    made = certificate(case, outcome, inside, len(public.releases), time.monotonic() - begun)
    return Attack(made, (*outcome.narrow, *(inside.exact if inside else ())), fingerprint(public))


def _attacked(
    public: Public, insiders: pa.Table | None, deadline: Deadline, remembered: Remembered
) -> tuple[Case, Outcome, Insiders | None]:
    case = Case(public, deadline, remembered)
    try:
        outcome = attack_all(case)
        inside = None if insiders is None else attack_insiders(case, public.newest.release.coverage, insiders)
    finally:
        case.beside.close()
    return case, outcome, inside


def _set_apart(
    public: Public,
    insiders: pa.Table | None,
    deadline: Deadline,
    outcome: Outcome,
    inside: Insiders | None,
    remembered: Remembered,
) -> None:
    """Take out of what was found what the releases before gave away already: this one tells nothing of it.

    So it is where an agency's own counts have changed since a figure was told.
    """
    _, earlier, earlier_inside = _attacked(Public(public.folder, public.releases[:-1]), insiders, deadline, remembered)
    known = {n.figure for n in (*earlier.narrow, *(earlier_inside.exact if earlier_inside else ()))}
    new = [n for n in outcome.narrow if n.figure not in known]
    outcome.before += len(outcome.narrow) - len(new)
    outcome.narrow = new
    if inside is not None:
        left = [n for n in inside.exact if n.figure not in known]
        outcome.before += len(inside.exact) - len(left)
        inside.exact = left


def audit_release(
    public: Public, seconds: float = TIME_LIMIT, insiders: pa.Table | None = None, before: Attack | None = None
) -> AuditCertificate:
    """The certificate of the newest release: its tables looked through, and attacked.

    `before`: an attack that was made already; it stands where it attacked the same figures.

    Raises `DataError` where a release has something in its tables that must not be there, and what `attack` raises.
    """
    check_tables(public)
    if before is not None and before.attacked == fingerprint(public):
        told(public)  # what the other tables tell is what was attacked
        return before.certificate
    return attack(public, seconds, insiders).certificate


def fingerprint(public: Public) -> str:
    """A hash of what the newest release tells of sensitive kinds, of its coverage, and of the releases before."""
    release, digest = public.newest.release, hashlib.sha256()
    numbers = [(r.number, [(d.name, d.version) for d in r.datasets]) for r in public.releases[:-1]]
    withheld = [repr(w) for w in release.withheld_rows]
    digest.update(repr((numbers, withheld, [c.model_dump_json() for c in release.coverage])).encode())
    figures = ["level", "geoid", "place", "first_month", "last_month", "category", "coverage", "calls"]
    for name, columns in ((FIGURES, figures), (CUBE, ["geoid", "month", "category", "coverage", "calls"])):
        lines = public.newest.read(name, columns)
        if lines is not None:
            for column in columns:
                digest.update(_values(lines[column]))
    return digest.hexdigest()


def _values(column: pa.ChunkedArray) -> bytes:
    """A column's values in their order, whatever types stand for texts and numbers in its file."""
    if pa.types.is_integer(column.type):
        return np.asarray(pc.fill_null(column.cast(pa.int64()), -1)).tobytes()
    plain = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
    encoded = plain.combine_chunks().dictionary_encode()
    texts = "|".join(encoded.dictionary.cast(pa.string()).to_pylist())
    return np.asarray(pc.fill_null(encoded.indices.cast(pa.int32()), -1)).tobytes() + texts.encode()
