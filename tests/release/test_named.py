"""Names and addresses under a harmless word: refused with the place to mend, and without saying them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.release.conftest import SmallPortal, call
from tests.release.own_rows import AS_IT_IS, add, column
from tests.release.test_newcomer import candor

from candor.errors import PortalError

SECRETS = ("Tamika", "Dubois", "17 Maple")


def refused(portal: SmallPortal) -> list[tuple[str, str]]:
    with pytest.raises(PortalError) as raised:
        portal.publish()
    told = str(raised.value)
    assert not [secret for secret in SECRETS if secret in told]
    return [(p.where, p.found) for p in raised.value.problems]


@pytest.mark.parametrize(("call_type", "what"), [("Dubois, Tamika", "a person's name"), ("17 Maple Ct", "an address")])
def test_a_name_or_an_address_as_a_call_type(portal: SmallPortal, call_type: str, what: str) -> None:
    quoted = f'"{call_type}"'
    portal.write([call(n, nature=quoted if n % 2 else "Noise") for n in range(1, 20)])
    crosswalk = portal.root / "crosswalks" / "alder-calls.csv"
    crosswalk.write_text(crosswalk.read_text(encoding="utf-8") + f"{quoted},noise,,,\n", encoding="utf-8")
    ((where, found),) = refused(portal)
    assert where == "crosswalks/alder-calls.csv:6: call_type"
    assert what in found
    assert len(portal.check().refusals) >= 1
    # Not mapped, it is counted as what nobody knows, and no row has it.
    portal.replace(f"{quoted},noise,,,", f"{quoted},,,,", "crosswalks/alder-calls.csv")
    portal.publish()
    assert call_type not in portal.public("alder-calls")["call_type"].to_pylist()


def test_a_label_that_is_a_person_among_others(portal: SmallPortal) -> None:
    kinds = ["Open house", "Bicycle safety", "Car seat check", "JANE DOE"]
    csv = "held,what\n" + "".join(f"2024-03-{n:02},{kinds[n % 4]}\n" for n in range(1, 29))
    columns = [column("held", "date", "date", role="time"), column("what", "category", "none", disclosure="open")]
    add(portal, "events", columns, csv, rest=AS_IT_IS)
    ((where, found),) = refused(portal)
    assert where.startswith("datasets/events.toml:")
    assert "1 of its 4 different values reads like a person's name or an address" in found
    assert "JANE" not in found
    # Nor by another way of writing it.
    labels = AS_IT_IS + '\n[columns.what.labels]\n"Open house" = "Tamika Dubois"\n'
    add(portal, "events", columns, csv.replace("JANE DOE", "Open house"), rest=labels)
    assert refused(portal)[0][0].endswith("columns.what.labels")


@pytest.mark.parametrize("name", ["Victim_Dubois.csv", "Tamika Dubois calls.csv", "2024-dubois-tamika.csv"])
def test_a_file_named_after_a_victim(portal: SmallPortal, name: str) -> None:
    portal.write([call(n) for n in range(1, 20)])
    portal.export.rename(portal.root / name)
    portal.replace('path = "calls.csv"', f'path = "{name}"')
    ((where, _),) = refused(portal)
    assert where.startswith("datasets/alder-calls.toml:")
    assert where.endswith("source.path")


def test_a_title_and_a_label_of_a_column_that_are_persons(portal: SmallPortal) -> None:
    portal.write([call(n) for n in range(1, 20)])
    portal.replace('title = "Alder calls"', 'title = "Tamika Dubois"')
    assert [where.split(": ")[-1] for where, _ in refused(portal)] == ["title"]


def test_dataset_add_says_so_and_names_nobody(portal: SmallPortal, tmp_path: Path) -> None:
    export = tmp_path / "victim_dubois.csv"
    natures = ("Noise", "Alarm", "Theft", '"Dubois, Tamika"', "17 Maple Ct", "Alarm 17 Maple Ct")
    export.write_text(
        "Received,Nature\n" + "".join(f"2024-03-{n % 28 + 1:02} 10:{n % 60:02},{natures[n % 6]}\n" for n in range(120)),
        encoding="utf-8",
    )
    told = candor("dataset", "add", "more-calls", "--from", str(export), "--schema", "calls_for_service",
                  "--portal", str(portal.root), cwd=tmp_path)  # fmt: skip
    assert told.returncode == 0, told.stderr
    said = " ".join(told.stdout.split())
    assert "3 call types read like persons' names or addresses" in said
    assert "The file's name reads like a person's" in said
    assert not [secret for secret in SECRETS if secret in said]
    lines = (portal.root / "crosswalks" / "more-calls.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[2:3] for line in lines if line.startswith("17 Maple")] == [[""]]
