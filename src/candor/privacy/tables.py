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

    This is how counts that somebody else made are protected (verified offences). Of calls, counties and the state are
    published too, and other figures withheld for it: `suppression`.

    Raises `ValueError` for a threshold under 3: with 2, what is suppressed would be known to be 1.
    """
    if threshold < 3:
        raise ValueError(f"the threshold is 3 or more, found {threshold}")
    sensitive = cube.category.isin(sorted({*sensitive_categories, COUNTED_APART}))
    small = (sensitive & cube.calls.between(1, threshold - 1)).fill_null(False)
    figures = [name for name in ("calls", "rate", "rate_low", "rate_high") if name in cube.columns]
    empty = {name: ibis.ifelse(small, ibis.null(cube[name].type()), cube[name]) for name in figures}
    return cube.mutate(coverage=ibis.ifelse(small, SUPPRESSED, cube.coverage), **empty)
