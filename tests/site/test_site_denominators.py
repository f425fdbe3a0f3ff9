"""Denominators in words and on the town's page; split towns; kinds of call that stop."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.site.test_site_sentences import figure
from tests.site.tiny_release import publish_tiny

from candor.cards.denominators import denominator_section
from candor.cards.selection import select
from candor.messages.areas import area_sentences
from candor.messages.coverage import agency_sentences
from candor.messages.denominators import (
    ByDenominator,
    adjustment_sentences,
    base_words,
    denominator_heading,
    figure_words,
    ordinal,
    rank_sentences,
    rank_words,
    residents_years,
)
from candor.messages.figures import headline, rate_words, state_words
from candor.messages.vanished import last_seen, vanished_sentence
from candor.published.model import Figure, Period
from candor.published.release import Catalogue, Published
from candor.site.http.assets import Assets
from candor.site.http.view import templates
from candor.store.dataset_model import DatasetDraft, PublicColumn
from candor.store.model import PlaceChange, PublicCoverage, PublicDenominator, PublicPortal
from candor.store.store import Store

PORTAL = PublicPortal(
    title="T", jurisdiction="V", time_zone="UTC", population_years=(2020,),
    denominators=(
        PublicDenominator(
            name="visitors", title="residents and seasonal visitors", description="An estimate", source="B"
        ),
        PublicDenominator(name="workers", title="residents and commuters", source="Census."),
    ),
)  # fmt: skip
UNITS = {"residents": "calls per 1,000 residents and year", "calls": "% of the town's calls"}


def line(name: str, rank: int | None = None, *, depends: bool = False, **others: object) -> ByDenominator:
    values: dict[str, object] = {
        "base": 1000, "figure": 12.0, "low": 10.0, "high": 14.5, "towns_ranked": 240 if rank else None, "note": "",
        "rank_low": max(rank - 3, 1) if rank else None, "rank_high": rank + 5 if rank else None,
        "towns_not_ranked": 12 if rank else None, "unit": UNITS.get(name, "calls per 1,000 persons and year"),
    } | others  # fmt: skip
    return ByDenominator(name=name, rank=rank, rank_depends=depends, **values)  # type: ignore[arg-type]  # as named


def test_a_rank_that_depends_is_said_with_each_rank() -> None:
    lines = [
        line("residents", 12, depends=True),
        line("visitors", 97, depends=True),
        line("workers", 14),
        line("calls", 3),
    ]
    assert rank_sentences(lines, "Dover", PORTAL) == (
        "By residents Dover ranks 12th of 240 towns (9th to 17th; 12 more are not ranked), by residents and seasonal"
        " visitors 97th (94th to 102nd): its place among towns depends on who is counted as being there, so it"
        " says little.",
    )


def test_a_share_that_ranks_otherwise_is_explained() -> None:
    (said,) = rank_sentences(
        [line("residents", 12), line("calls", 121, depends=True, towns_ranked=180)], "Dover", PORTAL
    )
    assert said.startswith(
        "By residents Dover ranks 12th of 240 towns (9th to 17th; 12 more are not ranked); by the share of its own"
        " calls that are of this kind it ranks 121st of 180 (118th to 126th)."
    )


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [line("residents", 12), line("visitors", 13)],
        [line("residents"), line("visitors", 97, depends=True)],
        [line("visitors", 97, depends=True)],
    ],
)
def test_nothing_is_said_where_nothing_depends(lines: Sequence[ByDenominator]) -> None:
    assert rank_sentences(lines, "Dover", PORTAL) == ()


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"), (21, "21st"),
     (102, "102nd"), (111, "111th"), (1003, "1,003rd")],
)  # fmt: skip
def test_ordinals(number: int, said: str) -> None:
    assert ordinal(number) == said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "12th of 240 (9th to 17th); 12 more are not ranked"),
        ({"towns_not_ranked": 1}, "12th of 240 (9th to 17th); 1 more is not ranked"),
        ({"towns_not_ranked": 0}, "12th of 240 (9th to 17th)"),
        ({"rank_low": 12, "rank_high": 12, "towns_not_ranked": 0}, "12th of 240 (12th)"),
    ],
)
def test_a_rank_stands_with_its_interval_and_with_who_has_none(more: dict[str, Any], said: str) -> None:
    assert rank_words(line("residents", 12, **more)) == said
    assert not rank_words(line("residents"))


def test_a_line_in_words() -> None:
    assert base_words(line("residents", base=1)) == "1 resident"
    assert base_words(line("visitors", base=2910)) == "2,910 persons"
    assert base_words(line("calls", base=404)) == "404 calls"
    assert base_words(line("visitors", base=None)) == "not known"
    assert figure_words(line("calls", figure=4.25)) == "4.2\N{NO-BREAK SPACE}%"
    assert figure_words(line("residents", figure=None, note="residents not known")) == "residents not known"
    assert denominator_heading(line("visitors"), PORTAL) == (
        "Residents and seasonal visitors (calls per 1,000 persons and year)"
    )


def test_whose_residents_and_of_which_year() -> None:
    assert residents_years(PORTAL) == "Residents are those of 2020, for every year of the figures."
    several = PORTAL.model_copy(update={"population_years": (2021, 2022, 2024)})
    assert residents_years(several) == "Residents are those of each year, 2021 to 2024."
    assert adjustment_sentences(PORTAL) == (
        "Residents and seasonal visitors: An estimate. Source: B.",
        "Residents and commuters. Source: Census.",
    )


def test_residents_that_are_not_known_are_not_too_few_calls() -> None:
    year = Period("2024", date(2024, 1, 1), date(2024, 12, 1))
    unknown = figure(coverage="reported", count=366, residents=None, note="residents not known")
    said = headline(unknown, year, "Alder", "Noise")
    assert "Residents of Alder are not known for 2024".lower() in said.lower()
    assert "too few" not in said
    assert "Nobody lives there" not in said
    assert rate_words(unknown) == "residents not known"
    assert state_words(unknown) == "residents not known"
    longer = Period("all", date(2022, 1, 1), date(2024, 12, 1))
    assert "for a part of 2022 to 2024" in headline(unknown, longer, "Alder")


def test_a_split_town_is_explained_on_both_pages() -> None:
    change = PlaceChange(
        geoid="2",
        name="Essex Junction",
        before="1",
        before_name="Essex",
        from_month="2022-07",
        note="It became a city.",
    )
    assert area_sentences([change], "2") == (
        "Until June 2022 Essex Junction was part of Essex; figures before are in Essex’s, and are not compared with"
        " those since. It became a city.",
    )
    (old,) = area_sentences([change], "1")
    assert old.startswith("Until June 2022 Essex Junction was part of Essex; figures before are of both together")
    assert area_sentences([change], "3") == ()


def months(*counts: int | None) -> list[tuple[Period, Figure]]:
    found = []
    for i, count in enumerate(counts):
        first = date(2022 + i // 12, i % 12 + 1, 1)
        coverage = "not reported" if count is None else "reported" if count else "zero"
        found.append((Period(f"{first:%Y-%m}", first, first), figure(coverage=coverage, count=count)))
    return found


def test_a_kind_that_stops_is_said_with_its_last_month() -> None:
    said = vanished_sentence(months(*[5] * 14, *[0] * 12), "Noise")
    assert said.startswith(
        "No call of this kind since February 2023; in the twelve months up to then there were 60 calls"
    )


@pytest.mark.parametrize(
    "counts",
    [
        [5] * 26,
        [5] * 14 + [0] * 11,  # not yet a year
        [0] * 5 + [1] * 9 + [0] * 20,  # was always rare
        [0] * 30,
        [5] * 14 + [0] * 6 + [None] * 12,  # not reported is not zero
        [],
    ],
)
def test_a_kind_that_is_there_or_was_always_rare_is_not_said_to_stop(counts: list[int | None]) -> None:
    assert vanished_sentence(months(*counts), "Noise") == ""


@given(st.lists(st.none() | st.integers(0, 30), max_size=60))
def test_gone_means_twelve_reported_months_without_one(counts: list[int | None]) -> None:
    found = last_seen(months(*counts))
    reported = [c for c in counts if c is not None]
    gone = len(reported) > 12 and not any(reported[-12:])
    if found is not None:
        assert gone
        assert found[1] >= 10
    elif gone and any(reported):
        last = max(i for i, c in enumerate(reported) if c)
        assert sum(reported[max(last - 11, 0) : last + 1]) < 10


SCHEMA = ("geoid", "period", "category", "initiated_by", "denominator", "base", "figure", "low", "high", "unit", "rank",
          "rank_low", "rank_high", "towns_ranked", "towns_not_ranked", "rank_depends", "note")  # fmt: skip


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The tiny release, and the figures of its first town by three denominators."""
    data = tmp_path_factory.mktemp("tiny") / "data"
    publish_tiny(data)
    before = Catalogue(data / "public").current()
    assert before.figures is not None
    town = before.figures.places[0].geoid
    rows = [
        (town, period, "all", "citizen", *values)
        for period in ("2025", "all")
        for values in (
            ("calls", 40, None, None, None, "% of the town's calls", *[None] * 5, False, "too few to rate"),
            ("visitors", 3000, 13.3, 10.1, 16.2, "calls per 1,000 persons and year", 97, 80, 120, 240, 12, True, ""),
            ("residents", 1000, 40.0, 33.0, 48.1, "calls per 1,000 residents and year", 12, 8, 19, 240, 12, True, ""),
        )
    ]
    table = pa.table({name: list(column) for name, column in zip(SCHEMA, zip(*rows, strict=True), strict=True)})
    whole = ("base", "rank", "rank_low", "rank_high", "towns_ranked", "towns_not_ranked")
    kinds = {"figure": "number", "low": "number", "high": "number", **dict.fromkeys(whole, "integer"),
             "rank_depends": "boolean"}  # fmt: skip
    draft = DatasetDraft(
        name="call-denominators-by-town", id="tiny-dn22", kind="rates", title="Calls by several denominators",
        columns=tuple(PublicColumn(name=n, label=n, type=kinds.get(n, "text")) for n in SCHEMA),
    )  # fmt: skip
    with Store(data).publication() as publication:
        path = publication.stage(draft.name)
        pq.write_table(table, path)
        publication.put(draft, path)
        for dataset in before.release.datasets:
            publication.keep(dataset.name)
        publication.bring_into_force(
            publication.preview(
                portal=before.release.portal.model_copy(
                    update={"denominators": PORTAL.denominators, "population_years": (2020,)}
                ),
                coverage=before.release.coverage,
                categories=before.release.categories,
            )
        )
    return Catalogue(data / "public").current()


