"""What a reader's connection carries: every byte of a first visit, compressed."""

from __future__ import annotations

import json
import re

import httpx
import pytest
from tests.frontend import pages, sample

from candor.site.http.assets import STATIC

MAP, OTHER = 400_000, 120_000


@pytest.fixture(scope="module")
def state() -> sample.State:
    return sample.invented()


def scripts_of(entry: str) -> set[str]:
    """The files that an entry's script fetches by itself, now or later."""
    manifest = json.loads((STATIC / ".vite" / "manifest.json").read_text())
    waiting, found = [entry], set()
    while waiting:
        chunk = manifest[waiting.pop()]
        if chunk["file"] not in found:
            found.add(chunk["file"])
            waiting += [*chunk.get("imports", []), *chunk.get("dynamicImports", [])]
    return {f"/static/{file}" for file in found}


def weight(client: httpx.Client, page: str, more: set[str]) -> int:
    """Bytes of the page, of what it names, and of `more`, as they come over the wire."""
    html = client.get(page)
    named = set(re.findall(r'(?:href|src|data-geometry)="(/(?:static/|map/towns)[^"]+)"', html.text))
    style = next(n for n in named if n.endswith(".css"))
    fonts = set(re.findall(r"url\((/static/[^)]+latin[^)]+)\)", client.get(style).text))
    total = 0
    for path in {page, *named, *fonts, *more}:
        with client.stream("GET", path) as answer:
            assert answer.status_code == 200, path
            total += sum(len(piece) for piece in answer.iter_raw())
    return total


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_pages_stay_light(state: sample.State, encoding: str) -> None:
    with (
        pages.serving(pages.application(state)) as address,
        httpx.Client(base_url=address, headers={"accept-encoding": encoding}) as client,
    ):
        assert weight(client, "/", scripts_of("src/site.ts")) < OTHER
        assert weight(client, "/parts", scripts_of("src/site.ts")) < OTHER
        assert weight(client, "/map", scripts_of("src/map.ts") | scripts_of("src/map-worker.ts")) < MAP


def test_only_the_map_fetches_the_map() -> None:
    engine = {f for f in scripts_of("src/map.ts") if "engine" in f}
    assert engine
    assert not scripts_of("src/site.ts") & engine
