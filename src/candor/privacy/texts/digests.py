"""Texts by their keyed digests: whoever has the digests and not the secret cannot try out what the texts were."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Digests:
    """Of the texts of a data set, made with a secret that never shows itself."""

    secret: bytes = field(repr=False)
    dataset: str

    def of(self, column: str, kind: str, text: str) -> str:
        """The digest of a text in a column in which something of a kind was found: `k3f29a1c7-` and 32 digits.

        The first eight digits say which secret it was. It begins with a letter, so that no program takes it for a
        number.
        """
        said = "\0".join((self.dataset, column, kind, text))
        return f"k{self._digits('candor reviews')[:8]}-{self._digits(said)[:32]}"

    def made_here(self, digest: str) -> bool:
        """Whether a digest was made with this secret."""
        return digest.startswith(f"k{self._digits('candor reviews')[:8]}-")

    def _digits(self, said: str) -> str:
        return hmac.new(self.secret, said.encode(), hashlib.sha256).hexdigest()
