"""A figure of another place, from `portal.toml` to what the public may know of the portal."""

from __future__ import annotations

from pathlib import Path

from candor.profiles.check import open_portal
from candor.publish.drafts import public_portal
from candor.store.model import PublicBenchmark

PORTAL = """
title = "Vermont public safety"
jurisdiction = "Vermont"
time_zone = "America/New_York"

[[benchmarks]]
layer = "offences"
category = "burglary"
year = 2015
rate = 4.9
place = "United States"
source = "A table"
"""


def test_the_public_portal_has_the_declared_figures_of_other_places(tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_text(PORTAL, "utf-8")
    assert public_portal(open_portal(tmp_path), None).benchmarks == (
        PublicBenchmark(
            layer="offences", category="burglary", year=2015, rate=4.9, place="United States", source="A table"
        ),
    )
