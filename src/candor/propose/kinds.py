"""The profile that a proposal is for, and the words by which its categories are found."""

from __future__ import annotations

from functools import cache

from candor.profiles.profile import Kind, standard_kinds
from candor.profiles.taxonomy import Category, Taxonomy
from candor.propose.call_words import phrase_words


def kind_of_schema(schema: str) -> Kind:
    """The profile whose rows have a standard schema. Raises `KeyError` where there is none."""
    found = next((kind for kind in standard_kinds().values() if kind.rows and kind.rows.name == schema), None)
    if found is None:
        raise KeyError(schema)
    return found


@cache
def matched_by(schema: str) -> Taxonomy:
    """The categories of the profile of a standard schema, each with the words of the calls of its kind as well.

    A phrase that two categories would have is that of the one that names it itself. Raises `KeyError` where no profile
    has the schema.
    """
    taxonomy = kind_of_schema(schema).taxonomy
    if not any(category.call_categories for category in taxonomy.categories):
        return taxonomy
    own = {phrase_words(phrase) for category in taxonomy.categories for phrase in category.words}
    by_call = {c.slug: c.words for kind in standard_kinds().values() if kind.profile.initiators
               for c in kind.taxonomy.categories}  # fmt: skip

    def with_calls(category: Category) -> Category:
        more = [w for slug in category.call_categories for w in by_call.get(slug, ())
                if phrase_words(w) not in own]  # fmt: skip
        return category.model_copy(update={"words": (*category.words, *more)})

    return Taxonomy(categories=tuple(map(with_calls, taxonomy.categories)))
