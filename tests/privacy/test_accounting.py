from __future__ import annotations

from candor.privacy.records.accounting import WITHHELD, OutcomeRows, public_reasons


def test_withheld_rows_are_told_as_one_number() -> None:
    reasons = [
        OutcomeRows("published", "", 100),
        OutcomeRows("withheld", "its category is published as counts only: runaway", 3),
        OutcomeRows("quarantined", "the time does not parse", 2),
        OutcomeRows("withheld", "its agency marks it: related to mental health", 40),
        OutcomeRows("quarantined", "the time does not parse", 5),
        OutcomeRows("quarantined", "the time lies in the future", 1),
    ]
    assert public_reasons(reasons) == [
        ("published", "", 100),
        ("withheld", WITHHELD, 43),
        ("quarantined", "the time does not parse", 7),
        ("quarantined", "the time lies in the future", 1),
    ]
