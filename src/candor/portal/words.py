"""How mistakes are worded."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(found: str, allowed: Iterable[str]) -> str:
    """`Did you mean 'x'?` where one of `allowed` is close to what was found; else empty."""
    by_fold = {a.casefold(): a for a in allowed}
    close = difflib.get_close_matches(found.casefold(), by_fold, n=1, cutoff=0.65)
    return f"Did you mean {by_fold[close[0]]!r}?" if close else ""
