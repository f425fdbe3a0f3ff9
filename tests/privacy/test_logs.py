"""The site's log and its pages of errors tell nothing of who asked for what, and nothing of the inside."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from tests.privacy.crawler import serving
from tests.site.tiny_release import publish_tiny

from candor.site.app import create_app
from candor.site.http.faults import BrokenOffError, place_of
from candor.store.public import PublicStore

READER = "zquxreader"
"""In everything that a reader sends."""

FOLDER = "zquxfolder"
"""In the path of the portal."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp(FOLDER) / "data"
    publish_tiny(data)
    return data


@pytest.fixture
def site(data: Path, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    log = tmp_path / "log.txt"
    with serving(data / "public", log=log) as address:
        yield address, log


def spoil(data: Path, name: str) -> None:
    """Make a published file unreadable, so that the site meets what nobody foresaw."""
    store = PublicStore(data / "public")
    release = store.current()
    assert release is not None
    version = release.dataset(name)
    assert version is not None
    for path in store.files(version):
        path.write_bytes(READER.encode())


def test_a_fault_tells_neither_reader_nor_log_more_than_where(site: tuple[str, Path], data: Path) -> None:
    address, log = site
    spoil(data, "tiny-calls")
    sends = {"User-Agent": READER, "X-Forwarded-For": f"{READER}, 203.0.113.9", "Referer": f"http://{READER}/"}
    with httpx.Client(base_url=address, headers=sends, timeout=30) as client:
        failed = [
            client.get(f"/resource/tiny-calls.json?note={READER}"),
            client.get(f"/datasets/tiny-calls?note={READER}", headers={"Accept": "text/html"}),
            client.get("/datasets/tiny-calls.csv"),
        ]
        for path in (f"/search?q={READER}", f"/places/{READER}", f"/resource/x.json?{READER}=1", f"/{READER}"):
            client.get(path)
    assert [answer.status_code for answer in failed] == [500, 500, 500]
    for answer in failed:
        for inside in (FOLDER, str(data), "Traceback", "duckdb", "Parquet", ".py", "SELECT"):
            assert inside not in answer.text, inside
    written = log.read_text(encoding="utf-8")
    assert written.count("A request failed") == 3
    assert "(/resource/{dataset}.{extension})" in written
    assert "tables.py" in written
    first, _, after = written.partition("\n")
    assert first.startswith("Serving on")
    for told in (READER, "127.0.0.1", "203.0.113.9", "magic bytes", FOLDER):
        assert told not in after, told


def test_what_is_no_request_is_not_written_down(site: tuple[str, Path]) -> None:
    address, log = site
    parts = urlsplit(address)
    for sent in (b"\x16\x03\x01zquxreader\r\n\r\n", b"GET /zqux\xff\xfereader HTTP/1.1\r\n\r\n", b"zquxreader\r\n\r\n"):
        with socket.create_connection((parts.hostname, parts.port), 10) as client:
            client.sendall(sent)
            client.settimeout(2)
            try:
                answer = client.recv(4_000)
            except (TimeoutError, ConnectionError):
                answer = b""
        assert b"Traceback" not in answer
    assert httpx.get(f"{address}/healthz").status_code in (200, 500)
    assert "zqux" not in log.read_text(encoding="utf-8")


def test_requests_that_succeed_are_not_logged(site: tuple[str, Path]) -> None:
    address, log = site
    assert httpx.get(f"{address}/methods?{READER}=1").status_code == 200
    assert log.read_text(encoding="utf-8").count("\n") <= 1  # where it serves


def test_an_answer_that_breaks_off_says_nothing_in_the_servers_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "public").mkdir()
    app = create_app(tmp_path / "public")

    @app.get("/begun")
    async def begun() -> Response:
        return _Begun()

    async def ask() -> list[Message]:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        scope: Scope = {
            "type": "http", "method": "GET", "path": "/begun", "raw_path": b"/begun", "query_string": b"",
            "headers": [], "http_version": "1.1", "scheme": "http", "server": ("x", 80), "client": ("203.0.113.9", 1),
        }  # fmt: skip
        with pytest.raises(BrokenOffError) as raised:
            await app(scope, receive, send)
        assert raised.value.__suppress_context__
        assert str(raised.value) == ""
        return sent

    # In a thread of its own: a browser of another test may keep this one's event loop.
    with caplog.at_level(logging.DEBUG, "candor"), ThreadPoolExecutor(1) as own:
        sent = own.submit(asyncio.run, ask()).result()
    assert sent[0]["type"] == "http.response.start"
    assert "A request failed (/begun): builtins.ValueError" in caplog.text
    assert READER not in caplog.text


class _Begun(Response):
    """An answer that fails after its beginning, with a row in its message."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError(READER)


def test_the_place_of_an_error_has_its_causes_and_no_messages() -> None:
    try:
        try:
            int(READER)
        except ValueError as error:
            raise KeyError(READER) from error
    except KeyError as error:
        place = place_of(error)
    assert "builtins.KeyError" in place
    assert "from builtins.ValueError" in place
    assert "test_logs.py" in place
    assert READER not in place
