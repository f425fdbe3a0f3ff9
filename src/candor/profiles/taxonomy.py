"""The categories of a profile, in two levels, as its `categories.csv` declares them.

Those of calls are ours, made after the scope of APCO ANS 2.103 (Public Safety Communications Common Incident Types).
Those of verified offences follow the FBI's groups (violent, other persons, property, society); the definitions are in
our own words. Each category says whether it is sensitive (METHODS.md, Protection 2), and, where its rows are not
published, why; of calls also who begins them. `words` are the phrases by which a proposal recognises them in a source.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from candor.portal.declared import NAME, Declared
from candor.portal.schema_model import InitiatedBy, ReleaseMode, Sensitivity

UNMAPPED = "unmapped"
COUNTED_APART = "marked-sensitive"
"""The category, and its group, under which calls of open categories are counted whose rows are withheld."""


class Category(Declared):
    """A category and the group it belongs to. A sensitive one is never released as records.

    `call_categories` names the calls of the same kind, where there are such, so that the two can stand side by side for
    the same town and year.
    """

    slug: str = Field(pattern=NAME)
    label: str = Field(min_length=1)
    group: str = Field(pattern=NAME)
    group_label: str = Field(min_length=1)
    definition: str = Field(min_length=1)
    initiated_by: InitiatedBy | Literal[""] = ""
    sensitivity: Sensitivity
    release: ReleaseMode = "aggregates"
    reason: str = ""
    call_categories: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @field_validator("call_categories", "words", mode="before")
    @classmethod
    def _phrases(cls, value: object) -> object:
        return tuple(w.strip() for w in value.split(";") if w.strip()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _sensitive_with_reason(self) -> Category:
        if self.sensitivity == "sensitive" and (self.release == "records" or not self.reason):
            raise ValueError("a sensitive category is released as aggregates or withheld, with its reason")
        if self.initiated_by and self.release != "records" and not self.reason:
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
