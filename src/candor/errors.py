"""What is wrong with a portal's text, said so that its owner can mend it.

CandorError            every error that a user can mend
├── PortalError        one or more `Problem`s in the portal's files, all at once
├── DataError          the data or the gate says no (exit code 1)
└── UsageError         the call was wrong (exit code 2)
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One mistake: where it is, what was found, what is allowed, what to do.

    `where` is `file`, `file:line` or `file: key.path`.
    """

    where: str
    found: str
    allowed: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: found {self.found}; allowed: {self.allowed}. {self.remedy}"


class CandorError(Exception):
    """An error that a user can mend. `exit_code` is what the command ends with."""

    exit_code = 1


class PortalError(CandorError):
    """Mistakes in the portal's own files, all of them and not only the first."""

    exit_code = 2

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(p) for p in problems))


class DataError(CandorError):
    """The data, or the gate before the store, says no."""

    exit_code = 1

    def __init__(self, found: str, allowed: str = "", remedy: str = "") -> None:
        self.found, self.allowed, self.remedy = found, allowed, remedy
        parts = [found, f"Allowed: {allowed}" if allowed else "", remedy]
        super().__init__(" ".join(p if p.endswith((".", "?")) else p + "." for p in parts if p))


class UsageError(DataError):
    """The command was called in a way that it cannot serve."""

    exit_code = 2
