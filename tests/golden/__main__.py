"""`make golden`: record anew what the small portals publish, and say what changed."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.golden.content import record
from tests.golden.portals import PORTALS, made
from tests.golden.records import differences, recorded, write


def main() -> int:
    """0 where nothing changed."""
    changed = 0
    with tempfile.TemporaryDirectory(prefix="candor-golden-") as folder:
        for name in PORTALS:
            found = record(made(name, Path(folder)))
            lines = differences(recorded(name), found)
            changed += len(lines)
            sys.stdout.write(f"{name}: {len(lines)} differences\n" if lines else f"{name}: as recorded\n")
            for line in lines:
                sys.stdout.write(f"  {line}\n")
            write(name, found)
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
