"""What the templates are given: the contract between the pages (Python) and the look (templates, islands).

Every page renders with a `PageContext`; what cards hold is in `cards/model.py`, the rest below. Words and figures
arrive ready to read ("12.3", "11.8 to 12.9", "10,830"): Python owns the sentences, templates own the markup, and CSS
owns the colours. Links arrive as paths of this site with their query ("/map?category=theft").

The environment that renders them has, from `assets.install(environment, assets)`:

- `asset_css("site")` and `asset_js("site")`: the tags of a front-end entry (`site` on every page, `map` on the map);
- the filters `number` (1,234), `day` (3 July 2025), `month` (July 2025) and `plural` (`3|plural("call")`: "3 calls").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NotRequired, TypedDict

from candor.store.model import PublicNouns, PublicPortal, Release

NavKey = Literal["home", "map", "datasets", "methods", "about", ""]
"""The entry of the main navigation that the page stands under; empty for none."""


class PageContext(TypedDict):
    """What `base.html` needs on every page. `release` is None only where nothing has been published yet."""

    portal: PublicPortal
    release: Release | None
    page_title: str
    nouns: PublicNouns | None  # None where places are towns of a state
    grouped: bool  # whether the places lie in groups, such as counties
    current: NavKey
    page_description: NotRequired[str]  # one sentence for search engines and link previews
    query: NotRequired[str]  # what the search field of the header shows


@dataclass(frozen=True)
class Crumb:
    """A step of the breadcrumb. The last one, the page itself, has no link."""

    label: str
    href: str = ""


@dataclass(frozen=True)
class News:
    """Something new: a data set of the latest release and what changed in it."""

    title: str
    href: str
    text: str


@dataclass(frozen=True)
class Download:
    """A file offered: `note` says what is in it ("all 10,830 rows"), `size` is in words or empty."""

    label: str
    href: str
    format: str
    note: str = ""
    size: str = ""


@dataclass(frozen=True)
class Pages:
    """Where a reader stands in paged rows. An empty link is not offered."""

    first_row: int
    last_row: int
    rows: int
    unit_plural: str = "rows"
    previous_href: str = ""
    next_href: str = ""
    first_href: str = ""
    last_href: str = ""
