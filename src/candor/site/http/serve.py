"""Serving the site with uvicorn."""

from __future__ import annotations

import errno
import gc
import logging
import socket
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from candor.engine.public import leave_out_pandas
from candor.errors import DataError, UsageError
from candor.published.errors import NothingPublishedError
from candor.published.memory import hold_on
from candor.published.release import Catalogue
from candor.site.app import create_app

log = logging.getLogger(__name__)

_GRACE = 5
"""Seconds that requests in flight have to end once the server is told to stop."""


def serve(public_dir: Path, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the site of `public_dir` until SIGINT or SIGTERM; requests in flight are then answered first.

    Raises `UsageError` where the port is taken or may not be used.
    """
    leave_out_pandas()
    hold_on()
    listener = listen(host, port)
    app = create_app(public_dir)
    warm(app)
    # All of this stays: nobody need look for garbage in it, now or with each request.
    gc.freeze()
    gc.enable()
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )
    with listener:
        uvicorn.Server(config).run(sockets=[listener])


def warm(app: FastAPI) -> None:
    """Load the release before the first reader asks. What stands in the way of that, the reader is told."""
    catalogue: Catalogue = app.state.catalogue
    try:
        catalogue.current()
    except NothingPublishedError:
        log.info("Nothing has been published yet; the site says so until there is a release")
    except DataError as error:
        log.error("%s", error)  # noqa: TRY400 - the words are for the publisher; a traceback would not help


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at the address; port 0 takes a free one. Raises `UsageError`."""
    unusable = UsageError(
        f"The address {host}:{port} cannot be used",
        "a host name or address of this machine, and a port from 1 to 65535",
        "Name another with --host or --port",
    )
    if not 0 <= port <= 65535:
        raise unusable
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise unusable from None
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise _refused(host, port, error) from None
    return listener


def _refused(host: str, port: int, error: OSError) -> UsageError:
    if error.errno == errno.EADDRINUSE:
        return UsageError(
            f"Port {port} is already in use on {host}",
            "a port that is free",
            f"Stop the program that uses it, or name another one: --port {port + 1 if port < 65535 else 8000}",
        )
    if error.errno == errno.EACCES:
        return UsageError(
            f"Port {port} may not be used by this account", "a port from 1024 on", "Name another one: --port 8000"
        )
    return UsageError(
        f"The address {host}:{port} cannot be used ({error.strerror})",
        "an address of this machine",
        "Name another with --host",
    )
