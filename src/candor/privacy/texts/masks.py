"""Texts with one kind of blank, dash and apostrophe, which the rules are written for, and texts masked."""

from __future__ import annotations

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

# One kind of blank, apostrophe and dash; what has no width goes.
_TIDY = (
    ("[\u200b\u200c\u200d\u2060\ufeff\u00ad]", ""),
    ("[\u2018\u2019\u02bc\u0060\u00b4]", "'"),
    ("[\u2010-\u2015\u2212]", "-"),
    ("[ \t\r\n\u000b\u000c\u00a0\u2000-\u200a\u2028\u2029\u202f\u3000]+", " "),
)
# Digits, capitals, then whatever is no punctuation: nothing of a name is left in any script.
_MASK = (("[0-9]", "#"), ("[A-ZÀ-ÖØ-Þ]", "X"), ("[^#X .,;:@/()'_%+-]", "x"))


def tidied(text: ir.StringValue) -> ir.StringValue:
    """The text with one kind of blank, dash and apostrophe: what the rules are written for."""
    for pattern, by in _TIDY:
        text = text.re_replace(pattern, by)
    # No bracket stands in the rules: java.util.regex reads one in a class as another class.
    return text.replace("[", "(").replace("]", ")")


def tidied_here(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """As `tidied`, of texts in memory."""
    for pattern, by in _TIDY:
        texts = pc.replace_substring_regex(texts, pattern, by)
    return pc.replace_substring(pc.replace_substring(texts, "[", "("), "]", ")")


def masked(text: ir.StringValue) -> ir.StringValue:
    """Digits as #, capitals as X, everything else but punctuation as x."""
    for pattern, by in _MASK:
        text = text.re_replace(pattern, by)
    return text


def masked_here(texts: pa.Array) -> pa.Array:
    """As `masked`, of texts in memory."""
    for pattern, by in _MASK:
        texts = pc.replace_substring_regex(texts, pattern, by)
    return texts
