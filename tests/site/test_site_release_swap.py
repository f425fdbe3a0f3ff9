"""A new release while the site runs: no reader ever sees half of each."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.site.conftest import PAGE, running
from tests.site.tiny_release import publish_tiny

from candor.published.release import Catalogue
from candor.store.store import Store


def test_a_new_release_is_seen_at_once_and_whole(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data / "public") as client:
        assert client.get("/healthz").status_code == 503
        publish_tiny(data, calls=12, note=" one")
        assert client.get("/healthz").json()["release"] == 1
        tag = client.get("/resource/tiny-ca22.json").headers["etag"]
        assert len(client.get("/resource/tiny-ca22.json").json()) == 12
        publish_tiny(data, calls=20, note=" two")
        fresh = client.get("/resource/tiny-ca22.json", headers={"If-None-Match": tag})
        assert fresh.status_code == 200
        assert len(fresh.json()) == 20
        assert "Tiny State public safety two" in client.get("/", headers=PAGE).text
        Store(data).rollback(1)
        assert client.get("/healthz").json()["release"] == 3
        assert len(client.get("/resource/tiny-ca22.json").json()) == 12
        assert len(client.get("/datasets/tiny-calls.csv?version=2").text.splitlines()) > 20


def test_requests_during_publications_see_one_release_each(tmp_path: Path) -> None:
    data = tmp_path / "data"
    sizes = {1: 10, 2: 30, 3: 50}
    publish_tiny(data, calls=sizes[1], only_rows=True)
    wrong: list[tuple[int, int]] = []
    done = threading.Event()
    with running(data / "public") as client:

        def read() -> None:
            while not done.is_set():
                release = client.get("/api/release").json()
                rows = next(d["rows"] for d in release["datasets"] if d["name"] == "tiny-calls")
                if sizes[release["number"]] != rows:
                    wrong.append((release["number"], rows))
                if len(client.get("/resource/tiny-ca22.json").json()) not in sizes.values():
                    wrong.append((0, 0))

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        for number in (2, 3):
            publish_tiny(data, calls=sizes[number], only_rows=True)
        done.set()
        for reader in readers:
            reader.join()
        assert client.get("/healthz").json()["release"] == 3
    assert wrong == []


def test_a_request_keeps_the_release_that_it_began_with(tmp_path: Path) -> None:
    data = tmp_path / "data"
    publish_tiny(data, calls=10, only_rows=True)
    catalogue = Catalogue(data / "public")
    begun = catalogue.current()
    publish_tiny(data, calls=30, only_rows=True)
    assert catalogue.current().release.number == 2
    assert begun.release.number == 1
    files = begun.tables.files(begun.dataset("tiny-calls"))
    assert begun.tables.rows("SELECT count(*) FROM read_parquet(?)", [files]) == [(10,)]


def test_a_damaged_new_release_leaves_the_old_one_in_sight(tmp_path: Path) -> None:
    data = tmp_path / "data"
    publish_tiny(data, calls=10, only_rows=True)
    catalogue = Catalogue(data / "public")
    assert catalogue.current().release.number == 1
    publish_tiny(data, calls=30, only_rows=True)
    (data / "public" / "releases" / "2.json").write_text("{", encoding="utf-8")
    assert catalogue.current().release.number == 1


def test_a_portal_that_counts_nothing_by_town_has_its_pages(tmp_path: Path) -> None:
    data = tmp_path / "data"
    publish_tiny(data, calls=10, only_rows=True, simulated=False)
    with running(data / "public") as client:
        home = client.get("/", headers=PAGE)
        assert home.status_code == 200
        assert "SIMULATED" not in home.text
        assert "x-candor-simulated" not in home.headers
        assert client.get("/datasets/tiny-force", headers=PAGE).status_code == 200
        assert client.get("/methods", headers=PAGE).status_code == 200
        nothing = client.get("/map", headers=PAGE)
        assert nothing.status_code == 404
        assert "publishes no counts by town" in nothing.text
        name = client.head("/datasets/tiny-force.csv").headers["content-disposition"]
        assert name == 'attachment; filename="tiny-force.csv"'
