"""docs/api.md says what the code does."""

from __future__ import annotations

from pathlib import Path

import httpx

from candor.published import errors
from candor.query.formats.csv import GUARDED
from candor.query.parameters import _UNSUPPORTED, DEFAULT_LIMIT

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")


def test_every_error_stands_in_the_table_with_its_status() -> None:
    for kind in [*errors.KINDS.values(), *errors.STATUS_KINDS.values()]:
        code = f"`{kind.code}`" if kind.code else "(none)"
        assert f"| {kind.status} | {code} |" in TEXT


def test_every_guarded_character_and_every_part_that_is_refused_is_named() -> None:
    words = {"\t": "a tab", "\r": "a carriage return"}
    for character in GUARDED:
        assert words.get(character, f"`{character}`") in TEXT
    for name in _UNSUPPORTED:
        assert f"`{name}`" in TEXT
    assert f"`$limit` ({DEFAULT_LIMIT} " in TEXT


def test_every_address_of_the_api_is_in_the_table(site: httpx.Client) -> None:
    paths = site.get("/api/openapi.json").json()["paths"]
    assert set(paths) == {
        "/healthz",
        "/api/release",
        "/api/withdrawn",
        "/api/places",
        "/resource/{dataset}.{extension}",
        "/datasets/{name}.{extension}",
        "/places/{geoid}/{key}.{extension}",
        "/map.svg",
        "/map.png",
        "/compare.{extension}",
    }
    for path in paths:
        assert f"`{path.split('{')[0]}" in TEXT
