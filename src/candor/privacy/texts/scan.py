"""A scan of published text for what names or leads to a person: it blocks a release until somebody has looked.

It finds what stands in `scan_rules.toml`, and no more: docs/privacy-scan.md says how much that is. It is the last of
several guards (the allow list of columns, the release modes), and free text that it passes is not thereby safe.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from candor.engine.base import Engine
from candor.engine.functions import every_match
from candor.errors import DataError
from candor.portal.declared import Review
from candor.portal.schema_model import Schema
from candor.privacy.texts.scan_rules import Rule, rules, rules_for

EXAMPLES = 3
_FEW = 5_000  # texts
_LITTLE = 10_000  # characters of them all
_TEXTS = ("text", "category")
_FROM_SOURCE = ("agency",)
"""Of the columns made on the way the one that a source may have written; the others hold words of ours."""

# One kind of blank, apostrophe and dash; what has no width goes.
_TIDY = (
    ("[\u200b\u200c\u200d\u2060\ufeff\u00ad]", ""),
    ("[\u2018\u2019\u02bc\u0060\u00b4]", "'"),
    ("[\u2010-\u2015\u2212]", "-"),
    ("[ \t\r\n\u000b\u000c\u00a0\u2000-\u200a\u2028\u2029\u202f\u3000]+", " "),
)
# Digits, capitals, then whatever is no punctuation: nothing of a name is left in any script.
_MASK = (("[0-9]", "#"), ("[A-ZÀ-ÖØ-Þ]", "X"), ("[^#X .,;:@/()'_%+-]", "x"))


@dataclass(frozen=True)
class Hit:
    """What one rule found in one column: in how many different texts and rows, and up to three masked examples."""

    column: str
    rule: str
    kind: str
    says: str
    texts: int
    rows: int
    examples: tuple[str, ...]

    def words(self) -> str:
        """One clause."""
        shown = ", ".join(f'"{e}"' for e in self.examples)
        of = f"{self.texts:,} {'text' if self.texts == 1 else 'texts'}"
        return f"{self.says} in {of} ({self.rows:,} {'row' if self.rows == 1 else 'rows'}), such as {shown}"


class PersonalInformationError(DataError):
    """Text that is to be published has what looks like personal information, and nobody has passed it."""

    def __init__(self, dataset: str, hits: Sequence[Hit]) -> None:
        self.hits = tuple(hits)
        columns = list(dict.fromkeys(h.column for h in hits))
        found = ". ".join(f"{c}: {'; '.join(h.words() for h in hits if h.column == c)}" for c in columns)
        super().__init__(
            f'What looks like personal information in the text of "{dataset}", masked here. {found}',
            "text without names, addresses and numbers of persons",
            f"Withhold {' and '.join(columns)} (publish = false), or correct the texts in the source. Where somebody "
            f"has read all of it and it is none, write into datasets/{dataset}.toml: "
            + " ".join(_review(c, [h for h in hits if h.column == c]) for c in columns)
            + " Nothing was published",
        )


def _review(column: str, hits: Sequence[Hit]) -> str:
    passed = ", ".join(f"{h.rule} = {h.texts}" for h in hits)
    return (
        f'[reviewed.{column}] with name = "..", date = 2025-01-31, reason = ".." and hits = {{ {passed} }}, '
        "together with what it passes already."
    )


def texts_of(schema: Schema, columns: Collection[str]) -> tuple[str, ...]:
    """Of the published `columns` those that are scanned: texts and labels as a source has them, hashes apart."""
    return tuple(
        c.name
        for c in schema.columns
        if c.name in columns
        and c.publish
        and c.type in _TEXTS
        and c.generalise == "none"
        and (not c.derived or c.name in _FROM_SOURCE)
    )


def scan(table: ir.Table, text_columns: Sequence[str], engine: Engine) -> tuple[Hit, ...]:
    """What the rules find in the columns, by column and rule, in their order; nothing where they find nothing.

    `table` is what is to be published. A text that stands in many rows is read once. Two rules may find the same name.
    """
    if not text_columns:
        return ()
    texts = ibis.union(*(table.select(column=ibis.literal(c), text=table[c]) for c in text_columns), distinct=False)
    texts = texts.filter(texts.text.notnull())
    counted = texts.group_by("column", "text").aggregate(rows=texts.count())
    asked, first = rules(), engine.arrow(counted.limit(_FEW + 1))
    if first.num_rows <= _FEW:
        # To make the expressions of all rules ready costs an engine more than to read a few thousand texts.
        asked, perhaps = _perhaps(first["text"])
        if not asked:
            return ()
        counted = engine.table(first.filter(perhaps))
    # One query for all columns, for the same reason.
    tidy = counted.mutate(text=tidied(counted.text))
    # A rule is applied once to each text; what is summed afterwards are marks.
    marked = tidy.select("column", "rows", **{f"f{i}": finds(tidy.text, rule) for i, rule in enumerate(asked)})
    sums = {f"t{i}": ibis.ifelse(marked[f"f{i}"], 1, 0).sum() for i, _ in enumerate(asked)}
    sums |= {f"r{i}": ibis.ifelse(marked[f"f{i}"], marked.rows, 0).sum() for i, _ in enumerate(asked)}
    found = {line["column"]: line for line in engine.arrow(marked.group_by("column").aggregate(**sums)).to_pylist()}
    number = {
        (column, rule): (int(found[column][f"t{i}"]), int(found[column][f"r{i}"]))
        for column in text_columns
        for i, rule in enumerate(asked)
        if column in found and found[column][f"t{i}"]
    }
    shown = _examples(tidy, number, engine)
    return tuple(
        Hit(column, rule.name, rule.kind, rule.says, texts, rows, tuple(shown[column, rule.name]))
        for (column, rule), (texts, rows) in number.items()
    )


def _perhaps(texts: pa.ChunkedArray) -> tuple[tuple[Rule, ...], pa.ChunkedArray]:
    """The rules that may find something, and the texts in which: those that hold it, whatever else a rule asks for."""
    for pattern, by in _TIDY:
        texts = pc.replace_substring_regex(texts, pattern, by)
    texts = pc.replace_substring(pc.replace_substring(texts, "[", "("), "]", ")")
    whole = "\n".join(texts.to_pylist())
    found = {rule: _where(texts, rule) for rule in (rules_for(whole) if len(whole) < _LITTLE else rules())}
    found = {rule: where for rule, where in found.items() if pc.any(where).as_py()}
    return tuple(found), reduce(pc.or_, found.values(), pa.scalar(value=False))


def _where(texts: pa.ChunkedArray, rule: Rule) -> pa.ChunkedArray:
    """In which tidied texts a rule may find something."""
    if not rule.within:
        return pc.match_substring_regex(texts, rule.find)
    telling = pc.match_substring_regex(texts, rule.within)
    return pc.and_(telling, pc.match_substring_regex(texts, rule.find)) if pc.any(telling).as_py() else telling


def unpassed(hits: Sequence[Hit], reviewed: Mapping[str, Review]) -> tuple[Hit, ...]:
    """The hits that no review passes: without one of the column, beyond its rules, or in more texts than it says."""
    return tuple(h for h in hits if h.column not in reviewed or h.texts > reviewed[h.column].hits.get(h.rule, 0))


def refuse(dataset: str, hits: Sequence[Hit], reviewed: Mapping[str, Review]) -> None:
    """Raise `PersonalInformationError` for hits that no review in the data set's file passes, and nothing else."""
    if left := unpassed(hits, reviewed):
        raise PersonalInformationError(dataset, left)


