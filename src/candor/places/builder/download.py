"""One file from the web: to a temporary name, checked, and only then under its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import httpx

from candor.errors import DataError

Progress = Callable[[str, int, int | None], None]
Check = Callable[[Path], str]
# Seconds between tries. The Census Bureau's server answers 503 for a moment now and then.
WAITS: Final = (1.0, 4.0, 10.0)
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


class _TryError(Exception):
    """A try that failed. `final` where trying again would not help; `status` 0 where there was no answer."""

    def __init__(self, why: str, *, final: bool, status: int = 0) -> None:
        self.why, self.final, self.status = why, final, status
        super().__init__(why)


def download(
    client: httpx.Client,
    urls: Sequence[str],
    target: Path,
    *,
    check: Check,
    waits: Sequence[float] = WAITS,
    progress: Progress | None = None,
) -> str:
    """Fetch the first of `urls` that exists (the others are asked only after a 404) into `target`; return its URL.

    `check` gets the temporary file and says what is wrong with it, or nothing. What is cut short, or fails on the way
    or on the server's side, is tried again after each of `waits` seconds. `progress` is told the file's name, the bytes
    so far and all bytes (None where the server does not say). Raises `DataError`; `target` is then as it was.
    """
    failures: list[str] = []
    for url in urls:
        for wait in (*waits, None):
            try:
                _once(client, url, target, check, progress)
            except _TryError as failed:
                failures.append(f"{url}: {failed.why}")
                if failed.status == httpx.codes.NOT_FOUND:
                    break
                if failed.final or wait is None:
                    raise _error(failures) from failed
                time.sleep(wait)
            else:
                return url
    raise _error(failures)


def _error(failures: list[str]) -> DataError:
    # The same failure of several tries is said once.
    return DataError(
        f"The download failed. {'; '.join(dict.fromkeys(failures))}",
        remedy="Check the network and the address (--base-url names a mirror), or bring files with "
        "`candor places import`",
    )


def _once(client: httpx.Client, url: str, target: Path, check: Check, progress: Progress | None) -> None:
    part = target.with_name(target.name + ".part")
    name = url.rsplit("/", 1)[-1]
    try:
        with client.stream("GET", url) as response:
            code = response.status_code
            if code != httpx.codes.OK:
                raise _TryError(
                    f"the server answered {code} {response.reason_phrase}", final=code not in _AGAIN, status=code
                )
            length = response.headers.get("content-length", "")
            total = int(length) if length.isdigit() else None
            with part.open("wb") as file:
                for block in response.iter_bytes():
                    file.write(block)
                    if progress:
                        progress(name, response.num_bytes_downloaded, total)
            if total is not None and response.num_bytes_downloaded != total:
                raise _TryError(f"{response.num_bytes_downloaded} of {total} bytes came", final=False)
        wrong = check(part)
        if wrong:
            raise _TryError(wrong, final=False)
        part.replace(target)
    except httpx.InvalidURL as error:
        raise _TryError(f"that is no address ({error})", final=True) from error
    except httpx.TransportError as error:
        final = isinstance(error, httpx.UnsupportedProtocol)
        raise _TryError(str(error) or type(error).__name__, final=final) from error
    finally:
        part.unlink(missing_ok=True)
