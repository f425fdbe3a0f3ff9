"""What commands say, in the nouns of the portal that they are about."""

from __future__ import annotations

import sys
from functools import cache

from candor.vocabulary.wording import Wording, speaks_of_towns


def said(words: str) -> str:
    """Words of a command in its portal's nouns; its files are looked at only where there is something to say so."""
    return _wording().say(words) if speaks_of_towns(words) else words


@cache
def _wording() -> Wording:
    """The nouns of the command's portal; those that everything is written in where it has none, or cannot be read."""
    from candor.cli.last_resort import portal_of  # noqa: PLC0415  # needed once something is said of towns
    from candor.places.called import nouns_in, own_names  # noqa: PLC0415  # heavy rooms wait until they are needed

    portal = portal_of(sys.argv[1:])
    try:
        return Wording(nouns_in(portal), own_names(portal))
    except (OSError, ValueError, KeyError):
        # Whatever is wrong with the portal's files, the command itself says it.
        return Wording()
