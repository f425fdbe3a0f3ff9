"""What every step of a run needs to know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from candor.accounting.progress import Steps
from candor.accounting.records import Places
from candor.engine.base import Engine
from candor.errors import DataError
from candor.places.called import portal_nouns
from candor.places.denominator_file import Denominator
from candor.places.pack import PlacesPack
from candor.portal.calendar import Calendar
from candor.portal.coverage import agencies
from candor.portal.model import Portal
from candor.profiles.profile import Kind, from_rows
from candor.profiles.taxonomy import Taxonomy
from candor.vocabulary.wording import Wording

_WORD: Final = re.compile(r"[^\W\d_]+")


def words_of(text: str) -> frozenset[str]:
    """The words of a text, in lower case."""
    return frozenset(_WORD.findall(text.lower()))


@dataclass(frozen=True)
class Context:
    """What every step of a run needs to know. `now` is the portal's clock: wall time in its zone, without one.

    `kinds`: its profiles, by name, with their categories as the portal's own rules have them. `similar`: the group of
    each town by GEOID, where the portal declares them.
    """

    portal: Portal
    kinds: Mapping[str, Kind]
    pack: PlacesPack | None
    places: Places | None
    engine: Engine
    now: datetime
    scratch: Path
    steps: Steps
    denominators: tuple[Denominator, ...] = ()
    similar: Mapping[str, str] | None = None

    def kind_of(self, dataset: str) -> Kind | None:
        """The profile that counts a data set; None where none does."""
        schema = self.portal.declared[dataset].schema_
        return next((k for k in self.kinds.values() if schema in k.profile.schemas), None)

    def taxonomy_of(self, dataset: str) -> Taxonomy:
        """The categories of a data set: those of its profile. No row of a data set without one has any of these."""
        return (self.kind_of(dataset) or from_rows(self.kinds)).taxonomy

    @cached_property
    def wording(self) -> Wording:
        """What is said of towns, in the portal's nouns."""
        return Wording(portal_nouns(self.portal.config, self.pack))

    @cached_property
    def place_words(self) -> frozenset[str]:
        """The words, in lower case, of what is here: the places, what they lie in, and the agencies."""
        named = [self.portal.config.jurisdiction]
        if self.pack is not None:
            named += [n for column in ("name", "county") for n in self.pack.places[column].unique().to_pylist() if n]
        for dataset in self.portal.datasets.values():
            named += [one.agency for one in agencies(dataset, self.portal.root)]
        return frozenset().union(*map(words_of, named))

    @cached_property
    def place_names(self) -> frozenset[str]:
        """The names of the places, in small letters."""
        return frozenset(str(n).lower() for n in self.pack.places["name"].to_pylist()) if self.pack else frozenset()

    @property
    def with_places(self) -> PlacesPack:
        """The places. Raises `DataError` where the portal has none."""
        if self.pack is None:
            raise DataError(
                "The portal has no places", "a places pack", "Run `candor places import` or `candor places fetch`."
            )
        return self.pack

    @property
    def today(self) -> date:
        """The day of the portal's clock."""
        return self.now.date()

    def calendar(self, dataset: str = "") -> Calendar:
        """When what is published; a data set may need another time for its months."""
        settling = self.portal.config.settling
        own = self.portal.datasets[dataset].settling if dataset in self.portal.datasets else None
        return Calendar(own.days if own else settling.days, settling.quarter_days, settling.year_days)
