"""Requests wait for a declared day, go out together, and leave nothing behind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from tests.store.withdraw_help import agree, months, places, word, words_of

from candor.errors import DataError, UsageError
from candor.store.errors import StoreDamaged
from candor.store.rewriting import RowTest
from candor.store.store import Store
from candor.store.tombstones import WithdrawalReason
from candor.store.withdrawals import Keys, Request, RowsOf, Withdrawals, next_day

SEALED, PERSONAL = WithdrawalReason.SEALED, WithdrawalReason.PERSONAL
ASKED = date(2026, 4, 3)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return months(Store(tmp_path / "data"), 3)


def finder(store: Store) -> RowsOf:
    """As the portal's archive would: here the key is the word itself."""

    def rows_of(name: str, file: Path) -> Mapping[str, RowTest]:
        assert name == "calls"
        assert file.stat().st_mode & 0o777 == 0o600
        header, *keys = file.read_text().splitlines()
        assert header == "Call number"
        return words_of(store, keys)()

    return rows_of


def of_rows(*words: str, inside: bool = False, asked: date = ASKED) -> Request:
    keys = Keys(column="Call number", values=words)
    return Request(dataset="calls", reason=SEALED, keys=keys, inside=inside, asked=asked)


def test_the_days() -> None:
    assert next_day((1,), date(2026, 4, 1)) == date(2026, 4, 1)
    assert next_day((1,), date(2026, 4, 2)) == date(2026, 5, 1)
    assert next_day((1, 15), date(2026, 4, 2)) == date(2026, 4, 15)
    assert next_day((31,), date(2026, 2, 2)) == date(2026, 2, 28)
    assert next_day((1,), date(2026, 12, 2)) == date(2027, 1, 1)


def test_they_wait_and_go_out_together(store: Store) -> None:
    waiting = Withdrawals(store, (1, 15))
    rows_of = finder(store)
    waiting.request(of_rows(word(0, 1)), rows_of)
    waiting.request(Request(dataset="towns", reason=PERSONAL, version=1, asked=date(2026, 4, 8)))
    waiting.request(of_rows(word(2, 7), asked=date(2026, 4, 9)), rows_of)
    assert [p.request.dataset for p in waiting.pending()] == ["calls", "towns", "calls"]
    folder = store.internal / "withdrawals"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o777 for p in folder.iterdir()} == {0o600}
    for day in (9, 14):
        assert not waiting.due(date(2026, 4, day))
        assert waiting.carry_out(date(2026, 4, day), rows_of=rows_of) == ()
    assert places(store.public.folder, [word(0, 1)])
    assert waiting.due(date(2026, 4, 17)), "also where nobody came on the day itself"
    made = waiting.carry_out(date(2026, 4, 17), rows_of=rows_of, figures_of=lambda _: ("counts",))
    assert {t.on for t in made} == {date(2026, 4, 17)}
    assert [(t.dataset, t.what) for t in made] == [
        ("towns", "version"),
        ("calls", "rows"),
        *[("counts", "version")] * 3,
    ]
    assert places(store.public.folder, [word(0, 1), word(2, 7)]) == []
    assert [v.rows for v in store.versions("calls")] == [39, 79, 118]
    agree(store)
    assert list(folder.iterdir()) == [], "nothing of a request is left"
    assert not waiting.due(date(2027, 1, 1))


def test_now(store: Store) -> None:
    waiting = Withdrawals(store)
    waiting.request(of_rows(word(0, 1)), finder(store))
    waiting.request(Request(dataset="towns", reason=PERSONAL, asked=ASKED))
    assert waiting.carry_out(ASKED, rows_of=finder(store)) == ()
    assert len(waiting.carry_out(ASKED, now=True, rows_of=finder(store))) == 2, "all that waits goes with it"
    assert waiting.carry_out(ASKED, now=True) == ()


def test_what_is_refused_leaves_no_request(store: Store) -> None:
    waiting = Withdrawals(store)
    with pytest.raises(DataError, match="No published row of calls has any of these 2 keys"):
        waiting.request(of_rows("nobody", "nothing"), finder(store))
    with pytest.raises(UsageError, match="No data set named force"):
        waiting.request(Request(dataset="force", reason=SEALED, asked=ASKED))
    with pytest.raises(UsageError, match=r"has no version 7\. Allowed: 1, 2, 3"):
        waiting.request(Request(dataset="calls", reason=SEALED, version=7, asked=ASKED))
    assert waiting.pending() == []
    assert list((store.internal / "withdrawals").glob("*")) == []


def test_what_is_gone_by_then_is_done(store: Store) -> None:
    waiting = Withdrawals(store)
    for _ in range(2):
        waiting.request(Request(dataset="towns", reason=SEALED, version=1, asked=ASKED))
        waiting.request(of_rows(word(0, 1)), finder(store))
    waiting.carry_out(ASKED, now=True, rows_of=finder(store), figures_of=lambda _: ("counts",))
    assert waiting.pending() == []
    assert [t.what for t in store.public.withdrawn()] == ["rows", "version", "version", "version", "version"]
    with pytest.raises(UsageError, match="has no version 1"):
        waiting.request(Request(dataset="towns", reason=SEALED, version=1, asked=ASKED))


def test_what_is_inside_goes_after_what_is_public(store: Store) -> None:
    waiting = Withdrawals(store)
    waiting.request(of_rows(word(0, 1), inside=True), finder(store))
    waiting.request(of_rows(word(0, 2)), finder(store))
    seen: list[str] = []

    def fails(_: Request, __: Path | None) -> None:
        assert places(store.public.folder, [word(0, 1), word(0, 2)]) == []
        raise OSError(5, "the archive is not there")

    def works(_: Request, file: Path | None) -> None:
        assert file
        seen.extend(file.read_text().splitlines())

    with pytest.raises(OSError, match="archive"):
        waiting.carry_out(ASKED, now=True, rows_of=finder(store), figures_of=lambda _: ("counts",), inside=[fails])
    assert [p.request.inside for p in waiting.pending()] == [True]
    before = store.public.withdrawn()
    waiting.carry_out(ASKED, now=True, rows_of=finder(store), figures_of=lambda _: ("counts",), inside=[works])
    assert seen == ["Call number", word(0, 1)]
    assert waiting.pending() == []
    assert store.public.withdrawn() == before
    assert list((store.internal / "withdrawals").glob("*")) == []
    assert list((store.internal / "withdrawals").glob(".*")) == []


def test_a_damaged_request(store: Store) -> None:
    waiting = Withdrawals(store)
    name = waiting.request(Request(dataset="towns", reason=SEALED, asked=ASKED))
    (store.internal / "withdrawals" / name).write_text("{")
    with pytest.raises(StoreDamaged, match="not a request to withdraw"):
        waiting.carry_out(ASKED, now=True)
    assert store.public.withdrawn() == ()
