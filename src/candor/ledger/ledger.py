"""What was published once, kept inside so that it stays so: the ledger of a portal.

`data/internal/ledger/<release>/` holds all of it as it stood when that release came into force; the newest folder whose
number is not above that of the release in force is valid. A rollback makes a release without a folder: what was told
stays told. A run writes the folder of the release that it makes before that comes into force; where it does not, the
next run removes it. A release says in public which ledger it was made with: one that is lost is missed.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from candor.errors import DataError
from candor.ledger.share_model import MARKED, Share
from candor.store.durable import make_folder, sync
from candor.store.model import Release

_FILE = "ledger.json"

CALLS = "calls"
"""The profile of everything in ledgers that were written when there was one that is counted from rows."""

_CELL = [("dataset", pa.string()), ("agency", pa.string()), ("geoid", pa.string()), ("month", pa.date32())]
_KIND = [("category", pa.string()), ("category_group", pa.string())]

_COUNT = [("calls", pa.int64()), ("late", pa.bool_())]
OPEN = pa.schema([*_CELL, *_KIND, ("initiated_by", pa.string()), ("parts", pa.int64()), *_COUNT])
"""Counts of open kinds of fixed months, as the rows were then; `late`: of an agency that came after its month;
`parts`: the rows, which are more than the calls where several are of one event (`measures.several`)."""

SETS = pa.schema([*_CELL, ("initiated_by", pa.string()), ("kinds", pa.string()), *_COUNT])
"""The sets of two open kinds and more that events of fixed months have, likewise (`several.sets_of_kinds`)."""

SENSITIVE = pa.schema([*_CELL, *_KIND, ("calls", pa.int64())])
"""Counts of sensitive kinds as the sources had them when last read: what is not told yet is told from these."""

COVERAGE = pa.schema([*_CELL, ("state", pa.string())])
"""What each agency had sent of each fixed month of each of its places: `covered`, `nothing`, `part`, `gap`."""

NOWHERE = ""
"""The place of such a line of an agency for which no place is declared."""

TOLD = pa.schema(
    [
        *((name, pa.string()) for name in ("layer", "level", "geoid", "place", "county", "period_kind")),
        *((name, pa.date32()) for name in ("first_month", "last_month")),
        *_KIND,
        ("calls", pa.int64()),  # a multiple of 5; null: under 5
        *((name, pa.int64()) for name in ("months_reported", "towns_reported")),
        ("person_years", pa.float64()),
        ("residents", pa.int64()),
        ("complete", pa.bool_()),
        ("told_on", pa.date32()),
        ("release", pa.int64()),
    ]
)
"""Every figure of a sensitive kind that was ever told, rounded."""

UNTOLD = pa.schema(
    [
        *((name, pa.string()) for name in ("layer", "level", "geoid", "place", "category")),
        *((name, pa.date32()) for name in ("first_month", "last_month")),
    ]
)
"""Figures that were due and are not told, for good: they would have told too much of others."""

FORMS = pa.schema([("layer", pa.string()), ("geoid", pa.string()), ("category", pa.string()),
                   ("first_year", pa.int64()), ("years", pa.int64())])  # fmt: skip
"""Of which years from `first_year` on a town has one figure of a kind: 1 or 3 together."""

EARLY = pa.schema(
    [
        ("layer", pa.string()),
        ("level", pa.string()),
        ("place", pa.string()),
        ("month", pa.date32()),
        *_KIND,
        ("calls", pa.int64()),
    ]
)
"""Early figures that were told, to the nearest 10."""

WITHHELD = pa.schema([("year", pa.int64()), ("rows", pa.int64())])
"""How many rows of a year were withheld, as it was told: a multiple of 5; null: under 5."""

MOVES = pa.schema(
    [("dataset", pa.string()), ("month", pa.date32()), ("seen_on", pa.date32()),
     *((name, pa.int64()) for name in ("rows", "reclassified", "gone"))]
)  # fmt: skip
"""What changed of a month from one export to the next: rows that had another class, and that were there no more."""

_TABLES = {
    "marked": MARKED, "moves": MOVES, "untold": UNTOLD, "sets": SETS,
    "open": OPEN, "sensitive": SENSITIVE, "coverage": COVERAGE, "told": TOLD, "forms": FORMS, "early": EARLY,
    "withheld": WITHHELD,
}  # fmt: skip


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Block(_Kept):
    """A month of a data set that was published: its rows and town tables stay as they were then.

    `sensitive`: the kinds that were sensitive then, and so are in no row and in no table of towns by month. `profile`:
    that by which it was counted; empty where none counted it. `several`: events were counted, of which several rows
    may be one; else rows.
    """

    profile: str = CALLS
    dataset: str
    month: str
    fixed_on: date
    sensitive: tuple[str, ...] = ()
    several: bool = False


class Late(_Kept):
    """An agency whose month came after it was published without it: out of the month, counted in the year."""

    dataset: str
    month: str
    agency: str
    came_on: date


class Files(_Kept):
    """Where the rows of a data set are: in which of its public versions, and in which files of its archive.

    The version is the last that was published, not one that a rollback made. `gone`: how many rows had been withdrawn
    when the counts were last taken. `waiting`: the file of archived rows that are not public yet, for too few are like
    them. `levels`: that of how exactly each place says its times. `seen`: that of the classes at the last run.
    """

    version: int = 0
    gone: int = 0
    archive: tuple[str, ...] = ()
    waiting: str = ""
    seen: str = ""
    levels: str = ""


class State(_Kept):
    """What is not a table. `clock`: of the last run. `corrected`: by data set, the last year whose day was kept.

    `hours`: by data set, the years whose hours of the week were told. `closed_until`: the last month of which an
    earlier Candor told exact figures of sensitive kinds; nothing more is told of these. `shares`: what was told of rows
    that agencies mark.
    """

    clock: datetime | None = None
    blocks: tuple[Block, ...] = ()
    late: tuple[Late, ...] = ()
    files: dict[str, Files] = {}
    corrected: dict[str, int] = {}
    hours: dict[str, tuple[int, ...]] = {}
    closed_until: str = ""
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True)
class Ledger:
    """The state and the tables (`OPEN`, `SENSITIVE`, ..) of a portal's ledger."""

    state: State = field(default_factory=State)
    open: pa.Table = field(default_factory=OPEN.empty_table)
    sets: pa.Table = field(default_factory=SETS.empty_table)
    sensitive: pa.Table = field(default_factory=SENSITIVE.empty_table)
    coverage: pa.Table = field(default_factory=COVERAGE.empty_table)
    told: pa.Table = field(default_factory=TOLD.empty_table)
    untold: pa.Table = field(default_factory=UNTOLD.empty_table)
    forms: pa.Table = field(default_factory=FORMS.empty_table)
    early: pa.Table = field(default_factory=EARLY.empty_table)
    withheld: pa.Table = field(default_factory=WITHHELD.empty_table)
    moves: pa.Table = field(default_factory=MOVES.empty_table)
    marked: pa.Table = field(default_factory=MARKED.empty_table)

    def fixed(self, dataset: str) -> dict[str, Block]:
        """The months of a data set that were published, by month."""
        return {b.month: b for b in self.state.blocks if b.dataset == dataset}

    def of(self, profile: str) -> Ledger:
        """What of the ledger is of data sets that were published as those of a profile: what its counts are made of."""
        names = {b.dataset for b in self.state.blocks if b.profile == profile}
        value_set = pa.array(sorted(names), pa.string())

        def own(table: pa.Table) -> pa.Table:
            return table.filter(pc.is_in(table["dataset"], value_set=value_set))

        blocks = tuple(b for b in self.state.blocks if b.dataset in names)
        late = tuple(line for line in self.state.late if line.dataset in names)
        tables = {name: own(getattr(self, name)) for name in ("open", "sets", "sensitive", "coverage")}
        return replace(self, **tables).with_state(blocks=blocks, late=late)

    @property
    def several(self) -> frozenset[str]:
        """The profiles of which events were counted that several rows are of."""
        return frozenset(b.profile for b in self.state.blocks if b.several)

    def with_state(self, **changes: object) -> Ledger:
        """A copy of the ledger in which parts of the state are replaced."""
        return replace(self, state=self.state.model_copy(update=changes))


