"""What the audit of a release found, as the release keeps it, and its judgement."""

from __future__ import annotations

from candor.audit.case import Case
from candor.audit.insiders import Insiders
from candor.audit.outsider import Narrow, Outcome
from candor.errors import DataError
from candor.store.model import AuditCertificate, KnownFigure

_KEPT = 5


def certificate(
    case: Case | None, outcome: Outcome, inside: Insiders | None, versions: int, seconds: float
) -> AuditCertificate:
    """The certificate of an attack, with what agencies know where `inside` says."""
    worst = sorted(outcome.narrow, key=lambda n: (n.values, n.high))
    learnt = inside.exact if inside else []
    return AuditCertificate(
        versions=versions,
        categories=int(case.told.judged.any(axis=0).sum()) if case else 0,
        told=outcome.told,
        attacked=outcome.attacked,
        fewest=outcome.fewest,
        fewest_of=outcome.fewest_of,
        whole=outcome.whole,
        narrow=len(outcome.narrow),
        exact=sum(n.values <= 1 for n in outcome.narrow),
        found=tuple(_kept(n) for n in (*worst[:_KEPT], *learnt[:_KEPT])),
        before=outcome.before,
        apart=outcome.apart,
        insiders=inside.agencies if inside else 0,
        insider_attacked=inside.attacked if inside else 0,
        insider_exact=len(learnt),
        insider_zeros=inside.zeros if inside else 0,
        insider_misfits=inside.misfits if inside else 0,
        programs=outcome.programs + (inside.programs if inside else 0),
        seconds=round(seconds, 3),
    )


def require_passed(audited: AuditCertificate) -> None:
    """Raises `DataError` where something is known better than it may be."""
    if audited.passed:
        return
    parts = []
    if audited.narrow:
        parts.append(
            f"{audited.narrow:,} of {audited.attacked:,} sensitive counts have fewer than three possible values, "
            f"{audited.exact:,} of them one"
        )
    if audited.insider_exact:
        parts.append(f"agencies that know their own counts can work out {audited.insider_exact:,} of others exactly")
    example = f", such as {_said(audited.found[0])}" if audited.found else ""
    raise DataError(
        f"The audit finds that of what was ever told {'; '.join(parts)}{example}",
        "three possible values of every sensitive count for an outsider; no count of 1 to 4 exact for another agency",
        "Nothing was published. Leave out the figure that narrows it, or tell it over a longer time; `candor audit` "
        "lists what was found.",
    )


def _kept(cell: Narrow) -> KnownFigure:
    return KnownFigure(figure=cell.figure, low=int(cell.low), high=int(cell.high))


def _said(known: KnownFigure) -> str:
    if known.high is not None and known.low >= known.high:
        return f"{known.figure}: it is {known.low:,}"
    return f"{known.figure}: {known.low:,} to {known.high:,}"
