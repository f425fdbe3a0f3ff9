"""The portal's text is read whole, and every mistake in it is told at once."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from candor.errors import Problem
from candor.portal import lines, mistakes
from candor.portal.config_model import PortalConfig
from candor.portal.counts_model import COUNTS, CountsConfig
from candor.portal.crosswalks import read_crosswalk
from candor.portal.model import CrosswalkEntry, DatasetConfig, valid_name
from candor.portal.reviews import FOLDER, ReviewedValue, read_reviews

M = TypeVar("M", bound=BaseModel)


@dataclass
class Reading:
    """What could be read of a portal, and every mistake so far. `config` is None where `portal.toml` is wrong.

    A data set with mistakes is there as well, without the keys that are wrong, wherever the rest stands without them:
    so that the rest can be held against the schemas too.
    """

    root: Path
    config: PortalConfig | None = None
    declared: dict[str, DatasetConfig | CountsConfig] = field(default_factory=dict)
    crosswalks: dict[str, tuple[CrosswalkEntry, ...]] = field(default_factory=dict)
    reviews: dict[str, tuple[ReviewedValue, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _lines: dict[str, dict[lines.Path, int]] = field(default_factory=dict)
    _wrong: dict[str, set[lines.Path]] = field(default_factory=dict)

    @property
    def datasets(self) -> dict[str, DatasetConfig]:
        """The data sets of rows, by name."""
        return {name: one for name, one in self.declared.items() if isinstance(one, DatasetConfig)}

    @property
    def counts(self) -> dict[str, CountsConfig]:
        """The data sets of counts, by name."""
        return {name: one for name, one in self.declared.items() if isinstance(one, CountsConfig)}

    def where(self, file: str, *path: str | int) -> str:
        """`file:line: key.path`, as near as it can be told."""
        key = ".".join(str(p) for p in path)
        line = lines.nearest_line(self._lines.get(file, {}), path)
        return f"{file}{f':{line}' if line else ''}{f': {key}' if key else ''}"

    def report(self, file: str, path: lines.Path, found: str, allowed: str, remedy: str) -> None:
        """One more mistake, unless it follows from one that is told already."""
        if any(path[:size] in self._wrong.get(file, ()) for size in range(1, len(path) + 1)):
            return
        self.problems.append(Problem(self.where(file, *path), found, allowed, remedy))


def read_portal(root: Path) -> Reading:
    """Read `portal.toml`, `datasets/*.toml`, `crosswalks/*.csv`, `reviews/*.csv` of a folder.

    Mistakes are collected, not raised.
    """
    reading = Reading(root)
    file = root / "portal.toml"
    if not file.is_file():
        reading.problems.append(
            Problem(
                "portal.toml",
                f"no portal.toml in {root}" if root.is_dir() else f"no folder {root}",
                "the folder of a portal",
                "Make a portal with `candor init DIR`, or name its folder with --portal DIR.",
            )
        )
        return reading
    reading.config = _declared(reading, file, _values(reading, file), PortalConfig, {})
    for path in sorted((root / "datasets").glob("*.toml")):
        _read_dataset(reading, path)
    for path in sorted((root / "crosswalks").glob("*.csv")):
        reading.crosswalks[path.name] = read_crosswalk(path, f"crosswalks/{path.name}", reading.problems)
    for path in sorted((root / FOLDER).glob("*.csv")):
        reading.reviews[path.stem] = read_reviews(path, f"{FOLDER}/{path.name}", reading.problems)
    _ids_once(reading)
    return reading


def _read_dataset(reading: Reading, path: Path) -> None:
    name = path.stem
    if not valid_name(name):
        reading.report(
            f"datasets/{path.name}", (), f"the file name {path.name!r}",
            "small letters, digits and single hyphens, beginning with a letter, such as burlington-calls.toml",
            "Rename the file: its name is the data set's.",
        )  # fmt: skip
        return
    values = _values(reading, path)
    if values is None:
        return
    source = values.get("source")
    kind = source.get("kind") if isinstance(source, dict) else None
    form: type[DatasetConfig | CountsConfig] = CountsConfig if kind == COUNTS else DatasetConfig
    dataset = _declared(reading, path, values, form, {"name": name})
    if dataset:
        reading.declared[name] = dataset


def _values(reading: Reading, path: Path) -> dict[str, Any] | None:
    """A TOML file's keys and values; None where it cannot be read as TOML."""
    file = path.relative_to(reading.root).as_posix()
    text = _text(reading, path, file)
    if text is None:
        return None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reading.problems.append(_syntax(file, text, str(error)))
        return None
    reading._lines[file] = lines.key_lines(text)
    return values


def _declared(
    reading: Reading, path: Path, values: dict[str, Any] | None, model: type[M], given: dict[str, str]
) -> M | None:
    """The file's values as `model`, with the keys `given` by its place on disk; None where something is wrong."""
    if values is None:
        return None
    file = path.relative_to(reading.root).as_posix()
    own = sorted(values.keys() & given.keys())
    for key in own:
        reading.report(file, (key,), f"the key {key!r}", "no such key: the file's name says it", "Remove the key.")
    try:
        return _validated(model, {**values, **given})
    except ValidationError as error:
        reading.problems += mistakes.problems_of(error, model, lambda path: reading.where(file, *path))
        wrong = mistakes.wrong_keys(error)
    if model is PortalConfig:
        return None
    try:
        rest = _validated(model, _without(values, wrong) | given)
    except ValidationError:
        return None
    reading._wrong[file] = wrong
    return rest


def _validated(model: type[M], values: dict[str, Any]) -> M:
    # By way of JSON, where pydantic's strict mode takes a list for a tuple and no "5" for a 5.
    return model.model_validate_json(json.dumps(values, default=str), strict=True)


def _without(values: dict[str, Any], wrong: Iterable[lines.Path]) -> dict[str, Any]:
    rest = copy.deepcopy(values)
    for path in wrong:
        table: Any = rest
        for part in path[:-1]:
            try:
                table = table[part]
            except (KeyError, IndexError, TypeError):
                break
        else:
            if isinstance(table, dict):
                table.pop(path[-1], None)
    return rest


def _text(reading: Reading, path: Path, file: str) -> str | None:
    try:
        content = path.read_bytes()
    except OSError as error:
        reading.report(
            file, (), f"a file that cannot be read ({error.strerror})", "a readable file", "Correct its permissions."
        )
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        reading.problems.append(
            Problem(f"{file}:{line}", "bytes that are not UTF-8", "text in UTF-8", "Save the file as UTF-8.")
        )
        return None


def _syntax(file: str, text: str, message: str) -> Problem:
    place = re.search(r"\(at line (\d+), column (\d+)\)", message)
    line = int(place[1]) if place else len(text.splitlines())
    said = message.partition(" (at ")[0]
    content = text.splitlines()[line - 1].strip() if 0 < line <= len(text.splitlines()) else ""
    shown = content if len(content) <= 80 else content[:77] + "..."
    return Problem(f"{file}:{line}", f"{shown!r}, which is not TOML", "TOML, as in https://toml.io", f"{said}.")


def _ids_once(reading: Reading) -> None:
    owners: dict[str, str] = {}
    for name, dataset in reading.declared.items():
        first = owners.setdefault(dataset.id, name)
        if first != name:
            reading.report(
                f"datasets/{name}.toml", ("id",), f"the id {dataset.id!r}, which datasets/{first}.toml has too",
                "an id of its own for each data set", "Change one digit of the newer one's, before it is published.",
            )  # fmt: skip
