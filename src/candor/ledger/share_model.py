"""What is kept of a kind whose rows an agency marks: the share that was told of it, and whether it closed the kind."""

from __future__ import annotations

from datetime import date
from typing import Literal

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

MARKED = pa.schema(
    [("dataset", pa.string()), ("month", pa.date32()), ("category", pa.string()), ("rows", pa.int64()),
     ("marked", pa.int64())]
)  # fmt: skip
"""Rows of each open kind as last read, and how many of them their agency marks (`shares`)."""


class Share(BaseModel):
    """What a data set's marks said of an open kind when that was decided, told once.

    `closed`: more than a fifth was marked; from then on the kind is told as a sensitive one, in all data sets of the
    profile, and stays so. `by`: whose rows decided, the kind's own or those of its group. `tenths`: the share in
    tenths, rounded down; None where too few rows decided to say it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    profile: str
    dataset: str
    category: str
    closed: bool
    by: Literal["kind", "group"]
    tenths: int | None
    on: date

    @property
    def words(self) -> str:
        """The share, in words for the public: never more exact than a tenth, and never of few rows."""
        if self.tenths is None:
            return "more than 20 %" if self.closed else "at most 20 %"
        if self.tenths == 0:
            return "under 10 %"
        least = self.tenths * 10
        return f"{least} to {least + 10} %"
