"""What a portal calls its places: as it declares, else as its pack of places says, else towns of a state."""

from __future__ import annotations

import pyarrow.compute as pc

from candor.places.pack import PlacesPack
from candor.portal.config_model import PortalConfig
from candor.vocabulary.nouns import Nouns, nouns_of


def portal_nouns(config: PortalConfig, pack: PlacesPack | None) -> Nouns:
    """The nouns of a portal with these places."""
    declared = Nouns(config.place, config.places, config.whole, config.group, config.groups)
    parts = (pack.noun or "place", pack.nouns or "places") if pack and pack.of_parts else None
    grouped = pack is not None and bool(pc.any(pc.not_equal(pack.places["county"], "")).as_py())
    return nouns_of(declared, parts, grouped=grouped)
