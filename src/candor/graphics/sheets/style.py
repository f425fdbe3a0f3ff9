"""The style of a drawing outside the site: the style sheet's rules, written into the elements themselves.

The site's drawings have class names and no colours; the built style sheet has both. A file that leaves the site has no
style sheet, so what the light scheme's rules say of an element becomes its attributes. So there is one source of
every colour, and a file looks as the page does. Rules of other media, of containers and of states (hover, focus) are
not those of a still picture and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import Element

import cssselect2
import tinycss2

PROPERTIES = frozenset(
    {
        *("color", "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray"),
        *("stroke-linejoin", "stroke-linecap", "opacity", "paint-order", "visibility", "display"),
        *("font-size", "font-weight", "font-style", "text-anchor", "dominant-baseline", "letter-spacing"),
    }
)
"""What of a rule an SVG file can say as attributes (SVG 2, presentation attributes), less what layout alone needs."""

_REM = 16
_NOTHING = frozenset({"display:block", "display:inline", "display:inline-block", "display:flex", "display:grid"})


class Styles:
    """The rules of a style sheet that may concern drawings, read when the first drawing needs them."""

    def __init__(self, css: str) -> None:
        self._css = css

    @cached_property
    def _rules(self) -> list[tuple[Any, list[tuple[str, str]]]]:
        """Selectors with their declarations, in the order of the sheet. At-rules and pseudo-classes are not ours."""
        found = []
        for rule in tinycss2.parse_stylesheet(self._css, skip_comments=True, skip_whitespace=True):
            if rule.type != "qualified-rule":
                continue
            declared = [(d.lower_name, self._resolved(d.value)) for d in _declarations(rule.content)]
            kept = [(n, v) for n, v in declared if n in PROPERTIES and f"{n}:{v}" not in _NOTHING]
            prelude = tinycss2.serialize(rule.prelude)
            if kept and ":" not in prelude:
                found.append((rule.prelude, kept))
        return found

    @cached_property
    def _matcher(self) -> cssselect2.Matcher:
        matcher = cssselect2.Matcher()
        for prelude, kept in self._rules:
            for selector in cssselect2.compile_selector_list(prelude):
                matcher.add_selector(selector, kept)
        return matcher

    @cached_property
    def _custom(self) -> dict[str, str]:
        """The custom properties of the light scheme: those that `:root` sets outside every condition."""
        found = {}
        for rule in tinycss2.parse_stylesheet(self._css, skip_comments=True, skip_whitespace=True):
            if rule.type == "qualified-rule" and tinycss2.serialize(rule.prelude).strip() == ":root":
                found.update({d.name: tinycss2.serialize(d.value).strip() for d in _declarations(rule.content)})
        return {name: value for name, value in found.items() if name.startswith("--")}

    def colour(self, name: str) -> str:
        """A colour of the light scheme by its name ("ink-soft"). Raises `KeyError`."""
        return self._custom[f"--{name}"]

    def inline(self, root: Element) -> None:
        """Write into every element below `root` what the rules say of it, and take its class away.

        A rule is stronger than an attribute, as in a browser; among rules the more special, then the later one holds.
        """
        elements = [
            (e.etree_element, self._said(e)) for e in cssselect2.ElementWrapper.from_xml_root(root).iter_subtree()
        ]
        for element, said in elements:
            element.attrib.pop("class", None)
            element.attrib.update(said)

    def _said(self, wrapped: Any) -> dict[str, str]:  # noqa: ANN401 - cssselect2 has no types
        return {name: value for _, _, _, kept in self._matcher.match(wrapped) for name, value in kept}

    def _resolved(self, value: Iterable[Any]) -> str:
        """A value with its custom properties put in, and lengths in the drawing's own units."""
        text = tinycss2.serialize(value).strip()
        for _ in range(4):  # a property may name another one
            text = re.sub(r"var\((--[\w-]+)(?:,([^()]*))?\)", lambda m: self._custom.get(m[1], m[2] or ""), text)
        text = re.sub(r"(?<![\w.])(\d*\.?\d+)rem\b", lambda m: f"{float(m[1]) * _REM:g}", text)
        return re.sub(r"(?<![\w.])(\d*\.?\d+)px\b", r"\1", text)


def _declarations(content: Iterable[Any]) -> list[Any]:
    parsed = tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
    return [d for d in parsed if d.type == "declaration"]
