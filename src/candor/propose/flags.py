"""In which columns an agency marks its records as sensitive: found by their headers and by what they hold."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from candor.portal.schema_model import Schema
from candor.portal.toml_text import comment, toml_list, toml_value
from candor.profiles.sensitive_words import sensitive_word
from candor.propose.flag_words import says_that_it_marks, says_what_it_was, subject_of
from candor.propose.mapping import StandardMapping
from candor.propose.own import OwnSchemaProposal
from candor.propose.profiling import Column, Profile

_YES = frozenset({"y", "yes", "1", "1.0", "t", "true", "x", "-1", "on", "checked", "✓", "✔", "☑"})
_NO = frozenset({"n", "no", "0", "0.0", "f", "false", "off", "unchecked", "-", "none", "n/a", "na", "not applicable"})
_UNKNOWN = frozenset({"u", "unk", "unknown", "undetermined", "not known", "not reported", "null", "."})
_DENIES = re.compile(
    r"^(?:no|not|non|none|n/?a|never|nothing|without|negative|unknown|unk|undetermined|unrelated|false|neither)\b"
    r"|\bnot\b|\bnon[- ]|\bno bias\b|\bunrelated\b|\bnone\b",
    re.IGNORECASE,
)
_MOST_LABELS = 200
_BLANK = 0.5
_OF_OTHERS = re.compile(
    r"(?<![a-z])(?:force|uof|arrest(?:ee|ed|s)?|stops?|stopped|citations?|driver|subject|suspect|inmate|booking|deceased"
    r"|race|sex|gender|ethnicity|age)(?![a-z])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Flag:
    """`[flags.<column>]` as proposed, and how many rows it marks."""

    column: str
    about: str
    no: tuple[str, ...] = ()
    yes: tuple[str, ...] = ()
    rows: int = 0
    why: str = ""

    @property
    def text(self) -> str:
        """The table in the data set's file."""
        cells = f"no = {toml_list(self.no)}" if self.no else f"yes = {toml_list(self.yes)}"
        return f"\n[flags.{toml_value(self.column)}]\nabout = {toml_value(self.about)}\n{cells}\n"


