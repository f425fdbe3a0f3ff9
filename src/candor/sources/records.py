"""Lines become records, each accounted for: a record per row of the table, and every line that is none with its reason.

Lines whose quotes and delimiters are in order are told by arithmetic on whole chunks and passed on as they are; the
few others are read one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from candor.sources.cells import Cells, written
from candor.sources.evidence import dashes
from candor.sources.footers import count_footers
from candor.sources.layout import Layout
from candor.sources.lines import MAX_LINE, Flags, Lines

_LONGEST = 1 << 20
"""How many bytes of text may follow an open quote before it is held to be stray."""
_MOST_PARTS = 5
_WAITING = 40
_MOST_ENDS = 6
"""How many lines with an odd number of quotes are tried as the end of a record that spans lines."""

TOO_FEW = "the line has fewer cells than the header"
TOO_MANY = "the line has more cells than the header"
UNCLOSED = "a quoted cell is not closed"
TOO_LONG = "the line is longer than 16 million characters"


@dataclass(frozen=True)
class Refused:
    """A line that is no row, as it is, and why."""

    line: int
    reason: str
    text: str


@dataclass
class Tally:
    """What became of the lines so far: their sum is the number of lines read."""

    records: int = 0
    within: int = 0
    blank: int = 0
    above: int = 0
    header: int = 0
    repeated: int = 0
    footers: int = 0
    refused: int = 0
    mended: int = 0
    first_mended: int = 0
    rejoined: int = 0
    returns: int = 0
    padded: int = 0
    lines: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def accounted(self) -> int:
        """Every line, by what became of it: rows and the line breaks within them, and what is no row."""
        return (
            self.records + self.within + self.blank + self.above + self.header + self.repeated + self.footers
            + self.refused
        )  # fmt: skip


class Reading:
    """Reads the chunks of a file whose lines end with line feeds, in order; `tally` counts what becomes of them."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.tally = Tally()
        self.refused: list[Refused] = []
        self._dialect = layout.dialect
        self._titles: frozenset[bytes] = frozenset()
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
            self._first += 1
            self.tally.lines += 1
            left -= 1
        return text, left

    def _chunk(self, chunk: bytes, *, last: bool, cut: bool = False) -> tuple[bytes, bytes]:
        """The records of a chunk of whole lines, and what waits for the lines to come."""
        lines = Lines(chunk, self._dialect, self.layout.width, self.layout.surplus)
        end = lines.count
        if last:
            footers = count_footers(lines.texts_from_end(), self.layout, lines.count, cut=cut)
            end -= footers
            self.tally.footers += footers
        odd = np.flatnonzero(~lines.good[:end] | self._repeats(chunk, lines)[:end])
        out: list[bytes] = []
        run = 0
        skip_to = 0
        waits = end
        for at in map(int, odd):
            if at < skip_to:
                continue
            if at > run:
                out.append(lines.slice(run, at))
                self.tally.records += at - run
            text, taken = self._one(lines, at, end, last=last)
            if taken == 0:
                waits, run = at, at
                break
            if text:
                out.append(text)
            skip_to = run = at + taken
        if run < waits:
            out.append(lines.slice(run, waits))
            self.tally.records += waits - run
        rest = b"" if waits == end else lines.slice(waits, lines.count)
        done = lines.count if not rest else waits
        self._first += done
        self.tally.lines += done
        return b"".join(out), rest

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
        if "\r" in text:
            return self._returns(lines, at, text)
        alone = self._fitted(text)
        record, regular = alone or (b"", False)
        taken = 1
        if not regular:
            longer = self._joined if self._dialect.quote in text else self._broken
            joined, taken = longer(lines, at, end, last=last)
            record = joined or record
        if taken and record:
            self.tally.records += 1
            self.tally.within += taken - 1
            if taken == 1 and not regular:
                self._mended(at)
        elif taken:
            return self._refuse(lines, at, self._reason(text))
        return record, taken

    def _is_no_row(self, text: str) -> bool:
        """Whether a line is empty, a rule, or once more what stands above the rows; it is counted as such."""
        if not text.strip(self._dialect.delimiter + " \t\r"):
            self.tally.blank += 1
        elif text.encode() in self._titles or dashes(text):
            self.tally.repeated += 1
        else:
            return False
        return True

    def _fitted(self, text: str) -> tuple[bytes, bool] | None:
        """A line as a record, and whether its quotes were in order; None where it is none by itself."""
        found = self.layout.record(text)
        return (self._written(found), found.regular) if found else None

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
                return (self._fitted(text) or (b"", True))[0], to - at + 1
        return b"", int(last or at + _MOST_PARTS <= end)

    def _mended(self, at: int) -> None:
        self.tally.mended += 1
        self.tally.first_mended = self.tally.first_mended or self._first + at

    def _returns(self, lines: Lines, at: int, text: str) -> tuple[bytes, int]:
        """A line with carriage returns: several rows, where each part is one by itself, else one with blanks."""
        parts = [part for part in text.split("\r") if part.strip()]
        several = [self._fitted(part) for part in parts]
        if len(parts) > 1 and all(several) and all(self.layout.is_row(part) for part in parts):
            self.tally.records += len(parts)
            self.tally.lines += len(parts) - 1
            return b"".join(one[0] for one in several if one), 1
        whole = self._fitted(text.replace("\r", " "))
        if whole is None:
            return self._refuse(lines, at, self._reason(text))
        self.tally.returns += 1
        self.tally.records += 1
        return whole[0], 1

    def _reason(self, text: str) -> str:
        if text.count(self._dialect.quote) % 2:
            return UNCLOSED
        return TOO_FEW if text.count(self._dialect.delimiter) < self.layout.width - 1 else TOO_MANY

    def _refuse(self, lines: Lines, at: int, reason: str) -> tuple[bytes, int]:
        self.refused.append(Refused(self._first + at, reason, lines.text(at)))
        self.tally.refused += 1
        self.tally.reasons[reason] += 1
        return b"", 1


def _whole_lines(text: bytes) -> int:
    """Where the whole lines end that can be read now: the last ones wait, for they may be what stands below."""
    end = text.rfind(b"\n") + 1
    for _ in range(_WAITING):
        end = text.rfind(b"\n", 0, max(end - 1, 0)) + 1
    return end
