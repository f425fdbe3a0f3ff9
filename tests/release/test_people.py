"""Columns that tell of persons, from a portal's own file to what is published: opened by name, or inside."""

from __future__ import annotations

import pytest
from tests.release.conftest import SmallPortal
from tests.release.own_rows import AS_IT_IS, add, column, nothing_published, opened
from tests.release.test_newcomer import candor

from candor.errors import PortalError
from candor.profiles.check import open_portal
from candor.profiles.declared import approvals
from candor.profiles.taxonomy import Taxonomy

CREW = ("DESROCHERS", "KOWALCZYK", "MCALLISTER", "REYES", "BAKER")
STOPS = "held,crew,tag,yrs,kind,result\n" + "".join(
    f"2024-0{n % 3 + 1}-{n % 28 + 1:02},{CREW[n % 5]},{'ABC'[n % 3]}KX{n * 7 % 900 + 100},{12 + n % 50},"
    f"{('W', 'B', 'H')[n % 3]},{('Warned', 'Cited')[n % 2]}\n"
    for n in range(120)
)
COLUMNS = [
    column("held", "date", "date", role="time"), column("crew", "category", "none", disclosure="open"),
    column("tag", "category", "none", disclosure="open"), column("yrs", "integer", "band10"),
    column("kind", "category", "none", disclosure="open"), column("result", "category", "none", disclosure="open"),
]  # fmt: skip


def refused(portal: SmallPortal) -> list[str]:
    with pytest.raises(PortalError) as raised:
        portal.publish()
    return [f"{p.where} {p.found}" for p in raised.value.problems]


def test_what_tells_of_persons_is_refused_by_its_values_with_the_place_to_mend(portal: SmallPortal) -> None:
    add(portal, "stops", COLUMNS, STOPS, rest=AS_IT_IS)
    said = refused(portal)
    assert [words.split("'")[1] for words in said] == ["crew", "tag", "yrs", "kind"]
    assert [words.split(":")[0] for words in said] == ["datasets/stops.toml"] * 4
    assert "schema.columns.1" in said[0]
    assert nothing_published(portal)
    told = candor("check", "--portal", "portal", cwd=portal.root.parent)
    assert told.returncode == 1
    assert "[disclosure.crew] with reason, approved_by and date" in " ".join(told.stderr.split())
    assert not [secret for secret in (*CREW, "AKX") if secret in told.stdout + told.stderr]


def test_what_somebody_opened_by_name_is_published_and_told_in_public(portal: SmallPortal) -> None:
    columns = [c for c in COLUMNS if not any(f"'{name}'" in c for name in ("crew", "tag"))]
    columns.append(column("badge", "integer", "none", "yrs", disclosure="open"))
    add(portal, "stops", columns, STOPS, rest=AS_IT_IS + opened("yrs", "kind", "badge"))
    portal.publish()
    assert set(portal.public("stops")["kind"].to_pylist()) == {"W", "B", "H"}
    dataset = open_portal(portal.root).datasets["stops"]
    schema = portal.check().accounted[0].schema
    assert {a.name for a in approvals(dataset, schema, Taxonomy(categories=()))} == {"yrs", "kind", "badge"}


def test_traits_may_be_published_where_enough_rows_have_to_be_alike(portal: SmallPortal) -> None:
    columns = [c for c in COLUMNS if not any(f"'{name}'" in c for name in ("crew", "tag", "yrs"))]
    add(portal, "stops", columns, STOPS, rest=AS_IT_IS + '\n[anonymity]\nk = 2\nquasi = ["kind"]\n')
    portal.publish()
    assert set(portal.public("stops")["kind"].to_pylist()) == {"W", "B", "H"}
    # Names and plates are nothing of which enough can be alike.
    add(portal, "stops", COLUMNS, STOPS, rest='\n[anonymity]\nk = 2\nquasi = ["crew", "tag", "yrs", "kind"]\n')
    assert [words.split("'")[1] for words in refused(portal)] == ["crew", "tag"]


@pytest.mark.parametrize(
    "name", ["perceived_race", "vicage", "badge_no", "reporting_officer", "hour", "dl_phone", "hair"]
)
def test_a_header_tells_where_values_do_not(portal: SmallPortal, name: str) -> None:
    csv = f"held,{name}\n" + "".join(f"2024-03-{n:02},{20 + n % 7}\n" for n in range(1, 29))
    add(portal, "stops", [COLUMNS[0], column(name, "integer", "none", disclosure="open")], csv, rest=AS_IT_IS)
    assert len(refused(portal)) == 1


def test_the_minute_beside_a_day_is_refused(portal: SmallPortal) -> None:
    csv = "held,cleared\n" + "".join(f"2024-03-{n:02},2024-03-{n:02} 10:{n:02}:00\n" for n in range(1, 29))
    columns = [COLUMNS[0], column("cleared", "timestamp", "hour", disclosure="open")]
    add(portal, "stops", columns, csv, rest=AS_IT_IS)
    assert len(refused(portal)) == 1
    coarse = [COLUMNS[0], column("cleared", "timestamp", "month", disclosure="open")]
    add(portal, "stops", coarse, csv, rest=AS_IT_IS)
    portal.publish()


@pytest.mark.parametrize("whose", ["subject_age", "dob"])
def test_rows_about_juveniles_have_neither_age_sex_nor_race(portal: SmallPortal, whose: str) -> None:
    """Whether the age itself is published or not."""
    csv = "held,subject_age,dob,subject_sex,subject_race,result\n" + "".join(
        f"2024-03-{n:02},{14 + n % 8},{2010 - n % 8}-01-01,{'MF'[n % 2]},White,Cited\n" for n in range(1, 29)
    )
    columns = [
        COLUMNS[0], column("subject_sex", "category", "none"), column("subject_race", "category", "none"),
        column("result", "category", "none", disclosure="open"),
    ]  # fmt: skip
    type_ = "integer" if whose == "subject_age" else "date"
    hidden = column(whose, type_, "", disclosure="quasi" if type_ == "integer" else "identifier", reason="Inside.")
    add(portal, "stops", [*columns, hidden], csv, rest=AS_IT_IS + opened("subject_sex", "subject_race"))
    portal.publish()
    rows = portal.public("stops").to_pylist()
    grown = sum(14 + n % 8 >= 18 for n in range(1, 29))
    assert (len(rows), sum(r["subject_sex"] is not None for r in rows)) == (28, grown)
    assert {r["subject_race"] for r in rows if r["subject_sex"] is None} == {None}
    assert {r["result"] for r in rows} == {"Cited"}


def test_names_in_a_column_of_a_standard_schema_are_refused(portal: SmallPortal) -> None:
    portal.replace(
        'domestic_related = { from = "marked" }',
        'domestic_related = { from = "marked" }\npriority = { from = "town" }\n',
    )
    portal.write([f"C{n:05},2024-03-{n:02}T10:15:00-05:00,Noise,44.5,-72.5,{CREW[n % 5]},0" for n in range(1, 20)])
    said = refused(portal)
    assert len(said) == 1
    assert said[0].startswith("datasets/alder-calls.toml")
    assert "'priority'" in said[0]
