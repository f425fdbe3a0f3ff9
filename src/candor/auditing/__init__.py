"""The audit of a release: what can be worked out of each withheld count from its public files and all earlier ones.

A published figure is the sum of counts of towns and months, known or withheld. Every figure of every release there is
makes an equation about them (`said`, `calls`, `offences`), and linear programs give the least and the greatest value
that each withheld figure can have (`privacy.audit_system`). What is known more closely than it may stops a release.

Nothing of the suppression is imported: categories come from the release files, counts and sums from their tables.
"""

from candor.auditing.audit import audit_release
from candor.auditing.certificates import public_certificate, require_passed
from candor.auditing.gates import admitted, attacked, rollback_gate
from candor.auditing.primary import primary_only
from candor.auditing.public import Public

__all__ = [
    "Public",
    "admitted",
    "attacked",
    "audit_release",
    "primary_only",
    "public_certificate",
    "require_passed",
    "rollback_gate",
]
