"""Imports run up the list of rooms and never down (docs/architecture.md)."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

import candor

ROOT = Path(candor.__file__).parent

# In this order: a room may import those above it.
ROOMS = (
    "errors",
    "vocabulary",
    "portal",
    "profiles",
    "engine",
    "statistics",
    "solver",
    "store",
    "sources",
    "intake",
    "places",
    "privacy",
    "measures",
    "audit",
    "propose",
    "accounting",
    "ledger",
    "publish",
    "demo",
    "published",
    "messages",
    "graphics",
    "query",
    "cards",
    "site",
    "cli",
)
# What makes a release, from the sources to the store: only the commands know it.
RELEASING = {"accounting", "ledger", "publish"}
# What a room may not import though it stands above it, and why.
WALLS = {
    # What is proven by attacking is not proven by what it attacks.
    "audit": {"privacy", "measures", "intake", "places", "sources"},
    "solver": {"portal", "profiles", "engine"},
    "statistics": {"portal", "profiles", "engine"},
    # What is drawn is published: only limits of chance are computed for a reader, by pure functions of arrays.
    **{
        room: {"measures", "privacy", "intake", "sources", "places", "propose", "demo", "audit", "solver", *RELEASING}
        for room in ("published", "messages", "graphics", "query", "cards", "site")
    },
    "demo": {*RELEASING, "audit", "privacy", "measures", "intake"},
    "propose": {"audit", "store"},
    "accounting": {"audit", "propose"},
    "ledger": {"audit", "propose"},
    "publish": {"propose"},
}


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, and what it takes from the package itself."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            yield node.module or ""
            if node.module == "candor":
                yield from (f"candor.{alias.name}" for alias in node.names)


def rooms_of(path: Path) -> set[str]:
    found = {name.split(".")[1] for name in imports(path) if name.startswith("candor.")}
    return found - {"__version__"}


def files_of(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py")) or [ROOT / f"{room}.py"]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_those_above_it_but_for_walls(room: str) -> None:
    may = set(ROOMS[: ROOMS.index(room) + 1]) - WALLS.get(room, set())
    for path in files_of(room):
        beyond = rooms_of(path) - may
        assert not beyond, f"{path.relative_to(ROOT)} imports {', '.join(sorted(beyond))}"


def test_only_the_commands_publish() -> None:
    for room in ROOMS:
        if room not in {*RELEASING, "cli"}:
            assert not any(RELEASING & rooms_of(path) for path in files_of(room)), room


def test_no_room_is_more_than_a_tenth_of_the_code() -> None:
    lines = {room: sum(len(p.read_text(encoding="utf-8").splitlines()) for p in files_of(room)) for room in ROOMS}
    largest = max(lines, key=lambda room: lines[room])
    assert lines[largest] <= 0.1 * sum(lines.values()), f"{largest} has {lines[largest]:,} lines"


def test_every_room_is_known_and_nothing_lies_loose() -> None:
    rooms = {p.name for p in ROOT.iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert {*rooms, "errors"} == set(ROOMS)
    assert {p.stem for p in ROOT.glob("*.py")} == {"errors", "__init__", "__main__"}


def test_there_is_no_circle_of_modules() -> None:
    """Within a room too: a module is read before those that import it."""
    names = {_dotted(path): path for path in ROOT.rglob("*.py")}
    needs = {name: {n for n in _modules(path, names) if n != name} for name, path in names.items()}
    left = dict(needs)
    while free := [name for name, of in left.items() if not of & left.keys()]:
        for name in free:
            del left[name]
    assert not left, f"these import each other: {', '.join(sorted(left))}"


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _modules(path: Path, names: Collection[str]) -> Iterator[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("candor"):
            of = node.module or ""
            whole = (f"{of}.{alias.name}" if f"{of}.{alias.name}" in names else of for alias in node.names)
            yield from (name for name in whole if name in names and name != "candor")


def test_the_site_never_opens_what_is_internal() -> None:
    text = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "site").rglob("*.py"))
    assert "candor.store.store" not in text
    assert 'quarantine"' not in text
    assert '"internal"' not in text


def test_no_step_of_publishing_asks_for_the_date() -> None:
    """What appears when is decided by the one clock of a run, `Context.now`."""
    for room in (*RELEASING, "privacy", "measures", "audit"):
        for path in sorted((ROOT / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            assert not any(asks in text for asks in ("date.today(", "datetime.now(", "time.time(")), path.name


# What is said of a number that may be a share of calls is no branch on a profile: `denominators` has such a base.
_BASES = {"messages/denominators.py", "cards/denominators.py"}


def test_no_branch_asks_for_a_profile_by_name() -> None:
    """What differs between kinds of data is said by their profiles (`profiles/kinds/`), not by `if` and `match`."""
    found = []
    for room in (*RELEASING, "published", "cards", "graphics", "messages", "site", "audit"):
        for path in files_of(room):
            name = str(path.relative_to(ROOT))
            if name not in _BASES:
                tree = ast.parse(path.read_text(encoding="utf-8"))
                found += [f"{name}:{line}" for line in _asked_by_name(tree)]
    assert not found


def _asked_by_name(tree: ast.AST) -> Iterator[int]:
    texts, names = {"calls", "offences"}, {"CALLS", "OFFENCES"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            asked = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            asked = [node.value]
        else:
            continue
        for one in asked:
            is_text = isinstance(one, ast.Constant) and one.value in texts
            if is_text or (isinstance(one, ast.Name) and one.id in names):
                yield one.lineno
