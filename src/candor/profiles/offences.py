"""The standard categories of verified offences, as `offences.csv` declares them: a list of its own, never the calls'.

An offence is what the police recorded after looking into it; a call is what somebody asked for. `call_categories` names
the calls of the same kind, where there are such, so that the two can stand side by side for the same town and year.
Groups follow the FBI's (violent, other persons, property, society); the definitions are in our own words.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from pydantic import Field, field_validator, model_validator

from candor.portal.declared import NAME, Declared
from candor.portal.model import Sensitivity


class OffenceCategory(Declared):
    """A standard category of offences and the group it belongs to. `words` are how files' headers call it."""

    slug: str = Field(pattern=NAME)
    label: str = Field(min_length=1)
    group: str = Field(pattern=NAME)
    group_label: str = Field(min_length=1)
    definition: str = Field(min_length=1)
    sensitivity: Sensitivity
    reason: str = ""
    call_categories: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @field_validator("call_categories", "words", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(w.strip() for w in value.split(";") if w.strip()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _sensitive_with_reason(self) -> OffenceCategory:
        if self.sensitivity == "sensitive" and not self.reason:
            raise ValueError("a sensitive category says why")
        return self


class OffenceTaxonomy(Declared):
    """All categories of offences, in the order of the file."""

    categories: tuple[OffenceCategory, ...]

    def get(self, slug: str) -> OffenceCategory | None:
        """The category of that slug."""
        return next((c for c in self.categories if c.slug == slug), None)

    @property
    def slugs(self) -> tuple[str, ...]:
        """Every slug, in order."""
        return tuple(c.slug for c in self.categories)

    @property
    def sensitive(self) -> frozenset[str]:
        """The slugs whose small counts are withheld, and which no total contains."""
        return frozenset(c.slug for c in self.categories if c.sensitivity == "sensitive")


@cache
def load_offences() -> OffenceTaxonomy:
    """The categories of offences that come with the product."""
    text = resources.files("candor.profiles").joinpath("offences.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return OffenceTaxonomy(categories=tuple(OffenceCategory.model_validate(row) for row in rows))
