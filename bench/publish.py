"""From CSV to published, against plain DuckDB reading the same files and writing Parquet, in the same run."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from candor.demo.portal import build_demo_portal

BEST_RATIO, BEST_OF_A_MILLION = 10, 15
"""Of five million rows, and of one, where what does not grow with the rows weighs more."""
MEMORY_LIMIT = 2 << 30


@dataclass(frozen=True)
class Result:
    """One publication: rows read, seconds of each step, of the whole command, of plain DuckDB, and peak memory."""

    rows: int
    steps: dict[str, float]
    seconds: float
    plain: float
    peak: int

    @property
    def ratio(self) -> float:
        """How many times plain DuckDB's time the publication took."""
        return self.seconds / self.plain


def measure(folder: Path, calls: int) -> Result:
    """Simulate about `calls` calls, publish them in a process of its own, and time plain DuckDB beside it."""
    portal = folder / f"portal-{calls}"
    build_demo_portal(portal, calls=calls)
    sources = sorted((portal / "sources").glob("*calls*.csv"))
    plain = min(_plain(sources, folder) for _ in range(2))
    began = time.perf_counter()
    answer = subprocess.run([sys.executable, "-c", _MEASURED, str(portal)], capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - began
    summary = json.loads(answer.stdout)
    rows = sum(d["read"] for d in summary["datasets"])
    return Result(rows, summary["seconds"], seconds, plain, int(answer.stderr.strip().splitlines()[-1]) * 1024)


_MEASURED = """
import resource, sys
sys.argv = ["candor", "publish", "--portal", sys.argv[1], "--json"]
from candor.cli import main
try:
    main()
except SystemExit as end:
    if end.code:
        raise
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def _plain(sources: list[Path], folder: Path) -> float:
    began = time.perf_counter()
    for source in sources:
        duckdb.connect().execute(f"COPY (FROM read_csv('{source}')) TO '{folder / 'plain.parquet'}' (FORMAT parquet)")
    return time.perf_counter() - began


def report(result: Result, best: float) -> None:
    """Print the ratio, the memory, and where the time went."""
    print(
        f"\n{result.rows:,} rows: {result.seconds:.1f} s, plain DuckDB {result.plain:.2f} s, "
        f"ratio {result.ratio:.1f} (at most {best}), peak memory {result.peak / (1 << 30):.2f} GiB (below 2)"
    )
    for name, seconds in sorted(result.steps.items(), key=lambda s: -s[1]):
        print(f"  {seconds:7.2f} s  {seconds / result.seconds:5.1%}  {name}")


def run(folder: Path) -> bool:
    """One million and five million calls; whether the aims are met."""
    one, five = measure(folder, 1_000_000), measure(folder, 5_000_000)
    report(one, BEST_OF_A_MILLION)
    report(five, BEST_RATIO)
    growth = five.peak / one.peak
    print(f"\npeak memory from one to five million rows: x {growth:.2f}")
    return five.ratio <= BEST_RATIO and one.ratio <= BEST_OF_A_MILLION and five.peak < MEMORY_LIMIT
