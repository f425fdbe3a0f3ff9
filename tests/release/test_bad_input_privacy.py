"""What a publisher can get wrong about privacy: a clear message, and nothing that should not be is published."""

from __future__ import annotations

import pytest
from tests.release.conftest import CROSSWALK, HEADER, SmallPortal, call, lines
from typer.testing import CliRunner

from candor.cli.app import app
from candor.portal.problems import PortalError
from candor.release import publish
from candor.store.model import Release
from candor.store.store import Store

COVERED = 'last_month = "2024-04"\n'


def current(portal: SmallPortal) -> Release:
    release = Store(portal.root / "data").current()
    assert release is not None
    return release


def declared(portal: SmallPortal, text: str) -> None:
    path = portal.root / "datasets" / "alder-calls.toml"
    path.write_text(path.read_text(encoding="utf-8").partition("\n[categories")[0] + "\n" + text, encoding="utf-8")


def crosswalk(portal: SmallPortal, line: str) -> None:
    (portal.root / "crosswalks" / "alder-calls.csv").write_text(CROSSWALK + line + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("call_type", "word", "of"),
    [
        ("OD - possible", "od", "an overdose"), ("Suicidal subject", "suicidal", "suicide or self-harm"),
        ("Sex offense, past", "sex", "a sexual matter"), ("JUV PROBLEM", "juv", "a child or young person"),
        ("DV verbal", "dv", "violence or a quarrel at home"), ("PSYCH", "psych", "mental health"),
    ],
)  # fmt: skip
def test_a_sensitive_call_type_in_an_open_category_stops_the_release_until_somebody_answers_for_it(
    portal: SmallPortal, call_type: str, word: str, of: str
) -> None:
    portal.publish()
    before = current(portal)
    portal.write([*lines(4), call(9, nature=f'"{call_type}"')])
    quoted = f'"{call_type}"'
    for line in (f"{quoted},noise,,,", f"{quoted},noise,,open,", f"{quoted},noise,,open,check: matched on x alone"):
        crosswalk(portal, line)
        with pytest.raises(PortalError) as raised:
            portal.publish()
        said = str(raised.value)
        assert said.startswith("crosswalks/alder-calls.csv:5: category: found the call type")
        for part in (f'by "{word}"', of, "'noise'", "who decided that"):
            assert part in said
        assert current(portal) == before
    # A check warns and goes on.
    answer = CliRunner().invoke(app, ["check", "--portal", str(portal.root)])
    assert answer.exit_code == 0
    assert "Warning, publishing is refused: crosswalks/alder-calls.csv:5" in answer.stderr
    for line in (f"{quoted},noise,,open,J. Doe decided so: the code is for drills", f"{quoted},noise,,sensitive,"):
        crosswalk(portal, line)
        portal.publish()


def test_a_column_new_in_the_source_is_told_since_which_release_and_stays_inside(portal: SmallPortal) -> None:
    portal.replace('columns = ["incident", "when", "nature", "lat", "lon", "town", "marked"]\n', "")
    assert portal.publish().new_columns == {}
    portal.write([f"{line},Jane Roe" for line in lines()], HEADER + ",caller")
    for command in ("check", "publish"):
        answer = CliRunner().invoke(app, [command, "--portal", str(portal.root)])
        assert answer.exit_code == 0, answer.output
        assert "alder-calls: new since release 1: caller; not published" in answer.stdout
    assert "caller" not in portal.public("alder-calls").column_names
    whole = b"".join(p.read_bytes() for p in (portal.root / "data" / "public").rglob("*") if p.is_file())
    assert b"Jane Roe" not in whole
    # Known from then on; after a release that failed it would be told again.
    assert portal.publish().new_columns == {}


def test_a_column_that_nobody_declared_is_listed_as_withheld(portal: SmallPortal) -> None:
    portal.replace('"town", "marked"]', '"town", "marked", "caller"]')
    portal.write([f"{line},Jane Roe" for line in lines()], HEADER + ",caller")
    portal.publish()
    version = current(portal).dataset("alder-calls")
    assert version is not None
    reasons = {w.name: w.reason for w in version.withheld_columns}
    assert "not declared is not published" in reasons["caller"]
    assert reasons["latitude"].startswith("Personal privacy")


