"""Identifiers as keyed hashes: the same person or case is the same word, and nobody without the key knows which."""

from __future__ import annotations

from collections.abc import Mapping

import ibis.expr.types as ir
import pyarrow as pa

from candor.engine.base import Engine
from candor.engine.functions import hex_of, sha256_of_bytes
from candor.portal.keys import Key

LENGTH = 32
"""Hexadecimal digits that are kept: 128 bits, so that among a billion identifiers no two are likely to meet."""

_OUTER, _INNER = 0x5C, 0x36
_PADS = ("_candor_inner", "_candor_outer")
_BETWEEN = "00"  # a byte that no text holds: the context ends before it


def pseudonymise(table: ir.Table, contexts: Mapping[str, str], key: Key, engine: Engine) -> ir.Table:
    """The table with the text columns named in `contexts` as keyed hashes: 32 hexadecimal digits, nothing for nothing.

    HMAC-SHA-256 (RFC 2104, FIPS 198-1) of the column's context, a zero byte and the value, all in UTF-8. The context,
    such as `rutland-force.case_number`, keeps columns and data sets apart: the same number under two contexts gives two
    words, so that nobody joins what was not meant to be joined. Columns that are to be joined have one context.

    A hash without a key would be no protection: whoever knows how case numbers look can hash them all. With the key it
    is a pseudonym still, not anonymity: rows of one person are seen to be of one person.
    """
    # A line of a table, not a literal: what is in it stands in no SQL text, no plan and no error of the engine.
    pads = engine.table(pa.table({name: [key.pad(b)] for name, b in zip(_PADS, (_INNER, _OUTER), strict=True)}))
    inner, outer = _PADS
    joined = table.cross_join(pads)
    hashed = {}
    for name, context in contexts.items():
        message = hex_of(joined[name])
        first = sha256_of_bytes(joined[inner].concat(context.encode().hex() + _BETWEEN, message))
        hashed[name] = sha256_of_bytes(joined[outer].concat(first)).left(LENGTH)
    return joined.mutate(**hashed).drop(*_PADS)
