"""Imports run down the table of rooms and never back (docs/architecture.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import candor

ROOT = Path(candor.__file__).parent

# Room -> the rooms that it may import. What is not listed is not allowed.
MAY: dict[str, set[str]] = {
    "portal": set(),
    "schemas": {"portal"},
    "engine": {"portal"},
    "sources": {"portal", "engine"},
    "intake": {"portal", "schemas", "engine", "sources"},
    "places": {"portal", "engine"},
    "privacy": {"portal", "schemas", "engine"},
    "measures": {"portal"},
    "store": {"portal", "engine"},
    "demo": {"portal", "places"},
    "site": {"portal", "engine", "store", "measures"},
    "solver": {"portal"},
    # The gate: it knows public files and linear programs, and nothing of how a release was made.
    "audit": {"portal", "store", "solver"},
    # What is published when, and for good: it has all rooms below it, and what at the top reads the sources for it.
    "publish": {
        *("portal", "schemas", "engine", "sources", "intake", "places", "privacy", "measures", "store", "audit"),
        *("accounting", "denominators", "disclosures", "drafts", "progress", "protected_rows", "scanning"),
    },
}
# At the top, above the rooms: they put the rooms together.
TOP = {
    "cli",
    "release",
    "accounting",
    "catchments",
    "denominators",
    "count_accounting",
    "offences",
    "offence_lines",
    "drafts",
    "disclosures",
    "scanning",
    "protected_rows",
    "progress",
    "withdrawing",
    "adding",
    "reference",
    "__init__",
    "__main__",
}


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert not node.level, f"{path}: a relative import"
            found.add(node.module)
            if node.module == "candor":
                found |= {f"candor.{alias.name}" for alias in node.names}
    return {name.split(".")[1] for name in found if name.startswith("candor.")} - {"__version__"}


@pytest.mark.parametrize("room", sorted(MAY))
def test_room_imports_only_what_it_may_know(room: str) -> None:
    for path in sorted((ROOT / room).rglob("*.py")):
        beyond = imported(path) - MAY[room] - {room}
        assert not beyond, f"{path.relative_to(ROOT)} imports {', '.join(sorted(beyond))}"


def test_the_site_takes_pure_functions_on_arrays_from_the_measures_and_nothing_else() -> None:
    """What is drawn is published; only the lines that charts draw round it, limits of chance, are computed there."""
    allowed = {f"candor.measures.{name}" for name in ("comparison", "intervals", "series", "vocabulary")}
    for path in sorted((ROOT / "site").rglob("*.py")):
        nodes = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.ImportFrom)]
        taken = {n.module for n in nodes if (n.module or "").startswith("candor.measures")}
        assert taken <= allowed, f"{path.relative_to(ROOT)} imports {', '.join(sorted(filter(None, taken - allowed)))}"


def test_every_room_is_known() -> None:
    rooms = {p.name for p in ROOT.iterdir() if p.is_dir() and p.name != "__pycache__"} - {"cli"}
    assert rooms == set(MAY)
    assert {p.stem for p in ROOT.glob("*.py")} | {"cli"} == TOP


def test_the_site_never_opens_what_is_internal() -> None:
    text = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "site").rglob("*.py"))
    assert "candor.store.store" not in text
    assert 'quarantine"' not in text
    assert '"internal"' not in text


def test_the_audit_and_the_site_know_nothing_of_how_a_release_is_made() -> None:
    """What is proven by attacking is not proven by what it attacks."""
    for room in ("audit", "solver", "site"):
        for path in sorted((ROOT / room).rglob("*.py")):
            assert not imported(path) & {"privacy", "publish"}, path.relative_to(ROOT)


def test_no_step_of_publishing_asks_for_the_date() -> None:
    """What appears when is decided by the one clock of a run, `Context.now`."""
    for room in ("publish", "privacy", "measures", "audit"):
        for path in sorted((ROOT / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            assert not any(asks in text for asks in ("date.today(", "datetime.now(", "time.time(")), path.name
