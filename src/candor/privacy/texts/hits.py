"""What a scan found, and the refusal of a release that has it where nobody has passed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from candor.errors import DataError
from candor.portal.declared import Review

EXAMPLES = 3


@dataclass(frozen=True)
class Hit:
    """What one rule found in one column: in how many different texts and rows, and up to three masked examples."""

    column: str
    rule: str
    kind: str
    says: str
    texts: int
    rows: int
    examples: tuple[str, ...]

    def words(self) -> str:
        """One clause."""
        examples = ", ".join(f'"{e}"' for e in self.examples)
        of = f"{self.texts:,} {'text' if self.texts == 1 else 'texts'}"
        return f"{self.says} in {of} ({self.rows:,} {'row' if self.rows == 1 else 'rows'})" + (
            f", such as {examples}" if examples else ""
        )


class PersonalInformationError(DataError):
    """Text that is to be published has what looks like personal information, and nobody has passed it."""

    def __init__(self, dataset: str, hits: Sequence[Hit]) -> None:
        self.hits = tuple(hits)
        columns = list(dict.fromkeys(h.column for h in hits))
        found = ". ".join(f"{c}: {'; '.join(h.words() for h in hits if h.column == c)}" for c in columns)
        super().__init__(
            f'What looks like personal information in the text of "{dataset}", masked here. {found}',
            "text without names, addresses and numbers of persons",
            f"`candor review {dataset}` shows you the texts and where they stand, and passes those that are nobody's. "
            f"Correct the others in the source, or withhold {' and '.join(columns)} (publish = false). Nothing was "
            "published",
        )


def unpassed(hits: Sequence[Hit], reviewed: Mapping[str, Review]) -> tuple[Hit, ...]:
    """The hits that no review passes: without one of the column, beyond its rules, or in more texts than it says."""
    return tuple(h for h in hits if h.column not in reviewed or h.texts > reviewed[h.column].hits.get(h.rule, 0))


def refuse(dataset: str, hits: Sequence[Hit], reviewed: Mapping[str, Review]) -> None:
    """Raise `PersonalInformationError` for hits that no review in the data set's file passes, and nothing else."""
    if left := unpassed(hits, reviewed):
        raise PersonalInformationError(dataset, left)
