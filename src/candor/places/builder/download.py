"""One file from the web: to a temporary name, in as many tries as it needs, checked, and only then under its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from candor.errors import DataError

Progress = Callable[[str, int, int | None], None]
Check = Callable[[Path], str]
# Seconds between tries. The Census Bureau's server answers 503 for a moment now and then.
WAITS: Final = (1.0, 4.0, 10.0, 30.0)
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Fetched:
    """A file that came whole: from where, its bytes, and in how many tries. `kept`: it was there (by its name)."""

    url: str
    bytes: int
    tries: int = 1
    kept: bool = False

    @property
    def sentence(self) -> str:
        """What was fetched, for the publisher."""
        if self.kept:
            return f"kept {self.url} from a run before: {self.bytes:,} bytes"
        how = f", in {self.tries} tries" if self.tries > 1 else ""
        return f"fetched {self.bytes:,} bytes from {self.url}{how}"


class _TryError(Exception):
    """A try that failed. `final` where trying again would not help; `status` 0 where there was no answer."""

    def __init__(self, why: str, *, final: bool, status: int = 0) -> None:
        self.why, self.final, self.status = why, final, status
        super().__init__(why)


@dataclass
class _Part:
    """What has come of a file so far, and the mark by which the server says that it is still the same file."""

    path: Path
    mark: str = ""

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.is_file() else 0

    def headers(self) -> dict[str, str]:
        """Asks for the rest only, where there is a mark; the whole comes where the file is another one by now."""
        rest = {"Range": f"bytes={self.size}-", "If-Range": self.mark} if self.size and self.mark else {}
        return {"Accept-Encoding": "identity", **rest}

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)
        self.mark = ""


def download(
    client: httpx.Client,
    urls: Sequence[str],
    target: Path,
    *,
    check: Check,
    waits: Sequence[float] = WAITS,
    progress: Progress | None = None,
) -> Fetched:
    """Fetch the first of `urls` that exists (the others are asked only after a 404) into `target`.

    `check` gets the file and says what is wrong with it, or nothing. A `target` that is there already and in which
    nothing is wrong is kept. What is cut short, or fails on the way or on the server's side, is tried again after each
    of `waits` seconds, from where it was cut off where the server can do so. `progress` is told the file's name, the
    bytes so far and all bytes (None where the server does not say). Raises `DataError`; `target` is then as it was.
    """
    if target.is_file() and not check(target):
        return Fetched(target.name, target.stat().st_size, kept=True)
    failures: list[str] = []
    for url in urls:
        part = _Part(target.with_name(target.name + ".part"))
        try:
            for tries, wait in enumerate((*waits, None), start=1):
                try:
                    _once(client, url, part, check, progress)
                except _TryError as failed:
                    failures.append(f"{url}: {failed.why}")
                    if failed.status == httpx.codes.NOT_FOUND:
                        break
                    if failed.final or wait is None:
                        raise _error(failures) from failed
                    time.sleep(wait)
                else:
                    part.path.replace(target)
                    return Fetched(url, target.stat().st_size, tries)
        finally:
            part.drop()
    raise _error(failures)


def _error(failures: list[str]) -> DataError:
    # The same failure of several tries is said once.
    return DataError(
        f"The download failed. {'; '.join(dict.fromkeys(failures))}",
        remedy="Check the network and the address (--base-url names a mirror) and run it again: what came whole is "
        "kept. Or bring files with `candor places import`",
    )


def _once(client: httpx.Client, url: str, part: _Part, check: Check, progress: Progress | None) -> None:
    """One try: the rest of what is there, or all of it."""
    name = url.rsplit("/", 1)[-1]
    try:
        with client.stream("GET", url, headers=part.headers()) as response:
            resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
            _require_file(response, part)
            begun = part.size if resumed else 0
            part.mark = response.headers.get("etag", "") or response.headers.get("last-modified", "")
            if part.mark.startswith("W/") or "content-encoding" in response.headers:
                part.mark = ""  # this does not vouch for the bytes of a part
            length = response.headers.get("content-length", "")
            total = begun + int(length) if length.isdigit() else None
            with part.path.open("ab" if resumed else "wb") as file:
                for block in response.iter_bytes():
                    file.write(block)
                    if progress:
                        progress(name, begun + response.num_bytes_downloaded, total)
            came = begun + response.num_bytes_downloaded
            if total is not None and came != total:
                raise _TryError(f"{came} of {total} bytes came", final=False)
    except httpx.InvalidURL as error:
        raise _TryError(f"that is no address ({error})", final=True) from error
    except httpx.TransportError as error:
        final = isinstance(error, httpx.UnsupportedProtocol)
        raise _TryError(str(error) or type(error).__name__, final=final) from error
    wrong = check(part.path)
    if wrong:
        part.drop()
        raise _TryError(wrong, final=False)


def _require_file(response: httpx.Response, part: _Part) -> None:
    """Raises `_TryError` where the answer is no file, or is not the rest of the one that was begun."""
    code = response.status_code
    if code == httpx.codes.PARTIAL_CONTENT:
        if response.headers.get("content-range", "").startswith(f"bytes {part.size}-"):
            return
        part.drop()
        raise _TryError("the server sent another part than the one asked for", final=False)
    if code != httpx.codes.OK:
        if code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.drop()
        again = code in _AGAIN or code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE
        raise _TryError(f"the server answered {code} {response.reason_phrase}", final=not again, status=code)
