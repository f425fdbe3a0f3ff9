"""What the small portals published when they were last recorded, one file a portal."""

from __future__ import annotations

import json
from pathlib import Path

from tests.golden.content import Record

_FOLDER = Path(__file__).parent / "records"


def recorded(name: str) -> Record:
    """The record of a portal; empty where there is none."""
    path = _FOLDER / f"{name}.json"
    found: Record = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def write(name: str, found: Record) -> None:
    """Record a portal."""
    _FOLDER.mkdir(exist_ok=True)
    (_FOLDER / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def differences(before: Record, now: Record) -> list[str]:
    """What is not as it was recorded, a line each: the release, the text or table, what it was and is."""
    lines = []
    for number in sorted({*before, *now}, key=int):
        old, new = before.get(number, {}), now.get(number, {})
        for part in sorted({*old, *new}):
            was, is_ = old.get(part, "not there"), new.get(part, "not there")
            if was != is_:
                lines.append(f"release {number}, {part}: was {was}, is {is_}")
    return lines