def test_a_schema_of_ones_own_denies_what_it_does_not_class(portal: SmallPortal) -> None:
    (portal.root / "visits.csv").write_text("kind,who\nTour,Jane Roe\nTalk,John Doe\n", encoding="utf-8")
    (portal.root / "datasets" / "visits.toml").write_text(
        'id = "vvvv-2345"\ntitle = "Visits"\n[source]\npath = "visits.csv"\ncolumns = ["kind", "who"]\n'
        '[columns]\nkind = { from = "kind" }\nwho = { from = "who" }\n[schema]\n'
        '[[schema.columns]]\nname = "kind"\nlabel = "Kind"\ntype = "category"\ndisclosure = "open"\npublish = true\n'
        '[[schema.columns]]\nname = "who"\nlabel = "Who"\ntype = "text"\n',
        encoding="utf-8",
    )
    portal.publish()
    assert portal.public("visits").column_names == ["id", "kind"]
    version = current(portal).dataset("visits")
    assert version is not None
    assert [(w.name, bool(w.reason)) for w in version.withheld_columns] == [("who", True)]


def test_a_category_withheld_is_counted_nowhere_and_said_to_be(portal: SmallPortal) -> None:
    portal.write([*lines(20), *(call(n, nature="Overdose") for n in range(50, 80))])
    declared(portal, '[categories.overdose]\nrelease = "withheld"\nreason = "Medical privacy."\n')
    run = portal.publish()
    assert run.accounted[0].sums["withheld"] == 30
    release = current(portal)
    assert [(c.slug, c.reason) for c in release.portal.withheld_categories] == [("overdose", "Medical privacy.")]
    assert "overdose" not in {c.slug for c in release.categories}
    for version in release.datasets:
        table = portal.public(version.name)
        if "category" in table.column_names:
            assert "overdose" not in table["category"].to_pylist(), version.name


def test_an_open_category_of_counts_only_has_counts_and_no_rows(portal: SmallPortal) -> None:
    portal.write(lines(20))
    declared(portal, '[categories.noise]\nrelease = "aggregates"\nreason = "Records of investigation."\n')
    portal.publish()
    assert portal.public("alder-calls").num_rows == 0
    cube = portal.public("calls-by-town").to_pylist()
    assert sum(line["calls"] or 0 for line in cube if line["category"] == "noise") == 20


def test_a_category_made_sensitive_takes_the_rows_of_data_sets_that_were_not_named(portal: SmallPortal) -> None:
    """Publishing one data set leaves the others as they are, unless what they may say has changed."""
    text = (portal.root / "datasets" / "alder-calls.toml").read_text(encoding="utf-8")
    other = text.replace("abcd-2345", "bbcd-2345").replace("Alder Police", "Birch Police").replace(
        "5000100001", "5000100002")  # fmt: skip
    (portal.root / "datasets" / "birch-calls.toml").write_text(other, encoding="utf-8")
    portal.publish()
    assert portal.public("birch-calls").num_rows
    rule = '\n[categories.noise]\nsensitivity = "sensitive"\nreason = "Records of investigation."\n'
    for name in ("alder-calls", "birch-calls"):
        path = portal.root / "datasets" / f"{name}.toml"
        path.write_text(path.read_text(encoding="utf-8") + rule, encoding="utf-8")
    publish(portal.open(), ["alder-calls"])
    assert portal.public("alder-calls").num_rows == 0
    assert portal.public("birch-calls").num_rows == 0
    (noise,) = [c for c in current(portal).categories if c.slug == "noise"]
    assert (noise.sensitivity, noise.release, noise.reason) == ("sensitive", "aggregates", "Records of investigation.")


