"""`make worlds`: draw the worlds, judge them, and write `docs/worlds.md` with its figures."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from worlds.fast import Figures
from worlds.figure import figure
from worlds.kinds import KINDS
from worlds.limits import limits
from worlds.many import examine_all
from worlds.real import real
from worlds.report import report
from worlds.results import FIGURES, Results
from worlds.states import vermont
from worlds.tally import Tallies
from worlds.whole import Comparison, compare

DOCS = Path(__file__).resolve().parents[1] / "docs"

WHOLE: Final = ("null", "season", "differ-restless", "planted", "gaps", "day-declared")
"""The kinds of which a world takes the whole chain, where nothing else is asked: each in another way its own."""


def main() -> int:
    """0 where every limit is held and every whole world is as on the fast path."""
    asked = arguments().parse_args()
    found: dict[str, Tallies] = {}
    began = time.monotonic()
    for kind, tallies in examine_all(asked.kinds, asked.worlds, asked.seed, asked.jobs):
        found[kind] = tallies
        print(f"{kind}: {asked.worlds} worlds, {time.monotonic() - began:.0f} s", file=sys.stderr)
    whole = list(through_the_chain(asked.whole_kinds, asked.whole, asked.seed))
    results = Results(found, asked.worlds, whole, real())
    asked.out.mkdir(parents=True, exist_ok=True)
    write(results, asked.out, asked.seed, command(asked))
    for limit in limits(found):
        if not limit.held:
            print(f"NOT HELD {limit.kind}: {limit.what}: {limit.share.value:.4f}")
    return 0 if all(limit.held for limit in limits(found)) and not any(w.differences for w in whole) else 1


def through_the_chain(kinds: Sequence[str], number: int, seed: int) -> list[Comparison]:
    """So many worlds of each kind, published."""
    done = []
    for kind in kinds:
        for i in range(number):
            done.append(compare(KINDS[kind].draw(vermont(), seed + i)))
            print(f"{kind}, the whole way: {done[-1].rows:,} rows", file=sys.stderr)
    return done


def write(results: Results, folder: Path, seed: int, command: str) -> None:
    """The report and its figures."""
    (folder / "worlds.md").write_text(report(results, command), encoding="utf-8")
    for kind, name in FIGURES.items():
        if kind in results.found:
            (folder / name).write_text(figure(Figures(KINDS[kind].draw(vermont(), seed))), encoding="utf-8")


def arguments() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(prog="python -m worlds", description=__doc__)
    parser.add_argument("--worlds", type=_some, default=102, help="worlds of each kind (102)")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS), help="of which kinds (all)")
    parser.add_argument("--whole", type=int, default=1, help="worlds of a kind that take the whole chain too (1)")
    parser.add_argument(
        "--whole-kinds", nargs="+", choices=list(KINDS), default=list(WHOLE), help=f"of which kinds ({' '.join(WHOLE)})"
    )
    parser.add_argument("--seed", type=int, default=2025, help="of the first world (2025)")
    parser.add_argument("--jobs", type=int, default=1, help="processes (1)")
    parser.add_argument("--out", type=Path, default=DOCS, help="folder of the report (docs)")
    return parser


def _some(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one world")
    return number


def command(asked: argparse.Namespace) -> str:
    """What makes the same report, without what changes nothing in it."""
    kinds = "" if asked.kinds == list(KINDS) else f" --kinds {' '.join(asked.kinds)}"
    whole = "" if asked.whole_kinds == list(WHOLE) else f" --whole-kinds {' '.join(asked.whole_kinds)}"
    return f"python -m worlds --worlds {asked.worlds}{kinds} --whole {asked.whole}{whole} --seed {asked.seed}"


if __name__ == "__main__":
    sys.exit(main())
