"""Columns of a published file as arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def codes(column: pa.Array, of: Mapping[str, int]) -> npt.NDArray[np.int64]:
    """The code of each text, -1 where it has none; no text is the empty one. Each different text is looked up once."""
    encoded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
    table = np.array([*(of.get(text, -1) for text in encoded.dictionary.to_pylist()), of.get("", -1)], np.int64)
    indices = encoded.indices
    if indices.null_count:
        indices = pc.fill_null(indices.cast(pa.int32()), len(encoded.dictionary))
    return np.asarray(table[indices.to_numpy(zero_copy_only=False)])


def integers(column: pa.Array, absent: int) -> npt.NDArray[np.int64]:
    """The numbers, `absent` where there is none."""
    values: npt.NDArray[np.int64] = pc.fill_null(pc.cast(column, pa.int64()), absent).to_numpy(zero_copy_only=False)
    return values


def floats(column: pa.Array) -> npt.NDArray[np.float64]:
    """The numbers, NaN where there is none."""
    values: npt.NDArray[np.float64] = pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False)
    return values
