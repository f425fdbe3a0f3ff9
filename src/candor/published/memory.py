"""Memory that loading took and nothing holds any more, given back to the system."""

from __future__ import annotations

import ctypes

import pyarrow as pa


def give_back() -> None:
    """Let the system have what is free between blocks that are in use; after a release was loaded, half of it.

    GNU's C library keeps such memory and has a function to give it back; where there is none, nothing is done.
    """
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
