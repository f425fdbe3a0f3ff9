"""Whole releases that are walked: the recorded portals, a state whose towns differ, and, where it is there, the FBI's
table of Vermont; and what is read off their words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from html import unescape
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tests.golden.portals import made
from tests.offences import test_fbi
from tests.once.world import Portal, Size, draw, records

from candor.demo.portal import build_demo_portal
from candor.places.builder.importer import import_files
from candor.profiles.check import open_portal
from candor.publish.run import publish
from candor.published.release import Catalogue, Published
from candor.store.public import PublicStore

PRESENT: Final = "residents and seasonal visitors"

PHRASES: Final = {
    "higher": ("higher than in the rest of the state", "more than the rest of the state would bring"),
    "lower": ("lower than in the rest of the state", "fewer than the rest of the state would bring"),
    "probably higher": (
        "probably higher than in the rest of the state",
        "probably more than the rest of the state would bring",
    ),
    "probably lower": (
        "probably lower than in the rest of the state",
        "probably fewer than the rest of the state would bring",
    ),
    "about the same rate": ("about the same rate as in the rest of the state", ""),
    "cannot be told apart": (
        "cannot be told apart from the rate in the rest of the state",
        "cannot be told apart from the rate in the rest of the state",
    ),
}
"""What each label is in a sentence, with a number and without."""

NEVER: Final = re.compile(
    r"as expected|than expected|beyond chance|very sure|perhaps (?:higher|lower)|within what chance|allowing for chance"
    r"|for (?:a place of )?its size|more than chance brings|p_higher|XmR|Byar",
    re.IGNORECASE,
)
"""What no sentence says any more."""


@dataclass(frozen=True)
class Walked:
    """A release that is walked, and where it is published."""

    name: str
    public: Path
    held: Published

    def table(self, layer: str) -> pa.Table:
        """The published figures of a layer, as a reader downloads them."""
        store = PublicStore(self.public)
        profile = self.held.release.profile(layer)
        version = self.held.release.dataset(profile.tables.figures)
        assert version is not None
        return pa.concat_tables([pq.read_table(path) for path in store.files(version)])


def built(name: str, folder: Path, shared: Path | None = None) -> Walked:
    """The release of a name, published below `folder`; `shared` has the FBI's table."""
    if name == "fbi":
        root = _fbi(folder, shared)
    elif name == "simulated":
        root = folder / "simulated"
        build_demo_portal(root, calls=60_000, months=39, seed=4)
        publish(open_portal(root))
    elif name == "differing":
        root = _differing(folder)
    else:
        root = made(name, folder)
    public = root / "data" / "public"
    return Walked(name, public, Catalogue(public).current())


def _differing(folder: Path) -> Path:
    """Towns that differ, one at six times the others, some of a few people; persons present are declared."""
    size = Size(towns=40, counties=3, agencies=6, first_year=2023, months=39, calls=1.5, seed=5)
    world, random = draw(size), np.random.default_rng(5)
    level = np.minimum(np.exp(random.normal(-1.6, 0.35, size.towns)), 0.6)
    level[int(np.argsort(world.residents)[-8])] = 1.0
    gone = random.random(world.town.size) > level[world.town]
    portal = Portal(folder / "differing", replace(world, deleted=np.where(gone, 0, world.deleted)))
    day = date(2026, 5, 10)
    portal.write(records(portal.world, day), day)
    (portal.root / "denominators").mkdir()
    added = [f"{world.geoid(t)},,{int(n) // 4 if t % 3 == 0 else 0}" for t, n in enumerate(world.residents)]
    (portal.root / "denominators" / "visitors.csv").write_text(
        "\n".join(["geoid,month,added", *added, ""]), encoding="utf-8"
    )
    text = (portal.root / "portal.toml").read_text("utf-8")
    (portal.root / "portal.toml").write_text(
        f'{text}\n[[denominators]]\nname = "visitors"\ntitle = "{PRESENT}"\ndescription = "An estimate."\n'
        'file = "denominators/visitors.csv"\nsource = "Made up for a test"\n',
        encoding="utf-8",
    )
    publish(open_portal(portal.root))
    return portal.root


