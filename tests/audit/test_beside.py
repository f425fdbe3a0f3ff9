"""Kinds attacked side by side: whatever becomes of the helper, everything is found, and errors reach the caller."""

from __future__ import annotations

import os
import time

import pytest

from candor.audit.beside import Beside
from candor.errors import DataError
from candor.solver.linear import Deadline, UnfinishedError

KINDS, CELLS = range(12), 10_000


def where(_: str, kind: int) -> tuple[int, int]:
    time.sleep(0.2)
    return kind, os.getpid()


def dies(main: int, kind: int) -> tuple[int, int]:
    if os.getpid() != main:
        os._exit(1)
    return where("", kind)


def refuses(_: str, kind: int) -> int:
    time.sleep(0.1)
    if kind == KINDS[-1]:
        raise DataError("what", "allowed", "do")
    return kind


def slow(main: int, kind: int) -> int:
    time.sleep(0.3 if os.getpid() == main else 60)
    return kind


def test_two_processes_share_the_kinds() -> None:
    beside = Beside(Deadline(60))
    for _ in range(2):  # the second time the helper is there
        found = beside.all(where, "", KINDS, CELLS)
        assert sorted(found) == list(KINDS)
        assert all(found[k][0] == k for k in KINDS)
    assert len({pid for _, pid in found.values()}) == min(2, os.cpu_count() or 1)
    beside.close()


def test_few_counts_are_not_worth_a_second_process() -> None:
    beside = Beside(Deadline(60))
    assert {pid for _, pid in beside.all(where, "", KINDS[:3], 100).values()} == {os.getpid()}
    beside.close()


def test_what_a_helper_that_dies_leaves_is_attacked_here() -> None:
    beside = Beside(Deadline(60))
    found = beside.all(dies, os.getpid(), KINDS, CELLS)
    assert sorted(found) == list(KINDS)
    assert {pid for _, pid in found.values()} == {os.getpid()}
    beside.close()


def test_an_error_in_the_helper_is_raised_here() -> None:
    beside = Beside(Deadline(60))
    with pytest.raises(DataError, match="what"):
        beside.all(refuses, "", KINDS, CELLS)
    beside.close()


def test_the_deadline_holds_while_the_helper_works() -> None:
    beside = Beside(Deadline(3.0))
    begun = time.monotonic()
    with pytest.raises(UnfinishedError):
        beside.all(slow, os.getpid(), KINDS, CELLS)
    assert time.monotonic() - begun < 20
    beside.close()
