"""Pages at a million calls: the median time of a request, warm, and what a first visit weighs, compressed; what the
process that serves them takes until its first answer, and its memory after the pages."""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from playwright.sync_api import Browser, sync_playwright

from candor.demo.portal import build_demo_portal

MEDIAN_MS = 15
MAP_KB, OTHER_KB = 400, 120
FIRST_ANSWER_S, RESIDENT_MB, PRIVATE_MB = 2, 260, 150
TOWN = "/places/5000710675"
PAGES = ("/", "/map", "/places", TOWN, "/datasets", "/datasets/municipal-calls", "/methods")
REQUESTS = 200
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--no-first-run",
]


@dataclass(frozen=True)
class Server:
    """A process that serves: its address, and the seconds and the processor's seconds until its first answer."""

    base: str
    pid: int
    seconds: float
    processor: float

    def memory(self) -> tuple[float, float]:
        """What is resident, and what of it is this process's alone, in MB."""
        found = psutil.Process(self.pid).memory_full_info()
        return found.rss / 1e6, found.uss / 1e6


@contextmanager
def served(portal: Path) -> Iterator[Server]:
    """The portal, served by a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "candor", "serve", "--portal", str(portal), "--port", str(port)],
        stdout=subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(3_000):
            try:
                if httpx.get(base + "/").status_code == httpx.codes.OK:
                    break
            except httpx.TransportError:
                time.sleep(0.02)
        took, times = time.perf_counter() - began, psutil.Process(process.pid).cpu_times()
        yield Server(base, process.pid, took, times.user + times.system)
    finally:
        process.terminate()
        process.wait(timeout=20)


def median_ms(client: httpx.Client, path: str) -> float:
    """Median milliseconds of `REQUESTS` requests, after ten to warm up."""
    for _ in range(10):
        client.get(path).raise_for_status()
    times = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        client.get(path).raise_for_status()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def weight(browser: Browser, url: str) -> int:
    """Bytes on the wire of a first visit, as the browser counts them: page, styles, fonts, scripts, worker, shapes."""
    context = browser.new_context()
    session = context.new_page()
    protocol = context.new_cdp_session(session)
    sizes: list[float] = []
    protocol.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    protocol.send("Network.enable")
    session.goto(url, wait_until="networkidle")
    session.wait_for_timeout(1500)
    workers = sum(_size(worker.url) for worker in session.workers)
    context.close()
    return round(sum(sizes)) + workers


def _size(url: str) -> int:
    """A worker's script, which the page's own session does not see."""
    with httpx.stream("GET", url, headers={"accept-encoding": "br, gzip"}) as answer:
        answer.read()
        return answer.num_bytes_downloaded


def run(folder: Path) -> bool:
    """Serve a million calls; whether the aims are met."""
    portal = folder / "portal-1000000"
    if not (portal / "portal.toml").exists():
        build_demo_portal(portal, calls=1_000_000)
    if not (portal / "data" / "public" / "current").exists():
        subprocess.run(
            [sys.executable, "-m", "candor", "publish", "--portal", str(portal), "--json"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    good = True
    with served(portal) as server, httpx.Client(base_url=server.base) as client, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        print(f"\n{'page':<28}{'median ms':>10}{'aim':>6}{'KB':>8}{'aim':>6}")
        for path in PAGES:
            took, size = median_ms(client, path), weight(browser, server.base + path) / 1000
            aim = MAP_KB if path == "/map" else OTHER_KB
            timed = path in ("/map", TOWN)
            good &= size < aim and (not timed or took < MEDIAN_MS)
            print(f"{path:<28}{took:>10.1f}{MEDIAN_MS if timed else '':>6}{size:>8.0f}{aim:>6}")
        browser.close()
        resident, private = server.memory()
        good &= resident < RESIDENT_MB and private < PRIVATE_MB and server.processor < FIRST_ANSWER_S
        print(f"\n{'the process that serves':<28}{'found':>10}{'aim':>6}")
        print(f"{'seconds to the first answer':<28}{server.seconds:>10.1f}")
        print(f"{'of the processor':<28}{server.processor:>10.1f}{FIRST_ANSWER_S:>6}")
        print(f"{'resident MB':<28}{resident:>10.0f}{RESIDENT_MB:>6}")
        print(f"{'private MB':<28}{private:>10.0f}{PRIVATE_MB:>6}")
    return good