def _read(path: Path, schema: pa.Schema) -> pa.Table:
    """A table of a ledger, which an earlier Candor may have written: of one layer of early figures, and rows alone."""
    if schema in (SETS, MARKED) and not path.exists():
        return schema.empty_table()
    table = pq.read_table(path)
    if "layer" in schema.names and "layer" not in table.column_names:
        layer = pa.array([CALLS] * table.num_rows, pa.string())
        table = table.add_column(schema.get_field_index("layer"), "layer", layer)
    if "parts" in schema.names and "parts" not in table.column_names:
        table = table.add_column(schema.get_field_index("parts"), "parts", table["calls"])
    return table.cast(schema)


class LedgerFolder:
    """The folder of the ledgers, `data/internal/ledger`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def exists(self) -> bool:
        """Whether the portal ever published by this rule."""
        return bool(self._numbers())  # one that is damaged is one

    def read(self, releases: Sequence[Release]) -> Ledger:
        """The ledger as of the last of these releases, all until the one in force.

        Raises `DataError` where it, or one of its files, is missing or damaged.
        """
        in_force = releases[-1].number if releases else 0
        number = max((n for n in self._numbers() if n <= in_force), default=0)
        made = max((r.number for r in releases if r.settling and r.settling.release == r.number), default=0)
        if made > number:
            raise DataError(
                f"The ledger of release {made}, {self._folder / str(made)}, is missing",
                "what was told of every release, or nobody can keep it so",
                "Put the folder back from your backup of data/internal. Nothing was published.",
            )
        if not number:
            return Ledger()
        folder = self._folder / str(number)
        try:
            state = State.model_validate_json((folder / _FILE).read_bytes())
            tables = {name: _read(folder / f"{name}.parquet", of) for name, of in _TABLES.items()}
        except (OSError, ValueError, pa.ArrowException) as error:
            raise DataError(
                f"The ledger {folder} cannot be read: {error}",
                "what was told of every release, or nobody can keep it so",
                "Put the folder back from your backup of data/internal. Nothing was published.",
            ) from error
        return Ledger(state, **tables)

    def write(self, number: int, ledger: Ledger) -> None:
        """Write the ledger of release `number`, which is not in force yet."""
        folder = self._folder / str(number)
        shutil.rmtree(folder, ignore_errors=True)
        make_folder(self._folder, private=True)
        make_folder(folder, private=True)
        for name, schema in _TABLES.items():
            path = folder / f"{name}.parquet"
            pq.write_table(getattr(ledger, name).cast(schema), path, compression="zstd")
            sync(path)
        path = folder / _FILE
        path.write_text(ledger.state.model_dump_json(indent=1) + "\n", encoding="utf-8")
        sync(path)
        sync(folder)

    def discard_old(self, in_force: int) -> None:
        """Remove what no release needs: all but the newest two, and what never came into force."""
        numbers = self._numbers()
        keep = [n for n in numbers if n <= in_force][-2:]
        for number in numbers:
            if number not in keep:
                shutil.rmtree(self._folder / str(number), ignore_errors=True)

    def _numbers(self) -> list[int]:
        if not self._folder.is_dir():
            return []
        return sorted(int(p.name) for p in self._folder.iterdir() if p.name.isdigit())
