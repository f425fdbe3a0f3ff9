"""The fast path: a world's calls as the cube, and the figures that a release computes from it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from candor.demo.towns import Towns
from candor.demo.worlds import World
from candor.measures.cube import COLUMNS, INITIATORS
from candor.measures.rates import call_rates
from candor.profiles.profile import standard_taxonomy

JURISDICTION, STATE = "Vermont", "50"


def months_of(world: World) -> np.ndarray:
    """The months of a world, datetime64[M]."""
    first = np.datetime64(world.first_month, "M")
    return np.arange(first, first + world.months)


def world_cube(world: World, towns: Towns) -> pa.Table:
    """The calls of a world with the columns and in the order of `calls-by-town`, as counting every call would give it.

    Every town is covered in every month, and every call is placed.
    """
    order = np.argsort(world.categories)
    categories = [world.categories[i] for i in order]
    taxonomy = standard_taxonomy("calls")
    # months x towns x categories x initiators -> categories x initiators x towns x months
    counts = np.stack([world.counts(towns.residents, m) for m in range(world.months)])
    calls = counts.transpose(2, 3, 1, 0)[order]

    def spread(values: list[str] | np.ndarray, axis: int) -> pa.Array:
        index = np.arange(calls.shape[axis], dtype=np.int32).reshape([-1 if i == axis else 1 for i in range(4)])
        codes = pa.array(np.broadcast_to(index, calls.shape).ravel())
        if isinstance(values, list):
            return pa.DictionaryArray.from_arrays(codes, pa.array(values, pa.string()))
        return pa.array(values).take(codes)

    flat, empty = calls.ravel(), pa.nulls(calls.size, pa.float64())
    columns = {
        "geoid": spread(list(towns.geoid), 2),
        "place": spread(list(towns.name), 2),
        "county": spread(list(towns.county), 2),
        "month": spread(months_of(world).astype("datetime64[D]"), 3),
        "category": spread(categories, 0),
        "category_group": spread([taxonomy[c].group for c in categories], 0),
        "initiated_by": spread(list(INITIATORS), 1),
        "coverage": pa.DictionaryArray.from_arrays(
            pa.array((flat == 0).astype(np.int32)), pa.array(["reported", "zero"], pa.string())
        ),
        "calls": pa.array(flat),
        "residents": spread(towns.residents, 2),
        "rate": empty,
        "rate_low": empty,
        "rate_high": empty,
    }
    return pa.table({name: columns[name] for name in COLUMNS})


def release(world: World, towns: Towns) -> pa.Table:
    """The data set `call-rates-by-town` of a world."""
    return call_rates(world_cube(world, towns), (), JURISDICTION, STATE)
