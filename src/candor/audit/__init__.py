"""The audit of a release: how many values each sensitive count can still have, with everything that was ever told.

What is told is "under 5" or the nearest 5, so each told figure is a bound on a sum of counts of towns and months
(`told`, `world`). The counts are written as few unknowns as say the same (`structure`), and linear programs with steps
between whole tables (`attack`, `seen`) show of each told figure, and of what sums and differences lead to (`cells`),
that three values are possible. Then each agency tries, with its own counts known (`insiders`).

Nothing of the code that rounds is imported: figures come from the tables of the releases alone.
"""

from candor.audit.audit import Attack, attack, audit_release
from candor.audit.certificates import require_passed
from candor.audit.gates import admitted, rollback_gate
from candor.audit.outsider import Narrow
from candor.audit.public import Public
from candor.audit.remembered import Remembered

__all__ = [
    "Attack",
    "Narrow",
    "Public",
    "Remembered",
    "admitted",
    "attack",
    "audit_release",
    "require_passed",
    "rollback_gate",
]
