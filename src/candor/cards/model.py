"""What a card holds, ready to read: words, figures in words, drawings, and where they lead."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from markupsafe import Markup

from candor.graphics.model import NOTHING_DRAWN, ClassKey, Verdict
from candor.published.model import Period


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


@dataclass(frozen=True)
class LegendItem:
    """A class of the map in words. `towns` is how many towns are drawn so."""

    key: ClassKey
    label: str
    towns: int


@dataclass(frozen=True)
class Legend:
    """What is on the map. `drawing` explains colours or circles as a picture; `classes` say every colour in words.

    `marks` are the marks with their words and how many towns have them; `states` are the patterns.
    """

    heading: str
    note: str
    classes: tuple[LegendItem, ...]
    states: tuple[LegendItem, ...]
    drawing: Markup = NOTHING_DRAWN
    marks: tuple[tuple[Verdict, str, int], ...] = ()


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
class KnowHow:
    """ "How we know" of a figure card: pairs of heading and sentence, then links (method, cite, download)."""

    facts: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True)
class CategoryLine:
    """A kind in a town: `level` is `group` or `category`; its figure in words and as a mark; where it is shown."""

    slug: str
    label: str
    level: str
    count: str
    rate: str
    interval: str
    times: str
    compared: str
    mark: Markup
    href: str
    parts: str


@dataclass(frozen=True)
class PlaceFigure:
    """A figure of a town's page: the sentence, the chart, and the table that says the same.

    `key` names it in addresses (`/places/<geoid>/<key>.svg`). `columns` are headings with whether they are numbers,
    `rows` are cells in words; `svg` may be empty where there is nothing to draw. `lines`: of kinds, the same with links
    and marks.
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
    lines: tuple[CategoryLine, ...] = ()


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
