"""Every byte of a public folder, with the pages of Parquet files as they are before compression."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

# Thrift's compact protocol: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
_BOOLEANS, _FIXED, _INTEGERS, _BINARY, _STRUCT = (1, 2), {3: 1, 7: 8}, (4, 5, 6), 8, 12

# Parquet's PageHeader: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
_UNCOMPRESSED, _COMPRESSED, _V2 = 2, 3, 8
_DEFINITION, _REPETITION, _IS_COMPRESSED = 5, 6, 7


def public_bytes(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file by name, and of each Parquet file every page of every column, decompressed."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = str(path.relative_to(folder))
        yield name, path.read_bytes()
        if path.suffix == ".parquet":
            yield from ((f"{name}: {column}", page) for column, page in pages(path))


def pages(path: Path) -> Iterator[tuple[str, bytes]]:
    """The pages of a Parquet file with the names of their columns: dictionaries, levels and values."""
    raw, metadata = path.read_bytes(), pq.read_metadata(path)
    for group in range(metadata.num_row_groups):
        for number in range(metadata.num_columns):
            column = metadata.row_group(group).column(number)
            at = column.dictionary_page_offset or column.data_page_offset
            end = at + column.total_compressed_size
            codec = None if column.compression == "UNCOMPRESSED" else pa.Codec(column.compression.lower())
            while at < end:
                header, at = _struct(raw, at)
                body = raw[at : at + header[_COMPRESSED]]
                at += header[_COMPRESSED]
                yield column.path_in_schema, _plain(header, body, codec)


def _plain(header: dict[int, Any], body: bytes, codec: pa.Codec | None) -> bytes:
    levels = 0
    if _V2 in header:  # its levels are never compressed
        levels = header[_V2].get(_DEFINITION, 0) + header[_V2].get(_REPETITION, 0)
        codec = codec if header[_V2].get(_IS_COMPRESSED, True) else None
    if codec is None or len(body) == levels:
        return body
    size = header[_UNCOMPRESSED] - levels
    plain: bytes = codec.decompress(body[levels:], decompressed_size=size, asbytes=True)
    return body[:levels] + plain


def _struct(raw: bytes, at: int) -> tuple[dict[int, Any], int]:
    found: dict[int, Any] = {}
    field = 0
    while raw[at]:
        delta, kind = raw[at] >> 4, raw[at] & 15
        at += 1
        if delta:
            field += delta
        else:
            number, at = _varint(raw, at)
            field = (number >> 1) ^ -(number & 1)
        found[field], at = _value(raw, at, kind)
    return found, at + 1


def _value(raw: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind in _BOOLEANS:
        return kind == _BOOLEANS[0], at
    if kind in _FIXED:
        return raw[at : at + _FIXED[kind]], at + _FIXED[kind]
    if kind == _STRUCT:
        return _struct(raw, at)
    if kind not in (*_INTEGERS, _BINARY):
        raise ValueError("a page's header has no lists and no maps")
    number, at = _varint(raw, at)
    if kind == _BINARY:
        return raw[at : at + number], at + number
    return (number >> 1) ^ -(number & 1), at


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
