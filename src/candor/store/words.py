"""Texts that are held as dictionaries, ready to be written as Parquet: the file then holds these words and no more."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.vocabulary.visible import INVISIBLE


def own_words(table: pa.Table) -> pa.Table:
    """The same table, with the dictionary of each column being its own words, each once.

    pyarrow writes a dictionary as it is. A word that no row has would be public. For a word that is there twice it
    takes memory and does not fill it (pyarrow 26): whatever this process held there before would be public.
    """
    table = table.unify_dictionaries().combine_chunks()
    for at, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            chunks = [_compact(chunk) for chunk in table.column(at).chunks]
            table = table.set_column(at, field, pa.chunked_array(chunks, type=field.type))
    return table


def _compact(array: pa.DictionaryArray) -> pa.DictionaryArray:
    index, words = array.indices, array.dictionary
    numbers = (pc.fill_null(index, 0) if index.null_count else index).to_numpy(zero_copy_only=False)
    used = np.zeros(len(words), np.bool_)
    used[numbers[pc.is_valid(index).to_numpy(zero_copy_only=False)] if index.null_count else numbers] = True
    if used.all() and pc.count_distinct(words, mode="all").as_py() == len(words):
        return array
    kept = words.filter(pa.array(used)).dictionary_encode()
    to = np.zeros(max(len(words), 1), numbers.dtype)
    to[np.flatnonzero(used)] = kept.indices.to_numpy(zero_copy_only=False)
    again = pa.array(
        to[numbers] if len(words) else numbers, index.type, mask=pc.is_null(index).to_numpy(zero_copy_only=False)
    )
    return pa.DictionaryArray.from_arrays(again, kept.dictionary, ordered=array.type.ordered)


def only_seen(table: pa.Table) -> pa.Table:
    """The same table, its texts without characters that nobody sees and that turn round or hide others."""
    for at, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            texts = table.column(at)
            if pc.any(pc.match_substring_regex(texts, INVISIBLE)).as_py():
                table = table.set_column(at, field, pc.replace_substring_regex(texts, INVISIBLE, ""))
    return table
