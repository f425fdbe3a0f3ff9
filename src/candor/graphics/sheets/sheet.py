"""A figure as a picture that stands alone: the drawing with all that must not be lost when it leaves the site.

From top to bottom: SIMULATED where it is so, the title, the sentence, the drawing with its key, the caveats, the
source with its version. Everything is in the one SVG: no style sheet, no font and no script is needed to see it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring, tostring

from markupsafe import Markup

from candor.graphics.palette import PATTERNS
from candor.graphics.sheets.style import Styles
from candor.graphics.sheets.text import FAMILY, wrapped

MARGIN: Final = 24.0
NARROWEST: Final = 640.0
_SIDE: Final = 330.0
_MARK: Final = (28.0, 14.0)


@dataclass(frozen=True)
class KeyItem:
    """What a mark of the drawing means. `mark` is an `<svg>` with a viewBox."""

    mark: Markup
    words: str


@dataclass(frozen=True)
class Sheet:
    """A figure that leaves the site. `drawing` is one `<svg>` with classes, or empty where there is nothing to draw.

    `key_title` stands over the key, `key_drawing` explains it as a picture, `key_note` stands below it; `notes` are the
    caveats, `source` the lines that say where it comes from and where it can be found again. `base` is the site's
    address, for the links in the drawing.
    """

    title: str
    sentence: str
    drawing: Markup
    key: tuple[KeyItem, ...]
    notes: tuple[str, ...]
    source: tuple[str, ...]
    simulated: str = ""
    key_title: str = ""
    key_drawing: Markup = field(default_factory=Markup)
    key_note: str = ""
    base: str = ""


def key_of(legend: str) -> tuple[KeyItem, ...]:
    """The key of a chart from the list that stands below it on a page: `<ul><li><svg>..</svg>words</li></ul>`."""
    if not legend:
        return ()
    found = []
    for item in _parsed(legend).iter("li"):
        mark = item.find("svg")
        if mark is not None:
            words, mark.tail = (
                _words([item.text, *("".join(e.itertext()) for e in item if e is not mark), mark.tail]),
                None,
            )
            found.append(KeyItem(Markup(_written(mark)), words))  # noqa: S704 - written from parsed elements
    return tuple(found)


def swatch(key: str) -> Markup:
    """The colour or pattern of a class of the map, as the mark of a key."""
    return Markup('<svg viewBox="0 0 28 14"><rect class="k-{}" width="28" height="14"/></svg>').format(key)


def verdict_mark(verdict: str) -> Markup:
    """The triangle of a town among a tenth, as the mark of a key: it points up where that has the highest rates."""
    path = "M14 1l6 11h-12z" if verdict == "higher" else "M14 13l-6 -11h12z"
    return Markup('<svg viewBox="0 0 28 14"><path class="mark" d="{}"/></svg>').format(path)


def standalone(sheet: Sheet, styles: Styles) -> str:
    """The sheet as SVG text, white behind everything, in the light scheme."""
    drawing = _parsed(sheet.drawing) if sheet.drawing else None
    wide, tall = _size(drawing)
    keyed = bool(sheet.key or sheet.key_drawing)
    beside = keyed and tall > wide
    room = max(NARROWEST, wide + (MARGIN + _SIDE if beside else 0))
    page = _Page(room, styles)
    if sheet.simulated:
        page.banner(sheet.simulated)
    page.text(sheet.title, 20, 27, bold=True)
    page.text(sheet.sentence, 15, 21, after=10)
    top = page.y
    if drawing is not None:
        page.place(drawing, wide, tall, sheet.base)
        page.y += 12
    if beside:
        below, page.y = page.y, top
        page.key(sheet, wide + MARGIN, _SIDE)
        page.y = max(below, page.y)
    elif keyed:
        page.key(sheet, 0, room, columns=2)
    page.y += 6
    for note in sheet.notes:
        page.text(note, 12, 16.5, colour="ink-soft", after=3)
    page.rule()
    for line in sheet.source:
        page.text(line, 11, 15, colour="ink-soft")
    return page.finished(sheet.title, " ".join([sheet.simulated, sheet.sentence, *sheet.notes, *sheet.source]).strip())


class _Page:
    """A page that is written from top to bottom: `y` is where the next thing goes, `room` how wide it may be."""

    def __init__(self, room: float, styles: Styles) -> None:
        self.room, self.styles, self.y = room, styles, MARGIN
        self._body = Element("g")

    def text(
        self, text: str, size: float, line: float, *, bold: bool = False, colour: str = "ink", after: float = 0.0
    ) -> None:
        """A paragraph."""
        self._lines(text, MARGIN, self.room, size, line, bold=bold, colour=colour)
        self.y += after

    def banner(self, text: str) -> None:
        """What must be read first, on a ground of its own."""
        lines = wrapped(text, 13, self.room - 20, bold=True)
        tall = 18 * len(lines) + 12
        attributes = {"x": MARGIN, "y": self.y, "width": self.room, "height": tall, "rx": 4, "stroke-width": 1}
        colours = {"fill": self.styles.colour("notice-paper"), "stroke": self.styles.colour("notice-rule")}
        SubElement(self._body, "rect", {k: _n(v) for k, v in attributes.items()} | colours)
        self.y += 6
        self._lines(text, MARGIN + 10, self.room - 20, 13, 18, bold=True, colour="notice-ink")
        self.y += 16

    def rule(self) -> None:
        """A line across."""
        self.y += 5
        ends = {"x1": _n(MARGIN), "x2": _n(MARGIN + self.room), "y1": _n(self.y), "y2": _n(self.y)}
        SubElement(self._body, "line", {**ends, "stroke": self.styles.colour("rule"), "stroke-width": "1"})
        self.y += 7

    def place(self, drawing: Element, wide: float, tall: float, base: str) -> None:
        """The drawing itself, in its own units."""
        for link in drawing.iter("a"):
            link.set("href", urljoin(base, link.get("href", "")))
            link.attrib.pop("aria-label", None)
        self._drawn(drawing, MARGIN, wide, tall)

    def key(self, sheet: Sheet, x: float, room: float, columns: int = 1) -> None:
        """What the marks mean, down one column or two."""
        items = sheet.key
        if sheet.key_title:
            self._lines(sheet.key_title, MARGIN + x, room, 13, 18, bold=True)
            self.y += 3
        if sheet.key_drawing:
            drawing = _parsed(sheet.key_drawing)
            wide, tall = _size(drawing)
            self._drawn(drawing, MARGIN + x, min(wide, room), tall * min(1, room / wide))
            self.y += 10
        each = room / columns
        for start in range(0, len(items), columns):
            top, deepest = self.y, self.y
            for i, item in enumerate(items[start : start + columns]):
                self.y = top
                left = MARGIN + x + i * each
                mark = _parsed(item.mark)
                mark.attrib.update(
                    {"x": _n(left), "y": _n(self.y + 2), "width": _n(_MARK[0]), "height": _n(_MARK[1])}
                    | {"preserveAspectRatio": "xMinYMid slice"}
                )
                self._body.append(mark)
                self._lines(item.words, left + _MARK[0] + 8, each - _MARK[0] - 20, 12.5, 18, colour="ink")
                deepest = max(deepest, self.y)
            self.y = deepest + 2
        if sheet.key_note:
            self.y += 5
            self._lines(sheet.key_note, MARGIN + x, room, 12, 16.5, colour="ink-soft")

    def _drawn(self, drawing: Element, x: float, wide: float, tall: float) -> None:
        for name in ("role", "aria-label", "aria-labelledby", "style"):
            drawing.attrib.pop(name, None)
        drawing.attrib.update({"x": _n(x), "y": _n(self.y), "width": _n(wide), "height": _n(tall)})
        self._body.append(drawing)
        self.y += tall

    def finished(self, title: str, description: str) -> str:
        """The whole as text, styles written in."""
        wide, tall = self.room + 2 * MARGIN, self.y + MARGIN - 8
        attributes = {"xmlns": "http://www.w3.org/2000/svg", "width": _n(wide), "height": _n(tall)}
        attributes |= {"viewBox": f"0 0 {_n(wide)} {_n(tall)}", "font-family": FAMILY, "role": "img"}
        root = Element("svg", attributes)
        SubElement(root, "title").text = _clean(title)
        SubElement(root, "desc").text = _clean(description)
        patterns = _parsed(PATTERNS).find("defs")
        SubElement(root, "rect", {"width": _n(wide), "height": _n(tall), "fill": "#ffffff"})
        root.append(self._body)
        if patterns is not None:
            root.insert(2, patterns)
        self.styles.inline(root)
        _only_used(root)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{_written(root)}\n'

    def _lines(
        self, text: str, x: float, room: float, size: float, line: float, *, bold: bool = False, colour: str = "ink"
    ) -> None:
        for words in wrapped(_clean(text), size, room, bold=bold):
            self.y += line
            attributes = {"x": _n(x), "y": _n(self.y - 0.27 * line), "font-size": _n(size)}
            attributes["fill"] = self.styles.colour(colour)
            if bold:
                attributes["font-weight"] = "700"
            SubElement(self._body, "text", attributes).text = words


def _size(drawing: Element | None) -> tuple[float, float]:
    """The drawing's own width and height: those of its viewBox."""
    if drawing is None:
        return 0.0, 0.0
    box = [float(v) for v in re.split(r"[\s,]+", drawing.get("viewBox", "0 0 720 260").strip())]
    return box[2], box[3]


def _only_used(root: Element) -> None:
    """Take out the patterns that nothing is filled with."""
    defs = root.find("defs")
    if defs is None:
        return
    used = {found for e in root.iter() for found in re.findall(r"url\(\"?#([\w-]+)\"?\)", e.get("fill", ""))}
    for pattern in list(defs):
        if pattern.get("id") not in used:
            defs.remove(pattern)
    if not len(defs):
        root.remove(defs)


def _parsed(markup: str) -> Element:
    """The markup as elements. The site's own drawings are well-formed; a namespace on them would hide their names."""
    try:
        return fromstring(re.sub(r'\sxmlns="[^"]*"', "", str(markup)))  # noqa: S314 - drawn by the site itself
    except ParseError as error:
        raise ValueError("a drawing that is not well-formed XML cannot be exported") from error


def _written(element: Element) -> str:
    return tostring(element, encoding="unicode")


def _words(parts: Iterable[str | None]) -> str:
    return " ".join(" ".join(part or "" for part in parts).split())


def _clean(text: str) -> str:
    """A text without the characters that XML does not allow."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
