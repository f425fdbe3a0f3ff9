"""What is outside of strings is found over arrays as it is character by character, wherever a piece ends."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.sources import json_scan


def _outside(text: bytes) -> Iterator[bool]:
    in_string = escaped = False
    for character in text.decode("ascii"):
        quote = character == '"' and not escaped
        yield not quote and not in_string
        in_string ^= quote
        escaped = character == "\\" and not escaped


@pytest.mark.parametrize("piece", [1, 3, 64])
@given(text=st.text('\\\\\\""a,{}[] ', min_size=1, max_size=60).map(str.encode))
def test_strings_are_told_from_what_is_outside(piece: int, text: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_scan, "_CHUNK", piece)
        pieces = list(json_scan.scan(io.BytesIO(text), 0, len(text)))
    assert [bool(o) for p in pieces for o in p.outside] == list(_outside(text))
    marks = [m for m, o in zip(text.decode(), _outside(text), strict=True) if o and m in "[]{}"]
    steps = [1 if m in "[{" else -1 for m in marks]
    assert [int(d) for p in pieces for d in p.depth] == [sum(steps[: i + 1]) for i, _ in enumerate(steps)]
