"""The release in force and all that the pages need of it, loaded once and swapped whole."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TypeVar, cast

from candor.published.cache import Remembered
from candor.published.errors import NoSuchDatasetError, NoSuchPageError, NothingPublishedError, WithdrawnError
from candor.published.figures import Figures, load_figures
from candor.published.memory import give_back
from candor.published.model import LayerKey
from candor.published.search import Names
from candor.published.tables import SCAN, Tables
from candor.store.dataset_model import DatasetVersion
from candor.store.model import PublicCategory, Release
from candor.store.public import PublicStore
from candor.store.tombstones import Withdrawal
from candor.vocabulary.nouns import Nouns
from candor.vocabulary.wording import Wording

NAMES = "town-names"

Made = TypeVar("Made")

log = logging.getLogger(__name__)


class Published:
    """A release with its figures, names and tables. Never changed; a request keeps the one that it began with."""

    def __init__(self, store: PublicStore, release: Release) -> None:
        self.release = release
        self.tables = Tables(store.folder, store.files)
        found = {p.name: load_figures(self.tables, release, p) for p in release.profiles}
        self.layers: Mapping[LayerKey, Figures] = {layer: figures for layer, figures in found.items() if figures}
        self.figures = self.layers.get(release.monthly.name)
        self.names = self._names()
        self.pages = Remembered()
        self.pictures = Remembered()
        self.withdrawn = store.withdrawn()
        self._store = store
        self._made: dict[str, object] = {}
        self._making = threading.Lock()

    def once(self, key: str, make: Callable[[], Made]) -> Made:
        """What `make` makes of this release, made when it is first asked for under a key."""
        with self._making:
            if key not in self._made:
                self._made[key] = make()
            return cast("Made", self._made[key])

    @cached_property
    def mark(self) -> str:
        """What is different where the release is another one, and where something was withdrawn from it."""
        return hashlib.sha256(self.release.model_dump_json().encode()).hexdigest()

    @cached_property
    def wording(self) -> Wording:
        """The portal's nouns, and the names that others gave, which no noun changes."""
        nouns = self.release.portal.nouns
        return Wording(Nouns(**nouns.model_dump()), others_names(self)) if nouns else Wording()

    @cached_property
    def categories(self) -> Mapping[str, PublicCategory]:
        """The categories by slug."""
        return {c.slug: c for c in self.release.kinds()}

    @cached_property
    def groups(self) -> Mapping[str, str]:
        """The groups' labels by slug, in the taxonomy's order."""
        return {c.group: c.group_label for c in self.release.kinds()}

    @cached_property
    def unplaced(self) -> tuple[tuple[str, int], ...]:
        """The cube's lines of no town, `Not placed` and `Outside the declared coverage`: calls in open categories."""
        profile = self.release.monthly
        counts = self.release.dataset(profile.tables.counts)
        if counts is None:
            return ()
        rows = self.tables.rows(
            f"SELECT place, sum({profile.count}) FROM {SCAN} WHERE coalesce(geoid, '') = ''"
            " AND list_contains(?, category) GROUP BY place ORDER BY place",
            [self.tables.files(counts), [c.slug for c in self.release.kinds() if c.sensitivity == "open"]],
        )
        return tuple((place, int(calls or 0)) for place, calls in rows)

    @cached_property
    def _history(self) -> Mapping[str, tuple[DatasetVersion, ...]]:
        """Every version of every data set of the release, the newest first, with those that were withdrawn."""
        own = (*self.release.datasets, *self.release.withdrawn)
        found: dict[str, dict[int, DatasetVersion]] = {d.name: {} for d in own}
        for release in self._store.releases():
            for dataset in (*release.datasets, *release.withdrawn):
                if release.number <= self.release.number and dataset.name in found:
                    found[dataset.name].setdefault(dataset.version, dataset)
        return {name: tuple(versions[n] for n in sorted(versions, reverse=True)) for name, versions in found.items()}

    def dataset(self, name: str, version: str | None = None) -> DatasetVersion:
        """The data set of that name or 4x4, in force or in an older version.

        Raises `WithdrawnError`, `NoSuchDatasetError` or, where there is no such version, `NoSuchPageError`.
        """
        self._refuse_withdrawn(name, version)
        gone = next((d for d in self.release.withdrawn if name in (d.name, d.id)), None)
        current = self.release.dataset(name) or gone
        if current is None:
            names = ", ".join(d.name for d in self.release.datasets)
            raise NoSuchDatasetError("There is no data set of that name", names, data={"id": name[:100]})
        if version is None:
            self.require(current.name)
            return current
        found = next((v for v in self.versions(current) if str(v.version) == version), None)
        if found is None:
            numbers = ", ".join(str(v.version) for v in self.versions(current) if not v.withdrawn)
            raise NoSuchPageError(f"{current.name} has no such version", numbers, "Choose one of its versions")
        return found

    def require(self, *names: str) -> None:
        """Raise `WithdrawnError` where one of these data sets of the release was withdrawn from it."""
        for gone in self.release.withdrawn:
            if gone.name in names and gone.withdrawn:
                raise _withdrawn(f"Version {gone.version} of {gone.name}, the newest,", gone.name, gone.withdrawn)

    def _refuse_withdrawn(self, name: str, version: str | None) -> None:
        for stone in self.withdrawn:
            if name in (stone.dataset, stone.id):
                if stone.what == "data set":
                    raise _withdrawn(f"The data set {stone.dataset}", "", stone)
                if stone.what == "version" and str(stone.version) == version:
                    raise _withdrawn(f"Version {version} of {stone.dataset}", stone.dataset, stone)

    def versions(self, dataset: DatasetVersion) -> tuple[DatasetVersion, ...]:
        """Every version of a data set up to this release, the newest first."""
        return self._history[dataset.name]

    def _names(self) -> Names:
        names = self.release.dataset(NAMES)
        rows = self.tables.rows(f"SELECT name, geoid FROM {SCAN}", [self.tables.files(names)]) if names else []
        return Names(self.figures.places if self.figures else (), [(str(n), str(g)) for n, g in rows])


