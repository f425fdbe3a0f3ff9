"""What a portal's own files say in public is read as its rows are: names and numbers of persons, hidden letters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.release.conftest import SmallPortal, lines
from typer.testing import CliRunner

from candor.cli.app import app
from candor.errors import PortalError
from candor.store.store import Store

DATASET = "datasets/alder-calls.toml"
TITLE = 'title = "Alder calls"\n'
TURNED = "\u202egnal tnedicni\u202c"

# The key that is added, the text, the place that the message names, the value that no message repeats.
TOLD = [
    ("portal.toml", 'about = "Questions to Det. Harold Fenwick, 802-555-0147."', "portal.toml:", ": about", "0147"),
    (DATASET, 'description = "Made after the arrest of suspect John Smith."', f"{DATASET}:", ": description", "Smith"),
    (DATASET, 'caveats = ["Rows are rounded.", "Victim: Mary Jones"]', f"{DATASET}:", ": caveats.1", "Jones"),
    (DATASET, 'licence = "Ask m.jones@example.org"', f"{DATASET}:", ": licence", "jones"),
]


@pytest.mark.parametrize(("file", "added", "place", "key", "secret"), TOLD)
def test_a_person_in_a_text_of_the_portal_stops_it_with_the_place(
    portal: SmallPortal, file: str, added: str, place: str, key: str, secret: str
) -> None:
    with_line(portal, file, added)
    with pytest.raises(PortalError) as raised:
        portal.publish()
    (problem,) = raised.value.problems
    assert problem.where.startswith(place)
    assert problem.where.endswith(key)
    assert secret not in str(raised.value)
    answer = CliRunner().invoke(app, ["check", "--portal", str(portal.root), "--json"])
    assert answer.exit_code == 1
    assert key[2:] in json.loads(answer.stdout)["refused"][0]
    assert secret not in answer.output


@pytest.mark.parametrize("header", ["Victim John Smith", "Officer Smith", "Jennifer Miller", "call 802-555-0143"])
def test_headers_that_are_told_as_withheld_are_read_too(portal: SmallPortal, header: str) -> None:
    portal.replace('"marked"]', f'"marked", "{header}"]')
    portal.write([f"{line},x" for line in lines()], f"incident,when,nature,lat,lon,town,marked,{header}")
    with pytest.raises(PortalError, match=r"datasets/alder-calls.toml:\d+: source.columns.7: found what looks like"):
        portal.publish()


def test_a_header_that_says_something_of_a_role_is_nobodys_name(portal: SmallPortal) -> None:
    headers = ["Victim Seq", "Subj Yrs", "Offcr Yrs Svc", "Sgt Review", "SUSPECT HGT", "Arrestee Seq No", "Ofc Nbr"]
    portal.replace('"marked"]', f'"marked", {", ".join(map(json.dumps, headers))}]')
    more = ",".join(headers)
    portal.write(
        [f"{line}{',1' * len(headers)}" for line in lines()], f"incident,when,nature,lat,lon,town,marked,{more}"
    )
    assert portal.publish().accounted


def test_who_answers_for_something_is_named_on_purpose(portal: SmallPortal) -> None:
    with_line(portal, "portal.toml", 'contact = "Jane Smith, records, 802-555-0100, jane@example.org"')
    path = portal.root / DATASET
    rule = '[disclosure.priority]\npublish = false\nreason = "Not needed."\napproved_by = "Officer Jane Smith"\n'
    path.write_text(path.read_text(encoding="utf-8") + rule, encoding="utf-8")
    portal.publish()


HIDDEN = [
    ("portal.toml", f'about = "{TURNED}"', "U+202E (right-to-left override)"),
    (DATASET, 'description = "Ask the cl\u200berk"', "U+200B (zero width space)"),
    (DATASET, 'caveats = ["See ![the map](https://example.org/p.png)"]', "an image in Markdown"),
    (DATASET, "description = '<img src=\"https://example.org/p.png\">'", "HTML"),
    (DATASET, 'licence = "<script>1</script>"', "HTML"),
]


@pytest.mark.parametrize(("file", "added", "found"), HIDDEN)
def test_hidden_letters_images_and_marks_are_told_with_their_line(
    portal: SmallPortal, file: str, added: str, found: str
) -> None:
    with_line(portal, file, added)
    with pytest.raises(PortalError) as raised:
        portal.open()
    (problem,) = raised.value.problems
    assert problem.where.startswith(f"{file}:")
    assert found in problem.found
    assert "\u202e" not in str(problem)


def test_what_is_called_after_somebody_is_nobody(portal: SmallPortal) -> None:
    portal.replace('agency = "Alder Police"', 'agency = "St. Louis Metropolitan Police Department"')
    with_line(
        portal, DATASET, 'description = "Beside it: FBI Uniform Crime Reporting Program, Crime in the Nation 2023"'
    )
    portal.publish()
    portal.replace("St. Louis Metropolitan Police Department", "Suspect Harold Fenwick")
    with pytest.raises(PortalError, match=r"coverage\.agency"):
        portal.publish()


def test_what_is_meant_so_may_stand(portal: SmallPortal) -> None:
    with_line(portal, DATASET, 'description = "Counts < 5 & > 0; see <https://example.org> and [here](/about)!"')
    portal.open()


def test_a_source_with_letters_that_nobody_sees_is_published_without(portal: SmallPortal) -> None:
    portal.replace('"marked"]', '"marked", "by\u202e", "how"]')
    portal.replace('from = "marked" }\n', 'from = "marked" }\ncall_origin = { from = "how" }\n')
    header = "incident,when,nature,lat,lon,town,marked,by\u202e,how"
    portal.write([f"{line},x,9\u200b1\u202e1\u2066" for line in lines()], header)
    portal.publish()
    assert set(portal.public("alder-calls")["call_origin"].to_pylist()) == {"911"}
    release = Store(portal.root / "data").current()
    version = release and release.dataset("alder-calls")
    assert version
    assert "by" in {c.name for c in version.withheld_columns}
    public = portal.root / "data" / "public"
    for path in (p for p in public.rglob("*") if p.is_file()):
        assert not any(c.encode() in path.read_bytes() for c in "\u202e\u200b\u2066"), path


def test_a_proposal_of_a_source_with_hidden_letters_can_be_checked(portal: SmallPortal) -> None:
    permits = portal.root / "permits.csv"
    lines = [
        "Permit\u200b No,Issued\u202e,Kind\u00ad of permit",
        *(f"P{n},2024-03-0{n},Tree\u200b" for n in range(1, 8)),
    ]
    permits.write_text("\n".join(lines), encoding="utf-8")
    where = ["--portal", str(portal.root)]
    added = CliRunner().invoke(app, ["dataset", "add", "permits", "--from", str(permits), *where])
    assert added.exit_code == 0, added.output
    assert CliRunner().invoke(app, ["dataset", "sign", "permits", "--by", "Records clerk", *where]).exit_code == 0
    checked = CliRunner().invoke(app, ["check", "permits", *where])
    assert checked.exit_code == 0, checked.output
    assert "permits" in portal.open().declared


def test_a_command_shows_what_would_move_the_cursor(portal: SmallPortal) -> None:
    rows = [line.replace("Noise", "Odd\u202e\u0007type") for line in lines()]
    portal.write(rows)
    said = CliRunner().invoke(app, ["check", "--portal", str(portal.root)]).output
    assert "Odd<U+202E><U+0007>type" in said
    assert "\u202e" not in said


def with_line(portal: SmallPortal, file: str, line: str) -> None:
    """Write a key at the head of a file."""
    path: Path = portal.root / file
    path.write_text(f"{line}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
