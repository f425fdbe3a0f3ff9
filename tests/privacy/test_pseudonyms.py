from __future__ import annotations

import hashlib
import hmac
import os
import stat
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.engine.base import Engine
from candor.engine.duck import DuckEngine
from candor.errors import DataError
from candor.portal.keys import Key, read_key, write_key
from candor.privacy.records.pseudonyms import LENGTH, pseudonymise

# No key of anybody's: the bytes from 0 on.
KEYS = [Key(bytes(range(n))) for n in (32, 40, 64)]
TEXTS = ["22-0001", "Ð’ Ünïcode 🚓", "", " ", "a'b\"c", "x" * 200, "line\nbreak", None, "22-0001"]


def expected(text: str | None, context: str, key: Key) -> str | None:
    """As Python's own library has it."""
    if text is None:
        return None
    message = context.encode() + b"\0" + text.encode()
    return hmac.new(key.secret, message, hashlib.sha256).hexdigest()[:LENGTH]


def hashes_are_as_pythons(engine: Engine, texts: list[str | None], key: Key) -> None:
    table = engine.table(
        pa.table({"n": list(range(len(texts))), "a": pa.array(texts, pa.string()), "b": pa.array(texts, pa.string())})
    )
    found = engine.arrow(pseudonymise(table, {"a": "force.a", "b": "stöps.b"}, key, engine).order_by("n"))
    assert found.column_names == ["n", "a", "b"]
    assert found["a"].to_pylist() == [expected(t, "force.a", key) for t in texts]
    assert found["b"].to_pylist() == [expected(t, "stöps.b", key) for t in texts]


@pytest.fixture(scope="module")
def duck(tmp_path_factory: pytest.TempPathFactory) -> DuckEngine:
    return DuckEngine("America/New_York", tmp_path_factory.mktemp("scratch"))


@pytest.mark.parametrize("key", KEYS)
def test_the_hash_is_hmac_sha_256(duck: DuckEngine, key: Key) -> None:
    hashes_are_as_pythons(duck, TEXTS, key)


@given(texts=st.lists(st.none() | st.text(st.characters(codec="utf-8")), min_size=1, max_size=30))
def test_the_hash_is_hmac_sha_256_of_any_text(duck: DuckEngine, texts: list[str | None]) -> None:
    hashes_are_as_pythons(duck, texts, KEYS[0])


def test_one_value_is_one_word_in_its_context_and_another_in_another(duck: DuckEngine) -> None:
    table = duck.table(pa.table({"a": ["22-1", "22-1", "22-2"], "b": ["22-1"] * 3, "c": ["22-1"] * 3}))
    contexts = {"a": "cases", "b": "other", "c": "cases"}
    first = duck.arrow(pseudonymise(table, contexts, KEYS[0], duck)).to_pylist()
    words = sorted({x["a"] for x in first})
    assert len(words) == 2
    assert {x["c"] for x in first} < set(words)
    assert {x["b"] for x in first}.isdisjoint(words)
    rotated = duck.arrow(pseudonymise(table, contexts, KEYS[1], duck)).to_pylist()
    assert {x["a"] for x in rotated}.isdisjoint(words)


def test_the_key_stands_in_no_sql_and_no_representation(duck: DuckEngine) -> None:
    key = KEYS[0]
    sql = duck._backend.compile(pseudonymise(duck.table(pa.table({"a": ["1"]})), {"a": "x"}, key, duck))
    for secret in (key.secret.hex(), key.pad(0x36), key.pad(0x5C)):
        assert secret[:32] not in sql
    assert key.secret.hex() not in repr(key) + str(key)
    assert repr(key.secret) not in repr(key)


@pytest.fixture
def portal(tmp_path: Path) -> Path:
    folder = tmp_path / "portal"
    folder.mkdir()
    return folder


def test_a_new_key_is_read_again_and_only_its_owner_may(tmp_path: Path, portal: Path) -> None:
    made = write_key(tmp_path / "key", portal)
    assert read_key(tmp_path / "key", portal) == made
    assert len(made.secret) == 32
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert write_key(tmp_path / "another", portal).fingerprint != made.fingerprint
    assert made.fingerprint not in made.secret.hex()


def test_a_key_is_never_written_over(tmp_path: Path, portal: Path) -> None:
    made = write_key(tmp_path / "key", portal)
    with pytest.raises(DataError, match="is there already"):
        write_key(tmp_path / "key", portal)
    assert read_key(tmp_path / "key", portal) == made


@pytest.mark.parametrize(
    "text", ["", "secret", "ab" * 31, "ab" * 65, "ab" * 32 + "c", "zz" * 32, "ab" * 32 + "\n" + "ab"]
)
def test_what_is_no_key_is_told_and_not_shown(tmp_path: Path, portal: Path, text: str) -> None:
    path = tmp_path / "key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(DataError, match="holds no key") as raised:
        read_key(path, portal)
    assert not text.strip() or text not in str(raised.value)


def test_a_missing_key_is_told(tmp_path: Path, portal: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(DataError, match=r"is missing.*Nothing was published"):
            read_key(path, portal)
    with pytest.raises(DataError, match="cannot be written"):
        write_key(tmp_path / "no folder" / "key", portal)


def test_a_key_in_the_portal_is_refused_by_whatever_path(tmp_path: Path, portal: Path) -> None:
    write_key(tmp_path / "key", portal)
    inside = portal / "data"
    inside.mkdir()
    (tmp_path / "key").rename(inside / "key")
    (tmp_path / "link").symlink_to(inside / "key")
    for path in (inside / "key", tmp_path / "link", portal / ".." / "portal" / "data" / "key"):
        with pytest.raises(DataError, match="lies in the portal's folder"):
            read_key(path, portal)
    with pytest.raises(DataError, match="lies in the portal's folder"):
        write_key(portal / "key", portal)


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, portal: Path, mode: int) -> None:
    write_key(tmp_path / "key", portal)
    (tmp_path / "key").chmod(mode)
    with pytest.raises(DataError, match=r"can be read by others.*chmod 600"):
        read_key(tmp_path / "key", portal)
