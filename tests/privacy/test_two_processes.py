"""The public site serves everything as a process that cannot open the internal store."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from tests.privacy.crawler import serving, wait

from candor.demo.portal import build_demo_portal
from candor.profiles.check import open_portal
from candor.publish.run import publish

pytestmark = pytest.mark.long

PUBLIC = "data/public"
PAGES, OF_A_KIND = 120, 12
UNPRIVILEGED = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
"""Root may open what is closed; without these two capabilities it is as any other account."""

OPENED = re.compile(r'open(?:at)?\([^"]*"([^"]+)", ([A-Z_|]+)')
ASKED = re.compile(r'(?:stat|statx|newfstatat|access|faccessat2?|readlink|readlinkat|lstat)\([^"]*"([^"]+)"')


def private(root: Path) -> list[Path]:
    """Everything of a portal but its public folder, whatever there may be."""
    return [p for p in (*root.iterdir(), *(root / "data").iterdir()) if p not in (root / "data", root / PUBLIC)]


@pytest.fixture(scope="module")
def portal() -> Iterator[Path]:
    """A published portal whose every part but the public folder is closed to whoever serves it."""
    folder = Path(tempfile.mkdtemp())  # the tests' own folder is closed to other accounts
    folder.chmod(0o755)
    root = folder / "portal"
    build_demo_portal(root, calls=4_000, months=13)
    publish(open_portal(root))
    (folder / "key").write_text("the key of keyed hashes", encoding="utf-8")
    closed = [*private(root), folder / "key"]
    for path in closed:
        path.chmod(0)
    yield root
    for path in closed:
        path.chmod(0o700)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server(portal: Path) -> Iterator[tuple[str, Path | None]]:
    """The address of the site, served without any right to what is closed, and the file that says what it opened."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    trace = portal.parent / "trace.txt"
    strace = shutil.which("strace")
    if strace:
        trace.touch()
        trace.chmod(0o666)
    calls = "trace=open,openat,%stat,access,faccessat,readlink"
    follow = [strace, "-f", "-qq", "-e", calls, "-o", str(trace)] if strace else []
    command = [
        sys.executable,
        "-m",
        "candor",
        "serve",
        "--public",
        str(portal / "data" / "public"),
        "--port",
        str(port),
    ]
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        [*UNPRIVILEGED, *follow, *command], env=environment, cwd="/", stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            wait(f"http://127.0.0.1:{port}/", process)
            yield f"http://127.0.0.1:{port}", trace if strace else None
        finally:
            os.killpg(process.pid, signal.SIGTERM)  # the site itself, and not only who traces it
            process.wait(30)


def kind_of(path: str) -> str:
    """The first part of an address: what kind of page or file it is."""
    return urlsplit(path).path.split("/")[1]


def test_the_private_parts_are_closed_to_the_account_that_serves(portal: Path) -> None:
    closed = [str(p) for p in (*private(portal), portal.parent / "key")]
    assert len(closed) > 8
    assert any(path.endswith("portal.toml") for path in closed)
    probe = f"import os; print([p for p in {closed!r} if os.access(p, os.R_OK) or os.access(p, os.W_OK)])"
    command = [*UNPRIVILEGED, sys.executable, "-c", probe]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_page_and_file_is_served_without_the_internal_store(
    server: tuple[str, Path | None], portal: Path
) -> None:
    base, trace = server
    seen, waiting, kinds = set[str](), ["/"], dict[str, int]()
    with httpx.Client(base_url=base, timeout=60) as client:
        while waiting and len(seen) < PAGES:
            path = waiting.pop(0)
            if path in seen or kinds.get(kind_of(path), 0) >= OF_A_KIND:
                continue
            seen.add(path)
            with client.stream("GET", path, follow_redirects=True) as answer:
                assert answer.status_code == 200, (path, answer.status_code)
                is_page = "text/html" in answer.headers["content-type"]
                # A file is begun, so that it has been opened; the largest are hundreds of megabytes.
                text = answer.read().decode() if is_page else str(next(answer.iter_raw(), b""))
            kind = kind_of(path)
            kinds[kind] = kinds.get(kind, 0) + 1
            if is_page:
                found = (urljoin(path, link.replace("&amp;", "&")) for link in re.findall(r'href="([^"#]+)', text))
                waiting += [f for f in found if f.startswith("/") and kinds.get(kind_of(f), 0) < OF_A_KIND]
    assert {"map", "places", "datasets", "resource", "methods", "compare"} <= kinds.keys()
    if trace is not None:
        said = trace.read_text(errors="replace")
        inside = {(o, how) for o, how in OPENED.findall(said) if o.startswith(str(portal.parent))}
        inside -= {(o, how) for o, how in inside if o == str(trace)}
        public = str(portal / PUBLIC)
        assert inside
        assert {o for o, _ in inside if not o.startswith(public)} == set()
        assert {how for _, how in inside if "WR" in how or "CREAT" in how} == set()
        # Not even whether something is there is asked, but on the way to the public folder.
        way = {str(p) for p in (portal / PUBLIC).parents}
        asked = {a for a in ASKED.findall(said) if a.startswith(str(portal.parent)) and not a.startswith(public)}
        assert asked <= way


def test_the_public_folder_alone_is_enough(server: tuple[str, Path | None], portal: Path, tmp_path: Path) -> None:
    """As on another machine, or in a container that has no more: the same answers from a copy of the folder."""
    shutil.copytree(portal / PUBLIC, tmp_path / "elsewhere")
    headers = {"Host": "tree.example"}
    pages = ["/", "/map", "/places", "/datasets", "/privacy", "/methods", "/api/release", "/datasets/towns.csv"]
    with serving(tmp_path / "elsewhere") as copy:
        for page in pages:
            answers = [httpx.get(f"{base}{page}", headers=headers, timeout=60) for base in (server[0], copy)]
            assert answers[0].status_code == 200
            assert answers[0].content == answers[1].content, page
