"""What a profile says of calls beside its own numbers: sums of what is published of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.audit.public import FAULT, Bools, Ints, Tables, equals, is_one_of, month_numbers, numbers, texts
from candor.errors import DataError
from candor.profiles.profile import Profile
from candor.vocabulary.tables import COUNTS, SENSITIVE, Sum


def check_beside_calls(tables: Tables, profile: Profile, name: str, declared: Sum, _sensitive: Sequence[str]) -> None:
    """The calls of a line are sums of open kinds' months and of what is told of sensitive ones.

    Raises `DataError` for the first that are not.
    """
    kinds = {c.slug: c.call_categories for c in tables.release.kinds(profile.name)}
    sensitive = {c.slug for c in tables.sensitive(tables.release.monthly.name)}
    concerned = [slug for slug, calls in kinds.items() if set(calls) & sensitive]
    shares = tables.read(
        name, ["geoid", "year", "category", declared.column, "share"], is_one_of("category", concerned)
    )
    if shares is None or not shares.num_rows:
        return
    for slug in concerned:
        lines = shares.filter(pa.array(equals(shares["category"], slug)))
        calls, share = numbers(lines[declared.column]), numbers(lines["share"])
        key = _key(texts(lines["geoid"]), lines["year"].cast(pa.int64()).to_numpy())
        told = _years(tables, sorted(set(kinds[slug]) & sensitive), sorted(set(kinds[slug]) - sensitive))
        expected = np.array([told.get(k, np.nan) for k in key])
        wrong: Bools = (np.isfinite(calls) | np.isfinite(share)) & ~(calls == expected)
        if wrong.any():
            at = int(np.argmax(wrong))
            raise DataError(
                f"{name} says that {key[at]} had {calls[at]:g} calls of {slug}, which are not all told, and so in "
                f"{int(wrong.sum()):,} lines",
                "sums of published figures",
                FAULT,
            )


def _years(tables: Tables, sensitive: Sequence[str], open_: Sequence[str]) -> dict[str, float]:
    """By place and year, what is told of all these categories; nothing where of one it is not."""
    named, count = tables.named(tables.release.monthly), tables.release.monthly.count
    months = tables.read(
        named[COUNTS], ["geoid", "month", count], is_one_of("category", open_) & (pc.field("geoid") != "")
    )
    years = tables.read(
        named[SENSITIVE], ["geoid", "first_month", count],
        is_one_of("category", sensitive) & (pc.field("level") == "town") & (pc.field("period_kind") == "year"),
    )  # fmt: skip
    sums: dict[str, float] = {}
    for lines, column in ((months, "month"), (years, "first_month")):
        if lines is not None and lines.num_rows:
            year: Ints = month_numbers(lines[column]) // 12 + 1970
            keys, at = np.unique(_key(texts(lines["geoid"]), year), return_inverse=True)
            for key, total in zip(keys.tolist(), np.bincount(at, numbers(lines[count])).tolist(), strict=True):
                sums[key] = sums.get(key, 0.0) + total
    return sums


def _key(geoid: np.ndarray, year: Ints) -> list[str]:
    return [f"{g}|{y}" for g, y in zip(geoid.tolist(), year.tolist(), strict=True)]
