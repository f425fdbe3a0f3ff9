"""What the small model finds in columns of text: texts of harmless words alone are not asked, and each text once."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from candor.engine.base import Engine
from candor.privacy.texts.hits import EXAMPLES, Hit
from candor.privacy.texts.masks import masked_here, tidied_here
from candor.privacy.texts.spans import spans
from candor.privacy.texts.vocabulary import harmless_words, labels

MODEL_RULES = {
    "model-name": ("name", "a name as a small model reads it"),
    "model-address": ("address", "a house number and a street as a small model reads them"),
}
"""By name, as rules have them: the kind, and what is found."""

_PART = 20_000  # texts in memory at a time
_DIGITS = "0123456789abcdef"


def found_by_model(
    counted: ir.Table, few: pa.Table | None, engine: Engine, known: Collection[str] = ()
) -> tuple[Hit, ...]:
    """What the model finds in texts by column, with their numbers of rows; `few` are the same in memory, if they fit.

    `known`: words in lower case that name places here: a text of these and of harmless ones is not asked.
    """
    texts: dict[tuple[str, str], int] = {}
    rows: dict[tuple[str, str], int] = {}
    shown: dict[tuple[str, str], list[str]] = {}
    for part in [few] if few is not None else _parts(counted, engine):
        for (column, rule), found, number, examples in _found(part, known):
            of = column, rule
            texts[of] = texts.get(of, 0) + found
            rows[of] = rows.get(of, 0) + number
            shown[of] = heapq.nsmallest(EXAMPLES, {*shown.get(of, []), *examples})
    return tuple(
        Hit(column, rule, *MODEL_RULES[rule], texts[column, rule], rows[column, rule], tuple(shown[column, rule]))
        for column, rule in sorted(texts)
    )


def _parts(counted: ir.Table, engine: Engine) -> Iterator[pa.Table]:
    """The texts in parts that fit into memory, by lot: by the digits of their hashes."""
    number = engine.arrow(counted.aggregate(n=counted.count()))["n"][0].as_py()
    digits = 1 if number < _PART * len(_DIGITS) else 2
    hashed = counted.mutate(lot=counted.text.hexdigest("sha256")[:digits])
    for lot in [a + b for a in _DIGITS for b in (_DIGITS if digits == 2 else ("",))]:
        yield engine.arrow(hashed.filter(hashed.lot == lot).drop("lot"))


def _found(counted: pa.Table, known: Collection[str]) -> Iterator[tuple[tuple[str, str], int, int, list[str]]]:
    """By column and rule: in how many texts and rows something is found, and what, masked."""
    for rule, said in read_by_model(counted["text"], known).items():
        here = counted.append_column("said", said).filter(pc.is_valid(said))
        for column in pc.unique(here["column"]).to_pylist():
            of = here.filter(pc.equal(here["column"], column))
            examples = pc.unique(masked_here(of["said"]).combine_chunks())
            yield (column, rule), of.num_rows, pc.sum(of["rows"]).as_py(), examples.sort().to_pylist()[:EXAMPLES]


def read_by_model(texts: pa.ChunkedArray, known: Collection[str] = ()) -> dict[str, pa.Array]:
    """By the model's rules, of each text the first that is found in it, or null. The same text is asked once."""
    tidy = tidied_here(texts).combine_chunks()
    asked = pc.unique(tidy.filter(worth_asking(tidy, known)))
    if not len(asked):
        return {}
    where, read = pc.index_in(tidy, asked), list(zip(asked.to_pylist(), spans(asked.to_pylist()), strict=True))
    return {
        rule: pa.array(
            [next((text[s.start : s.end] for s in found if s.kind == kind), None) for text, found in read], pa.string()
        ).take(where)
        for rule, (kind, _) in MODEL_RULES.items()
    }


def worth_asking(texts: pa.Array, known: Collection[str] = ()) -> pa.Array:
    """Of each text whether it has a word of two letters and more that is neither harmless nor `known`.

    What a taxonomy says word for word is not asked.
    """
    lower = pc.utf8_lower(texts)
    words = pc.split_pattern_regex(lower, r"[^\p{L}\p{M}]+")
    flat, of = pc.list_flatten(words), pc.list_parent_indices(words)
    telling = pc.invert(pc.is_in(flat, pa.array([*harmless_words(), *known], pa.string())))
    telling = pc.and_(telling, pc.greater(pc.utf8_length(flat), 1))
    worth = pc.is_in(pa.array(range(len(texts)), pa.int64()), pc.unique(of.filter(telling)))
    return pc.and_(worth, pc.invert(pc.is_in(lower, pa.array(labels(), pa.string()))))
