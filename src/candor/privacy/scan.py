"""A scan of published text for what names or leads to a person: it blocks a release until somebody has looked.

It finds what stands in `scan_rules.toml`, and no more: docs/privacy-scan.md says how much that is. It is the last of
several guards (the allow list of columns, the release modes), and free text that it passes is not thereby safe.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from candor.engine.base import Engine
from candor.engine.functions import every_match
from candor.portal.problems import DataError
from candor.privacy.scan_rules import Rule, rules

EXAMPLES = 3

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
    """What one rule found in one column: in how many rows, and up to three examples with nothing left to read."""

    column: str
    rule: str
    kind: str
    says: str
    rows: int
    examples: tuple[str, ...]

    def words(self) -> str:
        """One clause."""
        shown = ", ".join(f'"{e}"' for e in self.examples)
        return f"{self.says} in {self.rows:,} {'row' if self.rows == 1 else 'rows'}, such as {shown}"


class PersonalInformationError(DataError):
    """Text that is to be published has what looks like personal information, and nobody has passed it."""

    def __init__(self, dataset: str, hits: Sequence[Hit]) -> None:
        self.hits = tuple(hits)
        columns = list(dict.fromkeys(h.column for h in hits))
        found = ". ".join(f"{c}: {'; '.join(h.words() for h in hits if h.column == c)}" for c in columns)
        super().__init__(
            f'What looks like personal information in the text of "{dataset}", masked here. {found}',
            "text without names, addresses and numbers of persons",
            f"Withhold {' and '.join(columns)} (publish = false), or have somebody read all of it and write into "
            f'datasets/{dataset}.toml, with the column: reviewed = "name, 2025-01-31, reason". Nothing was published',
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
    # One query for all columns: to make the expressions of all rules ready costs more than a thousand texts.
    tidy = counted.mutate(text=tidied(counted.text))
    found = {f"r{i}": ibis.ifelse(finds(tidy.text, rule), tidy.rows, 0).sum() for i, rule in enumerate(rules())}
    sums = {line.pop("column"): line for line in engine.arrow(tidy.group_by("column").aggregate(**found)).to_pylist()}
    rows = {
        (column, rule): int(sums[column][f"r{i}"])
        for column in text_columns
        for i, rule in enumerate(rules())
        if column in sums and sums[column][f"r{i}"]
    }
    shown = _examples(tidy, rows, engine)
    return tuple(
        Hit(column, rule.name, rule.kind, rule.says, number, tuple(shown[column, rule.name]))
        for (column, rule), number in rows.items()
    )


def refuse(dataset: str, hits: Sequence[Hit], reviewed: Mapping[str, str]) -> None:
    """Raise `PersonalInformationError` for hits in columns that no reviewer passed, and nothing else.

    `reviewed` has what stands in the data set's file: column -> "name, date, reason". Raises `DataError` where that is
    not a name, a date as 2025-01-31 and a reason.
    """
    for column, said in reviewed.items():
        if not _is_review(said):
            raise DataError(f'The review of {column} in datasets/{dataset}.toml says "{said}"',
                            'who, when and why: reviewed = "name, 2025-01-31, reason"',
                            "Write all three, parted by commas")  # fmt: skip
    if left := [h for h in hits if h.column not in reviewed]:
        raise PersonalInformationError(dataset, left)


def _is_review(said: str) -> bool:
    who, when, why = [*(part.strip() for part in said.split(",", 2)), "", ""][:3]
    try:
        return bool(who and why and date.fromisoformat(when))
    except ValueError:
        return False


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
