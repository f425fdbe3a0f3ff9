"""The clock of a portal that publishes everything once: it goes forward."""

from __future__ import annotations

from datetime import datetime

from candor.errors import DataError
from candor.ledger.ledger import Ledger


def require_forward(ledger: Ledger, now: datetime) -> None:
    """Raises `DataError` where the clock stands before that of an earlier release."""
    before = ledger.state.clock
    if before is not None and now < before:
        raise DataError(
            f"The portal's clock stands at {now:%Y-%m-%d %H:%M}, before the last release's, {before:%Y-%m-%d %H:%M}",
            "a clock that goes forward: what appears when is decided by it",
            "Correct the machine's clock, or `clock` in portal.toml. Nothing was published.",
        )
