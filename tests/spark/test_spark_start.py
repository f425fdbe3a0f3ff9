"""Where Spark cannot start, the publisher is told what to do, and soon."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.spark

TRY = """
import sys
from pathlib import Path
from candor.engine.open import open_engine
from candor.portal.config_model import PortalConfig
from candor.errors import CandorError
for master in sys.argv[2:]:
    config = PortalConfig.model_validate(
        {"title": "A", "jurisdiction": "A", "time_zone": "UTC", "engine": "spark", "spark": {"master": master}}
    )
    try:
        open_engine(config, Path(sys.argv[1]))
    except CandorError as error:
        print(type(error).__name__, " ".join(str(error).split()))
"""


def said(scratch: Path, *masters: str, **environment: str) -> list[str]:
    """What is told of each master, in a process of its own: Spark stays in one for good."""
    return subprocess.run(
        [sys.executable, "-c", TRY, str(scratch), *masters],
        env={**os.environ, **environment}, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip


def test_the_master_is_no_address_or_does_not_answer(tmp_path: Path) -> None:
    with socket.socket() as silent:
        # Bound, and nobody listens.
        silent.bind(("127.0.0.1", 0))
        masters = [
            f"spark://127.0.0.1:{silent.getsockname()[1]}", "spark://nowhere.invalid:7077", "spark://", "spark:/host",
        ]  # fmt: skip
        told = said(tmp_path, *masters)
    assert len(told) == len(masters)
    for master, words in zip(masters, told, strict=True):
        assert words.startswith("UsageError")
        assert master in words
        assert "[spark] in portal.toml" in words


def test_java_is_missing(tmp_path: Path) -> None:
    (words,) = said(tmp_path, "local[1]", JAVA_HOME=str(tmp_path / "nowhere"))
    assert words.startswith("UsageError")
    assert "apt-get install openjdk-17-jre-headless" in words


def test_pyspark_is_missing(tmp_path: Path) -> None:
    # As on a machine where Candor is installed without its extra.
    hidden = tmp_path / "hidden"
    (hidden / "pyspark").mkdir(parents=True)
    (hidden / "pyspark" / "__init__.py").write_text("raise ImportError('no pyspark')")
    (words,) = said(tmp_path / "scratch", "local[1]", PYTHONPATH=str(hidden))
    assert words.startswith("UsageError")
    assert "candor[spark]" in words
