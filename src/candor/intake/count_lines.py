"""Counts by place and year, line by line: text becomes typed, and every line gets its outcome.

A line is a place and a year with one count a category. What is empty was not reported and stays empty; what is no count
puts the whole line into quarantine, with the reason. Columnar on Arrow: such a file has a line a place and year.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from candor.portal.counts_model import CountsConfig
from candor.sources.base import ROW

APART = 0.2
"""From which difference, relative to the places' residents, the file's are called different."""

WRITTEN, REASON, NOTE, PLACED_BY = "written", "reason", "note", "placed_by"
PART_OF_A_TOWN = "by its residents only a part of its town"
_WHOLE = r"^([0-9]{1,12}|[0-9]{1,3}(,[0-9]{3}){1,3})(\.0+)?$"
_YEAR = r"^(1[89]|20)[0-9]{2}(\.0+)?$"
SEPARATOR = "; "


@dataclass(frozen=True)
class CountLines:
    """`lines`: `_row, written, geoid, year, residents`, a column of counts for each category (its slug), `outcome`,
    `reasons`, `notes`, `placed_by`; in the order of the file. `categories` are the slugs as they were declared.
    """

    lines: pa.Table
    categories: tuple[str, ...]

    @property
    def published(self) -> pa.Table:
        """The lines that stand."""
        return self.lines.filter(pc.equal(self.lines["outcome"], "published"))


def count_lines(
    raw: pa.Table, dataset: CountsConfig, names: pa.Table, residents: pa.Table, last_year: int
) -> CountLines:
    """Type, place and account for every line of `raw`, the landed file with its columns as text, in its order.

    `names` has each name of a place as it is `written`, once, with its `geoid`, `reason` (why it places nothing),
    `note`, `placed_by`, `own` (whether it is a name of the place as a whole and not, perhaps, of a part) and `none`
    (declared to be none of the towns); `residents` has `geoid, year, known`, the places' own numbers. `last_year` is
    the last year that is over.
    """
    slugs = tuple(dataset.categories)
    written = _trimmed(raw[dataset.columns.place])
    at = pc.index_in(written, value_set=names[WRITTEN].combine_chunks())
    named = {c: names[c].combine_chunks().take(at) for c in ("geoid", REASON, NOTE, PLACED_BY, "own", "none")}
    year, year_problem = _year(_trimmed(raw[dataset.columns.period]), last_year)
    counts, problems = {}, [_when(pc.is_null(written), "no place"), pc.fill_null(named[REASON], ""), year_problem]
    for slug, column in dataset.categories.items():
        counts[slug], wrong = _whole(_trimmed(raw[column]))
        problems.append(_when(wrong, f"no whole number from 0 on in the column {column}"))
    people, notes = _residents(raw, dataset)
    notes.append(pc.fill_null(named[NOTE], ""))
    apart = _apart(named["geoid"], year, people, residents)
    problems.append(_when(pc.and_(apart, pc.invert(named["own"])), _part_of_a_town(written)))
    notes.append(_when(pc.and_(apart, named["own"]), _differs(written)))

    placed_by = pc.fill_null(named[PLACED_BY], "not placed")
    columns = {WRITTEN: written, "geoid": named["geoid"], "year": year, "residents": people, **counts}
    reasons = _joined(problems)
    none = pc.fill_null(named["none"], fill_value=False)
    sound = pc.and_(pc.equal(reasons, ""), pc.invert(none))
    repeated, contradicting = _repeated(columns, sound)
    reasons = pc.if_else(contradicting, "other lines of the same place and year say something else", reasons)
    outcome = pc.case_when(
        pc.make_struct(none, pc.not_equal(reasons, ""), repeated), "withheld", "quarantined", "duplicate", "published"
    )
    reasons = pc.if_else(repeated, "an earlier line of the same place and year says the same", reasons)
    reasons = pc.if_else(none, pc.binary_join_element_wise("declared to be none of the towns", written, ": "), reasons)
    table = pa.table(
        {
            ROW: pa.array(range(1, raw.num_rows + 1), pa.int64()),
            **columns,
            "outcome": outcome,
            "reasons": reasons,
            "notes": pc.if_else(pc.equal(outcome, "published"), _joined(notes), ""),
            PLACED_BY: placed_by,
        }
    )
    return CountLines(table, slugs)


def _trimmed(column: pa.ChunkedArray) -> pa.Array:
    """Text without blanks around it; what is then empty is missing."""
    text = pc.utf8_trim_whitespace(column.cast(pa.string())).combine_chunks()
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _whole(text: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Whole numbers from 0 on, with or without commas between thousands; and where there is something else."""
    right = pc.fill_null(pc.match_substring_regex(text, _WHOLE), fill_value=False)
    digits = pc.replace_substring_regex(pc.if_else(right, text, pa.scalar(None, pa.string())), r"(\.0+)?$|,", "")
    return digits.cast(pa.int64()), pc.and_(pc.is_valid(text), pc.invert(right))


