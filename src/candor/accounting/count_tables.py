"""A data set of counts on its way from its source to the accounted lines: what `records.py` is for rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from candor.errors import DataError
from candor.intake.count_lines import (
    NOTE,
    PART_OF_A_TOWN,
    PLACED_BY,
    REASON,
    SEPARATOR,
    WRITTEN,
    CountLines,
    count_lines,
)
from candor.intake.outcomes import AccountedSource, Outcome, unreadable_outcomes
from candor.measures.residents import residents_by_month
from candor.places.changes import formerly
from candor.places.names import alias_table, normalise_name, official_names
from candor.places.pack import PlacesPack
from candor.portal.counts_model import CountsConfig
from candor.sources.base import ROW
from candor.sources.registry import land
from candor.statistics.intervals import Floats

_FIRST_YEAR = 1930  # the first of the Uniform Crime Reports
UNKNOWN, AMBIGUOUS = "unknown place name", "ambiguous place name"
_NOT_THERE_YET = "in that year the place was a part of another"


@dataclass(frozen=True, kw_only=True)
class AccountedCounts(AccountedSource[CountsConfig]):
    """A data set of counts after intake: `counted` are its lines."""

    counted: CountLines


def account_counts(dataset: CountsConfig, pack: PlacesPack, root: Path, today: date, scratch: Path) -> AccountedCounts:
    """Land, type, place and account for every line of a data set of counts.

    Raises `DataError` where the source cannot be read as declared, and where the sums do not add up.
    """
    columns = [dataset.columns.place, dataset.columns.period, *dataset.categories.values()]
    columns += [dataset.columns.residents] if dataset.columns.residents else []
    landed = land(dataset.source, root / dataset.source.path, scratch / f"{dataset.name}.landed.parquet", only=columns)
    raw = pq.read_table(landed.path)
    last_year = today.year - 1
    names = _names(raw[dataset.columns.place], dataset, pack)
    years = range(_FIRST_YEAR, last_year + 1)
    residents = _long(pack.places["geoid"], years, residents_by_year(pack, years))
    counted = count_lines(raw, dataset, names, residents, last_year)
    counted = _as_places_were(counted, pack)
    lines = counted.lines
    bad = pc.equal(lines["outcome"], "quarantined")
    quarantined = scratch / f"{dataset.name}.quarantined.parquet"
    kept = pa.table({ROW: lines[ROW], "_reasons": lines["reasons"], **{n: raw[n] for n in raw.column_names}})
    pq.write_table(kept.filter(bad), quarantined)
    landed.path.unlink()
    result = AccountedCounts(
        dataset=dataset,
        counted=counted,
        quarantined_path=quarantined,
        landed=replace(landed, notes=(*landed.notes, *_remedies(lines["reasons"]))),
        outcomes=(*_outcomes(lines), *unreadable_outcomes(landed.unreadable)),
        placed_by=_texts(lines[PLACED_BY]),
        notes=_texts(lines["notes"]),
    )
    if result.landed.read != sum(o.rows for o in result.outcomes):
        raise DataError(
            f"{dataset.name}: {result.landed.read:,} lines were read and "
            f"{sum(o.rows for o in result.outcomes):,} are accounted for",
            "the same number",
            "This is a fault of the program: nothing was published.",
        )
    return result


def residents_by_year(pack: PlacesPack, years: Sequence[int]) -> Floats:
    """Residents of the places, in their order, in each year, the mean of its months: (P, Y), NaN where not known."""
    if not len(years):
        return np.zeros((pack.places.num_rows, 0))
    first = np.datetime64(f"{years[0]}-01", "M")
    months = np.arange(first, first + 12 * len(years))
    by_month = residents_by_month(pack.places, months, pack.populations, pack.changes)
    return np.asarray(by_month.reshape(len(by_month), len(years), 12).mean(axis=2))


def _long(geoids: pa.ChunkedArray, years: Sequence[int], residents: Floats) -> pa.Table:
    place, year = (i.ravel() for i in np.indices(residents.shape))
    known = pa.array(residents.ravel(), from_pandas=True)
    return pa.table({"geoid": geoids.take(pa.array(place)), "year": pa.array(np.array(years)[year]), "known": known})


def _names(column: pa.ChunkedArray, dataset: CountsConfig, pack: PlacesPack) -> pa.Table:
    """What each name in the file means: as declared under [places], or by the portal's names of its towns."""
    distinct = [n for n in pc.unique(pc.utf8_trim_whitespace(column.cast(pa.string()))).to_pylist() if n]
    aliases = alias_table(pack)
    meant: dict[str, str | None] = dict(zip(aliases["alias"].to_pylist(), aliases["geoid"].to_pylist(), strict=True))
    official = official_names(pack.places)
    own = set(zip(official["alias"].to_pylist(), official["geoid"].to_pylist(), strict=True))
    town = dict(zip(pack.places["geoid"].to_pylist(), pack.places["name"].to_pylist(), strict=True))
    declared = {normalise_name(name): geoid for name, geoid in dataset.places.items()}
    lines: list[dict[str, object]] = []
    for name in distinct:  # each name once, not each line
        alias = normalise_name(name)
        geoid, reason, note, whole, by = meant.get(alias), "", "", True, "town name"
        if alias in declared:
            geoid, by = declared[alias] or None, "declared under [places]"
        elif alias not in meant:
            reason = f"{UNKNOWN}: {name}"
        elif geoid is None:
            reason = f"{AMBIGUOUS}: {name}"
        else:
            whole = (alias, geoid) in own
            note = "" if whole else f"another name of {town[geoid]}: {name}"
        none = alias in declared and not declared[alias]
        by = by if geoid else "not placed"
        lines.append(
            {WRITTEN: name, "geoid": geoid, REASON: reason, NOTE: note, PLACED_BY: by, "own": whole, "none": none}
        )
    texts = [(name, pa.string()) for name in (WRITTEN, "geoid", REASON, NOTE, PLACED_BY)]
    return pa.Table.from_pylist(lines, schema=pa.schema([*texts, ("own", pa.bool_()), ("none", pa.bool_())]))


