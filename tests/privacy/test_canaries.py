"""A word in everything that is not public is in nothing that is: no public file, no page of one, no answer."""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.privacy.crawler import serving
from tests.privacy.public_bytes import pages, public_bytes
from tests.privacy.secret_portal import ADDRESSES, CALLS, CANARY, TOWNS, World, build, coordinates, draw, release

from candor.store.model import Release

pytestmark = pytest.mark.long

QUESTIONS = 20_000 if os.environ.get("CANDOR_FUZZ") else 400
SEED = random.SystemRandom().randrange(2**32) if os.environ.get("CANDOR_FUZZ") else 4


@pytest.fixture(scope="module")
def world() -> World:
    return draw()


@pytest.fixture(scope="module")
def portal(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Release]:
    root = tmp_path_factory.mktemp("canaries") / "portal"
    build(root, world, areas=True)
    return root, release(root)


@pytest.fixture(scope="module")
def everything(portal: tuple[Path, Release]) -> dict[str, bytes]:
    """All public bytes by where they are; pages of one column together."""
    found: dict[str, bytes] = {}
    for name, body in public_bytes(portal[0] / "data" / "public"):
        found[name] = found.get(name, b"") + body
    return found


def test_the_word_is_where_it_should_be(portal: tuple[Path, Release]) -> None:
    """Otherwise the search would find nothing because there is nothing to find."""
    root, made = portal
    source = (root / "sources" / "calls.csv").read_bytes()
    assert source.count(CANARY.encode()) > 10_000
    internal = [p for p in (root / "data" / "quarantine").rglob("*") if p.is_file()]
    assert any(CANARY in str(pq.read_table(p).to_pylist()) for p in internal if p.suffix == ".parquet")
    version = made.dataset(CALLS)
    assert version is not None
    assert version.rows > 1_000
    assert {"area"} < {column.name for column in version.columns}
    assert made.dataset("catchments") is not None


def test_no_public_file_holds_the_word(everything: dict[str, bytes]) -> None:
    assert len(everything) > 100
    assert [name for name, body in everything.items() if CANARY.encode() in body.lower()] == []
    wide = CANARY.encode("utf-16-le")
    assert [name for name, body in everything.items() if wide in body] == []


def test_no_public_file_holds_a_point_or_the_minute_of_a_call(world: World, everything: dict[str, bytes]) -> None:
    """As text, and as the numbers of a binary column."""
    calls = world.calls[::40]
    points = [*(coordinates(call) for call in calls), *ADDRESSES[::7]]
    texts = [text.encode() for point in points for text in point]
    numbers = [struct.pack("<d", float(text)) for text in texts]
    minutes = [c.when.replace(tzinfo=UTC) for c in calls if c.when.minute]
    texts += [f"{m:%Y-%m-%dT%H:%M}".encode() for m in minutes] + [f"{m:%Y-%m-%d %H:%M}".encode() for m in minutes]
    numbers += [struct.pack("<q", _microseconds(moment)) for moment in minutes]
    assert len(numbers) > 300
    whole = b"\n".join(everything.values())
    assert [text for text in texts if text in whole] == []
    assert [number for number in numbers if number in whole] == []
    # Their months are there, or nothing would have been looked at.
    months = [struct.pack("<q", _microseconds(m.replace(day=1, hour=0, minute=0))) for m in minutes]
    assert any(month in whole for month in months)


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000


def test_pages_are_read_as_they_are(tmp_path: Path) -> None:
    """The reader of pages finds what stands only in a page: a word that no row has, and memory that was not filled."""
    words = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int32()), pa.array(["seen", "word of no row"]))
    for compression in ("zstd", "snappy", "none"):
        for version in ("1.0", "2.0"):
            path = tmp_path / f"{compression}{version}.parquet"
            table = pa.table({"word": words, "number": [1.5, None], "more": ["x" * 3_000, "y"]})
            pq.write_table(table, path, compression=compression, data_page_version=version)
            found = list(pages(path))
            assert {column for column, _ in found} == {"word", "number", "more"}
            body = b"".join(page for _, page in found)
            assert b"word of no row" in body
            assert struct.pack("<d", 1.5) in body
            assert b"x" * 3_000 in body


