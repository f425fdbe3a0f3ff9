"""Each format is a module with a `FORMAT`, and says what its addresses need."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from candor.query import formats
from candor.query.formats.base import Format
from candor.query.formats.registry import FORMATS, OF_DATASETS, OF_QUESTIONS
from candor.sources import registry
from candor.sources.content import Content


def test_every_module_of_the_folder_with_a_format_is_in_the_registry() -> None:
    found = {
        module.FORMAT.name
        for info in pkgutil.iter_modules(formats.__path__)
        if isinstance(
            getattr(module := importlib.import_module(f"{formats.__name__}.{info.name}"), "FORMAT", None), Format
        )
    }
    assert found == {f.name for f in FORMATS} == {*OF_DATASETS, *OF_QUESTIONS}
    assert next(iter(OF_QUESTIONS)) == "json"
    assert all(f.title and f.label for f in OF_DATASETS.values())
    assert len({f.media_type for f in FORMATS}) == len(FORMATS)


def test_the_last_reader_takes_what_no_other_knows() -> None:
    assert registry.FORMATS[-1].recognises(Content(Path("export"), b"\x00\xff\xfe nothing that anybody knows"))
    assert len({f.name for f in registry.FORMATS}) == len(registry.FORMATS)
