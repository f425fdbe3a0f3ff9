"""No traceback reaches the user: a fault is told in a sentence, and what it was is kept inside the portal."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

import pytest

from candor.cli import main
from candor.portal.write import init_portal

NAMED = "Jane Roe, 12 Elm Street"


def fail(monkeypatch: pytest.MonkeyPatch, error: Exception, *arguments: str) -> int:
    """End a command with an error that nobody foresaw; what it ended with."""

    def command() -> None:
        raise error

    # By its name: in the package, `app` is the commands themselves.
    monkeypatch.setattr(sys.modules["candor.cli.app"], "app", command)
    monkeypatch.setattr(sys, "argv", ["candor", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize("named", [("--portal", "{}"), ("--portal={}",)])
def test_a_fault_is_kept_inside_and_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], named: tuple[str, ...]
) -> None:
    init_portal(tmp_path, title="T", jurisdiction="T", time_zone="UTC")
    ended = fail(monkeypatch, KeyError(NAMED), "check", *(n.format(tmp_path) for n in named))
    said = capsys.readouterr()
    assert ended == 70
    assert not said.out
    assert "Traceback" not in said.err
    assert "KeyError" not in said.err
    assert NAMED not in said.err
    (kept,) = (tmp_path / "data" / "internal" / "faults").iterdir()
    assert str(kept) in said.err
    assert NAMED in kept.read_text(encoding="utf-8")
    assert kept.stat().st_mode & 0o077 == 0
    assert kept.parent.stat().st_mode & 0o077 == 0


def test_a_fault_outside_a_portal_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert fail(monkeypatch, ValueError(NAMED), "check", "--portal") == 70
    assert NAMED not in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "too little free memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "storage is full"),
        (PermissionError(errno.EACCES, "Permission denied", "/data/calls.csv"), "/data/calls.csv may not be read"),
    ],
)
def test_what_the_user_can_mend_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    fail(monkeypatch, error, "publish")
    assert words in " ".join(capsys.readouterr().err.split())
