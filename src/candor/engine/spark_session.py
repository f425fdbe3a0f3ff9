"""Starting Spark, and saying in plain words why it does not start or could not do its work."""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from py4j.protocol import Py4JError  # type: ignore[import-untyped]  # ships no type information
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from candor.errors import DataError, UsageError

# What a portal may declare otherwise under [spark.options].
_DEFAULTS: Final = {
    "spark.app.name": "candor",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.shuffle.partitions": "8",
    "spark.sql.parquet.compression.codec": "zstd",
}
# What the meaning of a figure rests on.
_FIXED: Final = {
    # Times without zone are the portal's wall time. Where Spark goes through a time with zone on the way, as its
    # date_trunc does, UTC is the zone in which nothing is lost: it has no hour twice and none left out.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    # A value that cannot be is null and told of, as on DuckDB; it does not end the run.
    "spark.sql.ansi.enabled": "false",
    # Two columns of a source may differ by case alone once ours are beside them.
    "spark.sql.caseSensitive": "true",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
}
_SECONDS_TO_ANSWER: Final = 10.0


def open_session(master: str, options: Mapping[str, str]) -> tuple[SparkSession, bool]:
    """A session on the cluster `master`, and whether its application was started here, and so is ours to stop.

    A process has one Spark application: where it already runs one on the same master (a notebook, a job that was
    submitted), that one is used, under a session of its own. Raises `UsageError` where Spark does not start.
    """
    running = SparkSession.getActiveSession()
    if running is not None:
        found = str(running.sparkContext.master)
        if found != master:
            raise UsageError(f"This process already runs Spark on {found}", found,
                             f"Stop it, or name it as `master` under [spark]: it is {master!r}.")  # fmt: skip
        session = running.newSession()
    else:
        session = _started(master, {**_DEFAULTS, **_loopback(master), **options, **_FIXED})
    for key, value in {**_DEFAULTS, **options, **_FIXED}.items():
        if key.startswith("spark.sql."):
            session.conf.set(key, value)
    return session, running is None


def _started(master: str, settings: Mapping[str, str]) -> SparkSession:
    _require_answer(master)
    # The workers must run the same Python. It is asked for here, as the option alone is read by spark-submit only.
    os.environ.setdefault("PYSPARK_PYTHON", settings.get("spark.pyspark.python", sys.executable))
    builder = SparkSession.builder.master(master)
    for key, value in settings.items():
        builder = builder.config(key, value)
    try:
        return builder.getOrCreate()
    except (PySparkException, Py4JError) as error:
        if "JAVA_GATEWAY_EXITED" in str(error):
            raise UsageError('The engine "spark" needs Java, which does not start', "Java 17 or 21",
                             "Install it (Debian: apt-get install openjdk-17-jre-headless), or set JAVA_HOME."
                             ) from error  # fmt: skip
        raise UsageError(f"Spark does not start on {master}: {_first_line(error)}",
                         "the URL of a cluster, such as spark://host:7077, or local[2]",
                         "Correct `master` or `options` under [spark] in portal.toml.") from error  # fmt: skip


def _loopback(master: str) -> dict[str, str]:
    """Spark inside this process has nobody to listen to from outside."""
    if not master.startswith("local"):
        return {}
    return {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}


def _require_answer(master: str) -> None:
    """Raise where no master of a standalone cluster answers: Spark itself would try for minutes."""
    if not master.startswith("spark://"):
        return
    addresses = re.findall(r"([^,/]+):(\d+)", master.removeprefix("spark://"))
    reasons = []
    for host, port in addresses:
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=_SECONDS_TO_ANSWER).close()
        except (OSError, OverflowError) as error:
            reasons.append(f"{host}:{port}: {error}")
        else:
            return
    raise UsageError(f"No Spark master answers at {master} ({'; '.join(reasons) or 'no host and port in it'})",
                     "the address of a running master, such as spark://host:7077",
                     "Start the cluster, or correct `master` under [spark] in portal.toml.")  # fmt: skip


@contextmanager
def told(work: str) -> Iterator[None]:
    """Turn what Spark throws into a `DataError` that says what `work` failed of, in one line."""
    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise DataError(
            f"Spark could not {work}: {_first_line(error)}",
            "a cluster whose workers see the portal's folder under the same path and have Candor installed",
            "Nothing was published. The workers' logs say more.",
        ) from error


def _first_line(error: Exception) -> str:
    """What happened, without the stacks of Java and Python: the innermost cause's first line."""
    cause = getattr(error, "java_exception", None)
    while cause is not None and cause.getCause() is not None:
        cause = cause.getCause()
    text = str(cause.getMessage() if cause is not None else error).strip()
    # Of a failure in the workers' Python the last line names the exception.
    lines = text.splitlines()
    if "Traceback (most recent call last)" in text:
        return lines[-1]
    return lines[0] if lines else type(error).__name__
