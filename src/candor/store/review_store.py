"""What reviews of texts need inside: the secret of their digests, the texts that wait, what counts have passed."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from candor.errors import DataError
from candor.store.durable import make_folder, sync, write_atomically

_BYTES = 32
_FOLDER, _SECRET, _COUNTED = "reviews", "secret", "counted.json"


class ReviewStore:
    """The folder `data/internal/reviews`, its owner's alone.

    The secret is one of its own, and not the key of published hashes: that key is changed now and then, and what was
    read stays read.
    """

    def __init__(self, internal: Path) -> None:
        self._folder = internal / _FOLDER

    def secret(self) -> bytes | None:
        """The secret; None where nothing was reviewed yet. Raises `DataError` for a file that holds none."""
        path = self._folder / _SECRET
        if not path.is_file():
            return None
        try:
            secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except (OSError, ValueError):
            secret = b""
        if len(secret) != _BYTES:
            raise DataError(
                f"The secret of reviews in {path} cannot be read",
                "the file as `candor review` made it, readable by whoever publishes",
                "Bring it back from a copy. Without it remove the file, and review again what is stopped",
            )
        return secret

    def made_secret(self) -> bytes:
        """The secret, which is made where there is none yet."""
        if (known := self.secret()) is not None:
            return known
        make_folder(self._folder, private=True)
        secret = secrets.token_bytes(_BYTES)
        with os.fdopen(os.open(self._folder / _SECRET, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secret.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        sync(self._folder)
        return secret

    def listing(self, name: str) -> Path:
        """Where the texts of a data set that wait for a reviewer are written for their eyes."""
        return self._folder / f"{name}.csv"

    def write_listing(self, name: str, text: str) -> Path:
        """Write that file, readable by its owner alone."""
        make_folder(self._folder, private=True)
        write_atomically(self.listing(name), text, mode=0o600)
        return self.listing(name)

    def counted(self, name: str) -> Mapping[str, tuple[str, ...]]:
        """By review with counts (`review_id`), the digests of the texts that it passed when it was published first."""
        return {review: tuple(values) for review, values in self._all().get(name, {}).items()}

    def settle(self, counted: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
        """Keep what reviews with counts passed in a release that came into force, by data set and review."""
        known = self._all()
        new = {n: {**known.get(n, {}), **{r: list(v) for r, v in of.items()}} for n, of in counted.items() if of}
        if any(known.get(name) != of for name, of in new.items()):
            make_folder(self._folder, private=True)
            write_atomically(self._folder / _COUNTED, json.dumps({**known, **new}) + "\n", mode=0o600)

    def _all(self) -> dict[str, dict[str, list[str]]]:
        """All of them; a file that cannot be read knows nothing, so that counts are held against the texts anew."""
        try:
            known = json.loads((self._folder / _COUNTED).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}
