"""How loading takes memory, and gives back to the system what nothing holds any more."""

from __future__ import annotations

import ctypes

import pyarrow as pa

# <malloc.h>
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3


def hold_on() -> None:
    """Keep the memory of arrays from one to the next. For a program that serves, and gives back what it does not use.

    GNU's C library asks the system for each array from 128 KB on, and gets pages that are cleared and entered one by
    one: a quarter of the time that a release takes to load.
    """
    option = getattr(ctypes.CDLL(None), "mallopt", None)
    if option is not None:
        option(_MMAP_THRESHOLD, 1 << 20)
        option(_TRIM_THRESHOLD, 64 << 20)


def give_back() -> None:
    """Let the system have what is free between blocks that are in use; after a release was loaded, half of it.

    GNU's C library keeps such memory and has a function to give it back; where there is none, nothing is done.
    """
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
