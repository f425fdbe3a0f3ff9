"""Functions that DuckDB and Spark both have under one name and meaning, and that Ibis has no word for."""

from __future__ import annotations

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]  # Ibis has no types for it
def regexp_extract_all(text: str, pattern: str, group: int) -> ibis.dtype("array<string>"):  # type: ignore[valid-type]  # Ibis reads dtypes
    """Both engines' own: a group of every match, from left to right; matches do not overlap."""


@ibis.udf.scalar.builtin(name="hex")  # type: ignore[untyped-decorator]  # as above
def hex_of(text: str) -> ibis.dtype("string"):  # type: ignore[valid-type]  # as above
    """Both engines' own: the bytes of the text in UTF-8, two hexadecimal digits each."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]  # as above
def unhex(digits: str) -> ibis.dtype("binary"):  # type: ignore[valid-type]  # as above
    """Both engines' own: the bytes that hexadecimal digits stand for."""


def every_match(text: ir.StringValue, pattern: str, group: int = 0) -> ir.ArrayValue:
    """A group of every match of a regular expression, none of them an empty list.

    The expression is of what RE2 and java.util.regex have in common: no look-around, no back-references; no backslash
    either, which SQL dialects escape each in their own way. Nothing for nothing, on both engines: what is made of the
    list must not be asked of an empty text (Spark's list of it has the length -1).
    """
    return regexp_extract_all(text, pattern, group)


def sha256_of_bytes(digits: ir.StringValue) -> ir.StringValue:
    """SHA-256 of the bytes that hexadecimal digits stand for, as 64 lower-case hexadecimal digits."""
    return ops.HexDigest(unhex(digits), "sha256").to_expr()
