"""What the rules of `scan_rules.toml` find in columns of text: one query of the engine for all of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import reduce

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from candor.engine.base import Engine
from candor.engine.functions import every_match
from candor.privacy.texts.hits import EXAMPLES, Hit
from candor.privacy.texts.masks import masked, tidied, tidied_here
from candor.privacy.texts.scan_rules import Rule, rules, rules_for

_LITTLE = 10_000  # characters of them all


def found_by_rules(
    counted: ir.Table, few: pa.Table | None, text_columns: Sequence[str], engine: Engine
) -> tuple[Hit, ...]:
    """What the rules find in texts by column, with their numbers of rows; `few` are the same in memory, if they fit."""
    asked = rules()
    if few is not None:
        # To make the expressions of all rules ready costs an engine more than to read a few thousand texts.
        asked, perhaps = _perhaps(few["text"])
        if not asked:
            return ()
        counted = engine.table(few.filter(perhaps))
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
    texts = tidied_here(texts)
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
