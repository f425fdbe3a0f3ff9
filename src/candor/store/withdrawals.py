"""What is to be withdrawn and waits for its day.

Withdrawals go out together on declared days, so that the day of one does not tell what it was. Until then a request is
a file of `internal/withdrawals/` (0600) with the keys of its rows and no more of them; carried out, it is deleted.
"""

from __future__ import annotations

import calendar
import csv
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from candor.errors import DataError, UsageError
from candor.store.durable import make_folder, sync, write_atomically
from candor.store.errors import StoreDamaged
from candor.store.rewriting import RowTest
from candor.store.store import WITHDRAWALS, Store
from candor.store.tombstones import Tombstone, WithdrawalReason
from candor.store.withdrawal import Remeasure, Withdraw

RowsOf = Callable[[str, Path], Mapping[str, RowTest]]
"""Given a data set and a CSV file with the keys of rows, the public files that hold them (relative to the public
folder), each with a test of its rows. Empty where no public row is meant. It may be asked several times."""

FiguresOf = Callable[[str], Sequence[str]]
"""The data sets that are counted from the rows of a data set."""

Inside = Callable[["Request", Path | None], None]
"""Removes what is inside of a request, the file of its keys given; asked again after a crash, it does no harm."""


class Keys(BaseModel):
    """Which rows: the name of the key's column in the source, and its values."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str
    values: tuple[str, ...]


class Request(BaseModel):
    """What somebody asked to withdraw: a data set, one version of it, or the rows with these keys in every version.

    `inside`: the internal copies go too. `asked` decides only when it is due.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str
    reason: WithdrawalReason
    version: int | None = None
    keys: Keys | None = None
    inside: bool = False
    asked: date


class Pending(NamedTuple):
    """A request that waits, and the name of its file."""

    name: str
    request: Request


def next_day(days: Sequence[int], from_: date) -> date:
    """The first declared day from this one on; a day that a month does not have is its last."""
    for ahead in range(32):
        day = from_ + timedelta(days=ahead)
        last = calendar.monthrange(day.year, day.month)[1]
        if day.day in {min(d, last) for d in days}:
            return day
    raise UsageError("No day is declared for withdrawals", "days of the month from 1 to 31", "Declare one.")


class Withdrawals:
    """The requests of a portal. `days` are the days of the month on which they are carried out."""

    def __init__(self, store: Store, days: Sequence[int] = (1,)) -> None:
        self._store, self._days = store, tuple(days)
        self._folder = store.internal / WITHDRAWALS

    def request(self, wanted: Request, rows_of: RowsOf | None = None) -> str:
        """Keep a request until its day; the name of its file.

        Raises UsageError where there is no such data set or version (any more), and DataError where no public row has
        the keys. Nothing is kept then.
        """
        with self._store.alone():
            self._require(wanted)
            if wanted.keys and rows_of and not self._found(wanted, rows_of):
                raise DataError(
                    f"No published row of {wanted.dataset} has any of these {len(wanted.keys.values)} keys",
                    "keys of rows that are published",
                    "Nothing was withdrawn, and nothing waits.",
                )
            make_folder(self._folder, private=True)
            name = f"{secrets.token_hex(8)}.json"
            write_atomically(self._folder / name, wanted.model_dump_json() + "\n", mode=0o600)
            return name

    def pending(self) -> list[Pending]:
        """The requests that wait, the oldest first. Raises StoreDamaged where one cannot be read."""
        found = []
        for path in self._folder.glob("*.json"):
            try:
                found.append(Pending(path.name, Request.model_validate_json(path.read_bytes())))
            except ValidationError:
                raise StoreDamaged(
                    f"{path} is not a request to withdraw", "the file as it was written", "Remove it, and ask again."
                ) from None
        return sorted(found, key=lambda p: (p.request.asked, p.request.dataset, p.name))

    def due(self, clock: date) -> bool:
        """Whether a declared day has come since the oldest request was made."""
        return any(next_day(self._days, p.request.asked) <= clock for p in self.pending())

    def next_day(self, clock: date) -> date:
        """The next declared day, which may be today."""
        return next_day(self._days, clock)

    def carry_out(
        self,
        clock: date,
        *,
        now: bool = False,
        rows_of: RowsOf | None = None,
        figures_of: FiguresOf = lambda _: (),
        inside: Sequence[Inside] = (),
        remeasure: Remeasure | None = None,
        number: str = "id",
    ) -> tuple[Tombstone, ...]:
        """Withdraw everything that waits, together, where it is due or `now`; what became public of it.

        A request of something that is gone by now is done. `inside` are called for the requests that ask for it, after
        the public files are without it; where one of them fails the request stays, and the next call asks again.
        """
        if not (now or self.due(clock)):
            return ()
        waiting = self.pending()
        items = self._items(waiting, rows_of, figures_of)
        done = [f"{WITHDRAWALS}/{p.name}" for p in waiting if not p.request.inside]
        return self._store.withdraw(
            items,
            clock,
            number=number,
            remeasure=remeasure,
            requests=done,
            then=partial(self._close, waiting, inside),
        )

    def _close(self, waiting: Sequence[Pending], inside: Sequence[Inside]) -> None:
        for name, request in waiting:
            if request.inside:
                with _Keyfile(self._folder, request.keys) as file:
                    for remove in inside:
                        remove(request, file)
            (self._folder / name).unlink(missing_ok=True)
        if self._folder.is_dir():
            sync(self._folder)

    def _items(self, waiting: Sequence[Pending], rows_of: RowsOf | None, figures_of: FiguresOf) -> Iterator[Withdraw]:
        """Read under the store's lock."""
        for _, request in waiting:
            if not self._there(request):
                continue
            if request.keys is None:
                yield Withdraw(request.dataset, request.reason, request.version)
            elif rows_of is None:
                raise DataError("Rows wait to be withdrawn, and nothing here can say where they are")
            else:
                find = partial(self._found, request, rows_of)
                yield Withdraw(request.dataset, request.reason, rows=find, figures=tuple(figures_of(request.dataset)))

    def _found(self, request: Request, rows_of: RowsOf) -> Mapping[str, RowTest]:
        with _Keyfile(self._folder, request.keys) as file:
            return rows_of(request.dataset, file) if file else {}

    def _there(self, request: Request) -> bool:
        try:
            self._require(request)
        except UsageError:
            return False
        return True

    def _require(self, request: Request) -> None:
        public = self._store.public
        there = [v for v in public.versions(request.dataset) if not v.withdrawn]
        if gone := [t for t in public.withdrawn() if t.dataset == request.dataset and t.what == "data set"]:
            raise UsageError(f"Data set {request.dataset} {gone[0].words} already", "a data set that is there")
        if request.version is not None and request.version not in {v.version for v in there}:
            allowed = ", ".join(str(v.version) for v in there) or "none is left"
            raise UsageError(f"Data set {request.dataset} has no version {request.version}", allowed)


class _Keyfile:
    """The keys of a request as a CSV file that only its owner can read, for the time of the block."""

    def __init__(self, folder: Path, keys: Keys | None) -> None:
        self._keys, self._path = keys, folder / f".{secrets.token_hex(8)}.csv"

    def __enter__(self) -> Path | None:
        if self._keys is None:
            return None
        make_folder(self._path.parent, private=True)
        self._path.touch(mode=0o600)
        with self._path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([[self._keys.column], *([value] for value in self._keys.values)])
        return self._path

    def __exit__(self, *_: object) -> None:
        self._path.unlink(missing_ok=True)
