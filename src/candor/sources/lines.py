"""The lines of a chunk of CSV: where they end, and which are records as they are, by arithmetic on whole chunks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from candor.sources.cells import Dialect

MAX_LINE = 16_000_000
Indexes = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Lines:
    """The lines of a chunk: where they end, and which are records by the rules of CSV, by arithmetic."""

    def __init__(self, chunk: bytes, dialect: Dialect, width: int, surplus: int = 0) -> None:
        self._chunk = chunk
        data = np.frombuffer(chunk, np.uint8)
        self.ends = np.flatnonzero(data == ord("\n"))
        self.count = len(self.ends)
        self.starts = np.concatenate(([0], self.ends[:-1] + 1)) if self.count else self.ends
        self.lengths = self.ends - self.starts
        delimiters = np.flatnonzero(data == ord(dialect.delimiter))
        quotes = np.flatnonzero(data == ord(dialect.quote))
        if len(quotes):
            first = np.searchsorted(quotes, self.starts)
            self._quotes = np.searchsorted(quotes, self.ends) - first
            regular = self._regular(data, quotes, first, dialect)
            before = np.searchsorted(quotes, delimiters)
            line = np.searchsorted(self.ends, delimiters)
            # A delimiter behind an odd number of quotes of its line is text.
            outside = (before - first[line]) % 2 == 0
            cells = np.bincount(line[outside], minlength=self.count) + 1
        else:
            self._quotes = np.zeros(self.count, np.int64)
            regular = np.ones(self.count, np.bool_)
            cells = np.searchsorted(delimiters, self.ends) - np.searchsorted(delimiters, self.starts) + 1
        self.good: Flags = regular & (cells == width + surplus) & (self.lengths > 0) & (self.lengths <= MAX_LINE)
        for last in range(1, surplus + 1):
            self.good &= data[self.ends - last] == ord(dialect.delimiter)
        if b"\r" in chunk:
            self.good[np.searchsorted(self.ends, np.flatnonzero(data == ord("\r")))] = False

    def _regular(self, data: NDArray[np.uint8], quotes: Indexes, first: Indexes, dialect: Dialect) -> Flags:
        """Whether the quotes of a line open at a cell's start, close at its end, or stand in pairs within."""
        beside = np.zeros(256, np.bool_)
        beside[[ord(dialect.delimiter), ord("\n"), ord(dialect.quote)]] = True
        before = np.ones(len(quotes), np.bool_)
        before[1 if quotes[0] == 0 else 0 :] = beside[data[quotes[1 if quotes[0] == 0 else 0 :] - 1]]
        after = beside[data[quotes + 1]]
        line = np.searchsorted(self.ends, quotes)
        opens = (np.arange(len(quotes)) - first[line]) % 2 == 0
        wrong = np.where(opens, ~before, ~after)
        regular: Flags = self._quotes % 2 == 0
        regular[line[wrong]] = False
        return regular

    def text(self, line: int) -> str:
        """A line, without its end."""
        return self._chunk[self.starts[line] : self.ends[line]].decode()

    def joined(self, first: int, last: int) -> str:
        """Lines as one text."""
        return self._chunk[self.starts[first] : self.ends[last]].decode()

    def slice(self, first: int, end: int) -> bytes:
        """Lines from `first` to before `end`, with their ends."""
        return self._chunk[self.starts[first] : self.ends[end - 1] + 1] if end > first else b""

    def odd_after(self, at: int, end: int, most: int) -> list[int]:
        """The next lines with an odd number of quotes, at most so many."""
        return [at + 1 + int(n) for n in np.flatnonzero(self._quotes[at + 1 : end] % 2)[:most]]

    def texts_from_end(self, most: int = 40) -> list[str]:
        """The last lines, the last one first."""
        return [self.text(line) for line in range(self.count - 1, max(self.count - 1 - most, -1), -1)]
