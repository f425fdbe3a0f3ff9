"""The parts below the pages: names, charts, figures, the locked connection, the server's socket."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import duckdb
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.site.tiny_release import TOWNS

from candor.engine.public import open_public
from candor.errors import UsageError
from candor.graphics import charts
from candor.graphics.charts.frame import nice
from candor.published.errors import TookTooLongError, TooLargeError
from candor.published.model import Figure, Period, Place
from candor.published.release import Catalogue
from candor.published.search import Names, normalised
from candor.site.http.serve import listen


def place(geoid: str, name: str) -> Place:
    return Place(geoid, name.split(" ", maxsplit=1)[0], name, "Adams", 100, 50, None, None)


NAMES = Names(
    [place("1", "Rutland city"), place("2", "Rutland town"), place("3", "Saint Johnsbury"), place("4", "Mount Holly")],
    [("st j", "3"), ("bellows", "1"), ("bellows", "2"), ("nowhere", "99")],
)


@pytest.mark.parametrize(
    ("query", "found", "exact", "only"),
    [
        ("rutland", ["1", "2"], True, False),
        ("Rutland City", ["1"], True, True),
        ("RUTLAND  TOWN, Vermont", ["2"], True, True),
        ("St. Johnsbury", ["3"], True, True),
        ("saint johnsbury VT", ["3"], True, True),
        ("mt holly", ["4"], True, True),
        ("Bellows", ["1", "2"], True, False),
        ("johns", ["3"], False, False),
        ("rutlnd city", ["1"], False, False),
        ("nowhere", [], False, False),
        ("", [], False, False),
        ("!!!", [], False, False),
    ],
)
def test_names(query: str, found: list[str], exact: bool, only: bool) -> None:
    answer = NAMES.find(query)
    assert [m.place.geoid for m in answer.matches][: len(found)] == found
    assert bool(answer.matches) == bool(found)
    assert answer.exact == exact
    assert (answer.only is not None) == only


@given(st.text())
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


def months(*figures: Figure) -> list[tuple[Period, Figure]]:
    firsts = [date(2024 + i // 12, i % 12 + 1, 1) for i in range(len(figures))]
    return [(Period(f"{d:%Y-%m}", d, d), f) for d, f in zip(firsts, figures, strict=True)]


def month(coverage: str, calls: int | None = None) -> Figure:
    return Figure(coverage, calls, 100, 1, None, None, None, "")


def test_a_month_that_is_not_known_breaks_the_line_and_is_marked() -> None:
    series = months(
        month("reported", 10), month("reported", 12), month("not reported"), month("reported", 11), month("zero", 0),
        month("under 5"), month("not covered"), month("reported", 9), month("reported", 8),
    )  # fmt: skip
    drawn = charts.trend(series, "trend", "Calls <by> month", "What it shows & says")
    root = ET.fromstring(str(drawn))  # noqa: S314 - our own drawing
    name = root.tag.removesuffix("svg")
    lines = list(root.iter(f"{name}polyline"))
    assert len(lines) == 3
    assert [len(e.attrib["points"].split()) for e in lines] == [2, 2, 2]
    kinds = [e.attrib.get("class") for e in root.iter(f"{name}rect")]
    assert set(kinds) == {"chart__gap", "chart__under", "k-not-covered"}
    assert len(kinds) == 3
    assert {e.attrib["class"] for e in root.iter(f"{name}circle")} == {"chart__bar"}
    assert root.attrib["role"] == "img"
    under = next(e for e in root.iter(f"{name}rect") if e.attrib["class"] == "chart__under")
    zero = max(float(e.attrib["cy"]) for e in root.iter(f"{name}circle") if e.attrib["class"] == "chart__bar")
    assert float(under.attrib["y"]) > zero  # under 5 does not stand where zero stands
    assert charts.trend(months(month("not covered"), month("not reported")), "trend", "", "") == ""
    assert root.findtext(f"{name}title") == "Calls <by> month"
    assert {"Not reported: not known", "Not covered: not known", "Under 5: 0 to 4"} <= set(
        re.findall(r"</svg>([^<]+)</li>", str(charts.trend_key(series)))
    )


@given(st.integers(0, 10**9))
def test_the_scale_begins_at_zero_and_reaches_the_most_in_whole_steps(most: int) -> None:
    top = nice(most)
    assert top >= most
    assert top % 4 == 0
    assert top <= max(4, 2.2 * most)


def test_the_figures_are_those_of_the_data_set(tiny_data: Path) -> None:
    held = Catalogue(tiny_data / "public").current()
    assert held.figures is not None
    rates = held.release.dataset("call-rates-by-town")
    assert rates is not None
    rows = held.tables.rows(
        "SELECT CASE level WHEN 'state' THEN '' ELSE geoid END, period, category, initiated_by,"
        " replace(coverage, 'not told', 'by county only'), calls,"
        " residents, months_reported, rate, rate_low, rate_high, note, towns_reported FROM read_parquet(?)",
        [held.tables.files(rates)],
    )
    assert len(rows) > 3000
    for geoid, period, category, by, *values in rows:
        now = held.figures.get(geoid, period, category, by)
        assert [now.coverage, now.count, now.residents, now.months_reported, now.rate, now.low, now.high, now.note,
                now.towns_reported] == values  # fmt: skip
    elm = next(t for t in TOWNS if not t.agency)
    assert held.figures.get(elm.geoid, "2024-05", "noise", "citizen").coverage == "not covered"
    assert held.figures.get("nope", "2024", "noise", "citizen").coverage == "not covered"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('{outside}')",
        "SELECT * FROM read_text('{inside}/../outside.csv')",
        "ATTACH 'other.duckdb'",
        "COPY (SELECT 1) TO '{outside}'",
        "SELECT * FROM read_csv('https://example.org/x.csv')",
        "INSTALL httpfs",
        "LOAD spatial",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET memory_limit = '8GB'",
    ],
)
def test_the_public_connection_opens_the_public_folder_and_nothing_else(tmp_path: Path, sql: str) -> None:
    inside, outside = tmp_path / "public", tmp_path / "outside.csv"
    inside.mkdir()
    (inside / "in.csv").write_text("a\n1\n", encoding="utf-8")
    outside.write_text("secret\n1\n", encoding="utf-8")
    connection = open_public(inside)
    assert connection.execute("SELECT content FROM read_text(?)", [str(inside / "in.csv")]).fetchall() == [("a\n1\n",)]
    with pytest.raises(duckdb.Error):
        connection.execute(sql.format(inside=inside, outside=outside)).fetchall()
    assert outside.read_text("utf-8") == "secret\n1\n"


def test_a_question_that_takes_too_long_is_stopped(site: httpx.Client, tiny_data: Path) -> None:
    held = Catalogue(tiny_data / "public").current()
    with (
        pytest.raises(TookTooLongError, match="stopped"),
        held.tables.query(
            "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 1", [], seconds=0.2
        ) as cursor,
    ):
        cursor.fetchall()
    assert site.get("/healthz").status_code == 200


def test_a_question_that_needs_too_much_memory_is_refused_in_words(tiny_data: Path) -> None:
    held = Catalogue(tiny_data / "public").current()
    with pytest.raises(TooLargeError, match="more memory") as raised:
        held.tables.rows("SELECT list(repeat('x', 1000) || range) FROM range(5000000)", [])
    assert "download the whole file" in raised.value.message
    assert held.tables.rows("SELECT 1", []) == [(1,)]


def test_a_port_in_use_is_named_with_the_remedy() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=rf"Port {port} is already in use") as raised:
            listen("127.0.0.1", port)
    assert "--port" in str(raised.value)
    assert raised.value.exit_code == 2
    with pytest.raises(UsageError, match="--host"):
        listen("no.such.host.invalid", 8000)
    with pytest.raises(UsageError):
        listen("127.0.0.1", 70000)


def test_the_server_answers_what_is_under_way_and_then_ends(tiny_data: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = "import sys, pathlib, candor.site.http.serve as s; s.serve(pathlib.Path(sys.argv[1]), port=int(sys.argv[2]))"
    command = [sys.executable, "-c", code, str(tiny_data / "public"), str(port)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        for _ in range(600):
            try:
                if httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.05)
        with httpx.stream("GET", f"http://127.0.0.1:{port}/datasets/tiny-calls.csv") as answer:
            process.terminate()
            assert len(answer.read().splitlines()) > 240
        assert process.wait(20) in (0, -15)
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.wait()
