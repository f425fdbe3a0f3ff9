"""What kind of data a file holds: calls, incident reports, counts of offences, or something of its own.

Nothing is asked of a person who does not know the words yet: headers and values tell. What police were called to
and what they wrote down as offences differ in both; what is neither (stops, force, arrests) declares its own schema.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from candor.portal.words import header_words
from candor.profiles.catalogue import OFFENCES_BY_PLACE
from candor.profiles.profile import standard_taxonomy
from candor.propose.crosswalk import match_types
from candor.propose.kinds import matched_by
from candor.propose.profiling import Column, Profile
from candor.propose.type_column import known_share
from candor.propose.words import tokens

CALLS, REPORTS = "calls_for_service", "incident_reports"

_OF_CALLS = frozenset(
    {"call", "calls", "cfs", "cad", "dispatch", "dispatched", "dispatcher", "enroute", "onscene", "arrive", "arrived",
     "arrival", "onview", "priority", "unit", "units", "received", "caller", "911", "nature", "queue"}
)  # fmt: skip
_OF_REPORTS = frozenset(
    {"offense", "offenses", "offence", "offences", "crime", "crimes", "ucr", "nibrs", "ibr", "statute", "charge",
     "unfounded", "founded", "weapon", "victim", "victims", "occur", "occurred", "occurrence", "occurring", "against",
     "cleared", "clearance", "homicide", "larceny", "felony", "misdemeanor", "crm", "ofns", "occ", "cmplnt", "rptd"}
)  # fmt: skip
# Of a person, and of what police did to one: neither a call nor a report, whatever offence stands in the row.
_OF_OTHERS = frozenset(
    {"force", "arrest", "arrestee", "arrested", "stop", "stopped", "search", "searched", "citation", "cited", "warning",
     "pursuit", "driver", "subject", "race", "sex", "gender", "ethnicity", "age",
     "deceased", "death", "inmate", "booking", "allegation"}
)  # fmt: skip
# Facts of these persons stand in files of reports too.
_OF_REPORTED = frozenset({"victim", "vict", "vic", "suspect", "susp", "offender", "complainant", "comp"})
_OFFENCES = frozenset({"violent", "person", "property", "society", "sexual"})
"""Groups of incident reports that are offences; the others are in dispatch systems as well."""

_MOST_TYPES, _LOOKED_AT = 800, 60
_KNOWN = 0.35
"""From this share of rows on, the types are words of police."""


@dataclass(frozen=True)
class KindOfFile:
    """The schema that a file's rows are proposed to have, empty for one of their own, and why, in a sentence."""

    schema: str
    why: str


def kind_of_file(profile: Profile, file: str) -> KindOfFile:
    """What kind of data the columns tell of; `file` is the file's name, whose words count as a header's do."""
    if _counts_by_year(profile):
        return KindOfFile(
            OFFENCES_BY_PLACE, "it has a line for each place and year, with a column of counts for each kind of offence"
        )
    words = [set(header_words(c.name)) for c in profile.columns if c.values]
    named = set(re.findall(r"[a-z]+", file.rpartition(".")[0].lower()))
    of_calls, of_reports, of_others = (
        sum(bool(header & known) for header in words if known is not _OF_OTHERS or not header & _OF_REPORTED)
        + bool(named & known)
        for known in (_OF_CALLS, _OF_REPORTS, _OF_OTHERS)
    )
    types = _types(profile)
    if types is None:
        return KindOfFile("", "no column holds times, or none holds kinds of calls or of offences")
    known, offences = _shares(types)
    if (of_others > of_calls + of_reports and of_others > 2) or known < _KNOWN:
        return KindOfFile("", "its columns are neither those of calls nor those of incident reports")
    # What the rows are of weighs more than what the columns are called.
    score = 4 * (offences - 0.5) + of_reports - of_calls
    if score > 0:
        return KindOfFile(REPORTS, _said("offences", offences, types.name, of_reports))
    return KindOfFile(CALLS, _said("what police are called to", 1 - offences, types.name, of_calls))


def _said(what: str, share: float, column: str, headers: int) -> str:
    rows = f"{share:.0%} of the rows whose kind is known in {column} are {what}"
    return f"{rows}, and {headers} headers are such" if headers else rows


def _types(profile: Profile) -> Column | None:
    """The column whose words are most those of police; None where no column holds times, or none words."""
    if not any(c.time_format for c in profile.columns):
        return None
    worded = [c for c in profile.columns if 0 < c.distinct <= _MOST_TYPES and c.mean_length > 3 and not c.time_format]
    return max(worded, key=lambda c: known_share(c, matched_by(REPORTS)), default=None)


def _shares(types: Column) -> tuple[float, float]:
    """The share of rows whose kind is known, and of those the share that are offences: by the most common words."""
    taxonomy = matched_by(REPORTS)
    labels = [(label, rows) for label, rows in types.labels[:_LOOKED_AT] if re.search("[a-zA-Z]{3}", label)]
    rows = sum(rows for _, rows in types.labels[:_LOOKED_AT]) or 1
    by_group: dict[str, int] = {}
    groups = {c.slug: c.group for c in taxonomy.categories}
    for match in match_types(labels, taxonomy, guessing=False):
        if match.category:
            group = groups[match.category]
            by_group[group] = by_group.get(group, 0) + match.rows
    known = sum(by_group.values())
    return known / rows, sum(by_group.get(g, 0) for g in _OFFENCES) / (known or 1)


def _counts_by_year(profile: Profile) -> bool:
    """Whether a line is a place and year: a column of years, and three or more whole numbers named after offences."""
    phrases = {tokens(w) for c in standard_taxonomy("offences").categories for w in (*c.words, c.slug)}
    counts = [c for c in profile.columns if c.share("integer") >= 0.9 and tokens(c.name.replace("_", " ")) in phrases]
    return len(counts) >= 3 and any(_is_years(c) for c in profile.columns)


def _is_years(column: Column) -> bool:
    low, high = column.low, column.high
    return column.share("integer") >= 0.95 and low is not None and high is not None and 1900 <= low <= high <= 2200