def test_the_section_sets_them_side_by_side(held: Published) -> None:
    assert held.figures is not None
    section = denominator_section(held, held.figures.places[0], select(held, {"period": "2025"}))
    assert section is not None
    assert [row.denominator.split(" (")[0] for row in section.rows] == [
        "Residents", "Residents and seasonal visitors", "The town’s own calls",
    ]  # fmt: skip
    assert [row.rank for row in section.rows] == [
        "12th of 240 (8th to 19th); 12 more are not ranked", "97th of 240 (80th to 120th); 12 more are not ranked", "",
    ]  # fmt: skip
    assert section.rows[2].figure == "too few to rate"
    assert len(section.flags) == 1
    assert "geoid=" in section.links[0][1]


def test_a_month_shows_its_year_and_says_so(held: Published) -> None:
    assert held.figures is not None
    section = denominator_section(held, held.figures.places[0], select(held, {"period": "2025-07"}))
    assert section is not None
    assert section.caption.endswith("by several denominators, 2025")


def test_no_section_without_lines(held: Published, tiny_data: Path) -> None:
    assert held.figures is not None
    assert denominator_section(held, held.figures.places[1], select(held, {})) is None
    without = Catalogue(tiny_data / "public").current()
    assert without.figures is not None
    assert denominator_section(without, without.figures.places[0], select(without, {})) is None