def _fbi(folder: Path, shared: Path | None) -> Path:
    assert shared is not None
    root = folder / "fbi"
    (root / "datasets").mkdir(parents=True)
    (root / "portal.toml").write_text(test_fbi.PORTAL, encoding="utf-8")
    text = test_fbi.DATASET.format(path=json.dumps(str(shared / test_fbi.TABLE)))
    (root / "datasets" / "fbi-offences.toml").write_text(text, encoding="utf-8")
    # Towns have pages where there are calls.
    rows = [f"C{n:04d},2015-{n % 12 + 1:02d}-{n % 28 + 1:02d}T10:00:00-05:00,Noise" for n in range(240)]
    (root / "calls.csv").write_text("\n".join(["incident,when,nature", *rows, ""]), encoding="utf-8")
    (root / "crosswalks").mkdir()
    (root / "crosswalks" / "barre.csv").write_text(
        "call_type,category,initiated_by,sensitivity,note\nNoise,noise,,,\n", encoding="utf-8"
    )
    (root / "datasets" / "barre.toml").write_text(_BARRE, encoding="utf-8")
    places = shared / "vermont_places"
    import_files(
        root / "places", places / "town_boundaries_2020.geojson", places / "town_population_2020.csv",
        places / "town_aliases.json",
    )  # fmt: skip
    publish(open_portal(root))
    return root


def printed(text: str) -> float:
    """A number as it is printed, also where words stand for it: "1,204.5", "just over 1", "+12 %", "3.1 times"."""
    words = {"just over 1": 1 + 1e-9, "just under 1": 1 - 1e-9}
    if text in words:
        return words[text]
    if text.endswith("%"):
        sign = -1.0 if text.startswith("\N{MINUS SIGN}") else 1.0
        return 1 + sign * float(re.sub(r"[^\d.]", "", text)) / 100
    return float(text.removesuffix(" times").replace(",", ""))


def with_number(said: str) -> tuple[float, float, float] | None:
    """The ratio and the limits of "2.3 times (2.2 to 2.4)" in a sentence; None where there is none."""
    found = re.search(r"(just (?:over|under) 1|[\d.,]+) times \(([^()]+?) to ([^()]+?)\)", said)
    if found is None:
        return None
    value, low, high = (printed(part) for part in found.groups())
    return value, low, high


def read(html: str) -> str:
    """What a page says, without its controls."""
    main = html[html.index("<main") : html.index("</main")] if "<main" in html else html
    main = re.sub(r"<(script|select|style|pre)\b.*?</\1>", " ", main, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def cells(html: str, table: str) -> list[list[str]]:
    """The cells of a table of a page, its headings first."""
    body = html[html.index(f'id="{table}"') :]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", body[: body.index("</table>")], re.DOTALL)
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[" ".join(unescape(re.sub(r"<[^>]+>", "", c)).split()) for c in row] for row in found]


def texts_of(package: Path) -> Iterator[tuple[str, str]]:
    """Every file of words of the package: messages, templates, the pages of text."""
    for folder, pattern in (("messages", "*.py"), ("site/templates", "**/*.html"), ("site/content", "*.md")):
        for path in sorted((package / folder).glob(pattern)):
            yield str(path.relative_to(package)), path.read_text("utf-8")


_BARRE: Final = """
id = "abcd-2345"
title = "Barre calls"
schema = "calls_for_service"
crosswalk = "barre.csv"
crosswalk_review = { reviewed_by = "A. Clerk, records office", date = 2024-01-02 }

[source]
path = "calls.csv"

[columns]
incident_number = { from = "incident" }
called_at = { from = "when", format = "iso-offset" }
call_type = { from = "nature" }

[coverage]
agency = "Barre Police"
places = ["5002303175"]
"""