def _year(text: pa.Array, last_year: int) -> tuple[pa.Array, pa.Array]:
    right = pc.fill_null(pc.match_substring_regex(text, _YEAR), fill_value=False)
    year = pc.utf8_slice_codeunits(pc.if_else(right, text, pa.scalar(None, pa.string())), 0, 4).cast(pa.int64())
    late = pc.fill_null(pc.greater(year, last_year), fill_value=False)
    problem = pc.case_when(
        pc.make_struct(pc.is_null(text), pc.invert(right), late),
        "no year", "the year is none such as 2015", "the year is not over, so its counts are not final", "",
    )  # fmt: skip
    return year, problem


def _residents(raw: pa.Table, dataset: CountsConfig) -> tuple[pa.Array, list[pa.Array]]:
    if dataset.columns.residents is None:
        return pa.nulls(raw.num_rows, pa.int64()), []
    people, wrong = _whole(_trimmed(raw[dataset.columns.residents]))
    return people, [_when(wrong, "residents that are no whole number: the portal's own stand in their place")]


def _apart(geoid: pa.Array, year: pa.Array, people: pa.Array, residents: pa.Table) -> pa.Array:
    """Where the file's residents are more than `APART` off the places' own of that year."""
    key = pc.binary_join_element_wise(geoid, year.cast(pa.string()), " ")
    keys = pc.binary_join_element_wise(residents["geoid"], residents["year"].cast(pa.string()), " ").combine_chunks()
    known = residents["known"].combine_chunks().take(pc.index_in(key, value_set=keys)).cast(pa.float64())
    off = pc.greater(pc.abs(pc.subtract(people.cast(pa.float64()), known)), pc.multiply(known, APART))
    return pc.fill_null(off, fill_value=False)


def _part_of_a_town(written: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(PART_OF_A_TOWN, written, ": ")


def _differs(written: pa.Array) -> pa.Array:
    words = f"residents more than {APART:.0%} off the portal's own"
    return pc.binary_join_element_wise(words, written, ": ")


def _repeated(columns: dict[str, pa.Array], sound: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Of several sound lines of a place and year: those that repeat the first, and those that do not agree."""
    rows = pa.array(range(len(sound)), pa.int64())
    said = [pc.fill_null(columns[c].cast(pa.string()), "") for c in columns if c != WRITTEN]
    lines = pa.table(
        {
            "row": rows,
            "geoid": columns["geoid"],
            "year": columns["year"],
            "said": pc.binary_join_element_wise(*said, "|"),
        }
    ).filter(sound)
    keys = ["geoid", "year"]
    found = lines.group_by(keys).aggregate([("row", "min"), ("said", "count_distinct")])
    lines = lines.join(found, keys).sort_by("row")
    alike = pc.equal(lines["said_count_distinct"], 1)
    later = lines.filter(pc.and_(alike, pc.not_equal(lines["row"], lines["row_min"])))["row"]
    against = lines.filter(pc.invert(alike))["row"]
    return tuple(pc.is_in(rows, value_set=chosen.combine_chunks()) for chosen in (later, against))


def _when(condition: pa.Array, words: str | pa.Array) -> pa.Array:
    return pc.if_else(pc.fill_null(condition, fill_value=False), words, "")


def _joined(parts: list[pa.Array]) -> pa.Array:
    """The texts that are not empty, a separator between them."""
    filled = [pc.if_else(pc.equal(p, ""), pa.scalar(None, pa.string()), p) for p in parts]
    # An empty text first: where all are null, the result would have no element at all.
    joined = pc.binary_join_element_wise("", *filled, SEPARATOR, null_handling="skip")
    return pc.utf8_slice_codeunits(joined, len(SEPARATOR))
