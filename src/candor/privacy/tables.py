"""Tables made safe: small counts in sensitive categories are withheld before anything is computed from them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

import ibis

from candor.privacy.rows import COUNTED_APART

SUPPRESSED = "suppressed"

Whole = TypeVar("Whole", int, ibis.Value)


def protect(cube: ibis.Table, sensitive_categories: Collection[str], threshold: int = 5) -> ibis.Table:
    """The cube with primary suppression: counts of 1 to `threshold` - 1 in sensitive categories are withheld.

    `cube` has the columns of `calls-by-town`. Such a line says `suppressed` and has neither count nor rate, whatever
    its place (the lines of calls without a town as well). A zero stays zero, open categories stay as counted, and so
    does everything that was empty before. `rows.COUNTED_APART` is always among the sensitive categories. The order of
    the lines is not defined.

    The number of withheld rows is public (nothing is lost), and it is the sum of the sensitive counts: less those that
    are published, it is the sum of the suppressed ones. Where that sum would narrow one of them down
    (`total_is_hidden`: a single cell, or cells that must all be 1), every count of a sensitive category is suppressed,
    zeros too. That happens where there are a handful of calls.

    What this proves: everything that is published later is computed from this table and from nothing else (the rates,
    the totals, the state's figures), and no total that would contain a suppressed cell is published. So two sets of
    calls that differ only within suppressed cells, with the same sum, give the same release; and a cell that was
    suppressed because it is small may, for all that the release says, be anything from 1 to `threshold` - 1.

    What it does not prove: totals of single data sets or agencies, where several share the tables, and earlier versions
    of the release may say more, also of several cells together. Complementary suppression and the audit of all releases
    against each other (METHODS, Protection 5) are a step of their own.

    Raises `ValueError` for a threshold under 3: with 2, what is suppressed would be known to be 1.
    """
    if threshold < 3:
        raise ValueError(f"the threshold is 3 or more, found {threshold}")
    sensitive = cube.category.isin(sorted({*sensitive_categories, COUNTED_APART})) & cube.calls.notnull()
    small = sensitive & cube.calls.between(1, threshold - 1)
    # One line: whether the sum of the small counts would tell something about one of them.
    sums = cube.filter(small).agg(cells=ibis._.count(), remainder=ibis._.calls.sum().fill_null(0))
    sums = sums.select(told=~total_is_hidden(sums.cells, sums.remainder, threshold))
    lines = cube.mutate(_sensitive=sensitive, _small=small).cross_join(sums)
    suppressed = lines["_small"] | (lines["_sensitive"] & lines.told)
    figures = [name for name in ("calls", "rate", "rate_low", "rate_high") if name in cube.columns]
    empty = {name: ibis.ifelse(suppressed, ibis.null(lines[name].type()), lines[name]) for name in figures}
    return lines.mutate(coverage=ibis.ifelse(suppressed, SUPPRESSED, lines.coverage), **empty).select(cube.columns)


def total_is_hidden(cells: Whole, remainder: Whole, threshold: int = 5) -> Whole:
    """Whether a public total leaves every suppressed cell open: each may still be anything from 1 to `threshold` - 1.

    `cells` is the number k of suppressed cells in the total, `remainder` the total less all that is published of it,
    which is their sum; numbers, or columns of an engine. With m = `threshold` - 1 a cell can be 1 only if the others
    can make up the remainder less 1, and m only if they can go down to the remainder less m:
    k - 1 + m <= remainder <= (k - 1) m + 1. Without suppressed cells nothing is told.
    """
    most = threshold - 1
    return (cells == 0) | ((cells - 1 + most <= remainder) & (remainder <= (cells - 1) * most + 1))
