"""A Parquet file holds the words of its rows, and nothing else of the memory of whoever wrote it."""

from __future__ import annotations

from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from candor.store.words import own_words

SECRET = b"of somebody else"


def coded(words: list[str | None], index: list[int | None]) -> pa.Table:
    array = pa.DictionaryArray.from_arrays(pa.array(index, pa.int32()), pa.array(words, pa.string()))
    return pa.table({"word": array, "number": pa.array(range(len(index)))})


def written(table: pa.Table) -> bytes:
    """The file, written where memory held secrets before."""
    freed = pa.array([SECRET * 40] * 2_000).cast(pa.string())
    del freed
    sink = BytesIO()
    pq.write_table(table, sink, compression="none")
    return sink.getvalue()


@given(
    words=st.lists(st.text(max_size=3), min_size=1, max_size=6),
    picks=st.lists(st.none() | st.integers(0, 5), max_size=30),
    pieces=st.integers(1, 4),
)
def test_the_values_stay_and_the_dictionary_has_each_of_them_once(
    words: list[str], picks: list[int | None], pieces: int
) -> None:
    table = coded([*words], [None if p is None else p % len(words) for p in picks])
    table = pa.concat_tables([table.slice(at, pieces) for at in range(0, max(table.num_rows, 1), pieces)])
    safe = own_words(table)
    assert safe.schema == table.schema
    assert safe.to_pylist() == table.to_pylist()
    for chunk in safe["word"].chunks:
        found = chunk.dictionary.to_pylist()
        assert sorted(found) == sorted({v for v in table["word"].to_pylist() if v is not None})


def test_what_stands_in_memory_does_not_stand_in_the_file() -> None:
    table = coded(["Ash", "Brook", "Ash"] * 3_000, [0, 1, 2] * 10)
    assert SECRET not in b"".join(written(own_words(table)) for _ in range(6))


def test_a_word_that_no_row_has_does_not_stand_in_the_file() -> None:
    table = coded(["Ash", "a kind that nobody is told of"], [0, 0, 0])
    assert b"nobody is told of" in written(table)
    assert b"nobody is told of" not in written(own_words(table))
