"""Both layers in one release, from the simulator: beside each other, and never in each other."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.offences.conftest import one, public_table

from candor.demo.portal import build_demo_portal
from candor.measures.verified import SCHEMA as SHARES
from candor.measures.yearly import COLUMNS
from candor.measures.yearly_figures import SCHEMA as RATES
from candor.profiles.check import open_portal
from candor.profiles.profile import standard_taxonomy
from candor.profiles.published import made_by_portal
from candor.publish.run import publish
from candor.store.model import Release
from candor.store.public import PublicStore

pytestmark = pytest.mark.long


@dataclass(frozen=True)
class Demo:
    root: Path
    release: Release
    file: list[dict[str, str]]

    def table(self, name: str) -> pa.Table:
        return public_table(self.root, name)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    root = tmp_path_factory.mktemp("both") / "vermont"
    build_demo_portal(root, calls=50_000, months=15, seed=11)
    release = publish(open_portal(root)).release
    assert release is not None
    with (root / "sources" / "verified-offences-SIMULATED.csv").open(encoding="utf-8", newline="") as file:
        return Demo(root, release, list(csv.DictReader(file)))


def test_the_words_of_each_data_set_name_its_columns() -> None:
    words = made_by_portal()
    for name, columns in (
        ("offences-by-town", COLUMNS), ("offence-rates-by-town", RATES.names), ("verified-share-by-town", SHARES.names),
    ):  # fmt: skip
        named = ["offences" if c == "events" else c for c in columns]
        assert [c["name"] for c in words[name]["columns"]] == named
        said = words[name]["description"] + "".join(c["description"] for c in words[name]["columns"])
        assert "crime" not in said.lower()


def test_every_published_data_set_of_offences_says_simulated(demo: Demo) -> None:
    for name in ("verified-offences", "offences-by-town", "offence-rates-by-town", "verified-share-by-town"):
        version = demo.release.dataset(name)
        assert version is not None
        assert "SIMULATED" in version.title
        assert pc.all(demo.table(name)["simulated"]).as_py()


def test_the_layers_have_categories_of_their_own(demo: Demo) -> None:
    offences = {c.slug for c in demo.release.kinds("offences")}
    assert offences == set(pc.unique(demo.table("offences-by-town")["category"]).to_pylist())
    assert not {"larceny-theft", "rape-revised"} & {c.slug for c in demo.release.kinds()}
    assert "noise" not in offences


def test_the_counts_are_those_of_the_file(demo: Demo) -> None:
    counts = demo.table("offences-by-town")
    burglary = counts.filter(pc.equal(counts["category"], "burglary"))
    assert pc.sum(burglary["offences"]).as_py() == sum(int(line["Burglary"]) for line in demo.file)
    state = one(demo.table("offence-rates-by-town"), level="state", period="2023", category="burglary")
    assert state["offences"] == sum(int(line["Burglary"]) for line in demo.file)
    assert state["towns_reported"] == len(demo.file)


def test_a_share_is_of_the_published_numbers_of_both_layers(demo: Demo) -> None:
    shares, calls, counts = (demo.table(n) for n in ("verified-share-by-town", "calls-by-town", "offences-by-town"))
    kinds = {c.slug: c.call_categories for c in standard_taxonomy("offences").categories}
    said = [line for line in shares.to_pylist() if line["share"] is not None]
    assert len(said) > 20
    for line in said[::5]:
        ours = pc.and_(
            pc.equal(calls["geoid"], line["geoid"]),
            pc.is_in(calls["category"].cast(pa.string()), value_set=pa.array(kinds[line["category"]])),
        )
        ours = pc.and_(ours, pc.equal(pc.year(calls["month"]), line["year"]))
        wanted = pc.sum(calls.filter(ours)["calls"]).as_py()
        offences = one(counts, geoid=line["geoid"], year=line["year"], category=line["category"])["offences"]
        assert (line["calls"], line["offences"]) == (wanted, offences)
        assert line["share"] == pytest.approx(offences / wanted, abs=1e-6)
        assert 0 <= line["share_low"] <= line["share"] <= line["share_high"] <= 1
    assert {line["note"] for line in said} == {""}


def test_the_calls_are_the_same_with_and_without_the_other_layer(demo: Demo) -> None:
    names = ("calls-by-town", "call-rates-by-town")
    before = {name: demo.table(name) for name in names}
    (demo.root / "datasets" / "verified-offences.toml").rename(demo.root / "verified-offences.toml")
    try:
        publish(open_portal(demo.root), ["community-events"])
        release = PublicStore(demo.root / "data" / "public").current()
        assert release is not None
        assert not release.kinds("offences")
        assert not [d.name for d in release.datasets if "offence" in d.name or "verified" in d.name]
        for name in names:
            assert demo.table(name).equals(before[name])
    finally:
        (demo.root / "verified-offences.toml").rename(demo.root / "datasets" / "verified-offences.toml")
