"""The attempts of `cases/outside_queries.toml`, and the page of the documentation that lists them.

`python -m tests.privacy.outside_queries > docs/outside-queries.md` writes the page anew.
"""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

CASES = Path(__file__).parent / "cases" / "outside_queries.toml"

MEMORY_AND_TIME = "the machine's memory and time"

_HEAD = """# What a question from outside cannot reach

The public site asks its questions of a DuckDB that lives in its own process. Readers give values, never statements: a
value becomes a bound parameter, and of names only those that the release publishes are put into a statement. This page
is about what would happen if a statement got through all the same, or if a value were taken for one.

Three things stand in the way, one behind the other:

1. **A statement is looked at before it runs** (`candor.engine.reading`), as DuckDB's own parser understands it. It is
   one `SELECT`; its rows come from `read_parquet` with the files as a parameter, or from its own common table
   expressions; a few functions that tell of the engine are refused.
2. **The engine is locked down** (`candor.engine.public`): external access off, the public folder the only one allowed,
   no extension installed or loaded by itself, no variable of the program visible, 512 MB of memory and none of the
   disk, and the configuration locked. A question that has not begun to answer after 30 seconds is stopped.
3. **The account has no rights** beyond reading the public folder: see [two processes](two-processes.md).

`tests/privacy/test_outside_queries.py` makes every attempt below: as a statement where the site's own are asked; as a
statement on the engine without the look at it, where the engine alone has to hold; and as the value of the parameters
of the real site, in a process without rights to anything but the public folder (`make fuzz`: of every parameter).
Beside that folder lie files with a word that must not come back, and a server listens that must not be asked.
Afterwards the site answers as before.

In the attempts, `{outside}` is a folder beside the public one, `{public}` the public folder, `{listener}` the address
of the server that listens.
"""


@dataclass(frozen=True)
class Reach:
    """What somebody tries to reach, what closes it, and the attempts."""

    to: str
    closed_by: str
    attempts: tuple[str, ...]


def read_cases() -> tuple[Reach, ...]:
    """All of them, in the file's order."""
    found = tomllib.loads(CASES.read_text(encoding="utf-8"))["reach"]
    return tuple(Reach(one["to"], one["closed_by"], tuple(one["attempts"])) for one in found)


def page() -> str:
    """The page of the documentation."""
    parts = [_HEAD]
    for reach in read_cases():
        shown = "\n".join(attempt.replace("\n", " ") for attempt in reach.attempts)
        parts.append(f"\n## To reach {reach.to}\n\nClosed: {reach.closed_by}.\n\n```sql\n{shown}\n```\n")
    return "".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())
