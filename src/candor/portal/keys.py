"""The secret key of keyed hashes: where it may lie, how it is read, how a new one is made (docs/keys.md)."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from candor.errors import DataError

_BYTES = 32
_BLOCK = 64
"""Of SHA-256 (RFC 2104 pads the key to it)."""
_HEX = re.compile(rf"[0-9A-Fa-f]{{{2 * _BYTES},{2 * _BLOCK}}}")
_OTHERS = 0o077
_MAKE = "Make one with `candor key new FILE`, outside the portal's folder, and keep it safe (docs/keys.md)"


@dataclass(frozen=True)
class Key:
    """A secret key of 32 to 64 bytes. It never shows itself in a representation or a log."""

    secret: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Eight hexadecimal digits that say which key it was, and nothing of what it is: for a release's provenance."""
        return hmac.new(self.secret, b"candor key fingerprint", hashlib.sha256).hexdigest()[:8]

    def pad(self, with_byte: int) -> str:
        """The key, filled to a block of SHA-256, each byte xored, as hexadecimal digits (RFC 2104)."""
        return bytes(b ^ with_byte for b in self.secret.ljust(_BLOCK, b"\0")).hex()


def key_path(named: str, portal: Path) -> Path:
    """The file that `key_file` names: from the portal's folder where it is relative, `~` being the publisher's home."""
    return portal / Path(named).expanduser()


def read_key(path: Path, portal: Path) -> Key:
    """The key in a file of 64 to 128 hexadecimal digits, which lies outside the portal's folder.

    Raises `DataError` where there is no such file, where it lies in the portal's folder (which is meant to be in git
    and on the machine that serves), where others than its owner may read it, or where it holds no key. No error shows
    what is in the file.
    """
    _outside(path, portal)
    if not path.is_file():
        raise DataError(f"The key file {path} is missing, and columns are to be hashed with it",
                        "a file of 64 hexadecimal digits", f"{_MAKE}. Nothing was published")  # fmt: skip
    try:
        # Owners and modes are POSIX's.
        if os.name == "posix" and path.stat().st_mode & _OTHERS:
            raise DataError(f"The key file {path} can be read by others than its owner", "mode 600",
                            f"chmod 600 {path}; if others may have read it, change the key: docs/keys.md")  # fmt: skip
        text = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        raise DataError(f"The key file {path} cannot be read: {error.strerror}", "a file that the publisher may read",
                        "Nothing was published") from error  # fmt: skip
    if not _HEX.fullmatch(text) or len(text) % 2:
        raise DataError(f"The key file {path} holds no key", "64 to 128 hexadecimal digits, and nothing else",
                        f"{_MAKE}. Nothing was published")  # fmt: skip
    return Key(bytes.fromhex(text))


def write_key(path: Path, portal: Path | None = None) -> Key:
    """Make a new key in a new file that only its owner may read. A file that is there is never written over.

    Raises `DataError` where the file exists, lies in the portal's folder or in any other's, or cannot be written.
    """
    if portal:
        _outside(path, portal)
    for folder in path.resolve().parents:
        if (folder / "portal.toml").is_file():
            _outside(path, folder)
    key = Key(secrets.token_bytes(_BYTES))
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(key.secret.hex() + "\n")
    except FileExistsError as error:
        raise DataError(f"{path} is there already", "a new file: a key that was used is still needed to explain what "
                        "it made", "Name another file") from error  # fmt: skip
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}", "a folder outside the portal") from error
    return key


def _outside(path: Path, portal: Path) -> None:
    if path.resolve().is_relative_to(portal.resolve()):
        raise DataError(f"The key file {path} lies in the portal's folder", "a place outside of it",
                        "Move it, and if it was ever in git or on the serving machine, change the key: docs/keys.md"
                        )  # fmt: skip
