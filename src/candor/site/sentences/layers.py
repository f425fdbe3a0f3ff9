"""The words of the two layers. A call is not an offence and neither is "crime"; no sentence mixes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from candor.site.figures import LayerKey


@dataclass(frozen=True)
class Layer:
    """How the events of a layer are spoken of. `did` is what police did with them: "answered 12 calls"."""

    key: LayerKey
    title: str
    one: str
    many: str
    did: str


CALLS: Final = Layer("calls", "Police calls", "call", "calls", "answered")
OFFENCES: Final = Layer("offences", "Verified offences", "verified offence", "verified offences", "recorded")

LAYERS_IN_WORDS: Final[dict[LayerKey, Layer]] = {"calls": CALLS, "offences": OFFENCES}
