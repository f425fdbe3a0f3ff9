"""A release in the making: what every step is given, and what it leaves for the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import pyarrow as pa

from candor.accounting.context import Context
from candor.accounting.records import Accounted
from candor.audit import Attack
from candor.ledger.corrections import Correction
from candor.ledger.ledger import Ledger
from candor.ledger.reports import Reports
from candor.ledger.settle_rows import SettledRows
from candor.profiles.profile import Form, Kind, from_rows
from candor.publish.result import ARCHIVE, Run
from candor.store.publication import Publication
from candor.store.store import Store

UNCOUNTED: Literal["rows"] = "rows"
"""The form of rows that no profile counts: of a schema of the data set's own."""


@dataclass(frozen=True)
class Part:
    """Data sets that go the same way: those of a profile, or the rows that no profile counts.

    `named`: those that are read now; the others are kept as they are in the release in force.
    """

    form: Form | Literal["rows"]
    datasets: tuple[str, ...]
    named: tuple[str, ...]
    kind: Kind | None = None

    @property
    def counted(self) -> Kind:
        """The profile, in steps that count. Raises `TypeError` in a part that no profile counts."""
        if self.kind is None:
            raise TypeError(f"{', '.join(self.datasets)}: counted by no profile")
        return self.kind


@dataclass(frozen=True)
class Work:
    """What all steps of a release share. `run`: where they say what they did."""

    context: Context
    publication: Publication
    store: Store
    run: Run

    @cached_property
    def archive(self) -> Path:
        """The folder of the rows that were published, with their keys."""
        return self.store.internal / ARCHIVE

    @cached_property
    def number(self) -> int:
        """The number of the release in the making."""
        return 1 + (self.publication.previous.number if self.publication.previous else 0)


@dataclass(frozen=True)
class Layer:
    """What is put of a profile.

    `categories`: those that its figures speak of; none where there is nothing to count. `counts`: the lines of its
    table of counts, for profiles that are set beside it. `attack`: that on its sensitive figures.
    """

    kind: Kind
    categories: frozenset[str] = frozenset()
    counts: pa.Table | None = None
    attack: Attack | None = None


@dataclass(frozen=True)
class State:
    """What the steps so far have made: the ledger as it is to be, and, by data set or by profile, all that they put.

    `read`: the data sets of rows, accounted for, before anything was decided of their months.
    """

    ledger: Ledger
    read: Mapping[str, Accounted] = field(default_factory=dict)
    accounted: Mapping[str, Accounted] = field(default_factory=dict)
    settled: Mapping[str, SettledRows] = field(default_factory=dict)
    corrections: Mapping[str, Correction | None] = field(default_factory=dict)
    layers: Mapping[str, Layer] = field(default_factory=dict)
    reports: Mapping[str, Reports] = field(default_factory=dict)

    def with_layer(self, layer: Layer, ledger: Ledger | None = None) -> State:
        """The state with what was put of a profile, and the ledger that this made."""
        layers = {**self.layers, layer.kind.profile.name: layer}
        return replace(self, layers=layers, ledger=ledger or self.ledger)

    def from_rows(self, context: Context) -> Layer:
        """What is put of calls, the profile that others may be set beside."""
        kind = from_rows(context.kinds)
        return self.layers.get(kind.profile.name, Layer(kind))
