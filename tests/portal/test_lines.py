"""Where a key stands in a TOML text."""

from __future__ import annotations

import doctest
from types import ModuleType

import pytest

from candor.portal import jurisdictions, lines
from candor.propose import words as propose_words

TEXT = '''\
title = "a"  # [not.a.table] = 1
"two words" = """
[not.a.table]
key = 1
"""
many = [
  "x",  # = 1
  { deep = 1 },
]

[a.b]
c.d = 2

[[e]]
f = 1
[[e]]
f = 2
[e.g]
h = "]"
[[e.i]]
j = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 1), (("two words",), 2), (("many",), 6), (("many", 1, "deep"), 6), (("a", "b"), 11), (("a",), 11),
        (("a", "b", "c", "d"), 12), (("e",), 14), (("e", 0, "f"), 15), (("e", 1), 16), (("e", 1, "f"), 17),
        (("e", 1, "g", "h"), 19), (("e", 1, "i", 0, "j"), 21), (("a", "b", "no", "such"), 11), (("nothing",), None),
    ],
)  # fmt: skip
def test_a_key_or_the_table_around_it_is_found(path: tuple[str | int, ...], line: int | None) -> None:
    assert lines.nearest_line(lines.key_lines(TEXT), path) == line
    assert ("not", "a", "table") not in lines.key_lines(TEXT)


@pytest.mark.parametrize("module", [lines, jurisdictions, propose_words], ids=lambda module: str(module.__name__))
def test_the_examples_in_the_docs_hold(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed
