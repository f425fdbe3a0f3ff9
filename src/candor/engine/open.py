"""The engine that a portal names."""

from __future__ import annotations

from pathlib import Path

from candor.engine.base import Engine
from candor.engine.duck import DuckEngine
from candor.engine.spark import SparkEngine
from candor.portal.model import PortalConfig


def open_engine(config: PortalConfig, scratch: Path) -> Engine:
    """Open DuckDB or Spark for the portal's time zone. `scratch` is made; what is left in it may be thrown away."""
    scratch.mkdir(parents=True, exist_ok=True)
    if config.engine == "spark":
        return SparkEngine(config.time_zone, scratch, config.spark.master, config.spark.options)
    return DuckEngine(config.time_zone, scratch)
