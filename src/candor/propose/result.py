"""What a proposal is, once it is made: the text of a data set, its crosswalk, and what its owner should know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Proposal:
    """A proposed data set: its text, its crosswalk where its rows are counted, and what is unsure, in sentences."""

    name: str
    toml_text: str
    crosswalk_text: str | None
    rows: int
    mapped: dict[str, str]
    left_out: tuple[str, ...]
    call_types: int
    unmapped_types: tuple[str, ...]
    unsure: tuple[str, ...]
    files: tuple[str, ...] = field(default=())

    @property
    def summary(self) -> str:
        """What was found and proposed, in a few lines."""
        lines = [
            f"{self.name}: {self.rows:,} rows; {len(self.mapped)} columns mapped, {len(self.left_out)} left out"
            + (f" ({', '.join(self.left_out)})." if self.left_out else ".")
        ]
        if self.crosswalk_text is not None:
            lines.append(
                f"{self.call_types:,} types: {self.call_types - len(self.unmapped_types):,} mapped to a standard "
                f"category, {len(self.unmapped_types):,} not mapped."
            )
        if self.files:
            lines.append("Wrote " + " and ".join(self.files) + ". Read it through before publishing.")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """The proposal as JSON has it."""
        return {
            "name": self.name,
            "rows": self.rows,
            "mapped": self.mapped,
            "left_out": list(self.left_out),
            "call_types": self.call_types,
            "unmapped_types": list(self.unmapped_types),
            "unsure": list(self.unsure),
            "files": list(self.files),
        }
