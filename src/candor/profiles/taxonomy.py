"""The standard categories of calls for service, in two levels, as `categories.csv` declares them.

The list is ours, made after the scope of APCO ANS 2.103 (Public Safety Communications Common Incident Types). Each
category says who begins such a call, whether it is sensitive (METHODS.md, Protection 2), and, where its rows are not
published, why. `words` are the phrases by which a proposal recognises an agency's own call types.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from pydantic import Field, field_validator, model_validator

from candor.portal.declared import NAME, Declared
from candor.portal.model import InitiatedBy, ReleaseMode, Sensitivity

UNMAPPED = "unmapped"
COUNTED_APART = "marked-sensitive"
"""The category, and its group, under which calls of open categories are counted whose rows are withheld."""


class Category(Declared):
    """A standard category and the group it belongs to. A sensitive one is never released as records."""

    slug: str = Field(pattern=NAME)
    label: str = Field(min_length=1)
    group: str = Field(pattern=NAME)
    group_label: str = Field(min_length=1)
    definition: str = Field(min_length=1)
    initiated_by: InitiatedBy
    sensitivity: Sensitivity
    release: ReleaseMode
    reason: str = ""
    words: tuple[str, ...] = ()

    @field_validator("words", mode="before")
    @classmethod
    def _phrases(cls, value: object) -> object:
        return tuple(w.strip() for w in value.split(";") if w.strip()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _sensitive_with_reason(self) -> Category:
        if self.sensitivity == "sensitive" and (self.release == "records" or not self.reason):
            raise ValueError("a sensitive category is released as aggregates or withheld, with its reason")
        if self.release != "records" and not self.reason:
            raise ValueError("a category whose rows are not published says why")
        return self


class Taxonomy(Declared):
    """All categories, in the order of the file."""

    categories: tuple[Category, ...]

    @property
    def sensitive(self) -> tuple[str, ...]:
        """The sensitive categories: no total includes one."""
        return tuple(c.slug for c in self.categories if c.sensitivity == "sensitive")

    def get(self, slug: str) -> Category | None:
        """The category of that slug."""
        return next((c for c in self.categories if c.slug == slug), None)

    def __getitem__(self, slug: str) -> Category:
        """The category of that slug. Raises `KeyError` where there is none."""
        found = self.get(slug)
        if found is None:
            raise KeyError(slug)
        return found

    @property
    def slugs(self) -> tuple[str, ...]:
        """Every slug, in order."""
        return tuple(c.slug for c in self.categories)

    @property
    def groups(self) -> dict[str, str]:
        """The groups' slugs and labels, in order."""
        return {c.group: c.group_label for c in self.categories}

    @property
    def unmapped(self) -> Category:
        """What a call of a type that nobody mapped is: sensitive, until the publisher says what it is."""
        return next(c for c in self.categories if c.slug == UNMAPPED)


@cache
def load_taxonomy() -> Taxonomy:
    """The taxonomy that comes with the product."""
    text = resources.files("candor.profiles").joinpath("categories.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return Taxonomy(categories=tuple(Category.model_validate(row) for row in rows))
