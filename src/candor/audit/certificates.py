"""What the audit of a release found, as the release keeps it, and its judgement."""

from __future__ import annotations

from candor.audit.case import Case
from candor.audit.insiders import Insiders
from candor.audit.outsider import Narrow, Outcome
from candor.errors import DataError
from candor.store.model import AuditCertificate, KnownFigure

_KEPT = 5


def certificate(
    case: Case | None, found: Outcome, inside: Insiders | None, versions: int, seconds: float
) -> AuditCertificate:
    """The certificate of an attack, with what agencies know where `inside` says."""
    worst = sorted(found.narrow, key=lambda n: (n.values, n.high))
    learnt = inside.exact if inside else []
    return AuditCertificate(
        versions=versions,
        categories=int(case.told.judged.any(axis=0).sum()) if case else 0,
        told=found.told,
        attacked=found.attacked,
        fewest=found.fewest,
        fewest_of=found.fewest_of,
        whole=found.whole,
        narrow=len(found.narrow),
        exact=sum(n.values <= 1 for n in found.narrow),
        found=tuple(_kept(n) for n in (*worst[:_KEPT], *learnt[:_KEPT])),
        before=found.before,
        apart=found.apart,
        insiders=inside.agencies if inside else 0,
        insider_attacked=inside.attacked if inside else 0,
        insider_exact=len(learnt),
        insider_zeros=inside.zeros if inside else 0,
        insider_misfits=inside.misfits if inside else 0,
        programs=found.programs + (inside.programs if inside else 0),
        seconds=round(seconds, 3),
    )


def require_passed(found: AuditCertificate) -> None:
    """Raises `DataError` where something is known better than it may be."""
    if found.passed:
        return
    parts = []
    if found.narrow:
        parts.append(
            f"{found.narrow:,} of {found.attacked:,} sensitive counts have fewer than three possible values, "
            f"{found.exact:,} of them one"
        )
    if found.insider_exact:
        parts.append(f"agencies that know their own counts can work out {found.insider_exact:,} of others exactly")
    example = f", such as {_said(found.found[0])}" if found.found else ""
    raise DataError(
        f"The audit finds that of what was ever told {'; '.join(parts)}{example}",
        "three possible values of every sensitive count for an outsider; no count of 1 to 4 exact for another agency",
        "Nothing was published. Leave out the figure that narrows it, or tell it over a longer time; `candor audit` "
        "lists what was found.",
    )


def _kept(found: Narrow) -> KnownFigure:
    return KnownFigure(figure=found.figure, low=int(found.low), high=int(found.high))


def _said(known: KnownFigure) -> str:
    if known.high is not None and known.low >= known.high:
        return f"{known.figure}: it is {known.low:,}"
    return f"{known.figure}: {known.low:,} to {known.high:,}"
