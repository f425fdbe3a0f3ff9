"""Any sequence of publications, rollbacks and failures against a model that is a list of dictionaries."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.store.store_help import PORTAL, Rows, everything, expected, put, rows, rows_by_delta

from candor.errors import UsageError
from candor.store.store import Store

NAMES = ("calls", "calls-by-town", "towns")
# Contents that differ in their rows and in their columns.
CONTENTS: tuple[tuple[str, Rows], ...] = (
    ("SELECT i AS a FROM range(3) r(i)", [(0,), (1,), (2,)]),
    ("SELECT 'x' AS a, 1.5 AS b", [("x", 1.5)]),
    ("SELECT DATE '2024-02-29' AS c WHERE false", []),
)
contents = st.dictionaries(st.sampled_from(NAMES), st.integers(0, len(CONTENTS) - 1), min_size=1)


class StoreAgainstModel(RuleBasedStateMachine):
    """`releases` are the releases in force (name -> number of the version), `versions` the content of every version."""

    @initialize()
    def empty(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.store = Store(self.folder / "data")
        self.releases: list[dict[str, int]] = []
        self.versions: dict[str, list[int]] = {}

    def _now(self) -> dict[str, int]:
        return self.releases[-1] if self.releases else {}

    def _new(self, name: str, content: int) -> int:
        self.versions.setdefault(name, []).append(content)
        return len(self.versions[name])

    @rule(tables=contents, keep=st.sets(st.sampled_from(NAMES)))
    def publish(self, tables: dict[str, int], keep: set[str]) -> None:
        kept = [name for name in keep if name in self._now() and name not in tables]
        with self.store.publication() as pub:
            for name, content in tables.items():
                put(pub, name, CONTENTS[content][0])
            for name in kept:
                pub.keep(name)
            pub.bring_into_force(pub.preview(portal=PORTAL))
        new = {name: self._now()[name] for name in kept}
        self.releases.append(new | {name: self._new(name, content) for name, content in tables.items()})

    @rule(tables=contents, raises=st.booleans())
    def fail(self, tables: dict[str, int], raises: bool) -> None:
        expectation = pytest.raises(UsageError, match="twice") if raises else nullcontext()
        with expectation, self.store.publication() as pub:
            for name, content in tables.items():
                put(pub, name, CONTENTS[content][0])
            if raises:
                pub.stage(next(iter(tables)))

    @precondition(lambda self: self.releases)
    @rule(data=st.data())
    def roll_back(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(1, len(self.releases)))
        now, old = self._now(), self.releases[number - 1]
        assert self.store.rollback(number).number == len(self.releases) + 1
        self.releases.append(
            {n: v if now.get(n) == v else self._new(n, self.versions[n][v - 1]) for n, v in old.items()}
        )

    @precondition(lambda self: self.releases)
    @rule(data=st.data())
    def roll_back_one(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.versions)))
        version = data.draw(st.integers(1, len(self.versions[name])))
        self.store.rollback_dataset(name, version)
        self.releases.append(self._now() | {name: self._new(name, self.versions[name][version - 1])})

    @rule()
    def refuse(self) -> None:
        with pytest.raises(UsageError):
            self.store.rollback(len(self.releases) + 1)
        for name, versions in self.versions.items():
            with pytest.raises(UsageError):
                self.store.rollback_dataset(name, len(versions) + 1)

    @invariant()
    def the_reader_sees_the_model(self) -> None:
        if not hasattr(self, "store"):
            return
        release = self.store.public.current()
        found = {d.name: d.version for d in release.datasets} if release else {}
        assert found == self._now()
        for dataset in release.datasets if release else ():
            content = CONTENTS[self.versions[dataset.name][dataset.version - 1]][1]
            assert rows(self.store.public, dataset) == content
            assert rows_by_delta(self.store.public, dataset) == content

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        history = self.store.releases()
        assert [{d.name: d.version for d in r.datasets} for r in history] == self.releases
        for name, contents_ in self.versions.items():
            versions = self.store.versions(name)
            assert [v.version for v in versions] == list(range(1, len(contents_) + 1))
            assert [v.rows for v in versions] == [len(CONTENTS[c][1]) for c in contents_]
            assert [v.delta_version for v in versions] == sorted({v.delta_version for v in versions})
            for version, content in zip(versions, contents_, strict=True):
                assert rows_by_delta(self.store.public, version) == CONTENTS[content][1]
        assert everything(self.store.public.folder) - {"current"} == expected(self.store.public) - {"current"}
        shutil.rmtree(self.folder)


TestStoreAgainstModel = StoreAgainstModel.TestCase
TestStoreAgainstModel.settings = settings(max_examples=10, stateful_step_count=10, deadline=None)
