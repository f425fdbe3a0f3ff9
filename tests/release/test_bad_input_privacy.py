"""What a publisher can get wrong about privacy: a clear message, and nothing that should not be is published."""

from __future__ import annotations

import pytest
from tests.release.conftest import CROSSWALK, HEADER, SmallPortal, call, lines
from typer.testing import CliRunner

from candor.cli.app import app
from candor.errors import PortalError
from candor.publish.run import publish
from candor.store.model import Release
from candor.store.store import Store

pytestmark = pytest.mark.long

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
        assert said.startswith("crosswalks/alder-calls.csv:6: category: found the call type")
        for part in (f'by "{word}"', of, "'noise'", "who decided that"):
            assert part in said
        assert current(portal) == before
    # A check tells everything else too, and ends as publishing would.
    answer = CliRunner().invoke(app, ["check", "--portal", str(portal.root)])
    assert answer.exit_code == 1
    assert "Publishing would be refused:\ncrosswalks/alder-calls.csv:6" in answer.stderr
    assert "Every row ends in one of four" in answer.stdout
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
    portal.write([call(n, f"2024-03-{n:02d}T10:15:00-05:00") for n in range(1, 21)])
    declared(portal, '[categories.noise]\nrelease = "aggregates"\nreason = "Records of investigation."\n')
    portal.publish()
    assert portal.public("alder-calls").num_rows == 0
    cube = portal.public("calls-by-town").to_pylist()
    assert sum(line["calls"] or 0 for line in cube if line["category"] == "noise") == 20


def month_of_calls(month: int, kind: str = "Noise", count: int = 28, start: int = 0) -> list[str]:
    """Calls of a month of 2024, one a day."""
    return [
        call(start + 1000 * month + n, f"2024-{month:02d}-{n:02d}T10:15:00-05:00", kind) for n in range(1, count + 1)
    ]


def test_a_category_made_sensitive_stays_in_what_was_published_and_is_in_nothing_new(portal: SmallPortal) -> None:
    """Publishing one data set leaves the others as they are, whatever their kinds have become since."""
    text = (portal.root / "datasets" / "alder-calls.toml").read_text(encoding="utf-8")
    other = text.replace("abcd-2345", "bbcd-2345").replace("Alder Police", "Birch Police").replace(
        "5000100001", "5000100002")  # fmt: skip
    (portal.root / "datasets" / "birch-calls.toml").write_text(other, encoding="utf-8")
    march = [*month_of_calls(3), *month_of_calls(3, "Alarm", start=100)]
    portal.write(march)
    portal.clock("2024-05-05")
    portal.publish()
    before = {name: portal.public(name) for name in ("alder-calls", "birch-calls")}
    assert before["birch-calls"].num_rows == len(march)
    rule = '\n[categories.noise]\nsensitivity = "sensitive"\nreason = "Records of investigation."\n'
    for name in ("alder-calls", "birch-calls"):
        path = portal.root / "datasets" / f"{name}.toml"
        path.write_text(path.read_text(encoding="utf-8") + rule, encoding="utf-8")
    portal.write([*march, *month_of_calls(4), *month_of_calls(4, "Alarm", start=100),
                  *month_of_calls(4, "Patrol", start=200)])  # fmt: skip
    (portal.root / "crosswalks" / "alder-calls.csv").write_text(
        CROSSWALK.replace("Patrol,,officer", "Patrol,directed-patrol,officer"), encoding="utf-8"
    )
    portal.replace("date = 2024-01-02", "date = 2024-06-04")
    portal.clock("2024-06-05")
    publish(portal.open(), ["alder-calls"])
    assert portal.public("birch-calls").equals(before["birch-calls"])
    kinds: dict[str, set[str]] = {f"{m:%Y-%m}": set() for m in portal.public("alder-calls")["month"].to_pylist()}
    for row in portal.public("alder-calls").to_pylist():
        kinds[f"{row['month']:%Y-%m}"].add(row["category"])
    assert kinds == {"2024-03": {"noise", "alarm"}, "2024-04": {"alarm", "directed-patrol"}}
    cube = {
        (f"{x['month']:%Y-%m}", x["coverage"], x["calls"])
        for x in portal.public("calls-by-town").to_pylist()
        if x["category"] == "noise" and x["place"] == "Alder" and x["initiated_by"] == "citizen"
    }
    assert cube == {("2024-03", "reported", 56), ("2024-04", "by county only", None)}
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


def test_a_category_opened_later_is_open_from_then_on_and_one_withheld_is_told_no_more(portal: SmallPortal) -> None:
    """What was sensitive and turns open does not appear: its months stay told by county only."""
    approved = 'approved_by = "J. Doe, Chief"\ndate = 2025-01-31\n'
    march = [*lines(28), *month_of_calls(3, "Overdose", start=100)]
    portal.write(march)
    portal.clock("2024-07-10")
    portal.publish()
    told = portal.public("sensitive-calls").to_pylist()
    of_march = [x for x in told if x["period"] == "2024-03" and x["category"] == "overdose" and x["level"] == "county"]
    assert [(x["coverage"], x["calls"]) for x in of_march] == [("reported", 30)]
    declared(portal, f'[categories.overdose]\nsensitivity = "open"\nrelease = "records"\nreason = "A."\n{approved}')
    portal.replace('last_month = "2024-04"', 'last_month = "2024-06"')
    june = [call(500 + n, f"2024-06-{n:02d}T10:15:00-04:00", kind) for n in range(1, 29) for kind in ("Noise", "Alarm")]
    june = [line.replace("C00", f"C{i}0", 1) for i, line in enumerate(june)]
    portal.write([*march, *june, *month_of_calls(6, "Overdose", start=100)])
    portal.clock("2024-08-01")
    portal.publish()
    rows = portal.public("alder-calls").to_pylist()
    assert {f"{x['month']:%Y-%m}" for x in rows if x["category"] == "overdose"} == {"2024-06"}
    cube = {
        (f"{x['month']:%Y-%m}", x["coverage"], x["calls"])
        for x in portal.public("calls-by-town").to_pylist()
        if x["category"] == "overdose" and x["place"] == "Alder" and x["initiated_by"] == "citizen"
    }
    assert {("2024-03", "by county only", None), ("2024-06", "reported", 28)} <= cube
    # What was told of it stays told.
    again = portal.public("sensitive-calls").to_pylist()
    assert [
        x for x in again if x["period"] == "2024-03" and x["category"] == "overdose" and x["level"] == "county"
    ] == (of_march)
    declared(portal, '[categories.overdose]\nrelease = "withheld"\nreason = "Medical privacy."\n')
    portal.publish()
    for name in ("calls-by-town", "sensitive-calls", "call-rates-by-town"):
        assert "overdose" not in portal.public(name)["category"].to_pylist(), name


@pytest.mark.parametrize("k", ["0", "1", '"many"'])
def test_rows_alone_of_their_kind_are_refused(portal: SmallPortal, k: str) -> None:
    portal.replace("\nk = 2", f"\nk = {k}", "portal.toml")
    answer = CliRunner().invoke(app, ["publish", "--portal", str(portal.root)])
    assert answer.exit_code != 0
    assert isinstance(answer.exception, PortalError)
    assert "privacy.k: found" in str(answer.exception)
    assert Store(portal.root / "data").current() is None
