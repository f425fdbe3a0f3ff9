"""`candor dataset propose`: columns proposed again for a data set that is there, keeping what a person decided."""

from __future__ import annotations

import difflib
import tempfile
from collections import Counter
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import tomlkit

from candor.errors import PortalError, UsageError
from candor.portal.load import read_portal
from candor.portal.model import DatasetConfig
from candor.portal.words import did_you_mean
from candor.portal.write import write_whole
from candor.profiles.catalogue import standard_schemas
from candor.propose.add import portal_towns
from candor.propose.proposal import propose

Table = MutableMapping[str, Any]


@dataclass(frozen=True)
class Again:
    """What was proposed anew: the file as it would be, what is different in it, and what else is unsure."""

    file: str
    before: str
    text: str
    said: tuple[str, ...]
    unsure: tuple[str, ...]

    @property
    def changes(self) -> str:
        """The lines that are different, as `diff` shows them; nothing where none is."""
        lines = difflib.unified_diff(
            self.before.splitlines(), self.text.splitlines(), self.file, f"{self.file}, proposed", lineterm=""
        )
        return "\n".join(lines)


def propose_again(root: Path, name: str, *, write: bool = False) -> Again:
    """Look at the source of the data set `name` as it is now and propose what its file does not say yet.

    What the file declares stays: a mapping is changed only where its column is in the source no more. With `write` the
    file is replaced. Raises `UsageError` where there is no such data set, or one with its own schema; `PortalError`
    where the portal's text cannot be read; `DataError` where the source cannot.
    """
    reading = read_portal(root)
    dataset = reading.datasets.get(name)
    if reading.config is None or (dataset is None and (root / "datasets" / f"{name}.toml").exists()):
        raise PortalError(reading.problems)
    if dataset is None:
        names = list(reading.datasets)
        raise UsageError(
            f"There is no data set {name!r} of rows", ", ".join(names) or "none yet: candor dataset add",
            did_you_mean(name, names) or "Correct the name.",
        )  # fmt: skip
    schema = standard_schemas().get(dataset.schema_) if isinstance(dataset.schema_, str) else None
    if schema is None:
        raise UsageError(
            f"{name} declares its own schema", "a data set with a standard schema",
            "Change its columns by hand: what they are is said in its file alone.",
        )  # fmt: skip
    internal = root / "data" / "internal"
    internal.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=internal, prefix="proposing-") as scratch:
        proposal = propose(
            name, root / dataset.source.path, Path(scratch), schema=schema, towns=portal_towns(root / "places"),
            zone=reading.config.time_zone, agency=dataset.coverage.agency if dataset.coverage else "",
            path=dataset.source.path,
        )  # fmt: skip
    path = root / "datasets" / f"{name}.toml"
    before = path.read_text(encoding="utf-8-sig")
    text, said = _merged(before, proposal.toml_text, dataset)
    if write and text != before:
        write_whole(path, text)
    return Again(f"datasets/{name}.toml", before, text, tuple(said), proposal.unsure)


def _merged(before: str, proposed: str, dataset: DatasetConfig) -> tuple[str, list[str]]:
    """The file with what it does not say yet, and what that is."""
    now, new = cast("Table", tomlkit.parse(before)), cast("Table", tomlkit.parse(proposed))
    header = [str(n) for n in new["source"]["columns"]]
    said = []
    if list(dataset.source.columns) != header:
        gone = [n for n in dataset.source.columns if n not in header]
        came = [n for n in header if n not in dataset.source.columns]
        now["source"]["columns"] = new["source"]["columns"]
        said.append(f"The header of the source is another: {_listed('new', came)}; {_listed('gone', gone)}.")
    kept = {n: m for n, m in dataset.columns.items() if set(m.sources) <= set(header)}
    given = {n: [*map(str, m["from"] if isinstance(m["from"], list) else [m["from"]])]
             for n, m in new.get("columns", {}).items()}  # fmt: skip
    # What is proposed for several columns, as an incident's number is, may be read for one of them already.
    several = {source for source, n in Counter(s for each in given.values() for s in each).items() if n > 1}
    read = {source for m in kept.values() for source in m.sources} - several
    for name, mapping in new.get("columns", {}).items():
        sources = given[name]
        if name in kept or (set(sources) <= read and name not in dataset.columns and len(sources) == 1):
            continue
        was = dataset.columns.get(name)
        now["columns"][name] = mapping
        from_ = ", ".join(map(repr, sources))
        said.append(f"{name} is read from {from_}" + (f", for {', '.join(was.sources)} is gone." if was else "."))
    if new.get("weight") and not dataset.weight:
        now["weight"] = new["weight"]
        said.append(f"weight is {str(new['weight'])!r}.")
    where = [name for name in new.get("where", {}) if name not in dataset.where]
    for name in where:
        if "where" not in now:
            now["where"] = tomlkit.table(is_super_table=True)
        now["where"][name] = new["where"][name]
        said.append(f"Rows are left out by {name!r}.")
    flags = [name for name in new.get("flags", {}) if name not in dataset.flags]
    for name in flags:
        if "flags" not in now:
            now["flags"] = tomlkit.table(is_super_table=True)
        now["flags"][name] = new["flags"][name]
        said.append(f"Rows are marked as sensitive by {name!r}, and withheld.")
    return (tomlkit.dumps(cast("Any", now)) if said else before), said


def _listed(what: str, names: list[str]) -> str:
    return f"{what}: {', '.join(names)}" if names else f"nothing {what}"
