"""Pages, drawings and answers in the portal's own nouns: every text of them that people read, and nothing else.

A text is left alone in `<code>`, in a style or a script, and in an element with `translate="no"`.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from markupsafe import Markup

from candor.graphics.sheets.sheet import KeyItem, Sheet
from candor.vocabulary.wording import Wording

_PARTS: Final = re.compile(r"(<!--.*?-->|<(script|style|code)\b[^>]*>.*?</\2>|<[^>]*>)", re.DOTALL)
_SPOKEN: Final = re.compile(
    r'(?<=\s)(title|alt|label|content|placeholder|aria-label|aria-description|data-label|data-say-[a-z]+)="([^"]*)"'
)
"""Attributes that people read or hear."""
_DATA: Final = re.compile(r'(<script type="application/json"[^>]*>)(.*)(</script>)', re.DOTALL)
_NAME: Final = re.compile(r"</?([a-zA-Z][\w-]*)")
_VOID: Final = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_LEFT: Final = 'translate="no"'


def worded_page(text: str, wording: Wording) -> str:
    """HTML or SVG with everything that is read in the portal's nouns."""
    if not wording.changes:
        return text
    out, kept = [], _Kept()
    at = 0
    for part in _PARTS.finditer(text):
        out.append(text[at : part.start()] if kept.inside else _text(text[at : part.start()], wording.say))
        out.append(_markup(part[0], wording, kept))
        at = part.end()
    out.append(_text(text[at:], wording.say))
    return "".join(out)


def worded_values(value: Any, wording: Wording) -> Any:  # noqa: ANN401 - any JSON
    """JSON with every text in the portal's nouns; the names of its members stay."""
    if isinstance(value, str):
        return wording.say(value)
    if isinstance(value, dict):
        return {name: worded_values(member, wording) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [worded_values(member, wording) for member in value]
    return value


def worded_sheet(sheet: Sheet, wording: Wording) -> Sheet:
    """A figure that leaves the site, in the portal's nouns before its lines are broken."""
    say = wording.say
    return replace(
        sheet,
        title=say(sheet.title),
        sentence=say(sheet.sentence),
        drawing=_worded_markup(sheet.drawing, wording),
        key=tuple(KeyItem(item.mark, say(item.words)) for item in sheet.key),
        notes=tuple(map(say, sheet.notes)),
        source=tuple(map(say, sheet.source)),
        key_title=say(sheet.key_title),
        key_drawing=_worded_markup(sheet.key_drawing, wording),
        key_note=say(sheet.key_note),
    )


class _Kept:
    """The element whose text is left alone, while it is open: its name, and how many of that name are open in it."""

    def __init__(self) -> None:
        self._name, self._open = "", 0

    @property
    def inside(self) -> bool:
        return self._open > 0

    def meet(self, tag: str) -> None:
        """Take note of a tag."""
        found = _NAME.match(tag)
        if found is None or tag.endswith("/>"):
            return
        name = found[1].lower()
        if self.inside:
            if name == self._name:
                self._open += -1 if tag.startswith("</") else 1
        elif _LEFT in tag and name not in _VOID:
            self._name, self._open = name, 1


def _markup(part: str, wording: Wording, kept: _Kept) -> str:
    if data := _DATA.fullmatch(part):
        said = json.dumps(worded_values(json.loads(data[2]), wording), ensure_ascii=False, separators=(",", ":"))
        # As templates write it: nothing in it may end the element.
        return data[1] + said.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026") + data[3]
    inside = kept.inside
    kept.meet(part)
    if inside or part.startswith(("<!--", "</", "<script", "<style", "<code")) or "=" not in part:
        return part
    return _SPOKEN.sub(lambda m: f'{m[1]}="{_text(m[2], wording.say)}"', part)


def _text(written: str, say: Callable[[str], str]) -> str:
    """Escaped text in the portal's nouns; what does not change stays byte for byte."""
    plain = html.unescape(written)
    said = say(plain)
    return written if said == plain else html.escape(said, quote=True)


def _worded_markup(markup: Markup, wording: Wording) -> Markup:
    return Markup(worded_page(str(markup), wording)) if markup else markup  # noqa: S704 - only texts in it were changed
