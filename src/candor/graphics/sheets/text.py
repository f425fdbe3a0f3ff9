"""Lines of text in a picture: where they break, for a file has no browser to break them.

Widths are the advance widths of Liberation Sans, whose metrics are those of Arial and Helvetica; vl-convert has it
built in, and one of the three is on nearly every machine. So a line breaks in the same place everywhere.
"""

from __future__ import annotations

FAMILY = "Liberation Sans, Arial, Helvetica, sans-serif"

_REGULAR = {
    191: "'",
    222: "ijl‘’",
    260: "|",
    278: " !,./:;I[\\]ft\N{NO-BREAK SPACE}",
    333: "()-`r“”",
    355: '"',
    389: "*",
    500: "Jcksvxyzç",
    584: "+<=>~×",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm½",
    889: "%",
    944: "W",
    1000: "—…",
    1015: "@",
}
_BOLD = {
    238: "'",
    278: " ,./I\\ijl‘’\N{NO-BREAK SPACE}",
    333: "!()-:;[]`ft",
    389: "*r{}",
    474: '"',
    500: "z“”",
    584: "+<=>~×",
    611: "?FLTZbdghnopqu",
    667: "EPSVXY",
    722: "&ABCDHKNRU",
    778: "GOQw",
    833: "M½",
    889: "%m",
    944: "W",
    1000: "@—…",
}
_USUAL = 556
_WIDTHS = [{c: width for width, text in table.items() for c in text} for table in (_REGULAR, _BOLD)]


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a line of text is, in the units of its font size."""
    widths = _WIDTHS[bold]
    return sum(widths.get(c, _USUAL) for c in text) * size / 1000


def wrapped(text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
    """The lines of a text that may be `room` wide. A word that is wider than that is broken where it must be."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if width(longer, size, bold=bold) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        rest = word
        while width(rest, size, bold=bold) > room and len(rest) > 1:
            cut = next(i for i in range(len(rest) - 1, 0, -1) if i == 1 or width(rest[:i], size, bold=bold) <= room)
            lines.append(rest[:cut])
            rest = rest[cut:]
        line = rest
    return [*lines, line] if line else lines
