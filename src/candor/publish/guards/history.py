"""The deliveries that releases were made from, kept inside: what the next one is compared with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from candor.publish.guards.delivery import Delivery
from candor.store.durable import write_atomically

_FILE = "deliveries.json"
_KEPT = 12
"""Deliveries of a data set that are kept: a year of monthly ones tells what is usual."""

_FORM = TypeAdapter(dict[str, tuple[Delivery, ...]])


class Deliveries:
    """The last deliveries of each data set, the newest last, in a file of `data/internal`.

    A file that cannot be read knows nothing: the next delivery is then the first one.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / _FILE
        try:
            self._known = _FORM.validate_json(self._file.read_bytes())
        except (OSError, ValidationError):
            self._known = {}

    def of(self, name: str) -> tuple[Delivery, ...]:
        """Those of a data set, the newest last."""
        return self._known.get(name, ())

    def settle(self, release: int, delivered: Mapping[str, Delivery]) -> None:
        """Keep the deliveries with which a release came into force; those of other data sets stay."""
        for name, one in delivered.items():
            kept = (*self.of(name), one.model_copy(update={"release": release}))
            self._known[name] = kept[-_KEPT:]
        text = json.dumps(_FORM.dump_python(self._known, mode="json"), ensure_ascii=False)
        write_atomically(self._file, text + "\n", mode=0o600)
