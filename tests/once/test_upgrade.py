"""A portal that an earlier Candor published: looked through, what gives something away withdrawn, and on it goes."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.once.checks import ROWS, Public
from tests.once.world import NAME, Portal, Size, draw, months_of
from typer.testing import CliRunner

from candor.cli.app import app
from candor.errors import DataError
from candor.ledger.ledger import LedgerFolder

pytestmark = pytest.mark.long

DAYS = months_of(date(2025, 5, 1), 4)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    """Two releases as an earlier Candor left them: no ledger, exact figures revised by 1, rows that are gone."""
    made = Portal(tmp_path_factory.mktemp("upgrade"), draw(Size(seed=5)))
    for day in DAYS[:2]:
        made.publish(day)
    shutil.rmtree(made.root / "data" / "internal" / "ledger")
    shutil.rmtree(made.root / "data" / "internal" / "archive")
    public = Public(made.root)
    _rewritten(public, 0, "sensitive-calls", lambda t: _exact(t, 1))
    _rewritten(public, 1, "sensitive-calls", lambda t: _exact(t, 2))
    for release in public.releases:
        path = public.folder / "releases" / f"{release.number}.json"
        value = json.loads(path.read_text())
        value["revised"] = ["2025-01"]
        value["portal"]["suppression_threshold"] = 5
        del value["settling"]
        rows = next(d for d in value["datasets"] if d["name"] == ROWS)
        rows["files"] = rows["files"][-1:]  # what was in the first version is not in the second
        path.write_text(json.dumps(value))
    return made


def _rewritten(public: Public, number: int, name: str, change: object) -> None:
    dataset = public.releases[number].dataset(name)
    assert dataset is not None
    for file in dataset.files:
        path = public.folder / file
        pq.write_table(change(pq.read_table(path)), path)  # type: ignore[operator]


def _exact(table: pa.Table, more: int) -> pa.Table:
    """Every told figure as an exact number, which is so much more than the rounded one."""
    at = table.column_names.index("calls")
    calls = [c + more if c is not None else None for c in table["calls"].to_pylist()]
    return table.set_column(at, "calls", pa.array(calls, pa.int64()))


def run(root: Path, *words: str) -> Any:  # noqa: ANN401  # whatever the command said
    answer = CliRunner().invoke(app, [*words, "--portal", str(root), "--json"])
    if answer.exception and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return json.loads(answer.stdout)


def test_the_way_of_an_old_portal(portal: Portal) -> None:
    with pytest.raises(DataError, match="candor upgrade"):
        portal.publish(DAYS[2])
    found = run(portal.root, "upgrade", "--check")
    leaks = {(leak["dataset"], leak["what"].split()[0]): leak["number"] for leak in found["leaks"]}
    assert leaks[ROWS, "rows"] > 0
    assert leaks["sensitive-calls", "figures"] > 0
    assert not LedgerFolder(portal.root / "data" / "internal" / "ledger").exists()
    run(portal.root, "upgrade", "--withdraw")
    assert all(v["rows"] == 0 for v in run(portal.root, "versions", NAME))
    made = portal.publish(DAYS[2])
    assert made.release is not None
    told = Public(portal.root).table(made.release, "sensitive-calls")
    new = [line for line in told.to_pylist() if line["told_on"] and str(line["told_on"]) == str(DAYS[2])]
    assert all(str(line["last_month"])[:7] > str(found["closed_until"]) for line in new), "told exactly, told again"
    assert all(c % 5 == 0 for c in told["calls"].drop_null().to_pylist())
    with pytest.raises(Exception, match="publishes once already"):
        run(portal.root, "upgrade")
