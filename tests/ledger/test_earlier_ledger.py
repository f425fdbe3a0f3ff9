"""A ledger that was written when one profile was counted from rows."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq

from candor.ledger.ledger import COVERAGE, EARLY, OPEN, Block, Ledger, LedgerFolder, State
from candor.store.model import Release


def test_what_it_holds_is_of_calls(tmp_path: Path) -> None:
    month = date(2025, 1, 1)
    early = {"layer": "calls", "level": "state", "place": "State", "month": month, "category": "noise",
             "category_group": "g", "calls": 10}  # fmt: skip
    block = Block(dataset="calls", month="2025-01", fixed_on=date(2025, 3, 1))
    folder = LedgerFolder(tmp_path)
    folder.write(1, Ledger(State(blocks=(block,)), early=pa.Table.from_pylist([early], EARLY)))
    path = tmp_path / "1" / "early.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["layer"]), path)
    state = json.loads((tmp_path / "1" / "ledger.json").read_text())
    for one in state["blocks"]:
        del one["profile"]
    (tmp_path / "1" / "ledger.json").write_text(json.dumps(state))
    found = folder.read([cast("Release", SimpleNamespace(number=1, settling=None))])
    assert found.early.to_pylist() == [early]
    assert found.of("calls").state.blocks == (block,)
    assert not found.of("other").state.blocks


def test_a_profile_sees_its_own_data_sets_alone() -> None:
    def lines(schema: pa.Schema) -> pa.Table:
        usual = dict.fromkeys(schema.names)
        return pa.Table.from_pylist([{**usual, "dataset": name} for name in ("first", "second")], schema)

    blocks = [Block(dataset=n, month="2025-01", fixed_on=date(2025, 3, 1), profile=p) for n, p in
              (("first", "calls"), ("second", "requests"), ("third", ""))]  # fmt: skip
    ledger = Ledger(State(blocks=tuple(blocks)), open=lines(OPEN), coverage=lines(COVERAGE))
    own = ledger.of("requests")
    assert own.open["dataset"].to_pylist() == own.coverage["dataset"].to_pylist() == ["second"]
    assert own.state.blocks == (blocks[1],)
