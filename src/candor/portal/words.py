"""How mistakes are worded, and the words of headers."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NUMBER = {"no", "nbr", "num", "numb", "#", "nr"}


def did_you_mean(found: str, allowed: Iterable[str]) -> str:
    """`Did you mean 'x'?` where one of `allowed` is close to what was found; else empty."""
    by_fold = {a.casefold(): a for a in allowed}
    close = difflib.get_close_matches(found.casefold(), by_fold, n=1, cutoff=0.65)
    return f"Did you mean {by_fold[close[0]]!r}?" if close else ""


def header_words(name: str) -> tuple[str, ...]:
    """The words of a header, comparable; `#` and `No.` are `number`.

    >>> header_words("CASE #"), header_words("stopDate"), header_words("Call_No")
    (('case', 'number'), ('stop', 'date'), ('call', 'number'))
    """
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = [w.lower() for w in re.findall(r"[A-Za-z0-9]+|#", _CAMEL.sub(" ", ascii_only))]
    return tuple("number" if w in _NUMBER else w for w in words)