def _as_places_were(counted: CountLines, pack: PlacesPack) -> CountLines:
    """A line of a place in a year through which it was still a part of another speaks of no place of that year."""
    lines = counted.lines
    early = pa.array(np.zeros(lines.num_rows, np.bool_))
    for span in formerly(pack.changes):  # a handful of places
        whole_year = pc.less(lines["year"], span.until.year)
        since = pc.greater(lines["year"], span.first.year) if span.first else True
        early = pc.or_(early, pc.and_(pc.and_(pc.equal(lines["geoid"], span.geoid), whole_year), since))
    early = pc.and_(
        pc.fill_null(early, fill_value=False), pc.is_in(lines["outcome"], pa.array(["published", "duplicate"]))
    )
    for name, words in (("outcome", "quarantined"), ("reasons", _NOT_THERE_YET)):
        lines = lines.set_column(lines.column_names.index(name), name, pc.if_else(early, words, lines[name]))
    return replace(counted, lines=lines)


def _outcomes(lines: pa.Table) -> tuple[Outcome, ...]:
    rows = lines.group_by(["outcome", "reasons"]).aggregate([(ROW, "count")]).to_pylist()
    counts = [Outcome(r["outcome"], r["reasons"], r[f"{ROW}_count"]) for r in rows]
    return tuple(sorted(counts, key=lambda c: (c.outcome, -c.rows, c.reason)))


def _texts(column: pa.ChunkedArray) -> tuple[Outcome, ...]:
    """The different texts in a column of texts joined by "; ", the most frequent first."""
    single = pc.list_flatten(pc.split_pattern(column, SEPARATOR))
    outcomes = [Outcome(v["values"], "", v["counts"]) for v in pc.value_counts(single).to_pylist() if v["values"]]
    return tuple(sorted(outcomes, key=lambda o: (-o.rows, o.outcome)))


def _remedies(reasons: pa.ChunkedArray) -> list[str]:
    """What to do about names that place nothing."""
    parted = [o.outcome.partition(": ") for o in _texts(reasons)]
    unplaced = sorted(name for reason, _, name in parted if reason in (UNKNOWN, AMBIGUOUS, PART_OF_A_TOWN))
    if not unplaced:
        return []
    return [
        f"Names that place nothing: {', '.join(unplaced)}. Say under [places] which town each is "
        '("Rutland" = "5002161225"), or that it is none of them ("State total" = "").'
    ]
