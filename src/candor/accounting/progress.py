"""How a long piece of work tells what it is doing, without knowing who listens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Tell = Callable[[str], None]


def _nobody(words: str) -> None:
    """Nobody listens."""


@dataclass
class Steps:
    """The steps of a run and the seconds that each took, told to `tell` as each begins."""

    tell: Tell = _nobody
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, words: str, subject: str = "") -> Iterator[None]:
        """One step; the same words again add to its time."""
        self.tell(f"{words}: {subject}" if subject else words)
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[words] = self.seconds.get(words, 0.0) + time.perf_counter() - began
