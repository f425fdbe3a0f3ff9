"""`candor dataset add`: a proposal made with the portal's places and written to its folder."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

from candor.errors import PortalError, UsageError
from candor.places.locate import TownIndex
from candor.places.names import alias_table, normalise_name
from candor.places.pack import load_pack
from candor.portal.load import read_portal
from candor.portal.words import did_you_mean
from candor.portal.write import require_new_dataset, write_dataset
from candor.profiles.catalogue import OFFENCES_BY_PLACE, standard_schemas
from candor.propose.counts import propose_counts
from candor.propose.projections import Extent
from candor.propose.proposal import Proposal, Towns, propose


def add_dataset(root: Path, name: str, source: Path, *, schema: str = "", agency: str = "") -> Proposal:
    """Propose the data set `name` from the file `source` and write it to the portal in `root`.

    Raises `UsageError` where the name, the schema or the file cannot be, `PortalError` where `portal.toml` is wrong,
    `DataError` where the file cannot be read.
    """
    require_new_dataset(root, name)
    if schema.replace("-", "_") == OFFENCES_BY_PLACE:
        schema = OFFENCES_BY_PLACE
    declared = standard_schemas().get(schema)
    if schema and declared is None and schema != OFFENCES_BY_PLACE:
        names = [*standard_schemas(), OFFENCES_BY_PLACE]
        raise UsageError(
            f"There is no standard schema {schema!r}", ", ".join(names),
            did_you_mean(schema, names) or "Name one of these, or none: the data set then declares its own.",
        )  # fmt: skip
    reading = read_portal(root)
    if reading.config is None:
        raise PortalError(reading.problems)
    internal = root / "data" / "internal"
    internal.mkdir(parents=True, exist_ok=True, mode=0o700)
    towns, path = portal_towns(root / "places"), _written_path(source, root)
    taken = [d.id for d in reading.declared.values()]
    # Below the portal, not in the system's temporary folder: what an export holds is not for others to see.
    with tempfile.TemporaryDirectory(dir=internal, prefix="adding-") as scratch:

        def of_counts() -> Proposal:
            return propose_counts(
                name, source, Path(scratch), schema=OFFENCES_BY_PLACE, towns=towns, path=path, taken=taken
            )

        if schema == OFFENCES_BY_PLACE:
            proposal = of_counts()
        else:
            proposal = propose(
                name, source, Path(scratch), schema=declared, towns=towns, zone=reading.config.time_zone, agency=agency,
                path=path, taken=taken, of_counts=of_counts,
            )  # fmt: skip
    written = write_dataset(root, name, proposal.toml_text, proposal.crosswalk_text)
    return dataclasses.replace(proposal, files=tuple(p.relative_to(root).as_posix() for p in written))


def portal_towns(folder: Path) -> Towns | None:
    """The places of a portal, for a proposal; None where it has none yet."""
    if not (folder / "places.csv").is_file():
        return None
    pack = load_pack(folder)
    aliases = alias_table(pack)
    meant: dict[str, str | None] = dict(zip(aliases["alias"].to_pylist(), aliases["geoid"].to_pylist(), strict=True))
    geoids, names = pack.places["geoid"].to_pylist(), pack.places["name"].to_pylist()

    def named(typed: str) -> tuple[str, ...]:
        name = normalise_name(typed)
        if name not in meant:
            return ()
        geoid = meant[name]
        # An ambiguous name: the towns that it begins.
        several = (g for g, n in zip(geoids, names, strict=True) if normalise_name(n).startswith(name))
        return (geoid,) if geoid else tuple(several)

    parts = (pack.noun or "place", pack.nouns or "places") if pack.of_parts else None
    bounds = [b.bounds for b in pack.boundaries]
    least, most = list(zip(*bounds, strict=True))[:2], list(zip(*bounds, strict=True))[2:]
    extent = Extent(*map(min, least), *map(max, most)) if bounds else None
    return Towns(pack.places, TownIndex.build(pack).locate, named, extent, parts)


def _written_path(source: Path, root: Path) -> str:
    """Relative where the file is below the portal, so that the folder can move; absolute where it is not."""
    absolute, portal = source.resolve(), root.resolve()
    return str(absolute.relative_to(portal) if absolute.is_relative_to(portal) else absolute)
