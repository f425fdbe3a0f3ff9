"""`python -m bench.scan`: invent the narratives, scan them, and write `docs/privacy-scan.md`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench.scan.judge import scores
from bench.scan.narratives import Forms, narratives
from bench.scan.report import report
from candor.engine.duck import DuckEngine

DOCS = Path(__file__).resolve().parents[2] / "docs"
COUNT = 4000
SEEDS: dict[Forms, int] = {"tuned": 1, "held_out": 2}


def main() -> int:
    """Always 0: the tests hold the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.scan", description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help=f"narratives of each sample ({COUNT})")
    parser.add_argument("--tuned-seed", type=int, default=SEEDS["tuned"])
    parser.add_argument("--held-out-seed", type=int, default=SEEDS["held_out"])
    parser.add_argument("--out", type=Path, default=DOCS, help="folder of the report (docs)")
    asked = parser.parse_args()
    seeds = f"--tuned-seed {asked.tuned_seed} --held-out-seed {asked.held_out_seed}"
    command = f"python -m bench.scan --count {asked.count} {seeds}"
    with tempfile.TemporaryDirectory(prefix="candor-scan-") as folder, DuckEngine("UTC", Path(folder)) as engine:
        tuned = scores(narratives(asked.count, asked.tuned_seed, "tuned"), engine)
        texts = narratives(asked.count, asked.held_out_seed, "held_out")
        held_out = scores(texts, engine)
        by_letters = {
            x: scores([t for t in texts if t.letters == x], engine) for x in dict.fromkeys(t.letters for t in texts)
        }
    (asked.out / "privacy-scan.md").write_text(
        report(tuned, held_out, by_letters, asked.count, command), encoding="utf-8"
    )
    for name, found in (("tuned", tuned), ("held out", held_out)):
        for s in found:
            print(f"{name:10}{s.kind:12}recall {s.recall:.3f}  precision {s.precision:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
