"""Certificates: added up over kinds, judged, and put into the form that the release keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from candor.auditing.public import Public
from candor.portal.problems import DataError
from candor.privacy.audit_system import Certificate, Known
from candor.store.model import AuditCertificate, KnownFigure

_LISTED = 20
_KEPT = 5

NOTHING = Certificate(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (), 0, 0.0)
"""Nothing attacked."""

_SUMS = (
    *("statements", "told", "attacked", "recovered", "narrow", "whole", "led_to", "led_to_small", "changes"),
    *("changes_found", "programs", "seconds"),
)


def together(one: Certificate, other: Certificate) -> Certificate:
    """Two attacks on different counts as one."""
    sums = {name: getattr(one, name) + getattr(other, name) for name in _SUMS}
    return Certificate(max(one.threshold, other.threshold), narrowest=_narrowest(one, other), **sums)


def named(found: Certificate, name: Callable[[str], str]) -> Certificate:
    """The same with other names of figures."""
    return replace(found, narrowest=tuple(k._replace(figure=name(k.figure)) for k in found.narrowest))


def require_passed(certificate: Certificate) -> None:
    """Raises `DataError` where something is known better than it may be."""
    if certificate.passed:
        return
    found = []
    if certificate.narrow:
        found.append(
            f"{certificate.narrow:,} of {certificate.attacked:,} withheld counts more closely than it may, "
            f"{certificate.recovered:,} of them exactly"
        )
    if certificate.led_to_small:
        found.append(f"{certificate.led_to_small:,} small counts that nobody published")
    if certificate.changes_found:
        found.append(f"{certificate.changes_found:,} differences between releases")
    first = certificate.narrowest[0] if certificate.narrowest else None
    example = f", such as {first.figure}: {_interval(first)}" if first and certificate.narrow else ""
    raise DataError(
        f"The audit can work out {'; '.join(found)}{example}",
        "withheld counts of which everything that was ever published tells no more than that they may be small",
        "Nothing was published. Where this is not because an earlier release told more, it is a fault of the program: "
        "please report it.",
    )


def public_certificate(found: Certificate, public: Public) -> AuditCertificate:
    """What is kept with the release, and said in public: what was found in `public`."""
    first = found.narrowest[0] if found.narrowest else None
    return AuditCertificate(
        threshold=found.threshold,
        statements=found.statements,
        told=found.told,
        attacked=found.attacked,
        recovered=found.recovered,
        narrow=found.narrow,
        narrowest_low=int(first.low) if first else None,
        narrowest_high=int(first.high) if first and np.isfinite(first.high) else None,
        narrowest=tuple(
            KnownFigure(figure=k.figure, low=int(k.low), high=int(k.high) if np.isfinite(k.high) else None)
            for k in found.narrowest[:_KEPT]
        ),
        versions=len(public.releases),
        categories=len(public.sensitive()),
        led_to=found.led_to,
        led_to_small=found.led_to_small,
        changes=found.changes,
        changes_found=found.changes_found,
        programs=found.programs,
        seconds=round(found.seconds, 3),
    )


def _narrowest(*certificates: Certificate) -> tuple[Known, ...]:
    known = [k for certificate in certificates for k in certificate.narrowest]
    return tuple(sorted(known, key=lambda k: k.high - k.low)[:_LISTED])


def _interval(known: Known) -> str:
    if known.low == known.high:
        return f"it is {known.low:g}"
    return f"{known.low:g} or more" if np.isinf(known.high) else f"{known.low:g} to {known.high:g}"
