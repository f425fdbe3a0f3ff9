"""A second delivery that is not like the first: cut, empty, in another form, of fewer kinds. It is never published in
silence, and what was published stays; a person can say by name that it is right."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.release.conftest import SmallPortal, call
from typer.testing import CliRunner

from candor.accounting.opening import opened
from candor.cli import app
from candor.errors import DataError
from candor.publish.guards.gate import judged
from candor.publish.guards.history import Deliveries
from candor.publish.reading import read_rows
from candor.site.app import create_app
from candor.store.store import Store

KINDS = ("Noise", "Alarm", "Noise", "Alarm", "Overdose")
Lines = Sequence[str]


def rows(months: Sequence[str] = ("2024-03", "2024-04"), first: int = 1, every: Sequence[str] = KINDS) -> list[str]:
    """Four calls a day of the first 28 days of each month."""
    return [
        call(
            first + 200 * m + n,
            f"{month}-{n // 4 + 1:02d}T10:15:00-05:00",
            every[n % len(every)],
            lat=f"44.{10 + n % 80}",
            lon=f"-72.{10 + n * 7 % 80}",
        )
        for m, month in enumerate(months)
        for n in range(112)
    ]


DELIVERED = rows()


@pytest.fixture(scope="module")
def _published(_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("guards") / "portal"
    shutil.copytree(_template, root)
    portal = SmallPortal(root)
    portal.write(DELIVERED)
    portal.publish()
    return root


@pytest.fixture
def delivered(_published: Path, tmp_path: Path) -> SmallPortal:
    """The portal after its first publication, of 224 rows of March and April."""
    shutil.copytree(_published, tmp_path / "portal")
    return SmallPortal(tmp_path / "portal")


def changed(by: Callable[[str], str]) -> list[str]:
    return [by(line) for line in DELIVERED]


def other_form(line: str) -> str:
    return re.sub(r"(\d{4})-(\d\d)-(\d\d)T10:15:00-05:00", r"\3.\2.\1 10:15", line)


def number(line: str) -> int:
    return int(line[1:6])


REFUSED: dict[str, tuple[Lines, str, str]] = {
    "the first half": (DELIVERED[:112], "fewer-rows", "112 of 224 rows of the months that came before; 2024-04: 0 of"),
    "the second half": (DELIVERED[112:], "fewer-rows", "2024-03: 0 of 112"),
    "the newest first, cut": (DELIVERED[:80:-1], "fewer-rows", "143 of 224"),
    "cut near its end": (DELIVERED[:200], "fewer-rows", "200 of 224"),
    "every other row": (DELIVERED[::2], "fewer-rows", "2024-03: 56 of 112"),
    "a new month in place of all": (rows(("2024-05",), 900), "fewer-rows", "0 of 224"),
    "every date in another form": (changed(other_form), "dates", "most look like 99.99.9999 99:99"),
    "a tenth of the dates in another form": (
        changed(lambda line: other_form(line) if number(line) % 10 == 0 else line), "dates", "22 of 224 times",
    ),
    "no date": (changed(lambda line: re.sub(r",[^,]*,", ",,", line, count=1)), "dates", "the time of every row"),
    "one kind fewer": (
        changed(lambda line: line.replace("Alarm", "Noise")), "categories", "no row is of the kind Alarm",
    ),
    "a kind by another name": (
        changed(lambda line: line.replace("Alarm", "ALRM")), "categories", "the crosswalk does not name 'alrm'",
    ),
    "all kinds by other names": (changed(lambda line: line.replace("e,", "e 1,").replace("m,", "m 1,")), "empty",
                                 "none of 224 rows may be published"),
    "a column of marks that says something else": (
        changed(lambda line: line.removesuffix(",0") + ",1" if number(line) % 3 == 0 else line),
        "marks", "told in counts only, for good",
    ),
    "points that lie elsewhere": (
        changed(lambda line: line.replace(",-72.", ",12.") if number(line) % 3 == 0 else line),
        "places", "not placed by themselves",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def judge(_published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Lines], tuple[str, ...]]]:
    """What the guards refuse of lines that are delivered after the first ones, from the file on."""
    root = tmp_path_factory.mktemp("judged") / "portal"
    shutil.copytree(_published, root)
    portal = SmallPortal(root)
    known = Deliveries(root / "data" / "internal")
    with opened(portal.open(), root / "scratch") as context:

        def refusals(lines: Lines) -> tuple[str, ...]:
            portal.write(lines)
            return tuple(map(str, judged(context, read_rows(context, "alder-calls"), known).refusals))

        yield refusals


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_like_the_delivery_before_is_refused(judge: Callable[[Lines], tuple[str, ...]], case: str) -> None:
    lines, guard, words = REFUSED[case]
    (refusal,) = judge(lines)
    assert f"[accepted.{guard}]" in refusal
    assert words in refusal


@pytest.mark.parametrize("guard", ["fewer-rows", "dates"])
def test_a_refusal_is_the_same_from_check_and_publish_and_the_release_stays(delivered: SmallPortal, guard: str) -> None:
    before = Store(delivered.root / "data").current()
    delivered.write(next(lines for lines, of, _ in REFUSED.values() if of == guard))
    with pytest.raises(DataError) as raised:
        delivered.publish()
    assert Store(delivered.root / "data").current() == before
    answer = CliRunner().invoke(app, ["check", "--portal", str(delivered.root)])
    assert answer.exit_code == 1
    assert str(raised.value) in answer.stderr
    assert "Every row ends in one of four" in answer.stdout


MAY: dict[str, Lines] = {
    "the same": DELIVERED,
    "in another order": DELIVERED[::-1],
    "without three rows": DELIVERED[3:],
    "with a month more": rows(("2024-03", "2024-04", "2024-05")),
    "with more rows of a month": [*DELIVERED, *rows(("2024-04",), 900)],
    "a window that has moved on": [*DELIVERED[60:], *rows(("2024-05",), 900)],
    "with a new kind": [*DELIVERED, *rows(("2024-04",), 900, ("Fire",))],
    "with a bad line": [*DELIVERED, "C99999,2024-04-"],
    "with a few bad dates": changed(lambda line: other_form(line) if number(line) in (3, 8, 12) else line),
}


@pytest.mark.parametrize("case", MAY)
def test_what_is_usual_passes_without_a_word(judge: Callable[[Lines], tuple[str, ...]], case: str) -> None:
    assert judge(MAY[case]) == ()


def accept(portal: SmallPortal, refusal: str) -> None:
    """Write what a refusal says, with a name and a reason."""
    block = refusal.partition(".toml")[2].partition("\n")[2]
    path = portal.root / "datasets" / "alder-calls.toml"
    text = path.read_text(encoding="utf-8").partition("[accepted.")[0]
    said = block.replace("your name and office", "A. Clerk, Alder").replace(
        "why it is so, in words for the public", "Alder archived its calls of March"
    )
    path.write_text(f"{text}\n{said}", encoding="utf-8")


def test_a_yes_is_of_what_was_found_and_stands_with_the_version(delivered: SmallPortal) -> None:
    delivered.write(DELIVERED[112:])
    accept(delivered, str(delivered.check().refusals[0]))
    # Of anything else it is no yes, and who gave it is told.
    delivered.write(DELIVERED[130:])
    with pytest.raises(DataError, match=r"A\. Clerk, Alder accepted something else .*: 112 of 224 rows"):
        delivered.publish()
    delivered.write(DELIVERED[112:])
    release = delivered.publish().release
    assert release is not None
    version = release.dataset("alder-calls")
    assert version is not None
    (accepted,) = version.accepted
    assert (accepted.guard, accepted.name, accepted.reason) == (
        "fewer-rows", "A. Clerk, Alder", "Alder archived its calls of March",
    )  # fmt: skip
    with TestClient(create_app(delivered.root / "data" / "public")) as client:
        for page in ("/privacy", "/datasets/alder-calls"):
            text = client.get(page).text
            for words in ("A. Clerk, Alder", "Alder archived its calls of March", "Fewer rows came than before"):
                assert words in text, page
    # In public without a number: that of rows is a sum with those withheld.
    assert "112" not in version.model_dump_json(include={"accepted"})
    # From now on that is what there was, and the next version says nothing of it.
    again = delivered.publish().release
    assert again is not None
    assert again.dataset("alder-calls").accepted == ()  # type: ignore[union-attr]


def test_a_release_that_was_refused_is_not_what_there_was(delivered: SmallPortal) -> None:
    delivered.write(DELIVERED[:112])
    for _ in range(2):
        with pytest.raises(DataError, match="far fewer rows"):
            delivered.publish()


def test_a_guard_that_there_is_not_is_a_mistake_with_its_line(delivered: SmallPortal) -> None:
    path = delivered.root / "datasets" / "alder-calls.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + '\n[accepted.fewer-row]\nname = "A"\ndate = 2024-01-01\nreason = "b"\nfound = "c"\n')
    answer = CliRunner().invoke(app, ["check", "--portal", str(delivered.root)])
    assert "fewer-rows" in str(answer.exception)
    assert "datasets/alder-calls.toml:" in str(answer.exception)
