"""`make worlds`: draw the worlds, judge them, and write `docs/worlds.md` with its figure."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from worlds import fast
from worlds.arrays import judged
from worlds.figure import figure
from worlds.many import examine_all, towns_of_the_demo, worlds_of
from worlds.report import FIGURES, report
from worlds.results import Results, limits
from worlds.whole import compare

DOCS = Path(__file__).resolve().parents[1] / "docs"


def main() -> int:
    """0 where every limit is held and every whole world is as on the fast path."""
    asked = _arguments()
    towns = towns_of_the_demo()
    null = worlds_of("null", asked.null, asked.seed)
    planted = worlds_of("planted", asked.planted, asked.seed)
    began, outcomes = time.monotonic(), []
    every = [*null, *planted]
    for number, outcome in enumerate(examine_all(every, towns, asked.jobs), 1):
        outcomes.append(outcome)
        print(f"\r{number} of {len(every)} worlds, {time.monotonic() - began:.0f} s", end="", file=sys.stderr)
    print(file=sys.stderr)
    alternating = [world for pair in zip(null, planted, strict=False) for world in pair]
    whole = []
    for world in alternating[: asked.whole]:
        whole.append(compare(world))
        print(f"{world.kind} world {world.seed}, the whole way: {whole[-1].rows:,} rows", file=sys.stderr)
    results = Results(outcomes[: len(null)], outcomes[len(null) :], whole)
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "worlds.md").write_text(report(results, _command(asked)), encoding="utf-8")
    for world in (null[0], planted[0]):
        drawn = figure(judged(world, towns, fast.release(world, towns)))
        (asked.out / FIGURES[world.kind]).write_text(drawn, encoding="utf-8")
    for limit in limits(results):
        print(f"{'held' if limit.held else 'NOT HELD':<10}{limit.what}: {limit.found:.4f} ({limit.detail})")
    return 0 if all(limit.held for limit in limits(results)) and not any(w.differences for w in whole) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m worlds", description=__doc__)
    parser.add_argument("--null", type=_some, default=100, help="null worlds (100)")
    parser.add_argument("--planted", type=_some, default=100, help="planted worlds (100)")
    parser.add_argument("--whole", type=int, default=5, help="worlds that take the whole chain too (5)")
    parser.add_argument("--seed", type=int, default=2025, help="of the first world (2025)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    parser.add_argument("--out", type=Path, default=DOCS, help="folder of the report (docs)")
    return parser.parse_args()


def _some(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one world")
    return number


def _command(asked: argparse.Namespace) -> str:
    """What makes the same report, without what changes nothing in it."""
    numbers = f"--null {asked.null} --planted {asked.planted} --whole {asked.whole}"
    return f"python -m worlds {numbers} --seed {asked.seed}"


if __name__ == "__main__":
    sys.exit(main())
