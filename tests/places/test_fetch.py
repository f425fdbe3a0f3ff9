"""`candor places fetch` against a server of its own, with small files in the Census Bureau's formats."""

from __future__ import annotations

import io
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from candor.errors import DataError, UsageError
from candor.places.builder.census import CensusUrls
from candor.places.builder.fetch import fetch
from candor.places.builder.spatial import spatial_connection
from candor.places.pack import load_pack

BOUNDARIES = "/geo/tiger/GENZ2020/shp/cb_2020_50_cousub_500k.zip"
GAZETTEER = "/geo/docs/maps-data/data/gazetteer/2020_Gazetteer/2020_gaz_cousubs_50.txt"
NATIONAL = "/geo/docs/maps-data/data/gazetteer/2020_Gazetteer/2020_Gaz_cousubs_national.zip"
POPULATION = "/programs-surveys/popest/datasets/2020-2023/cities/totals/sub-est2023_50.csv"

# COUNTYFP, COUSUBFP, NAME, NAMELSAD, NAMELSADCO, left, bottom
TOWNS = [
    ("007", "10675", "Burlington", "Burlington city", "Chittenden County", -73.3, 44.4),
    ("007", "24175", "Essex", "Essex town", "Chittenden County", -73.2, 44.4),
    ("021", "61225", "Rutland", "Rutland city", "Rutland County", -73.0, 43.6),
    ("021", "61300", "Rutland", "Rutland town", "Rutland County", -72.9, 43.6),
    ("007", "00000", "Lake", "County subdivisions not defined", "Chittenden County", -73.4, 44.4),
]


def _shapefile(folder: Path) -> bytes:
    rows = ", ".join(
        f"('50', '{county}', '{code}', '50{county}{code}', '{name}', '{full}', '{county_name}', "
        f"ST_MakeEnvelope({x}, {y}, {x + 0.1}, {y + 0.1}))"
        for county, code, name, full, county_name, x, y in TOWNS
    )
    stem = folder / "cb_2020_50_cousub_500k"
    columns = "STATEFP, COUNTYFP, COUSUBFP, GEOID, NAME, NAMELSAD, NAMELSADCO, geom"
    with spatial_connection() as connection:
        connection.execute(
            f"COPY (SELECT * FROM (VALUES {rows}) AS t({columns})) TO '{stem}.shp' "
            "WITH (FORMAT gdal, DRIVER 'ESRI Shapefile', SRS 'EPSG:4269')"
        )
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    return data.getvalue()


def _gazetteer(states: tuple[str, ...] = ("50",)) -> bytes:
    lines = ["USPS\tGEOID\tANSICODE\tNAME\tFUNCSTAT\tALAND\tAWATER\tINTPTLAT\tINTPTLONG                    "]
    lines += [
        f"VT\t{state}{county}{code}\t01462000\t{full}\tA\t1\t0\t{y + 0.05}\t{x + 0.05}     "
        for state in states
        for county, code, _, full, _, x, y in TOWNS
        if code != "00000"
    ]
    return ("\n".join(lines) + "\n").encode()


def _estimates() -> bytes:
    header = (
        "SUMLEV,STATE,COUNTY,PLACE,COUSUB,CONCIT,PRIMGEO_FLAG,FUNCSTAT,NAME,STNAME,ESTIMATESBASE2020,POPESTIMATE2022"
    )
    lines = [
        "040,50,000,00000,00000,00000,0,A,Vermont,Vermont,643085,647064",
        "050,50,007,00000,00000,00000,0,A,Chittenden County,Vermont,168309,169481",
        "050,50,021,00000,00000,00000,0,A,Rutland County,Vermont,60577,60366",
        "061,50,007,00000,10675,00000,1,F,Burlington city,Vermont,44740,44528",
        "061,50,007,00000,24175,00000,1,A,Essex town,Vermont,22094,22063",
        "061,50,021,00000,61225,00000,1,F,Rutland city,Vermont,15805,15695",
        "061,50,021,00000,61300,00000,1,A,Rutland town,Vermont,3927,3925",
        "162,50,000,10675,00000,00000,0,A,Burlington city (Cañon),Vermont,44740,44528",
    ]
    return "\n".join([header, *lines, ""]).encode("latin-1")


