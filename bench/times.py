"""Five million rows made coarse in time, against plain DuckDB counting and copying the same rows, in the same run."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import duckdb

from candor.engine.duck import DuckEngine
from candor.privacy.times import coarsened, complete_periods, require_classes

BEST_RATIO = 4
ROWS, TOWNS, YEARS = 5_000_000, 255, range(2021, 2026)

# Few large towns and many small ones, more calls by day than by night.
_CALLS = f"""
COPY (
    SELECT i AS id, 'Town ' || town AS town, 'County ' || town % 14 AS county, 'kind ' || hash(i, 'kind') % 40 AS kind,
        TIMESTAMP '2021-01-01' + INTERVAL 1 DAY * (hash(i, 'day') % 1826)::INTEGER
        + INTERVAL 1 SECOND * (43200 * (1 + cos(hash(i, 'time') % 1000 / 318.0)))::INTEGER AS called_at
    FROM (SELECT i, floor({TOWNS} * pow(hash(i) % 1000000 / 1e6, 4))::INTEGER AS town FROM range({ROWS}) AS r(i))
) TO '$path' (FORMAT parquet)
"""


def run(folder: Path) -> bool:
    """Print the ratio. True where the aim is met."""
    source, made, plain = (folder / f"times-{name}.parquet" for name in ("source", "made", "plain"))
    duckdb.connect().execute(_CALLS.replace("$path", str(source)))
    plainly = min(_plain(source, plain) for _ in range(2))
    places = ["town", "county"]
    with DuckEngine("America/New_York", folder) as engine:
        began = time.perf_counter()
        found = coarsened(
            engine.read(source), "called_at", places, kind="kind", unit=None, levels=None, finest="hour", k=5,
            engine=engine, complete=complete_periods([f"{y}-{m:02}" for y in YEARS for m in range(1, 13)]),
        )  # fmt: skip
        decided = time.perf_counter() - began
        engine.write(found.published, made)
        seconds = time.perf_counter() - began
        require_classes(
            engine.read(made), "called_at", places, kind="kind", unit=None, finest="hour", k=5, engine=engine
        )
    ratio = seconds / plainly
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    print(
        f"\n{ROWS:,} rows made coarse in time: {seconds:.1f} s, {decided:.1f} s of it to decide; plain DuckDB "
        f"{plainly:.2f} s, ratio {ratio:.1f} (at most {BEST_RATIO}); memory of this process at most {peak:.2f} GiB"
    )
    for line in found.report.lines():
        print(f"  {line}")
    return ratio <= BEST_RATIO


def _plain(source: Path, target: Path) -> float:
    """The seconds that it takes to count by place and hour, and to copy the rows with the hour."""
    began = time.perf_counter()
    connection = duckdb.connect()
    connection.execute(
        "SELECT town, county, date_trunc('hour', called_at), count(*), min(kind), max(kind) "
        f"FROM '{source}' GROUP BY ALL"
    ).to_arrow_table()
    connection.execute(
        f"COPY (SELECT *, date_trunc('hour', called_at) AS hour FROM '{source}') TO '{target}' "
        "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    )
    return time.perf_counter() - began
