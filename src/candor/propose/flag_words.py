"""Words of headers in which agencies mark records: of what they mark them, and by which they say that they do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from candor.propose.words import header_words, singular


@dataclass(frozen=True)
class Subject:
    """What a flag may mark: `words` are whole, `stems` begin a word, `pairs` are words beside each other."""

    about: str
    words: frozenset[str]
    stems: tuple[str, ...] = ()
    pairs: frozenset[tuple[str, str]] = frozenset()


# What METHODS names as told in aggregates only, what the taxonomies have as sensitive, and records that an agency
# keeps to itself. The first that a header speaks of is what its mark is said to be about.
SUBJECTS = (
    Subject(
        "Suicide or self-harm",
        frozenset(),
        ("suicid",),
        frozenset({("self", "harm"), ("self", "injury"), ("self", "inflicted")}),
    ),
    Subject(
        "Mental health",
        frozenset({"mh", "mhi", "mhr", "mhrt", "edp", "cit", "crisis", "dementia", "committal"}),
        ("mental", "psych", "alzheim", "autis"),
        frozenset({("behavioral", "health"), ("behavioural", "health"), ("emotionally", "disturbed"), ("baker", "act"),
                   ("co", "responder"), ("emotional", "disturbance"), ("mobile", "crisis")}),
    ),
    Subject(
        "Domestic violence",
        frozenset({"dv", "dva", "dom", "ipv", "ddv", "stalking"}),
        ("domestic", "spous"),
        frozenset({("family", "violence"), ("intimate", "partner"), ("household", "violence"), ("dating", "violence"),
                   ("protection", "order"), ("protective", "order"), ("restraining", "order"), ("family", "offense")}),
    ),
    Subject(
        "A sexual matter",
        frozenset({"rape", "incest", "trafficking"}),
        ("sexual", "sexoff", "prostitut"),
        frozenset({("sex", "offense"), ("sex", "offence"), ("sex", "crime"), ("sex", "assault"), ("sex", "related"),
                   ("sex", "offender"), ("human", "trafficking")}),
    ),
    Subject(
        "A child or young person",
        frozenset(
            {"child", "children", "minor", "youth", "teen", "kid", "infant", "runaway", "underage", "cps", "dcf"}
        ),
        ("juv",),
        frozenset({("under", "18"), ("under", "eighteen"), ("under", "age"), ("under", "17"), ("under", "16")}),
    ),
    Subject(
        "An overdose",
        frozenset({"od", "opioid", "opiate"}),
        ("overdos", "narcan", "naloxon"),
        frozenset({("over", "dose")}),
    ),
    Subject("A medical matter", frozenset({"medical", "medic"}), (), frozenset({("health", "emergency")})),
    Subject(
        "Abuse of a vulnerable adult",
        frozenset({"elder", "aps"}),
        (),
        frozenset({("elderly", "abuse"), ("vulnerable", "adult"), ("elderly", "victim"), ("dependent", "adult"),
                   ("at", "risk")}),
    ),
    Subject("A bias incident", frozenset({"bias", "hate"})),
    Subject(
        "A record that its agency keeps to itself",
        frozenset({"confidential", "sensitive", "restricted", "sealed", "nonpublic", "expunged", "exempt"}),
        ("confidential",),
        frozenset({("not", "public"), ("non", "public"), ("not", "release"), ("victim", "privacy"),
                   ("privacy", "request")}),
    ),
)  # fmt: skip

MARKS = frozenset(
    {"flag", "flg", "indicator", "indicators", "ind", "yn", "related", "rel", "involved", "involvement", "inv", "is",
     "has", "was", "circumstance", "attribute", "modifier", "tag", "factor", "special", "caution", "alert", "qualifier",
     "keyword", "characteristic", "condition"}
)  # fmt: skip
"""Words by which a header says that its column marks."""

ENDS = frozenset({"disposition", "dispo", "outcome", "result", "clearance", "final", "secondary", "closing", "second"})
"""Words of columns that say a second time what a record was: what it turned out to be."""

_BEFORE, _BEHIND = r"(?:is|has|was|flag|flg|ind|f|b)?", r"(?:yn|ind|flag|flg|related|rel|involved|involvement|inv|y|s)?"
_LONG = 5
_NOT_ABOUT = frozenset({"departmental", "environmental"})
# A minor injury is no minor; a child seat no child; a dom is no domain.
_OTHERWISE = frozenset(
    {("minor", "civil"), ("minor", "injury"), ("minor", "injuries"), ("minor", "damage"), ("minor", "crash"),
     ("minor", "street"), ("child", "seat"), ("child", "support"), ("medical", "examiner"), ("sex", "code")}
)  # fmt: skip


def subject_of(header: str) -> Subject | None:
    """What a column would mark if it is a flag, by its header; None where it speaks of nothing of the kind.

    >>> subject_of("ISDVFLAG").about, subject_of("MentalHealthYN").about, subject_of("Narcan given?").about
    ('Domestic violence', 'Mental health', 'An overdose')
    >>> subject_of("Minor Civil Division"), subject_of("Environmental")
    (None, None)
    """
    words = tuple(singular(word) for word in header_words(header))
    pairs = {*pairwise(words), *pairwise(header_words(header))}
    if pairs & _OTHERWISE:
        return None
    return next((s for s in SUBJECTS if pairs & s.pairs or any(_speaks(s, word) for word in words)), None)


def _speaks(subject: Subject, word: str) -> bool:
    if word in subject.words:
        return True
    for stem in subject.stems:
        if re.match(_BEFORE + stem, word) and word not in _NOT_ABOUT:
            return True
    return any(re.fullmatch(_BEFORE + re.escape(known) + _BEHIND, word) for known in _written_together(subject))


def _written_together(subject: Subject) -> Iterator[str]:
    """Words that stand in a header with others and no blank: `DVYN`, `FAMILYVIOLENCE`."""
    yield from subject.words
    yield from ("".join(pair) for pair in subject.pairs if len("".join(pair)) > _LONG)


def says_that_it_marks(header: str) -> bool:
    """Whether a header says that its column marks, of whatever."""
    return bool({singular(word) for word in header_words(header)} & MARKS)


def says_what_it_was(header: str) -> bool:
    """Whether a column says a second time what a record was."""
    return bool(set(header_words(header)) & ENDS)
