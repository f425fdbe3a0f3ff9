"""The tags of the built front end, and a clear word where it is not built."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from candor.errors import DataError
from candor.graphics.markup import script_json
from candor.site.http.assets import STATIC, Assets


def test_not_built_says_so_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"not built.*make frontend"):
        Assets(tmp_path)


def test_an_entry_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(DataError, match=r"no entry 'chart'.*map, map-worker, site"):
        Assets().css("chart")


@pytest.mark.parametrize("entry", ["site", "map"])
def test_every_file_that_a_tag_names_is_there(entry: str) -> None:
    assets = Assets()
    tags = assets.css(entry) + assets.js(entry) + assets.fonts(entry)
    files = re.findall(r'(?:href|src)="/static/([^"]+)"', tags)
    assert any(f.endswith(".js") for f in files)
    assert all((STATIC / f).is_file() for f in files)


def test_the_map_and_its_worker_share_their_code() -> None:
    manifest = json.loads((STATIC / ".vite" / "manifest.json").read_text())
    worker, engine = manifest["src/map-worker.ts"], manifest["src/engine.ts"]
    assert set(worker["imports"]) & set(engine["imports"])
    assert (STATIC / Assets().url("map-worker").removeprefix("/static/")).is_file()


def test_county_boundaries_are_beside_the_front_end() -> None:
    counties = json.loads((STATIC / "atlas" / "counties-10m.json").read_text())
    ids = {g["id"] for g in counties["objects"]["counties"]["geometries"]}
    assert len([i for i in ids if i.startswith("50")]) == 14


def test_json_in_a_page_cannot_end_its_script() -> None:
    value = {"text": "</script><!-- & \u2028"}
    written = script_json(value)
    assert not set("<>&\u2028") & set(written)
    assert json.loads(written) == value
