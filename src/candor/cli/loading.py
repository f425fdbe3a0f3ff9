"""How a command loads the rooms that it needs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from candor.portal.config_model import PortalConfig


@contextmanager
def loading() -> Iterator[None]:
    """Import in the block. What is loaded stays, so nobody looks for garbage in it: that takes a tenth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def leave_out_unneeded(config: PortalConfig) -> None:
    """Keep out of this process what only another engine than the portal's needs, for good."""
    if config.engine == "duckdb":
        leave_out_pandas()


def leave_out_pandas() -> None:
    """Keep pandas out of this process, for good (`engine.public.leave_out_pandas`)."""
    from candor.engine import public  # noqa: PLC0415  # a command loads it with its rooms

    public.leave_out_pandas()