def test_a_category_approved_to_be_open_says_so_in_public(portal: SmallPortal) -> None:
    portal.write([*lines(10), *(call(n, nature="Overdose") for n in range(50, 53))])
    rule = '[categories.overdose]\nsensitivity = "open"\nrelease = "records"\nreason = "A judge ordered it."\n'
    declared(portal, rule)
    with pytest.raises(PortalError, match="nobody approved it"):
        portal.publish()
    declared(portal, rule + 'approved_by = "J. Doe, Chief"\ndate = 2025-01-31\n')
    portal.publish()
    assert portal.public("alder-calls")["category"].to_pylist().count("overdose") == 3
    version = current(portal).dataset("alder-calls")
    assert version is not None
    (approval,) = version.approvals
    assert (approval.subject, approval.label, approval.approved_by, str(approval.approved_on), approval.reason) == (
        "category", "Overdose or poisoning", "J. Doe, Chief", "2025-01-31", "A judge ordered it.",
    )  # fmt: skip


def test_a_category_opened_later_and_withheld_later(portal: SmallPortal) -> None:
    """Each is the publisher's to decide; what earlier releases said stays said."""
    approved = 'approved_by = "J. Doe, Chief"\ndate = 2025-01-31\n'
    portal.write([*lines(20), *(call(n, nature="Overdose") for n in range(50, 53))])
    portal.publish()
    assert "overdose" not in portal.public("alder-calls")["category"].to_pylist()
    declared(portal, f'[categories.overdose]\nsensitivity = "open"\nrelease = "records"\nreason = "A."\n{approved}')
    portal.publish()
    assert portal.public("alder-calls")["category"].to_pylist().count("overdose") == 3
    assert "overdose" in portal.public("calls-by-town")["category"].to_pylist()
    declared(portal, '[categories.overdose]\nrelease = "withheld"\nreason = "Medical privacy."\n')
    portal.publish()
    for name in ("calls-by-town", "sensitive-calls", "alder-calls"):
        assert "overdose" not in portal.public(name)["category"].to_pylist()


def test_a_category_made_sensitive_again_keeps_what_was_told_and_protects_what_comes(portal: SmallPortal) -> None:
    """What an open release told of small numbers cannot be taken back, and does not stop the next ones."""
    march, april = (
        [*(call(n + 100 * m, f"2024-{m:02d}-{n % 28 + 1:02d}T10:15:00-05:00") for n in range(1, 57))] for m in (3, 4)
    )
    overdoses = [call(n, nature="Overdose") for n in range(50, 53)]
    rule = '[categories.overdose]\nsensitivity = "open"\nrelease = "records"\nreason = "A."\n'
    approved = 'approved_by = "J. Doe, Chief"\ndate = 2025-01-31\n'
    portal.write([*march, *overdoses])
    declared(portal, rule + approved)
    portal.publish()
    declared(portal, "")
    portal.publish()
    assert "overdose" not in portal.public("calls-by-town")["category"].to_pylist()
    portal.write([*march, *overdoses, *april, *(call(n, "2024-04-09T10:15:00-05:00", "Overdose") for n in (60, 61))])
    portal.publish()
    figures = portal.public("sensitive-calls").to_pylist()
    found = {
        x["period"]: (x["coverage"], x["calls"]) for x in figures
        if x["level"] == "state" and x["category"] == "overdose"
    }  # fmt: skip
    assert found["2024-03"] == ("reported", 3)
    assert found["2024-04"] == ("suppressed", None)


def test_a_threshold_of_nothing_is_refused(portal: SmallPortal) -> None:
    for threshold in ("0", "1", "2"):
        with (portal.root / "portal.toml").open("a", encoding="utf-8") as file:
            before = file.tell()
            file.write(f"\n[privacy]\nthreshold = {threshold}\n")
        answer = CliRunner().invoke(app, ["publish", "--portal", str(portal.root)])
        assert answer.exit_code != 0
        assert isinstance(answer.exception, PortalError)
        assert "privacy.threshold: found the number" in str(answer.exception)
        assert "a number from 3: with 5, counts of 1 to 4 are withheld" in str(answer.exception)
        with (portal.root / "portal.toml").open("r+", encoding="utf-8") as file:
            file.truncate(before)
    assert Store(portal.root / "data").current() is None
