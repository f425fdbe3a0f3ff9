"""The words of the two layers. A call is not an offence and neither is "crime"; no sentence mixes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from candor.published.model import LayerKey


@dataclass(frozen=True)
class Layer:
    """How the events of a layer are spoken of.

    `did` is what police did with them ("answered 12 calls"), `about` joins their kind ("calls about noise"), `at` their
    place ("calls from Barre").
    """

    key: LayerKey
    title: str
    one: str
    many: str
    did: str
    about: str
    at: str

    def noun(self, count: int | None = None) -> str:
        """The word for so many of them."""
        return self.one if count == 1 else self.many

    def of_kind(self, label: str, count: int | None = None) -> str:
        """Events of a kind, whose `label` stands inside a sentence; without one, of all open categories.

        A label that is itself of offences is not said twice: "verified drug offences", not "offences of drug offence".
        """
        if not label:
            return f"{self.noun(count)} in open categories"
        if self.key == "offences" and _OFFENCE.search(label):
            return f"verified {_OFFENCE.sub('offence' if count == 1 else 'offences', label, count=1)}"
        return f"{self.noun(count)} {self.about} {label}"


_OFFENCE: Final = re.compile(r"\boffences?\b")

CALLS: Final = Layer("calls", "Police calls", "call", "calls", "answered", "about", "from")
OFFENCES: Final = Layer(
    "offences", "Verified offences", "verified offence", "verified offences", "recorded", "of", "in"
)

LAYERS_IN_WORDS: Final[dict[LayerKey, Layer]] = {"calls": CALLS, "offences": OFFENCES}
