"""A person signs a crosswalk before its first release, and anew what it opens later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.release.conftest import call, lines
from typer.testing import CliRunner

from candor.cli.app import app
from candor.errors import PortalError
from candor.store.crosswalk_reviews import CrosswalkReviews

if TYPE_CHECKING:
    from tests.release.conftest import SmallPortal

SIGNED = 'crosswalk_review = { reviewed_by = "A. Clerk, records office", date = 2024-01-02 }'


def command(portal: SmallPortal, *words: str) -> tuple[int, str, str]:
    answer = CliRunner().invoke(app, [*words, "--portal", str(portal.root)])
    return answer.exit_code, " ".join(answer.stdout.split()), " ".join(f"{answer.stderr} {answer.exception}".split())


def opens(portal: SmallPortal, line: str) -> None:
    with (portal.root / "crosswalks" / "alder-calls.csv").open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def test_an_unsigned_crosswalk_stops_the_first_release_and_the_remedy_lets_it_through(portal: SmallPortal) -> None:
    portal.replace(SIGNED, "")
    for words in (["check"], ["publish"]):
        code, _, said = command(portal, *words)
        assert code == 1
        assert "datasets/alder-calls.toml: crosswalk_review: found a crosswalk that nobody has signed" in said
        assert "rows of 2 call types public" in said
        assert 'candor dataset sign alder-calls --by "name, office"' in said
    code, said, _ = command(portal, "dataset", "sign", "alder-calls", "--by", "R. Reader, records office")
    assert (code, "signed by R. Reader, records office" in said) == (0, True)
    code, _, said = command(portal, "publish")
    assert code == 0, said


def test_what_the_error_says_to_write_is_right(portal: SmallPortal) -> None:
    portal.replace(SIGNED, "")
    with pytest.raises(PortalError, match="reviewed_by") as raised:
        portal.publish()
    line = str(raised.value).partition("of the file: ")[2].partition(", with the day")[0]
    portal.replace('crosswalk = "alder-calls.csv"', f'crosswalk = "alder-calls.csv"\n{line}')
    portal.publish()


def test_a_portal_that_has_published_unsigned_is_told_and_goes_on(portal: SmallPortal) -> None:
    portal.publish()
    (portal.root / "data" / "internal" / "crosswalk-reviews.json").unlink()
    portal.replace(SIGNED, "")
    portal.write([*lines(4), call(9)])
    code, said, _ = command(portal, "check")
    assert (code, "nobody has signed" in said, "it goes on" in said) == (0, True, True)
    portal.publish()


def test_a_type_that_becomes_open_is_signed_anew_and_other_changes_need_nobody(portal: SmallPortal) -> None:
    portal.publish()
    known = CrosswalkReviews(portal.root / "data" / "internal").known["alder-calls"]
    assert (known.by, known.date) == ("A. Clerk, records office", "2024-01-02")
    assert sorted(known.opened) == ["alarm", "noise"]
    portal.replace("Alarm,alarm", "Alarm,fire-alarm", "crosswalks/alder-calls.csv")
    opens(portal, "Sleepless,medical,,,")
    assert command(portal, "check")[0] == 0
    portal.publish()
    opens(portal, "Barking,animal-complaint,,,")
    with pytest.raises(PortalError, match=r"1 call types that have become open since A\. Clerk.*'barking'"):
        portal.publish()
    assert command(portal, "dataset", "sign", "alder-calls", "--by", "A. Clerk, records office")[0] == 0
    portal.publish()


def test_a_signature_has_a_name(portal: SmallPortal) -> None:
    code, _, said = command(portal, "dataset", "sign", "alder-calls", "--by", " ")
    assert (code, "no name" in said) == (1, True)
    code, _, said = command(portal, "dataset", "sign", "alder-call", "--by", "R. Reader")
    assert (code, "alder-calls" in said) == (1, True)
    portal.replace(SIGNED, 'crosswalk_review = { reviewed_by = "", date = 2024-01-02 }')
    code, _, said = command(portal, "check")
    assert (code, "reviewed_by" in said) == (1, True)
