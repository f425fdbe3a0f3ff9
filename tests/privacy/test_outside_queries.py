"""A question from outside reaches published rows and nothing else: every attempt of the list, made for real."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import duckdb
import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.privacy.crawler import serving
from tests.privacy.outside_queries import MEMORY_AND_TIME, page, read_cases
from tests.privacy.test_two_processes import UNPRIVILEGED
from tests.site.tiny_release import publish_tiny

from candor.engine.public import open_public
from candor.engine.reading import NotReadingError
from candor.published.errors import SiteError
from candor.published.tables import Tables
from candor.store.model import Release
from candor.store.public import PublicStore

pytestmark = pytest.mark.long

LONG = bool(os.environ.get("CANDOR_FUZZ"))
"""Every attempt as the value of every parameter: `make fuzz`. Without it a tenth of these pairs."""

SECRET = "zquxsecret"  # noqa: S105 - a word to search for, and no password
"""What the files outside hold."""

DOCS = Path(__file__).resolve().parents[2] / "docs" / "outside-queries.md"

CASES = read_cases()
ATTEMPTS = [(reach.to, attempt) for reach in CASES for attempt in reach.attempts]
ENGINE_ALONE = ("files outside the public folder", "the network", "extensions", "the configuration")
"""What the engine's own settings close, whatever statement runs."""

PARAMETERS = (
    *(f"/map?{name}={{}}" for name in ("category", "period", "initiated_by", "layer", "show", "sort", "direction")),
    *("/map.csv?category={}", "/map.svg?period={}", "/map/towns.geojson?v={}", "/embed/map?category={}"),
    *("/places/{}", "/places/GEOID?category={}", "/places/GEOID?period={}", "/places/GEOID/{}.csv"),
    *("/places/GEOID/trend.{}", "/embed/places/GEOID/{}", "/embed/places/{}"),
    *(
        "/compare?places={}",
        "/compare?add={}",
        "/compare?similar={}",
        "/compare.csv?places={}",
        "/compare.{}?places=GEOID",
    ),
    *("/search?q={}", "/api/places?q={}", "/api/{}", "/static/{}", "/{}"),
    *("/datasets/{}", "/datasets/SET?version={}", "/datasets/SET?$order={}", "/datasets/SET?$offset={}"),
    *("/datasets/SET?note={}", "/datasets/SET?{}=1", "/datasets/SET?$column={}&$equals=1"),
    *("/datasets/SET?$column=note&$equals={}", "/datasets/{}.csv", "/datasets/SET.{}", "/datasets/SET.csv?version={}"),
    *("/resource/{}.json", "/resource/ID.{}", "/resource/ID.json?note={}", "/resource/ID.csv?called_at={}"),
    *("/resource/ID.json?id={}", "/resource/ID.json?{}=1", "/resource/ID.csv?category={}"),
    *(f"/resource/ID.json?${name}={{}}" for name in ("limit", "offset", "order", "where", "select", "q", "query")),
    *(f"/resource/ID.json?${name}={{}}" for name in ("group", "having", "$app_token", "$version", "$bom")),
)
HEADERS = ("If-None-Match", "Range", "Accept", "Accept-Encoding", "X-App-Token", "X-Forwarded-For", "Cookie", "Host")


@dataclass
class Listener:
    """A server that notes who asks it."""

    address: str = ""
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    noted = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            noted.asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(SECRET.encode())

        do_HEAD = do_PUT = do_POST = do_GET  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    noted.address = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield noted
    server.shutdown()


@dataclass(frozen=True)
class Ground:
    """A public folder with a release, and beside it a folder with secrets."""

    public: Path
    outside: Path
    release: Release

    def files(self) -> dict[str, tuple[int, int]]:
        """Every file of both, with its size and the time of its last change."""
        found = [p for folder in (self.public, self.outside) for p in folder.rglob("*") if not p.is_dir()]
        return {str(p): (p.lstat().st_size, p.lstat().st_mtime_ns) for p in found}


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    data = tmp_path_factory.mktemp("ground")
    made = publish_tiny(data)
    outside = data / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_text(f"word\n{SECRET}\n", encoding="utf-8")
    (outside / "secret.json").write_text(json.dumps([{"word": SECRET}]), encoding="utf-8")
    (outside / "secret.duckdb_extension").write_bytes(SECRET.encode())
    (outside / "schema.sql").write_text(f"CREATE TABLE stolen AS SELECT '{SECRET}' AS word;", encoding="utf-8")
    pq.write_table(pa.table({"word": [SECRET]}), outside / "secret.parquet")
    with duckdb.connect(outside / "secret.duckdb") as database:
        database.execute("CREATE TABLE secret AS SELECT ? AS word", [SECRET])
    (data / "public" / "link.parquet").symlink_to(outside / "secret.parquet")
    return Ground(data / "public", outside, made)


def filled(attempt: str, ground: Ground, listener: Listener) -> str:
    """The attempt with its places filled in."""
    places = {"{outside}": str(ground.outside), "{public}": str(ground.public), "{listener}": listener.address}
    for name, value in places.items():
        attempt = attempt.replace(name, value)
    return attempt


def test_the_documentation_lists_the_attempts() -> None:
    assert DOCS.read_text(encoding="utf-8") == page(), (
        "python -m tests.privacy.outside_queries > docs/outside-queries.md"
    )


@pytest.mark.parametrize(("to", "attempt"), [a for a in ATTEMPTS if a[0] != MEMORY_AND_TIME])
def test_the_site_refuses_the_statement(to: str, attempt: str, ground: Ground, listener: Listener) -> None:
    before = ground.files()
    secret_table = pa.table({"word": [SECRET]})
    tables = Tables(ground.public, PublicStore(ground.public).files)
    # Functions by which other engines tell of themselves are not there.
    with pytest.raises((NotReadingError, duckdb.CatalogException)):
        tables.rows(filled(attempt, ground, listener), [])
    assert ground.files() == before, to
    assert listener.asked == []
    del secret_table


