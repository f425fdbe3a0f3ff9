"""Tables made safe: small counts in sensitive categories are withheld before anything is computed from them."""

from __future__ import annotations

from collections.abc import Collection

import ibis

from candor.privacy.rows import COUNTED_APART

SUPPRESSED = "suppressed"


def protect(cube: ibis.Table, sensitive_categories: Collection[str], threshold: int = 5) -> ibis.Table:
    """The cube with primary suppression: counts of 1 to `threshold` - 1 in sensitive categories are withheld.

    `cube` has the columns of `calls-by-town`. Such a line says `suppressed` and has neither count nor rate, whatever
    its place (the lines of calls without a town as well). A zero stays zero, open categories stay as counted, and so
    does everything that was empty before. `rows.COUNTED_APART` is always among the sensitive categories. The order of
    the lines is not defined.

    What this proves: everything that is published later is computed from this table and from nothing else (the rates,
    the totals, the state's figures), and no total that would contain a suppressed cell is published. So two sets of
    calls that differ only within suppressed cells give the same tables, and these say of such a cell only that it is 1
    to `threshold` - 1.

    What it does not prove: it knows nothing of figures beside the tables. How many rows were withheld is the sum of the
    sensitive counts, and gives the sum of the suppressed ones away: publish it only where `total_is_hidden`, and never
    by category. Earlier versions of a release may say more, too. Complementary suppression and the audit of all
    releases against each other (METHODS, Protection 5) are a step of their own.

    Raises `ValueError` for a threshold under 3: with 2, what is suppressed would be known to be 1.
    """
    if threshold < 3:
        raise ValueError(f"the threshold is 3 or more, found {threshold}")
    sensitive = cube.category.isin(sorted({*sensitive_categories, COUNTED_APART}))
    small = (sensitive & cube.calls.between(1, threshold - 1)).fill_null(False)
    figures = [name for name in ("calls", "rate", "rate_low", "rate_high") if name in cube.columns]
    empty = {name: ibis.ifelse(small, ibis.null(cube[name].type()), cube[name]) for name in figures}
    return cube.mutate(coverage=ibis.ifelse(small, SUPPRESSED, cube.coverage), **empty)


def total_is_hidden(cells: int, remainder: int, threshold: int = 5) -> bool:
    """Whether a public total leaves every suppressed cell open: each may still be anything from 1 to `threshold` - 1.

    `cells` is the number k of suppressed cells in the total, `remainder` the total less all that is published of it,
    which is their sum. A single cell would be exactly that; cells that sum to their own number would all be 1. With
    m = `threshold` - 1, a cell can be 1 only if the others can make up the remainder less 1, and m only if they can go
    down to the remainder less m: k - 1 + m <= remainder <= (k - 1) m + 1. Without suppressed cells nothing is told.
    """
    most = threshold - 1
    return cells == 0 or cells - 1 + most <= remainder <= (cells - 1) * most + 1
