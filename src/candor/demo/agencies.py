"""Who covers which town in the simulated Vermont, and for which months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from string import capwords

import numpy as np
from numpy.typing import NDArray

from candor.demo.model import SimulationModel
from candor.demo.towns import Towns

# Where the simulated barracks stand, by GEOID: towns that are spread over the state.
BARRACKS = {
    "5000784475": "Williston", "5001161750": "St. Albans", "5001917350": "Derby", "5000562200": "St. Johnsbury",
    "5002344500": "Middlesex", "5000148700": "New Haven", "5002161300": "Rutland", "5002760850": "Royalton",
    "5002581400": "Westminster", "5000363550": "Shaftsbury",
}  # fmt: skip


@dataclass(frozen=True)
class Agencies:
    """Agencies by index, and each town's agency (-1: none, the town is not covered).

    `municipal` says in which of the two exports an agency's calls are; `reported` is agencies x months.
    """

    name: tuple[str, ...]
    code: tuple[str, ...]
    municipal: NDArray[np.bool_]
    reported: NDArray[np.bool_]
    of_town: NDArray[np.int64]

    def towns_reported(self) -> NDArray[np.bool_]:
        """Towns x months: whether the town's calls are in an export."""
        covered = self.of_town >= 0
        return np.asarray(self.reported[self.of_town] & covered[:, None])

    def coverage(self, towns: Towns, months: list[date], *, municipal: bool) -> list[dict[str, str]]:
        """The lines of one export's coverage file: `agency, geoid, first_month, last_month, gaps`."""
        lines = []
        for town, agency in sorted(enumerate(self.of_town), key=lambda pair: (pair[1], pair[0])):
            if agency < 0 or self.municipal[agency] != municipal:
                continue
            sent = np.flatnonzero(self.reported[agency])
            first, last = (int(sent[0]), int(sent[-1])) if len(sent) else (0, len(months) - 1)
            gaps = [months[m] for m in range(first, last + 1) if not self.reported[agency, m]]
            lines.append(
                {
                    "agency": self.name[agency],
                    "geoid": towns.geoid[town],
                    "first_month": f"{months[first]:%Y-%m}",
                    "last_month": f"{months[last]:%Y-%m}",
                    "gaps": " ".join(f"{gap:%Y-%m}" for gap in gaps),
                }
            )
        return lines


def assign_agencies(model: SimulationModel, towns: Towns) -> Agencies:
    """The largest towns have their own police, the next in each county the sheriff, the rest the nearest barracks.

    The smallest `uncovered_towns` are in nobody's data. Every name ends in "(simulated)".
    """
    by_size = np.lexsort((np.array(towns.geoid), -towns.residents))
    municipal = by_size[: min(model.municipal_agencies, len(towns))]
    covered = by_size[: max(len(towns) - model.uncovered_towns, 0)]
    names = [f"{capwords(towns.name[town])} Police (simulated)" for town in municipal]
    codes = [f"M{rank:02d}" for rank in range(1, len(names) + 1)]
    of_town = np.full(len(towns), -1)
    of_town[municipal] = np.arange(len(names))

    for county in sorted(set(towns.county)):
        rest = [town for town in covered if towns.county[town] == county and of_town[town] < 0]
        if rest[: model.sheriff_towns]:
            of_town[rest[: model.sheriff_towns]] = len(names)
            names.append(f"{county} County Sheriff (simulated)")
            codes.append(f"S{sum(code[0] == 'S' for code in codes) + 1:02d}")

    bounds = towns.bounds
    centre = (bounds[:, :2] + bounds[:, 2:]) / 2 * [np.cos(np.radians(44)), 1]
    posts = [(towns.geoid.index(geoid), post) for geoid, post in BARRACKS.items() if geoid in towns.geoid]
    posts = posts[: model.barracks] or [(int(by_size[0]), towns.name[int(by_size[0])])]
    left = np.array([town for town in covered if of_town[town] < 0], dtype=np.int64)
    nearest = np.linalg.norm(centre[left][:, None] - centre[[town for town, _ in posts]][None], axis=2).argmin(axis=1)
    for number, (_, post) in enumerate(posts):
        mine = left[nearest == number]
        if len(mine):
            of_town[mine] = len(names)
            names.append(f"State Police, {post} Barracks (simulated)")
            codes.append(f"V{number + 1:02d}")

    reported = np.ones((len(names), model.months), dtype=bool)
    if model.late_agency <= len(municipal):
        reported[model.late_agency - 1, : model.late_month] = False
    if model.silent_agency <= len(municipal):
        reported[model.silent_agency - 1, model.silent_month] = False
    is_municipal = np.arange(len(names)) < len(municipal)
    return Agencies(tuple(names), tuple(codes), is_municipal, reported, of_town)