def test_the_part_has_a_caption_and_scopes_and_draws_nothing_without_a_section(held: Published) -> None:
    assert held.figures is not None
    part = templates(Assets()).get_template("parts/denominators.html")
    section = denominator_section(held, held.figures.places[0], select(held, {"period": "2025"}))
    html = part.render(denominators=section)
    assert html.count('scope="row"') == 3
    assert html.count('scope="col"') == 5
    assert "<caption" in html
    assert "97th of 240" in html
    ids = re.findall(r'id="([^"]+)"', html)
    assert len(set(ids)) == len(ids)
    assert not re.search(r"\b(crime|offence)", html, re.IGNORECASE)
    assert part.render(denominators=None).strip() == ""


def covered(**others: object) -> PublicCoverage:
    values = {
        "dataset": "d",
        "agency": "Alder Police",
        "places": ("1",),
        "first_month": "2024-01",
        "last_month": "2025-12",
    }
    return PublicCoverage.model_validate(values | others)


def test_a_month_that_came_in_part_is_said() -> None:
    assert agency_sentences([covered(incomplete=("2025-06",))], "1", "Alder") == (
        "Alder Police covers Alder in these data from January 2024 to December 2025. It sent only part of June 2025:"
        " that month is treated as not reported.",
    )
    (both,) = agency_sentences([covered(incomplete=("2025-06", "2025-09"), gaps=("2025-07",))], "1", "Alder")
    assert (
        "except for July 2025, when it sent nothing. It sent only part of June 2025 and September 2025: these" in both
    )
    (none,) = agency_sentences([covered()], "1", "Alder")
    assert none.endswith(", without a gap.")
