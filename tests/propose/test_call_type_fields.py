"""Call types of sensitive fields as agencies write them: none is proposed open; harmless ones stay open."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from candor.profiles.profile import standard_taxonomy
from candor.profiles.sensitive_words import sensitive_word
from candor.propose.crosswalk import match_types
from candor.propose.kinds import matched_by

FOLDER = Path(__file__).parent / "types"


def types_of(name: str) -> list[str]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [line["call_type"] for line in csv.DictReader(file)]


@pytest.mark.parametrize("schema", ["calls_for_service", "incident_reports"])
def test_no_type_of_a_sensitive_field_is_proposed_open(schema: str) -> None:
    types, taxonomy = types_of("fields"), matched_by(schema)
    assert len(types) > 550
    matches = match_types(((t, 1) for t in types), taxonomy)
    opened = [(m.call_type, m.category, m.why) for m in matches
              if m.category and taxonomy[m.category].sensitivity == "open"]  # fmt: skip
    assert opened == []
    assert sum(bool(m.category) for m in matches) > 0.85 * len(types)


def test_the_words_alone_stop_most_of_them_where_a_person_opens_them() -> None:
    types = types_of("fields")
    assert sum(sensitive_word(t) is not None for t in types) > 0.85 * len(types)


def test_harmless_types_stay_open() -> None:
    types, sensitive = types_of("harmless"), set(standard_taxonomy("calls").sensitive)
    matches = match_types(((t, 1) for t in types), standard_taxonomy("calls"))
    opened = [m for m in matches if m.category and m.category not in sensitive]
    assert len(opened) > 0.94 * len(types) > 250