def others_names(held: Published) -> Iterator[str]:
    """What others wrote in a release: names of places and agencies, and what the publisher says of the portal."""
    release, portal = held.release, held.release.portal
    for figures in held.layers.values():
        for place in figures.places:
            yield from (place.name, place.full_name, place.county)
    yield from held.names.written
    yield from (c.agency for c in release.coverage)
    yield from (portal.title, portal.jurisdiction, portal.contact, portal.about, portal.boundaries_source)
    yield from (text for d in portal.denominators for text in (d.title, d.description, d.source))
    yield from (change.note for change in portal.place_changes)
    for dataset in release.datasets:
        if dataset.kind == "rows":
            yield from (dataset.title, dataset.licence, *dataset.caveats)


def _withdrawn(what: str, rest: str, said: Withdrawal) -> WithdrawnError:
    return WithdrawnError(
        f"{what} was withdrawn on {said.on.day} {said.on:%B %Y}: {said.reason}",
        remedy=f"Where other versions are left they are at /datasets/{rest}?version=N" if rest else "",
        data={"withdrawn_on": said.on.isoformat(), "reason": said.reason.value},
    )


_Held = tuple[object, Published | None]


class Catalogue:
    """Holds what is published. `current` costs a look at one small file, and loads where a new release is in force."""

    def __init__(self, public_dir: Path) -> None:
        self._store = PublicStore(public_dir)
        self._lock = threading.Lock()
        self._held: _Held | None = None

    def current(self) -> Published:
        """What is in force. Raises `NothingPublishedError` before the first release.

        The request that notices a new release loads it; the others go on with the old one until it is whole. Where
        something was withdrawn from the release in force they wait, and nobody is shown what is gone.
        """
        mark = self._store.pointer()
        held = self._held
        if held is None or held[0] != mark:
            held = self._renewed(held)
        if held[1] is None:
            raise NothingPublishedError(
                "This portal has not published anything yet",
                remedy="Its publisher makes the first release with: candor publish",
            )
        return held[1]

    def _renewed(self, held: _Held | None) -> _Held:
        # The same number under another mark: something was withdrawn.
        must = held is None or held[1] is None or self._store.number() == held[1].release.number
        if not self._lock.acquire(blocking=must):
            return held if held is not None else (None, None)  # who has nothing has waited for the lock
        try:
            return self._load()
        except Exception:
            if held is None or held[1] is None or must:
                raise
            # Readers keep a whole release rather than get none.
            log.exception("A new release cannot be loaded; release %s is still shown", held[1].release.number)
            return held
        finally:
            self._lock.release()

    def _load(self) -> _Held:
        mark = self._store.pointer()
        if self._held is None or self._held[0] != mark:
            release = self._store.current()
            self._held = (mark, Published(self._store, release) if release else None)
            give_back()
        return self._held
