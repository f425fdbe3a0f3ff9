"""Keyed hashes end to end: what can be joined, which key it was, and that nothing is published without a good one."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable

import pytest
from tests.release.conftest import SmallPortal
from tests.release.own_rows import (
    CASE,
    add,
    column,
    hashed,
    nothing_published,
    version,
    with_key,
)
from tests.release.test_newcomer import candor

from candor.errors import PortalError


def test_columns_of_one_context_can_be_joined_and_no_others(portal: SmallPortal) -> None:
    key = with_key(portal)
    for name, context in (("arrests", "cases"), ("stops", "cases"), ("force", "")):
        add(
            portal,
            name,
            [column("case", "text", "hash", disclosure="identifier", **({"context": context} if context else {}))],
        )
    portal.publish()
    words = {name: set(portal.public(name)["case"].to_pylist()) - {None} for name in ("arrests", "stops", "force")}
    assert words["arrests"] == words["stops"] == {hashed(key, c, "cases") for c in ("24-0001", "24-0002")}
    assert words["force"].isdisjoint(words["arrests"])


def test_a_new_key_makes_new_words_and_the_version_says_so(portal: SmallPortal) -> None:
    with_key(portal)
    add(portal, "arrests", [CASE])
    portal.publish()
    before, first = portal.public("arrests"), version(portal, "arrests")
    with_key(portal, "../key-of-next-year")
    portal.publish()
    after, second = portal.public("arrests"), version(portal, "arrests")
    assert set(before["case"].to_pylist()).isdisjoint(set(after["case"].to_pylist()) - {None})
    assert first.provenance.key != second.provenance.key
    assert "Described anew: case" in second.changes


def no_key(portal: SmallPortal) -> None:
    portal.replace('key_file = "../key"', 'key_file = ""', "portal.toml")


def missing(portal: SmallPortal) -> None:
    (portal.root.parent / "key").unlink()


def inside(portal: SmallPortal) -> None:
    shutil.move(portal.root.parent / "key", portal.root / "key")
    portal.replace("../key", "key", "portal.toml")


def readable(portal: SmallPortal) -> None:
    (portal.root.parent / "key").chmod(0o644)


def no_digits(portal: SmallPortal) -> None:
    (portal.root.parent / "key").write_text("our secret\n")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (no_key, "no key_file, and keyed hashes in arrests"),
        (missing, "is missing, and columns are to be hashed with it"),
        (inside, "lies in the portal's folder"),
        (readable, "can be read by others than its owner"),
        (no_digits, "holds no key"),
    ],
)
def test_without_a_good_key_nothing_is_published(
    portal: SmallPortal, spoil: Callable[[SmallPortal], None], told: str
) -> None:
    with_key(portal)
    add(portal, "arrests", [CASE])
    spoil(portal)
    with pytest.raises(PortalError) as raised:
        portal.publish()
    (problem,) = raised.value.problems
    assert problem.where.startswith("portal.toml")
    assert "privacy.key_file" in problem.where
    assert told in problem.found
    assert "our secret" not in str(problem)
    assert nothing_published(portal)
    # Who hashes nothing needs no key.
    add(portal, "arrests", [column("fine", "integer", "band10")])
    portal.publish()
    assert version(portal, "arrests").provenance.key == ""


def test_a_key_is_made_by_a_command_and_hashes_what_is_published(portal: SmallPortal) -> None:
    home = portal.root.parent
    inside = candor("key", "new", "portal/secrets", cwd=home)
    assert inside.returncode == 1
    assert "lies in the portal's folder" in inside.stderr
    assert not (portal.root / "secrets").exists()
    made = json.loads(candor("key", "new", "candor.key", "--json", cwd=home).stdout)
    path = home / "candor.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = path.read_bytes()
    again = candor("key", "new", "candor.key", cwd=home)
    assert again.returncode == 1
    assert "is there already" in again.stderr
    assert path.read_bytes() == secret
    text = (portal.root / "portal.toml").read_text(encoding="utf-8")
    (portal.root / "portal.toml").write_text(text + 'key_file = "../candor.key"\n', encoding="utf-8")
    add(portal, "arrests", [CASE])
    said = candor("publish", "--portal", "portal", cwd=home)
    assert said.returncode == 0, said.stderr
    assert version(portal, "arrests").provenance.key == made["fingerprint"]
    assert secret.decode().strip() not in said.stdout + said.stderr
