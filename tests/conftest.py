"""What every room's tests share."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says nothing on a busy machine.
settings.register_profile("candor", deadline=None)
settings.load_profile("candor")

SHARED = Path(__file__).resolve().parents[2] / "shared"


def beside(folder: str, what: str) -> Path:
    """A folder beside the repository. Without it the test skips, with the reason; under `CI=true` it fails."""
    path = SHARED / folder
    if not path.is_dir():
        reason = f"the folder of {what} is missing: {path}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data."""
    return beside("data", "real data")


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """The folder of published results."""
    return beside("reference", "published results")


SLOWEST = 10


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the files that took longest, set-up included: a slow test is mended in the change that adds it."""
    seconds: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.nodeid.partition("::")[0]] += report.duration  # type: ignore[assignment]
    terminalreporter.write_sep("-", f"the {SLOWEST} slowest of {len(seconds)} files, of {sum(seconds.values()):.0f} s")
    for name, took in seconds.most_common(SLOWEST):
        terminalreporter.write_line(f"{took:8.1f} s  {name}")
    if where := os.environ.get("CANDOR_TEST_TIMES"):
        lines = [f"{took:.1f}\t{name}" for name, took in seconds.most_common()]
        Path(where).write_text("\n".join(lines) + "\n", encoding="utf-8")
