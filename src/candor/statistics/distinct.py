"""Each case once: what depends on a few small counts is computed for the different ones and then spread to all.

In a release most counts are small, so the same ones come back thousands of times, and exact quantiles and tails cost a
hundred times what a look-up does.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Indices = NDArray[np.int64]


def distinct(*values: NDArray[np.float64]) -> tuple[tuple[NDArray[np.float64], ...], Indices]:
    """The different cases in arrays of one shape (one value of each array), and which of them stands at each place.

    `cases[i][which]` is `values[i]`. NaN is a value like any other. Cases are in the order in which they first appear.
    """
    which, count = _codes(values[0].ravel())
    for others in values[1:]:
        codes, different = _codes(others.ravel())
        which, count = _codes(which * different + codes)
    first = np.empty(count, np.int64)
    first[which[::-1]] = np.arange(which.size - 1, -1, -1)  # of several writes the last stands: the first to appear
    return tuple(v.ravel()[first] for v in values), which.reshape(values[0].shape)


def _codes(values: NDArray[np.float64] | Indices) -> tuple[Indices, int]:
    """Numbers from 0 in the order of appearance, equal for equal values, and how many there are."""
    encoded = pa.array(values).dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), len(encoded.dictionary)
