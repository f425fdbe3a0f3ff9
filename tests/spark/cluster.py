"""A standalone Spark cluster on loopback, from the pip package's own classes: one master, two workers."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyspark
import pytest

ROOT = Path(__file__).resolve().parents[2]
REMEDY = "The Spark tests need Java 17 or 21: apt-get install openjdk-17-jre-headless procps"
WORKERS = 2
# Start-up is most of what these tests do: the quick compiler alone, and no threads that collect garbage.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
_PATIENCE = 180.0
_STOP = 15.0


@dataclass
class Cluster:
    """A running cluster: its URL, and the options with which a portal uses it."""

    master: str
    options: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def toml(self) -> str:
        """The lines of a `portal.toml` that name it."""
        lines = [f'"{key}" = "{value}"' for key, value in self.options.items()]
        return f'engine = "spark"\n\n[spark]\nmaster = "{self.master}"\n\n[spark.options]\n' + "\n".join(lines) + "\n"


@contextlib.contextmanager
def standalone(folder: Path) -> Iterator[Cluster]:
    """Start the cluster, and stop it whatever happens; what it writes is below `folder`.

    Every process dies with the one that started it, also where that is killed.
    """
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.fail(REMEDY)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        log = _start(folder, "master", "master.Master", "--host", "127.0.0.1", "--port", "0", to=processes)
        (master,) = _wait(log, r"Starting Spark master at (spark://127\.0\.0\.1:\d+)", 1, processes)
        for number in range(WORKERS):
            _start(
                folder, f"worker-{number}", "worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "1g",
                "--work-dir", str(folder / f"work-{number}"), master, to=processes,
            )  # fmt: skip
        _wait(log, r"Registering worker (127\.0\.0\.1:\d+)", WORKERS, processes)
        yield Cluster(master, _options(folder), processes)
    finally:
        _stop(processes)


def _options(folder: Path) -> dict[str, str]:
    return {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "512m",
        "spark.executor.memory": "512m",
        "spark.driver.extraJavaOptions": JAVA,
        "spark.executor.extraJavaOptions": JAVA,
        "spark.local.dir": str(folder / "local"),
        "spark.sql.shuffle.partitions": str(WORKERS),
        "spark.task.maxFailures": "1",
    }


def _start(folder: Path, name: str, class_: str, *words: str, to: list[subprocess.Popen[bytes]]) -> Path:
    home = Path(pyspark.__file__).parent
    log = folder / f"{name}.log"
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": JAVA,
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "PYSPARK_PYTHON": sys.executable,
        # For what tests hand to the workers; Candor itself is installed.
        "PYTHONPATH": str(ROOT),
    }
    with log.open("wb") as out:
        to.append(
            subprocess.Popen(
                ["setpriv", "--pdeathsig", "SIGTERM", str(home / "bin" / "spark-class"),
                 f"org.apache.spark.deploy.{class_}", "--webui-port", "0", *words],
                env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            )
        )  # fmt: skip
    return log


def _wait(log: Path, pattern: str, count: int, processes: list[subprocess.Popen[bytes]]) -> list[str]:
    deadline = time.monotonic() + _PATIENCE
    while True:
        found: list[str] = re.findall(pattern, log.read_text(errors="replace"))
        if len(found) >= count:
            return found[:count]
        if time.monotonic() > deadline or any(p.poll() is not None for p in processes):
            logs = "\n".join(f"{p.name}:\n{p.read_text(errors='replace')[-2000:]}" for p in log.parent.glob("*.log"))
            pytest.fail(f"The Spark cluster did not start. {REMEDY}\n{logs}")
        time.sleep(0.1)


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """Workers before their master; each with the executors that it started, which are of its process group."""
    for process in reversed(processes):
        _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + _STOP
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, deadline - time.monotonic()))
        _signal(process, signal.SIGKILL)
        process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
