"""How alike rows are, in words: a promise and a measure are never said alike."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from tests.site.test_site_all_sentences import NEVER

from candor.messages.alike import alike_sentences
from candor.store.dataset_model import Anonymity, DatasetVersion, PublicColumn

COLUMNS = ("age", "sex", "day")


def version(anonymity: Anonymity | None) -> DatasetVersion:
    columns = tuple(PublicColumn(name=n, label=n.title(), type="category") for n in (*COLUMNS, "force"))
    return DatasetVersion(
        name="force", id="abcd-2345", kind="rows", title="Force", columns=columns, anonymity=anonymity, version=1,
        delta_version=0, files=(), rows=0, published_at=datetime(2025, 1, 1, tzinfo=UTC),
    )  # fmt: skip


@st.composite
def measured(draw: st.DrawFn) -> Anonymity:
    sizes = draw(st.lists(st.integers(1, 5000), min_size=1, max_size=30))
    asked, promised = draw(st.integers(2, 20)), draw(st.booleans())
    sizes = [max(size, asked) for size in sizes] if promised else sizes
    diverse = draw(st.integers(1, 4))
    quasi = draw(st.integers(1, 3))
    rows = sum(sizes)
    return Anonymity(
        promised=promised, asked_k=asked, asked_l=diverse if promised else 1, quasi=COLUMNS[:quasi],
        not_measured=COLUMNS[quasi:], rows=rows, groups=len(sizes), k=min(sizes),
        below=sum(size for size in sizes if size < asked), l=draw(st.sampled_from([{}, {"force": diverse}])),
        risk_max=1 / min(sizes), risk_mean=len(sizes) / rows,
    )  # fmt: skip


@given(measured())
def test_what_is_said_is_what_was_measured(found: Anonymity) -> None:
    said = alike_sentences(version(found))
    text = "\n".join(said)
    for what, pattern in NEVER.items():
        assert not pattern.search(text), (what, text)
    assert f"(k = {found.k:,})" in text
    assert ("has to be like at least" in text) == found.promised
    assert ("is promised" in text) == (not found.promised)
    assert (f"{found.below:,} of {found.rows:,} rows" in text) == (found.below > 0)
    assert ("not counted here" in text) == bool(found.not_measured)
    assert (f"chance of 1 in {found.k:,} at most" in text) == (found.k > 1)
    assert ("the only row that fits" in text) == (found.k == 1)
    mean = re.search(r"(?:right row is|and of) 1 in ([\d.,]+?)(?: on average|\.$)", text, re.MULTILINE)
    assert mean
    assert float(mean[1].replace(",", "")) >= found.k * 0.9
    assert ("different value" in text) == bool(found.l or found.asked_l > 1)


def test_where_nothing_was_measured_nothing_is_said() -> None:
    empty = Anonymity(promised=True, asked_k=5, quasi=("age",), rows=0, groups=0, k=0, below=0, risk_max=0, risk_mean=0)
    assert alike_sentences(version(None)) == alike_sentences(version(empty)) == ()
