"""What a release says of itself: its accounting, its news, its limits, how to cite it."""

from __future__ import annotations

from collections.abc import Sequence

from candor.messages.coverage import UNDER_RANGE
from candor.messages.layers import CALLS, Layer
from candor.messages.words import day_name, local_day, number
from candor.store.dataset_model import Accounting, DatasetVersion, Indicator
from candor.store.model import Release
from candor.store.tombstones import Tombstone


def accounting_sentence(a: Accounting) -> str:
    """Where the rows that were read ended, as far as it is told."""
    return (
        f"{number(a.published)} rows are published. About {number(a.duplicates)} were duplicates and about"
        f" {number(a.quarantined)} were quarantined, each to the nearest 10."
    )


ACCOUNTING_WITHHELD = (
    "Rows of sensitive kinds are not published. How many they are is told by year, for the whole state, on the page on"
    " privacy; rows that have not settled come later."
)


def accounting_total(accounts: Sequence[Accounting]) -> str:
    """Where the rows of every source ended."""
    return accounting_sentence(
        Accounting(
            published=sum(a.published for a in accounts),
            duplicates=sum(a.duplicates for a in accounts),
            quarantined=sum(a.quarantined for a in accounts),
        )
    )


def withheld_by_year(release: Release) -> list[dict[str, str]]:
    """How many rows are withheld in the whole state, by year."""
    return [
        {"year": str(w.year), "rows": UNDER_RANGE if w.rows is None else f"about {number(w.rows)}"}
        for w in release.withheld_rows
    ]


def home_description(layer: Layer, jurisdiction: str = "") -> str:
    """What the site holds, in a sentence; of a jurisdiction, where one is named."""
    where = f" in {jurisdiction}" if jurisdiction else ""
    return f"{layer.words.title}{where}, town by town, with how sure each figure is and what it leaves out."


def tells_sensitive(release: Release) -> bool:
    """Whether figures of sensitive kinds are among what is told, and not all of them withheld."""
    return any(c.sensitivity == "sensitive" for c in release.categories) or not release.portal.withheld_categories


def limits(*, counted: bool, layer: Layer = CALLS, sensitive: bool = True) -> tuple[str, ...]:
    """What the data cannot tell, a sentence each; `sensitive`: whether figures of sensitive kinds are told at all."""
    general = (
        "Who and where exactly. No names, addresses or exact places are published.",
        "What nobody reported, and what was handled without a record.",
    )
    if not counted:
        return general
    return (
        layer.words.crime,
        "Which town is safer. Towns differ in who lives, works and visits there, and in what their police write down.",
        "Why a rate is higher or lower than in the rest of the state. The comparison allows for the number of people,"
        " for chance, and for how much a town’s own count moves from year to year; for nothing else: not for colleges"
        " or highways, nor for how police record.",
        "Small numbers in sensitive categories. To protect people they are told as under 5 (0 to 4), and all others to"
        " the nearest 5."
        if sensitive
        else "Sensitive kinds. To protect people nothing is told of them, and no total has them.",
        "The last weeks. A month appears when it has settled, so that what is published stays as it is.",
        "Anything about a town that no agency in the data covers. Its number is not known, and it is not zero.",
        *general,
    )


def news(release: Release, dataset: DatasetVersion) -> str:
    """What is new in a data set."""
    return f"Version {dataset.version}, {local_day(dataset.published_at, release.portal)}. {dataset.changes}".strip()


def release_sentence(release: Release) -> str:
    """Which release is shown."""
    return f"Release {release.number} of {local_day(release.created_at, release.portal)}"


def citation(release: Release, dataset: DatasetVersion) -> str:
    """How to cite a data set so that the very figures can be found again."""
    simulated = " SIMULATED." if release.portal.simulated else ""
    return (
        f"{release.portal.title}: {dataset.title} ({dataset.id}), version {dataset.version},"
        f" {local_day(dataset.published_at, release.portal)}.{simulated}"
    )


def withdrawal_line(stone: Tombstone) -> str:
    """What was withdrawn, when, and the class of the reason."""
    what = {"data set": "The data set", "version": f"Version {stone.version} of", "rows": "Rows of"}[stone.what]
    return f"{what} {stone.dataset}, on {day_name(stone.on)}: {stone.reason}."


def rows_withdrawn(stone: Tombstone) -> str:
    """That rows of a data set were withdrawn, and what it means for who cites it."""
    return (
        f"On {day_name(stone.on)} rows were withdrawn from every version ({stone.reason}). The numbers of rows and the"
        " SHA-256 of the versions changed then."
    )


def indicator_facts(indicator: Indicator | None) -> tuple[tuple[str, str], ...]:
    """What the figures of a data set measure: headings and texts."""
    if indicator is None:
        return ()
    return (
        ("Definition", indicator.definition),
        ("Why it is published", indicator.rationale),
        ("Made from", indicator.source),
        ("Method", indicator.method),
        ("Intervals", indicator.interval_method),
        ("How people are protected", indicator.disclosure_control),
        ("What to know before using it", indicator.caveats),
        ("Is more better or worse?", indicator.polarity),
        ("Compared with", indicator.benchmark),
    )