@dataclass(frozen=True)
class Flags:
    """The flags that are proposed, and what is said of them."""

    flags: tuple[Flag, ...] = ()
    said: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the source that are read for them."""
        return tuple(flag.column for flag in self.flags)

    @property
    def text(self) -> str:
        """The tables of `[flags]`; nothing where there are none."""
        if not self.flags:
            return ""
        head = comment(
            "Columns in which the agency marks rows as sensitive: never published, and neither is a row that is "
            "marked. no: the cells that mark nothing (every other one is a mark); yes: the cells that do."
        )
        return "\n" + head + "".join(flag.text for flag in self.flags)


def with_flags(
    mapping: StandardMapping, profile: Profile, schema: Schema, selecting: Collection[str]
) -> tuple[StandardMapping, Flags]:
    """The flags of a file beside those that its schema has columns for, and the mapping without what is said of them.

    What the schema reads and does not decide by, such as a disposition, may be a mark as well. `selecting`: the columns
    by which it is declared which rows count.
    """
    read = {name: column for m in mapping.columns if (column := schema.column(m.name)) for name in m.sources}
    decides = {name for name, column in read.items() if column.role != "none" or column.publish}
    flags = propose_flags(profile, {*decides, *selecting})
    left = tuple(c for c in mapping.left_out if c.source not in flags.columns)
    solved = tuple(f"{name} has the name of" for name in flags.columns)
    unsure = tuple(words for words in mapping.unsure if not words.startswith(solved)) if solved else mapping.unsure
    return replace(mapping, left_out=left, unsure=unsure), flags


def flags_of_own(profile: Profile, proposed: OwnSchemaProposal) -> tuple[OwnSchemaProposal, Flags]:
    """The flags of a file with columns of its own, and these columns without them.

    In rows about persons (force, arrests, stops) a mark is a column among others, which stays inside as such.
    """
    if sum(bool(_OF_OTHERS.search(_spaced(c.name))) for c in profile.columns) > 1:
        return proposed, Flags()
    flags = propose_flags(profile, {n for c in proposed.columns if c.column.role != "none" for n in c.sources})
    kept = tuple(c for c in proposed.columns if not set(c.sources) & set(flags.columns))
    gone = tuple(f"{c.column.name}{end}" for c in proposed.columns if c not in kept for end in (" ", ":"))
    unsure = tuple(words for words in proposed.unsure if not words.startswith(gone)) if gone else proposed.unsure
    return replace(proposed, columns=kept, unsure=unsure), flags


def propose_flags(profile: Profile, taken: Collection[str]) -> Flags:
    """The flags of a file. `taken` are columns that are read as something that decides, such as the call type."""
    found, said = [], []
    for column in (c for c in profile.columns if c.name not in taken):
        flag = _named(column, profile) or _labelled(column)
        if flag is not None:
            found.append(flag)
            said.append(
                f"{flag.column} is taken for a mark of the agency's ({flag.about.lower()}; {flag.why}): it marks "
                f"{flag.rows:,} rows, which are withheld ([flags])."
            )
        elif subject := _unclear(column):
            said.append(
                f"{column.name} sounds as if it marked rows ({subject}), and its cells do not tell which: where it "
                "does, write [flags]."
            )
    return Flags(tuple(found), tuple(said))


def _spaced(header: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header).replace("_", " ")


def _named(column: Column, profile: Profile) -> Flag | None:
    """The flag that a header speaks of, where the cells are such as mark."""
    subject = subject_of(column.name)
    if subject is None:
        return None
    no = _cells_of_no(column, profile)
    if no is None:
        return None
    folded = {value.lower() for value in no}
    marked = column.values - sum(rows for label, rows in column.labels if label.lower() in folded)
    if marked == 0 and not column.values and not says_that_it_marks(column.name):
        return None
    return Flag(column.name, subject.about, no=no, rows=marked, why="by its name")


def _cells_of_no(column: Column, profile: Profile) -> tuple[str, ...] | None:
    """The cells of a column that mark nothing; None where they cannot be told."""
    labels = [label for label, _ in column.labels]
    folded = {label.lower() for label in labels}
    blank = profile.rows - column.values
    if not column.values:
        return ("", "N", "No", "0", "False")
    if labels and folded <= _YES | _NO | _UNKNOWN:
        no = [label for label in labels if label.lower() not in _YES]
        if not blank and not no and folded == {"-1"}:
            return None
        return ("", *(no or ("N", "No", "0", "False")))
    if labels and column.share("integer") == 1 and (column.low or 0) >= 0 and column.high and column.high < 100:
        zero = [label for label in labels if float(label) == 0]
        return ("", *(zero or ["0"])) if zero or blank else None
    denies = [label for label in labels if _DENIES.search(label) or label.lower() in _NO | _UNKNOWN]
    if denies and len(labels) <= _MOST_LABELS and len(denies) < max(len(labels), 2):
        return ("", *denies)
    return ("",) if blank >= _BLANK * max(profile.rows, 1) else None


def _labelled(column: Column) -> Flag | None:
    """The flag in a column of labels, some of which say something sensitive: `Flags`: DV, gang, officer safety."""
    marks = says_that_it_marks(column.name)
    if not (marks or says_what_it_was(column.name)) or not 0 < len(column.labels) <= _MOST_LABELS:
        return None
    yes, about = {}, ""
    for label, _ in column.labels:
        for part in re.split(r"[;,|/]", label) if marks else [label]:
            if (found := sensitive_word(part)) and part.strip():
                yes[part.strip()] = found[1]
                about = about or found[1]
    if not yes or len(about) == 0:
        return None
    if len(set(yes.values())) > 1:
        about = " or ".join(dict.fromkeys(yes.values()))
    folded = {value.lower() for value in yes}
    rows = sum(
        n for label, n in column.labels
        if label.lower() in folded or {p.strip().lower() for p in re.split(r"[;,|/]", label)} & folded
    )  # fmt: skip
    return Flag(column.name, about[:1].upper() + about[1:], yes=tuple(yes), rows=rows, why="by what its cells say")


def _unclear(column: Column) -> str:
    """What a column may mark whose cells do not tell whether they do; empty where it speaks of nothing."""
    subject = subject_of(column.name)
    return subject.about.lower() if subject and says_that_it_marks(column.name) and column.values else ""
