"""What a release says of its data sets, from what the portal declares and what intake counted."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import date

import numpy as np

from candor import __version__
from candor.accounting import withholding as disclosures
from candor.accounting.context import Context
from candor.accounting.records import Accounted
from candor.intake.piles import Pile
from candor.places.called import portal_nouns
from candor.places.pack import PlacesPack
from candor.portal.model import Portal
from candor.portal.reviews import PORTAL
from candor.portal.schema_model import Schema
from candor.privacy.records.accounting import OutcomeRows, public_reasons
from candor.privacy.rounding import EARLY_BASE, nearest
from candor.privacy.texts.scan import texts_of, unchecked
from candor.profiles.declared import effective_taxonomy
from candor.profiles.profile import Kind, Parts, Profile
from candor.profiles.published import (
    ROW_ID,
    SIMULATED,
    indicators_of,
    own_id,
    public_description,
    public_type,
    tables_of,
)
from candor.profiles.taxonomy import Taxonomy
from candor.store.dataset_model import (
    Accounting,
    Anonymity,
    DatasetDraft,
    Indicator,
    Provenance,
    PublicColumn,
    Reason,
    WithheldCategory,
)
from candor.store.model import (
    PlaceChange,
    PublicBenchmark,
    PublicCategory,
    PublicDenominator,
    PublicNouns,
    PublicPortal,
)
from candor.vocabulary.nouns import TOWNS
from candor.vocabulary.wording import Wording

SIMULATED_COLUMN = PublicColumn(
    name=SIMULATED, label="Simulated", type="boolean", description="SIMULATED: made by a program, about nobody."
)
ID_COLUMN = PublicColumn(
    name=ROW_ID, label="Row", type="integer", description="Number of the row in this version, in published order."
)


PRECISION = (
    "How exactly the time is said, so that several rows say the same: `hour`, `part of day` (from 0, 6, 12 or 18), "
    "`date`, `week` (from Monday, cut at the month's ends), `month`, `quarter` or `year`. The time is its first "
    "moment."
)


def rows_draft(
    context: Context,
    accounted: Accounted,
    columns: Iterable[str],
    dates: tuple[date | None, date | None],
    published: int,
    key: str = "",
    anonymity: Anonymity | None = None,
    marks: Iterable[str] = (),
) -> DatasetDraft:
    """A data set of rows. `columns` are those of the published file, in order, without the row's number.

    `published` are its rows; `key` is the fingerprint of the key that columns of it were hashed with. `marks`: what
    readers are told of rows that their agency marks.
    """
    dataset, schema, columns = accounted.dataset, accounted.schema, tuple(columns)
    # What a publisher's own schema says is the publisher's.
    say = context.wording.say if isinstance(dataset.schema_, str) else str
    public = {
        c.name: PublicColumn(
            name=c.name, label=say(c.label), type=public_type(c), description=say(public_description(c, key))
        )
        for c in schema.public_columns
    }
    public[SIMULATED] = SIMULATED_COLUMN
    time = schema.with_role("time")
    if time is not None:
        name = f"{time.name}_precision"
        public[name] = PublicColumn(
            name=name, label=f"{time.label}: how exactly", type="category", description=PRECISION
        )
    kind = context.kind_of(dataset.name)
    parts = kind.profile.parts if kind and accounted.together else None
    return DatasetDraft(
        name=dataset.name,
        id=dataset.id,
        kind="rows",
        title=dataset.title,
        description=dataset.description or say(schema.description),
        unit=parts.one if parts else schema.unit,
        unit_plural=parts.many if parts else schema.plural,
        licence=dataset.licence,
        caveats=(*dataset.caveats, *_about_parts(schema, parts), *marks, *_about_piles(accounted.piles)),
        columns=(ID_COLUMN, *(public[name] for name in columns)),
        withheld_columns=tuple(
            c.model_copy(update={"label": say(c.label), "reason": say(c.reason)})
            for c in disclosures.withheld(dataset, schema)
        ),
        approvals=disclosures.public_approvals(dataset),
        reviews=disclosures.public_reviews(context.portal, dataset.name, {c.name: c.label for c in schema.columns}),
        accepted=accounted.accepted,
        unchecked=unchecked() if texts_of(schema, columns) else "",
        accounting=accounting(accounted, published),
        anonymity=anonymity,
        provenance=Provenance(
            configuration_sha256=configuration_hash(context.portal, dataset.name),
            program=f"candor {__version__}",
            engine=context.engine.name,
            key=key,
        ),
        time_column=time.name if time and time.publish else "",
        first_date=dates[0],
        last_date=dates[1],
    )


def _about_parts(schema: Schema, parts: Parts | None) -> tuple[str, ...]:
    """What readers must know of rows of which several may be of one event."""
    if parts is None:
        return ()
    return (
        f"A row is one {parts.one}; several may be of one {schema.unit}, and no row says of which. Counts and rates by "
        f"town count {schema.plural}, and {parts.many} beside them.",
    )


def _about_piles(piles: Collection[Pile]) -> tuple[str, ...]:
    """What readers must know of rows whose points are hardly where things happened."""
    gone = [p for p in piles if not p.kept]
    if not gone:
        return ()
    points = "one point, which holds" if len(gone) == 1 else f"{len(gone)} points, each of which holds"
    return (
        f"About {_about(sum(p.rows for p in gone)):,} rows of the source lie on {points} more than 1 % of a month's "
        "rows: mostly where a program puts an address that it does not find, or the police station itself. They are "
        "counted where the record's own words place them, else in the agency's only place, else in none.",
    )


def own_draft(context: Context, name: str, dates: tuple[date | None, date | None]) -> DatasetDraft:
    """One of the data sets that the portal makes itself, told in its nouns."""
    portal, kinds, say = context.portal, context.kinds, context.wording.say
    words, measures = tables_of(kinds)[name], indicators_of(kinds).get(name)
    columns = tuple(
        PublicColumn(**{**c, "label": say(c["label"]), "description": say(c["description"])}) for c in words["columns"]
    )
    return DatasetDraft(
        name=name,
        id=own_id(name),
        kind=words["kind"],
        title=say(words["title"]) + (" (SIMULATED)" if portal.config.simulated else ""),
        description=say(words["description"]),
        unit=say(words["unit"]),
        unit_plural=say(words["unit_plural"]),
        columns=(*columns, SIMULATED_COLUMN) if portal.config.simulated else columns,
        provenance=Provenance(
            configuration_sha256=configuration_hash(portal), program=f"candor {__version__}", engine=context.engine.name
        ),
        indicator=Indicator(**{name: say(text) for name, text in measures.items()}) if measures else None,
        time_column=words.get("time_column", ""),
        first_date=dates[0],
        last_date=dates[1],
    )


def accounting(accounted: Accounted, published: int) -> Accounting:
    """Where the rows ended, for the public: reasons of a kind together, without values of rows.

    `published`: rows of the version. The others are told to the nearest 10, and those withheld not here at all: by
    data set and release their number would be a sum of sensitive counts.
    """
    told = ("duplicate", "quarantined")
    full = (OutcomeRows(o.outcome, o.reason.partition(" (first")[0], o.rows) for o in accounted.outcomes if o.reason)
    reasons = tuple(
        Reason(outcome=r.outcome, reason=r.reason, rows=_about(r.rows))
        for r in public_reasons(full)
        if r.outcome in told
    )
    sums = accounted.sums
    return Accounting(
        published=published, duplicates=_about(sums["duplicates"]), quarantined=_about(sums["quarantined"]),
        reasons=reasons,
    )  # fmt: skip


def _about(rows: int) -> int:
    return int(nearest(np.array(rows), EARLY_BASE))


def public_portal(portal: Portal, pack: PlacesPack | None, kinds: Iterable[Kind] = ()) -> PublicPortal:
    """What the public may know of the configuration; `kinds` are the profiles of what it publishes."""
    config = portal.config
    nouns = portal_nouns(config, pack)
    return PublicPortal(
        title=config.title,
        jurisdiction=config.jurisdiction,
        state=config.state,
        time_zone=config.time_zone,
        contact=config.contact,
        about=config.about,
        simulated=config.simulated,
        boundaries_schematic=bool(pack and pack.schematic),
        boundaries_source=pack.source if pack else "",
        population_source=population_source(pack) if pack else "",
        rates_by=config.denominator or next((d.name for d in config.denominators), ""),
        population_years=population_years(pack) if pack else (),
        place_changes=_place_changes(pack) if pack else (),
        benchmarks=tuple(PublicBenchmark(**b.model_dump()) for b in config.benchmarks),
        denominators=tuple(
            PublicDenominator(name=d.name, title=d.title, description=d.description, source=d.source)
            for d in config.denominators
        ),
        withheld_categories=tuple(
            WithheldCategory(slug=c.slug, label=c.label, reason=c.reason)
            for kind in kinds
            if kind.profile.monthly
            for c in effective_taxonomy(portal, kind).categories
            if c.release == "withheld"
        ),
        nouns=PublicNouns(**asdict(nouns)) if nouns != TOWNS else None,
        reviews=disclosures.public_reviews(portal, PORTAL, {}),
    )


def population_source(pack: PlacesPack) -> str:
    """Whose residents a pack has, and of which years; empty where nobody said of which."""
    years = population_years(pack)
    if pack.populations.num_rows:
        return f"{pack.populations_source or pack.title}: residents by year, {years[0]} to {years[-1]}"
    return f"{pack.title}, residents of {years[0]}" if years else ""


def population_years(pack: PlacesPack) -> tuple[int, ...]:
    """The years of which a pack has residents."""
    if pack.populations.num_rows:
        return tuple(sorted(pack.populations["year"].unique().to_pylist()))
    return (pack.year,) if pack.year else ()


def _place_changes(pack: PlacesPack) -> tuple[PlaceChange, ...]:
    names = dict(zip(pack.places["geoid"].to_pylist(), pack.places["name"].to_pylist(), strict=True))
    return tuple(
        PlaceChange(name=names[line["geoid"]], before_name=names[line["before"]], **line)
        for line in pack.changes.to_pylist()
    )


def public_categories(profile: str, taxonomy: Taxonomy, used: Collection[str]) -> tuple[PublicCategory, ...]:
    """The categories of a profile that the release counts."""
    return tuple(
        PublicCategory(
            slug=c.slug, label=c.label, group=c.group, group_label=c.group_label, definition=c.definition,
            initiated_by=c.initiated_by, sensitivity=c.sensitivity, release=c.release, reason=c.reason,
            call_categories=c.call_categories, profile=profile,
        )
        for c in taxonomy.categories
        if c.slug in used
    )  # fmt: skip


def public_profile(kind: Kind, wording: Wording) -> Profile:
    """A profile as a release tells it; what the product says of its events, in the portal's nouns."""
    if kind.own or not wording.changes:
        return kind.profile
    words = {name: wording.say(text) if isinstance(text, str) else text for name, text in kind.profile.words}
    return kind.profile.model_copy(update={"words": kind.profile.words.model_copy(update=words)})


def configuration_hash(portal: Portal, dataset: str = "") -> str:
    """A hash of what decides the result: the portal's text and, where named, the data set's and its crosswalk's."""
    parts = [portal.config.model_dump_json()]
    if dataset:
        parts.append(portal.declared[dataset].as_text())
        crosswalk = portal.datasets[dataset].crosswalk if dataset in portal.datasets else ""
        parts += [entry.model_dump_json() for entry in portal.crosswalks.get(crosswalk, ())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
