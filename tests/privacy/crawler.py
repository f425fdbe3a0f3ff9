"""The real site of a public folder, and everything that it serves: a walk along every link, and questions beside."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
import pytest

HOST = "tree.example"
"""What the sites are asked as, so that whole links in their answers are alike."""

_LINKS = re.compile(r'(?:(?:href|src|action)="|data-[a-z-]+="(?=/))([^"#\s]+)')
_HEX = re.compile(r"\d+")


@dataclass(frozen=True)
class Answer:
    """What was served at an address: the status, the headers without the date, the body as it is after decoding."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def is_page(self) -> bool:
        """Whether it is HTML."""
        return "text/html" in dict(self.headers).get("content-type", "")


@contextmanager
def serving(
    public: Path, *, command: Sequence[str] = (), environment: dict[str, str] | None = None, log: Path | None = None
) -> Iterator[str]:
    """The address of `candor serve --public`, started as its user starts it; it ends with the block.

    `command` is put before it; what it writes goes to `log`.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    candor = [sys.executable, "-m", "candor", "serve", "--public", str(public), "--port", str(port)]
    usual = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}
    usual |= {k: v for k, v in os.environ.items() if k == "PYTHONPATH"}
    with (
        open(log or os.devnull, "wb") as sink,  # noqa: PTH123 - the null device, where nobody reads the log
        subprocess.Popen(
            [*command, *candor],
            env=usual | (environment or {}),
            cwd="/",
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        ) as process,
    ):
        try:
            wait(f"http://127.0.0.1:{port}/", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def wait(address: str, process: subprocess.Popen[bytes]) -> None:
    """Until the site answers."""
    for _ in range(300):
        assert process.poll() is None, "the site ended"
        try:
            httpx.get(address, timeout=30)
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    pytest.fail("the site did not answer")


class Reader:
    """Asks a site, and keeps what it answered. A redirect is an answer; where it leads is asked too."""

    def __init__(self, address: str) -> None:
        asks = {"Host": HOST, "Accept": "text/html,*/*", "Accept-Encoding": "identity"}
        self._client = httpx.Client(base_url=address, timeout=120, headers=asks)
        self.answers: dict[str, Answer] = {}

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, address: str) -> Answer:
        """The answer at an address of the site, asked once."""
        if address not in self.answers:
            self.answers[address] = self._ask(address)
        return self.answers[address]

    def _ask(self, address: str) -> Answer:
        method, _, path = address.rpartition(" ")  # "HEAD /map"; an address itself has no blanks
        got = self._client.request(method or "GET", path)
        kept = tuple(sorted((k, v) for k, v in got.headers.multi_items() if k != "date"))
        return Answer(got.status_code, kept, got.content)

    def walk(self, start: Iterable[str], *, each: int, most: int) -> None:
        """Follow every link of every page, up to `each` addresses of a shape and `most` in all."""
        waiting, shapes = deque(dict.fromkeys(start)), Counter[str]()
        known = set(waiting)
        while waiting and len(self.answers) < most:
            address = waiting.popleft()
            answer = self.ask(address)
            for link in links(address, answer):
                if link not in known and shapes[shape(link)] < each:
                    known.add(link)
                    shapes[shape(link)] += 1
                    waiting.append(link)


def links(address: str, answer: Answer) -> list[str]:
    """The addresses of this site that an answer leads to."""
    found = [v for k, v in answer.headers if k == "location"]
    if answer.is_page:
        found += [unescape(link) for link in _LINKS.findall(answer.body.decode())]
    whole = (urlsplit(urljoin(f"http://{HOST}{address}", link)) for link in found)
    return [
        f"{u.path}{f'?{u.query}' if u.query else ''}"
        for u in whole
        if u.netloc == HOST and not u.path.startswith("/static/assets/")
    ]


def shape(address: str) -> str:
    """What kind of address it is: its path without numbers, and the names of its parameters."""
    parts = urlsplit(address)
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return f"{_HEX.sub('0', parts.path)}?{'&'.join(names)}"
