"""Data sets with a schema of their own, and what is read of them after a run."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from pycanon import anonymity as pycanon  # type: ignore[import-untyped]  # it ships no types
from tests.release.conftest import SmallPortal

from candor.portal.keys import write_key
from candor.store.dataset_model import DatasetVersion
from candor.store.store import Store

HEAD = """
id = "{id}"
title = "{name}"

[source]
path = "{name}.csv"

[schema]
unit = "person"
unit_plural = "persons"
"""
CSV = "case,when,born,age,height,fine,offence,street,town\n" + "".join(
    f"{case},{when},{born},{age},{height},{fine},{offence},{street},{town}\n"
    for case, when, born, age, height, fine, offence, street, town in (
        ("24-0001", "2024-03-10 23:59:10", "1990-06-30", 33, 64, 10, "Retail theft", "12 Elm Street", "Birch"),
        ("24-0002", "2024-03-11 00:10:00", "1931-01-01", 93, 71, 500, "Vandalism", "4 Oak Lane", "birch town"),
        ("24-0002", "2024-03-11 00:10:00", "2009-12-31", 14, "", 90, "Loitering", "4 Oak Lane", "Nowhere"),
        ("", "", "", "", "", "", "", "", ""),
    )
)


def column(name: str, type_: str, publish: str, source: str = "", **more: object) -> str:
    """A column's declaration; `publish` is how it is generalised, or nothing where it stays inside."""
    said = {"name": name, "label": name, "type": type_, "publish": bool(publish), **more}
    said.setdefault("disclosure", "quasi")
    if publish:
        said["generalise"] = publish
    lines = "".join(f"{k} = {str(v).lower() if isinstance(v, bool) else repr(v)}\n" for k, v in said.items())
    mapping = "" if more.get("derived") else f'\n[columns.{name}]\nfrom = "{source or name}"\n'
    return f"\n[[schema.columns]]\n{lines}{mapping}"


def add(portal: SmallPortal, name: str, columns: list[str], csv: str = CSV, *, rest: str = "") -> None:
    """A data set with a schema of its own; the calls go, to be quick."""
    (portal.root / "datasets" / "alder-calls.toml").unlink(missing_ok=True)
    (portal.root / f"{name}.csv").write_text(csv, encoding="utf-8")
    text = HEAD.format(name=name, id=f"{name[:4]}-{name[-4:]}")
    (portal.root / "datasets" / f"{name}.toml").write_text(text + "".join(columns) + rest, encoding="utf-8")


def with_key(portal: SmallPortal, file: str = "../key") -> bytes:
    """A new key beside the portal, named in `portal.toml`; its bytes."""
    path = portal.root / file
    path.unlink(missing_ok=True)
    secret = write_key(path).secret
    text = (portal.root / "portal.toml").read_text(encoding="utf-8")
    (portal.root / "portal.toml").write_text(
        text.partition("\n[privacy]")[0] + f'\n[privacy]\nk = 2\nkey_file = "{file}"\n', encoding="utf-8"
    )
    return secret


def version(portal: SmallPortal, name: str) -> DatasetVersion:
    release = Store(portal.root / "data").current()
    assert release is not None
    found = release.dataset(name)
    assert found is not None
    return found


def nothing_published(portal: SmallPortal) -> bool:
    tables = portal.root / "data" / "public" / "tables"
    return Store(portal.root / "data").current() is None and not [*tables.rglob("*.parquet")]


AS_IT_IS = "\n[settling]\ndays = 0\n"
"""Nothing waits: four rows would, for others like them."""


def opened(*names: str) -> str:
    """The columns that tell of persons, opened by somebody by name."""
    told = 'reason = "Readers asked for it."\napproved_by = "The records officer"\ndate = 2025-01-31\n'
    return "".join(f"\n[disclosure.{name}]\n{told}" for name in names)


CASE = column("case", "text", "hash", disclosure="identifier")


def hashed(key: bytes, value: str, context: str) -> str:
    return hmac.new(key, context.encode() + b"\0" + value.encode(), hashlib.sha256).hexdigest()[:32]


PEOPLE = "age,sex,day,force\n" + "".join(
    f"{20 + 3 * (n % 9)},{'MF'[n % 4 == 0]},2024-0{1 + n % 3}-{1 + n % 28:02},{('hands', 'taser')[n % 2]}\n"
    for n in range(60)
)
PERSON = [
    column("age", "integer", "band10"), column("sex", "category", "none"),
    column("day", "date", "date", role="time"), column("force", "category", "none", disclosure="open"),
]  # fmt: skip


def patched(text: str, message: str) -> str:
    """The text with the lines of the message that begin with - taken out and those with + put in, as `patch` does."""
    old, at, result = text.splitlines(), 0, []
    for line in message[message.index("@@") :].splitlines():
        if line.startswith("@@"):
            start = int(line.split()[1].split(",")[0][1:]) - 1
            result += old[at:start]
            at = start
        elif line[:1] in ("-", " "):
            assert old[at] == line[1:]
            result += [old[at]] if line[0] == " " else []
            at += 1
        elif line.startswith("+"):
            result.append(line[1:])
        elif not line:
            break
    return "\n".join([*result, *old[at:]]) + "\n"


def agrees_with_pycanon(portal: SmallPortal, name: str) -> None:
    """What the version says of its rows is what pycanon finds in the published file."""
    kept = version(portal, name).anonymity
    assert kept is not None
    frame = portal.public(name).to_pandas()
    quasi = list(kept.quasi)
    frame[quasi] = frame[quasi].astype(str)
    assert kept.k == pycanon.k_anonymity(frame, quasi)
    for sensitive, values in kept.l.items():
        assert values == pycanon.l_diversity(frame, quasi, [sensitive])
    sizes = frame.groupby(quasi).size()
    assert (kept.groups, kept.rows) == (len(sizes), len(frame))
    assert kept.below == sizes[sizes < kept.asked_k].sum()
    assert kept.risk_max == pytest.approx(1 / sizes.min())
    assert kept.risk_mean == pytest.approx(len(sizes) / len(frame))
