"""A site over real HTTP: uvicorn in a thread, a small release behind it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from tests.conftest import beside
from tests.site.one_answer import Walked, built
from tests.site.tiny_release import publish_tiny

from candor.site.app import create_app
from candor.site.http.serve import listen


@contextmanager
def running(public_dir: Path) -> Iterator[httpx.Client]:
    """A client of a server of that folder; the server ends with the block."""
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(create_app(public_dir), log_level="critical", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the server did not start")
        time.sleep(0.01)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(15)
        listener.close()


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `data` folder of a portal with two releases; tests read it and leave it as it is."""
    data = tmp_path_factory.mktemp("tiny") / "data"
    publish_tiny(data, calls=180)
    publish_tiny(data)
    return data


@pytest.fixture(scope="session")
def site(tiny_data: Path) -> Iterator[httpx.Client]:
    """A client of the site of the tiny release."""
    with running(tiny_data / "public") as client:
        yield client


RELEASES = (
    *("calls", "two-releases", "calls-and-offences", "own-schema", "areas", "differing"),
    *(pytest.param(name, marks=pytest.mark.long) for name in ("simulated", "fbi")),
)


@pytest.fixture(scope="session", params=RELEASES)
def walked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """A release that is walked; each is built once."""
    name = str(request.param)
    shared = beside("data", "real data") if name == "fbi" else None
    return built(name, tmp_path_factory.mktemp("one-answer"), shared)


@pytest.fixture(scope="session")
def walked_site(walked: Walked) -> Iterator[httpx.Client]:
    """A client of its site."""
    with running(walked.public) as client:
        yield client


PAGE = {"Accept": "text/html,application/xhtml+xml"}
"""What a browser says that it wants."""
