"""What the site writes into its log: that something failed and where in the program, and nothing of who asked for what.

An error's message can hold what a reader typed, a row, a path. A line of the program holds none of them. So do the
site's logs hold no addresses of readers and no questions: there is no log of requests.
"""

from __future__ import annotations

import traceback


class BrokenOffError(Exception):
    """An answer that had begun and cannot be ended: the connection is closed. It says no more, for it is logged."""


def place_of(error: BaseException) -> str:
    """The kinds of an error and of those that led to it, each with its lines of the program, without their messages."""
    parts: list[str] = []
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        frames = "".join(traceback.format_list(traceback.extract_tb(link.__traceback__)))
        parts.append(f"{type(link).__module__}.{type(link).__qualname__}, in\n{frames}")
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return "from ".join(parts)
