"""Put uv into the project's own folder, with nothing but Python's standard library.

Usage: get_uv.py FOLDER. Leaves FOLDER/bin/uv. Debian's Python may have neither pip nor venv, so each way is tried:
pip, a virtual environment, and the wheel itself from the Python Package Index, checked by its hash.
"""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
import sys
import urllib.request
import zipfile
from io import BytesIO
from pathlib import Path
from urllib.parse import urljoin

_INDEX = "https://pypi.org/pypi/uv/json"


def main(folder: Path) -> int:
    """Try each way in turn; 0 where `bin/uv` is there at the end."""
    for way in (by_pip, by_venv, by_wheel):
        try:
            way(folder)
        except (OSError, subprocess.CalledProcessError, StopIteration, KeyError, ValueError) as error:
            print(f"uv: {way.__name__.replace('_', ' ')} did not work ({error}); trying the next way", file=sys.stderr)  # noqa: T201  # a script's words
            continue
        if (folder / "bin" / "uv").exists():
            return 0
    print("uv could not be installed. Install it by hand and put it on the PATH.", file=sys.stderr)  # noqa: T201  # a script's words
    return 1


def by_pip(folder: Path) -> None:
    """`pip install --target`, which leaves the command in FOLDER/bin."""
    subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-m", "pip", "install", "-q", "--target", str(folder), "uv"],
        check=True,
        stderr=subprocess.DEVNULL,
    )


def by_venv(folder: Path) -> None:
    """A virtual environment of its own."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)  # noqa: S603  # our own words
    subprocess.run([str(folder / "bin" / "pip"), "install", "-q", "uv"], check=True)  # noqa: S603  # our own words


def by_wheel(folder: Path) -> None:
    """The wheel from the index, unpacked."""
    with urllib.request.urlopen(_INDEX, timeout=60) as answer:
        files = json.load(answer)["urls"]
    machine = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}[
        platform.machine().lower()
    ]
    wheel = next(f for f in files if "manylinux" in f["filename"] and f["filename"].endswith(f"{machine}.whl"))
    # A mirror may name its files relative to the index.
    with urllib.request.urlopen(urljoin(_INDEX, wheel["url"]), timeout=300) as answer:  # noqa: S310  # https, from the index's answer
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != wheel["digests"]["sha256"]:
        raise ValueError("the wheel's hash is not the index's")
    target = folder / "bin" / "uv"
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        name = next(n for n in archive.namelist() if n.endswith("/scripts/uv"))
        target.write_bytes(archive.read(name))
    target.chmod(0o755)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
