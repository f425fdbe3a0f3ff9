"""Words of headers and labels made comparable: split, folded to the singular, common abbreviations written out."""

from __future__ import annotations

import re

from candor.portal.words import header_words

__all__ = ["column_name", "header_words", "singular", "tokens"]

_NO_PLURAL = frozenset({"bias", "alias", "canvas", "atlas", "news"})
_LONG = {
    "acc": "accident", "acdnt": "accident", "agg": "aggravated", "aggrav": "aggravated", "asslt": "assault",
    "att": "attempted", "behaviour": "behavior", "btry": "battery", "burg": "burglary", "dist": "disturbance",
    "disturb": "disturbance", "dom": "domestic", "dv": "domestic violence", "fel": "felony", "harass": "harassment",
    "info": "information", "inj": "injury", "intox": "intoxicated", "invest": "investigation", "juv": "juvenile",
    "larc": "larceny", "lic": "license", "licence": "license", "mh": "mental health", "misd": "misdemeanor",
    "mv": "motor vehicle", "mva": "motor vehicle accident", "mvc": "motor vehicle crash", "neighbour": "neighbor",
    "od": "overdose", "offence": "offense", "ped": "pedestrian", "pers": "person", "poss": "possession",
    "prop": "property", "subj": "subject", "susp": "suspicious", "traf": "traffic", "trfc": "traffic",
    "unk": "unknown", "veh": "vehicle", "viol": "violation", "warr": "warrant",
}  # fmt: skip


def singular(word: str) -> str:
    """A word without the plural's s, in lower case.

    >>> singular("Firearms"), singular("glass"), singular("bus")
    ('firearm', 'glass', 'bus')
    """
    word = word.lower()
    if word in _NO_PLURAL:
        return word
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def tokens(text: str) -> tuple[str, ...]:
    """The words of a call type or a phrase, comparable.

    >>> tokens("Larceny - from MV")
    ('larceny', 'from', 'motor', 'vehicle')
    """
    plain = text.lower().replace("(s)", "s").replace("&", " and ").replace("w/o", " without ").replace("w/", " with ")
    words = re.findall(r"[^\W_]+", plain.replace("'s", "").replace("’s", ""))
    return tuple(singular(part) for word in words for part in _LONG.get(word, word).split())


def column_name(header: str) -> str:
    """A header as the name of a column in our own schemas; empty where it has no letter to begin with.

    >>> column_name("Subject  Injured"), column_name("911 Call")
    ('subject_injured', 'column_911_call')
    """
    name = "_".join(header_words(header))
    return f"column_{name}" if name[:1].isdigit() else name