@dataclass
class Site:
    """A server of files; `faults` are answers that come before a path's own, one a request."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    marks: bool = False


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    parts = tmp_path / "shape"
    parts.mkdir()
    found = Site(files={BOUNDARIES: _shapefile(parts), GAZETTEER: _gazetteer(), POPULATION: _estimates()})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked[self.path] += 1
            waiting = found.faults.get(self.path, [])
            fault = waiting.pop(0) if waiting else ""
            body = found.files.get(self.path)
            if fault.isdigit():
                self.send_error(int(fault))
            elif body is None:
                self.send_error(404)
            else:
                mark = f'"{len(body)}"'
                asked = self.headers.get("Range", "") if self.headers.get("If-Range") == mark else ""
                begin = int(asked.removeprefix("bytes=").removesuffix("-")) if found.marks and asked else 0
                self.send_response(206 if begin else 200)
                if begin:
                    self.send_header("Content-Range", f"bytes {begin}-{len(body) - 1}/{len(body)}")
                if found.marks:
                    self.send_header("ETag", mark)
                self.send_header("Content-Length", str(len(body) - begin))
                self.end_headers()
                rest = body[begin : (begin + len(body)) // 2] if fault == "cut" else body[begin:]
                found.sent[self.path] += len(rest)
                self.wfile.write(rest)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


NO_WAIT = (0.0, 0.0)


def test_a_state_from_the_bureaus_files(site: Site, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int | None]] = []
    summary = fetch(tmp_path / "places", "50", site.url, waits=NO_WAIT, progress=lambda *step: seen.append(step))
    assert (summary.places, summary.residents) == (4, 86_566)
    assert summary.without_population == summary.without_boundary == ()
    assert any("water" in n for n in summary.notes)
    pack = load_pack(tmp_path / "places")
    assert pack.places.select(["geoid", "name", "full_name", "county", "residents"]).to_pylist() == [
        {"geoid": g, "name": n, "full_name": f, "county": c, "residents": r}
        for g, n, f, c, r in [
            ("5000710675", "Burlington", "Burlington city", "Chittenden", 44_740),
            ("5000724175", "Essex", "Essex town", "Chittenden", 22_094),
            ("5002161225", "Rutland city", "Rutland city", "Rutland", 15_805),
            ("5002161300", "Rutland town", "Rutland town", "Rutland", 3_927),
        ]
    ]
    assert pack.boundaries[0].bounds == pytest.approx((-73.3, 44.4, -73.2, 44.5))
    assert (pack.title, pack.year, pack.schematic) == ("Towns of Vermont", 2020, False)
    assert "Census Bureau" in pack.source
    sizes = {name: total for name, done, total in seen if done == total}
    assert sizes == {Path(path).name: len(body) for path, body in site.files.items()}


def test_a_later_year(site: Site, tmp_path: Path) -> None:
    for path in (BOUNDARIES, GAZETTEER):
        site.files[path.replace("2020", "2022")] = site.files.pop(path)
    fetch(tmp_path / "places", "50", site.url + "/", year=2022, waits=NO_WAIT)
    pack = load_pack(tmp_path / "places")
    assert (pack.year, sum(pack.places["residents"].to_pylist())) == (2022, 86_211)


def test_an_error_of_the_server_is_tried_again(site: Site, tmp_path: Path) -> None:
    site.faults = {BOUNDARIES: ["500"], GAZETTEER: ["503", "429"], POPULATION: ["cut"]}
    assert fetch(tmp_path / "places", "50", site.url, waits=NO_WAIT).places == 4
    assert [site.asked[p] for p in (BOUNDARIES, GAZETTEER, POPULATION)] == [2, 3, 2]


def test_what_was_cut_off_goes_on_where_it_was(site: Site, tmp_path: Path) -> None:
    site.marks, site.faults = True, {BOUNDARIES: ["cut", "cut", "503"], POPULATION: ["cut"]}
    summary = fetch(tmp_path / "places", "50", site.url, waits=(0.0,) * 4)
    assert summary.places == 4
    assert site.asked[BOUNDARIES] == 4
    assert {path: site.sent[path] for path in site.files} == {path: len(body) for path, body in site.files.items()}
    said = [note for note in summary.notes if note.startswith("fetched")]
    assert len(said) == 3
    assert f"{len(site.files[BOUNDARIES]):,} bytes from {site.url}{BOUNDARIES}, in 4 tries" in said[0]


def test_a_file_that_changed_on_the_way_comes_anew(site: Site, tmp_path: Path) -> None:
    site.marks, site.faults = True, {POPULATION: ["cut"]}
    longer = site.files[POPULATION] + b"061,50,021,00000,99999,00000,1,A,Nowhere town,Vermont,5,5\n"
    seen: list[int] = []

    def change(name: str, done: int, _: int | None) -> None:
        if name == Path(POPULATION).name and not seen:
            seen.append(done)
            site.files[POPULATION] = longer

    summary = fetch(tmp_path / "places", "50", site.url, waits=NO_WAIT, progress=change)
    assert summary.without_boundary == ("Nowhere town (5002199999)",)


def test_a_later_run_keeps_what_came_whole(site: Site, tmp_path: Path) -> None:
    keep = tmp_path / "kept"
    site.faults = {POPULATION: ["503"] * 3}
    with pytest.raises(DataError, match="what came whole is kept"):
        fetch(tmp_path / "places", "50", site.url, waits=NO_WAIT, keep=keep)
    summary = fetch(tmp_path / "places", "50", site.url, waits=NO_WAIT, keep=keep)
    assert site.asked == {BOUNDARIES: 1, GAZETTEER: 1, POPULATION: 4}
    assert [note.startswith("kept ") for note in summary.notes[:3]] == [True, True, False]
    assert not keep.exists()


@pytest.mark.parametrize("path", [BOUNDARIES, GAZETTEER, POPULATION])
def test_a_download_that_is_always_cut_short(site: Site, tmp_path: Path, path: str) -> None:
    folder = tmp_path / "places"
    fetch(folder, "50", site.url, waits=NO_WAIT)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    site.asked.clear()
    site.faults = {path: ["cut"] * 9}
    with pytest.raises(DataError, match=Path(path).name) as error:
        fetch(folder, "50", site.url, waits=NO_WAIT)
    assert site.asked[path] == 3
    assert "without sending complete message body" in str(error.value)
    assert "candor places import" in str(error.value)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_a_zip_that_was_cut_before_it_was_served(site: Site, tmp_path: Path) -> None:
    site.files[BOUNDARIES] = site.files[BOUNDARIES][:-300]
    with pytest.raises(DataError, match="not a whole zip file"):
        fetch(tmp_path / "places", "50", site.url, waits=NO_WAIT)
    assert not (tmp_path / "places").exists()


def test_a_damaged_member_of_the_zip(site: Site, tmp_path: Path) -> None:
    data = bytearray(site.files[BOUNDARIES])
    at = data.index(b".dbf") + 40
    data[at : at + 8] = bytes(b ^ 0xFF for b in data[at : at + 8])
    site.files[BOUNDARIES] = bytes(data)
    with pytest.raises(DataError, match=r"damaged|not a whole zip"):
        fetch(tmp_path / "places", "50", site.url, waits=NO_WAIT)


def test_a_zip_without_a_shapefile(site: Site, tmp_path: Path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    site.files[BOUNDARIES] = data.getvalue()
    with pytest.raises(DataError, match=r"without \.dbf, \.shp, \.shx"):
        fetch(tmp_path / "places", "50", site.url, waits=NO_WAIT)


@pytest.mark.parametrize("path", [BOUNDARIES, GAZETTEER, POPULATION])
def test_a_web_page_instead_of_the_file(site: Site, tmp_path: Path, path: str) -> None:
    site.files[path] = b"<!DOCTYPE html><html><body>Please sign in to the network</body></html>"
    with pytest.raises(DataError, match="web page"):
        fetch(tmp_path / "places", "50", site.url, waits=NO_WAIT)


def test_a_file_that_is_not_there(site: Site, tmp_path: Path) -> None:
    del site.files[BOUNDARIES]
    with pytest.raises(DataError, match=r"cb_2020_50_cousub_500k\.zip: the server answered 404"):
        fetch(tmp_path / "places", "50", site.url, waits=NO_WAIT)
    assert site.asked[BOUNDARIES] == 1


def test_the_national_gazetteer_where_the_state_has_none(site: Site, tmp_path: Path) -> None:
    del site.files[GAZETTEER]
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("2020_Gaz_cousubs_national.txt", _gazetteer(("33", "50")))
    site.files[NATIONAL] = data.getvalue()
    summary = fetch(tmp_path / "places", "50", site.url, waits=NO_WAIT)
    assert summary.places == 4
    assert summary.without_boundary == ()


def test_another_states_files(site: Site, tmp_path: Path) -> None:
    for path in (BOUNDARIES, GAZETTEER, POPULATION):
        site.files[path.replace("_50_", "_33_").replace("_50.", "_33.")] = site.files[path]
    with pytest.raises(DataError, match="no county subdivision of state 33"):
        fetch(tmp_path / "places", "33", site.url, waits=NO_WAIT)


def test_an_address_for_each_file(site: Site, tmp_path: Path) -> None:
    site.files = {f"/{i}": body for i, body in enumerate(site.files.values())}
    urls = CensusUrls((f"{site.url}/0",), (f"{site.url}/1",), (f"{site.url}/2",))
    assert fetch(tmp_path / "places", "50", urls=urls, waits=NO_WAIT).places == 4


def test_no_network(tmp_path: Path) -> None:
    # Nothing listens on the discard port.
    with pytest.raises(DataError, match="The download failed"):
        fetch(tmp_path / "places", "50", "http://127.0.0.1:9", waits=NO_WAIT)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"state": "VT"}, "two-digit FIPS code"),
        ({"state": "50", "base_url": "ftp://example.org"}, "https://"),
        ({"state": "50", "year": 1990}, "the year 1990"),
    ],
    ids=["state", "address", "year"],
)
def test_a_wrong_call(tmp_path: Path, arguments: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        fetch(tmp_path / "places", **arguments)  # type: ignore[arg-type]  # wrong on purpose
