"""`make bench`: every benchmark, one after another."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench import audit, figures, pages, publish, small, times


def main() -> int:
    """0 where every aim is met."""
    with tempfile.TemporaryDirectory(prefix="candor-bench-") as folder:
        met = [part.run(Path(folder)) for part in (small, figures, audit, times, publish, pages)]
    print("\nEvery aim is met." if all(met) else "\nNot every aim is met.")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
