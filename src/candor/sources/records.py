"""Lines become records, each accounted for: a record per row of the table, and every line that is none with its reason.

Lines whose quotes and delimiters are in order are told by arithmetic on whole chunks and passed on as they are; the
few others are read one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np

from candor.sources.cells import Cells, written
from candor.sources.evidence import dashes
from candor.sources.footers import count_footers
from candor.sources.layout import Layout
from candor.sources.lines import MAX_LINE, Flags, Lines
from candor.sources.tally import TOO_FEW, TOO_LONG, TOO_MANY, UNCLOSED, Refused, Tally

_LONGEST = 1 << 20
"""How many bytes of text may follow an open quote before it is held to be stray."""
_NUMBER = re.compile(r"\d+")
_MOST_PARTS = 5
_WAITING = 40
_MOST_ENDS = 6
"""How many lines with an odd number of quotes are tried as the end of a record that spans lines."""


class Reading:
    """Reads the chunks of a file whose lines end with line feeds, in order; `tally` counts what becomes of them."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.tally = Tally()
        self.refused: list[Refused] = []
        self._dialect = layout.dialect
        self._titles: frozenset[bytes] = frozenset()
        self._shapes: frozenset[str] = frozenset()
        self._first = 1  # the number of the first line of the chunk that is read

    def read(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The records as CSV by the rules, chunk by chunk; `refused` holds those that the chunk brought and is cleared
        by who takes them."""
        held = b""
        left = self.layout.skip + self.layout.header_lines
        for chunk in chunks:
            held += chunk
            if left:
                held, left = self._above(held, left)
            cut = 0 if left else _whole_lines(held)
            if cut:
                done, rest = self._chunk(held[:cut], last=False)
                held = rest + held[cut:]
                yield done
        cut_off = not held.endswith(b"\n")
        held += b"\n" if held and cut_off else b""
        held, _ = self._above(held, left)
        if held:
            yield self._chunk(held, last=True, cut=cut_off)[0]

    def _above(self, text: bytes, left: int) -> tuple[bytes, int]:
        """Takes the lines above the rows off; how many are still to come."""
        while left and (cut := text.find(b"\n")) >= 0:
            line, text = text[:cut], text[cut + 1 :]
            if left <= self.layout.header_lines:
                self.tally.header += 1
            else:
                self.tally.above += 1
            if line.strip():
                self._titles |= {line}
                self._shapes |= {_shape(line.decode())}
            self._first += 1
            self.tally.lines += 1
            left -= 1
        return text, left

    def _chunk(self, chunk: bytes, *, last: bool, cut: bool = False) -> tuple[bytes, bytes]:
        """The records of a chunk of whole lines, and what waits for the lines to come."""
        lines = Lines(chunk, self.layout)
        end = lines.count
        if last:
            footers = count_footers(lines.texts_from_end(), self.layout, lines.count, cut=cut)
            end -= footers
            self.tally.footers += footers
        odd = np.flatnonzero(~lines.good[:end] | (self._repeats(chunk, lines) & ~lines.within)[:end])
        out: list[bytes] = []
        run = 0
        skip_to = 0
        waits = end
        for at in map(int, odd):
            if at < skip_to:
                continue
            if at > run:
                out.append(self._passed(lines, run, at))
            text, taken = self._one(lines, at, end, last=last)
            if taken == 0:
                waits, run = at, at
                break
            if text:
                out.append(text)
            skip_to = run = at + taken
        if run < waits:
            out.append(self._passed(lines, run, waits))
        rest = b"" if waits == end else lines.slice(waits, lines.count)
        done = lines.count if not rest else waits
        self._first += done
        self.tally.lines += done
        return b"".join(out), rest

    def _passed(self, lines: Lines, first: int, end: int) -> bytes:
        """Lines that are records as they are."""
        within = int(np.count_nonzero(lines.within[first:end]))
        self.tally.records += end - first - within
        self.tally.within += within
        return lines.slice(first, end)

    def _repeats(self, chunk: bytes, lines: Lines) -> Flags:
        """Lines in order that are no rows all the same: the header once more, and cells that are all empty."""
        found: Flags = (
            lines.good & (lines.lengths == self.layout.width + self.layout.surplus - 1) & (self.layout.width > 1)
        )
        for title in self._titles:
            found[:1] |= chunk.startswith(title + b"\n")
            needle = b"\n" + title + b"\n"
            at = chunk.find(needle)
            while at >= 0:
                found[int(np.searchsorted(lines.ends, at + 1))] = True
                at = chunk.find(needle, at + 1)
        return found

    def _one(self, lines: Lines, at: int, end: int, *, last: bool) -> tuple[bytes, int]:
        """What becomes of the line `at`: a record or none, and how many lines were taken; 0 where it has to wait."""
        text = lines.text(at)
        if self._is_no_row(text):
            return b"", 1
        if lines.lengths[at] > MAX_LINE:
            return self._refuse(lines, at, TOO_LONG)
        text = text.strip("\r")
        if "\r" in text:
            return self._returns(lines, at, text)
        alone = self.layout.record(text)
        taken, joined = 1, b""
        odd = text.count(self._dialect.quote) % 2 == 1
        if alone is None or odd or not (alone.sure or self.layout.fits(alone)):
            longer = self._joined if self._dialect.quote in text else self._broken
            joined, taken = longer(lines, at, end, last=last)
        if joined:
            self.tally.records += 1
            self.tally.within += taken - 1
            return joined, taken
        if alone is None or not taken:
            return self._refuse(lines, at, self._reason(text)) if taken else (b"", 0)
        self.tally.records += 1
        if odd or not alone.regular:
            self._mended(at)
        return self._written(alone), 1

    def _is_no_row(self, text: str) -> bool:
        """Whether a line is empty, a rule, or once more what stands above the rows; it is counted as such."""
        if not text.replace(self._dialect.delimiter, "").strip():
            self.tally.blank += 1
        elif text.encode() in self._titles or dashes(text) or _shape(text) in self._shapes:
            self.tally.repeated += 1
        else:
            return False
        return True

    def _written(self, cells: Cells) -> bytes:
        return (written((*cells.values, *("",) * self.layout.surplus), self._dialect) + "\n").encode()

    def _joined(self, lines: Lines, at: int, end: int, *, last: bool) -> tuple[bytes, int]:
        """A record that spans lines from `at` on: itself and its lines; one line where there is none such.

        No line that is a row by itself is taken into the cell of another.
        """
        ends = lines.odd_after(at, end, _MOST_ENDS + 1)
        size = 0
        reached = at
        alone = self.layout.is_row(lines.text(at))
        for tried, to in enumerate(ends):
            if tried == _MOST_ENDS:
                return b"", 1
            for line in range(reached + 1, to + 1):
                size += int(lines.lengths[line])
                # The end of a cell may look like a row, but hardly where its beginning looks like one too.
                if size > _LONGEST or ((alone or line < to) and self.layout.is_row(lines.text(line))):
                    return b"", 1
            reached = to
            found = self.layout.record(lines.joined(at, to))
            if found is not None:
                if not found.regular:
                    self._mended(at)
                return self._written(found), to - at + 1
        if last:
            return b"", 1
        for line in range(reached + 1, end):
            size += int(lines.lengths[line])
            if size > _LONGEST or self.layout.is_row(lines.text(line)):
                return b"", 1
        return b"", 0

    def _broken(self, lines: Lines, at: int, end: int, *, last: bool) -> tuple[bytes, int]:
        """A record that line breaks outside quotes have cut: its lines are a row together, and by themselves none."""
        text = lines.text(at)
        for to in range(at + 1, min(at + _MOST_PARTS, end)):
            more = lines.text(to)
            if not more.strip() or self.layout.is_row(more):
                return b"", 1
            text += " " + more
            if text.count(self._dialect.delimiter) >= self.layout.width - 1:
                if not self.layout.typed or not self.layout.is_row(text):
                    return b"", 1
                self.tally.rejoined += 1
                found = self.layout.record(text)
                return (self._written(found), to - at + 1) if found else (b"", 1)
        return b"", int(last or at + _MOST_PARTS <= end)

    def _mended(self, at: int) -> None:
        self.tally.mended += 1
        self.tally.first_mended = self.tally.first_mended or self._first + at

    def _returns(self, lines: Lines, at: int, text: str) -> tuple[bytes, int]:
        """A line with carriage returns: several rows, where each part is one by itself, else one with blanks."""
        parts = [part for part in text.split("\r") if part.strip()]
        several = [cells for part in parts if (cells := self.layout.record(part)) and self.layout.fits(cells)]
        if len(several) == len(parts) > 1:
            self.tally.records += len(parts)
            self.tally.lines += len(parts) - 1
            return b"".join(map(self._written, several)), 1
        whole = self.layout.record(text.replace("\r", " "))
        if whole is None:
            return self._refuse(lines, at, self._reason(text))
        self.tally.returns += 1
        self.tally.records += 1
        return self._written(whole), 1

    def _reason(self, text: str) -> str:
        if text.count(self._dialect.quote) % 2:
            return UNCLOSED
        return TOO_FEW if text.count(self._dialect.delimiter) < self.layout.width - 1 else TOO_MANY

    def _refuse(self, lines: Lines, at: int, reason: str) -> tuple[bytes, int]:
        self.refused.append(Refused(self._first + at, reason, lines.text(at)))
        self.tally.refused += 1
        self.tally.reasons[reason] += 1
        return b"", 1


def _shape(text: str) -> str:
    """A title, whatever its numbers are: pages have one each."""
    return _NUMBER.sub("9", text.strip())


def _whole_lines(text: bytes) -> int:
    """Where the whole lines end that can be read now: the last ones wait, for they may be what stands below."""
    end = text.rfind(b"\n") + 1
    for _ in range(_WAITING):
        end = text.rfind(b"\n", 0, max(end - 1, 0)) + 1
    return end