PATHS = (
    *("/", "/map", "/map.csv", "/map.svg", "/embed/map", "/places", "/compare", "/compare.csv", "/search", "/datasets"),
    *("/api/places", "/api/release", "/places/{geoid}", "/embed/places/{geoid}", "/embed/places/{geoid}/{word}"),
    *("/places/{geoid}/{word}.csv", "/places/{geoid}/{word}.svg", "/datasets/{name}", "/datasets/{name}.csv"),
    *(
        "/datasets/{word}",
        "/datasets/{name}.{word}",
        "/resource/{id}.json",
        "/resource/{id}.csv",
        "/resource/{word}.json",
    ),
    *("/{word}", "/static/{word}", "/api/{word}", "/map/towns.geojson", "/privacy", "/methods", "/healthz"),
)
PARAMETERS = (
    *("category", "period", "initiated_by", "layer", "show", "sort", "direction", "places", "add", "similar", "q"),
    *("version", "$order", "$limit", "$offset", "$where", "$select", "$column", "$equals", "geoid", "town", "calls"),
    *("street", "narrative", "latitude", "incident_number", "town_name", "Caller", "Address", "sensitivity", "_row"),
    *("domestic_related", "outcome", "reasons", "file_row_number", "file_index", "level", "coverage", "month", "id"),
)
WORDS = (
    *("overdose", "suicide", "unmapped", "marked-sensitive", "noise", "all", "2024", "2023-2025", "2024-03", "latest"),
    *("citizen", "officer", "calls", "offences", "rate", "counts", "trend", "funnel", "headline", "suppressed", "zero"),
    *("street", "street desc", "narrative", "latitude", "calls desc", "1", "0", "-1", "3", "4", "99999999999999999999"),
    *("1e400", "nan", "true", "null", "'", '"', "' OR 1=1 --", "*", "%", "_", "%%", "\\", "../../internal/lock"),
    *(
        "..%2f..%2fsources%2fcalls.csv",
        "sources/calls.csv",
        "\x00",
        "\u202e",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    ),
    *("Alder", "Oak town", "Caller", "a" * 2_000, "{{7*7}}", "${jndi:x}", "<script>", "\r\nX-Other: 1", "2024-02-30"),
    *("2024-01-01T00:00:00", "5000100010", "5000500050", "tree-calls", "sensitive-calls", "csv", "parquet", "json"),
)


def drawn(made: Release, seed: int) -> Iterator[str]:
    """Addresses with parameters, by chance."""
    chance = random.Random(seed)  # noqa: S311 - drawn to be asked, not to be secret
    for _ in range(QUESTIONS):
        dataset = chance.choice(made.datasets)
        word = quote(chance.choice(WORDS), safe="")
        path = chance.choice(PATHS).format(
            geoid=chance.choice(TOWNS).geoid, name=dataset.name, id=dataset.id, word=word
        )
        names = [*PARAMETERS, *(c.name for c in dataset.columns)]
        asked = [(chance.choice(names), chance.choice(WORDS)) for _ in range(chance.choice((0, 1, 1, 2, 3)))]
        yield f"{path}?{urlencode(asked)}" if asked else path


def test_no_answer_to_any_question_holds_the_word(portal: tuple[Path, Release]) -> None:
    statuses: dict[int, int] = {}
    with serving(portal[0] / "data" / "public") as address, httpx.Client(base_url=address, timeout=120) as client:
        for question in drawn(portal[1], SEED):
            accept = "text/html" if len(question) % 2 else "*/*"
            answer = client.get(question, headers={"Accept": accept, "Accept-Encoding": "identity"})
            said = f"seed {SEED}: {question}: {answer.status_code}"
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
            assert answer.status_code < 500, said
            assert CANARY.encode() not in answer.content.lower(), said
            assert CANARY not in str(answer.headers).lower(), said
            assert b"Traceback" not in answer.content, said
            assert str(portal[0]).encode() not in answer.content, said
    assert {200, 400, 404} <= statuses.keys()
