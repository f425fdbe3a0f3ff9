"""Bytes that are no UTF-8, in a text that is: each is read as Windows text (cp1252), and told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

WINDOWS: Final[Mapping[int, str]] = MappingProxyType(
    {0xDC00 + byte: bytes([byte]).decode("cp1252", errors="replace") for byte in range(0x80, 0x100)}
)
"""What stands for each byte that Python escapes (PEP 383, `surrogateescape`), as `str.translate` takes it."""

_ESCAPED = re.compile("[\udc80-\udcff]")


def as_windows(text: str) -> tuple[str, int]:
    """The text with its escaped bytes as Windows text, and how many there were."""
    return text.translate(WINDOWS), len(_ESCAPED.findall(text))
