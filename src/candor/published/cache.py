"""Finished pages, kept while their release is in force."""

from __future__ import annotations

import threading
from collections import OrderedDict


class Remembered:
    """The pages of one release that were asked for last, up to a size together. They go with the release."""

    def __init__(self, most: int = 24_000_000) -> None:
        self._most, self._size = most, 0
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, address: str) -> bytes | None:
        """The page of an address."""
        with self._lock:
            body = self._bodies.get(address)
            if body is not None:
                self._bodies.move_to_end(address)
            return body

    def put(self, address: str, body: bytes) -> None:
        """Keep a page; those that nobody asked for lately make room."""
        with self._lock:
            self._size += len(body) - len(self._bodies.pop(address, b""))
            self._bodies[address] = body
            while self._size > self._most:
                self._size -= len(self._bodies.popitem(last=False)[1])
