"""A folder that the program really wrote before figures were told once (two releases, calls and offences): it opens."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.site.conftest import running
from tests.site.one_answer import NEVER, cells, read
from typer.testing import CliRunner

from candor.cli.app import app
from candor.errors import DataError
from candor.profiles.check import open_portal
from candor.publish.run import publish
from candor.store.public import PublicStore

ARCHIVE = Path(__file__).parent / "portal-of-an-earlier-candor.tar.xz"
PAGES = (
    *("/", "/map", "/map?layer=offences", "/places/5000100001", "/places/5000100001?category=overdose", "/counties"),
    *("/places/5000100001?layer=offences", "/datasets", "/datasets/calls", "/datasets/calls?version=1", "/methods"),
    *("/datasets/sensitive-calls", "/privacy", "/api/release", "/resource/cals-2342.json?$limit=2"),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "portal"


@pytest.fixture
def site(root: Path) -> Iterator[httpx.Client]:
    with running(root / "data" / "public") as client:
        yield client


def command(root: Path, *words: str) -> str:
    answer = CliRunner().invoke(app, [*words, "--portal", str(root)])
    if answer.exception and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer.output


def test_it_is_served_as_it_is(site: httpx.Client) -> None:
    for address in PAGES:
        assert site.get(address).status_code == 200, address


def test_its_towns_are_not_compared_and_its_old_verdicts_are_not_repeated(site: httpx.Client) -> None:
    for layer in ("calls", "offences"):
        html = site.get("/map", params={"layer": layer, "period": "2024" if layer == "calls" else ""}).text
        heads, *rows = cells(html, "towns")
        said = {row[heads.index("Beside the rest of the state")] for row in rows}
        assert "Not compared" in said
        assert said <= {"Not compared", ""}
        assert not NEVER.search(read(html))
        assert ": not compared; " in html
        town = read(site.get("/places/5000100001", params={"layer": layer}).text)
        assert not NEVER.search(town)
        opening, _, _ = town.partition("How we know")
        assert "rest of the state" not in opening
    table = {row[0]: row[1] for row in cells(site.get("/compare?places=5000100001").text, "compared")}
    assert table["Beside the rest of the state"] == "Not compared"
    assert table["Times the rest of the state"] == table["Among towns"] == ""


def test_its_releases_are_read_with_the_profiles_that_there_were(root: Path) -> None:
    releases = PublicStore(root / "data" / "public").releases()
    assert [r.number for r in releases] == [1, 2]
    for release in releases:
        assert [p.name for p in release.profiles] == ["calls", "offences"]
        assert {c.slug for c in release.kinds()} == {"noise", "alarm", "theft", "overdose"}
        assert {c.slug for c in release.kinds("offences")} == {"burglary", "larceny-theft", "rape-revised"}


def test_what_has_to_be_done_is_said_and_then_it_goes_on(root: Path) -> None:
    for words in (("publish",), ("audit",)):
        with pytest.raises(DataError, match="candor upgrade"):
            command(root, *words)
    command(root, "upgrade")
    rows = PublicStore(root / "data" / "public").versions("calls")[-1].rows
    made = publish(open_portal(root)).release
    assert made is not None
    assert made.number == 3
    assert [v.version for v in PublicStore(root / "data" / "public").versions("calls")] == [1, 2, 3]
    now = made.dataset("calls")
    assert now is not None
    assert now.rows == rows
    with running(root / "data" / "public") as site:
        for address in PAGES:
            assert site.get(address).status_code == 200, address
