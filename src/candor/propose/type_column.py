"""The column of call types, found by what it holds where its header does not tell."""

from __future__ import annotations

from dataclasses import replace

from candor.portal.schema_model import Schema, SchemaColumn
from candor.portal.words import header_words
from candor.profiles.taxonomy import Taxonomy
from candor.propose.crosswalk import match_types
from candor.propose.mapping import LeftOut, Mapped, StandardMapping
from candor.propose.profiling import Column, Profile

_LOOKED_AT = 60
_TEXT = 60
"""Letters, on average, from which on values are texts: a narrative is never taken for a type."""
_ENOUGH = 0.3
"""From this share of rows with known kinds on, a column is taken for that of the types."""
_PLAIN = 0.6
"""From this share on, what the header tells is not doubted."""
_BETTER = 0.3
"""By so much another column has to be better than the one whose header tells."""
_WORDS_THEN = 0.05
"""The same where that one holds codes: words say more."""

_CODES = frozenset({"id", "code", "cd", "number", "key"})
_TELLS = frozenset(
    header_words(
        "type types nature offense offence crime crimes description desc descr code problem call signal tencode charge "
        "category complaint reason incident event title class classification violation ucr nibrs dispatched activity"
    )
)
# What was used, where it was, who went, how it ended: such columns have words of types too.
_TELLS_ELSE = frozenset(
    header_words(
        "disposition dispo status weapon weapons premise premises method location address street block place unit "
        "officer race sex gender narrative notes comments remarks agency department district beat zone sector precinct "
        "outcome clearance cleared action result source received priority shift division bureau neighborhood city town "
        "victim suspect offender relationship injury force domestic flag gang"
    )
)


def with_type_column(mapping: StandardMapping, profile: Profile, schema: Schema, taxonomy: Taxonomy) -> StandardMapping:
    """The mapping, with the column whose values are types of calls where no header told it, or told a lesser one."""
    wanted = schema.with_role("category")
    if wanted is None or not schema.counted:
        return mapping
    now = mapping.source_of(wanted.name)
    at_hand = known_share(profile.column(now), taxonomy) if now else 0.0
    codes = bool(now) and bool(set(header_words(now)) & _CODES)
    if at_hand >= _PLAIN and not codes:
        return mapping
    free = {c.source for c in mapping.left_out}
    known = {c.name: known_share(c, taxonomy) for c in profile.columns if c.name in free and _can_be(c)}
    if not known:
        return mapping
    best = max(known, key=lambda name: known[name])
    if known[best] < (at_hand + (_WORDS_THEN if codes else _BETTER) if now else _ENOUGH):
        return mapping
    return _with(mapping, schema, wanted, profile.column(best), now)


def _can_be(column: Column) -> bool:
    """Whether its values may be types: words, not all different, no times, and no texts."""
    if not column.labels or column.time_format or column.share("number") > 0.5 or column.mean_length > _TEXT:
        return False
    return column.distinct == 1 or column.distinct * 2 <= column.values or column.values < 50


def known_share(column: Column, taxonomy: Taxonomy) -> float:
    """How far its values are types: the share of rows of known kinds; more by its header and for several kinds."""
    labels = column.labels[:_LOOKED_AT]
    matches = match_types(labels, taxonomy, guessing=False)
    rows = sum(rows for _, rows in labels)
    sure = sum(m.rows * (1.0 if m.certainty in ("sure", "likely") else 0.5) for m in matches if m.category)
    groups = {c.slug: c.group for c in taxonomy.categories}
    several = len({groups[m.category] for m in matches if m.category})
    words = set(header_words(column.name))
    header = 0.15 * bool(words & _TELLS) - 0.4 * bool(words & _TELLS_ELSE)
    return sure / rows * (several / (several + 0.7)) + header if several else 0.0


def _with(
    mapping: StandardMapping, schema: Schema, wanted: SchemaColumn, found: Column, instead_of: str
) -> StandardMapping:
    """The mapping with the type's column, said."""
    said = f"{found.name} is taken for {wanted.name} by its values: most of its rows are of a kind that is known."
    if instead_of:
        said += f" {instead_of} has a header of such a column, and no such values."
    order = {c.name: at for at, c in enumerate(schema.columns)}
    left = [c for c in mapping.left_out if c.source != found.name]
    if instead_of:
        left.append(LeftOut(instead_of, f"{found.name} is taken for {wanted.name}"))
    unsure = [words for words in mapping.unsure if not words.startswith(f"No column was found for {wanted.name} ")]
    taken = Mapped(wanted.name, found.name, remarks=("Found by its values.",))
    columns = sorted((*(c for c in mapping.columns if c.name != wanted.name), taken), key=lambda c: order[c.name])
    return replace(mapping, columns=tuple(columns), left_out=tuple(left), unsure=(*unsure, said))