@pytest.mark.parametrize("attempt", [attempt for to, attempt in ATTEMPTS if to in ENGINE_ALONE])
def test_the_engine_alone_holds(attempt: str, ground: Ground, listener: Listener) -> None:
    before = ground.files()
    connection = open_public(ground.public)
    try:
        got = connection.execute(filled(attempt, ground, listener)).fetchall()
    except duckdb.Error as error:
        assert SECRET not in str(error)
    else:
        # A link below the public folder is the publisher's own doing: rights close it, in the site's process.
        assert SECRET not in str(got) or "link.parquet" in attempt
    assert listener.asked == []
    assert ground.files() == before


def test_the_engine_stays_as_it_was_opened(ground: Ground, listener: Listener) -> None:
    """After every attempt on one connection: its settings, its schemas and what it can read are what they were."""
    connection = open_public(ground.public)
    settings = "SELECT name, value FROM duckdb_settings() WHERE name NOT IN ('temp_directory') ORDER BY name"
    before = connection.execute(settings).fetchall()
    for to, attempt in ATTEMPTS:
        if to in ENGINE_ALONE:
            try:
                connection.cursor().execute(filled(attempt, ground, listener))
            except duckdb.Error:
                continue
    assert connection.execute(settings).fetchall() == before
    with pytest.raises(duckdb.PermissionException):
        connection.execute(f"SELECT * FROM read_text('{ground.outside}/secret.csv')")


@pytest.mark.parametrize("attempt", [attempt for to, attempt in ATTEMPTS if to == MEMORY_AND_TIME])
def test_a_question_that_is_too_large_ends_with_a_clear_error(attempt: str, ground: Ground) -> None:
    tables = Tables(ground.public, PublicStore(ground.public).files)
    with pytest.raises((SiteError, duckdb.Error)) as raised, tables.query(attempt, [], seconds=1.0) as cursor:
        cursor.fetchall()
    if isinstance(raised.value, SiteError):
        assert raised.value.remedy
    assert tables.rows("SELECT 1", []) == [(1,)]


@pytest.fixture(scope="module")
def site(ground: Ground) -> Iterator[httpx.Client]:
    """The real site, without any right to the folder outside, nor to write into the public one."""
    folders = [ground.outside, *(p for p in [ground.public, *ground.public.rglob("*")] if p.is_dir())]
    modes = {folder: folder.stat().st_mode for folder in folders}
    for folder in folders:
        folder.chmod(0 if folder == ground.outside else 0o555)
    try:
        with (
            serving(ground.public, command=UNPRIVILEGED, environment={"SECRET": SECRET}) as address,
            httpx.Client(base_url=address, timeout=60) as client,
        ):
            yield client
    finally:
        for folder, mode in modes.items():
            folder.chmod(mode)


def asked(ground: Ground, listener: Listener) -> Iterator[tuple[str, dict[str, str]]]:
    """The attempts as values: addresses, and headers."""
    rows = next(d for d in ground.release.datasets if d.kind == "rows" and any(c.name == "note" for c in d.columns))
    for number, (to, attempt) in enumerate(ATTEMPTS):
        if to == MEMORY_AND_TIME and not LONG and number % 3:
            continue
        value = filled(attempt, ground, listener)
        for at, parameter in enumerate(PARAMETERS):
            if LONG or (number + at) % 10 == 0:
                address = parameter.replace("GEOID", "5000100100").replace("SET", rows.name).replace("ID", rows.id)
                for spelt in (value, f"' OR 1=1; {value}; --") if LONG else (value,):
                    yield address.replace("{}", quote(spelt, safe="" if "?" in address else "/")), {}
        header = HEADERS[number % len(HEADERS)]
        yield "/datasets", {header: value.replace("\n", " ")}


def test_the_site_takes_no_value_for_a_statement(site: httpx.Client, ground: Ground, listener: Listener) -> None:
    before, plain = ground.files(), site.get("/datasets").content
    statuses: dict[int, int] = {}
    for address, headers in asked(ground, listener):
        answer = site.get(address, headers=headers)
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        assert answer.status_code in (200, 303, 400, 404, 405, 416), (address, answer.status_code, answer.text[:300])
        assert SECRET not in answer.text, address
        assert "Traceback" not in answer.text, address
    assert listener.asked == []
    assert ground.files() == before
    assert site.get("/datasets").content == plain
    assert {200, 400, 404} <= statuses.keys()


def test_the_account_that_serves_cannot_write(ground: Ground, site: httpx.Client, listener: Listener) -> None:
    """Statements that write, which the engine alone lets through, in a process with the site's rights."""
    assert site.get("/healthz").status_code == 200
    before = ground.files()
    attempts = [filled(a, ground, listener) for to, a in ATTEMPTS if to == "files that are written"]
    attempts.append(f"SELECT * FROM read_parquet('{ground.public}/link.parquet')")
    program = (
        "import json, sys, pathlib, duckdb\n"
        "from candor.engine.public import open_public\n"
        "public, *attempts = json.load(sys.stdin)\n"
        "for attempt in attempts:\n"
        "    try: print(open_public(pathlib.Path(public)).execute(attempt).fetchall())\n"
        "    except duckdb.Error as error: print(type(error).__name__)\n"
    )
    done = subprocess.run(
        [*UNPRIVILEGED, sys.executable, "-c", program],
        input=json.dumps([str(ground.public), *attempts]),
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
    )
    assert len(done.stdout.splitlines()) == len(attempts)
    assert SECRET not in done.stdout
    assert ground.files() == before
