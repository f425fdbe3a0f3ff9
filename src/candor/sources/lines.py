"""The lines of a chunk of CSV: where they end, and which are records as they are, by arithmetic on whole chunks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from candor.sources.layout import Layout

MAX_LINE = 16_000_000
Indexes = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Lines:
    """The lines of a chunk. `good` ones are records by the rules of CSV, or belong to one that spans lines.

    `within` are the lines of such a record but its first. It is one by the rules only where no line of it but the first
    has as many delimiters as a row.
    """

    def __init__(self, chunk: bytes, layout: Layout) -> None:
        self._chunk = chunk
        self._layout = layout
        self._data = np.frombuffer(chunk, np.uint8)
        self.ends = np.flatnonzero(self._data == ord("\n"))
        self.count = len(self.ends)
        self.starts = np.concatenate(([0], self.ends[:-1] + 1)) if self.count else self.ends
        self.lengths = self.ends - self.starts
        self._delimiters = np.flatnonzero(self._data == ord(layout.dialect.delimiter))
        self._quotes = np.flatnonzero(self._data == ord(layout.dialect.quote))
        self._beside = np.zeros((2, len(self._quotes)), np.bool_)
        self.within: Flags = np.zeros(self.count, np.bool_)
        self._odd = np.zeros(0, np.int64)
        if len(self._quotes):
            self._look_beside_quotes()
            first = np.searchsorted(self._quotes, self.starts)
            odd = (np.searchsorted(self._quotes, self.ends) - first) % 2 == 1
            self._odd = np.flatnonzero(odd)
            regular, cells = self._read(self.starts, self.ends, first)
            self.good: Flags = regular & ~odd & (cells == layout.width + layout.surplus)
        else:
            self.good = self._delimiters_in(self.starts, self.ends) + 1 == layout.width + layout.surplus
        self.good &= (self.lengths > 0) & (self.lengths <= MAX_LINE) & self._ended(self.ends)
        returns = (
            np.searchsorted(self.ends, np.flatnonzero(self._data == ord("\r"))) if b"\r" in chunk else self._odd[:0]
        )
        self.good[returns] = False
        if len(self._odd) > 1:
            self._span(returns)

    def _look_beside_quotes(self) -> None:
        """Whether before, and behind, each quote is what may be before one that opens, behind one that closes."""
        fits = np.zeros(256, np.bool_)
        fits[[ord(self._layout.dialect.delimiter), ord("\n"), ord(self._layout.dialect.quote)]] = True
        # The byte before the first is the last one, which ends a line.
        self._beside = np.stack([fits[self._data[self._quotes - 1]], fits[self._data[self._quotes + 1]]])

    def _read(self, starts: Indexes, ends: Indexes, first: Indexes) -> tuple[Flags, Indexes]:
        """Whether the quotes of pieces of the chunk are in order, and how many cells each has.

        In order are quotes that open at a cell's start, close at its end, or stand in pairs within. `first` is the
        number of quotes before each piece.
        """
        piece = np.searchsorted(ends, self._quotes)
        known = piece < len(ends)
        known[known] = self._quotes[known] >= starts[piece[known]]
        numbers = np.flatnonzero(known)
        opens = (numbers - first[piece[numbers]]) % 2 == 0
        wrong = ~np.where(opens, self._beside[0, numbers], self._beside[1, numbers])
        regular = np.ones(len(ends), np.bool_)
        regular[piece[numbers[wrong]]] = False
        piece = np.searchsorted(ends, self._delimiters)
        known = piece < len(ends)
        known[known] = self._delimiters[known] >= starts[piece[known]]
        inside, piece = self._delimiters[known], piece[known]
        # A delimiter behind an odd number of quotes of its piece is text.
        outside = (np.searchsorted(self._quotes, inside) - first[piece]) % 2 == 0
        return regular, np.bincount(piece[outside], minlength=len(ends)) + 1

    def _span(self, returns: Indexes) -> None:
        """Marks the records that span lines from one with an odd number of quotes to the next."""
        first, last = self._odd[0 : len(self._odd) - 1 : 2], self._odd[1::2]
        begin = self.starts[first]
        regular, cells = self._read(begin, self.ends[last], np.searchsorted(self._quotes, begin))
        unfit = self._delimiters_in(self.starts, self.ends) + 1 >= self._layout.least
        unfit[first] = False
        unfit[returns] = True
        before = np.concatenate(([0], np.cumsum(unfit)))
        fine = regular & (cells == self._layout.width + self._layout.surplus) & self._ended(self.ends[last])
        fine &= (before[last + 1] == before[first]) & (self.ends[last] - begin <= MAX_LINE)
        change = np.zeros(self.count + 1, np.int64)
        change[first[fine] + 1] += 1
        change[last[fine] + 1] -= 1
        self.within = np.cumsum(change)[: self.count] > 0
        self.good |= self.within
        self.good[first[fine]] = True

    def _delimiters_in(self, starts: Indexes, ends: Indexes) -> Indexes:
        found: Indexes = np.searchsorted(self._delimiters, ends) - np.searchsorted(self._delimiters, starts)
        return found

    def _ended(self, ends: Indexes) -> Flags:
        """Whether pieces end with the delimiters that part nothing in this file."""
        ended = np.ones(len(ends), np.bool_)
        for last in range(1, self._layout.surplus + 1):
            ended &= self._data[ends - last] == ord(self._layout.dialect.delimiter)
        return ended

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
        first = int(np.searchsorted(self._odd, at, side="right"))
        return [int(line) for line in self._odd[first : first + most] if line < end]

    def texts_from_end(self, most: int = 40) -> list[str]:
        """The last lines, the last one first."""
        return [self.text(line) for line in range(self.count - 1, max(self.count - 1 - most, -1), -1)]
