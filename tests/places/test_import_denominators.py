"""`--denominators`: residents and others who are there, by any code, from one file; the portal then declares them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.places.conftest import feature, square
from typer.testing import CliRunner

from candor.cli.app import app
from candor.places.denominator_file import read_denominators
from candor.places.pack import load_pack
from candor.portal.config_model import PortalConfig
from candor.portal.write import init_portal


@pytest.fixture
def portal(tmp_path: Path, write_boundaries: Callable[..., Path]) -> Path:
    init_portal(tmp_path / "portal", title="Quay City", jurisdiction="Quay City", time_zone="America/Chicago")
    write_boundaries(
        feature(square(0, 0), BEAT="4F01", NAME="Docks"), feature(square(0.1, 0), BEAT="4F02", NAME="Hill")
    )
    return tmp_path / "portal"


def _import(portal: Path, text: str) -> str:
    file = portal.parent / "people.csv"
    file.write_text(text, encoding="utf-8")
    words = ["places", "import", "--boundaries", str(portal.parent / "boundaries.geojson")]
    result = CliRunner().invoke(app, [*words, "--denominators", str(file), "--portal", str(portal)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


PEOPLE = "beat_no,Total Pop,Daytime Population,Visitors,Median Age\n4f01,100,350,40,31\n4F 02,900,600,,44\nZZ,1,1,1,1\n"


def test_persons_by_any_code_become_denominators(portal: Path) -> None:
    said = _import(portal, PEOPLE)
    assert load_pack(portal / "places").places["residents"].to_pylist() == [100, 900]
    config = PortalConfig.model_validate(tomllib.loads((portal / "portal.toml").read_text(encoding="utf-8")))
    assert config.denominator == "residents", "what rates are by is the publisher's choice"
    pack = load_pack(portal / "places")
    day, visitors = read_denominators(config.denominators, portal, pack)
    assert (day.name, visitors.name) == ("daytime-population", "visitors")
    assert day.added[:, 0].tolist() == [250, -300]
    assert visitors.added[0].tolist() == [40] * 12
    assert str(visitors.added[1, 0]) == "nan", "a blank is not known, and is not zero"
    assert "lines of people.csv that are of no place of the portal, and are left out: 1" in said
    assert "not taken for persons: Median Age" in said


def test_a_second_time_renews_the_tables(portal: Path) -> None:
    _import(portal, PEOPLE)
    before = (portal / "portal.toml").read_text(encoding="utf-8")
    said = _import(portal, PEOPLE.replace("350", "400"))
    assert (portal / "portal.toml").read_text(encoding="utf-8") == before
    assert "4F01,,300" in (portal / "denominators/daytime-population.csv").read_text(encoding="utf-8")
    assert "denominators/visitors.csv is renewed" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("beat,visitors\n4F01,many\n", "'many'"),
        ("beat,visitors\n4F01,3\n4f01,4\n", "each place once"),
        ("x,visitors\n1,3\n", "no column with codes or names of the places"),
        ("beat,visitors\n4F01,3,4\n", "as many cells as columns"),
    ],
)
def test_what_cannot_be_read_is_told(portal: Path, text: str, said: str) -> None:
    before = (portal / "portal.toml").read_text(encoding="utf-8")
    with pytest.raises(Exception, match=said):
        _import(portal, text)
    assert (portal / "portal.toml").read_text(encoding="utf-8") == before
