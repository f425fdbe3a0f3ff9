"""Where brackets and commas are in JSON text, and how deep: found over arrays of bytes, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Positions = NDArray[np.int64]

_CHUNK = 1 << 22
_QUOTE, _BACKSLASH, _COMMA = ord('"'), ord("\\"), ord(",")
_OPEN_ARRAY, _CLOSE_ARRAY, _OPEN_OBJECT, _CLOSE_OBJECT = (ord(c) for c in "[]{}")
_STEP = np.zeros(256, np.int64)
_STEP[[_OPEN_ARRAY, _OPEN_OBJECT]], _STEP[[_CLOSE_ARRAY, _CLOSE_OBJECT]] = 1, -1
_ARRAY_STEP = np.zeros(256, np.int64)
_ARRAY_STEP[_OPEN_ARRAY], _ARRAY_STEP[_CLOSE_ARRAY] = 1, -1
_BRACKET = _STEP != 0


@dataclass(frozen=True)
class Scanned:
    """A piece of JSON text: its bytes, the offset of the first, and which of them are outside of strings.

    `brackets` are the places of the brackets in it; `depth` is how many are open after each, `arrays` how many of these
    are arrays. `before` is the depth before the first of them.
    """

    data: Bytes
    offset: int
    outside: NDArray[np.bool_]
    brackets: Positions
    depth: Positions
    arrays: Positions
    before: int

    def depth_at(self, places: Positions) -> Positions:
        """How many brackets are open at these places."""
        after = np.searchsorted(self.brackets, places) - 1
        return np.where(after >= 0, self.depth[after] if len(self.depth) else self.before, self.before)

    @property
    def commas(self) -> Positions:
        """The places of the commas that part values."""
        return np.flatnonzero(self.outside & (self.data == _COMMA))


@dataclass
class _State:
    in_string: bool = False
    escaping: bool = False
    depth: int = 0
    arrays: int = 0


def scan(file: BinaryIO, start: int, end: int) -> Iterator[Scanned]:
    """The pieces of JSON text from `start` to `end`, both offsets in the file.

    What is left open at the end, or closed too often, shows in the last piece's depth; a string that is never closed
    shows as a piece that ends inside (`outside` is false for its last byte).
    """
    state, offset = _State(), start
    file.seek(start)
    while offset < end and (chunk := file.read(min(_CHUNK, end - offset))):
        data = np.frombuffer(chunk, np.uint8)
        quotes = _real_quotes(data, state)
        # A string's own quotes count as inside: the opening one by itself, the closing one by the one before.
        open_after = np.logical_xor.accumulate(quotes) ^ state.in_string
        outside = ~(open_after | quotes)
        brackets = np.flatnonzero(outside & _BRACKET[data])
        marks = data[brackets]
        depth = np.cumsum(_STEP[marks]) + state.depth
        arrays = np.cumsum(_ARRAY_STEP[marks]) + state.arrays
        yield Scanned(data, offset, outside, brackets, depth, arrays, state.depth)
        state.in_string = bool(open_after[-1])
        if len(brackets):
            state.depth, state.arrays = int(depth[-1]), int(arrays[-1])
        offset += len(data)


def _real_quotes(data: Bytes, state: _State) -> NDArray[np.bool_]:
    """Quotes that begin or end a string: those before which is an even number of backslashes."""
    quotes: NDArray[np.bool_] = data == _QUOTE
    if state.escaping:
        quotes[0] = False
    slashes = np.flatnonzero(data == _BACKSLASH)
    if not len(slashes):
        state.escaping = False
        return quotes
    # Runs of backslashes; one that the piece before left open is one longer.
    begins = np.flatnonzero(np.diff(slashes, prepend=-2) != 1)
    lengths = np.diff(begins, append=len(slashes))
    lengths[0] += state.escaping and slashes[0] == 0
    behind = slashes[begins] + np.diff(begins, append=len(slashes))
    escaped = behind[lengths % 2 == 1]
    state.escaping = bool(len(escaped)) and int(escaped[-1]) == len(data)
    quotes[escaped[escaped < len(data)]] = False
    return quotes
