"""What the templates are given: the contract between the pages (Python) and the look (templates, islands).

Every page renders with a `PageContext`; `map.html` and `home.html` add what is below. Words and figures arrive here
ready to read ("12.3", "11.8 to 12.9", "10,830"): Python owns the sentences, templates own the markup, and CSS owns the
colours. Links arrive as paths of this site with their query ("/map?category=theft").

The environment that renders them has, from `assets.install(environment, assets)`:

- `asset_css("site")` and `asset_js("site")`: the tags of a front-end entry (`site` on every page, `map` on the map);
- the filters `number` (1,234), `day` (3 July 2025), `month` (July 2025) and `plural` (`3|plural("call")`: "3 calls").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, NotRequired, TypedDict

from markupsafe import Markup

from candor.site.figure_model import Period
from candor.store.model import PublicPortal, Release

NavKey = Literal["home", "map", "datasets", "methods", "about", ""]
"""The entry of the main navigation that the page stands under; empty for none."""

ClassKey = Literal[
    "rate-1",
    "rate-2",
    "rate-3",
    "rate-4",
    "rate-5",
    "c1-1",
    "c1-2",
    "c1-3",
    "c1-4",
    "c1-5",
    "c1-6",
    "c1-7",
    "c2-1",
    "c2-2",
    "c2-3",
    "c2-4",
    "c2-5",
    "c3-1",
    "c3-2",
    "c3-3",
    "c4-1",
    "blank",
    "zero",
    "too-few",
    "under-5",
    "not-yet",
    "by-county-only",
    "not-reported",
    "not-covered",
    "provisional",
    "no-residents",
    "not-compared",
]
"""A class of the map: its colour, its pattern and its words (`palette.py`)."""

Verdict = Literal["higher", "lower", ""]
"""What a mark on a town says: higher or lower than expected, beyond chance."""


class PageContext(TypedDict):
    """What `base.html` needs on every page. `release` is None only where nothing has been published yet."""

    portal: PublicPortal
    release: Release | None
    page_title: str
    current: NavKey
    page_description: NotRequired[str]  # one sentence for search engines and link previews
    query: NotRequired[str]  # what the search field of the header shows


@dataclass(frozen=True)
class Crumb:
    """A step of the breadcrumb. The last one, the page itself, has no link."""

    label: str
    href: str = ""


@dataclass(frozen=True)
class Option:
    """A choice of a control. `value` is what the form sends."""

    value: str
    label: str


@dataclass(frozen=True)
class OptionGroup:
    """Choices under a heading; without a label they stand free."""

    label: str
    options: tuple[Option, ...]


NOTHING_DRAWN: Final = Markup("")


@dataclass(frozen=True)
class LegendItem:
    """A class of the map in words. `towns` is how many towns are drawn so."""

    key: ClassKey
    label: str
    towns: int


@dataclass(frozen=True)
class Legend:
    """What is on the map. `drawing` explains colours or circles as a picture; `classes` say every colour in words.

    `marks` are the verdicts with their words and how many towns have them; `states` are the patterns.
    """

    heading: str
    note: str
    classes: tuple[LegendItem, ...]
    states: tuple[LegendItem, ...]
    drawing: Markup = NOTHING_DRAWN
    marks: tuple[tuple[Verdict, str, int], ...] = ()


@dataclass(frozen=True)
class Town:
    """A town as the map draws it: `text` is the whole sentence that its title, its label and its tooltip say.

    `text` begins with the town's name: "Burlington: 12.3 calls per 1,000 residents and year (11.8 to 12.9)". `count` is
    what its circle stands for, where the map draws circles.
    """

    geoid: str
    name: str
    key: ClassKey
    text: str
    verdict: Verdict = ""
    count: int = 0


@dataclass(frozen=True)
class MapRow:
    """A row of the table below the map. A figure that does not exist is an empty string, and `coverage` says why.

    `cells` are text and whether it is a number, in the order of the headings from the comparison on.
    """

    geoid: str
    place: str
    county: str
    key: ClassKey
    coverage: str
    cells: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class SortHeader:
    """A column heading that sorts. `href` asks for the next order; `aria_sort` is the one in force."""

    key: str
    label: str
    href: str
    aria_sort: Literal["ascending", "descending", "none"] = "none"
    numeric: bool = False


class MapContext(PageContext):
    """`map.html`."""

    sentence: str  # what is shown, one sentence
    meaning: str  # what a colour means, one sentence
    state_sentences: tuple[str, ...]  # the state's own rate and its change, a figure of the nation
    layers: tuple[Option, ...]  # empty where the release has one layer
    views: tuple[Option, ...]
    categories: tuple[OptionGroup, ...]
    category_label: str  # of the control: "Calls about"
    periods: tuple[OptionGroup, ...]
    initiators: tuple[Option, ...]  # empty where nobody asks who began them
    whoever_began: bool  # the kind is not told apart by who began the calls
    layer: str  # the selected values
    view: str
    category: str
    period: str
    initiated_by: str
    sort: str
    direction: Literal["asc", "desc"]
    headers: tuple[SortHeader, ...]  # place, county, coverage, then those of `MapRow.cells`
    legend: Legend
    svg: Markup  # `Drawing.render` of svgmap.py
    rows: tuple[MapRow, ...]
    sums: tuple[str, ...]  # towns by verdict and by coverage state, in words
    figures_json: Markup  # `svgmap.figures_json`, safe inside <script type="application/json">
    geometry_href: str  # /map/towns.geojson?v=<release>
    csv_link: str
    permalink: str
    share: Share
    schematic: bool
    boundaries_source: str
    definition: str  # of the selected category, one sentence; may be empty
    instead: tuple[str, str] | None  # where most towns are not told: which years are, and the address
    rounded: str  # what rounded numbers are, where there are some


@dataclass(frozen=True)
class Headline:
    """A figure of the home page: the sentence first, then the number with its unit and interval, then where it leads.

    `number` may be empty where there is none to print; the sentence then says why.
    """

    sentence: str
    number: str
    unit: str
    interval: str = ""
    note: str = ""
    href: str = ""
    link_text: str = ""


@dataclass(frozen=True)
class News:
    """Something new: a data set of the latest release and what changed in it."""

    title: str
    href: str
    text: str


class HomeContext(PageContext):
    """`home.html`."""

    state_sentences: tuple[str, ...]  # the state's own rate and its change, before any town
    headlines: tuple[Headline, ...]
    svg: Markup  # `Drawing.render(..., links=False)`
    map_sentence: str
    legend: Legend | None
    news: tuple[News, ...]
    limits: tuple[str, ...]  # what the data cannot tell, a sentence each
    coming: tuple[str, ...]  # what is published next, a sentence each
    early: str  # where the early figures are; empty where there are none
    schematic: bool


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


@dataclass(frozen=True)
class KnowHow:
    """ "How we know" of a figure card: pairs of heading and sentence, then links (method, cite, download)."""

    facts: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True)
class PlaceFigure:
    """A figure of a town's page: the sentence, the chart, and the table that says the same.

    `key` names it in addresses (`/places/<geoid>/<key>.svg`). `columns` are headings with whether they are numbers,
    `rows` are cells in words; `svg` may be empty where there is nothing to draw.
    """

    key: str
    title: str
    sentence: str
    svg: Markup
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    legend: Markup = field(default_factory=Markup)  # what the chart's marks mean, as a list; may be empty
    period: Period | None = None  # where its rows are of one that need not be the chosen one


@dataclass(frozen=True)
class Share:
    """How a figure is passed on.

    `permalink` always shows the version that the figure is from; the citation has it as a whole address, as the
    `snippet` has that of the embed, for both lead here from anywhere. A figure without a drawing has no `svg` and no
    `png`.
    """

    title: str
    citation: str
    permalink: str
    snippet: str
    svg: str = ""
    png: str = ""
    csv: str = ""
