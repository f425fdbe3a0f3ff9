"""What the scan says of labelled narratives, and how often it is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bench.scan.narratives import Narrative, labelled
from candor.engine.base import Engine
from candor.privacy.texts.scan import finds, tidied
from candor.privacy.texts.scan_rules import rules

ANY = "any of them"


@dataclass(frozen=True)
class Score:
    """Of one kind of identifier: narratives that have it, that were said to have it, and both."""

    kind: str
    there: int
    said: int
    right: int

    @property
    def recall(self) -> float:
        """The share of those that have it which were found; all of them where there are none."""
        return self.right / self.there if self.there else 1.0

    @property
    def precision(self) -> float:
        """The share of those said to have it which do; all of them where there are none."""
        return self.right / self.said if self.said else 1.0


def found(texts: Sequence[Narrative], engine: Engine) -> list[dict[str, bool]]:
    """For each narrative, in order, rule by rule, whether it finds something."""
    table = engine.table(pa.table({"n": range(len(texts)), "text": [t.text for t in texts]}))
    tidy = table.mutate(text=tidied(table.text))
    lines = engine.arrow(tidy.select("n", **{r.name: finds(tidy.text, r) for r in rules()}).order_by("n"))
    said: list[dict[str, bool]] = lines.drop(["n"]).to_pylist()
    return said


def scores(texts: Sequence[Narrative], engine: Engine) -> list[Score]:
    """Kind by kind of those in narratives, then of all together: whether one with any is stopped by a rule of any."""
    of_kind = {kind: [r.name for r in rules() if r.kind == kind] for kind in labelled()}
    lines = found(texts, engine)
    said = {kind: np.array([any(line[name] for name in names) for line in lines]) for kind, names in of_kind.items()}
    there = {kind: np.array([kind in t.kinds for t in texts]) for kind in of_kind}
    said[ANY], there[ANY] = (np.any(list(x.values()), axis=0) for x in (said, there))
    return [Score(k, int(there[k].sum()), int(said[k].sum()), int((there[k] & said[k]).sum())) for k in said]