def tidied(text: ir.StringValue) -> ir.StringValue:
    """The text with one kind of blank, dash and apostrophe: what the rules are written for."""
    for pattern, by in _TIDY:
        text = text.re_replace(pattern, by)
    # No bracket stands in the rules: java.util.regex reads one in a class as another class.
    return text.replace("[", "(").replace("]", ")")


def finds(text: ir.StringValue, rule: Rule) -> ir.BooleanValue:
    """Whether the rule finds something in a tidied text that is not empty."""
    if not (rule.unless or rule.must):
        found = text.re_search(rule.find)
        return found & text.re_search(rule.within) if rule.within else found
    return _secrets(text, rule).length() > 0


def _secrets(text: ir.StringValue, rule: Rule) -> ir.ArrayValue:
    def secret(found: ir.StringValue) -> ir.BooleanValue:
        holds = found.notnull()
        for pattern in rule.unless:
            holds &= ~found.re_search(pattern)
        for pattern in rule.must:
            holds &= found.re_search(pattern)
        return holds

    where = ibis.ifelse(text.re_search(rule.within), text, "") if rule.within else text
    return every_match(where, rule.find, 1).filter(secret)


def _examples(texts: ir.Table, hits: Collection[tuple[str, Rule]], engine: Engine) -> dict[tuple[str, str], list[str]]:
    """Of each column and rule that has a hit, the first examples in their order, masked."""
    if not hits:
        return {}
    parts = []
    for rule in dict.fromkeys(rule for _, rule in hits):
        found = texts.select("column", rule=ibis.literal(rule.name), secrets=_secrets(texts.text, rule))
        found = found.filter(found.secrets.length() > 0)
        parts.append(found.select("column", "rule", example=masked(found.secrets[0])))
    every = ibis.union(*parts, distinct=True)
    first = every.mutate(n=ibis.row_number().over(group_by=("column", "rule"), order_by="example"))
    shown: dict[tuple[str, str], list[str]] = {}
    for line in engine.arrow(first.filter(first.n < EXAMPLES).order_by("column", "rule", "n")).to_pylist():
        shown.setdefault((line["column"], line["rule"]), []).append(line["example"])
    return shown


def masked(text: ir.StringValue) -> ir.StringValue:
    """Digits as #, capitals as X, everything else but punctuation as x."""
    for pattern, by in _MASK:
        text = text.re_replace(pattern, by)
    return text
